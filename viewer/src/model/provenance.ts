// What a profile says about itself, in words: the same ones as python/tare/render/sentences.py,
// trace_tables.py and lines_tables.py have, so that the page and the terminal agree.

import type { Head } from "../data/block.ts";
import { amount, duration, group } from "../format.ts";
import { shareInterval } from "./interval.ts";
import { blockColumn } from "./lines.ts";
import { plainMeasure, type Measure } from "./measure.ts";
import type { Profile } from "./profile.ts";

const WIDE_INTERVAL = 0.1; // half a width above this says little
const LEAST_SLOWDOWN = 0.001;
const LEAST_CONTENTION = 0.1; // of the wall time
const ROUNDS_AWAY = 0.0005; // a share that would read 0.0 %
const MOST_ERROR = 0.5; // beyond this part of a time it is not known

export class Facts {
  readonly meta: Record<string, string>;
  readonly kind: Head["kind"];
  readonly isImport: boolean;

  constructor(readonly profile: Profile) {
    this.meta = profile.head.meta;
    this.kind = profile.head.kind;
    this.isImport = "import.format" in this.meta;
  }

  text(key: string): string {
    return this.meta[key] ?? "";
  }

  /** 0 where it is missing or no number. */
  number(key: string): number {
    const value = Number(this.meta[key] ?? 0);
    return Number.isFinite(value) ? value : 0;
  }

  /** Of what an engine says about itself, be it of lines alone or of all that it traces. */
  fact(key: string): number {
    return this.number(`lines.${key}` in this.meta ? `lines.${key}` : `trace.${key}`);
  }

  get wall(): number {
    return this.profile.head.whole_ns || this.number("wall_ns");
  }

  /** All of one metric. */
  sum(metric: string): number {
    return sumOf(this.profile, plainMeasure(metric, ""));
  }
}

/** All of a measure, or of one label set; the root's own values are the program's, and not in it. */
export function sumOf(profile: Profile, measure: Measure, labelSet = -1): number {
  let sum = 0;
  profile.block.columns.forEach((packed, index) => {
    if (labelSet >= 0 && packed.labelSet !== labelSet) return;
    if (!measure.uses(profile.head.metrics[packed.metric]!, profile, packed.labelSet)) return;
    const { nodes, amounts } = profile.column(index);
    for (let i = 0; i < nodes.length; i++) if (nodes[i] !== 0) sum += amounts[i]!;
  });
  return sum;
}

export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${group(number)} ${number === 1 ? noun : plural}`;
}

export function share(value: number): string {
  return `${(value * 100).toFixed(1)}%`;
}

/** Half the 95 % interval of a share, in points: "4.7". */
export function halfWidth(value: number, count: number): string {
  const { low, high } = shareInterval(value, count);
  const points = Math.max(high - value, value - low) * 100;
  return points < 9.95 ? points.toFixed(1) : points.toFixed(0);
}

/** Whether shares are known well enough to be spoken of: the widest interval among what threads
 * were doing. */
export function isSure(facts: Facts): boolean {
  const { profile } = facts;
  const sums = profile.head.metrics
    .filter((metric) => metric.role === "busy" || metric.role === "wait")
    .map(({ name, role }) => {
      const uses: Measure["uses"] = (metric, of, labelSet) =>
        metric.name === name && (role === "busy" || of.waitsCount(labelSet));
      return sumOf(profile, { id: name, label: "", unit: "ns", uses });
    });
  const whole = sums.reduce((all, one) => all + one, 0);
  return sums.every((sum) => {
    const { low, high } = shareInterval(whole > 0 ? sum / whole : 0, profile.head.effective_count);
    return high - low <= 2 * WIDE_INTERVAL;
  });
}

// ---- the headline ----

/** Two to four sentences, each true alone. */
export function headline(facts: Facts): string[] {
  const said = facts.isImport
    ? importHeadline(facts)
    : facts.kind === "samples"
      ? sampleHeadline(facts)
      : facts.kind === "trace"
        ? traceHeadline(facts)
        : facts.kind === "memory"
          ? memoryHeadline(facts)
          : linesHeadline(facts);
  return [...said, cutOff(facts)].filter((words) => words !== "");
}

function memoryHeadline(facts: Facts): string[] {
  const peak = facts.number("memory.peak_bytes");
  const live = facts.number("memory.live_bytes");
  const mean = facts.number("memory.sample_bytes");
  return [
    `${amount(peak, "bytes")} were held at the peak, ${amount(live, "bytes")} at the end.`,
    mean > 0
      ? `One block in ${amount(mean, "bytes")} was looked at: amounts are estimates.`
      : "Every block that Python's allocators gave out was counted: amounts are exact.",
  ];
}

function sampleHeadline(facts: Facts): string[] {
  const count = facts.profile.head.effective_count;
  const first = `Sampled from outside for ${duration(facts.wall)}: ${rates(facts)}`;
  if (!(facts.number("sampler.tick_count") > 0))
    return ["No samples: the program ended before the first one was due. Try a higher --rate."];
  if (!(count > 0))
    return [
      first,
      "No samples of Python code: the interpreter was not running Python while Tare looked.",
    ];
  const sure = `A share of 10% is right to ±${halfWidth(0.1, count)} points, one of 50% to ±${halfWidth(0.5, count)}`;
  const wide = isSure(facts) ? "." : ": too few samples. Measure longer, or with a higher --rate.";
  return [first, `${sure}${wide}`, slowdown(facts)];
}

export function slowdown(facts: Facts): string {
  const ratio = facts.number("sampler.slowdown_ratio");
  if (ratio === 0 || !isSure(facts)) return "";
  return ratio >= 1 + LEAST_SLOWDOWN
    ? `The program ran about ${share(ratio - 1)} slower for it.`
    : `The program ran less than ${share(LEAST_SLOWDOWN)} slower for it.`;
}

function traceHeadline(facts: Facts): string[] {
  const builtins =
    facts.text("trace.builtins") === "0" ? ", but for those of built-in functions" : "";
  return [
    `Every call was counted${builtins}: ${counted(facts.sum("calls"), "function call")} in ${duration(facts.sum("wall_ns"))}.`,
    removed(facts),
    unknownTimes(facts),
  ];
}

function linesHeadline(facts: Facts): string[] {
  const functions = new Set(facts.profile.block.frameFunction).size;
  return [
    `The lines of ${counted(functions, "function")} were measured: ${counted(facts.sum("hits"), "line begun", "lines begun")} in ${duration(facts.wall)} of wall time.`,
    removed(facts),
  ];
}

/** How much of what was measured was measuring. */
export function removed(facts: Facts): string {
  if (facts.text("trace.calibrated") === "0")
    return "What measuring costs is not known: it is still in all times.";
  const raw = facts.sum("raw_ns");
  const own = facts.sum("wall_ns");
  if (raw <= own) return "";
  return `Measuring took ${duration(raw - own)} of the ${duration(raw)} measured (${share((raw - own) / raw)}); it is taken out of all times.`;
}

/** The part of the time that is in functions whose time counting cannot know. */
export function unknownTimes(facts: Facts): string {
  const { profile } = facts;
  const own = new Float64Array(profile.functions.length);
  const error = new Float64Array(profile.functions.length);
  for (const [name, sums] of [
    ["wall_ns", own],
    ["error_ns", error],
  ] as const) {
    if (profile.metric(name) < 0) return "";
    const column = blockColumn(profile, plainMeasure(name, ""), null);
    const { frame, frameFunction } = profile.block;
    for (let node = 1; node < column.length; node++)
      sums[frameFunction[frame[node]!]!]! += column[node]!;
  }
  let whole = 0;
  let unknown = 0;
  own.forEach((time, id) => {
    whole += time;
    if (error[id]! > MOST_ERROR * time) unknown += time;
  });
  if (unknown < ROUNDS_AWAY * whole) return "";
  return `Functions with ${share(unknown / whole)} of the time may be off by more than half of theirs, for the cost taken out: counting cannot know these, tare run can.`;
}

function importHeadline(facts: Facts): string[] {
  const count = facts.profile.head.effective_count;
  const note = facts.text("import.note");
  const sure = facts.kind === "samples" && count > 0;
  return [
    `Measured by another tool, imported from ${facts.text("import.format")}.`,
    note === "" ? "" : sentence(note),
    sure
      ? `A share of 10% is right to ±${halfWidth(0.1, count)} points, one of 50% to ±${halfWidth(0.5, count)}, if its samples know nothing of each other.`
      : "How far its numbers may be off is not known: the file does not say what measuring cost.",
  ];
}

export function sentence(words: string): string {
  const first = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

export function cutOff(facts: Facts): string {
  const { complete, lost_bytes } = facts.profile.head;
  if (complete) return "";
  const more = lost_bytes > 0 ? ` (${amount(lost_bytes, "bytes")} of it were damaged)` : "";
  return `The file ends before the measurement did: what is in it is right, the rest is lost${more}.`;
}

// ---- sampling ----

export function rates(facts: Facts): string {
  const ticks = facts.number("sampler.tick_count");
  if (ticks === 0) return "";
  const achieved = facts.wall > 0 ? (ticks / facts.wall) * 1e9 : 0;
  const parts = [
    `${group(facts.number("sampler.rate_hz"))} samples a second asked, ${group(achieved)} taken`,
  ];
  const late = facts.number("sampler.late_count");
  if (late > 0) parts.push(`${counted(late, "tick")} missed (the next counts for them)`);
  const gaps = facts.number("sampler.gap_count");
  parts.push(
    gaps > 0
      ? `${counted(gaps, "gap")} of ${duration(facts.number("sampler.gap_ns"))} in all left out`
      : "no gaps",
  );
  return `${parts.join(", ")}.`;
}

const LOSSES: [string, string][] = [
  ["prefix_count", "charged to a proven caller"],
  ["lost_count", "lost"],
  ["truncated_count", "cut at the depth limit"],
  ["overflow_count", "beyond the limit on distinct stacks, shown as (overflow)"],
];

export function proof(facts: Facts): string {
  const total = facts.number("sampler.sample_count");
  if (total === 0) return "";
  const parts = [`${partOf(facts.number("sampler.proven_count"), total)} proven`];
  for (const [key, words] of LOSSES) {
    const count = facts.number(`sampler.${key}`);
    if (count > 0) parts.push(`${partOf(count, total)} ${words}`);
  }
  return `${counted(total, "stack")}: ${parts.join(", ")}.`;
}

/** As a share; as a number where the share would read as nothing, or as everything. */
function partOf(count: number, total: number): string {
  if (total - count > 0 && total - count < ROUNDS_AWAY * total)
    return `all but ${group(total - count)}`;
  if (count > 0 && count < ROUNDS_AWAY * total) return group(count);
  return share(count / total);
}

export function holds(facts: Facts): string {
  const count = facts.number("sampler.hold_count");
  if (count === 0) return "";
  const held = facts.number("sampler.hold_ns");
  const part = facts.wall > 0 ? held / facts.wall : 0;
  const skipped = facts.number("sampler.skipped_count");
  const words = `Held the program still ${counted(count, "time")}, ${duration(held)} in all (${part >= ROUNDS_AWAY ? share(part) : "less than 0.1%"})`;
  return skipped > 0
    ? `${words}, and passed over ${counted(skipped, "sample")} to keep it so short.`
    : `${words}.`;
}

export function samplerCost(facts: Facts): string {
  const cpu = facts.number("sampler.cpu_ns");
  return cpu > 0 ? `The sampler used ${duration(cpu)} of CPU of its own.` : "";
}

/** Time in which the program wanted to run and something else did. */
export function contention(facts: Facts): string {
  const { profile } = facts;
  const cpu = facts.number("cpu_ns");
  const busy: Measure = {
    id: "cpu",
    label: "",
    unit: "ns",
    uses: (metric) => metric.role === "busy",
  };
  const missing = sumOf(profile, busy) - cpu;
  if (cpu === 0 || missing < LEAST_CONTENTION * facts.wall || !isSure(facts)) return "";
  return `The machine was busy: for about ${duration(missing)} of the time shown as running the program was ready but had no CPU.`;
}

// ---- losses of traces and lines ----

export function traceLosses(facts: Facts): string[] {
  const said: string[] = [];
  const isLines = facts.kind === "lines";
  const lost = facts.fact("lost_count") + facts.fact("failed_count");
  if (lost > 0)
    said.push(
      `${isLines ? counted(lost, "line or write", "lines or writes") : counted(lost, "call, name or write", "calls, names or writes")} lost.`,
    );
  const forks = facts.fact("fork_count");
  const missing = forks + 1 - facts.number("process_count");
  if (forks > 0 && missing > 0)
    said.push(
      `${counted(missing, "forked process", "forked processes")} not ${isLines ? "measured" : "traced"}.`,
    );
  const cut = facts.fact("cut_count");
  if (cut > 0)
    said.push(
      `${counted(cut, "forked process", "forked processes")} ended by a signal: what came after the last write is missing.`,
    );
  const limit = facts.number("trace.node_limit");
  if (!isLines && limit > 0 && limit <= facts.number("trace.path_count"))
    said.push(`There were more paths than ${group(limit)}; the rest is in (overflow).`);
  return said;
}
