// The source of one function's file with the cost of each line: files at the left, the lines in
// the middle, the whole file as a strip at the right.

import { computed, effect, signal, untracked } from "@preact/signals-core";

import { amount, percent } from "../format.ts";
import {
  amountsOf,
  factsOf,
  ownerOfLines,
  sumByFile,
  type FileSum,
  type Neighbour,
} from "../model/callers.ts";
import { doubtOf } from "../model/change.ts";
import { callsOf, errorOfChange, fileCosts, lineMeasure, toneOf } from "../model/costs.ts";
import { shortFile } from "../model/groups.ts";
import { ERROR } from "../model/interval.ts";
import { makeListing, type Listing } from "../model/listing.ts";
import { plainMeasure, type Measure } from "../model/measure.ts";
import { NATIVE, PYTHON, type Func } from "../model/profile.ts";
import * as state from "../state.ts";
import { announce, fill, h, isTyping } from "../ui/dom.ts";
import { activeTheme } from "../ui/theme.ts";
import { visible } from "../ui/visible.ts";
import { makeFileMap } from "./source_map.ts";
import { linesCommand } from "./source_notes.ts";
import { makeRows, type Contents } from "./source_rows.ts";

const MOST_FILES = 300;
const MOST_CHIPS = 5;
const LEAST_SHARE = 0.0005; // of a caller or callee that is named

/** What the screen is of; all from the state. */
function makeSubject() {
  const measure = computed<Measure>(() => lineMeasure(state.model.value, state.measure.value));
  const sides = computed(() => amountsOf(state.model.value, measure.value, state.labelSets.value));
  const files = computed(() => sumByFile(state.model.value, sides.value));
  /** Of two: by file, what the profiles say that its time may be off by. */
  const errors = computed(() => {
    const { value: model } = state.model;
    if (model.profiles.length < 2) return new Map<string, number[]>();
    const sums = sumByFile(model, amountsOf(model, ERROR, state.labelSets.value));
    return new Map(sums.map((one) => [one.file, one.self]));
  });
  const id = computed(() => {
    const chosen = state.subject.value;
    return state.model.value.functions[chosen] ? chosen : (files.value[0]?.hottest ?? -1);
  });
  const func = computed<Func | undefined>(() => state.model.value.functions[id.value]);
  const file = computed(() => {
    const path = func.value?.file ?? "";
    return path === "~" ? "" : path;
  });
  const costs = computed(() =>
    fileCosts(
      state.model.value,
      file.value,
      measure.value,
      state.labelSets.value,
      sides.value.map((one) => one.whole),
    ),
  );
  const listing = computed<Listing>(() =>
    makeListing(
      state.sources.value.files.filter((one) => one.path === file.value),
      file.value === "" ? [] : costs.value.lines,
    ),
  );
  const owner = computed(() => ownerOfLines(state.model.value, file.value));
  /** The current line: that of the state, unless it is left from another function. */
  const line = computed(() => {
    const wanted = state.line.value;
    const of = wanted > 0 ? owner.value(wanted) : -1;
    if (wanted > 0 && (of < 0 || of === id.value)) return wanted;
    const own = costs.value.lines.filter((one) => owner.value(one) === id.value);
    const weight = (one: number): number => Math.abs(costs.value.heat(one));
    const best = own.reduce((a, b) => (weight(b) > weight(a) ? b : a), own[0] ?? 0);
    return best > 0 && weight(best) > 0 ? best : (func.value?.line ?? 0);
  });
  const nameOf = (at: number): string => state.model.value.functions[owner.value(at)]?.name ?? "";
  return { measure, sides, files, errors, id, func, file, costs, listing, owner, line, nameOf };
}

type Subject = ReturnType<typeof makeSubject>;

export function makeSource(host: HTMLElement): () => void {
  const subject = makeSubject();
  const nav = h("nav", { class: "source-files", "aria-label": "files by own time" });
  const head = h("div", { class: "source-head" });
  const notes = h("div", { class: "source-notes" });
  const rows = makeRows(
    (line) => goTo(subject, line),
    () => map.follow(),
  );
  const map = makeFileMap(rows.element);
  const body = h("div", { class: "source-body" }, rows.element, map.element);
  const main = h("section", { class: "source-main", "aria-label": "source" }, head, notes, body);
  const screen = h("div", { class: "source" }, nav, main);
  host.append(screen);
  screen.addEventListener("keydown", (event) => onKey(event, subject, rows.page(), rows.element));
  const isWide = signal(false); // all callers and callees
  const disposers = [
    effect(() => {
      void subject.id.value;
      isWide.value = false;
    }),
    effect(() => fill(nav, ...describeFiles(subject))),
    effect(() =>
      fill(head, ...describeFunction(subject, isWide.value, () => (isWide.value = true))),
    ),
    effect(() => fill(notes, ...describeNotes(subject))),
    effect(() => {
      const contents: Contents = {
        listing: subject.listing.value,
        costs: subject.costs.value,
        kinds: state.sources.value.kinds,
        isDiff: state.model.value.profiles.length === 2,
        theme: activeTheme.value,
        nameOf: subject.nameOf,
      };
      body.hidden = contents.listing.rows.length === 0;
      rows.show(contents);
      map.show(contents);
    }),
    effect(() => {
      void subject.listing.value;
      rows.reveal(
        untracked(() => subject.line.value),
        subject.func.value?.line ?? 0,
      );
    }),
    effect(() => {
      rows.mark(subject.line.value);
      rows.reveal(subject.line.value);
    }),
  ];
  return () => {
    disposers.forEach((dispose) => dispose());
    rows.dispose();
    map.dispose();
    screen.remove();
  };
}

/** Makes a line the current one; the function that it belongs to becomes the subject. */
function goTo(subject: Subject, line: number): void {
  const of = subject.owner.value(line);
  const known = of >= 0 ? of : subject.id.value;
  if (known !== subject.id.value || state.subject.value < 0) {
    state.change(() => {
      state.subject.value = known;
      state.line.value = line;
    });
  } else state.line.value = line;
}

function goToFunction(id: number): void {
  state.change(() => {
    state.subject.value = id;
    state.line.value = 0;
  });
}

// ---- keys ----

function onKey(event: KeyboardEvent, subject: Subject, page: number, grid: HTMLElement): void {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "n" || event.key === "]") nextHot(subject, 1);
  else if (event.key === "N" || event.key === "[") nextHot(subject, -1);
  else if (event.target !== grid || !moveBy(subject, event.key, page)) return;
  event.preventDefault();
  event.stopPropagation();
}

function moveBy(subject: Subject, key: string, page: number): boolean {
  const steps: Record<string, number> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -page,
    PageDown: page,
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[key];
  const known = [...subject.listing.value.rows].filter((line) => line > 0);
  if (step === undefined || known.length === 0) return false;
  const place = known.findIndex((line) => line >= subject.line.value);
  const from = place < 0 ? known.length - 1 : place;
  const next = known[Math.max(0, Math.min(known.length - 1, from + step))]!;
  goTo(subject, next);
  return true;
}

function nextHot(subject: Subject, direction: 1 | -1): void {
  const { hot, say } = subject.costs.value;
  const at = subject.line.value;
  const next = direction > 0 ? hot.find((line) => line > at) : hot.findLast((line) => line < at);
  const line = next ?? (direction > 0 ? hot[0] : hot[hot.length - 1]);
  if (line === undefined || line <= 0) {
    announce("no hot lines in this file");
    return;
  }
  goTo(subject, line);
  const text = subject.listing.value.text(line) ?? subject.nameOf(line);
  announce(
    `${next === undefined ? "from the other end: " : ""}line ${line}, ${say(line)}: ${visible(text.trim())}`,
  );
}

// ---- the list of files ----

function describeFiles(subject: Subject): HTMLElement[] {
  const files = subject.files.value;
  const wholes = subject.sides.value.map((one) => one.whole);
  const chosen = subject.file.value;
  const short = new Map<string, number>();
  for (const one of files)
    short.set(shortFile(one.file), (short.get(shortFile(one.file)) ?? 0) + 1);
  const shown = files.filter((one, i) => i < MOST_FILES || one.file === chosen);
  const items = shown.map((one) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          title: visible(one.file),
          "aria-current": one.file === chosen ? "true" : null,
          onclick: () => goToFunction(one.hottest),
        },
        h(
          "span",
          { class: "name" },
          visible(shortName(one.file, short.get(shortFile(one.file))! > 1)),
        ),
        h("span", { class: "share" }, ...describeShare(one, wholes, subject)),
        shareBar(one, wholes),
      ),
    ),
  );
  const more = files.length - shown.length;
  return [
    h("h2", {}, wholes.length === 2 ? "Files, change" : "Files"),
    h("ul", {}, ...items),
    ...(more > 0 ? [h("p", { class: "faint" }, `${more} more files`)] : []),
  ];
}

function shortName(file: string, isAmbiguous: boolean): string {
  const name = shortFile(file);
  if (!isAmbiguous || name.includes("/")) return name;
  return file.split(/[/\\]/).slice(-2).join("/");
}

function describeShare(
  file: FileSum,
  wholes: number[],
  subject: Subject,
): (string | HTMLElement)[] {
  const [a = 0, b] = file.self;
  if (b === undefined) return [a > 0 ? percent(a, wholes[0]!) : ""];
  const measure = subject.measure.value;
  const errors = subject.errors.value.get(file.file);
  const error = errorOfChange(state.model.value, measure, file.self, (side) => errors?.[side] ?? 0);
  const text = b === a ? "same" : `${b > a ? "+" : ""}${amount(b - a, measure.unit)}`;
  return [h("span", { class: toneOf(b - a, error), title: doubtOf(b - a, error) || null }, text)];
}

function shareBar(file: FileSum, wholes: number[]): HTMLElement {
  const bar = h("span", { class: "bar" });
  const share = Math.max(
    ...file.self.map((sum, side) => (wholes[side]! > 0 ? sum / wholes[side]! : 0)),
  );
  bar.style.width = share < 0.002 ? "0" : `${Math.min(100, share * 100)}%`;
  return bar;
}

// ---- the function ----

function describeFunction(subject: Subject, isWide: boolean, widen: () => void): HTMLElement[] {
  const func = subject.func.value;
  if (!func) return [h("p", { class: "source-facts" }, "No function was seen.")];
  const { profiles } = state.model.value;
  const id = subject.id.value;
  const sides = subject.sides.value;
  const facts = factsOf(sides, id);
  const unit = subject.measure.value.unit;
  const isLines = profiles[0]!.head.kind === "lines";
  const totals = isLines ? linesTotals(subject) : facts.total;
  const said = (amounts: number[]): string =>
    amounts
      .map((one, side) => `${amount(one, unit)} (${percent(one, sides[side]!.whole) || "0%"})`)
      .join(" → ");
  const calls = callsOf(state.model.value, id, state.labelSets.value);
  const place =
    subject.file.value === "" ? "" : `${subject.file.value}${func.line > 0 ? `:${func.line}` : ""}`;
  return [
    h(
      "div",
      { class: "source-title" },
      h("h2", { title: visible(func.name) }, visible(func.name)),
      h("span", { class: "where", title: visible(place) }, h("bdi", {}, visible(place))),
      actions(subject),
    ),
    h(
      "p",
      { class: "source-facts" },
      `own ${said(facts.self)}, ${isLines ? "with callees" : "total"} ${isLines ? totals.map((one) => amount(one, unit)).join(" → ") : said(totals)}`,
      calls === "" ? "" : `, ${calls}`,
      isLines ? "" : ` · ${subject.measure.value.label}`,
    ),
    ...(isLines
      ? []
      : [
          chips("▲", "called by", facts.callers, subject, isWide, widen),
          chips("▼", "calls", facts.callees, subject, isWide, widen),
        ]),
  ];
}

/** Of a profile of lines: what the lines of the function took with what they called. */
function linesTotals(subject: Subject): number[] {
  const inclusive = plainMeasure("inclusive_ns", "ns");
  const sides = amountsOf(state.model.value, inclusive, state.labelSets.value);
  return factsOf(sides, subject.id.value).self;
}

function chips(
  sign: string,
  words: string,
  neighbours: Neighbour[],
  subject: Subject,
  isWide: boolean,
  widen: () => void,
): HTMLElement {
  const sides = subject.sides.value;
  const share = (one: Neighbour): number =>
    Math.max(
      ...one.amounts.map((sum, side) => (sides[side]!.whole > 0 ? sum / sides[side]!.whole : 0)),
    );
  const known = neighbours.filter((one) => one.id >= 0 && share(one) >= LEAST_SHARE);
  const shown = isWide ? known : known.slice(0, MOST_CHIPS);
  const isRoot = neighbours.some((one) => one.id < 0);
  const items = shown.map((one) => {
    const func = state.model.value.functions[one.id]!;
    return h(
      "button",
      {
        type: "button",
        class: "chip",
        title: visible(`${func.name}  ${func.file}`),
        onclick: () => goToFunction(one.id),
      },
      h("span", { class: "name" }, visible(func.name)),
      h("span", { class: "share" }, percent(share(one), 1)),
    );
  });
  if (known.length > shown.length)
    items.push(
      h(
        "button",
        { type: "button", class: "chip more-chips", onclick: widen },
        `${known.length - shown.length} more`,
      ),
    );
  const none =
    isRoot && sign === "▲" ? "nothing: a stack begins with it" : "nothing that was measured";
  return h(
    "div",
    { class: "source-chips", role: "group", "aria-label": words },
    h("span", { class: "label" }, h("span", { "aria-hidden": "true" }, `${sign} `), words),
    ...(items.length > 0 ? items : [h("span", { class: "faint" }, none)]),
  );
}

function actions(subject: Subject): HTMLElement {
  const button = (words: string, hint: string, act: () => void): HTMLButtonElement =>
    h("button", { type: "button", title: hint, onclick: act }, words);
  const isEmpty = subject.listing.value.rows.length === 0;
  return h(
    "div",
    { class: "actions" },
    isEmpty ? null : button("‹ hot", "the hot line before (N)", () => nextHot(subject, -1)),
    isEmpty ? null : button("hot ›", "the next hot line (n)", () => nextHot(subject, 1)),
    button("boxes", "the boxes of this line's function in the chart", () => showBoxes(subject)),
  );
}

function showBoxes(subject: Subject): void {
  const file = subject.file.value;
  const isAlone =
    subject.files.value.filter((one) => shortFile(one.file) === shortFile(file)).length === 1;
  const line = subject.line.value;
  state.change(() => {
    state.search.value =
      file === "" || line <= 0
        ? (subject.func.value?.name ?? "").replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
        : `${isAlone ? shortFile(file) : file}:${line}`;
    state.screen.value = "icicle";
  });
}

// ---- what has to be said ----

function describeNotes(subject: Subject): HTMLElement[] {
  const { functions, profiles } = state.model.value;
  const func = subject.func.value;
  const file = subject.file.value;
  const listing = subject.listing.value;
  const note = (kind: string, ...words: (string | HTMLElement)[]): HTMLElement =>
    h("p", { class: kind }, ...words);
  if (!func || functions.length === 0) return [];
  if (file === "")
    return [
      note(
        "empty",
        func.kind === NATIVE
          ? "Native code: it has no lines here. Its callers do."
          : "It stands for no code of its own.",
      ),
    ];
  const notes: HTMLElement[] = [];
  if (listing.isChanged)
    notes.push(
      note(
        "warning",
        "This file is newer than the measurement: costs may stand beside the wrong lines.",
      ),
    );
  const moved = countMoved(file);
  if (moved > 0)
    notes.push(
      note(
        "warning",
        `${moved === 1 ? "One function begins" : `${moved} functions begin`} at another line in B than in A; lines are compared by their number.`,
      ),
    );
  if (!listing.hasText) {
    const why = state.sources.value.left_out.find((one) => one.path === file)?.why;
    notes.push(
      note(
        "",
        `Its text is not in this page${why ? ` (${why})` : ""}; these are the lines that the profile knows.`,
      ),
    );
  }
  if (profiles[0]!.head.kind === "trace" && func.kind === PYTHON)
    notes.push(
      note(
        "",
        "A trace times functions: their costs stand at their first lines. To measure the lines of this one: ",
        h("code", { class: "command" }, linesCommand(func, profiles[0]!.head.meta)),
      ),
    );
  if (state.steps.value.length > 0)
    notes.push(note("", "Here all stacks count, also those that the charts leave out."));
  return notes;
}

/** Functions of the file that begin at other lines in B. */
function countMoved(file: string): number {
  const { functions, functionOf, profiles } = state.model.value;
  const other = profiles[1];
  if (!other) return 0;
  return other.functions.filter((func, i) => {
    const line = functions[functionOf[1]![i]!]!.line;
    return func.file === file && func.line > 0 && line > 0 && func.line !== line;
  }).length;
}
