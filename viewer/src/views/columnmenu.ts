// Which columns the function table has: a button, and below it a box for each column.

import { effect } from "@preact/signals-core";

import type { Column } from "../model/table.ts";
import { fill, h } from "../ui/dom.ts";
import { chooseColumns, columns, visibleColumns } from "./tablestate.ts";

/** width: of the table, which decides what is shown when nobody has chosen. */
export function makeColumnMenu(width: () => number): { element: HTMLElement; dispose(): void } {
  const panel = h("div", { class: "column-menu", role: "group", "aria-label": "Columns" });
  panel.hidden = true;
  const button = h(
    "button",
    { type: "button", "aria-expanded": "false", onclick: toggle },
    "Columns",
  );
  const element = h("div", { class: "column-choice", onkeydown: close }, button, panel);

  function toggle(): void {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
  }

  function close(event: KeyboardEvent): void {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    toggle();
    button.focus();
  }

  function leave(event: Event): void {
    if (!panel.hidden && !element.contains(event.target as Node)) toggle();
  }

  function makeBox(one: Column, shown: Set<string>, label?: string): HTMLInputElement {
    const box = h("input", { type: "checkbox", value: one.id, "aria-label": label });
    box.checked = shown.has(one.id);
    box.addEventListener("change", () => choose(one.id, box.checked));
    return box;
  }

  /** A line for each measure: its own amount, and that with what was called. */
  function measureLines(offered: Column[], shown: Set<string>): HTMLElement[] {
    const measures = new Set(offered.map((one) => one.of));
    return [...measures].map((measure) => {
      const boxes = offered
        .filter((one) => one.of === measure)
        .map((one) =>
          h(
            "label",
            { title: one.title },
            makeBox(one, shown, `${measure}, ${one.part}`),
            one.part,
          ),
        );
      return h("div", { class: "column-measure" }, h("span", {}, measure), ...boxes);
    });
  }

  function choose(id: string, isOn: boolean): void {
    const ids = new Set(visibleColumns(width()).map((column) => column.id));
    if (isOn) ids.add(id);
    else ids.delete(id);
    chooseColumns(ids);
  }

  const stop = effect(() => {
    const shown = new Set(visibleColumns(width()).map((column) => column.id));
    const boxes = panel.querySelectorAll<HTMLInputElement>("input");
    const offered = columns.value.filter((column) => column.id !== "name");
    // The same boxes stay, so that the one with the focus keeps it.
    if (boxes.length === offered.length && offered.every((one, i) => boxes[i]!.value === one.id)) {
      boxes.forEach((box) => (box.checked = shown.has(box.value)));
      return;
    }
    const line = (one: Column): HTMLElement =>
      h("label", { title: one.title }, makeBox(one, shown), one.label);
    fill(
      panel,
      ...offered.filter((one) => !one.of).map(line),
      ...measureLines(
        offered.filter((one) => one.of),
        shown,
      ),
      h("button", { type: "button", onclick: () => chooseColumns(null) }, "The usual ones"),
    );
  });
  document.addEventListener("pointerdown", leave);
  return {
    element,
    dispose() {
      stop();
      document.removeEventListener("pointerdown", leave);
    },
  };
}
