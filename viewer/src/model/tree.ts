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

/** What `order` compares by: keys with the same rank stay in the order of their nodes. */
export type Rank = (key: number) => number;

/** Sorts siblings and numbers nodes in pre-order. self is by the structure's node; place tells
 * where each of them went. O(n), whatever the order. */
export function arrange(
  old: Structure,
  self: Float64Array,
  order: Order,
  rank: Rank,
): { tree: Tree; place: Int32Array } {
  const { count } = old;
  const total = self.slice();
  for (let node = count - 1; node > 0; node--) total[old.parent[node]!]! += total[node]!;
  const place = number(old, sequence(old, total, order, rank));
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

/** All nodes such that putting each before its siblings so far leaves them in order. */
function sequence(old: Structure, total: Float64Array, order: Order, rank: Rank): Int32Array {
  const nodes = new Int32Array(old.count);
  for (let i = 0; i < old.count; i++) nodes[i] = old.count - 1 - i;
  if (order === "first") return nodes;
  const weight = new Float32Array(old.count);
  if (order === "heaviest") weight.set(total);
  else for (let node = 1; node < old.count; node++) weight[node] = 1 / (1 + rank(old.key[node]!));
  return sortByWeight(nodes, weight);
}

/** Radix sort by the bits of the weights, which are not negative; stable. */
function sortByWeight(nodes: Int32Array, weight: Float32Array): Int32Array {
  const bits = new Uint32Array(weight.buffer);
  let from: Int32Array = nodes;
  let to: Int32Array = new Int32Array(nodes.length);
  for (const shift of [0, 11, 22]) {
    const start = new Int32Array(2049);
    for (let i = 0; i < from.length; i++) start[((bits[i]! >>> shift) & 2047) + 1]!++;
    for (let i = 0; i < 2048; i++) start[i + 1]! += start[i]!;
    for (let i = 0; i < from.length; i++) {
      const node = from[i]!;
      to[start[(bits[node]! >>> shift) & 2047]!++] = node;
    }
    [from, to] = [to, from];
  }
  return from;
}

function number(old: Structure, order: Int32Array): Int32Array {
  const first = new Int32Array(old.count);
  const next = new Int32Array(old.count);
  for (let i = 0; i < order.length; i++) {
    const node = order[i]!;
    if (node === 0) continue;
    const parent = old.parent[node]!;
    next[node] = first[parent]!;
    first[parent] = node;
  }
  const place = new Int32Array(old.count);
  let node = 0;
  for (let at = 1; at < old.count; at++) {
    if (first[node] !== 0) {
      node = first[node]!;
    } else {
      while (next[node] === 0) node = old.parent[node]!;
      node = next[node]!;
    }
    place[node] = at;
  }
  return place;
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
