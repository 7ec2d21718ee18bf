// One function in numbers: its own amount and total, who called it and whom it called. All paths
// count, whatever the charts leave out.

import { blockColumn } from "./lines.ts";
import type { Measure } from "./measure.ts";
import type { Model } from "./model.ts";
import type { Structure } from "./structure.ts";
import { sumSubtrees } from "./tree.ts";

/** Amounts of one profile by node of its own tree of functions. */
export interface Amounts {
  base: Structure;
  functionOf: Int32Array; // of the model
  self: Float64Array;
  total: Float64Array;
  whole: number;
}

export interface Neighbour {
  id: number; // a function of the model; -1 where nothing measured called
  amounts: number[]; // by profile
}

export interface Facts {
  self: number[]; // by profile
  total: number[];
  callers: Neighbour[]; // those with most first
  callees: Neighbour[];
}

/** For each profile. O(nodes and values). */
export function amountsOf(
  model: Model,
  measure: Measure,
  labelSets: ReadonlySet<number> | null,
): Amounts[] {
  return model.profiles.map((profile, side) => {
    const column = blockColumn(profile, measure, labelSets);
    const { base, baseOf } = profile;
    const self = new Float64Array(base.count);
    let whole = 0;
    for (let node = 1; node < column.length; node++) {
      self[baseOf[node]!]! += column[node]!;
      whole += column[node]!;
    }
    return {
      base,
      functionOf: model.functionOf[side]!,
      self,
      total: sumSubtrees(base, self),
      whole,
    };
  });
}

/** What recurs counts once: in the total, and for each pair of caller and callee. */
export function factsOf(sides: Amounts[], id: number): Facts {
  const facts: Facts = { self: [], total: [], callers: [], callees: [] };
  const callers = new Map<number, number[]>();
  const callees = new Map<number, number[]>();
  sides.forEach((amounts, side) => {
    const { base, functionOf } = amounts;
    facts.self[side] = facts.total[side] = 0;
    const keyOf = (node: number): number => (node > 0 ? functionOf[base.key[node]!]! : -1);
    const add = (to: Map<number, number[]>, other: number, amount: number): void => {
      let sums = to.get(other);
      if (!sums) to.set(other, (sums = sides.map(() => 0)));
      sums[side]! += amount;
    };
    for (let node = 1; node < base.count; node++) {
      const above = base.parent[node]!;
      const caller = keyOf(above);
      const key = keyOf(node);
      const total = amounts.total[node]!;
      if (key === id) {
        facts.self[side]! += amounts.self[node]!;
        if (!isCalled(base, keyOf, above, id, null)) {
          facts.total[side]! += total;
          add(callers, caller, total);
        }
      }
      if (caller === id && key !== id && !isCalled(base, keyOf, above, key, id))
        add(callees, key, total);
    }
  });
  facts.callers = sorted(callers);
  facts.callees = sorted(callees);
  return facts;
}

/** Whether a node or one above it is of a function, and called by a certain one. */
function isCalled(
  base: Structure,
  keyOf: (node: number) => number,
  node: number,
  id: number,
  caller: number | null,
): boolean {
  for (let at = node; at > 0; at = base.parent[at]!)
    if (keyOf(at) === id && (caller === null || keyOf(base.parent[at]!) === caller)) return true;
  return false;
}

function sorted(found: Map<number, number[]>): Neighbour[] {
  const most = (one: Neighbour): number => Math.max(...one.amounts);
  return [...found]
    .map(([id, amounts]) => ({ id, amounts }))
    .sort((a, b) => most(b) - most(a) || a.id - b.id);
}

export interface FileSum {
  file: string;
  self: number[]; // by profile
  hottest: number; // the function with the most of it
}

/** Files of Python code by own amount, the most first. */
export function sumByFile(model: Model, sides: Amounts[]): FileSum[] {
  const byFunction = new Map<number, number[]>();
  sides.forEach(({ base, functionOf, self }, side) => {
    for (let node = 1; node < base.count; node++) {
      const id = functionOf[base.key[node]!]!;
      let sums = byFunction.get(id);
      if (!sums) byFunction.set(id, (sums = sides.map(() => 0)));
      sums[side]! += self[node]!;
    }
  });
  const files = new Map<string, FileSum & { most: number }>();
  for (const [id, sums] of byFunction) {
    const { file } = model.functions[id]!;
    if (file === "" || file === "~") continue;
    const most = Math.max(...sums);
    const known = files.get(file);
    if (!known) {
      files.set(file, { file, self: sums.slice(), hottest: id, most });
      continue;
    }
    sums.forEach((sum, side) => (known.self[side]! += sum));
    if (most > known.most) {
      known.most = most;
      known.hottest = id;
    }
  }
  return [...files.values()].sort(
    (a, b) => Math.max(...b.self) - Math.max(...a.self) || (a.file < b.file ? -1 : 1),
  );
}

/** Of a file: which function a line belongs to, rather one with a name than an expression in it.
 * -1 where nobody knows. */
export function ownerOfLines(model: Model, file: string): (line: number) => number {
  const last = new Map<number, number>(); // by function: its last line that was seen
  model.profiles.forEach((profile, side) => {
    const { frameFunction, frameLine } = profile.block;
    for (let frame = 0; frame < frameFunction.length; frame++) {
      const id = model.functionOf[side]![frameFunction[frame]!]!;
      if (model.functions[id]!.file !== file) continue;
      last.set(id, Math.max(last.get(id) ?? 0, frameLine[frame]!));
    }
  });
  const first = (id: number): number => model.functions[id]!.line;
  const owners = [...last.keys()].sort((a, b) => first(b) - first(a));
  const isNamed = (id: number): boolean => !model.functions[id]!.name.endsWith(">");
  return (line) => {
    const around = owners.filter((id) => first(id) <= line && line <= last.get(id)!);
    return (
      around.find(isNamed) ??
      around[0] ??
      owners.find((id) => first(id) <= line && isNamed(id)) ??
      -1
    );
  };
}
