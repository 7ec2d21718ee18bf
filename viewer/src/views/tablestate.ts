// What both tables of functions show, below a chart and on a screen of their own: they are sorted
// and searched together.

import { computed, signal } from "@preact/signals-core";

import { sumMatched } from "../model/search.ts";
import { FunctionTable, makeColumns, sortRows, type Column } from "../model/table.ts";
import { colour, measures, query, view } from "../state.ts";

export const sorting = signal<{ id: string; isRising: boolean } | null>(null);
/** Columns by id, as a person chose them; null = those that fit. Of two profiles there are others
 * than of one, so the choices are two. */
const choices = [0, 1].map(() => signal<ReadonlySet<string> | null>(null));
export const chosenColumns = computed(() => choices[view.value.isDiff ? 1 : 0]!.value);

/** For what is shown: one profile, or two. */
export function chooseColumns(ids: ReadonlySet<string> | null): void {
  choices[view.value.isDiff ? 1 : 0]!.value = ids;
}

export const table = computed(() => new FunctionTable(view.value, measures.value));
export const columns = computed(() => makeColumns(table.value));

/** The column that rows are sorted by. */
export const sortedBy = computed<{ column: Column; isRising: boolean }>(() => {
  const wanted = columns.value.find((one) => one.id === sorting.value?.id);
  const column = wanted ?? columns.value[0]!;
  return { column, isRising: wanted ? sorting.value!.isRising : column.isRising };
});

export const isSearching = computed(() => query.value.text.trim() !== "" && !query.value.problem);

const found = computed<Int32Array>(() => {
  const { keys } = table.value;
  const wanted = isSearching.value ? query.value : null;
  const rows = new Int32Array(keys.length);
  let count = 0;
  for (let row = 0; row < keys.length; row++)
    if (!wanted || wanted.matches(keys[row]!)) rows[count++] = row;
  return rows.subarray(0, count);
});

/** Heaviest first, so that a sort by what many share leaves those on top. */
const byWeight = computed(() => sortRows(found.value, columns.value[0]!.ranks(), false));

/** The rows that are shown, in order. */
export const shownRows = computed<Int32Array>(() => {
  const { column, isRising } = sortedBy.value;
  if (column === columns.value[0] && !isRising) return byWeight.value;
  return sortRows(byWeight.value, column.ranks(), isRising);
});

/** The part of the whole in stacks with any match: 0..1. */
export const matchedShare = computed<number>(() => {
  const { tree } = view.value;
  const whole = tree.total[0]!;
  return whole > 0 ? sumMatched(tree, query.value, tree.total) / whole : 0;
});

const IN_DIFFS = ["own-A", "own-B", "own-change", "total-A", "total-B", "total-change"];

/** Those that are shown when nobody has chosen any; width: of the table, in CSS pixels. */
export function defaultColumns(width: number): ReadonlySet<string> {
  const ids = new Set(["name", "place"]);
  if (view.value.isDiff) {
    const narrow = width < 900;
    for (const id of IN_DIFFS) if (!narrow || /own|change/.test(id)) ids.add(id);
  } else {
    ids.add("own").add("total").add("calls");
    if (width >= 960) ids.add("own-call").add("total-call");
    const other = columns.value.find((one) => one.id === `own:${colour.value}`);
    if (other && width >= 700) ids.add(other.id);
  }
  if (width >= 1100) ids.add("module");
  return ids;
}

/** In the order of the table: numbers, changes after what they are between, names. */
export function visibleColumns(width: number): Column[] {
  const wanted = chosenColumns.value ?? defaultColumns(width);
  const shown = columns.value.filter((one) => wanted.has(one.id) || one.id === "name");
  if (!view.value.isDiff) return shown;
  const place = (one: Column): number => {
    const at = IN_DIFFS.indexOf(one.id);
    return at < 0 ? IN_DIFFS.length : at;
  };
  return shown
    .map((one, i) => ({ one, i }))
    .sort((a, b) => place(a.one) - place(b.one) || a.i - b.i)
    .map((entry) => entry.one);
}

/** Sorts by a column; once more, the other way round. */
export function sortBy(column: Column): void {
  const { column: current, isRising } = sortedBy.value;
  sorting.value = {
    id: column.id,
    isRising: current === column ? !isRising : column.isRising,
  };
}
