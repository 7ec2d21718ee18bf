// The lines of a file beside their costs. Of 50,000 lines those that can be seen are elements, and
// some above and below; the others are the height of the box that they stand in.

import { h } from "../ui/dom.ts";
import { visible } from "../ui/visible.ts";
import { colourOfChange, colourOfShare, type Theme } from "../draw/colour.ts";
import type { CostColumn, FileCosts } from "../model/costs.ts";
import { GAP, rowOf, UNKNOWN, type Listing } from "../model/listing.ts";

export const ROW_HEIGHT = 20;
const BEYOND = 12; // rows above and below those that can be seen
const MOST_SIGNS = 1000; // of a line
const LEAST_CODE = 50; // signs of code, before a column is left out
const HEAT = 72; // pixels

export interface Contents {
  listing: Listing;
  costs: FileCosts;
  kinds: string[]; // of coloured parts
  isDiff: boolean;
  theme: Theme;
  nameOf(line: number): string; // of the function, for lines without a text
}

export interface Rows {
  element: HTMLElement; // what scrolls
  show(contents: Contents): void;
  /** Marks a line as the current one. */
  mark(line: number): void;
  /** Scrolls until the line, and if there is room the one before it, can be seen. */
  reveal(line: number, first?: number): void;
  /** How many rows can be seen at once. */
  page(): number;
  dispose(): void;
}

export function makeRows(chooseLine: (line: number) => void, onScroll: () => void): Rows {
  const heads = h("div", { class: "source-heads", role: "row", "aria-rowindex": 1 });
  const inner = h("div", { class: "source-lines", role: "rowgroup" });
  const top = h("div", { class: "source-top", role: "rowgroup" }, heads);
  const element = h(
    "div",
    { class: "source-grid", role: "grid", tabindex: 0, "aria-label": "source with costs" },
    top,
    inner,
  );
  const rows = new Map<number, HTMLElement>(); // by place, those that are there
  let contents: Contents | null = null;
  let columns: CostColumn[] = [];
  let current = 0;
  let waiting = 0;

  const update = (): void => {
    waiting = 0;
    if (!contents) return;
    const { rows: lines } = contents.listing;
    const from = Math.max(0, Math.floor(element.scrollTop / ROW_HEIGHT) - BEYOND);
    const to = Math.min(
      lines.length,
      Math.ceil((element.scrollTop + element.clientHeight) / ROW_HEIGHT) + BEYOND,
    );
    for (const [place, row] of rows)
      if (place < from || place >= to) {
        row.remove();
        rows.delete(place);
      }
    let next = inner.firstElementChild;
    for (let place = from; place < to; place++) {
      let row = rows.get(place);
      if (row === next) next = next?.nextElementSibling ?? null;
      else {
        row ??= makeRow(contents, columns, place);
        rows.set(place, row);
        inner.insertBefore(row, next);
      }
    }
    markRow();
  };
  const markRow = (): void => {
    element.removeAttribute("aria-activedescendant");
    for (const [place, row] of rows) {
      const isCurrent = contents!.listing.rows[place] === current && current > UNKNOWN;
      row.classList.toggle("current", isCurrent);
      row.setAttribute("aria-selected", String(isCurrent));
      if (isCurrent) element.setAttribute("aria-activedescendant", row.id);
    }
  };
  const soon = (): void => {
    onScroll();
    if (waiting === 0) waiting = requestAnimationFrame(update);
  };
  const digits = (): number => {
    const lines = contents!.listing.rows;
    return Math.max(6, String(lines[lines.length - 1] ?? 0).length + 2);
  };
  /** The columns that there is room for. */
  const chosen = (): CostColumn[] => {
    let shown = contents!.costs.columns;
    const sign = signWidth(element);
    const room = (element.clientWidth - HEAT) / sign - LEAST_CODE - digits();
    for (;;) {
      const width = shown.reduce((sum, one) => sum + one.width, 0);
      const spare = Math.max(0, ...shown.map((one) => one.spare));
      if (width <= room || spare === 0) return shown;
      shown = shown.filter((one) => one.spare !== spare);
    }
  };
  const layOut = (): void => {
    if (!contents) return;
    const { listing } = contents;
    columns = chosen();
    const cells = [...columns.map((one) => one.width), digits()];
    const width = cells.reduce((sum, one) => sum + one, 0);
    const template = [digits(), ...columns.map((one) => one.width)]
      .map((one) => `${one}ch`)
      .join(" ");
    element.style.setProperty("--cost-columns", `${template} ${HEAT}px`);
    const widest = Math.min(MOST_SIGNS, listing.widest) + 4;
    inner.style.minWidth = `calc(${width + widest}ch + ${HEAT}px)`;
    inner.style.height = `${listing.rows.length * ROW_HEIGHT}px`;
    element.setAttribute("aria-rowcount", String(listing.rows.length + 1));
    element.setAttribute("aria-colcount", String(columns.length + 3));
    heads.replaceChildren(...makeHeads(columns, listing.hasText));
    inner.replaceChildren();
    rows.clear();
    update();
  };
  element.addEventListener("scroll", soon, { passive: true });
  inner.addEventListener("click", (event) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>(".source-line");
    const line = Number(row?.dataset["line"] ?? 0);
    if (line > UNKNOWN) chooseLine(line);
  });
  const sizes = new ResizeObserver(() => {
    if (contents && chosen().length !== columns.length) layOut();
    else update();
    onScroll();
  });
  sizes.observe(element);
  return {
    element,
    show(next) {
      contents = next;
      layOut();
    },
    mark(line) {
      current = line;
      if (contents) markRow();
    },
    reveal(line, first = line) {
      if (!contents) return;
      const { rows: lines } = contents.listing;
      const place = rowOf(lines, line);
      const room = Math.floor((element.clientHeight - heads.offsetHeight) / ROW_HEIGHT);
      const above = rowOf(lines, first);
      const isNear = place - above < room - 4;
      const top = Math.floor(element.scrollTop / ROW_HEIGHT);
      const isSeen = place > top && place < top + room - 1;
      if (isSeen && first === line) return;
      element.scrollTop =
        ROW_HEIGHT * Math.max(0, isNear && first !== line ? above - 2 : place - (room >> 1));
      update();
    },
    page: () => Math.max(1, Math.floor(element.clientHeight / ROW_HEIGHT) - 2),
    dispose() {
      sizes.disconnect();
      cancelAnimationFrame(waiting);
    },
  };
}

function signWidth(element: HTMLElement): number {
  const probe = h("span", { class: "unseen" }, "0".repeat(100));
  element.append(probe);
  probe.style.width = "auto";
  const width = probe.getBoundingClientRect().width / 100;
  probe.remove();
  return width || 8;
}

function makeHeads(columns: CostColumn[], hasText: boolean): HTMLElement[] {
  const head = (title: string, hint: string): HTMLElement =>
    h("span", { class: "cell", role: "columnheader", title: hint }, title);
  const costs = h(
    "span",
    { class: "costs", role: "none" },
    head("line", "number of the line"),
    ...columns.map((column) => head(column.title, column.hint)),
    h(
      "span",
      {
        class: "cell",
        role: "columnheader",
        title: "its own part, beside that of the hottest line of the file",
      },
      h("span", { class: "unseen" }, "heat"),
    ),
  );
  const code = h("span", { class: "code", role: "columnheader" }, hasText ? "source" : "function");
  return [costs, code];
}

function makeRow(contents: Contents, columns: CostColumn[], place: number): HTMLElement {
  const { listing, costs } = contents;
  const line = listing.rows[place]!;
  const cell = (text: string, tone = ""): HTMLElement =>
    h("span", { class: `cell ${tone}`, role: "gridcell" }, text);
  const isKnown = line !== GAP;
  const row = h(
    "div",
    {
      class: isKnown ? "source-line" : "source-line gap",
      role: "row",
      id: `line-${place}`,
      "aria-rowindex": place + 2,
      "data-line": line,
    },
    h(
      "span",
      { class: "costs", role: "none" },
      cell(line > UNKNOWN ? String(line) : isKnown ? "?" : "⋯", "faint"),
      ...columns.map((one) => (isKnown ? cell(one.text(line), one.tone?.(line) ?? "") : cell(""))),
      heatCell(contents, isKnown ? costs.heat(line) : 0),
    ),
    codeCell(contents, line),
  );
  row.style.top = `${place * ROW_HEIGHT}px`;
  return row;
}

function heatCell({ theme, isDiff }: Contents, heat: number): HTMLElement {
  const cell = h("span", { class: "cell heat", role: "gridcell" });
  if (heat === 0) return cell;
  const bar = h("span", {});
  bar.style.width = `${Math.max(0.02, Math.abs(heat)) * 100}%`;
  bar.style.background = isDiff
    ? colourOfChange(heat, theme)
    : colourOfShare(0.3 + 0.7 * heat, theme);
  cell.append(bar);
  return cell;
}

function codeCell({ listing, kinds, nameOf }: Contents, line: number): HTMLElement {
  const cell = h("code", { class: "code", role: "gridcell" });
  const text = listing.text(line);
  if (text === undefined) {
    const words =
      line === UNKNOWN ? "at lines that are not known" : line === GAP ? "" : nameOf(line);
    cell.append(h("span", { class: "faint" }, visible(words)));
    return cell;
  }
  const cut = text.slice(0, MOST_SIGNS);
  let at = 0;
  const runs = listing.runs(line);
  for (let i = 0; i + 2 < runs.length; i += 3) {
    const from = runs[i]!;
    const to = Math.min(cut.length, from + runs[i + 1]!);
    if (from < at || to <= from) continue; // of another version of the text
    if (from > at) cell.append(visible(cut.slice(at, from)));
    cell.append(h("span", { class: kinds[runs[i + 2]!] ?? "" }, visible(cut.slice(from, to))));
    at = to;
  }
  cell.append(visible(cut.slice(at)));
  if (text.length > cut.length) cell.append(h("span", { class: "faint" }, " …"));
  return cell;
}
