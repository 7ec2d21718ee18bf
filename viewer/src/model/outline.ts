// Which nodes of a tree are open, and the rows that follow: a list of those whose parents all are.
//
//     tree     0 root   1 main   2 parse   3 read   4 write        open: 0, 1
//     rows              1        2                  4
//
// Nodes of which nothing was measured have no rows. Nodes are in pre-order, so the rows
// after a closed node begin at its end: a list of rows costs what it is long, whatever is hidden.

import { childrenOf, type Tree } from "./tree.ts";
import type { View } from "./view.ts";

const MOST_OPENED = 200; // nodes down a path that opens by itself
const MAIN_PART = 0.8; // of its parent: what has so much is looked at next anyway

export class Outline {
  readonly isOpen: Uint8Array; // by node
  rows: Int32Array = new Int32Array(0); // nodes
  places: Int32Array = new Int32Array(0); // by row: the how manieth child it is, from 1
  private readonly siblings = new Map<number, number>(); // by open node: its children

  constructor(readonly tree: Tree) {
    this.isOpen = new Uint8Array(tree.count);
    this.isOpen[0] = 1;
  }

  /** Makes the rows anew, after nodes were opened or closed. */
  update(): void {
    const { tree, isOpen, siblings } = this;
    const rows: number[] = [];
    const places: number[] = [];
    siblings.clear();
    for (let node = 1; node < tree.count;) {
      if (tree.total[node] === 0) {
        node = tree.end[node]!;
        continue;
      }
      const parent = tree.parent[node]!;
      const place = (siblings.get(parent) ?? 0) + 1;
      siblings.set(parent, place);
      rows.push(node);
      places.push(place);
      node = isOpen[node] ? node + 1 : tree.end[node]!;
    }
    this.rows = Int32Array.from(rows);
    this.places = Int32Array.from(places);
  }

  /** The row of a node, or -1. Rows are in the order of nodes. */
  rowOf(node: number): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle]! < node) low = middle + 1;
      else high = middle;
    }
    return this.rows[low] === node ? low : -1;
  }

  /** How many siblings a node in a row has, with itself. */
  setSize(node: number): number {
    return this.siblings.get(this.tree.parent[node]!) ?? 1;
  }

  /** How many nodes could have rows. O(n). */
  get size(): number {
    let size = 0;
    for (let node = 1; node < this.tree.count; node++) if (this.tree.total[node]! > 0) size++;
    return size;
  }

  hasChildren(node: number): boolean {
    return this.tree.total[node]! > this.tree.self[node]!;
  }

  /** Opens a node, and what is below it as long as one child has most of it. */
  open(node: number): void {
    const { tree, isOpen } = this;
    for (let count = 0; node >= 0 && this.hasChildren(node) && count < MOST_OPENED; count++) {
      isOpen[node] = 1;
      let main = -1;
      for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!)
        if (tree.total[child]! >= MAIN_PART * tree.total[node]!) main = child;
      node = main;
    }
  }

  close(node: number): void {
    if (node > 0) this.isOpen[node] = 0;
  }

  closeAll(): void {
    this.isOpen.fill(0, 1);
  }

  /** Opens what is above a node, so that it has a row. */
  reveal(node: number): void {
    for (let at = this.tree.parent[node]!; at > 0; at = this.tree.parent[at]!) this.isOpen[at] = 1;
  }

  /** Opens every node with a child that has at least this much. */
  openDownTo(amount: number): void {
    const { tree, isOpen } = this;
    for (let node = 1; node < tree.count;) {
      if (tree.total[node]! < amount) node = tree.end[node]!;
      else isOpen[tree.parent[node++]!] = 1;
    }
  }

  /** Opens the siblings of a node, and the node. */
  openSiblings(node: number): void {
    const parent = this.tree.parent[node]!;
    for (let child = parent + 1; child < this.tree.end[parent]!; child = this.tree.end[child]!)
      if (this.hasChildren(child)) this.isOpen[child] = 1;
  }
}

/** Opens in the outline of one view what was open in another, found by its keys' tokens. */
export function carryOver(
  from: { view: View; outline: Outline },
  to: { view: View; outline: Outline },
  tokenOf: (view: View, key: number) => string,
): void {
  const pairs: [number, number][] = [[0, 0]];
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [old, node] = pair;
    to.outline.isOpen[node] = 1;
    const wanted = new Map<string, number>();
    for (const child of childrenOf(from.view.tree, old))
      if (from.outline.isOpen[child])
        wanted.set(tokenOf(from.view, from.view.tree.key[child]!), child);
    if (wanted.size === 0) continue;
    for (const child of childrenOf(to.view.tree, node)) {
      const before = wanted.get(tokenOf(to.view, to.view.tree.key[child]!));
      if (before !== undefined && to.outline.hasChildren(child)) pairs.push([before, child]);
    }
  }
}
