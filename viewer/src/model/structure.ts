// A calling-context tree without its numbers: who is whose child, and what each node stands for.
//
//     node      0 root   1       2       3        parents come before their children
//     parent    -1       0       1       1
//     key       -1       main    parse   write    a function, or a group of them
//
// Every view is made from such trees by rewriting: each node of the old tree gets an image in the
// new one, which may be a node of its own, that of its parent, or none.

export interface Structure {
  count: number;
  parent: Int32Array;
  key: Int32Array;
}

/** No image: the node and its amounts are left out. */
export const LEFT_OUT = -1;

/** Makes a structure; (parent, key) names at most one node. Both lookups are O(1) expected. */
export class Builder {
  count = 1;
  parent: Int32Array;
  key: Int32Array;
  private table: Int32Array; // nodes by hash, 0 = free

  constructor(capacity: number) {
    const size = Math.max(16, capacity);
    this.parent = new Int32Array(size).fill(-1, 0, 1);
    this.key = new Int32Array(size).fill(-1, 0, 1);
    this.table = new Int32Array(2 << Math.ceil(Math.log2(size)));
  }

  private slot(parent: number, key: number): number {
    const mask = this.table.length - 1;
    let at = (Math.imul(parent, 0x9e3779b1) ^ Math.imul(key + 1, 0x85ebca6b)) >>> 0;
    at = (at ^ (at >>> 15)) & mask;
    for (let node = this.table[at]!; node !== 0; node = this.table[at]!) {
      if (this.parent[node] === parent && this.key[node] === key) break;
      at = (at + 1) & mask;
    }
    return at;
  }

  /** The child of a node with that key, old or new. */
  child(parent: number, key: number): number {
    const at = this.slot(parent, key);
    const found = this.table[at]!;
    if (found !== 0) return found;
    const node = this.add(parent, key);
    this.table[at] = node;
    if (this.count * 2 > this.table.length) this.rehash();
    return node;
  }

  /** A new child even where one with that key is there: an occurrence of its own. */
  add(parent: number, key: number): number {
    if (this.count === this.parent.length) this.grow();
    this.parent[this.count] = parent;
    this.key[this.count] = key;
    return this.count++;
  }

  private grow(): void {
    for (const name of ["parent", "key"] as const) {
      const larger = new Int32Array(this[name].length * 2);
      larger.set(this[name]);
      this[name] = larger;
    }
  }

  private rehash(): void {
    this.table = new Int32Array(this.table.length * 2);
    for (let node = 1; node < this.count; node++)
      this.table[this.slot(this.parent[node]!, this.key[node]!)] = node;
  }

  structure(): Structure {
    return {
      count: this.count,
      parent: this.parent.subarray(0, this.count),
      key: this.key.subarray(0, this.count),
    };
  }
}

export interface Rewritten {
  structure: Structure;
  image: Int32Array; // by old node: the new one, or LEFT_OUT
}

/** Says where an old node goes, given its key and the image of its parent. */
export type Rule = (builder: Builder, key: number, parentImage: number, node: number) => number;

/** Applies a rule to every node, parents first. rootImage: where children of the root go. */
export function rewrite(old: Structure, rule: Rule, rootImage = 0): Rewritten {
  const builder = new Builder(old.count);
  const image = new Int32Array(old.count);
  image[0] = rootImage;
  for (let node = 1; node < old.count; node++)
    image[node] = rule(builder, old.key[node]!, image[old.parent[node]!]!, node);
  if (rootImage !== 0) image[0] = 0; // what is measured at the root stays there
  return { structure: builder.structure(), image };
}

/** first, then second: the image of a node under both. */
export function compose(first: Int32Array, second: Int32Array): Int32Array {
  const image = new Int32Array(first.length);
  for (let node = 0; node < first.length; node++)
    image[node] = first[node]! < 0 ? LEFT_OUT : second[first[node]!]!;
  return image;
}
