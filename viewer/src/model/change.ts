// Whether an amount changed from A to B, or may only seem to have.

import { ERROR, errorOf } from "./interval.ts";
import type { Measure } from "./measure.ts";
import type { Numbers } from "./numbers.ts";

export type Part = "own" | "total";

/** more, less: B has so by more than the error. same: no difference, or one that may be chance.
 * unknown: there is a difference, and nobody knows the error. */
export type Verdict = "more" | "less" | "same" | "unknown";

export interface Change {
  before: number;
  after: number;
  error: number | null; // of the difference, 95 %; null where nobody knows
  isSure: boolean; // the difference is larger than its error, which is known
  verdict: Verdict;
}

/** difference: B - A; error: half its interval, null where it is not known. */
export function judge(difference: number, error: number | null): Verdict {
  if (difference === 0) return "same";
  if (error === null) return "unknown";
  if (Math.abs(difference) <= error) return "same";
  return difference > 0 ? "more" : "less";
}

/** Why a difference is neither more nor less, in words; "" where it is, or where there is none. */
export function doubtOf(difference: number, error: number | null): string {
  const verdict = judge(difference, error);
  if (verdict === "unknown") return "error not known";
  return verdict === "same" && difference !== 0 ? "within the error" : "";
}

/** Two measurements know nothing of each other: their errors add up like the sides of a right
 * angle. Null where either is not known. */
export function errorOfDifference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.hypot(a, b);
}

/** Half the interval of a node's amount. */
export function errorAt(
  numbers: Numbers,
  measure: Measure,
  node: number,
  side: number,
  amount: number,
  part: Part = "total",
): number | null {
  return errorOf(numbers.view.model.profiles[side]!, measure, amount, () => {
    const errors = part === "own" ? numbers.self(ERROR, side) : numbers.total(ERROR, side);
    return errors[node]!;
  });
}

/** Of a node's total. */
export function changeAt(numbers: Numbers, measure: Measure, node: number): Change {
  const before = numbers.total(measure, 0)[node]!;
  const after = numbers.total(measure, 1)[node]!;
  const error = errorOfDifference(
    errorAt(numbers, measure, node, 0, before),
    errorAt(numbers, measure, node, 1, after),
  );
  const verdict = judge(after - before, error);
  return { before, after, error, isSure: verdict === "more" || verdict === "less", verdict };
}
