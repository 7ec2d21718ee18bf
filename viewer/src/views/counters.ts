// What was counted while the program ran, as small charts on one axis of time. One pair of marks
// goes through all of them: the moment that is read, and the range that is summed.

import { effect, signal, type Signal } from "@preact/signals-core";

import { amount, duration, group } from "../format.ts";
import {
  endOf,
  highest,
  isZero,
  leastWindow,
  makeCharts,
  processesOf,
  statsOf,
  sumAt,
  valueAt,
  countersOf,
  type Chart,
  type Line,
} from "../model/counters.ts";
import type { Profile } from "../model/profile.ts";
import { model } from "../state.ts";
import { announce, fill, h } from "../ui/dom.ts";
import { activeTheme } from "../ui/theme.ts";
import { visible } from "../ui/visible.ts";
import { drawAxis, drawPlot, LEFT, RIGHT, say, sayTime } from "./counters_plot.ts";

const MOST_LINES = 10; // of a chart
const MOST_SAID = 2; // lines of a chart, one by one
const TABLE_ROWS = 40;
const STEPS = 100; // of the marks, by key
const LEAST_DRAG = 4; // pixels

type Range = readonly [number, number];

export function makeCounters(host: HTMLElement): () => void {
  const screen = h("div", { class: "counters" });
  host.append(screen);
  let parts: (() => void)[] = [];
  const stop = (): void => {
    parts.forEach((part) => part());
    parts = [];
  };
  const dispose = effect(() => {
    const { profiles } = model.value;
    stop();
    screen.replaceChildren();
    for (const profile of profiles) parts.push(makeProfile(screen, profile, profiles.length > 1));
  });
  return () => {
    dispose();
    stop();
    screen.remove();
  };
}

function makeProfile(screen: HTMLElement, profile: Profile, isNamed: boolean): () => void {
  const section = h("section", { class: "counters-profile", "aria-label": visible(profile.name) });
  if (isNamed) section.append(h("h2", {}, visible(profile.name)));
  screen.append(section);
  if (countersOf(profile).length === 0) {
    section.append(
      h(
        "p",
        { class: "counters-empty" },
        "Nothing was counted over time here: ",
        h("code", {}, "tare run"),
        " and ",
        h("code", {}, "tare attach"),
        " record CPU, memory, page faults and context switches.",
      ),
    );
    return () => section.remove();
  }
  const together = signal(processesOf(profile).length > 6);
  const board = h("div", {});
  section.append(...describeProcesses(profile, together), board);
  let stop = (): void => {};
  const dispose = effect(() => {
    const charts = makeCharts(profile, together.value);
    stop();
    board.replaceChildren();
    stop = makeBoard(board, profile, charts);
  });
  return () => {
    dispose();
    stop();
    section.remove();
  };
}

function describeProcesses(profile: Profile, together: Signal<boolean>): HTMLElement[] {
  const count = processesOf(profile).length;
  if (count < 2) return [];
  const box = h("input", {
    type: "checkbox",
    checked: together.peek(),
    onchange: (event: Event) => (together.value = (event.target as HTMLInputElement).checked),
  });
  return [h("label", { class: "counters-together" }, box, ` ${group(count)} processes together`)];
}

// ---- all charts of one profile ----

/** lines: those that are drawn. */
interface ShownChart extends Chart {
  all: Line[];
}

interface Board {
  charts: ShownChart[];
  end: number;
  moment: Signal<number | null>;
  range: Signal<Range | null>;
}

function makeBoard(host: HTMLElement, profile: Profile, all: Chart[]): () => void {
  const board: Board = {
    charts: all
      .filter((chart) => !isZero(chart))
      .map((chart) => ({ ...chart, lines: highest(chart.lines, MOST_LINES), all: chart.lines })),
    end: endOf(profile),
    moment: signal(null),
    range: signal(null),
  };
  const axis = h("canvas", { class: "counters-axis", "aria-hidden": "true" });
  const when = h("span", {}, "at");
  const heads = h(
    "div",
    { class: "counters-heads" },
    h("span", { class: "counters-range" }),
    h("span", {}, "mean"),
    h("span", {}, "peak"),
    when,
  );
  const rows = board.charts.map((chart) => makeRow(board, chart));
  const marks = makeMarks(board);
  const grid = h(
    "div",
    { class: "counters-grid" },
    heads,
    axis,
    ...rows.flatMap((row) => [row.legend, h("div", { class: "counters-frame" }, row.canvas)]),
    marks.element,
  );
  const summary = h("div", { class: "counters-summary" });
  host.append(grid, summary, ...describeRest(all, board), makeTable(board));
  const frame = { id: 0 };
  const draw = (): void => {
    frame.id = 0;
    const theme = activeTheme.peek();
    const style = getComputedStyle(grid);
    const font = `11.5px ${style.fontFamily}`;
    drawAxis(axis, board.end, theme, font);
    for (const row of rows) row.draw(style.getPropertyValue("--line").trim(), font);
  };
  const soon = (): void => {
    if (frame.id === 0) frame.id = requestAnimationFrame(draw);
  };
  const sizes = new ResizeObserver(() => {
    soon();
    marks.place();
  });
  sizes.observe(grid);
  const disposers = [
    effect(() => {
      void activeTheme.value;
      soon();
    }),
    effect(() => {
      const moment = board.moment.value;
      when.textContent = moment === null ? "at" : sayTime(moment);
      const range = board.range.value;
      heads.firstElementChild!.textContent = range
        ? `${sayTime(range[0])} – ${sayTime(range[1])}`
        : "the whole run";
    }),
    effect(() => fill(summary, ...describeRange(board))),
    marks.dispose,
    ...rows.map((row) => row.dispose),
  ];
  return () => {
    sizes.disconnect();
    cancelAnimationFrame(frame.id);
    disposers.forEach((dispose) => dispose());
  };
}

function makeRow(
  board: Board,
  chart: Chart,
): {
  legend: HTMLElement;
  canvas: HTMLCanvasElement;
  draw(grid: string, font: string): void;
  dispose: () => void;
} {
  const canvas = h("canvas", { class: "counters-plot", "aria-hidden": "true" });
  const units: Record<Chart["unit"], string> = {
    bytes: "",
    cores: "cores",
    "/s": "per second",
    "%": "",
    count: "",
    ns: "",
  };
  const swatches = chart.lines.map(({ place }) =>
    h("span", { class: `swatch line-${place % 5} ${place >= 5 ? "dashed" : ""}` }),
  );
  const cells = chart.lines.map(
    () =>
      [
        h("span", { class: "number" }),
        h("span", { class: "number" }),
        h("span", { class: "number now" }),
      ] as const,
  );
  const legend = h(
    "div",
    { class: "counters-legend" },
    h("h2", {}, chart.title, " ", h("span", { class: "unit" }, units[chart.unit])),
    ...chart.lines.map((line, i) =>
      h(
        "div",
        { class: "counters-line" },
        h("span", { class: "name", title: visible(line.label) }, swatches[i]!, visible(line.label)),
        ...cells[i]!,
      ),
    ),
  );
  const disposers = [
    effect(() => {
      const [from, to] = board.range.value ?? [0, Infinity];
      chart.lines.forEach((line, i) => {
        const { mean, peak } = statsOf(line, from, to);
        cells[i]![0].textContent = say(mean, chart.unit);
        cells[i]![1].textContent = say(peak, chart.unit);
      });
    }),
    effect(() => {
      const moment = board.moment.value;
      chart.lines.forEach((line, i) => {
        const value = moment === null ? null : valueAt(line, moment);
        cells[i]![2].textContent = value === null ? "" : say(value, chart.unit);
      });
    }),
  ];
  return {
    legend,
    canvas,
    draw: (grid, font) =>
      drawPlot(canvas, {
        chart,
        end: board.end,
        colours: swatches.map((swatch) => getComputedStyle(swatch).color),
        theme: activeTheme.peek(),
        grid,
        font,
      }),
    dispose: () => disposers.forEach((dispose) => dispose()),
  };
}

// ---- the moment and the range ----

/** Over all charts: what the pointer and the keyboard move. */
function makeMarks(board: Board): { element: HTMLElement; place(): void; dispose: () => void } {
  const { moment, range, end } = board;
  const cross = h("div", { class: "counters-moment" });
  const area = h("div", { class: "counters-selected" });
  const element = h(
    "div",
    {
      class: "counters-marks",
      role: "slider",
      tabindex: 0,
      "aria-label": "moment of the run",
      "aria-orientation": "horizontal",
      "aria-valuemin": 0,
      "aria-valuemax": Math.round(end / 1e6),
    },
    area,
    cross,
  );
  const width = (): number => Math.max(1, element.clientWidth - LEFT - RIGHT);
  const toX = (time: number): string => `${LEFT + (time / end) * width()}px`;
  const toTime = (event: PointerEvent): number => {
    const x = event.clientX - element.getBoundingClientRect().left - LEFT;
    return Math.min(end, Math.max(0, (x / width()) * end));
  };
  const place = (): void => {
    cross.hidden = moment.peek() === null;
    cross.style.left = toX(moment.peek() ?? 0);
    const chosen = range.peek();
    area.hidden = chosen === null;
    if (!chosen) return;
    area.style.left = toX(chosen[0]);
    area.style.width = `${((chosen[1] - chosen[0]) / end) * width()}px`;
  };
  let anchor = 0; // where the pointer went down
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    anchor = toTime(event);
    range.value = null;
  });
  element.addEventListener("pointermove", (event) => {
    moment.value = toTime(event);
    if (!element.hasPointerCapture(event.pointerId)) return;
    const isWide = Math.abs(moment.value - anchor) > (LEAST_DRAG / width()) * end;
    range.value = isWide ? ordered(anchor, moment.value) : null;
  });
  element.addEventListener("pointerleave", () => {
    if (document.activeElement !== element) moment.value = null;
  });
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !moveMoment(board, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  element.addEventListener("keyup", (event) => {
    if (event.key === "Shift" && range.value) announce(spoken(board, range.value));
  });
  const dispose = effect(() => {
    void range.value;
    const at = moment.value;
    place();
    element.setAttribute("aria-valuenow", String(Math.round((at ?? 0) / 1e6)));
    element.setAttribute(
      "aria-valuetext",
      at === null ? "no moment chosen" : `${sayTime(at)}: ${describeMoment(board, at)}`,
    );
  });
  return { element, place, dispose };
}

const KEY_STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -STEPS,
  End: STEPS,
};

/** With Shift a range grows from where the moment was. */
function moveMoment({ moment, range, end }: Board, event: KeyboardEvent): boolean {
  if (event.key === "Escape" && moment.value !== null) {
    moment.value = range.value = null;
    return true;
  }
  const step = KEY_STEPS[event.key];
  if (step === undefined) return false;
  const from = moment.value ?? 0;
  const to = Math.min(end, Math.max(0, from + (step * end) / STEPS));
  const chosen = range.value;
  const other = chosen?.[1] === from ? chosen[0] : chosen?.[0] === from ? chosen[1] : from;
  moment.value = to;
  if (event.shiftKey) range.value = other === to ? null : ordered(other, to);
  return true;
}

function ordered(a: number, b: number): Range {
  return a < b ? [a, b] : [b, a];
}

function nameOf(chart: Chart, line: Line): string {
  return chart.lines.length > 1 ? `${chart.title} ${line.label}` : chart.title;
}

function unitWords(chart: Chart): string {
  return chart.unit === "cores" ? " cores" : chart.unit === "/s" ? " per second" : "";
}

function describeMoment({ charts }: Board, at: number): string {
  return charts
    .flatMap((chart) => {
      const one = (name: string, value: number | null): string[] =>
        value === null ? [] : [`${visible(name)} ${say(value, chart.unit)}${unitWords(chart)}`];
      if (chart.all.length > MOST_SAID) return one(chart.title, sumAt(chart.all, at));
      return chart.all.flatMap((line) => one(nameOf(chart, line), valueAt(line, at)));
    })
    .join(", ");
}

/** What was used between two times: of each chart whose lines rise. */
function sums({ charts }: Board, [from, to]: Range): { title: string; words: string }[] {
  return charts
    .filter((chart) => chart.lines.some((line) => line.isRate))
    .map((chart) => {
      const sum = chart.all.reduce((all, line) => all + statsOf(line, from, to).sum, 0);
      return {
        title: chart.title,
        words: chart.unit === "cores" ? duration(sum) : amount(Math.round(sum), "count"),
      };
    });
}

function spoken(board: Board, range: Range): string {
  const used = sums(board, range).map(({ title, words }) => `${title} ${words}`);
  return `from ${sayTime(range[0])} to ${sayTime(range[1])}: ${used.join(", ")}`;
}

function describeRange(board: Board): HTMLElement[] {
  const range = board.range.value;
  if (!range)
    return [
      h(
        "p",
        { class: "hint" },
        "Drag over a chart, or press Shift with the arrow keys, to sum a range.",
      ),
    ];
  const pairs = sums(board, range).map(({ title, words }) =>
    h("span", { class: "pair" }, `${title} `, h("strong", {}, words)),
  );
  return [
    h(
      "p",
      {},
      h("span", { class: "pair" }, "In ", h("strong", {}, duration(range[1] - range[0]))),
      ...pairs,
    ),
    h("button", { type: "button", onclick: () => (board.range.value = null) }, "Clear"),
  ];
}

// ---- words and numbers ----

function describeRest(all: Chart[], board: Board): HTMLElement[] {
  const zero = all.filter(isZero).map((chart) => chart.title.toLowerCase());
  const cut = board.charts.length > 0 && all.some((chart) => chart.lines.length > MOST_LINES);
  const said = [
    `Rates are over ${duration(leastWindow(board.end))} or more; memory is what was there at each look.`,
    zero.length > 0 ? `Zero all along: ${zero.join(", ")}.` : "",
    cut
      ? `Of each chart the ${MOST_LINES} lines with the highest peaks are drawn; sums are of all of them.`
      : "",
  ];
  return said
    .filter((words) => words !== "")
    .map((words) => h("p", { class: "counters-note" }, words));
}

/** The same in numbers; made when it is opened. */
function makeTable({ charts, end }: Board): HTMLElement {
  const columns = charts.flatMap((chart) => chart.lines.map((line) => ({ chart, line })));
  const details = h("details", { class: "counters-table" }, h("summary", {}, "As a table"));
  details.addEventListener(
    "toggle",
    () => {
      const head = (words: string): HTMLElement => h("th", { scope: "col" }, words);
      const rows = Array.from({ length: TABLE_ROWS }, (_, i) => {
        const from = (end * i) / TABLE_ROWS;
        const to = (end * (i + 1)) / TABLE_ROWS;
        const cells = columns.map(({ chart, line }) => {
          const isThere = line.times[0]! < to && line.times[line.times.length - 1]! > from;
          return h("td", {}, isThere ? say(statsOf(line, from, to).mean, chart.unit) : "");
        });
        return h("tr", {}, h("th", { scope: "row" }, sayTime(to)), ...cells);
      });
      const heads = columns.map(({ chart, line }) =>
        head(`${visible(nameOf(chart, line))}${unitWords(chart) && `,${unitWords(chart)}`}`),
      );
      details.append(
        h(
          "div",
          {
            class: "counters-scroll",
            tabindex: 0,
            role: "region",
            "aria-label": "table of counters",
          },
          h(
            "table",
            {},
            h("caption", {}, "Mean of each part of the run"),
            h("thead", {}, h("tr", {}, head("until"), ...heads)),
            h("tbody", {}, ...rows),
          ),
        ),
      );
    },
    { once: true },
  );
  return details;
}
