// What ran when: for each thread a tree whose boxes are occurrences, in the order of time.
//
//     points    0 ms read (under parse, main)   3 ms parse waits   4 ms nothing
//     tree      main 0-4 > parse 0-4 > read 0-3, waiting 3-4
//
// Frames that stay on the stack from one point to the next are one box. Amounts of the series are
// nodes of the block, below 0 where the thread waited, 0 where it was not there: docs/format.md.

import type { Series } from "../data/block.ts";
import { labelOf } from "./groups.ts";
import { Builder } from "./structure.ts";
import { arrange, pathTo, type Tree } from "./tree.ts";
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

/** The lanes of the threads that are shown, those that ran most first, and when they end. */
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

/** Stacks one after the other, as boxes that last as long as they are the same. Time is spent in
 * leaves alone, so that what comes later stands further right. */
class LaneBuilder {
  private readonly builder = new Builder(1024);
  private readonly self: number[] = [0];
  private open: number[] = []; // boxes, by depth
  private stack: number[] = []; // what they stand for: nodes of the view's tree
  private leaf = { key: -1, box: 0 };

  constructor(private readonly tree: Tree) {}

  private box(parent: number, key: number): number {
    this.self.push(0);
    return this.builder.add(parent, key);
  }

  /** leaf: the key of what is drawn for the time itself. */
  spend(amount: number, node: number, leaf: number): void {
    const frames = pathTo(this.tree, node);
    let same = 0;
    while (same < frames.length && frames[same] === this.stack[same]) same++;
    const isSame = same === frames.length && same === this.stack.length;
    if (!isSame) {
      this.open.length = same;
      for (const frame of frames.slice(same))
        this.open.push(this.box(this.open[this.open.length - 1] ?? 0, this.tree.key[frame]!));
      this.stack = frames;
    }
    if (!isSame || this.leaf.key !== leaf)
      this.leaf = { key: leaf, box: this.box(this.open[this.open.length - 1] ?? 0, leaf) };
    this.self[this.leaf.box]! += amount;
  }

  finish(): Tree {
    const structure = this.builder.structure();
    return arrange(structure, Float64Array.from(this.self), "first", () => 0).tree;
  }
}

function makeLane(view: View, series: Series, end: number): Lane {
  const { times, amounts, labelSet } = series;
  const gap = view.keys.group("gap", "not running");
  const own = view.keys.group("gap", "own time");
  const waiting = view.keys.group("wait", "waiting");
  const placeOf = view.placesOf(labelSet);
  const lane = new LaneBuilder(view.tree);
  if (times[0]! > 0) lane.spend(times[0]!, 0, gap);
  for (let i = 0; i < times.length; i++) {
    const spent = (times[i + 1] ?? end) - times[i]!;
    const node = amounts[i]!;
    if (!(spent > 0)) continue;
    if (node === 0) lane.spend(spent, 0, gap);
    else lane.spend(spent, Math.max(0, placeOf(Math.abs(node))), node > 0 ? own : waiting);
  }
  const labels = view.model.profiles[0]!.head.label_sets[labelSet]!;
  return { label: labelOf(labels), labelSet, tree: lane.finish() };
}
