// One measurement as the views use it: functions with names, the tree by function, and columns
// of amounts by node, unpacked when they are first asked for.

import { readValues, type Block, type Head, type Series } from "../data/block.ts";
import { visible } from "../ui/visible.ts";
import { Builder, type Structure } from "./structure.ts";

export const PYTHON = 0;
export const NATIVE = 1;
export const SYNTHETIC = 2;

export interface Func {
  name: string; // with what would act or hide made visible
  file: string;
  line: number;
  kind: number;
}

export class Profile {
  readonly functions: Func[];
  readonly base: Structure; // keys are functions
  readonly baseOf: Int32Array; // by node of the block
  private readonly unpacked = new Map<number, { nodes: Int32Array; amounts: Float64Array }>();

  constructor(
    readonly name: string, // of the file
    readonly block: Block,
  ) {
    this.functions = readFunctions(block);
    const merged = mergeLines(block);
    this.base = merged.structure;
    this.baseOf = merged.baseOf;
  }

  get head(): Head {
    return this.block.head;
  }

  get series(): Series[] {
    return this.block.series;
  }

  metric(name: string): number {
    return this.head.metrics.findIndex((metric) => metric.name === name);
  }

  /** Whether the wait of this label set is part of the active time: that of main threads is, and
   * everyone's where nobody knows which thread is the main one. */
  waitsCount(labelSet: number): boolean {
    const sets = this.head.label_sets;
    return sets[labelSet]!["main"] === "1" || !sets.some((labels) => labels["main"] === "1");
  }

  /** Nodes of the block and amounts of one column. */
  column(index: number): { nodes: Int32Array; amounts: Float64Array } {
    const known = this.unpacked.get(index);
    if (known) return known;
    const column = readValues(this.block.columns[index]!);
    this.unpacked.set(index, column);
    return column;
  }
}

function readFunctions(block: Block): Func[] {
  const { functions, strings } = block;
  const list: Func[] = [];
  for (let at = 0; at < functions.length; at += 5)
    list.push({
      name: visible(strings[functions[at + 1]!]! || strings[functions[at]!]! || "(no name)"),
      file: strings[functions[at + 2]!]!,
      line: functions[at + 3]!,
      kind: functions[at + 4]!,
    });
  return list;
}

/** Nodes are told apart by line; boxes are functions. Where no function has two frames, and so
 * in every trace, the trees are the same. */
function mergeLines(block: Block): { structure: Structure; baseOf: Int32Array } {
  const count = block.parent.length;
  const key = new Int32Array(count).fill(-1);
  for (let node = 1; node < count; node++) key[node] = block.frameFunction[block.frame[node]!]!;
  const baseOf = new Int32Array(count);
  if (new Set(block.frameFunction).size === block.frameFunction.length) {
    for (let node = 0; node < count; node++) baseOf[node] = node;
    return { structure: { count, parent: block.parent, key }, baseOf };
  }
  const builder = new Builder(count);
  for (let node = 1; node < count; node++)
    baseOf[node] = builder.child(baseOf[block.parent[node]!]!, key[node]!);
  return { structure: builder.structure(), baseOf };
}
