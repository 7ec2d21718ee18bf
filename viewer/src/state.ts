// What the page shows, as signals; everything else is computed from them. The state can be written
// into the address and read back, so a link restores the view.

import { batch, computed, signal } from "@preact/signals-core";

import type { Measure } from "./model/measure.ts";
import { sharedMeasures } from "./model/measure.ts";
import { makeModel, type Model } from "./model/model.ts";
import type { Profile } from "./model/profile.ts";
import { makeQuery } from "./model/search.ts";
import { makeView, type Step, type View } from "./model/view.ts";
import type { Order, Tree } from "./model/tree.ts";

export const SCREENS = [
  "icicle",
  "flame",
  "sunburst",
  "time",
  "sandwich",
  "inverted",
  "tree",
  "table",
  "source",
  "counters",
  "about",
] as const;
export type Screen = (typeof SCREENS)[number];

export const DEPTHS = [3, 5, 10, 15, 20, 0]; // 0 = all
export const CUTOFFS = [0, 0.001, 0.01]; // 0 = none

/** A file, or one of the blocks of it that were kept: a path can have several. */
export interface SourceFile {
  path: string;
  first_line: number;
  text: string;
  tokens: number[]; // line, column (UTF-16), length, place in kinds ... ; none where it is no Python
  changed: boolean; // after the measurement
}

export interface Sources {
  kinds: string[]; // of tokens: "keyword" ...
  files: SourceFile[];
  left_out: { path: string; why: string }[];
}

// What the page came with.
export const profiles = signal<Profile[]>([]);
export const sources = signal<Sources>({ kinds: [], files: [], left_out: [] });

/** Whether the first picture is there: what it does not need is computed after it. */
export const isSettled = signal(false);

// What people choose.
export const shown = signal<number[]>([0]); // one profile, or A and B
export const screen = signal<Screen>("icicle");
export const measureId = signal("");
export const colour = signal("module"); // "module", or the id of a measure
export const order = signal<Order>("heaviest");
export const apart = signal(""); // a label: "process", "thread", "task"
export const range = signal<[number, number] | null>(null); // of the axis, where it is no box's
export const labelSets = signal<ReadonlySet<number> | null>(null);
export const steps = signal<Step[]>([]);
export const knownOnly = signal(false);
export const depth = signal(0);
export const cutoff = signal(0);
export const zoom = signal<string[]>([]); // keys from the root to the zoomed node
export const pinned = signal<string[]>([]); // likewise of the box whose details stay
export const search = signal("");
export const subject = signal(-1); // the function of sandwich and source
export const line = signal(0); // that the source is scrolled to
export const theme = signal<"auto" | "light" | "dark">("auto");
export const tableBelow = signal(true);

export const model = computed<Model>(() => makeModel(shown.value.map((id) => profiles.value[id]!)));
export const measures = computed<Measure[]>(() => sharedMeasures(model.value.profiles));
export const measure = computed<Measure>(
  () =>
    measures.value.find((one) => one.id === measureId.value) ??
    measures.value[0] ?? { id: "none", label: "nothing", unit: "count", uses: () => false },
);
export const view = computed<View>(() =>
  makeView(model.value, {
    measure: measure.value,
    steps: steps.value,
    known: knownOnly.value,
    apart: apart.value,
    labelSets: labelSets.value,
    order: order.value,
  }),
);
export const query = computed(() => makeQuery(search.value, view.value.keys));

// Going back: what the address was before each change that a person made.
const history: string[] = [];

/** Changes the state in one step that `back` can undo. */
export function change(alter: () => void): void {
  const before = toLink();
  batch(alter);
  if (toLink() !== before) history.push(before);
}

/** False when there is nothing to go back to. */
export function back(): boolean {
  const before = history.pop();
  if (before === undefined) return false;
  fromLink(before);
  return true;
}

/** A key as it stands in a link: functions by id, groups by their label. */
export function tokenOf(keyed: View, key: number): string {
  return keyed.keys.func(key) ? String(key) : `~${keyed.keys.label(key)}`;
}

/** How many siblings before a node have its key: occurrences of a function in time. */
function countBefore(tree: Tree, node: number): number {
  let count = 0;
  for (let sibling = tree.parent[node]! + 1; sibling < node; sibling = tree.end[sibling]!)
    if (tree.key[sibling] === tree.key[node]) count++;
  return count;
}

/** The keys from the root to a node, as tokens; "7*2" is the third of its siblings with key 7. */
export function tokensOf(keyed: View, tree: Tree, node: number): string[] {
  const tokens: string[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) {
    const before = countBefore(tree, at);
    tokens.push(tokenOf(keyed, tree.key[at]!) + (before > 0 ? `*${before}` : ""));
  }
  return tokens.reverse();
}

/** The key that a token stands for, -1 where there is none; and which of its occurrences. */
function readToken(keyed: View, token: string): { key: number; before: number } {
  const parts = /^(.*?)(?:\*(\d+))?$/s.exec(token)!;
  const name = parts[1]!;
  const key = name.startsWith("~") ? keyed.keys.find(name.slice(1)) : Number(name);
  return { key, before: Number(parts[2] ?? 0) };
}

/** The node that the tokens lead to; where the tree has no more of them, as far as it goes. */
export function nodeOf(keyed: View, tree: Tree, tokens: string[]): number {
  let node = 0;
  for (const token of tokens) {
    const { key, before } = readToken(keyed, token);
    let child = node + 1;
    const end = tree.end[node]!;
    for (let left = before; child < end; child = tree.end[child]!)
      if (tree.key[child] === key && left-- === 0) break;
    if (child >= end) break;
    node = child;
  }
  return node;
}

// The link: name=value pairs, only what differs from the beginning.
interface Part {
  name: string;
  write(): string;
  read(text: string): void;
}

function text(name: string, of: { value: string }, normal: string): Part {
  return {
    name,
    write: () => (of.value === normal ? "" : of.value),
    read: (given) => (of.value = given || normal),
  };
}

function count(name: string, of: { value: number }, normal: number): Part {
  return {
    name,
    write: () => (of.value === normal ? "" : String(of.value)),
    read: (given) => {
      const value = Number(given);
      of.value = given !== "" && Number.isFinite(value) ? value : normal;
    },
  };
}

function list(name: string, of: { value: string[] }): Part {
  return {
    name,
    write: () => of.value.map((one) => encodeURIComponent(one).replaceAll(".", "%2E")).join("."),
    read: (given) => (of.value = given === "" ? [] : given.split(".").map(decodeURIComponent)),
  };
}

function writeSteps(): string {
  return steps.value
    .map((step) => ("id" in step ? `${step.kind}:${encodeURIComponent(step.id)}` : step.kind))
    .join(",");
}

function readSteps(given: string): void {
  const read: Step[] = [];
  for (const part of given === "" ? [] : given.split(",")) {
    const [kind, id = ""] = part.split(":");
    if (kind === "focus" || kind === "hide" || kind === "drop") read.push({ kind, id: Number(id) });
    else if (kind === "module") read.push({ kind, id: decodeURIComponent(id) });
    else if (kind === "library" || kind === "recursion") read.push({ kind });
  }
  steps.value = read;
}

function readSets(given: string): ReadonlySet<number> | null {
  if (given === "") return null;
  return new Set(given === "none" ? [] : given.split(".").map(Number));
}

/** Lines are best seen in their source; they have no callers. */
function firstScreen(): Screen {
  return profiles.value.every((profile) => profile.head.kind === "lines") ? "source" : "icicle";
}

const PARTS: Part[] = [
  {
    name: "files",
    write: () => shown.value.join("-"),
    read: (given) => {
      const ids = given.split("-").map(Number);
      const valid = given !== "" && ids.every((id) => profiles.value[id]) && ids.length <= 2;
      shown.value = valid ? ids : profiles.value.length === 2 ? [0, 1] : [0];
    },
  },
  {
    name: "view",
    write: () => screen.value,
    read: (given) => (screen.value = SCREENS.find((one) => one === given) ?? firstScreen()),
  },
  text("width", measureId, ""),
  text("colour", colour, "module"),
  {
    name: "order",
    write: () => (order.value === "heaviest" ? "" : order.value),
    read: (given) => (order.value = given === "name" || given === "first" ? given : "heaviest"),
  },
  text("apart", apart, ""),
  {
    name: "threads",
    write: () => (labelSets.value ? [...labelSets.value].join(".") || "none" : ""),
    read: (given) => (labelSets.value = readSets(given)),
  },
  { name: "steps", write: writeSteps, read: readSteps },
  {
    name: "known",
    write: () => (knownOnly.value ? "1" : ""),
    read: (given) => (knownOnly.value = given === "1"),
  },
  count("depth", depth, 0),
  count("cutoff", cutoff, 0),
  list("zoom", zoom),
  {
    name: "range",
    write: () => range.value?.map((end) => String(Number(end.toFixed(9)))).join("_") ?? "",
    read: (given) => {
      const [from = NaN, to = NaN] = given.split("_").map(Number);
      range.value = from >= 0 && to > from && to <= 1 ? [from, to] : null;
    },
  },
  list("box", pinned),
  text("search", search, ""),
  count("function", subject, -1),
  count("line", line, 0),
];

export function toLink(): string {
  const pairs = PARTS.map((part) => [part.name, part.write()] as const).filter(
    ([, value]) => value !== "",
  );
  return new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString();
}

export function fromLink(link: string): void {
  const given = new URLSearchParams(link.replace(/^#/, ""));
  batch(() => {
    for (const part of PARTS) {
      try {
        part.read(given.get(part.name) ?? "");
      } catch {
        part.read(""); // a link that somebody mistyped
      }
    }
  });
}
