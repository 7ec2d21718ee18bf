// From the model to what is on the screen: a list of steps, each a rewriting of the tree before.
//
//     base tree > threads apart? > focus, hide, collapse ... > siblings in order > Tree
//
// A step is small enough to be written into a link, and can be taken back alone. Amounts follow the
// images of their nodes, so nothing is counted twice and only `focus` and `drop` leave any out.

import { isStandardLibrary, Keys, moduleOf } from "./groups.ts";
import type { Measure } from "./measure.ts";
import type { Model } from "./model.ts";
import { visible } from "../ui/visible.ts";
import { NATIVE } from "./profile.ts";
import {
  Builder,
  compose,
  LEFT_OUT,
  rewrite,
  type Rewritten,
  type Rule,
  type Structure,
} from "./structure.ts";
import { arrange, sumSubtrees, type Order, type Tree } from "./tree.ts";

/** What people do to a tree. `id` is a function, or a module's name. */
export type Step =
  | { kind: "focus" | "hide" | "drop"; id: number }
  | { kind: "module"; id: string }
  | { kind: "library" | "recursion" };

export interface Wishes {
  measure: Measure;
  steps: Step[];
  known: boolean; // of an estimated tree only what is certain
  apart: string; // label by which trees are told apart ("thread"), "" = all in one
  labelSets: ReadonlySet<number> | null; // only these; null = all
  order: Order;
}

/** Nodes of the base tree that one label group shows, and where. */
interface Share {
  side: number;
  labelSets: number[];
  image: Int32Array;
}

export class View {
  private readonly cache = new Map<string, Float64Array>();

  constructor(
    readonly model: Model,
    readonly wishes: Wishes,
    readonly tree: Tree,
    readonly keys: Keys,
    private readonly shares: Share[], // images are nodes of tree
  ) {}

  get isDiff(): boolean {
    return this.model.profiles.length === 2;
  }

  /** By node: a measure's own amount, of A (0) or B (1). O(values) once. */
  self(measure: Measure, side = 0): Float64Array {
    if (!this.isDiff && measure === this.wishes.measure) return this.tree.self;
    const name = `${side} ${measure.id}`;
    let column = this.cache.get(name);
    if (!column) {
      column = sum(this.model, this.shares, measure, side, this.tree);
      this.cache.set(name, column);
    }
    return column;
  }

  /** Likewise with all that was called. */
  total(measure: Measure, side = 0): Float64Array {
    if (!this.isDiff && measure === this.wishes.measure) return this.tree.total;
    const name = `${side} ${measure.id} total`;
    let column = this.cache.get(name);
    if (!column) {
      column = sumSubtrees(this.tree, this.self(measure, side));
      this.cache.set(name, column);
    }
    return column;
  }

  /** By node: 1 where an estimate placed it. Null where everything was measured. */
  get estimated(): Uint8Array | null {
    const marks = this.model.estimated;
    if (!marks) return null;
    const placed = new Uint8Array(this.tree.count);
    for (const share of this.shares)
      for (let node = 0; node < marks.length; node++)
        if (marks[node] && share.image[node]! > 0) placed[share.image[node]!] = 1;
    return placed;
  }

  /** By node of a profile's block, for what one label set measured: the node of this tree, or
   * LEFT_OUT. */
  placesOf(labelSet: number, side = 0): (blockNode: number) => number {
    const share = this.shares.find((one) => one.side === side && one.labelSets.includes(labelSet));
    const baseOf = this.model.baseOf[side]!;
    return (blockNode) => (share ? share.image[baseOf[blockNode]!]! : LEFT_OUT);
  }
}

export function makeView(model: Model, wishes: Wishes): View {
  const keys = new Keys(model.functions);
  const { structure, shares } = tellApart(model, wishes, keys, chooseBase(model, wishes, keys));
  let current = structure;
  for (const step of wishes.steps)
    current = apply(current, shares, makeRule(step, keys), step.kind === "focus" ? -2 : 0);
  const widths = model.profiles.map((_, side) => sum(model, shares, wishes.measure, side, current));
  const self = widths.length === 2 ? larger(widths[0]!, widths[1]!) : widths[0]!;
  const { tree, place } = arrange(current, self, wishes.order, rankByName(keys, current));
  for (const share of shares) share.image = compose(share.image, place);
  return new View(model, wishes, tree, keys, shares);
}

/** The model's tree, or only what is certain of it; image: by node of the model's. */
function chooseBase(model: Model, wishes: Wishes, keys: Keys): Rewritten {
  if (wishes.known && model.estimated)
    return rewrite(model.base, certainRule(model.estimated, keys));
  const image = new Int32Array(model.base.count);
  for (let node = 0; node < image.length; node++) image[node] = node;
  return { structure: model.base, image };
}

function apply(old: Structure, shares: Share[], rule: Rule, rootImage = 0): Structure {
  const { structure, image } = rewrite(old, rule, rootImage);
  for (const share of shares) share.image = compose(share.image, image);
  return structure;
}

function larger(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((amount, node) => Math.max(amount, b[node]!));
}

/** Of keys by their labels, for the order by name. */
export function rankByName(keys: Keys, structure: Structure): (key: number) => number {
  let ranks: Map<number, number> | undefined;
  return (key) => {
    if (!ranks) {
      const used = [...new Set(structure.key)];
      const label = new Map(used.map((one) => [one, keys.label(one).toLowerCase()]));
      used.sort((a, b) =>
        label.get(a)! < label.get(b)! ? -1 : label.get(a)! > label.get(b)! ? 1 : 0,
      );
      ranks = new Map(used.map((one, rank) => [one, rank]));
    }
    return ranks.get(key)!;
  };
}

function sum(
  model: Model,
  shares: Share[],
  measure: Measure,
  side: number,
  structure: Structure,
): Float64Array {
  const column = new Float64Array(structure.count);
  const profile = model.profiles[side]!;
  const baseOf = model.baseOf[side]!;
  const { metrics } = profile.head;
  for (const share of shares) {
    if (share.side !== side) continue;
    const wanted = new Set(share.labelSets);
    profile.block.columns.forEach((packed, index) => {
      const metric = metrics[packed.metric]!;
      if (!wanted.has(packed.labelSet) || !measure.uses(metric, profile, packed.labelSet)) return;
      const enters = EVENTS.has(metric.name) ? isEntry(model.base, share.image, structure) : null;
      add(column, share.image, baseOf, profile.column(index), enters);
    });
  }
  return column;
}

const EVENTS = new Set(["calls", "resumes", "primitive_calls"]);

/** By base node: whether a call of it is one of its image. Of what was merged into its caller, or
 * into an earlier call, time goes there and calls do not. */
function isEntry(
  base: Structure,
  image: Int32Array,
  structure: Structure,
): (node: number) => boolean {
  return (node) => {
    const above = image[base.parent[node]!]!;
    return above < 0 || structure.parent[image[node]!] === above;
  };
}

/** The root's own values are the program's, not a thread's: they are in no box. */
function add(
  column: Float64Array,
  image: Int32Array,
  baseOf: Int32Array,
  values: { nodes: Int32Array; amounts: Float64Array },
  enters: ((node: number) => boolean) | null,
): void {
  const { nodes, amounts } = values;
  for (let i = 0; i < nodes.length; i++) {
    if (nodes[i] === 0) continue;
    const base = baseOf[nodes[i]!]!;
    const node = image[base]!;
    if (node >= 0 && (!enters || enters(base))) column[node]! += amounts[i]!;
  }
}

/** The base tree, once for each group of threads that is shown. */
function tellApart(
  model: Model,
  wishes: Wishes,
  keys: Keys,
  base: Rewritten,
): { structure: Structure; shares: Share[] } {
  const chosen = model.profiles.map((profile) => chooseSets(profile.head.label_sets, wishes));
  const { structure, image } = base;
  if (wishes.apart === "")
    return { structure, shares: chosen.map((labelSets, side) => ({ side, labelSets, image })) };
  const builder = new Builder(structure.count);
  const shares: Share[] = [];
  model.profiles.forEach((profile, side) => {
    const nameOf = (set: number): string => {
      const label = profile.head.label_sets[set]![wishes.apart];
      return label === undefined ? `no ${wishes.apart}` : `${wishes.apart} ${label}`;
    };
    const used = new Set(profile.block.columns.map((column) => column.labelSet));
    const groups = new Map<string, number[]>();
    for (const set of chosen[side]!.filter((one) => used.has(one)))
      groups.set(nameOf(set), [...(groups.get(nameOf(set)) ?? []), set]);
    for (const [name, labelSets] of groups) {
      const shown = markUsed(model, side, labelSets, base);
      if (!shown.includes(1, 1)) continue; // what is known of the program as a whole alone
      const root = builder.child(0, keys.group("label", visible(name)));
      const placed = new Int32Array(structure.count).fill(LEFT_OUT);
      placed[0] = root;
      for (let node = 1; node < structure.count; node++)
        if (shown[node])
          placed[node] = builder.child(placed[structure.parent[node]!]!, structure.key[node]!);
      shares.push({ side, labelSets, image: compose(image, placed) });
    }
  });
  return { structure: builder.structure(), shares };
}

function chooseSets(sets: Record<string, string>[], wishes: Wishes): number[] {
  const all = sets.map((_, id) => id);
  return wishes.labelSets ? all.filter((id) => wishes.labelSets!.has(id)) : all;
}

/** By node: 1 where these label sets measured anything, or below it. */
function markUsed(model: Model, side: number, labelSets: number[], base: Rewritten): Uint8Array {
  const { structure, image } = base;
  const profile = model.profiles[side]!;
  const marks = new Uint8Array(structure.count);
  profile.block.columns.forEach((packed, index) => {
    if (!labelSets.includes(packed.labelSet)) return;
    for (const node of profile.column(index).nodes) marks[image[model.baseOf[side]![node]!]!] = 1;
  });
  for (let node = structure.count - 1; node > 0; node--)
    if (marks[node]) marks[structure.parent[node]!] = 1;
  return marks;
}

function makeRule(step: Step, keys: Keys): Rule {
  switch (step.kind) {
    case "focus":
      return focusRule(step.id, keys);
    case "hide":
      return (builder, key, above) =>
        key === step.id || above < 0 ? above : builder.child(above, key);
    case "drop":
      return (builder, key, above) =>
        key === step.id || above < 0 ? LEFT_OUT : builder.child(above, key);
    case "recursion":
      return mergeRecursion;
    case "module":
      return collapseRule((key) => {
        const func = keys.func(key);
        return func && moduleOf(func) === step.id ? keys.group("module", step.id) : -1;
      });
    case "library":
      return libraryRule(keys);
  }
}

/** Only what a function and its callees do; its callers are left away. Threads stay apart: what is
 * above the function has the image -2 - (the thread's box). */
function focusRule(id: number, keys: Keys): Rule {
  return (builder, key, above) => {
    if (above === LEFT_OUT) return LEFT_OUT;
    if (above >= 0) return builder.child(above, key);
    const box = -2 - above;
    if (key === id) return builder.child(box, key);
    return keys.kind(key) === "label" ? -2 - builder.child(box, key) : above;
  };
}

/** A function that is on the stack already: what it does belongs to its first call. */
const mergeRecursion: Rule = (builder, key, above) => {
  for (let at = above; at > 0; at = builder.parent[at]!) if (builder.key[at] === key) return at;
  return above < 0 ? above : builder.child(above, key);
};

/** Frames of a group that follow each other are one box. groupOf gives -1 for those of none. */
function collapseRule(groupOf: (key: number) => number): Rule {
  const known = new Map<number, number>();
  return (builder, key, above) => {
    if (above < 0) return above;
    let group = known.get(key);
    if (group === undefined) known.set(key, (group = groupOf(key)));
    if (group < 0) return builder.child(above, key);
    return builder.key[above] === group ? above : builder.child(above, group);
  };
}

/** The standard library, and native functions that it calls. */
function libraryRule(keys: Keys): Rule {
  const library = keys.group("module", "standard library");
  const collapse = collapseRule((key) => {
    const func = keys.func(key);
    return func && isStandardLibrary(func) ? library : -1;
  });
  return (builder, key, above, node) =>
    above >= 0 && builder.key[above] === library && keys.func(key)?.kind === NATIVE
      ? above
      : collapse(builder, key, above, node);
}

/** What an estimate placed becomes one box below what is certain. */
function certainRule(estimated: Uint8Array, keys: Keys): Rule {
  const rest = keys.group("rest", "several callers, path not known");
  return (builder, key, above, node) => {
    if (above < 0) return above;
    if (builder.key[above] === rest) return above;
    return builder.child(above, estimated[node] ? rest : key);
  };
}
