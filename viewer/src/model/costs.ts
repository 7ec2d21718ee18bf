// What stands beside the lines of one file: costs by line, for one profile or two, and the columns
// that show them. A profile of lines has its own, in the order that users of line_profiler know.

import { amount, group, percent, points } from "../format.ts";
import { visible } from "../ui/visible.ts";
import { errorOfDifference, judge } from "./change.ts";
import { ERROR, errorOf } from "./interval.ts";
import { costOfLines, type LineCost } from "./lines.ts";
import { plainMeasure, type Measure } from "./measure.ts";
import type { Model } from "./model.ts";
import type { Profile } from "./profile.ts";

export interface CostColumn {
  title: string;
  hint: string;
  width: number; // in characters
  spare: number; // 0: always there; others go where there is little room, the largest first
  text(line: number): string;
  tone?(line: number): string; // a class of the cell
}

export interface FileCosts {
  columns: CostColumn[];
  lines: number[]; // with a cost
  /** -1..1: the line's own amount as a part of the file's largest; of two, the change. */
  heat(line: number): number;
  hot: number[]; // lines worth a stop, rising
  hottest: number; // 0 where there is none
  say(line: number): string; // in words
}

const HOT = 0.05; // of the file's largest
const LEAST_ERROR = 0.01; // as python/tare/render/trace_tables.py has it
const MOST_ERROR = 0.5;
const NONE: LineCost = { self: 0, total: 0 };

type LabelSets = ReadonlySet<number> | null;

/** wholes: of each profile, all that was measured. */
export function fileCosts(
  model: Model,
  file: string,
  measure: Measure,
  labelSets: LabelSets,
  wholes: number[],
): FileCosts {
  const sides = model.profiles.map((profile) => costOfLines(profile, file, measure, labelSets));
  const lines = [...new Set(sides.flatMap((costs) => [...costs.keys()]))].sort((a, b) => a - b);
  const cost = (line: number, side = 0): LineCost => sides[side]!.get(line) ?? NONE;
  const isDiff = sides.length === 2;
  const weigh = (line: number): number =>
    isDiff ? cost(line, 1).self - cost(line, 0).self : cost(line).self;
  const most = lines.reduce((largest, line) => Math.max(largest, Math.abs(weigh(line))), 0);
  const profile = model.profiles[0]!;
  const columns = isDiff
    ? changeColumns(model, cost, measure, measuredErrors(model, file, labelSets))
    : profile.head.kind === "lines"
      ? lineColumns(profile, file, measure, labelSets, cost, wholes[0]!)
      : sampleColumns(profile, measure, cost, wholes[0]!);
  const heat = (line: number): number => (most > 0 ? weigh(line) / most : 0);
  const hot = lines.filter((line) => Math.abs(heat(line)) >= HOT);
  return {
    columns,
    lines,
    heat,
    hot,
    hottest: hot.find((line) => Math.abs(heat(line)) === 1) ?? 0,
    say: (line) =>
      columns
        .map((column) => ({ title: column.title, text: column.text(line) }))
        .filter(({ text }) => text !== "")
        .map(({ title, text }) => `${title} ${text}`)
        .join(", "),
  };
}

function shown(value: number, unit: string): string {
  return value === 0 ? "" : amount(value, unit);
}

type CostOf = (line: number, side?: number) => LineCost;

function sampleColumns(
  profile: Profile,
  measure: Measure,
  cost: CostOf,
  whole: number,
): CostColumn[] {
  const error = (line: number): number | null =>
    errorOf(profile, measure, cost(line).self, () => 0);
  const hasError = profile.head.kind === "samples" && error(0) !== null;
  const columns: CostColumn[] = [
    {
      title: "own %",
      hint: `${measure.label} of the line itself, as a part of all`,
      width: 7,
      spare: 0,
      text: (line) => (cost(line).self > 0 ? percent(cost(line).self, whole) : ""),
      tone: () => "strong",
    },
    {
      title: "own",
      hint: `${measure.label} of the line itself`,
      width: 9,
      spare: 2,
      text: (line) => shown(cost(line).self, measure.unit),
    },
    {
      title: "total",
      hint: `${measure.label} of the line with all that it called`,
      width: 9,
      spare: 0,
      text: (line) => shown(cost(line).total, measure.unit),
    },
  ];
  if (hasError)
    columns.splice(1, 0, {
      title: "±",
      hint: "half the 95 % interval of its own part, in points",
      width: 6,
      spare: 1,
      text: (line) => {
        const half = cost(line).self > 0 ? error(line) : null;
        return half === null ? "" : points(half, whole);
      },
      tone: () => "faint",
    });
  return columns;
}

function lineColumns(
  profile: Profile,
  file: string,
  measure: Measure,
  labelSets: LabelSets,
  cost: CostOf,
  whole: number,
): CostColumn[] {
  const own = (name: string): ((line: number) => number) => {
    if (profile.metric(name) < 0) return () => 0;
    const of = {
      id: name,
      label: "",
      unit: "",
      uses: (metric: { name: string }) => metric.name === name,
    };
    const costs = costOfLines(profile, file, of, labelSets);
    return (line) => costs.get(line)?.self ?? 0;
  };
  const [hits, error, suspended] = ["hits", "error_ns", "suspended_ns"].map(own) as [
    (line: number) => number,
    (line: number) => number,
    (line: number) => number,
  ];
  const columns: CostColumn[] = [
    {
      title: "hits",
      hint: "times that the line was begun",
      width: 10,
      spare: 0,
      text: (line) => shown(hits(line), "count"),
    },
    {
      title: "own",
      hint: "time of the line without the functions whose lines are measured too",
      width: 9,
      spare: 0,
      text: (line) => shown(cost(line).self, measure.unit),
      tone: () => "strong",
    },
    {
      title: "own %",
      hint: "own time as a part of that of all lines measured",
      width: 7,
      spare: 3,
      text: (line) => (cost(line).self > 0 ? percent(cost(line).self, whole) : ""),
    },
  ];
  const errorPart = (line: number): number =>
    error(line) === 0 ? 0 : error(line) / cost(line).self;
  const lines = profile.block.frameLine;
  if (lines.some((line) => errorPart(line) >= LEAST_ERROR))
    columns.push({
      title: "±",
      hint: "what its own time may be off by, as a part of it; ?: more than half, it cannot be known",
      width: 5,
      spare: 1,
      text: (line) => {
        const part = errorPart(line);
        if (part > MOST_ERROR) return "?";
        return part >= LEAST_ERROR ? `${Math.round(part * 100)}%` : part > 0 ? "<1%" : "";
      },
      tone: () => "faint",
    });
  columns.push(
    {
      title: "per hit",
      hint: "time with callees, each time that the line was begun",
      width: 9,
      spare: 0,
      text: (line) => (hits(line) > 0 ? shown(cost(line).total / hits(line), measure.unit) : ""),
    },
    {
      title: "with callees",
      hint: "time of the line with all that it called",
      width: 14,
      spare: 0,
      text: (line) => shown(cost(line).total, measure.unit),
    },
  );
  if (lines.some((line) => suspended(line) > 0))
    columns.push({
      title: "await",
      hint: "time suspended in await or yield, in no other column",
      width: 9,
      spare: 2,
      text: (line) => shown(suspended(line), "ns"),
    });
  return columns;
}

/** By line and side: what the profile says that the line's own time may be off by. */
function measuredErrors(
  model: Model,
  file: string,
  labelSets: LabelSets,
): (line: number, side: number) => number {
  const sides = model.profiles.map((profile) =>
    profile.metric(ERROR.id) < 0 ? null : costOfLines(profile, file, ERROR, labelSets),
  );
  return (line, side) => sides[side]?.get(line)?.self ?? 0;
}

function changeColumns(
  model: Model,
  cost: CostOf,
  measure: Measure,
  measured: (line: number, side: number) => number,
): CostColumn[] {
  const error = (line: number): number | null =>
    errorOfChange(model, measure, [cost(line, 0).self, cost(line, 1).self], (side) =>
      measured(line, side),
    );
  const change = (line: number): number => cost(line, 1).self - cost(line, 0).self;
  const isKnown = error(0) !== null; // of one line as of all
  const of = (side: number): CostColumn => ({
    title: side === 0 ? "A" : "B",
    hint: `${measure.label} of the line itself in ${visible(model.profiles[side]!.name)}`,
    width: 9,
    spare: 0,
    text: (line) => shown(cost(line, side).self, measure.unit),
  });
  const columns: CostColumn[] = [
    of(0),
    of(1),
    {
      title: "change",
      hint: isKnown
        ? "B without A; grey where it may be chance"
        : "B without A; its error is not known",
      width: 10,
      spare: 0,
      text: (line) => {
        const value = change(line);
        return value === 0 ? "" : `${value > 0 ? "+" : ""}${amount(value, measure.unit)}`;
      },
      tone: (line) => toneOf(change(line), error(line)),
    },
  ];
  if (isKnown)
    columns.push({
      title: "±",
      hint: "half the 95 % interval of the change",
      width: 11,
      spare: 1,
      text: (line) => (change(line) === 0 ? "" : `±${amount(error(line)!, measure.unit)}`),
      tone: () => "faint",
    });
  return columns;
}

/** The class of a change: grey where it may be chance, no colour where nobody knows. */
export function toneOf(difference: number, error: number | null): string {
  const verdict = judge(difference, error);
  return verdict === "same" ? "faint" : verdict === "unknown" ? "" : verdict;
}

/** Half the interval of B without A, of two amounts; null where nobody knows. measured: by side, the
 * `error_ns` of the amount. */
export function errorOfChange(
  model: Model,
  measure: Measure,
  amounts: number[],
  measured: (side: number) => number,
): number | null {
  const [a, b] = model.profiles.map((profile, side) =>
    errorOf(profile, measure, amounts[side]!, () => measured(side)),
  );
  return errorOfDifference(a ?? null, b ?? null);
}

/** What lines are measured by. */
export function lineMeasure(model: Model, chosen: Measure): Measure {
  if (model.profiles[0]!.head.kind !== "lines") return chosen;
  return { ...plainMeasure("wall_ns", "ns"), label: "time" };
}

/** "12 calls" and the like of a function, by its own column; "" where none was counted. */
export function callsOf(model: Model, id: number, labelSets: LabelSets): string {
  const counts = model.profiles.map((profile, side) => {
    const metric = profile.metric("calls");
    let sum = 0;
    profile.block.columns.forEach((packed, index) => {
      if (packed.metric !== metric || (labelSets && !labelSets.has(packed.labelSet))) return;
      const { nodes, amounts } = profile.column(index);
      nodes.forEach((node, i) => {
        if (node === 0) return;
        const func = profile.block.frameFunction[profile.block.frame[node]!]!;
        if (model.functionOf[side]![func] === id) sum += amounts[i]!;
      });
    });
    return sum;
  });
  if (!counts.some((count) => count > 0)) return "";
  return `${counts.map(group).join(" → ")} ${counts.length === 1 && counts[0] === 1 ? "call" : "calls"}`;
}
