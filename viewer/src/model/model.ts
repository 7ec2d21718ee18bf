// One profile, or two that are compared, as one tree.
//
//     A   main > parse > read          one tree of both: every path that either has
//     B   main > parse > scan          main > parse > read   A only
//                                                   > scan   B only
//
// Functions of B are those of A where name and file agree: lines move between versions.

import type { Func, Profile } from "./profile.ts";
import { Builder, type Structure } from "./structure.ts";

export interface Model {
  profiles: Profile[]; // one, or A and B
  functions: Func[];
  base: Structure; // keys are functions
  baseOf: Int32Array[]; // for each profile, by node of its block
  functionOf: Int32Array[]; // for each profile, by its function
  estimated: Uint8Array | null; // by base node: 1 where an import guessed the path
}

export function makeModel(profiles: Profile[]): Model {
  const [a, b] = profiles;
  if (a === undefined) throw new Error("there is no profile in this page");
  const same = Int32Array.from(a.functions, (_, id) => id);
  if (b === undefined)
    return {
      profiles: [a],
      functions: a.functions,
      base: a.base,
      baseOf: [a.baseOf],
      functionOf: [same],
      estimated: markEstimated([a], [a.baseOf], a.base.count),
    };
  const functions = [...a.functions];
  const functionOf = matchFunctions(functions, b.functions);
  const builder = new Builder(a.base.count + b.base.count);
  const places = [unite(builder, a.base, same), unite(builder, b.base, functionOf)];
  const base = builder.structure();
  const baseOf = [a, b].map((profile, side) => profile.baseOf.map((node) => places[side]![node]!));
  return {
    profiles: [a, b],
    functions,
    base,
    baseOf,
    functionOf: [same, functionOf],
    estimated: markEstimated([a, b], baseOf, base.count),
  };
}

function markEstimated(
  profiles: Profile[],
  baseOf: Int32Array[],
  count: number,
): Uint8Array | null {
  let marks: Uint8Array | null = null;
  profiles.forEach((profile, side) => {
    const metric = profile.metric("estimated");
    profile.block.columns.forEach((packed, index) => {
      if (packed.metric !== metric) return;
      marks ??= new Uint8Array(count);
      for (const node of profile.column(index).nodes) marks[baseOf[side]![node]!] = 1;
    });
  });
  return marks;
}

/** Adds to functions what only others has; returns where each of others is. */
function matchFunctions(functions: Func[], others: Func[]): Int32Array {
  const name = (func: Func): string => `${func.name}\0${func.file}`;
  const known = new Map<string, number[]>();
  functions.forEach((func, id) => {
    const list = known.get(name(func));
    if (list) list.push(id);
    else known.set(name(func), [id]);
  });
  return Int32Array.from(others, (func) => {
    const list = known.get(name(func));
    // Several lambdas of a file: the n-th of one is the n-th of the other.
    const found = list?.shift();
    return found ?? functions.push(func) - 1;
  });
}

function unite(builder: Builder, base: Structure, functionOf: Int32Array): Int32Array {
  const place = new Int32Array(base.count);
  for (let node = 1; node < base.count; node++)
    place[node] = builder.child(place[base.parent[node]!]!, functionOf[base.key[node]!]!);
  return place;
}
