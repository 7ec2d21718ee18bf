// Stacks from their ends: at the root the functions that spend, below each who called it.
//
//     seeds     nodes of a tree with an amount: where time was spent, or where a function began
//     range     each node of the inverted tree is a range of the seeds, sorted by who is above
//
//     seeds            read<parse<main   read<load<main   read<load<test
//     read             |------------------------------------------------|
//       parse, load    |---------------| |------------------------------|
//
// An exact inverted tree has as many nodes as all stacks have frames. Nodes below a cutoff are not
// taken apart further: their callers are one box, "... more callers", with their whole amount.

import type { Keys } from "./groups.ts";
import { Builder } from "./structure.ts";
import { arrange, type Order, type Tree } from "./tree.ts";
import { rankByName } from "./view.ts";

export interface Inverted {
  tree: Tree;
  seeds: Int32Array; // nodes of the other tree
  from: Int32Array; // by node: its range of seeds
  to: Int32Array;
}

const CUTOFF = 1 / 2000; // of the whole: narrower than a pixel, and as small a part of any answer
const MAX_DEPTH = 400;

/** amounts: by node of the tree, what each seed weighs. */
export function invert(
  tree: Tree,
  nodes: number[],
  amounts: Float64Array,
  keys: Keys,
  order: Order,
): Inverted {
  const seeds = Int32Array.from(nodes);
  const cursor = Int32Array.from(nodes); // by seed: the frame that is looked at
  const builder = new Builder(1024);
  const from = [0];
  const to = [seeds.length];
  const depth = [0];
  const self: number[] = [0];
  const whole = nodes.reduce((sum, node) => sum + amounts[node]!, 0);
  const rest = keys.group("rest", "more callers, not shown");
  const weigh = (begin: number, end: number): number => {
    let sum = 0;
    for (let i = begin; i < end; i++) sum += amounts[seeds[i]!]!;
    return sum;
  };
  for (let node = 0; node < builder.count; node++) {
    const begin = from[node]!;
    const end = to[node]!;
    if (builder.key[node] === rest) continue;
    const stop = node > 0 && (depth[node]! >= MAX_DEPTH || weigh(begin, end) < whole * CUTOFF);
    if (node > 0) for (let i = begin; i < end; i++) cursor[i] = tree.parent[cursor[i]!]!;
    sortRange(tree, seeds, cursor, begin, end);
    for (let i = begin; i < end;) {
      const key = cursor[i]! > 0 ? tree.key[cursor[i]!]! : -1;
      let next = i + 1;
      if (stop && key >= 0) while (next < end && cursor[next]! > 0) next++;
      else while (next < end && (cursor[next]! > 0 ? tree.key[cursor[next]!]! : -1) === key) next++;
      if (key < 0) self[node] = weigh(i, next);
      else {
        const child = builder.add(node, stop ? rest : key);
        from[child] = i;
        to[child] = next;
        depth[child] = depth[node]! + 1;
        self[child] = stop ? weigh(i, next) : 0;
      }
      i = next;
    }
  }
  const structure = builder.structure();
  const { tree: made, place } = arrange(
    structure,
    Float64Array.from(self),
    order,
    rankByName(keys, structure),
  );
  const ranges = { from: new Int32Array(made.count), to: new Int32Array(made.count) };
  for (let node = 0; node < made.count; node++) {
    ranges.from[place[node]!] = from[node]!;
    ranges.to[place[node]!] = to[node]!;
  }
  return { tree: made, seeds, ...ranges };
}

/** By the key of the frame that is looked at; what has none comes first. */
function sortRange(
  tree: Tree,
  seeds: Int32Array,
  cursor: Int32Array,
  begin: number,
  end: number,
): void {
  const order = Array.from({ length: end - begin }, (_, i) => begin + i);
  const key = (i: number): number => (cursor[i]! > 0 ? tree.key[cursor[i]!]! : -1);
  order.sort((a, b) => key(a) - key(b) || a - b);
  const sortedSeeds = order.map((i) => seeds[i]!);
  const sortedCursor = order.map((i) => cursor[i]!);
  seeds.set(sortedSeeds, begin);
  cursor.set(sortedCursor, begin);
}

/** Of a column by node of the other tree: the amount in each inverted node. */
export function sumSeeds(inverted: Inverted, column: Float64Array): Float64Array {
  return Float64Array.from({ length: inverted.tree.count }, (_, node) => {
    let sum = 0;
    for (let i = inverted.from[node]!; i < inverted.to[node]!; i++)
      sum += column[inverted.seeds[i]!]!;
    return sum;
  });
}

/** By node: 1 where all seeds are marked. */
export function markAll(inverted: Inverted, marks: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: inverted.tree.count }, (_, node) => {
    for (let i = inverted.from[node]!; i < inverted.to[node]!; i++)
      if (!marks[inverted.seeds[i]!]) return 0;
    return 1;
  });
}
