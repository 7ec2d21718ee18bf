// The numbers of a tree that is drawn, whatever kind it is: a view's own, or one made from it.

import { sumSeeds, type Inverted } from "./inverted.ts";
import type { Measure } from "./measure.ts";
import type { Tree } from "./tree.ts";
import type { View } from "./view.ts";

export interface Numbers {
  isInverted: boolean; // boxes are paths from the end: they have totals alone
  view: View;
  tree: Tree;
  total(measure: Measure, side: number): Float64Array; // by node
  self(measure: Measure, side: number): Float64Array;
}

export function numbersOf(view: View): Numbers {
  return {
    isInverted: false,
    view,
    tree: view.tree,
    total: (measure, side) => view.total(measure, side),
    self: (measure, side) => view.self(measure, side),
  };
}

/** column: what the seeds weigh, own amounts or totals of the view. */
export function numbersOfInverted(
  view: View,
  inverted: Inverted,
  column: (measure: Measure, side: number) => Float64Array,
): Numbers {
  const known = new Map<string, Float64Array>();
  const total = (measure: Measure, side: number): Float64Array => {
    const name = `${side} ${measure.id}`;
    let sums = known.get(name);
    if (!sums) known.set(name, (sums = sumSeeds(inverted, column(measure, side))));
    return sums;
  };
  const none = new Float64Array(inverted.tree.count);
  return { isInverted: true, view, tree: inverted.tree, total, self: () => none };
}
