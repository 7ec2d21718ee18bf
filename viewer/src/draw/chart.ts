// The canvas: draws the scene, follows mouse, touch and keys, and moves to what is zoomed.
//
// A click zooms and keeps the box's details; so does Enter. Dragging, Shift and the wheel move
// along the axis, Ctrl and the wheel zoom at the pointer, the wheel alone scrolls. Drawing happens
// at most once a frame.

import { computed, effect, signal, untracked } from "@preact/signals-core";

import { percent, amount } from "../format.ts";
import { childrenOf, pathTo, type Tree } from "../model/tree.ts";
import { announce, h } from "../ui/dom.ts";
import {
  back,
  change,
  cutoff,
  depth,
  measure,
  nodeOf,
  pinned,
  query,
  range,
  search,
  subject,
  tokensOf,
  zoom,
} from "../state.ts";
import { activeTheme } from "../ui/theme.ts";
import {
  deepestRow,
  drawRows,
  ROW,
  spotAt,
  stack,
  topOf,
  type Marks,
  type Spot,
  type Window,
} from "./icicle.ts";
import { place } from "./layout.ts";
import { CanvasPainter, SvgPainter, type Painter } from "./painter.ts";
import { scene, type Pane, type Scene } from "./scene.ts";
import { centreOf, drawRings, spotInRings } from "./sunburst.ts";

/** What the pointer is on, and what stays when it is gone. */
export const hover = signal<Spot | null>(null);

/** A box as it is kept and written into links: its path, in other panes than the first behind the
 * pane's number. */
export function pinOf(spot: Spot): string[] {
  const { tree, source } = scene.value.panes[spot.pane]!;
  const tokens = tokensOf(source, tree, spot.node);
  return spot.pane > 0 && tokens.length > 0 ? [`@${spot.pane}`, ...tokens] : tokens;
}

/** The box whose details stay: found again by its path whenever the picture changes. */
export const chosen = computed<Spot | null>(() => {
  const { panes } = scene.value;
  const isElsewhere = pinned.value[0]?.startsWith("@") ?? false;
  const tokens = isElsewhere ? pinned.value.slice(1) : pinned.value;
  const wanted = isElsewhere ? Number(pinned.value[0]!.slice(1)) : 0;
  if (tokens.length === 0) return null;
  for (const pane of [wanted, ...panes.keys()]) {
    const found = panes[pane];
    if (!found) continue;
    const node = nodeOf(found.source, found.tree, tokens);
    if (found.tree.depth[node] === tokens.length) return { pane, node };
  }
  return null;
});

export const zoomed = computed<number>(() => {
  const first = scene.value.panes[0];
  return first ? nodeOf(first.source, first.tree, zoom.value) : 0;
});

/** The part of the axis that is to be seen. */
const target = computed<[number, number]>(() => {
  if (range.value) return range.value;
  const first = scene.value.panes[0];
  if (!first || zoomed.value === 0 || scene.value.kind === "sunburst") return [0, 1];
  const { from, to } = place(first.tree, zoomed.value);
  return to > from ? [from, to] : [0, 1];
});

const seen: Window = { width: 0, height: 0, from: 0, to: 1, scroll: 0 };
let canvas: HTMLCanvasElement;
let context: CanvasRenderingContext2D;
let pending = 0;

function marksNow(): Marks {
  const first = scene.value.panes[0];
  return {
    theme: activeTheme.value,
    query: search.value.trim() === "" ? null : query.value,
    hover: hover.value,
    chosen: chosen.value,
    depthLimit: depth.value,
    cutoff: cutoff.value,
    zoomDepth: first ? first.tree.depth[zoomed.value]! : 0,
  };
}

function paint(painter: Painter, character: number, shown: Scene, window: Window): void {
  const marks = marksNow();
  if (shown.panes.length === 0) return;
  if (shown.kind === "sunburst") drawRings(painter, character, shown, window, marks, zoomed.value);
  else drawRows(painter, character, shown, window, marks);
}

function draw(): void {
  pending = 0;
  const ratio = window.devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = activeTheme.value.background;
  context.fillRect(0, 0, seen.width, seen.height);
  const painter = new CanvasPainter(context, centreOf(seen), activeTheme.value.stripes);
  paint(painter, painter.character, scene.value, seen);
  drawScrollBar();
}

function drawScrollBar(): void {
  const whole = contentHeight();
  if (scene.value.kind === "sunburst" || whole <= seen.height) return;
  const size = Math.max(24, (seen.height / whole) * seen.height);
  const at = (seen.scroll / (whole - seen.height)) * (seen.height - size);
  context.globalAlpha = 0.45;
  context.fillStyle = activeTheme.value.faint;
  context.fillRect(seen.width - 6, at + 2, 4, size - 4);
  context.globalAlpha = 1;
}

function contentHeight(): number {
  return stack(scene.value).height + ROW;
}

function redraw(): void {
  if (pending === 0) pending = requestAnimationFrame(draw);
}

function scrollTo(y: number): void {
  seen.scroll = Math.max(0, Math.min(y, contentHeight() - seen.height));
}

/** Where the picture should start, so that the zoomed box and two above it are seen. */
function scrollToZoom(): void {
  const first = scene.value.panes[0];
  if (!first || scene.value.kind === "sunburst") return;
  const node = zoomed.value;
  const top = topOf(scene.value, { pane: 0, node });
  if (scene.value.kind === "sandwich") scrollTo(middleOf(first) - seen.height / 2);
  else if (node === 0) scrollTo(first.up ? Infinity : 0);
  else scrollTo(first.up ? top - seen.height + 3 * ROW : top - 2 * ROW);
}

/** Where the function of a sandwich is. */
function middleOf(callers: Pane): number {
  return stack(scene.value).places[0]!.top + (callers.tree.maxDepth + 1 - callers.skip) * ROW;
}

let motion = 0;

/** Glides to a part of the axis, unless people asked for less motion. */
function moveTo(from: number, to: number): void {
  cancelAnimationFrame(motion);
  const start = performance.now();
  const [oldFrom, oldTo] = [seen.from, seen.to];
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (still || (Math.abs(oldFrom - from) < 1e-9 && Math.abs(oldTo - to) < 1e-9)) {
    [seen.from, seen.to] = [from, to];
    redraw();
    return;
  }
  const step = (): void => {
    const part = Math.min(1, (performance.now() - start) / 160);
    const eased = 1 - (1 - part) ** 3;
    seen.from = oldFrom + (from - oldFrom) * eased;
    seen.to = oldTo + (to - oldTo) * eased;
    if (part < 1) motion = requestAnimationFrame(step);
    draw();
  };
  motion = requestAnimationFrame(step);
}

/** Zooms to a box of the first pane; elsewhere and in time to its part of the axis. */
function zoomTo(spot: Spot, keepZoom = false): void {
  const shown = scene.value;
  const pane = shown.panes[spot.pane]!;
  const tokens = tokensOf(pane.source, pane.tree, spot.node);
  const pin = pinOf(spot);
  change(() => {
    pinned.value = pin;
    if (keepZoom) return;
    if (shown.timeEnd > 0 || spot.pane > 0) {
      const { from, to } = place(pane.tree, spot.node);
      range.value = spot.node === 0 || to - from > 0.999 ? null : [from, to];
    } else {
      range.value = null;
      zoom.value = tokens;
    }
  });
}

/** The whole picture, as text of an SVG file. */
export function toSvg(): string {
  const height = scene.value.kind === "sunburst" ? seen.height : contentHeight();
  const whole: Window = { ...seen, height, scroll: 0 };
  const theme = activeTheme.value;
  const painter = new SvgPainter(
    seen.width,
    height,
    theme.background,
    theme.stripes,
    centreOf(whole),
  );
  paint(painter, painter.character, scene.value, whole);
  return painter.toString();
}

/** What the canvas shows, as a PNG file. */
export function toPng(): Promise<Blob> {
  draw();
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
  );
}

function spotOf(event: MouseEvent): Spot | null {
  const box = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const shown = scene.value;
  if (shown.panes.length === 0) return null;
  return shown.kind === "sunburst"
    ? spotInRings(shown, seen, { depthLimit: depth.value }, zoomed.value, x, y)
    : spotAt(shown, seen, deepestRow(marksNow()), x, y);
}

function sameSpot(a: Spot | null, b: Spot | null): boolean {
  return a?.pane === b?.pane && a?.node === b?.node;
}

/** Moves or stretches the axis; it stays within 0..1 and never gets thinner than can be told. */
function look(from: number, to: number): void {
  const span = Math.min(1, Math.max(1e-7, to - from));
  const start = Math.max(0, Math.min(1 - span, from));
  cancelAnimationFrame(motion);
  [seen.from, seen.to] = [start, start + span];
  redraw();
}

function keepRange(): void {
  const whole = seen.from <= 1e-9 && seen.to >= 1 - 1e-9;
  range.value = whole ? null : [seen.from, seen.to];
  if (whole) zoom.value = [];
}

let settle = 0;

function onWheel(event: WheelEvent): void {
  const shown = scene.value;
  if (shown.panes.length === 0 || shown.kind === "sunburst") return;
  event.preventDefault();
  const span = seen.to - seen.from;
  // With Shift some systems turn the wheel themselves, others leave that to the page.
  const along = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  const before = [seen.from, seen.to];
  if (event.ctrlKey || event.metaKey) {
    const left = canvas.getBoundingClientRect().left;
    const at = seen.from + ((event.clientX - left) / seen.width) * span;
    const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 200)));
    look(at - (at - seen.from) * factor, at + (seen.to - at) * factor);
  } else {
    const shift = (along / seen.width) * span;
    if (shift !== 0) look(seen.from + shift, seen.to + shift);
    if (!event.shiftKey) scrollTo(seen.scroll + event.deltaY);
    redraw();
  }
  if (before[0] === seen.from && before[1] === seen.to) return;
  clearTimeout(settle);
  settle = window.setTimeout(() => change(keepRange), 250);
}

/** A press that moves drags the picture; one that does not chooses the box. */
function onPointerDown(event: PointerEvent): void {
  if (event.button !== 0) return;
  const start = {
    x: event.clientX,
    y: event.clientY,
    from: seen.from,
    to: seen.to,
    scroll: seen.scroll,
  };
  let dragged = false;
  const ended = new AbortController();
  const { signal } = ended;
  canvas.setPointerCapture(event.pointerId);
  const move = (moved: PointerEvent): void => {
    const [dx, dy] = [moved.clientX - start.x, moved.clientY - start.y];
    if (!dragged && Math.hypot(dx, dy) < 5) return;
    dragged = true;
    if (scene.value.kind === "sunburst") return;
    hover.value = null;
    const shift = (-dx / seen.width) * (start.to - start.from);
    scrollTo(start.scroll - dy);
    look(start.from + shift, start.to + shift);
  };
  const up = (released: PointerEvent): void => {
    ended.abort();
    const spot = dragged ? null : spotOf(released);
    if (spot) choose(spot, released.shiftKey);
    else if (dragged && seen.from !== start.from) change(keepRange);
  };
  canvas.addEventListener("pointermove", move, { signal });
  canvas.addEventListener("pointerup", up, { signal });
  canvas.addEventListener("pointercancel", () => ended.abort(), { signal });
}

/** The middle of a sunburst leads one level up, as people know it. */
function choose(spot: Spot, keepZoom: boolean): void {
  const shown = scene.value;
  const pane = shown.panes[spot.pane]!;
  const kind = pane.source.keys.kind(pane.tree.key[spot.node]!);
  if (kind === "rest" || kind === "gap") return;
  const isMiddle = shown.kind === "sunburst" && spot.node === zoomed.value && spot.node !== 0;
  zoomTo(isMiddle ? { pane: 0, node: pane.tree.parent[spot.node]! } : spot, keepZoom);
}

/** Arrows go where they point: to the box above, below, before or after. */
function neighbour(pane: Pane, node: number, key: string): number {
  const { tree } = pane;
  const deeper = pane.up ? "ArrowUp" : "ArrowDown";
  const higher = pane.up ? "ArrowDown" : "ArrowUp";
  if (key === deeper) return childrenOf(tree, node)[0] ?? node;
  if (key === higher) return tree.depth[node]! > pane.skip ? tree.parent[node]! : node;
  if (node === 0) return node;
  const siblings = childrenOf(tree, tree.parent[node]!).filter((one) => tree.total[one]! > 0);
  const at = siblings.indexOf(node) + (key === "ArrowRight" ? 1 : -1);
  return siblings[at] ?? node;
}

function firstBox(pane: Pane): number {
  let node = 0;
  while (pane.tree.depth[node]! < pane.skip && node + 1 < pane.tree.count) node++;
  return node;
}

function onKey(event: KeyboardEvent): void {
  const shown = scene.value;
  if (shown.panes.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const spot = chosen.value ?? { pane: 0, node: Math.max(zoomed.value, firstBox(shown.panes[0]!)) };
  const pane = shown.panes[spot.pane]!;
  if (event.key.startsWith("Arrow")) {
    let next = { pane: spot.pane, node: neighbour(pane, spot.node, event.key) };
    if (sameSpot(next, spot)) next = otherPane(shown, spot, event.key);
    change(() => (pinned.value = pinOf(next)));
    reveal(next);
    announce(describe(shown.panes[next.pane]!, next.node));
  } else if (event.key === "Enter" && chosen.value) {
    zoomTo(spot);
    announce(`zoomed to ${describe(pane, spot.node)}`);
  } else if (event.key === "Escape" || event.key === "Backspace") {
    if (zoom.value.length > 0 || range.value) change(() => leaveZoom(shown.panes[0]!.tree));
    else back();
  } else if (event.key === "Home") {
    change(() => {
      zoom.value = [];
      range.value = null;
    });
  } else return;
  event.preventDefault();
}

function leaveZoom(tree: Tree): void {
  if (!range.value) zoom.value = zoom.value.slice(0, Math.max(0, tree.depth[zoomed.value]! - 1));
  range.value = null;
}

/** From the outermost row of one pane to that of the pane above or below. */
function otherPane(shown: Scene, spot: Spot, key: string): Spot {
  const pane = spot.pane + (key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0);
  const other = shown.panes[pane];
  return other && pane !== spot.pane ? { pane, node: firstBox(other) } : spot;
}

/** Scrolls, and moves along the axis, until a box can be seen. */
function reveal(spot: Spot): void {
  const shown = scene.value;
  if (shown.kind === "sunburst") return;
  const top = topOf(shown, spot);
  if (top < seen.scroll) scrollTo(top - ROW);
  else if (top + ROW > seen.scroll + seen.height) scrollTo(top + 2 * ROW - seen.height);
  const { from, to } = place(shown.panes[spot.pane]!.tree, spot.node);
  if (to <= seen.from || from >= seen.to) {
    const span = seen.to - seen.from;
    const start = Math.max(0, Math.min(1 - span, (from + to) / 2 - span / 2));
    moveTo(start, start + span);
  }
  redraw();
}

/** "parse, 12.3% of everything, 1.2 s; 3 boxes below" */
export function describe(pane: Pane, node: number): string {
  const { tree, source } = pane;
  const total = tree.total[node]!;
  const below = childrenOf(tree, node).length;
  const unit = scene.value.timeEnd > 0 ? "ns" : measure.value.unit;
  return (
    `${source.keys.label(tree.key[node]!)}, ${percent(total, tree.total[0]!)} of everything, ` +
    `${amount(total, unit)}; ${below} ${below === 1 ? "box" : "boxes"} below`
  );
}

/** The function of a box becomes that of sandwich and source. */
function follow(spot: Spot | null): void {
  const pane = spot ? scene.value.panes[spot.pane] : undefined;
  const key = pane?.tree.key[spot!.node];
  if (pane && key !== undefined && pane.source.keys.func(key) && scene.value.kind !== "sandwich")
    subject.value = key;
}

const HELP =
  "Arrow keys go from box to box, Enter zooms, Escape goes back, Home shows everything. The same numbers are in the views Tree and Table.";

/** Mounts the canvas; returns what takes it away again. */
export function makeChart(host: HTMLElement): () => void {
  const empty = h("p", { class: "empty" });
  const note = h("p", { class: "chart-note" });
  canvas = h("canvas", {
    class: "chart",
    tabindex: 0,
    role: "application",
    "aria-describedby": "chart-help",
  });
  context = canvas.getContext("2d", { alpha: false })!;
  const help = h("p", { id: "chart-help", class: "unseen" }, HELP);
  const frame = h("div", { class: "chart-frame" }, canvas);
  host.append(note, frame, empty, help);

  canvas.addEventListener("wheel", onWheel, { passive: false });
  canvas.addEventListener("pointerdown", onPointerDown);
  canvas.addEventListener("pointermove", (event) => {
    const spot = spotOf(event);
    if (event.buttons === 0 && !sameSpot(spot, hover.value)) hover.value = spot;
  });
  canvas.addEventListener("pointerleave", () => (hover.value = null));
  canvas.addEventListener("keydown", onKey);
  const resized = new ResizeObserver(() => {
    const ratio = window.devicePixelRatio || 1;
    seen.width = frame.clientWidth;
    seen.height = frame.clientHeight;
    canvas.width = Math.max(1, Math.round(seen.width * ratio));
    canvas.height = Math.max(1, Math.round(seen.height * ratio));
    scrollTo(seen.scroll);
    if (scene.peek().kind === "flame" && zoomed.peek() === 0) scrollTo(Infinity);
    draw();
  });
  resized.observe(frame);

  let last: Scene | null = null;
  let lastZoom = 0;
  const disposers = [
    effect(() => {
      const shown = scene.value;
      const [from, to] = target.value;
      empty.textContent = shown.empty;
      note.textContent = shown.note;
      frame.hidden = shown.panes.length === 0;
      canvas.setAttribute("aria-label", `${shown.kind} of ${measure.value.label}`);
      const isNew = last?.kind !== shown.kind;
      const hasMoved = last !== shown || lastZoom !== zoomed.value;
      last = shown;
      lastZoom = zoomed.value;
      untracked(() => {
        hover.value = null;
        if (hasMoved) scrollToZoom();
        if (isNew) look(from, to);
        else moveTo(from, to);
      });
    }),
    effect(() => {
      marksNow();
      redraw();
    }),
    effect(() => {
      const spot = chosen.value;
      untracked(() => follow(spot));
    }),
  ];
  return () => {
    disposers.forEach((dispose) => dispose());
    resized.disconnect();
    cancelAnimationFrame(motion);
    cancelAnimationFrame(pending);
    pending = 0;
    host.replaceChildren();
  };
}

/** The nodes above a box and itself, innermost first: the call stack. */
export function stackOf(pane: Pane, node: number): number[] {
  const path = pathTo(pane.tree, node);
  return pane.up && pane.skip === 1 ? path : path.reverse();
}
