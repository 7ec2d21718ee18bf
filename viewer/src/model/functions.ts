// Sums by function over a tree, and who calls whom. A function that recurs counts once in totals.

import type { Measure } from "./measure.ts";
import type { View } from "./view.ts";
import type { Tree } from "./tree.ts";

export interface FunctionSums {
  keys: number[]; // that occur in the tree
  self: Float64Array; // by key
  total: Float64Array; // by key
}

const marked = new WeakMap<Tree, Uint8Array>();

/** By node: 1 where its key is not on the stack above it. O(n), once for each tree. */
export function markOutermost(tree: Tree): Uint8Array {
  const known = marked.get(tree);
  if (known) return known;
  const marks = new Uint8Array(tree.count);
  const open = new Int32Array(tree.maxDepth + 1);
  const onStack = new Int32Array(largestKey(tree) + 1);
  let height = 0;
  for (let node = 1; node < tree.count; node++) {
    while (height > 0 && tree.end[open[height - 1]!]! <= node)
      onStack[tree.key[open[--height]!]!]!--;
    if (onStack[tree.key[node]!]!++ === 0) marks[node] = 1;
    open[height++] = node;
  }
  marked.set(tree, marks);
  return marks;
}

/** Calls enter(node) for each node whose key is not on the stack above it. */
export function eachOutermost(tree: Tree, enter: (node: number) => void): void {
  const marks = markOutermost(tree);
  for (let node = 1; node < tree.count; node++) if (marks[node]) enter(node);
}

function largestKey(tree: Tree): number {
  let largest = 0;
  for (let node = 1; node < tree.count; node++) largest = Math.max(largest, tree.key[node]!);
  return largest;
}

/** A column of the view, summed by key. */
export function sumByFunction(view: View, measure: Measure, side = 0): FunctionSums {
  const { tree } = view;
  const size = largestKey(tree) + 1;
  const self = new Float64Array(size);
  const total = new Float64Array(size);
  const own = view.self(measure, side);
  const all = view.total(measure, side);
  const seen = new Uint8Array(size);
  for (let node = 1; node < tree.count; node++) {
    self[tree.key[node]!]! += own[node]!;
    seen[tree.key[node]!] = 1;
  }
  eachOutermost(tree, (node) => {
    total[tree.key[node]!]! += all[node]!;
  });
  const keys: number[] = [];
  for (let key = 0; key < size; key++) if (seen[key]) keys.push(key);
  return { keys, self, total };
}

/** By key: own amounts of what the tree's widths are. */
export function selfByFunction(tree: Tree): Float64Array {
  const self = new Float64Array(largestKey(tree) + 1);
  for (let node = 1; node < tree.count; node++) self[tree.key[node]!]! += tree.self[node]!;
  return self;
}

/** Nodes of a key that have none of it above. */
export function outermost(tree: Tree, key: number): number[] {
  const nodes: number[] = [];
  for (let node = 1; node < tree.count;) {
    if (tree.key[node] === key) {
      nodes.push(node);
      node = tree.end[node]!;
    } else node++;
  }
  return nodes;
}
