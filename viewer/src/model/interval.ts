// How sure a number is, 95 % throughout; as core/stats/interval.h and docs/accuracy.md have it.

import { plainMeasure, type Measure } from "./measure.ts";
import type { Profile } from "./profile.ts";

const Z = 1.959963984540054;

export interface Interval {
  low: number;
  high: number;
}

/** Wilson's score interval for a share in [0, 1] seen in so many samples; Poisson's where threads
 * together have more than the whole. */
export function shareInterval(share: number, count: number): Interval {
  if (!(count > 0)) return { low: 0, high: Math.max(1, share) };
  const square = Z * Z;
  if (share > 1) {
    const middle = share + square / (2 * count);
    const half = Z * Math.sqrt(share / count + square / (4 * count * count));
    return { low: Math.max(0, middle - half), high: middle + half };
  }
  const middle = (share + square / (2 * count)) / (1 + square / count);
  const half =
    (Z / (1 + square / count)) *
    Math.sqrt((share * (1 - share)) / count + square / (4 * count * count));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** What a trace says that wall time may be off by, either way. */
export const ERROR = plainMeasure("error_ns", "ns");

/** Half the width of the interval of an amount, in its unit; null where the error is not known, as
 * in whatever was imported without one. measured: the amount's own `error_ns`, asked for only where
 * the profile has that. */
export function errorOf(
  profile: Profile,
  measure: Measure,
  amount: number,
  measured: () => number,
): number | null {
  const { kind, whole_ns, effective_count } = profile.head;
  if (kind !== "samples") {
    if (profile.metric(ERROR.id) < 0) return null;
    if (measure.id === "wall_ns") return measured();
    return isCounted(profile, measure) ? 0 : null;
  }
  if (measure.unit !== "ns" || whole_ns <= 0 || effective_count <= 0) return null;
  const { low, high } = shareInterval(amount / whole_ns, effective_count);
  const share = amount / whole_ns;
  return Math.max(high - share, share - low) * whole_ns;
}

/** Calls and the like: what a trace counts, it counts exactly. */
function isCounted(profile: Profile, measure: Measure): boolean {
  return profile.head.metrics.some((one) => one.name === measure.id && one.role === "count");
}
