// The panel beside a chart: what the box is that is pointed at or chosen, in numbers, its call
// stack, and the lines of its function that cost most.

import { computed, effect } from "@preact/signals-core";

import { chosen, hover, pinOf, stackOf, zoomed } from "../draw/chart.ts";
import { palette, scene, type Pane } from "../draw/scene.ts";
import type { Spot } from "../draw/icicle.ts";
import { childrenOf } from "../model/tree.ts";
import { amount, group, percent, points } from "../format.ts";
import { changeAt, errorAt } from "../model/change.ts";
import { moduleOf, whereIs } from "../model/groups.ts";
import { blockColumn, costOfLines, type LineCost } from "../model/lines.ts";
import { makeListing, type Listing } from "../model/listing.ts";
import { plainMeasure, type Measure } from "../model/measure.ts";
import type { Numbers } from "../model/numbers.ts";
import type { View } from "../model/view.ts";
import {
  change,
  colour,
  isSettled,
  measure,
  measures,
  pinned,
  sources,
  type SourceFile,
  view,
} from "../state.ts";
import { collapseModule, focusOn, hide, show } from "./commands.ts";
import { fill, h } from "./dom.ts";
import { activeTheme } from "./theme.ts";
import { visible } from "./visible.ts";

const SNIPPET = 9; // lines
const MOST_FRAMES = 100; // of a stack
const CERTAIN = plainMeasure("certain_ns", "ns");

/** What the panel is about: the pointer first, then what was chosen, then what is zoomed. */
const spotShown = computed<Spot>(
  () => hover.value ?? chosen.value ?? { pane: 0, node: zoomed.value },
);

function row(name: string, ...cells: string[]): HTMLTableRowElement {
  return h("tr", {}, h("th", { scope: "row" }, name), ...cells.map((cell) => h("td", {}, cell)));
}

/** Amounts with their share of the program, of the caller and of the zoomed box. Of a path from its
 * end only the amount itself is known: own time and calls are those of whole stacks. */
function numbersTable(pane: Pane, numbers: Numbers, node: number, isFull: boolean): HTMLElement {
  const { tree } = pane;
  const by = measure.value;
  const zoom = pane.tree === scene.value.panes[0]!.tree ? zoomed.value : 0;
  const total = numbers.total(by, 0);
  const all = total[node]!;
  const error = isSettled.value ? errorAt(numbers, by, node, 0, all) : null;
  const share = percent(all, total[0]!) + (error ? ` ${points(error, total[0]!)}` : "");
  const rows = [row("total", amount(all, by.unit), share)];
  if (!numbers.isInverted) rows.push(...ownRows(numbers, node));
  if (tree.depth[node]! > (numbers.isInverted ? 1 : 0)) {
    const words = numbers.isInverted ? "of what it called" : "of its caller";
    rows.push(row(words, "", percent(all, total[tree.parent[node]!]!)));
  }
  if (zoom > 0 && zoom !== node)
    rows.push(row("of the zoomed box", "", percent(all, total[zoom]!)));
  if (!numbers.isInverted) rows.push(...callRows(numbers, node, all, numbers.self(by, 0)[node]!));
  const others = isFull && isSettled.value && !numbers.isInverted ? otherRows(numbers, node) : [];
  const heading = h(
    "tr",
    {},
    h("th", { class: "of", colspan: 3, scope: "rowgroup" }, "of this box"),
  );
  return h(
    "table",
    { class: "numbers" },
    h("tbody", {}, ...rows),
    others.length > 0 ? h("tbody", {}, heading, ...others) : null,
  );
}

/** The certain part of an import is known of single boxes, not of what steps put together. */
function ownRows(numbers: Numbers, node: number): HTMLTableRowElement[] {
  const by = measure.value;
  const own = numbers.self(by, 0)[node]!;
  const rows = [row("own", amount(own, by.unit), percent(own, numbers.total(by, 0)[0]!))];
  const { steps, apart } = numbers.view.wishes;
  const certain = numbers.self(CERTAIN, 0)[node]!;
  if (certain > 0 && by.id === "wall_ns" && steps.length === 0 && apart === "")
    rows.push(row("at least", amount(certain, "ns"), "certain"));
  return rows;
}

function callRows(numbers: Numbers, node: number, all: number, own: number): HTMLTableRowElement[] {
  const calls = measures.value.find((one) => one.id === "calls");
  const by = measure.value;
  if (!calls || by === calls) return [];
  const count = numbers.self(calls, 0)[node]!;
  if (!(count > 0)) return [];
  const rows = [row("calls", group(count), "")];
  if (by.unit === "ns")
    rows.push(row("per call", amount(all / count, by.unit), `own ${amount(own / count, by.unit)}`));
  return rows;
}

/** What the box's amount is made of, and whatever else was measured. */
function otherRows(numbers: Numbers, node: number): HTMLTableRowElement[] {
  const by = measure.value;
  const whole = numbers.total(by, 0)[node]!;
  return measures.value
    .filter((one) => one !== by && one.id !== "calls")
    .map((one): [Measure, number] => [one, numbers.total(one, 0)[node]!])
    .filter(([, value]) => value > 0)
    .map(([one, value]) =>
      row(
        one.label,
        amount(value, one.unit),
        one.unit === by.unit && value <= whole ? percent(value, whole) : "",
      ),
    );
}

const VERDICTS = {
  more: "more than its error",
  less: "less, by more than its error",
  same: "within the error: no change that can be told",
  unknown: "how much of it is chance is not known",
};

function changeTable(numbers: Numbers, node: number): HTMLElement {
  const by = measure.value;
  const { before, after, error, verdict } = changeAt(numbers, by, node);
  const sign = after >= before ? "+" : "";
  const ratio = before > 0 ? `${(after / before).toFixed(2)}x` : "new";
  return h(
    "table",
    { class: "numbers" },
    h(
      "tbody",
      {},
      row("A", amount(before, by.unit), percent(before, numbers.total(by, 0)[0]!)),
      row("B", amount(after, by.unit), percent(after, numbers.total(by, 1)[0]!)),
      row("B - A", `${sign}${amount(after - before, by.unit)}`, after > 0 ? ratio : "gone"),
      row("error", error === null ? "not known" : `±${amount(error, by.unit)}`, ""),
    ),
    h("caption", { class: verdict }, VERDICTS[verdict]),
  );
}

function actions(key: number): HTMLElement {
  const button = (words: string, hint: string, act: () => void): HTMLButtonElement =>
    h("button", { type: "button", title: `${hint}`, onclick: act }, words);
  return h(
    "div",
    { class: "actions" },
    button("Callers", "callers and callees (v)", () => show("sandwich", key)),
    button("Source", "its source (g)", () => show("source", key)),
    button("Focus", "only this function and what it calls (f)", () => focusOn(key)),
    button("Hide", "its time becomes its callers' (h)", () => hide(key)),
    button("Collapse module", "its module as one box (m)", () => collapseModule(key)),
  );
}

function stackList(pane: Pane, at: number, node: number): HTMLElement {
  const { tree, source } = pane;
  const frames = stackOf(pane, node).slice(0, MOST_FRAMES);
  const left = tree.depth[node]! - frames.length;
  const items = frames.map((one) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: one === node ? "here" : "",
          onclick: () => change(() => (pinned.value = pinOf({ pane: at, node: one }))),
        },
        h("span", { class: "name" }, source.keys.label(tree.key[one]!)),
        h("span", { class: "share" }, percent(tree.total[one]!, tree.total[0]!)),
      ),
    ),
  );
  const more = left > 0 ? h("li", { class: "hint" }, `${left} more`) : null;
  return h("section", {}, h("h3", {}, "Call stack"), h("ol", { class: "stack" }, ...items, more));
}

/** The lines around the most expensive one of the function. */
function snippet(key: number): HTMLElement | null {
  const func = view.value.keys.func(key);
  const files = func ? sources.value.files.filter((one) => one.path === func.file) : [];
  if (!func || files.length === 0 || view.value.isDiff) return null;
  const { listing, costs, whole } = linesOf(func.file, files);
  const end = endOfBlock(listing, func.line);
  let hot = func.line;
  for (const [line, cost] of costs)
    if (line >= func.line && line <= end && cost.total > (costs.get(hot)?.total ?? 0)) hot = line;
  const first = Math.max(1, Math.min(Math.max(func.line, hot - 4), end - SNIPPET + 1));
  const rows: HTMLElement[] = [];
  for (let line = first; line < first + SNIPPET && listing.text(line) !== undefined; line++) {
    const cost = costs.get(line)?.total ?? 0;
    const heat = h("span", { class: "heat" });
    heat.style.opacity = String(Math.min(1, Math.sqrt(cost / (whole || 1))));
    rows.push(
      h(
        "div",
        { class: "line" },
        heat,
        h("span", { class: "number" }, String(line)),
        h("code", {}, visible(listing.text(line)!)),
        h("span", { class: "share" }, cost > 0 ? percent(cost, whole) : ""),
      ),
    );
  }
  return h(
    "section",
    {},
    h("h3", {}, "Source"),
    h("div", { class: "snippet", role: "presentation" }, ...rows),
  );
}

interface Lines {
  by: Measure;
  of: View;
  file: string;
  listing: Listing;
  costs: Map<number, LineCost>;
  whole: number; // of all stacks, whatever the charts leave out
}
let lastLines: Lines | null = null;

/** A sum over all nodes: kept while the box is of the same file. */
function linesOf(file: string, files: SourceFile[]): Lines {
  const of = view.value;
  const by = measure.value;
  if (lastLines?.file === file && lastLines.of === of && lastLines.by === by) return lastLines;
  const profile = of.model.profiles[0]!;
  const { labelSets } = of.wishes;
  const whole = blockColumn(profile, by, labelSets).reduce((sum, own) => sum + own, 0);
  const costs = costOfLines(profile, file, by, labelSets);
  return (lastLines = { by, of, file, listing: makeListing(files, []), costs, whole });
}

/** Where the block that begins on a line ends: before the next line that is indented as little. */
function endOfBlock(listing: Listing, first: number): number {
  const indent = (text: string): number => text.length - text.trimStart().length;
  const own = indent(listing.text(first) ?? "");
  let line = first;
  for (let next = listing.text(line + 1); next !== undefined; next = listing.text(line + 1)) {
    if (next.trim() !== "" && indent(next) <= own) break;
    line++;
  }
  return line;
}

function legend(): HTMLElement | null {
  const hasNumbers = scene.value.panes.some((pane) => pane.numbers !== null);
  if (hasNumbers && view.value.isDiff)
    return h(
      "ul",
      { class: "legend" },
      swatch("more", "more in B"),
      swatch("less", "less in B"),
      swatch("same", "within the error"),
    );
  const by = measures.value.find((one) => one.id === colour.value);
  if (hasNumbers && by && by !== measure.value) {
    return h(
      "p",
      { class: "scale-legend" },
      h("span", { class: "scale" }),
      `little to much ${by.label}`,
    );
  }
  const items = palette(view.value, activeTheme.value).legend.map((one) => {
    const dot = h("span", { class: "swatch" });
    dot.style.background = one.colour;
    return h("li", {}, dot, one.label);
  });
  return h("ul", { class: "legend", "aria-label": "colours" }, ...items);
}

function swatch(kind: string, words: string): HTMLElement {
  return h("li", {}, h("span", { class: `swatch ${kind}` }), words);
}

/** The pointer moves often: what it is on gets the main numbers only. */
export function makeDetails(host: HTMLElement): () => void {
  const body = h("div", { class: "details-body" });
  const colours = h("div", { class: "colours" });
  host.append(body, colours);
  const disposers = [
    effect(() => {
      const spot = spotShown.value;
      const pane = scene.value.panes[spot.pane];
      if (!pane || spot.node >= pane.tree.count) {
        fill(body);
        return;
      }
      const hadFocus = body.contains(document.activeElement);
      fill(body, ...describeSpot(pane, spot.pane, spot.node, hover.value === null));
      if (hadFocus) body.querySelector<HTMLElement>(".here")?.focus();
    }),
    effect(() => fill(colours, scene.value.panes.length > 0 ? legend() : null)),
  ];
  return () => {
    disposers.forEach((dispose) => dispose());
    host.replaceChildren();
  };
}

function describeSpot(
  pane: Pane,
  at: number,
  node: number,
  isPinned: boolean,
): (HTMLElement | null)[] {
  const key = pane.tree.key[node]!;
  const { keys } = pane.source;
  const func = keys.func(key);
  const numbers = pane.numbers;
  const where = func ? [moduleOf(func), whereIs(func)].filter((one) => one !== "").join("  ") : "";
  return [
    h("h2", { class: "box-name", title: visible(func?.file ?? "") }, keys.label(key)),
    where === "" ? null : h("p", { class: "where", title: visible(func?.file ?? "") }, where),
    pane.hatched?.[node]
      ? h(
          "p",
          { class: "estimate" },
          "Estimated: the file says who called whom, but not whether on this path.",
        )
      : null,
    numbers === null
      ? timeTable(pane, node)
      : pane.source.isDiff
        ? changeTable(numbers, node)
        : numbersTable(pane, numbers, node, isPinned),
    isPinned && func ? actions(key) : null,
    node > 0 ? stackList(pane, at, node) : null,
    isPinned && func ? snippet(key) : null,
    node === 0 && isPinned
      ? h(
          "p",
          { class: "hint" },
          "Point at a box for its numbers, click to zoom in. Press ? for all keys.",
        )
      : null,
  ];
}

/** Of an occurrence: what it took, and what of that no callee did. */
function timeTable(pane: Pane, node: number): HTMLElement {
  const { tree, source } = pane;
  const time = (wanted: string): number =>
    childrenOf(tree, node)
      .filter((child) => source.keys.kind(tree.key[child]!) === wanted)
      .reduce((sum, child) => sum + tree.total[child]!, 0);
  const all = tree.total[node]!;
  const rows = [row("this time", amount(all, "ns"), percent(all, tree.total[0]!))];
  if (node > 0) rows.push(row("own", amount(time("gap"), "ns"), percent(time("gap"), all)));
  if (time("wait") > 0)
    rows.push(row("waiting", amount(time("wait"), "ns"), percent(time("wait"), all)));
  return h("table", { class: "numbers" }, h("tbody", {}, ...rows));
}
