// Counters over time, against amounts that can be read off a drawing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load, makeBlock } from "../making.mjs";

const tare = await load(`
  export * from "./model/counters.ts";
  export { Profile } from "./model/profile.ts";
  export { timeTicks, roundUp } from "./views/counters_plot.ts";`);

const SECOND = 1e9;

/** points: [seconds, amount] of each process; all in one profile of so many seconds. */
function makeProfile(name, unit, processes, end) {
  const label_sets = [{}, ...processes.map((_, i) => ({ process: `p${i}` }))];
  const series = processes.map((points, i) => ({
    name,
    unit,
    labelSet: i + 1,
    times: Float64Array.from(points, ([time]) => time * SECOND),
    amounts: Float64Array.from(points, ([, amount]) => amount),
  }));
  const head = { kind: "samples", label_sets, meta: { wall_ns: String(end * SECOND) } };
  return new tare.Profile("made", makeBlock(["f"], [[0, 0, 1, 1]], { head, series }));
}

function chartOf(name, unit, processes, { together = false, end = 10 } = {}) {
  return tare.makeCharts(makeProfile(name, unit, processes, end), together)[0];
}

const at = (line, seconds) => tare.valueAt(line, seconds * SECOND);

test("the value at a moment is on the line that is drawn", () => {
  const [line] = chartOf("rss_bytes", "bytes", [
    [
      [0, 100],
      [4, 500],
      [10, 500],
    ],
  ]).lines;
  assert.equal(at(line, 0), 100);
  assert.equal(at(line, 1), 200);
  assert.equal(at(line, 3), 400);
  assert.equal(at(line, 7), 500);
  assert.equal(at(line, 10), 500);
  assert.equal(at(line, 10.5), null);
});

const TWO = [
  [
    [0, 100],
    [10, 1100],
  ],
  [
    [2, 50],
    [6, 90],
  ],
];

test("processes together slope where each of them does, and step where one comes or goes", () => {
  const apart = chartOf("rss_bytes", "bytes", TWO).lines;
  const [sum] = chartOf("rss_bytes", "bytes", TWO, { together: true }).lines;
  assert.equal(apart.length, 2);
  for (const moment of [0, 1, 1.9, 3, 4, 5, 5.5, 7, 10])
    assert.equal(at(sum, moment), at(apart[0], moment) + (at(apart[1], moment) ?? 0));
  assert.deepEqual(
    [...sum.times].map((time) => time / SECOND),
    [0, 2, 2, 6, 6, 10],
  );
  assert.deepEqual([...sum.amounts], [100, 300, 350, 790, 700, 1100]);
  const { mean, peak, peakTime } = tare.statsOf(sum, 0, Infinity);
  assert.equal(mean, (600 * 10 + 70 * 4) / 10); // the areas of a trapezium each
  assert.equal(peak, 1100);
  assert.equal(peakTime, 10 * SECOND);
  assert.equal(tare.statsOf(sum, 0, 6 * SECOND).peak, 790);
});

test("what rises is summed as rates are", () => {
  const used = [
    [
      [0, 0],
      [10, 5 * SECOND],
    ],
    [
      [4, 0],
      [8, 4 * SECOND],
    ],
  ];
  const [sum] = chartOf("user_ns", "ns", used, { together: true }).lines;
  assert.equal(tare.statsOf(sum, 0, Infinity).sum, 9 * SECOND);
  assert.equal(tare.statsOf(sum, 4 * SECOND, 8 * SECOND).sum, 6 * SECOND);
  assert.equal(at(sum, 1), 0.5);
  assert.equal(at(sum, 6), 1.5);
});

test("a chart draws the lines with its own highest peaks, and sums all", () => {
  const processes = Array.from({ length: 12 }, (_, i) => [
    [0, 0],
    [5, i === 3 ? 1 : 1000 - i], // the fourth is the smallest
    [10, 0],
  ]);
  const { lines } = chartOf("rss_bytes", "bytes", processes);
  const drawn = tare.highest(lines, 10).map((line) => line.label);
  assert.deepEqual(drawn, ["p0", "p1", "p2", "p4", "p5", "p6", "p7", "p8", "p9", "p10"]);
  assert.equal(tare.highest(lines, 12), lines);
  const sum = processes.reduce((all, points) => all + points[1][1], 0);
  assert.equal(tare.sumAt(lines, 5 * SECOND), sum);
  assert.equal(tare.sumAt(lines, 11 * SECOND), null);
});

test("a series of one moment has neither a rate nor a height", () => {
  const still = [
    [
      [0, 5],
      [0, 7],
    ],
    [
      [0, 1],
      [0, 1],
    ],
  ];
  for (const [name, unit] of [
    ["rss_bytes", "bytes"],
    ["user_ns", "ns"],
  ])
    for (const together of [false, true]) {
      const chart = chartOf(name, unit, still, { together, end: 0 });
      assert.ok(tare.isZero(chart));
      for (const line of chart.lines) assert.ok(!Number.isNaN(tare.valueAt(line, 0)));
    }
});

test("a name of a counter is no member of an object", () => {
  const charts = tare.makeCharts(
    makeProfile(
      "toString",
      "count",
      [
        [
          [0, 4],
          [10, 2],
        ],
      ],
      10,
    ),
    false,
  );
  assert.deepEqual(
    charts.map((chart) => chart.title),
    ["toString"],
  );
});

test("ticks of time end, whatever the time", () => {
  for (const end of [0, -1, NaN, Infinity, 1e-320]) assert.deepEqual(tare.timeTicks(end, 8), [0]);
  assert.deepEqual(tare.timeTicks(10 * SECOND, 5), [0, 2e9, 4e9, 6e9, 8e9, 10e9]);
  assert.deepEqual(tare.timeTicks(4, 2), [0, 2, 4]);
  assert.ok(tare.timeTicks(1e300, 8).length <= 10);
  for (const value of [NaN, Infinity, 0]) assert.equal(tare.roundUp(value, "count").top, 1);
});
