// Whether an amount changed from A to B, or may only seem to have.

import { errorOf } from "./interval.ts";
import { plainMeasure, type Measure } from "./measure.ts";
import type { Numbers } from "./numbers.ts";

const ERROR = plainMeasure("error_ns", "ns");

export interface Change {
  before: number;
  after: number;
  error: number | null; // of the difference, 95 %; null where nobody knows
  isSure: boolean; // the difference is larger than its error
}

/** Half the interval of a node's total. */
export function errorAt(
  numbers: Numbers,
  measure: Measure,
  node: number,
  side: number,
  amount: number,
): number | null {
  const profile = numbers.view.model.profiles[side]!;
  const isMeasured = profile.metric("error_ns") >= 0 && measure.id === "wall_ns";
  const measured = isMeasured ? numbers.total(ERROR, side)[node]! : 0;
  return errorOf(profile, measure, amount, measured);
}

/** Of a node's total. Errors of two measurements that know nothing of each other add up as the
 * sides of a right angle do. */
export function changeAt(numbers: Numbers, measure: Measure, node: number): Change {
  const [before, after] = [0, 1].map((side) => numbers.total(measure, side)[node]!) as [
    number,
    number,
  ];
  const errors = [before, after].map((amount, side) =>
    errorAt(numbers, measure, node, side, amount),
  );
  const known = errors[0] !== null && errors[1] !== null;
  const error = known ? Math.hypot(errors[0]!, errors[1]!) : null;
  return { before, after, error, isSure: Math.abs(after - before) > (error ?? 0) };
}
