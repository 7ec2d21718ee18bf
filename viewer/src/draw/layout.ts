// Which boxes of a tree can be seen, and where. One loop over the pre-order arrays: whatever is out
// of the window, too narrow or too deep is left out with all that is below it, in one step, so the
// cost is that of what is drawn, not of the tree.

import type { Tree } from "../model/tree.ts";

/** A part of the plane: the root's x is left, its width is that of the whole. */
export interface Frame {
  tree: Tree;
  root: number; // where to begin; 0, or the node in the middle of a sunburst
  left: number; // of the root
  scale: number; // width per amount
  from: number; // what is outside from..to cannot be seen
  to: number;
  least(depth: number): number; // narrower boxes are drawn together
  maxDepth: number; // deeper ones are not drawn
  sorted: boolean; // siblings are heaviest first
}

export interface Visitor {
  /** A box; isCut: there is more below than is drawn. */
  box(node: number, depth: number, x: number, width: number, isCut: boolean): void;
  /** Boxes too narrow to be seen, together. */
  rest(depth: number, x: number, width: number): void;
}

export function eachBox(frame: Frame, visitor: Visitor): void {
  const { tree, root, scale } = frame;
  const { depth, end, total, self, parent } = tree;
  const next = new Float64Array(tree.maxDepth + 2); // by depth: where the next box begins
  const begin = new Float64Array(tree.maxDepth + 2); // by depth: where the last box began
  next[depth[root]!] = frame.left;
  for (let node = root; node < end[root]!;) {
    const level = depth[node]!;
    const x = next[level]!;
    const width = total[node]! * scale;
    next[level] = x + width;
    if (x + width <= frame.from || x >= frame.to) {
      node = end[node]!;
      continue;
    }
    if (node !== root && width < frame.least(level)) {
      const above = parent[node]!;
      const last = begin[level - 1]! + (total[above]! - self[above]!) * scale;
      const until = frame.sorted ? last : x + width;
      if (until > x) visitor.rest(level, x, until - x);
      next[level] = until;
      node = frame.sorted ? end[above]! : end[node]!;
      continue;
    }
    begin[level] = x;
    next[level + 1] = x;
    const isCut = level >= frame.maxDepth && end[node]! > node + 1;
    visitor.box(node, level, x, width, isCut);
    node = isCut ? end[node]! : node + 1;
  }
}

/** Where a node lies, as a part of the root's width: 0..1. O(depth x siblings). */
export function place(tree: Tree, node: number): { from: number; to: number } {
  let from = 0;
  for (let at = node; at > 0; at = tree.parent[at]!) {
    let sibling = tree.parent[at]! + 1;
    for (; sibling !== at; sibling = tree.end[sibling]!) from += tree.total[sibling]!;
  }
  const whole = tree.total[0]! || 1;
  return { from: from / whole, to: (from + tree.total[node]!) / whole };
}

/** The node at a place (a part of the root's width) and depth, or -1. */
export function nodeAt(tree: Tree, root: number, share: number, depth: number): number {
  let amount = share * tree.total[root]!;
  let node = root;
  if (amount < 0 || amount > tree.total[root]!) return -1;
  while (tree.depth[node]! < depth) {
    let child = node + 1;
    const end = tree.end[node]!;
    while (child < end && amount >= tree.total[child]!) {
      amount -= tree.total[child]!;
      child = tree.end[child]!;
    }
    if (child >= end) return -1; // the node's own time
    node = child;
  }
  return node;
}
