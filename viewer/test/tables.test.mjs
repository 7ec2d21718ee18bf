// The model of the function table and of the tree of calls, against what can be counted by hand.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load, makeBlock } from "../making.mjs";

const tare = await load(`
  export { sortRows, ratioWords, FunctionTable, makeColumns } from "./model/table.ts";
  export { Outline, carryOver } from "./model/outline.ts";
  export { Profile } from "./model/profile.ts";
  export * as state from "./state.ts";
  export { sorting, shownRows, chooseColumns, visibleColumns } from "./views/tablestate.ts";
  export { tableCsv, tableMarkdown } from "./views/tabletext.ts";`);
const { state } = tare;

function makeProfile(names, nodes) {
  return new tare.Profile("made", makeBlock(names, nodes));
}

/** main calls fib, which calls itself; main calls read. */
const RECURSIVE = makeProfile(
  ["main", "fib", '=read,"x"'],
  [
    [0, 0, 1, 100],
    [1, 1, 2, 300],
    [2, 1, 6, 500],
    [1, 2, 4, 100],
  ],
);

function show(...profiles) {
  state.profiles.value = profiles;
  state.shown.value = profiles.map((_, id) => id);
  state.search.value = "";
  tare.sorting.value = null;
}

function column(id) {
  return tare
    .makeColumns(new tare.FunctionTable(state.view.value, state.measures.value))
    .find((one) => one.id === id);
}

test("rows are sorted as a comparing sort would, whatever the numbers", () => {
  const pool = [0, -0, NaN, 1, -1, 0.5, -0.25, 1e300, -1e-300, 5, 5, 7, 2 ** 40, Infinity];
  let seed = 7;
  const next = (below) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 300; round++) {
    const ranks = Float64Array.from({ length: 40 }, () => pool[next(pool.length)]);
    const rows = Int32Array.from({ length: next(40) }, () => next(40));
    for (const isRising of [true, false]) {
      const by = (row) =>
        Number.isNaN(ranks[row]) ? Infinity : isRising ? ranks[row] : -ranks[row];
      const expected = [...rows].sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0));
      assert.deepEqual([...tare.sortRows(rows, ranks, isRising)], expected);
    }
  }
});

test("recursion counts once in totals, and total per call is of calls that were none", () => {
  show(RECURSIVE);
  assert.deepEqual([...column("own").numbers()], [100, 800, 100]);
  assert.deepEqual([...column("total").numbers()], [1000, 800, 100]);
  assert.deepEqual([...column("calls").numbers()], [1, 8, 4]);
  assert.deepEqual([...column("own-call").numbers()], [100, 100, 25]);
  assert.deepEqual([...column("total-call").numbers()], [1000, 400, 25]);
  assert.deepEqual([...tare.shownRows.value], [1, 0, 2]);
});

test("a filter leaves rows that match, and counts their time once", () => {
  show(RECURSIVE);
  state.search.value = "fib|read";
  assert.deepEqual([...tare.shownRows.value], [1, 2]);
  tare.sorting.value = { id: "name", isRising: true };
  assert.deepEqual([...tare.shownRows.value], [2, 1]);
});

test("CSV has raw numbers, quotes what needs it, and no formulas", () => {
  show(RECURSIVE);
  tare.chooseColumns(new Set(["own", "name", "place"]));
  const lines = tare.tableCsv().split("\r\n");
  assert.equal(lines[0], 'own (ns),own (%),"own, error (ns)",function,file:line');
  assert.equal(lines[1], "800,80,,fib,app.py:15");
  assert.equal(lines[3], `100,10,,"'=read,""x""",app.py:25`);
  assert.equal(lines.length, 5);
  assert.match(
    tare.tableMarkdown(1),
    /\| 80\.0% 800 ns \| fib \| app\.py:15 \|\n\|  \| 2 more functions, not shown \|/,
  );
  tare.chooseColumns(null);
});

test("of two profiles the largest change is first; what one lacks is new or gone", () => {
  const after = makeProfile(
    ["main", "fib", "scan"],
    [
      [0, 0, 1, 100],
      [1, 1, 2, 2000],
      [1, 2, 1, 50],
    ],
  );
  show(RECURSIVE, after);
  const change = column("own-change");
  const words = Object.fromEntries(
    Array.from(tare.shownRows.value, (row) => [column("name").text(row), change.text(row)]),
  );
  assert.deepEqual(Object.keys(words), ["fib", '=read,"x"', "scan", "main"]);
  assert.deepEqual(Object.values(words), ["2.50x", "gone", "new", "1.00x"]);
});

test("columns chosen for one profile leave those of two as they were", () => {
  const shownIds = () => tare.visibleColumns(1000).map((one) => one.id);
  show(RECURSIVE);
  tare.chooseColumns(new Set(["own", "total"]));
  assert.deepEqual(shownIds(), ["own", "total", "name"]);
  show(RECURSIVE, RECURSIVE);
  assert.ok(shownIds().includes("own-change"));
  tare.chooseColumns(new Set(["own-B"]));
  assert.deepEqual(shownIds(), ["own-B", "name"]);
  tare.chooseColumns(null);
  show(RECURSIVE);
  assert.deepEqual(shownIds(), ["own", "total", "name"]);
  tare.chooseColumns(null);
});

test("the rows of a tree are the children of what is open", () => {
  show(RECURSIVE);
  const { tree } = state.view.value; // main, fib, fib, read
  const outline = new tare.Outline(tree);
  outline.update();
  assert.deepEqual([...outline.rows], [1]);
  outline.open(0); // main has all of it, fib 80 % of that
  outline.update();
  assert.deepEqual([...outline.rows], [1, 2, 3, 4]);
  assert.deepEqual([...outline.places], [1, 1, 1, 2]);
  assert.deepEqual([...outline.isOpen], [1, 1, 1, 0, 0]);
  assert.equal(outline.setSize(4), 2);
  outline.close(2);
  outline.update();
  assert.deepEqual([...outline.rows], [1, 2, 4]);
  assert.equal(outline.rowOf(3), -1);
  outline.reveal(3);
  outline.update();
  assert.equal(outline.rowOf(3), 2);
  outline.closeAll();
  outline.openDownTo(500);
  outline.update();
  assert.deepEqual([...outline.rows], [1, 2, 3, 4]);
});

test("what was open is open in another order", () => {
  show(RECURSIVE);
  const view = state.view.value;
  const outline = new tare.Outline(view.tree);
  outline.openDownTo(500);
  state.order.value = "name";
  const other = state.view.value; // main, =read, fib, fib
  const moved = new tare.Outline(other.tree);
  tare.carryOver({ view, outline }, { view: other, outline: moved }, state.tokenOf);
  state.order.value = "heaviest";
  moved.update();
  assert.deepEqual([...moved.rows], [1, 2, 3, 4]);
  assert.deepEqual([...moved.isOpen], [1, 1, 0, 1, 0]);
});
