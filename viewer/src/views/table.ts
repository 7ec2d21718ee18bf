// The table of functions: one row for each, as a screen or below a chart.
//
// It is an ARIA grid whose rows have the focus: arrow keys move between rows, Enter shows callers
// and callees, Space searches for the name, Shift+Enter does what a click does. Only rows in sight
// are elements.

import { batch, computed, effect, signal, untracked } from "@preact/signals-core";

import { group, percent } from "../format.ts";
import { eachOutermost } from "../model/functions.ts";
import type { Column } from "../model/table.ts";
import { change, pinned, query, screen, subject, tokenOf, tokensOf, view } from "../state.ts";
import { fill, h, set } from "../ui/dom.ts";
import { makeGrid, WindowedList } from "../ui/window.ts";
import { makeActions, showSandwich, toggleSearch } from "./actions.ts";
import { makeAmountCell, makeChangeCell, makeShareCell } from "./cells.ts";
import { makeColumnMenu } from "./columnmenu.ts";
import {
  isSearching,
  matchedShare,
  shownRows,
  sortBy,
  sortedBy,
  table,
  visibleColumns,
} from "./tablestate.ts";

export { tableCsv, tableMarkdown } from "./tabletext.ts";

export interface TableOptions {
  compact?: boolean; // below a chart: smaller
}

const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 32;

interface Row {
  show(row: number): void;
}

/** Mounts the table into host; what it returns takes it out again. */
export function makeTable(host: HTMLElement, options: TableOptions): () => void {
  const { compact = false } = options;
  const width = signal(host.clientWidth);
  const rows = new WeakMap<HTMLElement, Row>();
  // What is drawn, all of it of one view until all of it is replaced.
  let shown: Column[] = [];
  let keys: Int32Array = new Int32Array(0); // by row
  let order: Int32Array = new Int32Array(0); // rows as they are sorted
  let activeKey = -1;
  let followed: string[] = [];

  const { head, scroller } = makeGrid("grid", "Functions");
  const list = new WindowedList({
    scroller,
    headHeight: HEAD_HEIGHT,
    rowHeight: ROW_HEIGHT,
    create: makeRow,
    update: showRow,
    onActive(index) {
      activeKey = keyAt(index);
      // What is pressed is clicked next: that is a step which can be taken back.
      if (!list.body.matches(":active")) aim();
    },
  });
  const menu = makeColumnMenu(() => width.value);
  const summary = h("p", { class: "grid-summary", role: "status" });
  const nothing = h("p", { class: "grid-nothing" });
  const bar = h("div", { class: "grid-bar" }, summary, menu.element);
  const element = h(
    "section",
    { class: compact ? "functions compact" : "functions", "aria-label": "Table of functions" },
    bar,
    scroller,
    nothing,
  );
  host.append(element);

  function keyAt(index: number): number {
    return keys[order[index] ?? -1] ?? -1;
  }

  function makeRow(): HTMLElement {
    const cells = shown.map(makeCell);
    const actions = makeActions();
    const row = h("div", { role: "row", class: "grid-row" }, ...cells.map((cell) => cell.element));
    row.append(actions.element);
    rows.set(row, {
      show(at) {
        for (const cell of cells) cell.show(at);
        actions.show(keys[at]!);
      },
    });
    return row;
  }

  function showRow(row: HTMLElement, index: number): void {
    rows.get(row)!.show(order[index]!);
    set(row, "aria-rowindex", index + 2);
    mark(row, index);
  }

  function mark(row: HTMLElement, index: number): void {
    const key = keyAt(index);
    const chosen = pinned.peek()[pinned.peek().length - 1];
    const isChosen = chosen === undefined ? key === subject.peek() : isToken(key, chosen);
    set(row, "aria-selected", String(isChosen));
  }

  function isToken(key: number, token: string): boolean {
    return key >= 0 && tokenOf(view.peek(), key) === token;
  }

  /** Shows the row of a box that was pinned elsewhere. */
  function followPinned(): void {
    const path = pinned.peek();
    if (path === followed) return;
    followed = path;
    const token = path[path.length - 1];
    if (token === undefined || list.body.contains(document.activeElement)) return;
    const index = order.findIndex((row) => isToken(keys[row]!, token));
    if (index < 0) return;
    list.setActive(index); // Tab leads to it
    activeKey = keyAt(index);
    list.scrollTo(index, true);
  }

  /** The row with the focus is what the page's keys act on. No step to go back to: focus goes many
   * ways. A sandwich keeps the function in its middle until another one is chosen. */
  function aim(): void {
    if (screen.peek() === "sandwich") return;
    batch(() => {
      subject.value = view.peek().keys.func(activeKey) ? activeKey : -1;
      const token = pinned.peek()[pinned.peek().length - 1];
      if (token === undefined || !isToken(activeKey, token)) pinHeaviest(activeKey);
    });
  }

  function choose(key: number): void {
    change(() => {
      if (view.value.keys.func(key)) subject.value = key;
      pinHeaviest(key);
    });
  }

  list.body.addEventListener("click", (event) => {
    const index = list.indexOf(event.target);
    if (index >= 0) choose(keyAt(index));
  });
  list.body.addEventListener("dblclick", (event) => {
    const index = list.indexOf(event.target);
    if (index >= 0) showSandwich(keyAt(index));
  });
  list.body.addEventListener("keydown", (event) => {
    const isRow = (event.target as HTMLElement).getAttribute("role") === "row";
    if (list.handleKey(event) || !isRow || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = keyAt(list.active);
    if (event.key === "Enter" && event.shiftKey) choose(key);
    else if (event.key === "Enter") showSandwich(key);
    else if (event.key === " ") toggleSearch(key);
    else return;
    event.preventDefault();
  });
  head.addEventListener("keydown", (event) => moveInHead(head, list, event));

  const observer = new ResizeObserver(() => (width.value = host.clientWidth));
  observer.observe(host);

  const stops = [
    effect(() => {
      const wanted = visibleColumns(width.value);
      const isOther = wanted.length !== shown.length || wanted.some((one, i) => one !== shown[i]);
      if (isOther) {
        shown = wanted;
        scroller.style.setProperty("--columns", [...shown.map(widthOf), "0"].join(" "));
        set(scroller, "aria-colcount", shown.length + 1);
      }
      keys = table.value.keys;
      order = shownRows.value;
      const at = activeKey >= 0 ? order.indexOf(table.value.rowOf[activeKey] ?? -1) : 0;
      list.setRows(order.length, at, isOther);
      activeKey = keyAt(list.active);
      if (list.body.contains(document.activeElement)) untracked(aim);
      set(scroller, "aria-rowcount", order.length + 1);
      scroller.hidden = order.length === 0;
      nothing.hidden = !scroller.hidden;
      nothing.textContent = keys.length > 0 ? "No function matches." : "Nothing was measured.";
      followPinned();
    }),
    effect(() => drawHead(head, visibleColumns(width.value))),
    effect(() => {
      for (const one of [pinned, subject]) void one.value;
      if (table.peek().keys !== keys) return; // all is drawn anew in a moment
      for (const row of list.body.children) mark(row as HTMLElement, list.indexOf(row));
      followPinned();
    }),
    effect(() => {
      summary.textContent = query.value.problem || describe();
      summary.classList.toggle("is-problem", query.value.problem !== "");
    }),
    menu.dispose,
  ];
  return () => {
    for (const stop of stops) stop();
    observer.disconnect();
    list.dispose();
    element.remove();
  };
}

/** By key: its node with most, where it is not below itself. */
const heaviest = computed<Map<number, number>>(() => {
  const { tree } = view.value;
  const best = new Map<number, number>();
  eachOutermost(tree, (node) => {
    const known = best.get(tree.key[node]!);
    if (known === undefined || tree.total[node]! > tree.total[known]!)
      best.set(tree.key[node]!, node);
  });
  return best;
});

function pinHeaviest(key: number): void {
  const { tree } = view.value;
  pinned.value = tokensOf(view.value, tree, heaviest.value.get(key) ?? 0);
}

/** "12 of 560 functions, 34.5% of the time" */
function describe(): string {
  const all = table.value.keys.length;
  const measure = view.value.wishes.measure;
  if (!isSearching.value) return `${group(all)} functions`;
  const share = percent(matchedShare.value, 1) || "0%";
  const what = measure.unit === "ns" ? "the time" : `all ${measure.label}`;
  return `${group(shownRows.value.length)} of ${group(all)} functions, ${share} of ${what}`;
}

function makeCell(column: Column): { element: HTMLElement; show(row: number): void } {
  const { unit } = column;
  if (column.form === "text") {
    const element = h("div", { role: "gridcell", class: `grid-cell text-cell ${column.id}-cell` });
    return {
      element,
      show(row) {
        const text = column.text(row);
        if (element.textContent === text) return;
        element.textContent = text;
        element.title = text;
      },
    };
  }
  const numbers = column.numbers();
  if (column.form === "share") {
    const { element, show } = makeShareCell();
    const { whole } = column;
    return {
      element,
      show: (row) => show({ amount: numbers[row]!, whole, error: column.error(row), unit }),
    };
  }
  if (column.form === "change") {
    const { element, show } = makeChangeCell();
    return {
      element,
      show: (row) =>
        show({
          difference: numbers[row]!,
          error: column.error(row),
          words: column.text(row),
          unit,
        }),
    };
  }
  const { element, show } = makeAmountCell();
  return { element, show: (row) => show(numbers[row]!, unit) };
}

function hasErrors(column: Column): boolean {
  return column.numbers().length > 0 && column.error(0) !== null;
}

function widthOf(column: Column): string {
  switch (column.form) {
    case "share":
      return hasErrors(column) ? "188px" : "156px";
    case "change":
      return "150px";
    case "amount":
      return column.label.length > 11 ? "136px" : "92px";
    case "text":
      if (column.id === "name") return "minmax(150px, 3fr)";
      return column.id === "module" ? "minmax(90px, 1fr)" : "minmax(118px, 1.3fr)";
  }
}

/** The heads of the columns: buttons, one of them in the order of Tab. */
function drawHead(head: HTMLElement, shown: Column[]): void {
  const focused = head.contains(document.activeElement)
    ? document.activeElement?.getAttribute("data-column")
    : null;
  const { column: by, isRising } = sortedBy.value;
  const inOrder = shown.includes(by) ? by : shown[0];
  const cells = shown.map((column) => {
    const isBy = column === by;
    const button = h(
      "button",
      {
        type: "button",
        title: column.title,
        "data-column": column.id,
        tabindex: column === inOrder ? 0 : -1,
        onclick: () => sortBy(column),
      },
      h("span", {}, column.label),
      h("span", { class: "grid-arrow", "aria-hidden": "true" }, isBy ? (isRising ? "▲" : "▼") : ""),
    );
    const kind = column.form === "text" ? `text-cell ${column.id}-cell` : `${column.form}-cell`;
    const sort = isBy ? (isRising ? "ascending" : "descending") : "none";
    return h(
      "div",
      { role: "columnheader", class: `grid-cell ${kind}`, "aria-sort": sort },
      button,
    );
  });
  const last = h("div", { role: "columnheader", class: "unseen" }, "actions");
  fill(head, ...cells, last);
  if (focused) head.querySelector<HTMLElement>(`[data-column="${CSS.escape(focused)}"]`)?.focus();
}

function moveInHead(head: HTMLElement, list: WindowedList, event: KeyboardEvent): void {
  const buttons = [...head.querySelectorAll<HTMLButtonElement>("button")];
  const at = buttons.indexOf(event.target as HTMLButtonElement);
  const steps: Record<string, number> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: buttons.length - 1,
  };
  if (event.key === "ArrowDown") list.focus(list.active);
  else if (steps[event.key] !== undefined) {
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, steps[event.key]!))]!;
    buttons.forEach((button) => set(button, "tabindex", button === next ? 0 : -1));
    next.focus();
  } else return;
  event.preventDefault();
}
