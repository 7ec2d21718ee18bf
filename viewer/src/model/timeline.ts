// What ran when: for each thread a tree whose boxes are occurrences, in the order of time.
//
//     points    0 ms read (under parse, main)   3 ms scan (under parse, main)   4 ms nothing
//     tree      main 0-4 > parse 0-4 > read 0-3, scan 3-4
//
// Frames that stay on the stack from one point to the next are one box.

import type { Series } from "../data/block.ts";
import { labelOf } from "./groups.ts";
import { Builder } from "./structure.ts";
import { arrange, type Tree } from "./tree.ts";
import type { View } from "./view.ts";

export interface Lane {
  label: string;
  labelSet: number;
  tree: Tree; // widths are nanoseconds; what is not known is a gap
}

export function hasTimeline(view: View): boolean {
  return view.model.profiles[0]!.series.some(isTimeline);
}

function isTimeline(series: Series): boolean {
  return series.unit === "node" && series.times.length > 0;
}

/** The lanes of the threads that are shown, those with most boxes first, and when they end. */
export function makeLanes(view: View): { lanes: Lane[]; end: number } {
  const profile = view.model.profiles[0]!;
  const wanted = view.wishes.labelSets;
  const series = profile.series.filter(
    (one) => isTimeline(one) && (!wanted || wanted.has(one.labelSet)),
  );
  const last = series.reduce((end, one) => Math.max(end, one.times[one.times.length - 1]!), 0);
  const measured = Number(profile.head.meta["wall_ns"] ?? 0);
  const end = Math.max(last, Number.isFinite(measured) ? measured : 0);
  const lanes = series.map((one) => makeLane(view, one, end));
  const gap = view.keys.group("gap", "not running");
  lanes.sort((a, b) => busy(b, gap) - busy(a, gap));
  return { lanes, end };
}

/** Time that is not a gap. */
function busy(lane: Lane, gap: number): number {
  const { tree } = lane;
  let sum = 0;
  for (let node = 1; node < tree.count; node = tree.end[node]!)
    if (tree.key[node] !== gap) sum += tree.total[node]!;
  return sum;
}

function makeLane(view: View, series: Series, end: number): Lane {
  const profile = view.model.profiles[0]!;
  const { tree, keys } = view;
  const gap = keys.group("gap", "not running");
  const builder = new Builder(series.times.length * 4);
  const self: number[] = [0];
  let open: number[] = []; // nodes of the lane, by depth
  let stack: number[] = []; // nodes of the view's tree, likewise
  const spend = (from: number, to: number, node: number): void => {
    const frames = pathOf(tree, node);
    let same = 0;
    while (same < frames.length && same < stack.length && frames[same] === stack[same]) same++;
    open = open.slice(0, same);
    for (let depth = same; depth < frames.length; depth++) {
      const box = builder.add(open[depth - 1] ?? 0, tree.key[frames[depth]!]!);
      self[box] = 0;
      open.push(box);
    }
    if (frames.length === 0) {
      const box = builder.add(0, gap);
      self[box] = to - from;
    } else self[open[open.length - 1]!]! += to - from;
    stack = frames;
  };
  if (series.times[0]! > 0) spend(0, series.times[0]!, 0);
  for (let i = 0; i < series.times.length; i++) {
    const to = series.times[i + 1] ?? end;
    const node = series.amounts[i]!;
    if (to > series.times[i]!)
      spend(series.times[i]!, to, node > 0 ? view.nodeOf(node, series.labelSet) : 0);
  }
  const arranged = arrange(builder.structure(), Float64Array.from(self), "first", () => 0);
  return {
    label: labelOf(profile.head.label_sets[series.labelSet]!),
    labelSet: series.labelSet,
    tree: arranged.tree,
  };
}

function pathOf(tree: Tree, node: number): number[] {
  const path: number[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) path.push(at);
  return path.reverse();
}
