// The tree of calls as text: a row for each box whose parents are open.
//
// It is an ARIA treegrid whose rows have the focus. Right opens a row and then goes to its first
// child, left closes it and then goes to its parent, * opens all siblings, letters find names. The
// row with the focus is the box whose details are shown, so a chart and the tree hand it over.

import { computed, effect, signal } from "@preact/signals-core";

import { group, percent } from "../format.ts";
import { carryOver, Outline } from "../model/outline.ts";
import type { View } from "../model/view.ts";
import { measures, nodeOf, pinned, query, tokenOf, tokensOf, view } from "../state.ts";
import { fill, h, set } from "../ui/dom.ts";
import { makeGrid, WindowedList } from "../ui/window.ts";
import { showSandwich, toggleSearch } from "./actions.ts";
import { isSearching } from "./tablestate.ts";
import { nodeColumns, templateOf, type NodeColumn } from "./treecolumns.ts";

/** Looked for once, not by each row: a step of the path is a name beside all of its siblings'. */
const pinnedNode = computed(() => nodeOf(view.value, view.value.tree, pinned.value));

const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 32;
const TYPING_MS = 800; // letters that follow sooner belong to the same word
const SCREEN_KEYS = /[\d/?]/; // go to other screens, the search and the help from here too
const LEAST_SHARE = 0.01; // what "expand to 1%" opens
const MOST_COUNTED = 1000; // children that are told one by one

// What was open stays open when people look at something else in between.
let left: { view: View; outline: Outline } | null = null;

interface Row {
  show(node: number): void;
}

/** Mounts the tree into host; what it returns takes it out again. */
export function makeTree(host: HTMLElement): () => void {
  const rows = new WeakMap<HTMLElement, Row>();
  const width = signal(host.clientWidth);
  let shown = view.peek(); // rows are of this one until all of it is replaced
  let outline = openFor(shown, left);
  let size = outline.size;
  let columns: NodeColumn[] = [];
  let isNarrow = false;
  let typed = "";
  let typedAt = 0;

  const { head, scroller } = makeGrid("treegrid", "Tree of calls");
  const list = new WindowedList({
    scroller,
    headHeight: HEAD_HEIGHT,
    rowHeight: ROW_HEIGHT,
    create: makeRow,
    update: (row, index) => rows.get(row)!.show(outline.rows[index]!),
    onActive: (index) => pin(outline.rows[index] ?? 0),
  });
  const summary = h("p", { class: "grid-summary", role: "status" });
  const nothing = h("p", { class: "grid-nothing" }, "Nothing was measured.");
  const element = h(
    "section",
    { class: "calltree", "aria-label": "Tree of calls" },
    h(
      "div",
      { class: "grid-bar" },
      summary,
      h("button", { type: "button", onclick: expandToShare }, "Expand to 1%"),
      h("button", { type: "button", onclick: collapse }, "Collapse"),
    ),
    scroller,
    nothing,
  );
  host.append(element);

  function makeRow(): HTMLElement {
    const of = shown;
    const name = makeNameCell(of, toggle);
    const cells = columns.map((column) => column.make());
    const row = h(
      "div",
      { role: "row", class: "grid-row" },
      name.element,
      ...cells.map((cell) => cell.element),
    );
    rows.set(row, {
      show(node) {
        const index = outline.rowOf(node);
        name.show(node, outline.hasChildren(node), outline.isOpen[node] === 1);
        for (const cell of cells) cell.show(node);
        set(row, "aria-label", describeNode(of, node));
        set(row, "aria-rowindex", index + 2);
        set(row, "aria-level", of.tree.depth[node]!);
        set(row, "aria-posinset", outline.places[index]!);
        set(row, "aria-setsize", outline.setSize(node));
        const isOpen = outline.isOpen[node] === 1;
        set(row, "aria-expanded", outline.hasChildren(node) ? String(isOpen) : null);
        set(row, "aria-selected", String(node === pinnedNode.peek()));
      },
    });
    return row;
  }

  function pin(node: number): void {
    if (node > 0 && node !== pinnedNode.peek()) pinned.value = tokensOf(shown, shown.tree, node);
  }

  /** Shows the rows as the outline has them now; the active row is that of a node. */
  function redraw(node: number, isRebuilt = false): void {
    outline.update();
    let at = node;
    while (at > 0 && outline.rowOf(at) < 0) at = shown.tree.parent[at]!;
    list.setRows(outline.rows.length, Math.max(0, outline.rowOf(at)), isRebuilt);
    set(scroller, "aria-rowcount", outline.rows.length + 1);
    scroller.hidden = outline.rows.length === 0;
    nothing.hidden = !scroller.hidden;
    summary.textContent = `${group(outline.rows.length)} of ${group(size)} call paths are open`;
  }

  function activeNode(): number {
    return outline.rows[list.active] ?? 0;
  }

  function toggle(node: number): void {
    if (outline.isOpen[node]) outline.close(node);
    else outline.open(node);
    redraw(list.body.contains(document.activeElement) ? node : activeNode());
  }

  function expandToShare(): void {
    const node = activeNode();
    outline.openDownTo(shown.tree.total[0]! * LEAST_SHARE);
    redraw(node);
    list.scrollTo(list.active, true);
  }

  function collapse(): void {
    let node = activeNode();
    while (shown.tree.depth[node]! > 1) node = shown.tree.parent[node]!;
    outline.closeAll();
    redraw(node);
    list.scrollTo(list.active);
  }

  function handleKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || list.handleKey(event)) return;
    const node = activeNode();
    const key = shown.tree.key[node]!;
    if (node <= 0) return;
    if (event.key === "ArrowRight") goRight(node);
    else if (event.key === "ArrowLeft") goLeft(node);
    else if (event.key === "Enter") showSandwich(key);
    else if (event.key === "*") {
      outline.openSiblings(node);
      redraw(node);
    } else if (event.key === " " && !isInWord()) toggleSearch(key);
    else if (event.key.length === 1 && !SCREEN_KEYS.test(event.key)) findTyped(event.key);
    else return;
    event.preventDefault();
  }

  function goRight(node: number): void {
    if (!outline.hasChildren(node)) return;
    if (outline.isOpen[node]) list.focus(list.active + 1);
    else toggle(node);
  }

  function goLeft(node: number): void {
    const parent = shown.tree.parent[node]!;
    if (outline.hasChildren(node) && outline.isOpen[node]) toggle(node);
    else if (parent > 0) list.focus(outline.rowOf(parent));
  }

  function isInWord(): boolean {
    return typed !== "" && performance.now() - typedAt < TYPING_MS;
  }

  /** The next row whose name, or the last part of it, begins with what was typed. */
  function findTyped(letter: string): void {
    const { keys, tree } = shown;
    const isSame = isInWord() && typed === letter.toLowerCase();
    typed = isInWord() && !isSame ? typed + letter.toLowerCase() : letter.toLowerCase();
    typedAt = performance.now();
    const { rows: nodes } = outline;
    const from = typed.length === 1 ? 1 : 0; // one letter goes on to the next name
    for (let i = from; i < nodes.length + from; i++) {
      const index = (list.active + i) % nodes.length;
      const name = keys.label(tree.key[nodes[index]!]!).toLowerCase();
      if (name.startsWith(typed) || name.slice(name.lastIndexOf(".") + 1).startsWith(typed)) {
        list.focus(index);
        return;
      }
    }
  }

  list.body.addEventListener("keydown", handleKey);
  list.body.addEventListener("dblclick", (event) => {
    const node = outline.rows[list.indexOf(event.target)];
    const isTwisty = (event.target as Element).classList.contains("twisty");
    if (node !== undefined && !isTwisty) showSandwich(shown.tree.key[node]!);
  });

  const observer = new ResizeObserver(() => (width.value = host.clientWidth));
  observer.observe(host);

  /** Leads to the box that is pinned, if that has changed. */
  function followPinned(): void {
    const node = pinnedNode.peek();
    if (node <= 0 || node === activeNode()) return;
    outline.reveal(node);
    redraw(node);
    list.scrollTo(list.active, true);
  }

  const stops = [
    effect(() => {
      const next = view.value;
      const narrow = width.value < 900;
      const all = measures.value;
      if (next === shown && narrow === isNarrow && columns.length > 0) return;
      if (next !== shown) outline = openFor(next, { view: shown, outline });
      if (next !== shown) size = outline.size;
      [shown, isNarrow] = [next, narrow];
      columns = nodeColumns(next, all, narrow);
      scroller.style.setProperty("--columns", templateOf(columns, narrow));
      set(scroller, "aria-colcount", columns.length + 1);
      drawHead(head, columns);
      const node = pinnedNode.peek();
      if (node > 0) outline.reveal(node);
      redraw(node, true);
      list.scrollTo(list.active, true);
    }),
    effect(() => {
      for (const one of [pinned, query]) void one.value;
      if (view.peek() !== shown) return; // all is drawn anew in a moment
      followPinned();
      list.refresh();
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    left = { view: shown, outline };
    observer.disconnect();
    list.dispose();
    element.remove();
  };
}

/** What was open before, as far as the tree has it; if it has nothing, where most of the time goes. */
function openFor(next: View, before: { view: View; outline: Outline } | null): Outline {
  if (before && before.view === next) return before.outline;
  const made = new Outline(next.tree);
  if (before && before.view.model === next.model)
    carryOver(before, { view: next, outline: made }, tokenOf);
  if (made.isOpen.indexOf(1, 1) < 0) made.open(0);
  return made;
}

/** "parse, 12.3 percent total, 3.1 percent own, 3 callees" */
function describeNode(of: View, node: number): string {
  const { tree, keys, isDiff, wishes } = of;
  const words = [keys.label(tree.key[node]!)];
  const spoken = (part: number, whole: number): string =>
    (percent(part, whole) || "0%").replace("<", "less than ").replace("%", " percent");
  if (isDiff)
    for (const [side, name] of ["A", "B"].entries()) {
      const total = of.total(wishes.measure, side);
      words.push(`${spoken(total[node]!, total[0]!)} of ${name}`);
    }
  else {
    const whole = tree.total[0]!;
    words.push(`${spoken(tree.total[node]!, whole)} total`);
    words.push(`${spoken(tree.self[node]!, whole)} own`);
  }
  let count = 0;
  for (let at = node + 1; at < tree.end[node]! && count < MOST_COUNTED; at = tree.end[at]!)
    if (tree.total[at]! > 0) count++;
  const many = count >= MOST_COUNTED ? `${MOST_COUNTED} or more` : String(count);
  if (count > 0) words.push(`${many} ${count === 1 ? "callee" : "callees"}`);
  return words.join(", ");
}

function makeNameCell(
  of: View,
  toggle: (node: number) => void,
): {
  element: HTMLElement;
  show(node: number, hasChildren: boolean, isOpen: boolean): void;
} {
  let shown = 0;
  const twisty = h("span", { class: "twisty", "aria-hidden": "true" });
  const label = h("span", { class: "calltree-label" });
  const element = h(
    "div",
    { role: "gridcell", class: "grid-cell text-cell name-cell" },
    twisty,
    label,
  );
  twisty.addEventListener("click", () => {
    if (twisty.textContent !== "") toggle(shown);
  });
  return {
    element,
    show(node, hasChildren, isOpen) {
      const { tree, keys } = of;
      shown = node;
      twisty.textContent = hasChildren ? (isOpen ? "▾" : "▸") : "";
      label.textContent = element.title = keys.label(tree.key[node]!);
      label.classList.toggle("is-found", isSearching.value && query.value.matches(tree.key[node]!));
      element.style.paddingInlineStart = `${indent(tree.depth[node]!)}px`;
    },
  };
}

/** Steps that get smaller, so that deep rows still have room for a name. */
function indent(depth: number): number {
  const steps = depth - 1;
  return 8 + 14 * Math.min(steps, 12) + 5 * Math.min(28, Math.max(0, steps - 12));
}

function drawHead(head: HTMLElement, columns: NodeColumn[]): void {
  fill(
    head,
    h("div", { role: "columnheader", class: "grid-cell text-cell name-cell" }, "function"),
    ...columns.map(({ label, title, kind }) =>
      h("div", { role: "columnheader", class: `grid-cell ${kind}`, title }, label),
    ),
  );
}
