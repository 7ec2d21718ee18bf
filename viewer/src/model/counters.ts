// What was counted while the program ran, as lines over time.
//
//     level      what there is at a moment: memory         amounts are joined by straight lines
//     rising     what has been used so far: CPU, faults     shown as a rate between two points
//
// The clocks that systems count CPU time with tick a hundred times a second. Rates over less
// than some ticks would be noise, so points are merged until they are far enough apart.

import type { Series } from "../data/block.ts";
import { visible } from "../ui/visible.ts";
import type { Profile } from "./profile.ts";

export interface Line {
  label: string;
  place: number; // the same for a process in all charts
  isRate: boolean;
  times: Float64Array; // nanoseconds since the start, rising
  amounts: Float64Array; // the level, or what has been used so far
  scale: number; // from an amount, or an amount per nanosecond, to what is shown
}

export interface Chart {
  title: string;
  unit: "bytes" | "cores" | "/s" | "%" | "count" | "ns";
  lines: Line[];
  marksPeak: boolean;
}

interface Kind {
  title: string;
  unit: Chart["unit"];
  names: Record<string, string>; // of series, with what they are called beside each other
  marksPeak?: boolean;
  scale?: number;
}

const RATES = new Set<Chart["unit"]>(["cores", "/s"]);
const SECOND = 1e9;

const KINDS: Kind[] = [
  { title: "CPU", unit: "cores", names: { user_ns: "user", system_ns: "system" } },
  {
    title: "Memory",
    unit: "bytes",
    names: { rss_bytes: "resident", heap_bytes: "allocated" },
    marksPeak: true,
  },
  { title: "Swapped out", unit: "bytes", names: { swap_bytes: "swapped" } },
  { title: "Major page faults", unit: "/s", names: { major_faults: "major" } },
  { title: "Minor page faults", unit: "/s", names: { minor_faults: "minor" } },
  {
    title: "Context switches",
    unit: "/s",
    names: { switches_voluntary: "voluntary", switches_involuntary: "involuntary" },
  },
  { title: "Machine idle", unit: "cores", names: { machine_idle_ns: "idle" } },
  { title: "Memory pressure", unit: "%", names: { memory_pressure: "pressure" }, scale: 0.01 },
];

/** Series that are counters: the others are stacks over time. */
export function countersOf(profile: Profile): Series[] {
  return profile.series.filter((one) => one.unit !== "node" && one.times.length > 1);
}

export function processesOf(profile: Profile): string[] {
  return [...new Set(countersOf(profile).map((one) => processOf(profile, one)))].filter(
    (one) => one !== "",
  );
}

function processOf(profile: Profile, series: Series): string {
  return profile.head.label_sets[series.labelSet]?.["process"] ?? "";
}

/** When the last of them ends. */
export function endOf(profile: Profile): number {
  const measured = Number(profile.head.meta["wall_ns"]);
  return countersOf(profile).reduce(
    (end, one) => Math.max(end, one.times[one.times.length - 1]!),
    Number.isFinite(measured) ? measured : 0,
  );
}

/** together: processes are summed. */
export function makeCharts(profile: Profile, together: boolean): Chart[] {
  const series = countersOf(profile);
  const known = new Set(KINDS.flatMap((kind) => Object.keys(kind.names)));
  const others = [...new Set(series.map((one) => one.name))].filter((name) => !known.has(name));
  const window = leastWindow(endOf(profile));
  const order = orderOfProcesses(profile);
  const charts: Chart[] = [];
  for (const kind of [...KINDS, ...others.map((name) => unknownKind(series, name))]) {
    const found = series.filter((one) => Object.hasOwn(kind.names, one.name));
    if (found.length === 0) continue;
    charts.push({
      title: kind.title,
      unit: kind.unit,
      marksPeak: kind.marksPeak ?? false,
      lines: makeLines(profile, kind, found, together ? [] : order, window),
    });
  }
  return charts;
}

function unknownKind(series: Series[], name: string): Kind {
  const found = series.filter((one) => one.name === name);
  const rises = found.every((one) =>
    one.amounts.every((value, i) => i === 0 || value >= one.amounts[i - 1]!),
  );
  const { unit } = found[0]!;
  const level = unit === "bytes" || unit === "ns" ? unit : "count";
  const shown = rises && unit !== "bytes" ? (unit === "ns" ? "cores" : "/s") : level;
  return { title: visible(name.replaceAll("_", " ")), unit: shown, names: { [name]: name } };
}

/** Rates are over at least so long. */
export function leastWindow(end: number): number {
  return Math.min(end / 8, Math.max(end / 240, 0.1 * SECOND));
}

/** Those that used the CPU most come first. */
function orderOfProcesses(profile: Profile): string[] {
  const used = new Map(processesOf(profile).map((name) => [name, 0]));
  for (const one of countersOf(profile)) {
    const name = processOf(profile, one);
    if (Object.hasOwn(KINDS[0]!.names, one.name) && used.has(name))
      used.set(name, used.get(name)! + one.amounts[one.amounts.length - 1]! - one.amounts[0]!);
  }
  return [...used.keys()].sort((a, b) => used.get(b)! - used.get(a)!);
}

/** processes: told apart where there are several. */
function makeLines(
  profile: Profile,
  kind: Kind,
  found: Series[],
  processes: string[],
  window: number,
): Line[] {
  const isRate = RATES.has(kind.unit);
  const scale = kind.unit === "/s" ? SECOND : (kind.scale ?? 1);
  const isApart = processes.length > 1 && found.some((one) => processOf(profile, one) !== "");
  const groups = isApart
    ? processes.map((name) => ({
        name,
        of: found.filter((one) => processOf(profile, one) === name),
      }))
    : Object.entries(kind.names).map(([series, name]) => ({
        name,
        of: found.filter((one) => one.name === series),
      }));
  return groups
    .map(({ name, of }, place) => ({ name, of, place }))
    .filter((group) => group.of.length > 0)
    .map(({ name, of, place }): Line => {
      const sum = of.length === 1 ? of[0]! : add(of, isRate);
      const points = isRate ? thin(sum.times, sum.amounts, window) : sum;
      return { label: name, place, isRate, scale, times: points.times, amounts: points.amounts };
    });
}

interface Points {
  times: Float64Array;
  amounts: Float64Array;
}

/** Several as one, at all of their times, each as it is drawn alone: on the straight lines between
 * its points. Levels are 0 before their first and after their last point, so there the sum has two
 * points at one time, a step; what is used up stays. */
function add(series: Series[], isRising: boolean): Points {
  const all = Float64Array.from(new Set(series.flatMap((one) => [...one.times]))).sort();
  const until = new Float64Array(all.length); // of those that were there before that time
  const since = new Float64Array(all.length); // of those that are there after it
  for (const one of series) {
    const first = one.times[0]!;
    const last = one.times[one.times.length - 1]!;
    const begin = isRising ? one.amounts[0]! : 0;
    let at = 0;
    for (let i = 0; i < all.length; i++) {
      const time = all[i]!;
      while (at + 1 < one.times.length && one.times[at + 1]! <= time) at++;
      if (time < first) continue;
      const amount = between(one, at, time) - begin;
      if (isRising || (time > first && time <= last)) until[i]! += amount;
      if (isRising || time < last) since[i]! += amount;
    }
  }
  const times: number[] = [];
  const amounts: number[] = [];
  for (let i = 0; i < all.length; i++) {
    const sums = [until[i]!, since[i]!];
    const isStep = sums[0] !== sums[1] && i > 0 && i < all.length - 1;
    for (const sum of isStep ? sums : [sums[i === 0 ? 1 : 0]!]) {
      times.push(all[i]!);
      amounts.push(sum);
    }
  }
  return { times: Float64Array.from(times), amounts: Float64Array.from(amounts) };
}

/** On the straight line from a point to the next one; beyond the last point, its amount. */
function between({ times, amounts }: Points, at: number, time: number): number {
  const next = Math.min(times.length - 1, at + 1);
  const span = times[next]! - times[at]!;
  const part = span > 0 ? (time - times[at]!) / span : 0;
  return amounts[at]! + part * (amounts[next]! - amounts[at]!);
}

/** Leaves points out until those that stay are far enough apart. */
function thin(times: Float64Array, amounts: Float64Array, window: number): Points {
  const last = times.length - 1;
  const kept: number[] = [0];
  for (let i = 1; i < last; i++)
    if (times[i]! - times[kept[kept.length - 1]!]! >= window) kept.push(i);
  if (kept.length > 1 && times[last]! - times[kept[kept.length - 1]!]! < window) kept.pop();
  if (last > 0) kept.push(last);
  return {
    times: Float64Array.from(kept, (i) => times[i]!),
    amounts: Float64Array.from(kept, (i) => amounts[i]!),
  };
}

/** The last point at or before a time; -1 where there is none. */
function before(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Of a line at a time, as it is drawn; null where nothing is known. */
export function valueAt(line: Line, time: number): number | null {
  const at = before(line.times, time);
  const last = line.times.length - 1;
  if (at < 0 || time > line.times[last]!) return null;
  if (!line.isRate) return between(line, at, time) * line.scale;
  return last > 0 ? rate(line, Math.min(at, last - 1)) : null;
}

/** Between a point and the next one. */
export function rate(line: Line, at: number): number {
  const span = line.times[at + 1]! - line.times[at]!;
  return span > 0 ? ((line.amounts[at + 1]! - line.amounts[at]!) / span) * line.scale : 0;
}

/** Amount at a time; before the first point and after the last one, theirs. */
function amountAt(line: Line, time: number): number {
  const at = before(line.times, time);
  return at < 0 ? line.amounts[0]! : between(line, at, time);
}

export interface Stats {
  mean: number;
  peak: number;
  peakTime: number;
  sum: number; // of what rises: how much was used, in its own unit; else 0
}

/** Between two times; what lies outside of the line does not count. */
export function statsOf(line: Line, from: number, to: number): Stats {
  const { times, isRate, scale } = line;
  const left = Math.max(from, times[0]!);
  const right = Math.min(to, times[times.length - 1]!);
  const stats: Stats = { mean: 0, peak: 0, peakTime: left, sum: 0 };
  if (!(right > left)) return stats;
  let area = 0;
  const see = (value: number, time: number): void => {
    if (value <= stats.peak) return;
    stats.peak = value;
    stats.peakTime = time;
  };
  for (
    let at = Math.max(0, before(times, left));
    at < times.length - 1 && times[at]! < right;
    at++
  ) {
    const begin = Math.max(left, times[at]!);
    const end = Math.min(right, times[at + 1]!);
    if (isRate) see(rate(line, at), begin);
    else {
      const ends = [between(line, at, begin), between(line, at, end)] as const;
      area += ((ends[0] + ends[1]) / 2) * (end - begin);
      see(ends[0] * scale, begin);
      see(ends[1] * scale, end);
    }
  }
  if (isRate) {
    stats.sum = amountAt(line, right) - amountAt(line, left);
    stats.mean = (stats.sum / (right - left)) * scale;
  } else stats.mean = (area / (right - left)) * scale;
  return stats;
}

/** The lines that are highest anywhere, in the order of all. */
export function highest(lines: Line[], count: number): Line[] {
  if (lines.length <= count) return lines;
  const peak = new Map(lines.map((line) => [line, statsOf(line, 0, Infinity).peak]));
  const chosen = [...lines].sort((a, b) => peak.get(b)! - peak.get(a)!).slice(0, count);
  return lines.filter((line) => chosen.includes(line));
}

/** All of them at a time; null where none of them is there. */
export function sumAt(lines: Line[], time: number): number | null {
  return lines.reduce<number | null>((sum, line) => {
    const value = valueAt(line, time);
    return value === null ? sum : (sum ?? 0) + value;
  }, null);
}

export function isZero(chart: Chart): boolean {
  return chart.lines.every((line) => statsOf(line, 0, Infinity).peak === 0);
}
