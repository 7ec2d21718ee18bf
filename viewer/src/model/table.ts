// The table of functions: what each has, by row, and in which order rows come.
//
// Numbers are typed arrays by row, made when they are first asked for. A column knows its numbers,
// how sure they are and how it is sorted; how it looks is not known here.

import { visible } from "../ui/visible.ts";
import { errorOfDifference, type Part } from "./change.ts";
import { moduleOf, whereIs } from "./groups.ts";
import { markOutermost, sumByFunction, type FunctionSums } from "./functions.ts";
import { ERROR, errorOf } from "./interval.ts";
import type { Measure } from "./measure.ts";
import type { View } from "./view.ts";

export interface Column {
  id: string;
  label: string;
  title: string;
  form: "share" | "amount" | "change" | "text";
  of: string; // the measure, where it is not that of the view
  part: Part;
  unit: string;
  isRising: boolean; // sorted so when first asked to
  whole: number; // of which shares are parts
  numbers(): Float64Array; // by row; NaN where there is none. Of a change: B - A
  ranks(): Float64Array; // by row: what it is sorted by
  error(row: number): number | null; // half an interval of 95 %, in the unit; null: not known
  text(row: number): string;
}

export class FunctionTable {
  readonly keys: Int32Array; // by row
  readonly rowOf: Int32Array; // by key; -1 = no row
  private readonly sums = new Map<string, FunctionSums>();
  private readonly arrays = new Map<string, Float64Array>();

  constructor(
    readonly view: View,
    readonly measures: Measure[],
  ) {
    const { measure } = view.wishes;
    const sides = view.isDiff ? [0, 1] : [0];
    const shown = [measure, this.calls].filter((one): one is Measure => one !== undefined);
    const columns = sides.flatMap((side) => shown.map((one) => this.sumsOf(one, side).total));
    const { keys } = this.sumsOf(measure, 0);
    // A function of which nothing was measured in what is shown is only in the tree by chance.
    this.keys = Int32Array.from(keys.filter((key) => columns.some((column) => column[key]! > 0)));
    this.rowOf = new Int32Array((keys[keys.length - 1] ?? 0) + 1).fill(-1);
    this.keys.forEach((key, row) => (this.rowOf[key] = row));
  }

  get calls(): Measure | undefined {
    return this.measures.find((one) => one.id === "calls");
  }

  whole(measure: Measure, side: number): number {
    return this.view.total(measure, side)[0]!;
  }

  /** By row. */
  numbers(part: Part, measure: Measure, side: number): Float64Array {
    return this.array(`${part} ${measure.id} ${side}`, () => {
      const sums = this.sumsOf(measure, side);
      const from = part === "own" ? sums.self : sums.total;
      const numbers = new Float64Array(this.keys.length);
      for (let row = 0; row < numbers.length; row++) numbers[row] = from[this.keys[row]!]!;
      return numbers;
    });
  }

  /** Half the interval of an amount, in its unit; null where it is not known. */
  error(part: Part, measure: Measure, side: number, row: number): number | null {
    const amount = this.numbers(part, measure, side)[row]!;
    const profile = this.view.model.profiles[side]!;
    return errorOf(profile, measure, amount, () => this.numbers(part, ERROR, side)[row]!);
  }

  /** By row: calls while the function was not on the stack already. */
  primitiveCalls(calls: Measure): Float64Array {
    return this.array("primitive", () => {
      const { tree } = this.view;
      const own = this.view.self(calls);
      const marks = markOutermost(tree);
      const primitive = new Float64Array(this.keys.length);
      for (let node = 1; node < tree.count; node++) {
        const row = this.rowOf[tree.key[node]!]!;
        if (marks[node] && row >= 0) primitive[row]! += own[node]!;
      }
      return primitive;
    });
  }

  /** By row, made once. */
  array(name: string, make: () => Float64Array): Float64Array {
    let array = this.arrays.get(name);
    if (!array) this.arrays.set(name, (array = make()));
    return array;
  }

  label(row: number): string {
    return this.view.keys.label(this.keys[row]!);
  }

  private sumsOf(measure: Measure, side: number): FunctionSums {
    const name = `${measure.id} ${side}`;
    let sums = this.sums.get(name);
    if (!sums) this.sums.set(name, (sums = sumByFunction(this.view, measure, side)));
    return sums;
  }
}

/** All columns that a table can have. The first is what it is sorted by at first. */
export function makeColumns(table: FunctionTable): Column[] {
  const { view, measures } = table;
  const { measure } = view.wishes;
  const parts: Part[] = ["own", "total"];
  const columns: Column[] = [];
  if (view.isDiff) {
    for (const part of parts) columns.push(...differenceColumns(table, part));
  } else {
    for (const part of parts) columns.push(shareColumn(table, part, measure));
    columns.push(...callColumns(table));
    for (const other of measures) {
      if ([measure.id, "calls", ERROR.id].includes(other.id)) continue;
      for (const part of parts) columns.push(otherColumn(table, part, other));
    }
  }
  return [...columns, ...textColumns(table)];
}

const PART_WORDS: Record<Part, string> = {
  own: "in the function itself, not in what it calls",
  total: "with what it calls; recursion counts once",
};

function numberColumn(
  from: Pick<Column, "id" | "label" | "title" | "numbers"> & Partial<Column>,
): Column {
  return {
    form: "amount",
    of: "",
    part: "own",
    unit: "",
    isRising: false,
    whole: 0,
    ranks: from.numbers,
    error: () => null,
    text: () => "",
    ...from,
  };
}

function shareColumn(table: FunctionTable, part: Part, measure: Measure): Column {
  return numberColumn({
    id: part,
    label: part,
    title: `${measure.label} ${PART_WORDS[part]}`,
    form: "share",
    unit: measure.unit,
    whole: table.whole(measure, 0),
    numbers: () => table.numbers(part, measure, 0),
    error: (row) => table.error(part, measure, 0, row),
  });
}

function otherColumn(table: FunctionTable, part: Part, measure: Measure): Column {
  return numberColumn({
    id: `${part}:${measure.id}`,
    label: part === "own" ? measure.label : `${measure.label}, total`,
    title: `${measure.label} ${PART_WORDS[part]}`,
    of: measure.label,
    part,
    unit: measure.unit,
    numbers: () => table.numbers(part, measure, 0),
  });
}

function callColumns(table: FunctionTable): Column[] {
  const { calls } = table;
  const { measure } = table.view.wishes;
  if (!calls) return [];
  const all = (): Float64Array => table.numbers("own", calls, 0);
  const columns = [
    numberColumn({
      id: "calls",
      label: "calls",
      title: "how often it was called",
      unit: "count",
      numbers: all,
    }),
  ];
  if (measure.id === "calls") return columns;
  const perCall = (part: Part, by: () => Float64Array, words: string): Column =>
    numberColumn({
      id: `${part}-call`,
      label: `${part}/call`,
      title: `${part} ${measure.label} divided by ${words}`,
      unit: measure.unit,
      numbers: () =>
        table.array(`${part}-call`, () => {
          const divisor = by();
          return table
            .numbers(part, measure, 0)
            .map((amount, row) => (divisor[row]! > 0 ? amount / divisor[row]! : NaN));
        }),
    });
  columns.push(perCall("own", all, "all its calls"));
  const primitive = (): Float64Array => table.primitiveCalls(calls);
  columns.push(perCall("total", primitive, "the calls that were no recursion"));
  return columns;
}

function differenceColumns(table: FunctionTable, part: Part): Column[] {
  const { measure } = table.view.wishes;
  const { unit } = measure;
  const name = ["A", "B"];
  const sides = name.map((letter, side) =>
    numberColumn({
      id: `${part}-${letter}`,
      label: `${part} ${letter}`,
      title: `${measure.label} ${PART_WORDS[part]}, in ${visible(table.view.model.profiles[side]!.name)}`,
      unit,
      numbers: () => table.numbers(part, measure, side),
    }),
  );
  const error = (row: number): number | null =>
    errorOfDifference(table.error(part, measure, 0, row), table.error(part, measure, 1, row));
  const numbers = (): Float64Array =>
    table.array(`${part} change`, () => {
      const before = table.numbers(part, measure, 0);
      return table.numbers(part, measure, 1).map((after, row) => after - before[row]!);
    });
  const change = numberColumn({
    id: `${part}-change`,
    label: `${part} B - A`,
    title: `how ${part} ${measure.label} changed; sorted by what is more than its error`,
    form: "change",
    unit,
    numbers,
    ranks: () =>
      table.array(`${part} beyond`, () =>
        numbers().map((difference, row) => beyond(Math.abs(difference), error(row) ?? 0)),
      ),
    error,
    text: (row) =>
      ratioWords(table.numbers(part, measure, 0)[row]!, table.numbers(part, measure, 1)[row]!),
  });
  return [change, ...sides];
}

/** Ranks changes by how much of them is more than the error; below those, what may be chance. Where
 * the error is not known, by their size. */
function beyond(size: number, error: number): number {
  return size > error ? size - error : -1 / (1 + size);
}

/** "1.32x", or "new" and "gone" where only one side has any. */
export function ratioWords(before: number, after: number): string {
  if (before === 0) return after === 0 ? "" : "new";
  if (after === 0) return "gone";
  const ratio = after / before;
  if (ratio >= 1000) return ">999x";
  return `${ratio >= 99.5 ? ratio.toFixed(0) : ratio >= 9.95 ? ratio.toFixed(1) : ratio.toFixed(2)}x`;
}

function textColumns(table: FunctionTable): Column[] {
  const { keys } = table.view;
  const column = (
    id: string,
    label: string,
    title: string,
    text: Column["text"],
    sortedAs = text,
  ): Column => ({
    ...numberColumn({ id, label, title, numbers: () => new Float64Array(0) }),
    form: "text",
    isRising: true,
    ranks: () => table.array(`${id} ranks`, () => rankTexts(table.keys.length, sortedAs)),
    text,
  });
  const place = (row: number): string => {
    const func = keys.func(table.keys[row]!);
    return func ? whereIs(func) : "";
  };
  // Line 9 before line 10.
  const paddedPlace = (row: number): string => {
    const line = keys.func(table.keys[row]!)?.line ?? 0;
    return `${place(row).replace(/:\d+$/, ":")}${String(line).padStart(8, "0")}`;
  };
  return [
    column("name", "function", "name of the function, or of what stands for several", (row) =>
      table.label(row),
    ),
    column("module", "module", "package that its file belongs to", (row) => {
      const func = keys.func(table.keys[row]!);
      return func ? moduleOf(func) : "";
    }),
    column("place", "file:line", "where it is defined", place, paddedPlace),
  ];
}

/** By row: the place of its text in the order of the alphabet, whatever the case. What is the
 * same then has the same rank. */
function rankTexts(count: number, text: (row: number) => string): Float64Array {
  const texts = new Array<string>(count);
  for (let row = 0; row < count; row++) texts[row] = text(row).toLowerCase();
  const rank = new Map<string, number>();
  for (const one of [...new Set(texts)].sort()) rank.set(one, rank.size);
  const ranks = new Float64Array(count);
  for (let row = 0; row < count; row++) ranks[row] = rank.get(texts[row]!)!;
  return ranks;
}

/** Rows by rank; what has none comes last either way, and rows with the same rank keep the order
 * in which they are given. A radix sort by the bits of the ranks: O(n), whatever they are. */
export function sortRows(rows: Int32Array, ranks: Float64Array, isRising: boolean): Int32Array {
  const digits = digitsOf(rows, ranks, isRising);
  let from: Int32Array = rows.map((_, i) => i);
  for (let k = 0; k < 4; k++) from = sortByDigit(from, digits, k);
  for (let i = 0; i < from.length; i++) from[i] = rows[from[i]!]!;
  return from;
}

/** Four digits for each rank, the least first, so that numbers in their order are digits in theirs:
 * the bits of negative ones all turned, of others the sign. */
function digitsOf(rows: Int32Array, ranks: Float64Array, isRising: boolean): Uint16Array {
  const by = new Float64Array(rows.length);
  const sign = isRising ? 1 : -1;
  for (let i = 0; i < rows.length; i++) {
    const rank = ranks[rows[i]!]! * sign;
    by[i] = rank === rank ? rank + 0 : Infinity; // + 0: -0 is 0
  }
  const words = new Uint32Array(by.buffer);
  for (let i = 0; i < words.length; i += 2) {
    const isNegative = words[i + 1]! > 0x7fffffff;
    words[i] = words[i]! ^ (isNegative ? -1 : 0);
    words[i + 1] = words[i + 1]! ^ (isNegative ? -1 : 1 << 31);
  }
  return new Uint16Array(by.buffer);
}

function sortByDigit(from: Int32Array, digits: Uint16Array, k: number): Int32Array {
  const start = new Uint32Array(0x10001);
  for (let i = k; i < digits.length; i += 4) start[digits[i]! + 1]!++;
  if (start[digits[k]! + 1] === from.length) return from; // all the same, as in whole numbers
  for (let digit = 0; digit < 0x10000; digit++) start[digit + 1]! += start[digit]!;
  const to = new Int32Array(from.length);
  for (let at = 0; at < from.length; at++) to[start[digits[from[at]! * 4 + k]!]!++] = from[at]!;
  return to;
}
