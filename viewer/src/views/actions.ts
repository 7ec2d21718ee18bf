// What can be done to a function from a row of a table.

import { NATIVE } from "../model/profile.ts";
import { change, line, screen, search, steps, subject, view } from "../state.ts";
import { h } from "../ui/dom.ts";

/** Who calls it and what it calls. Nothing for what is no function. */
export function showSandwich(key: number): void {
  if (!view.value.keys.func(key)) return;
  change(() => {
    subject.value = key;
    screen.value = "sandwich";
  });
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
  const act = (alter: (key: number) => void) => (event: Event) => {
    event.stopPropagation();
    const key = shown;
    change(() => alter(key));
  };
  const button = (label: string, title: string, alter: (key: number) => void): HTMLElement =>
    h("button", { type: "button", title, onclick: act(alter) }, label);
  const source = button("source", "Show its lines", (key) => {
    subject.value = key;
    line.value = view.value.keys.func(key)!.line;
    screen.value = "source";
  });
  const element = h(
    "div",
    {
      role: "gridcell",
      class: "grid-actions",
      ondblclick: (event: Event) => event.stopPropagation(),
    },
    button("focus", "Show only this function and what it calls", (id) => {
      steps.value = [...steps.value, { kind: "focus", id }];
    }),
    button("hide", "Give its time to its callers", (id) => {
      steps.value = [...steps.value, { kind: "hide", id }];
    }),
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
