// What can be done to a function from a row of a table.

import { NATIVE } from "../model/profile.ts";
import { change, line, screen, search, subject, view } from "../state.ts";
import { focusOn, hide, show } from "../ui/commands.ts";
import { h } from "../ui/dom.ts";

/** Who calls it and what it calls. Nothing for what is no function. */
export function showSandwich(key: number): void {
  if (view.value.keys.func(key)) show("sandwich", key);
}

/** Searches for functions of this name; once more, for nothing. */
export function toggleSearch(key: number): void {
  const name = view.value.keys.label(key).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const wanted = `^${name}$`;
  change(() => (search.value = search.value === wanted ? "" : wanted));
}

export interface RowActions {
  element: HTMLElement;
  show(key: number): void;
}

/** Small buttons for the end of a row. */
export function makeActions(): RowActions {
  let shown = -1;
  const button = (label: string, title: string, act: (key: number) => void): HTMLElement => {
    const onclick = (event: Event): void => {
      event.stopPropagation();
      act(shown);
    };
    return h("button", { type: "button", title, onclick }, label);
  };
  const source = button("source", "Show its lines", (key) =>
    change(() => {
      subject.value = key;
      line.value = view.value.keys.func(key)!.line;
      screen.value = "source";
    }),
  );
  const element = h(
    "div",
    {
      role: "gridcell",
      class: "grid-actions",
      ondblclick: (event: Event) => event.stopPropagation(),
    },
    button("focus", "Show only this function and what it calls", focusOn),
    button("hide", "Give its time to its callers", hide),
    source,
  );
  return {
    element,
    show(key) {
      shown = key;
      const func = view.value.keys.func(key);
      element.classList.toggle("is-none", !func);
      source.hidden = !func || func.kind === NATIVE || /^($|~|<)/.test(func.file);
    },
  };
}
