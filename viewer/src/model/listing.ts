// A file as rows: what is known of its text, and every line that something was measured at.
//
//     text            a whole file      two blocks that were kept      none
//     rows            1 2 3 4 5 ...     51 52 53 GAP 87 88             52 87 88

import type { SourceFile } from "../state.ts";

export const GAP = -1; // lines that are not known lie between
export const UNKNOWN = 0; // the row of what was measured at no known line

const TAB = 4;

export interface Listing {
  rows: Int32Array; // line numbers, rising but for GAP
  hasText: boolean;
  isChanged: boolean; // after it was measured
  widest: number; // columns of the widest line
  text(line: number): string | undefined;
  /** column, length, kind of each coloured part, by column. */
  runs(line: number): number[];
}

/** files: those of one path. measured: lines with a cost. */
export function makeListing(files: SourceFile[], measured: Iterable<number>): Listing {
  const texts: string[] = []; // by line; with holes
  const isKnown = files.length > 0;
  let widest = 0;
  for (const file of files) {
    const lines = file.text.split("\n");
    if (lines.length > 1 && lines[lines.length - 1] === "") lines.pop();
    lines.forEach((text, i) => {
      texts[file.first_line + i] = text;
      if (text.length > widest) widest = Math.max(widest, columnsOf(text));
    });
  }
  const runs = files.map(indexRuns);
  return {
    rows: makeRows(texts, measured, isKnown),
    hasText: isKnown,
    isChanged: files.some((file) => file.changed),
    widest,
    text: (line) => texts[line],
    runs(line) {
      for (const find of runs) {
        const found = find(line);
        if (found.length > 0) return found;
      }
      return [];
    },
  };
}

function makeRows(texts: string[], measured: Iterable<number>, isKnown: boolean): Int32Array {
  const lines = new Set<number>(measured);
  texts.forEach((_, line) => lines.add(line)); // skips holes
  const sorted = Int32Array.from(lines).sort();
  if (!isKnown) return sorted;
  const rows: number[] = [];
  for (const line of sorted) {
    const last = rows[rows.length - 1];
    if (last !== undefined && last > UNKNOWN && line > last + 1) rows.push(GAP);
    rows.push(line);
  }
  return Int32Array.from(rows);
}

function columnsOf(text: string): number {
  let columns = text.length;
  for (let at = text.indexOf("\t"); at >= 0; at = text.indexOf("\t", at + 1)) columns += TAB - 1;
  return columns;
}

/** Tokens by their line, without an array for each. */
function indexRuns(file: SourceFile): (line: number) => number[] {
  const { tokens, first_line } = file;
  const count = Math.floor(tokens.length / 4);
  let last = 0;
  for (let i = 0; i < count; i++) last = Math.max(last, tokens[4 * i]! - first_line);
  const start = new Int32Array(last + 3);
  const placeOf = (i: number): number => Math.max(0, tokens[4 * i]! - first_line);
  for (let i = 0; i < count; i++) start[placeOf(i) + 2]!++;
  for (let i = 2; i < start.length; i++) start[i]! += start[i - 1]!;
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[start[placeOf(i) + 1]!++] = i;
  return (line) => {
    const place = line - first_line;
    if (place < 0 || place > last) return [];
    const found = order.subarray(start[place]!, start[place + 1]!);
    const runs: number[] = [];
    for (const i of found) runs.push(tokens[4 * i + 1]!, tokens[4 * i + 2]!, tokens[4 * i + 3]!);
    return runs;
  };
}

/** The row of a line, or the nearest one. */
export function rowOf(rows: Int32Array, line: number): number {
  let best = 0;
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    let middle = (low + high) >> 1;
    const at = middle;
    if (rows[middle] === GAP) middle--; // never the first
    if (Math.abs(rows[middle]! - line) < Math.abs(rows[best]! - line)) best = middle;
    if (rows[middle]! < line) low = at + 1;
    else high = middle - 1;
  }
  return best;
}
