// Panes of rows: icicles (root on top), flames (root at the bottom), callers above callees, lanes
// of threads. x is a part of the whole axis, so panes of one chart share it.

import { duration, percent } from "../format.ts";
import type { Query } from "../model/search.ts";
import type { Theme } from "./colour.ts";
import { eachBox, nodeAt } from "./layout.ts";
import { fit, type Fill, type Painter } from "./painter.ts";
import { fillsOf, type Pane, type Scene } from "./scene.ts";

export const ROW = 20; // pixels, with the gap
const GAP = 1;
const TITLE = 22;
const AXIS = 22;
const LEAST_BOX = 2; // pixels of width, below which boxes are drawn together
const LEAST_LABEL = 30; // pixels of width, below which no text can be read

export const TOO_NARROW = "several boxes, too narrow to be drawn one by one";

/** What part of the chart is seen, and how it is drawn. */
export interface Window {
  width: number;
  height: number;
  from: number; // of the axis, 0..1
  to: number;
  scroll: number; // pixels from the top
}

/** What a person points at. */
export interface Spot {
  pane: number;
  node: number;
}

export interface Marks {
  theme: Theme;
  query: Query | null;
  hover: Spot | null;
  chosen: Spot | null;
  depthLimit: number; // levels below the zoomed box; 0 = all
  cutoff: number; // part of the whole width below which boxes are drawn together
  zoomDepth: number;
}

export interface Place {
  top: number; // of the rows, from the top of the chart
  rows: number;
}

/** Where each pane's rows are, and how high the whole is. */
export function stack(scene: Scene): { places: Place[]; height: number } {
  let top = scene.timeEnd > 0 ? AXIS : 0;
  const places = scene.panes.map((pane) => {
    top += pane.title === "" ? 0 : TITLE;
    const rows = Math.max(1, pane.tree.maxDepth + 1 - pane.skip);
    const place = { top, rows };
    top += rows * ROW + (scene.panes.length > 1 ? 6 : 0);
    return place;
  });
  return { places, height: top };
}

function rowTop(pane: Pane, place: Place, depth: number): number {
  const row = depth - pane.skip;
  return place.top + (pane.up ? place.rows - 1 - row : row) * ROW;
}

export function drawRows(
  painter: Painter,
  character: number,
  scene: Scene,
  seen: Window,
  marks: Marks,
): void {
  const { places } = stack(scene);
  scene.panes.forEach((pane, index) => {
    const place = places[index]!;
    drawPane(painter, character, pane, place, index, seen, marks);
    if (pane.title === "") return;
    const y = place.top - TITLE - seen.scroll;
    if (y > -TITLE && y < seen.height)
      painter.text(4, y + TITLE / 2 + 2, pane.title, marks.theme.faint);
  });
  if (scene.timeEnd > 0) drawTimeAxis(painter, character, scene.timeEnd, seen, marks.theme);
}

function drawPane(
  painter: Painter,
  character: number,
  pane: Pane,
  place: Place,
  index: number,
  seen: Window,
  marks: Marks,
): void {
  const { tree } = pane;
  const keys = pane.source.keys;
  const scale = seen.width / ((seen.to - seen.from) * (tree.total[0]! || 1));
  const fillOf = fillsOf(pane, marks.theme);
  const least = Math.max(LEAST_BOX, marks.cutoff * seen.width);
  const limit = Math.min(deepestRow(marks), tree.maxDepth);
  const outlines: (() => void)[] = [];
  const hoverKey = marks.hover?.pane === index ? tree.key[marks.hover.node]! : -1;
  // Rows below the window cost nothing: an upturned pane draws its deepest rows first.
  const visible = pane.up
    ? tree.maxDepth
    : Math.ceil((seen.scroll + seen.height - place.top) / ROW) + pane.skip;
  eachBox(
    {
      tree,
      root: 0,
      left: -seen.from * scale * tree.total[0]!,
      scale,
      from: 0,
      to: seen.width,
      least: () => least,
      maxDepth: Math.min(limit, visible),
      sorted: pane.sorted,
    },
    {
      box(node, depth, x, width, isCut) {
        if (depth < pane.skip) return;
        const y = rowTop(pane, place, depth) - seen.scroll;
        if (y < -ROW || y > seen.height) return;
        const left = Math.max(0, x);
        const right = Math.min(seen.width, x + width);
        const wide = right - left > 3 ? right - left - GAP : right - left;
        const key = tree.key[node]!;
        const fill = keys.kind(key) === "gap" ? fillOf(node) : paint(fillOf(node), key, marks);
        painter.title(() => `${keys.label(key)} ${percent(tree.total[node]!, tree.total[0]!)}`);
        painter.box(left, y, wide, ROW - GAP, fill);
        if (isCut && depth === limit)
          painter.box(left, y + ROW - 5, wide, 4, { colour: marks.theme.rest, hatch: true });
        if (wide >= LEAST_LABEL) label(painter, character, pane, node, left, y, wide, marks.theme);
        if (key >= 0 && key === hoverKey)
          outlines.push(() => painter.outline(left, y, wide, ROW - GAP, marks.theme.faint));
        if (marks.chosen?.pane === index && marks.chosen.node === node)
          outlines.push(() => painter.outline(left, y, wide, ROW - GAP, marks.theme.accent));
      },
      rest(depth, x, width) {
        if (depth < pane.skip || depth > visible) return;
        const y = rowTop(pane, place, depth) - seen.scroll;
        if (y < -ROW || y > seen.height) return;
        const left = Math.max(0, x);
        const right = Math.min(seen.width, x + width);
        painter.title(() => TOO_NARROW);
        painter.box(
          left,
          y,
          Math.max(0.5, right - left - (right - left > 3 ? GAP : 0)),
          ROW - GAP,
          {
            colour: marks.theme.rest,
            hatch: right - left > 4,
          },
        );
      },
    },
  );
  painter.title(null);
  for (const outline of outlines) outline();
}

/** While something is searched for, only that has a colour of its own. */
export function paint(fill: Fill, key: number, marks: Marks): Fill {
  if (!marks.query || marks.query.problem !== "") return fill;
  return { ...fill, colour: marks.query.matches(key) ? marks.theme.match : marks.theme.rest };
}

function label(
  painter: Painter,
  character: number,
  pane: Pane,
  node: number,
  x: number,
  y: number,
  width: number,
  theme: Theme,
): void {
  const { tree } = pane;
  if (pane.source.keys.kind(tree.key[node]!) === "gap") return;
  const name = pane.source.keys.label(tree.key[node]!);
  const share = ` ${percent(tree.total[node]!, tree.total[0]!)}`;
  const text = (name.length + share.length) * character + 8 <= width ? name + share : name;
  painter.text(x + 4, y + ROW / 2, fit(text, width - 8, character), theme.ink);
}

/** Steps of 1, 2 or 5 that leave room for their labels. */
function drawTimeAxis(
  painter: Painter,
  character: number,
  end: number,
  seen: Window,
  theme: Theme,
): void {
  const span = (seen.to - seen.from) * end;
  const raw = (span * 14 * character) / seen.width;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((one) => one >= raw)!;
  painter.box(0, 0, seen.width, AXIS, { colour: theme.background });
  const first = Math.ceil((seen.from * end) / step) * step;
  for (let time = first; time <= seen.to * end; time += step) {
    const x = ((time / end - seen.from) / (seen.to - seen.from)) * seen.width;
    painter.box(x, AXIS - 6, 1, 6, { colour: theme.faint });
    painter.text(x + 3, AXIS / 2, duration(time), theme.faint);
  }
}

/** The last level that is drawn. */
export function deepestRow(marks: Marks): number {
  return marks.depthLimit > 0 ? marks.zoomDepth + marks.depthLimit : Infinity;
}

/** The box at a point of the window, or null. */
export function spotAt(
  scene: Scene,
  seen: Window,
  deepest: number,
  x: number,
  y: number,
): Spot | null {
  const { places } = stack(scene);
  const share = seen.from + (x / seen.width) * (seen.to - seen.from);
  for (let index = 0; index < scene.panes.length; index++) {
    const pane = scene.panes[index]!;
    const place = places[index]!;
    const row = Math.floor((y + seen.scroll - place.top) / ROW);
    if (row < 0 || row >= place.rows) continue;
    const depth = (pane.up ? place.rows - 1 - row : row) + pane.skip;
    const node = depth > deepest ? -1 : nodeAt(pane.tree, 0, share, depth);
    return node >= 0 ? { pane: index, node } : null;
  }
  return null;
}

/** Where a box's row is, from the top of the chart. */
export function topOf(scene: Scene, spot: Spot): number {
  const pane = scene.panes[spot.pane]!;
  return rowTop(pane, stack(scene).places[spot.pane]!, pane.tree.depth[spot.node]!);
}
