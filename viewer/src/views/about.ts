// What was measured, how, with what loss and what overhead: a page to read. It begins with the few
// sentences that matter and ends with everything that the file says about itself.

import { effect } from "@preact/signals-core";

import { amount, duration, group, percent } from "../format.ts";
import { labelOf } from "../model/groups.ts";
import { shareInterval } from "../model/interval.ts";
import { sharedMeasures } from "../model/measure.ts";
import type { Profile } from "../model/profile.ts";
import * as say from "../model/provenance.ts";
import { Facts } from "../model/provenance.ts";
import { model } from "../state.ts";
import { fill, h } from "../ui/dom.ts";
import { visible } from "../ui/visible.ts";

const SHARES = [0.01, 0.1, 0.5];
const MOST_THREADS = 40;
const MOST_VALUE = 400; // signs of a piece of provenance
const KEPT = "source:"; // texts, which the source screen shows

export function makeAbout(host: HTMLElement): () => void {
  const screen = h("div", { class: "about" });
  host.append(screen);
  const dispose = effect(() => {
    const { profiles } = model.value;
    const all = profiles.map((profile) => new Facts(profile));
    screen.classList.toggle("pair", all.length > 1);
    fill(
      screen,
      describeDifferences(all),
      ...all.map((facts, i) => describe(facts, all.length > 1 ? "AB"[i]! : "")),
    );
  });
  return () => {
    dispose();
    screen.remove();
  };
}

function describe(facts: Facts, side: string): HTMLElement {
  const command = facts.text("target.command");
  return h(
    "article",
    {},
    h(
      "h2",
      {},
      side === "" ? "" : h("span", { class: "side" }, side),
      visible(command || facts.profile.name),
    ),
    h(
      "div",
      { class: "about-headline" },
      ...say.headline(facts).map((words) => h("p", {}, visible(words))),
    ),
    section("The program", list(programOf(facts))),
    section("How it was measured", ...sentences(methodOf(facts))),
    section("How sure its numbers are", ...sureness(facts)),
    section("What measuring cost, and what is missing", ...sentences(costOf(facts))),
    section("Where", list(machineOf(facts))),
    section("Threads", threadTable(facts.profile)),
    section("In the file", list(contentsOf(facts))),
    everything(facts),
  );
}

type Pair = [string, string];

function section(title: string, ...content: (HTMLElement | null)[]): HTMLElement | null {
  const there = content.filter((one) => one !== null);
  return there.length === 0 ? null : h("section", {}, h("h3", {}, title), ...there);
}

function list(pairs: Pair[]): HTMLElement | null {
  const there = pairs.filter(([, words]) => words !== "");
  if (there.length === 0) return null;
  return h(
    "dl",
    {},
    ...there.flatMap(([name, words]) => [h("dt", {}, name), h("dd", {}, visible(words))]),
  );
}

function sentences(words: string[]): HTMLElement[] {
  return words.filter((one) => one !== "").map((one) => h("p", {}, visible(one)));
}

// ---- what and where ----

function programOf(facts: Facts): Pair[] {
  const cpu = facts.number("cpu_ns");
  const cores = facts.number("host.cpu_count");
  const used =
    cpu > 0 && facts.wall > 0
      ? `, ${(cpu / facts.wall).toFixed(2)}${cores > 0 ? ` of ${say.counted(cores, "core")}` : " cores"}`
      : "";
  const python = facts.text("target.python");
  const signal = facts.text("target.signal");
  const code = facts.text("target.exit_code");
  const counts = [
    facts.number("process_count") > 0
      ? say.counted(facts.number("process_count"), "process", "processes")
      : "",
    facts.number("thread_count") > 0 ? say.counted(facts.number("thread_count"), "thread") : "",
  ];
  return [
    ["command", facts.text("target.command")],
    ["file", facts.profile.name],
    ["began", when(facts.number("created_unix_ns"))],
    ["wall time", facts.wall > 0 ? duration(facts.wall) : ""],
    ["CPU time", cpu > 0 ? `${duration(cpu)}${used}` : ""],
    [
      "peak memory",
      facts.number("memory.peak_rss_bytes") > 0
        ? amount(facts.number("memory.peak_rss_bytes"), "bytes")
        : "",
    ],
    ["paging", paging(facts)],
    ["ran as", counts.filter((words) => words !== "").join(", ")],
    [
      "interpreter",
      python === ""
        ? facts.text("engine") === "sample"
          ? "no Python seen"
          : ""
        : `Python ${python}`,
    ],
    ["code in", facts.text("target.executable")],
    ["ended by", signal !== "" ? `signal ${signal}` : code !== "" ? `exit code ${code}` : ""],
  ];
}

function paging(facts: Facts): string {
  if (facts.text("faults.major") === "") return "";
  const faults = facts.number("faults.major");
  const swap = facts.number("memory.peak_swap_bytes");
  const major = say.counted(faults, "major fault");
  return swap > 0 ? `${amount(swap, "bytes")} swapped out, ${major}` : faults > 0 ? major : "none";
}

/** In the time of who reads it. */
function when(unixNs: number): string {
  if (unixNs <= 0) return "";
  const date = new Date(unixNs / 1e6);
  if (Number.isNaN(date.getTime())) return "";
  const two = (value: number): string => String(value).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

function machineOf(facts: Facts): Pair[] {
  const cores = facts.number("host.cpu_count");
  const memory = facts.number("host.memory_bytes");
  const steal = facts.number("machine.steal_ns");
  return [
    ["machine", facts.text("host.name")],
    ["system", facts.text("host.system")],
    [
      "processor",
      [facts.text("host.processor"), cores > 0 ? say.counted(cores, "core") : ""]
        .filter((one) => one !== "")
        .join(", "),
    ],
    ["memory", memory > 0 ? amount(memory, "bytes") : ""],
    [
      "idle meanwhile",
      facts.text("machine.idle_ns") === ""
        ? ""
        : `${duration(facts.number("machine.idle_ns"))}, of all cores together`,
    ],
    ["taken by its host", steal > 0 ? duration(steal) : ""],
    ["Tare", facts.text("tare.version")],
    ["clock", clockOf(facts)],
  ];
}

function clockOf(facts: Facts): string {
  const ticks: Record<string, string> = {
    processor: "read from the processor's counter",
    system: "asked of the system",
    program: "a timer of the program's",
  };
  return [facts.text("clock"), ticks[facts.text("trace.ticks")] ?? ""]
    .filter((one) => one !== "")
    .join(", ");
}

// ---- how ----

function methodOf(facts: Facts): string[] {
  if (facts.isImport)
    return [
      `Another tool measured; its ${facts.text("import.format")} file was imported.`,
      facts.text("import.note") === "" ? "" : say.sentence(facts.text("import.note")),
    ];
  if (facts.kind === "samples")
    return [
      `Another process read the stacks of the program from outside, at random moments, ${facts.text("target.mode") === "run" ? "from its start to its end" : "while it ran"}. Nothing was loaded into it.`,
      say.rates(facts),
      say.proof(facts),
    ];
  if (facts.kind === "memory")
    return [
      "Each block of memory that the interpreter's allocators gave out or took back was heard of, from within the program, with the Python stack that asked for it.",
      "Amounts are the bytes that were asked for. What was freed is counted where it had been allocated.",
    ];
  const hook = facts.text("trace.hook");
  const heard = hook === "" ? "." : `, by the interpreter's ${hook.replace(", ", " and ")}.`;
  if (facts.kind === "lines")
    return [
      `Each time that a line of the chosen functions began was heard and timed${heard}`,
      "A line's own time is without the functions whose lines are measured too; what else it called is in it.",
    ];
  return [
    `Each call and each return was heard and timed, from within the program${heard}`,
    facts.text("trace.builtins") === "0"
      ? "Calls of built-in functions were not heard: their time is that of who called them."
      : "Calls of built-in functions were heard, too.",
    facts.text("trace.clock") === "cpu" ? "CPU time was measured beside wall time." : "",
  ];
}

const COST_KINDS: [string, string][] = [
  ["call", "call of a Python function"],
  ["resume", "resumption of a generator"],
  ["native", "call of a built-in function"],
  ["announcement", "announcement of a call"],
];

function costOf(facts: Facts): string[] {
  const end = say.cutOff(facts) || "The file is complete: it ends where the measurement did.";
  if (facts.isImport) return [end];
  if (facts.kind === "samples")
    return [
      say.holds(facts),
      say.samplerCost(facts),
      say.slowdown(facts),
      say.contention(facts),
      end,
    ];
  if (facts.kind === "memory") return [...memoryCosts(facts), end];
  const losses = say.traceLosses(facts);
  const writing = facts.number("trace.flush_ns");
  return [
    say.removed(facts),
    ...(facts.kind === "lines" ? lineCosts(facts) : callCosts(facts)),
    writing > 0
      ? `Writing the file took ${duration(writing)}, in ${say.counted(facts.number("trace.flush_count"), "part")}.`
      : "",
    ...losses,
    losses.length === 0 ? `Nothing was lost. ${end}` : end,
  ];
}

function callCosts(facts: Facts): string[] {
  const said = COST_KINDS.flatMap(([kind, words]) => {
    const [inside = 0, outside = 0] = facts.text(`trace.${kind}_cost_ns`).split("+").map(Number);
    if (!(inside + outside > 0)) return [];
    return [
      `${(inside + outside).toFixed(0)} ns for each ${words} (${inside.toFixed(1)} in its own time, ${outside.toFixed(1)} in that of its caller)`,
    ];
  });
  const slow = facts.number("trace.slowdown_ratio");
  return [
    said.length > 0 ? `Calibrated on this interpreter, and taken out: ${said.join("; ")}.` : "",
    slow > 1
      ? `Python code between the calls took ${slow.toFixed(2)} times as long; that is taken out, too.`
      : "",
  ];
}

function memoryCosts(facts: Facts): string[] {
  const own = facts.number("memory.peak.own_bytes");
  const lost = facts.number("memory.lost_count");
  const cut = facts.number("memory.truncated_count");
  return [
    own > 0 ? `Measuring held ${amount(own, "bytes")} of its own at the peak.` : "",
    lost > 0 ? `${group(lost)} blocks were lost: there was no memory to count them.` : "",
    cut > 0 ? `${group(cut)} stacks were cut at the depth limit: they begin at (deeper).` : "",
  ];
}

function lineCosts(facts: Facts): string[] {
  const line = facts.number("lines.line_cost_ns");
  const call = facts.number("lines.call_cost_ns");
  if (line + call === 0) return [];
  return [
    `Calibrated on this interpreter, and taken out: ${line.toFixed(1)} ns for each line begun, ${call.toFixed(0)} ns for each call.`,
  ];
}

// ---- how sure ----

function sureness(facts: Facts): HTMLElement[] {
  const { effective_count } = facts.profile.head;
  if (facts.kind === "samples" && effective_count > 0)
    return [
      h(
        "p",
        {},
        `Chance alone, 95%: the samples say as much as ${group(Math.round(effective_count))} equal ones. It speaks of this run, not of how the next one will differ.`,
      ),
      intervalTable(facts),
    ];
  if (facts.isImport || facts.kind === "samples")
    return sentences([
      facts.isImport
        ? "Not known: the file does not say what measuring cost."
        : "There were no samples.",
    ]);
  if (facts.kind === "memory")
    return sentences([
      facts.number("memory.sample_bytes") > 0
        ? "Amounts are estimates from samples, without bias: what held or allocated little is known least."
        : "Amounts are exact, in the bytes that were asked for; allocators round up, which is not in them.",
    ]);
  const isCalibrated = facts.text("trace.calibrated") !== "0";
  return sentences([
    facts.kind === "trace" ? "Counts of calls are exact." : "Hits are exact.",
    isCalibrated
      ? "Each time has an error of its own beside it: what it may be off by, either way, for the cost that was taken out."
      : "",
    facts.kind === "trace" ? say.unknownTimes(facts) : "",
  ]);
}

function intervalTable(facts: Facts): HTMLElement {
  const { effective_count, whole_ns } = facts.profile.head;
  const head = (words: string): HTMLElement => h("th", { scope: "col" }, words);
  const rows = SHARES.map((share) => {
    const { low, high } = shareInterval(share, effective_count);
    const time = whole_ns > 0 ? `${duration(low * whole_ns)} to ${duration(high * whole_ns)}` : "";
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, percent(share, 1)),
      h("td", {}, `±${say.halfWidth(share, effective_count)} points`),
      h("td", {}, `${percent(low, 1)} to ${percent(high, 1)}`),
      h("td", {}, time),
    );
  });
  return h(
    "table",
    {},
    h(
      "thead",
      {},
      h("tr", {}, head("a share of"), head("is right to"), head("is from"), head("in time")),
    ),
    h("tbody", {}, ...rows),
  );
}

// ---- what the file has ----

function threadTable(profile: Profile): HTMLElement | null {
  const measure = sharedMeasures([profile])[0];
  if (!measure) return null;
  const rows = profile.head.label_sets
    .map((labels, id) => {
      const { process = "", ...others } = labels;
      return { process, name: labelOf(others), sum: say.sumOf(profile, measure, id) };
    })
    .filter((row) => row.sum > 0)
    .sort((a, b) => b.sum - a.sum);
  const whole = rows.reduce((all, row) => all + row.sum, 0);
  if (rows.length === 0) return null;
  const head = (words: string): HTMLElement => h("th", { scope: "col" }, words);
  const cells = rows
    .slice(0, MOST_THREADS)
    .map((row) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, visible(row.name)),
        h("td", { class: "words" }, visible(row.process)),
        h("td", {}, amount(row.sum, measure.unit)),
        h("td", {}, percent(row.sum, whole)),
      ),
    );
  const more = rows.length - cells.length;
  return h(
    "table",
    {},
    more > 0 ? h("caption", {}, `${say.counted(more, "more thread")} with less`) : null,
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        head("thread"),
        h("th", { scope: "col", class: "words" }, "process"),
        head(measure.label),
        head("share"),
      ),
    ),
    h("tbody", {}, ...cells),
  );
}

function contentsOf({ profile }: Facts): Pair[] {
  const { counts, label_sets, metrics } = profile.head;
  const used = new Set(profile.block.columns.map((column) => column.metric));
  const words = metrics
    .filter((metric, id) => used.has(id) && !/^duration_log2_/.test(metric.name))
    .map((metric) => metric.words);
  const series = [
    ...new Set(profile.series.filter((one) => one.unit !== "node").map((one) => one.name)),
  ];
  return [
    [
      "size",
      `${say.counted(counts.functions, "function")}, ${say.counted(counts.frames, "place")} in them, ${say.counted(Math.max(0, counts.nodes - 1), "call path")}, ${say.counted(label_sets.length - 1, "set of labels", "sets of labels")}`,
    ],
    ["measured", words.join("; ")],
    ["over time", series.map((name) => name.replaceAll("_", " ")).join("; ")],
  ];
}

function everything(facts: Facts): HTMLElement {
  const rows = Object.entries(facts.meta)
    .filter(([key]) => !key.startsWith(KEPT))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => {
      const shown = value.length > MOST_VALUE ? `${value.slice(0, MOST_VALUE)} …` : value;
      return h(
        "tr",
        {},
        h("th", { scope: "row" }, visible(key)),
        h("td", { class: "words" }, visible(shown)),
      );
    });
  return h(
    "details",
    {},
    h("summary", {}, "All that the file says about itself"),
    h("table", { class: "all" }, h("tbody", {}, ...rows)),
  );
}

// ---- two of them ----

const COMPARED: Pair[] = [
  ["engine", "method"],
  ["host.name", "machine"],
  ["host.processor", "processor"],
  ["target.python", "interpreter"],
  ["sampler.rate_hz", "rate"],
  ["trace.builtins", "built-in functions heard"],
  ["clock", "clock"],
  ["tare.version", "version of Tare"],
];

/** What makes two measurements unlike beside the program. */
function describeDifferences(all: Facts[]): HTMLElement | null {
  const [a, b] = all;
  if (!a || !b) return null;
  const unlike = COMPARED.filter(([key]) => a.text(key) !== b.text(key)).map(
    ([key, words]) =>
      `${words} (${visible(a.text(key) || "none")}, ${visible(b.text(key) || "none")})`,
  );
  const words =
    unlike.length === 0
      ? "A and B were measured alike: by the same method, on the same machine, with the same interpreter."
      : `A and B differ by more than the program: ${unlike.join("; ")}.`;
  return h("p", { class: unlike.length === 0 ? "about-alike" : "about-alike unlike" }, words);
}
