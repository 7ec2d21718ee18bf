// What boxes can be as wide as, or coloured by: sums of the metrics of a profile.
//
// "Active" time is what `tare report` shows: time on a CPU in any thread, and waiting in a main
// thread. A pool of idle workers is not slow.

import type { Metric } from "../data/block.ts";
import type { Profile } from "./profile.ts";

export interface Measure {
  id: string;
  label: string;
  unit: string; // "ns", "bytes", "count", or as the file says
  uses(metric: Metric, profile: Profile, labelSet: number): boolean;
}

/** What says something about other metrics, or about functions rather than boxes. */
const HIDDEN =
  /^(duration_log2_|program_|(estimated|certain_ns|unexpanded_ns|inclusive_ns|primitive_calls|sample_count|alloc_variance)$)/;

/** The metric itself, whether it is offered or not. */
export function plainMeasure(name: string, unit: string): Measure {
  return { id: name, label: name, unit, uses: (metric) => metric.name === name };
}

/** In the order of a menu; the first is what a profile is shown by. */
export function findMeasures(profile: Profile): Measure[] {
  const { metrics } = profile.head;
  const used = new Set(profile.block.columns.map((column) => column.metric));
  const measured = metrics.filter((metric, id) => used.has(id) && !HIDDEN.test(metric.name));
  return [...combined(measured, profile.head.kind), ...measured.map(single)];
}

function combined(metrics: Metric[], kind: string): Measure[] {
  const has = (role: Metric["role"]): boolean => metrics.some((metric) => metric.role === role);
  const list: Measure[] = [];
  if (kind !== "samples" || !has("busy")) return list;
  list.push({
    id: "active",
    label: "active time",
    unit: "ns",
    uses: (metric, profile, labelSet) =>
      metric.role === "busy" || (metric.role === "wait" && profile.waitsCount(labelSet)),
  });
  list.push({ id: "cpu", label: "on the CPU", unit: "ns", uses: (m) => m.role === "busy" });
  if (has("wait"))
    list.push({ id: "waiting", label: "waiting", unit: "ns", uses: (m) => m.role === "wait" });
  return list;
}

const FIRST = [
  ...["active", "cpu", "waiting", "wall_ns", "raw_ns", "cpu_ns", "calls", "samples"],
  ...["peak_bytes", "live_bytes", "alloc_bytes", "freed_bytes", "temporary_bytes"],
];

function single(metric: Metric): Measure {
  return {
    id: metric.name,
    label: metric.words,
    unit: metric.unit,
    uses: (other) => other.name === metric.name,
  };
}

/** The measures of one profile, or those that both have, the likeliest first. */
export function sharedMeasures(profiles: Profile[]): Measure[] {
  const [first, ...others] = profiles.map(findMeasures);
  const shared = (first ?? []).filter((measure) =>
    others.every((list) => list.some((other) => other.id === measure.id)),
  );
  const place = (measure: Measure): number => {
    const at = FIRST.indexOf(measure.id);
    return at < 0 ? FIRST.length : at;
  };
  return shared
    .map((measure, i) => ({ measure, i }))
    .sort((a, b) => place(a.measure) - place(b.measure) || a.i - b.i)
    .map((entry) => entry.measure);
}
