// A tree as it is drawn: nodes in pre-order, so that the subtree of i is the range i to end[i],
// with the time that boxes are as wide as.

import type { Structure } from "./structure.ts";

export type Order = "heaviest" | "name" | "first";

export interface Tree extends Structure {
  end: Int32Array; // after the last node of the subtree
  depth: Int32Array;
  maxDepth: number;
  self: Float64Array; // what a box's width is made of
  total: Float64Array; // == self + sum of the children's total
}

/** Of a key, for the order by name. */
export type Rank = (key: number) => number;

/** Sorts siblings and numbers nodes in pre-order. self is by the structure's node; place tells
 * where each of them went. O(n log n) at worst, for one node with all the others for children. */
export function arrange(
  old: Structure,
  self: Float64Array,
  order: Order,
  rank: Rank,
): { tree: Tree; place: Int32Array } {
  const { count } = old;
  const total = self.slice();
  for (let node = count - 1; node > 0; node--) total[old.parent[node]!]! += total[node]!;
  const place = number(old, total, order, rank);
  const tree: Tree = {
    count,
    parent: new Int32Array(count).fill(-1),
    key: new Int32Array(count).fill(-1),
    end: new Int32Array(count),
    depth: new Int32Array(count),
    maxDepth: 0,
    self: new Float64Array(count),
    total: new Float64Array(count),
  };
  for (let node = 0; node < count; node++) {
    const at = place[node]!;
    tree.parent[at] = node === 0 ? -1 : place[old.parent[node]!]!;
    tree.key[at] = old.key[node]!;
    tree.self[at] = self[node]!;
    tree.total[at] = total[node]!;
  }
  measure(tree);
  return { tree, place };
}

function measure(tree: Tree): void {
  for (let node = 1; node < tree.count; node++) {
    const depth = tree.depth[tree.parent[node]!]! + 1;
    tree.depth[node] = depth;
    if (depth > tree.maxDepth) tree.maxDepth = depth;
  }
  for (let node = tree.count - 1; node >= 0; node--) {
    if (tree.end[node] === 0) tree.end[node] = node + 1;
    const parent = tree.parent[node]!;
    if (node > 0 && tree.end[parent]! < tree.end[node]!) tree.end[parent] = tree.end[node]!;
  }
}

/** Numbers all nodes in pre-order. Children are linked in the order of their nodes, and only where
 * there are several sorted when the walk comes by: most nodes have one child, and neighbours in the
 * old tree stay neighbours in memory. */
function number(old: Structure, total: Float64Array, order: Order, rank: Rank): Int32Array {
  const first = new Int32Array(old.count);
  const next = new Int32Array(old.count);
  for (let node = old.count - 1; node > 0; node--) {
    const parent = old.parent[node]!;
    next[node] = first[parent]!;
    first[parent] = node;
  }
  const before = compare(old, total, order, rank);
  const place = new Int32Array(old.count);
  let node = 0;
  for (let at = 1; at < old.count; at++) {
    if (first[node] !== 0) {
      if (before && next[first[node]!] !== 0) sortChildren(first, next, node, before);
      node = first[node]!;
    } else {
      while (next[node] === 0) node = old.parent[node]!;
      node = next[node]!;
    }
    place[node] = at;
  }
  return place;
}

type Compare = (a: number, b: number) => number;

/** Ties stay as they are: sorting is stable. */
function compare(old: Structure, total: Float64Array, order: Order, rank: Rank): Compare | null {
  if (order === "first") return null;
  if (order === "heaviest") return (a, b) => total[b]! - total[a]!;
  return (a, b) => rank(old.key[a]!) - rank(old.key[b]!);
}

function sortChildren(first: Int32Array, next: Int32Array, node: number, before: Compare): void {
  const children: number[] = [];
  for (let child = first[node]!; child !== 0; child = next[child]!) children.push(child);
  if (children.length === 2) {
    if (before(children[0]!, children[1]!) <= 0) return;
    children.reverse();
  } else children.sort(before);
  first[node] = children[0]!;
  for (let i = 0; i < children.length; i++) next[children[i]!] = children[i + 1] ?? 0;
}

/** The nodes from the root to this one, without the root. */
export function pathTo(tree: Tree, node: number): number[] {
  const path: number[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) path.push(at);
  return path.reverse();
}

/** Of a column by node: the sums over subtrees. */
export function sumSubtrees(tree: Structure, self: Float64Array): Float64Array {
  const total = self.slice();
  for (let node = tree.count - 1; node > 0; node--) total[tree.parent[node]!]! += total[node]!;
  return total;
}

/** The children of a node, in order. */
export function childrenOf(tree: Tree, node: number): number[] {
  const children: number[] = [];
  for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!)
    children.push(child);
  return children;
}
