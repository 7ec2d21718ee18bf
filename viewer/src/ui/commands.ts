// Everything a key does, once: the keyboard, the buttons' hints and the help are made from it.

import { hottest, scene } from "../draw/scene.ts";
import { chosen, hover } from "../draw/chart.ts";
import { moduleOf } from "../model/groups.ts";
import type { Step } from "../model/view.ts";
import {
  apart,
  back,
  change,
  colour,
  cutoff,
  depth,
  knownOnly,
  labelSets,
  measureId,
  order,
  pinned,
  profiles,
  range,
  screen,
  search,
  steps,
  subject,
  tableBelow,
  theme,
  view,
  zoom,
  type Screen,
} from "../state.ts";
import { activeTheme } from "./theme.ts";
import { announce, isTyping } from "./dom.ts";

export interface Command {
  key: string;
  words: string;
  run(): void;
}

export const SCREEN_WORDS: Record<Screen, string> = {
  icicle: "Icicle",
  flame: "Flame",
  sunburst: "Sunburst",
  time: "Time order",
  sandwich: "Sandwich",
  inverted: "Inverted",
  tree: "Tree",
  table: "Table",
  source: "Source",
  counters: "Over time",
  about: "About",
};

export const SCREEN_KEYS: [string, Screen, string][] = [
  ["1", "icicle", "icicle: callers above, callees below"],
  ["2", "flame", "flame graph: the root at the bottom"],
  ["3", "sunburst", "sunburst: the root in the middle"],
  ["4", "time", "time order: what ran when"],
  ["5", "sandwich", "sandwich: callers and callees of one function"],
  ["6", "inverted", "inverted: where time is spent, and who called that"],
  ["7", "tree", "the tree as rows"],
  ["8", "table", "all functions in a table"],
  ["9", "source", "source with the cost of each line"],
  ["0", "counters", "over time: memory, CPU and other counters"],
  ["a", "about", "about this measurement: how, and how sure"],
];

/** The function that is acted on: the box pointed at, the chosen one, or that of the sandwich. */
export function currentKey(): number {
  const spot = hover.value ?? chosen.value;
  const pane = spot ? scene.value.panes[spot.pane] : undefined;
  if (pane) return pane.tree.key[spot!.node]!;
  return subject.value;
}

function addStep(step: Step): void {
  change(() => {
    steps.value = [...steps.value, step];
    zoom.value = [];
    range.value = null;
    pinned.value = [];
  });
}

function onFunction(words: string, act: (key: number) => void): () => void {
  return () => {
    const key = currentKey();
    if (view.value.keys.func(key)) act(key);
    else announce(`choose a function to ${words}`);
  };
}

export function focusOn(key: number): void {
  addStep({ kind: "focus", id: key });
}

export function hide(key: number): void {
  addStep({ kind: "hide", id: key });
}

export function drop(key: number): void {
  addStep({ kind: "drop", id: key });
}

export function collapseModule(key: number): void {
  addStep({ kind: "module", id: moduleOf(view.value.keys.func(key)!) });
}

/** Pictures of one kind of tree share what is zoomed. */
const TREES: Partial<Record<Screen, string>> = {
  icicle: "calls",
  flame: "calls",
  sunburst: "calls",
  time: "time",
  sandwich: "sandwich",
  inverted: "inverted",
};
let lastTree = "calls";

export function show(next: Screen, key = -1): void {
  change(() => {
    if (key >= 0) subject.value = key;
    lastTree = TREES[screen.value] ?? lastTree;
    if ((TREES[next] ?? lastTree) !== lastTree || (key >= 0 && next === "sandwich")) {
      zoom.value = [];
      range.value = null;
    }
    screen.value = next;
  });
}

/** Adds a step, or takes it back where it is there. */
export function toggle(kind: "library" | "recursion"): void {
  const without = steps.value.filter((step) => step.kind !== kind);
  if (without.length === steps.value.length) addStep({ kind });
  else change(() => (steps.value = without));
}

export function nextTheme(): void {
  theme.value = activeTheme.value.dark ? "light" : "dark";
}

export function startAgain(): void {
  change(() => {
    steps.value = [];
    zoom.value = [];
    pinned.value = [];
    range.value = null;
    search.value = "";
    labelSets.value = null;
    apart.value = "";
    measureId.value = "";
    colour.value = "module";
    order.value = "heaviest";
    knownOnly.value = false;
    depth.value = 0;
    cutoff.value = 0;
  });
}

/** Handled by who owns them; named here for the help. */
export interface Outside {
  focusSearch(): void;
  showHelp(): void;
  copyLink(): void;
}

export function makeCommands(outside: Outside): Command[] {
  return [
    ...SCREEN_KEYS.map(([key, name, words]) => ({ key, words, run: () => show(name) })),
    { key: "/", words: "search: a regular expression, or FILE:LINE", run: outside.focusSearch },
    {
      key: "f",
      words: "focus: only this function and what it calls",
      run: onFunction("focus on", focusOn),
    },
    { key: "h", words: "hide: its time becomes its callers'", run: onFunction("hide", hide) },
    {
      key: "x",
      words: "leave out: this function and what it calls",
      run: onFunction("leave out", drop),
    },
    {
      key: "m",
      words: "collapse its module into one box",
      run: onFunction("collapse", collapseModule),
    },
    { key: "l", words: "collapse the standard library", run: () => toggle("library") },
    { key: "r", words: "merge recursion into the first call", run: () => toggle("recursion") },
    {
      key: "g",
      words: "go to its source",
      run: () => show("source", view.value.keys.func(currentKey()) ? currentKey() : hottest.value),
    },
    {
      key: "v",
      words: "its callers and callees",
      run: () =>
        show("sandwich", view.value.keys.func(currentKey()) ? currentKey() : hottest.value),
    },
    {
      key: "b",
      words: "the table below the picture",
      run: () => (tableBelow.value = !tableBelow.value),
    },
    { key: "u", words: "back: undo the last step", run: () => void back() },
    { key: "z", words: "everything as at the beginning", run: startAgain },
    { key: "t", words: "light or dark", run: nextTheme },
    { key: "c", words: "copy a link to this view", run: outside.copyLink },
    { key: "?", words: "this list", run: outside.showHelp },
  ];
}

/** Runs commands for keys that nobody else has used. */
export function listen(commands: Command[]): void {
  const byKey = new Map(commands.map((command) => [command.key, command]));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event) || document.querySelector("dialog[open]")) return;
    if (profiles.value.length === 0) return;
    const command = byKey.get(event.key);
    if (!command) return;
    event.preventDefault();
    command.run();
  });
}
