// What the lines of a file cost: the tree is kept by line in the data, so this is a sum over it.

import { plainMeasure, type Measure } from "./measure.ts";
import type { Profile } from "./profile.ts";
import { sumSubtrees } from "./tree.ts";

export interface LineCost {
  self: number;
  total: number; // with what was called from it; a line that recurs counts once
}

/** By node of the block, one measure's own amount. */
export function blockColumn(
  profile: Profile,
  measure: Measure,
  labelSets: ReadonlySet<number> | null,
): Float64Array {
  const column = new Float64Array(profile.block.parent.length);
  profile.block.columns.forEach((packed, index) => {
    const metric = profile.head.metrics[packed.metric]!;
    if (labelSets && !labelSets.has(packed.labelSet)) return;
    if (!measure.uses(metric, profile, packed.labelSet)) return;
    const { nodes, amounts } = profile.column(index);
    for (let i = 0; i < nodes.length; i++) if (nodes[i] !== 0) column[nodes[i]!]! += amounts[i]!;
  });
  return column;
}

/** By line, for one file. */
export function costOfLines(
  profile: Profile,
  file: string,
  measure: Measure,
  labelSets: ReadonlySet<number> | null,
): Map<number, LineCost> {
  const { parent, frame, frameFunction, frameLine } = profile.block;
  const self = blockColumn(profile, measure, labelSets);
  const total =
    profile.head.kind === "lines"
      ? inclusive(profile, self, labelSets)
      : sumSubtrees({ count: parent.length, parent, key: frame }, self);
  const costs = new Map<number, LineCost>();
  for (let node = 1; node < parent.length; node++) {
    const id = frame[node]!;
    if (profile.functions[frameFunction[id]!]!.file !== file) continue;
    const line = frameLine[id]!;
    let cost = costs.get(line);
    if (!cost) costs.set(line, (cost = { self: 0, total: 0 }));
    cost.self += self[node]!;
    if (!isAbove(parent, frame, node)) cost.total += total[node]!;
  }
  return costs;
}

/** Whether the same frame is further up the stack. */
function isAbove(parent: Int32Array, frame: Int32Array, node: number): boolean {
  for (let at = parent[node]!; at > 0; at = parent[at]!) if (frame[at] === frame[node]) return true;
  return false;
}

/** A profile of lines has what was called in a column of its own. */
function inclusive(
  profile: Profile,
  self: Float64Array,
  labelSets: ReadonlySet<number> | null,
): Float64Array {
  if (profile.metric("inclusive_ns") < 0) return self;
  return blockColumn(profile, plainMeasure("inclusive_ns", "ns"), labelSets);
}
