// How sure a number is, 95 % throughout; as core/stats/interval.h and docs/accuracy.md have it.

import type { Measure } from "./measure.ts";
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

/** Half the width of the interval of an amount, in its unit; null where the error is not known.
 * measuredError: what a trace says that the amount may be off by. */
export function errorOf(
  profile: Profile,
  measure: Measure,
  amount: number,
  measuredError: number,
): number | null {
  const { kind, whole_ns, effective_count } = profile.head;
  if (kind !== "samples") return measure.id === "wall_ns" ? measuredError : null;
  if (measure.unit !== "ns" || whole_ns <= 0 || effective_count <= 0) return null;
  const { low, high } = shareInterval(amount / whole_ns, effective_count);
  const share = amount / whole_ns;
  return Math.max(high - share, share - low) * whole_ns;
}
