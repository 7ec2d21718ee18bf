// What a chart shows: panes, each a tree with names, numbers and colours. All charts are made of
// them, so whatever can be done to a box can be done in every one.

import { computed } from "@preact/signals-core";

import { changeAt } from "../model/change.ts";
import { outermost, selfByFunction } from "../model/functions.ts";
import { invert, markAll, type Inverted } from "../model/inverted.ts";
import { Keys } from "../model/groups.ts";
import { blockColumn } from "../model/lines.ts";
import { sharedMeasures, type Measure } from "../model/measure.ts";
import type { Model } from "../model/model.ts";
import { numbersOf, numbersOfInverted, type Numbers } from "../model/numbers.ts";
import { hasTimeline, makeLanes } from "../model/timeline.ts";
import { makeView, type View } from "../model/view.ts";
import { type Tree } from "../model/tree.ts";
import { colour, measures, model, screen, subject, view, type Screen } from "../state.ts";
import {
  categoryOf,
  colourByModule,
  colourOfChange,
  colourOfNoChange,
  colourOfShare,
  type Legend,
  type Theme,
} from "./colour.ts";
import type { Fill } from "./painter.ts";

export interface Pane {
  tree: Tree;
  numbers: Numbers | null; // null where widths are all there is
  up: boolean; // the root is at the bottom
  skip: number; // so many rows from the root on are not drawn
  title: string; // above the pane; "" = none
  sorted: boolean; // siblings are heaviest first
  source: View; // whose keys the nodes have
  hatched: Uint8Array | null; // nodes that an estimate placed
}

export interface Scene {
  kind: Screen;
  panes: Pane[];
  empty: string; // why there is nothing to draw; "" = there is
  timeEnd: number; // nanoseconds; 0 where the axis is no time
  note: string; // what has to be said about the picture
}

function pane(from: Partial<Pane> & Pick<Pane, "tree" | "source">): Pane {
  const sorted = from.source.wishes.order === "heaviest";
  return { numbers: null, up: false, skip: 0, title: "", sorted, hatched: null, ...from };
}

function treePane(shown: View, extra: Partial<Pane> = {}): Pane {
  return pane({
    tree: shown.tree,
    source: shown,
    numbers: numbersOf(shown),
    hatched: shown.estimated,
    ...extra,
  });
}

function invertedPane(shown: View): Pane {
  const { tree } = shown;
  const nodes: number[] = [];
  for (let node = 1; node < tree.count; node++) if (tree.self[node]! > 0) nodes.push(node);
  const inverted = invert(tree, nodes, tree.self, shown.keys, shown.wishes.order);
  const numbers = numbersOfInverted(shown, inverted, (of, side) => shown.self(of, side));
  return pane({ tree: inverted.tree, source: shown, numbers, hatched: guessed(shown, inverted) });
}

/** Paths of which no part is certain. */
function guessed(shown: View, inverted: Inverted): Uint8Array | null {
  return shown.estimated ? markAll(inverted, shown.estimated) : null;
}

/** Callers above, callees below the function in the middle. */
function sandwichPanes(shown: View, key: number): Pane[] {
  const { tree } = shown;
  const inverted = invert(tree, outermost(tree, key), tree.total, shown.keys, shown.wishes.order);
  const callers = numbersOfInverted(shown, inverted, (of, side) => shown.total(of, side));
  const focused = makeView(shown.model, {
    ...shown.wishes,
    apart: "",
    steps: [...shown.wishes.steps, { kind: "focus", id: key }],
  });
  return [
    pane({
      tree: inverted.tree,
      source: shown,
      numbers: callers,
      hatched: guessed(shown, inverted),
      up: true,
      skip: 1,
      title: "callers",
    }),
    treePane(focused, { skip: 2, title: "callees" }),
  ];
}

/** The function of a sandwich or a source when nobody has chosen one: the one with most own time. */
export const hottest = computed<number>(() => {
  const self = selfByFunction(view.value.tree).subarray(0, model.value.functions.length);
  return self.reduce((best, own, key) => (best < 0 || own > self[best]! ? key : best), -1);
});

export const scene = computed<Scene>(() => {
  const shown = view.value;
  const made: Scene = { kind: screen.value, panes: [], empty: "", timeEnd: 0, note: "" };
  if (shown.tree.total[0] === 0) {
    made.empty = whyEmpty(shown);
    return made;
  }
  switch (screen.value) {
    case "inverted":
      made.panes = [invertedPane(shown)];
      break;
    case "sandwich": {
      const key = subject.value >= 0 ? subject.value : hottest.value;
      if (!shown.tree.key.includes(key)) made.empty = "This function is not in what is shown.";
      else made.panes = sandwichPanes(shown, key);
      break;
    }
    case "time":
      fillTime(made, shown);
      break;
    default:
      made.panes = [treePane(shown, { up: screen.value === "flame" })];
  }
  return made;
});

function whyEmpty(shown: View): string {
  if (measures.value.length > 0) return `Nothing was measured as ${shown.wishes.measure.label}.`;
  return shown.isDiff ? "Nothing was measured in both profiles." : "Nothing was measured.";
}

function fillTime(made: Scene, shown: View): void {
  if (hasTimeline(shown)) {
    const { lanes, end } = makeLanes(shown);
    made.timeEnd = end;
    made.panes = lanes.map((lane) =>
      pane({ tree: lane.tree, source: shown, skip: 1, title: lane.label, sorted: false }),
    );
    if (shown.isDiff) made.note = `Only ${shown.model.profiles[0]!.name} is drawn along time.`;
    return;
  }
  const first = makeView(shown.model, { ...shown.wishes, order: "first" });
  made.panes = [treePane(first)];
  made.note =
    "This file has no record of when: boxes are in the order in which they were first seen, as wide as all their time together.";
}

/** Fills for one pane, by node. */
export function fillsOf(shown: Pane, theme: Theme): (node: number) => Fill {
  const { keys } = shown.source;
  const plain = colourOf(shown, theme);
  return (node) => {
    const kind = keys.kind(shown.tree.key[node]!);
    if (kind === "gap") return { colour: theme.background };
    const isApart = kind === "rest" || kind === "wait";
    const fill: Fill = { colour: isApart ? theme.rest : plain(node) };
    if (isApart || shown.hatched?.[node]) fill.hatch = true;
    return fill;
  };
}

function colourOf(shown: Pane, theme: Theme): (node: number) => string {
  const { numbers, source, tree } = shown;
  if (numbers && source.isDiff) return colourByChange(numbers, source.wishes.measure, theme);
  const other = measures.value.find((one) => one.id === colour.value);
  if (numbers && other && other.id !== source.wishes.measure.id)
    return colourByMeasure(numbers, other, theme);
  const { fill } = palette(source, theme);
  return (node) => fill(tree.key[node]!);
}

function colourByChange(numbers: Numbers, by: Measure, theme: Theme): (node: number) => string {
  return (node) => {
    const { before, after, verdict } = changeAt(numbers, by, node);
    if (verdict === "same") return colourOfNoChange(theme);
    return colourOfChange((after - before) / Math.max(before, after), theme);
  };
}

/** Parts of the width where both are times; else from nothing to the largest, in powers. */
function colourByMeasure(numbers: Numbers, by: Measure, theme: Theme): (node: number) => string {
  const amounts = numbers.total(by, 0);
  const widths = numbers.tree.total;
  if (by.unit === numbers.view.wishes.measure.unit)
    return (node) => colourOfShare(amounts[node]! / (widths[node]! || 1), theme);
  const largest = Math.log1p(largestOf(amounts)) || 1;
  return (node) => colourOfShare(Math.log1p(amounts[node]!) / largest, theme);
}

const largests = new WeakMap<Float64Array, number>();

/** Once for each column, not for each frame. */
function largestOf(amounts: Float64Array): number {
  let most = largests.get(amounts);
  if (most === undefined) {
    most = amounts.reduce((found, one) => Math.max(found, one), 0);
    largests.set(amounts, most);
  }
  return most;
}

const palettes = new WeakMap<View, Map<boolean, ReturnType<typeof colourByModule>>>();

/** Colours by module for a view, and what they mean; made once. The same module has the same
 * colour in every picture of a model. */
export function palette(
  shown: View,
  theme: Theme,
): { fill: (key: number) => string; legend: Legend[] } {
  let known = palettes.get(shown);
  if (!known) palettes.set(shown, (known = new Map()));
  let made = known.get(theme.dark);
  if (!made) known.set(theme.dark, (made = colourByModule(shown.keys, categories(shown), theme)));
  return made;
}

const ranked = new WeakMap<View["model"], string[]>();

function categories(shown: View): string[] {
  let names = ranked.get(shown.model);
  if (!names) ranked.set(shown.model, (names = rankCategories(shown.model)));
  return names;
}

/** By the own amounts of all that was measured, whatever is shown of it now. */
function rankCategories(of: Model): string[] {
  const by = sharedMeasures(of.profiles)[0];
  const own = new Float64Array(of.functions.length);
  of.profiles.forEach((profile, side) => {
    if (!by) return;
    const { frame, frameFunction } = profile.block;
    const column = blockColumn(profile, by, null);
    const functionOf = of.functionOf[side]!;
    for (let node = 1; node < column.length; node++)
      own[functionOf[frameFunction[frame[node]!]!]!]! += column[node]!;
  });
  const keys = new Keys(of.functions);
  const weight = new Map<string, number>();
  own.forEach((amount, id) => {
    if (amount === 0) return;
    const category = categoryOf(keys, id);
    weight.set(category, (weight.get(category) ?? 0) + amount);
  });
  return [...weight.keys()].sort((a, b) => weight.get(b)! - weight.get(a)!);
}
