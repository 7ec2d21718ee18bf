// What is said of a difference: more, less, the same, or that nobody knows its error.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load, makeBlock } from "../making.mjs";

const tare = await load(`
  export * from "./model/change.ts";
  export { errorOf } from "./model/interval.ts";
  export { fileCosts } from "./model/costs.ts";
  export { makeModel } from "./model/model.ts";
  export { numbersOf } from "./model/numbers.ts";
  export { plainMeasure } from "./model/measure.ts";
  export { Profile } from "./model/profile.ts";
  export { FunctionTable, makeColumns } from "./model/table.ts";
  export * as state from "./state.ts";
  export { tableMarkdown } from "./views/tabletext.ts";
  export { shownRows, chooseColumns } from "./views/tablestate.ts";`);
const { state } = tare;
const WALL = tare.plainMeasure("wall_ns", "ns");
const CALLS = tare.plainMeasure("calls", "count");

const NAMES = ["main", "slower", "steady", "faster"];

/** main calls the three others; walls and errors in nanoseconds. */
function makeTrace(walls, errors, head) {
  const nodes = NAMES.map((_, id) => [id === 0 ? 0 : 1, id, id + 1, walls[id]]);
  if (errors) errors.forEach((error, id) => nodes[id].push(error));
  const metrics = ["calls", "wall_ns", ...(errors ? ["error_ns"] : [])];
  return new tare.Profile("made", makeBlock(NAMES, nodes, { metrics, head }));
}

const BEFORE = [1000, 2000, 3000, 4000];
const AFTER = [1000, 2051, 3049, 3000];
const ERRORS = [0, 30, 30, 30];
const MORE_ERRORS = [0, 40, 40, 40]; // of a difference: the hypotenuse, 50

function show(before, after) {
  state.profiles.value = [before, after];
  state.shown.value = [0, 1];
  state.measureId.value = "wall_ns";
  state.order.value = "first";
  return tare.numbersOf(state.view.value);
}

function nodeOf(numbers, name) {
  const { keys } = numbers.view;
  return numbers.tree.key.findIndex((key) => key >= 0 && keys.label(key) === name);
}

test("a difference is judged by its error, and by nothing where nobody knows that", () => {
  assert.equal(tare.judge(51, 50), "more");
  assert.equal(tare.judge(-51, 50), "less");
  assert.equal(tare.judge(50, 50), "same");
  assert.equal(tare.judge(-50, 50), "same");
  assert.equal(tare.judge(1, 0), "more");
  assert.equal(tare.judge(0, 0), "same");
  assert.equal(tare.judge(1e9, null), "unknown");
  assert.equal(tare.judge(0, null), "same");
  assert.equal(tare.errorOfDifference(30, 40), 50);
  assert.equal(tare.errorOfDifference(30, null), null);
  assert.equal(tare.doubtOf(1, 2), "within the error");
  assert.equal(tare.doubtOf(1, null), "error not known");
  assert.equal(tare.doubtOf(2, 1), "");
});

test("errors of a trace are its own, and what it counted has none", () => {
  const trace = makeTrace(BEFORE, ERRORS);
  assert.equal(
    tare.errorOf(trace, WALL, 2000, () => 30),
    30,
  );
  assert.equal(
    tare.errorOf(trace, CALLS, 2, () => 30),
    0,
  );
  const cpu = tare.plainMeasure("cpu_ns", "ns");
  assert.equal(
    tare.errorOf(trace, cpu, 2, () => 30),
    null,
  );
});

test("a file without errors has unknown ones, not none", () => {
  const asked = () => assert.fail("there is no such column");
  assert.equal(tare.errorOf(makeTrace(BEFORE, null), WALL, 2000, asked), null);
  assert.equal(tare.errorOf(makeTrace(BEFORE, null), CALLS, 2, asked), null);
  const weights = makeTrace(BEFORE, null, { kind: "samples", whole_ns: 1e4, effective_count: 0 });
  assert.equal(tare.errorOf(weights, WALL, 2000, asked), null);
});

test("samples have Wilson's interval", () => {
  const half = makeTrace(BEFORE, null, { kind: "samples", whole_ns: 10000, effective_count: 100 });
  const error = tare.errorOf(half, WALL, 5000, () => 0);
  assert.ok(Math.abs(error - 961.7) < 0.1); // 1.96 / (1 + 1.96^2/100) * sqrt(0.25/100 + 1.96^2/40000)
});

test("of two traces what changed by more than both errors is more or less", () => {
  const numbers = show(makeTrace(BEFORE, ERRORS), makeTrace(AFTER, MORE_ERRORS));
  const of = (name, by = WALL) => tare.changeAt(numbers, by, nodeOf(numbers, name));
  assert.deepEqual(of("slower"), {
    before: 2000,
    after: 2051,
    error: 50,
    isSure: true,
    verdict: "more",
  });
  assert.equal(of("steady").verdict, "same");
  assert.equal(of("steady").isSure, false);
  assert.equal(of("faster").verdict, "less");
  assert.equal(tare.errorAt(numbers, WALL, nodeOf(numbers, "main"), 0, 10000), 90); // one cause
  assert.equal(tare.errorAt(numbers, WALL, nodeOf(numbers, "main"), 0, 1000, "own"), 0);
  assert.equal(of("slower", CALLS).verdict, "same");
});

test("one side without errors is enough for none to be known", () => {
  const numbers = show(makeTrace(BEFORE, ERRORS), makeTrace(AFTER, null));
  const change = tare.changeAt(numbers, WALL, nodeOf(numbers, "slower"));
  assert.equal(change.error, null);
  assert.equal(change.isSure, false);
  assert.equal(change.verdict, "unknown");
});

test("the table says the same as the tree", () => {
  const numbers = show(makeTrace(BEFORE, ERRORS), makeTrace(AFTER, MORE_ERRORS));
  const table = new tare.FunctionTable(numbers.view, state.measures.value);
  const own = tare.makeColumns(table).find((one) => one.id === "own-change");
  for (let row = 0; row < table.keys.length; row++) {
    const change = tare.changeAt(numbers, WALL, nodeOf(numbers, table.label(row)));
    if (table.label(row) === "main") continue; // its total is not its own
    assert.equal(own.error(row), change.error);
    assert.equal(tare.judge(own.numbers()[row], own.error(row)), change.verdict);
  }
});

test("what nobody knows is said in the table as text", () => {
  const words = () => tare.tableMarkdown(9).split("\n").slice(2, -1);
  tare.chooseColumns(null);
  show(makeTrace(BEFORE, ERRORS), makeTrace(AFTER, MORE_ERRORS));
  tare.chooseColumns(new Set(["own-change"]));
  assert.ok(words().includes("| +51 ns 1.03x | slower |"));
  assert.ok(words().includes("| +49 ns within the error | steady |"));
  show(makeTrace(BEFORE, null), makeTrace(AFTER, null));
  assert.ok(words().includes("| +49 ns 1.02x, error not known | steady |"));
  tare.chooseColumns(null);
});

function costsOf(before, after) {
  const model = tare.makeModel([before, after]);
  const costs = tare.fileCosts(model, "/srv/app.py", WALL, null, [10000, 10000]);
  return { costs, of: (title) => costs.columns.find((column) => column.title === title) };
}

test("lines of two traces are grey where their change is within its error", () => {
  const { of } = costsOf(makeTrace(BEFORE, ERRORS), makeTrace(AFTER, MORE_ERRORS));
  const lines = [5, 15, 25, 35];
  assert.deepEqual(
    lines.map((line) => of("change").tone(line)),
    ["faint", "more", "faint", "less"],
  );
  assert.deepEqual(
    lines.map((line) => of("±").text(line)),
    ["", "±50 ns", "±50 ns", "±50 ns"],
  );
});

test("lines of traces without errors are neither grey nor coloured", () => {
  const { of } = costsOf(makeTrace(BEFORE, null), makeTrace(AFTER, null));
  assert.deepEqual(
    [5, 15, 35].map((line) => of("change").tone(line)),
    ["faint", "", ""],
  );
  assert.equal(of("±"), undefined);
  assert.match(of("change").hint, /not known/);
});

test("a file may have more lines than a call has arguments", () => {
  const count = 200000;
  const names = ["f"];
  const block = makeBlock(names, [[0, 0, 1, 7]]);
  block.frameFunction = new Uint32Array(count);
  block.frameLine = Uint32Array.from({ length: count }, (_, i) => i + 1);
  block.parent = Int32Array.from({ length: count + 1 }, (_, i) => (i === 0 ? -1 : 0));
  block.frame = Int32Array.from({ length: count + 1 }, (_, i) => i - 1);
  const model = tare.makeModel([new tare.Profile("long", block)]);
  const costs = tare.fileCosts(model, "/srv/app.py", WALL, null, [7]);
  assert.equal(costs.lines.length, count);
  assert.equal(costs.hottest, 1);
});
