// The strip beside the source: the whole file at a glance, with the part that can be seen. A click
// or a drag goes there.

import { h } from "../ui/dom.ts";
import { colourOfChange, colourOfShare } from "../draw/colour.ts";
import { GAP, rowOf } from "../model/listing.ts";
import { ROW_HEIGHT, type Contents } from "./source_rows.ts";

const ROW = 3; // pixels for a line where the file is short
const TAB = 4;
const COLUMN = 0.45; // pixels for a sign

export interface FileMap {
  element: HTMLElement;
  show(contents: Contents): void;
  /** The part that can be seen changed. */
  follow(): void;
  dispose(): void;
}

export function makeFileMap(scrolled: HTMLElement): FileMap {
  const canvas = h("canvas", {});
  const frame = h("div", { class: "source-map-frame" });
  const element = h("div", { class: "source-map", "aria-hidden": "true" }, canvas, frame);
  let contents: Contents | null = null;
  const rowHeight = (): number =>
    Math.min(ROW, element.clientHeight / Math.max(1, contents?.listing.rows.length ?? 1));
  const draw = (): void => {
    if (contents) drawMap(canvas, contents, element.clientWidth, element.clientHeight, rowHeight());
    follow();
  };
  const follow = (): void => {
    const scale = rowHeight() / ROW_HEIGHT;
    frame.style.top = `${scrolled.scrollTop * scale}px`;
    frame.style.height = `${Math.max(8, scrolled.clientHeight * scale)}px`;
  };
  const goTo = (event: PointerEvent): void => {
    const y = event.clientY - element.getBoundingClientRect().top;
    scrolled.scrollTop = (y / rowHeight()) * ROW_HEIGHT - scrolled.clientHeight / 2;
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    goTo(event);
    event.preventDefault();
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) goTo(event);
  });
  const sizes = new ResizeObserver(draw);
  sizes.observe(element);
  return {
    element,
    show(next) {
      contents = next;
      draw();
    },
    follow,
    dispose: () => sizes.disconnect(),
  };
}

function drawMap(
  canvas: HTMLCanvasElement,
  contents: Contents,
  width: number,
  height: number,
  rowHeight: number,
): void {
  const { listing, costs, theme, isDiff } = contents;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (!context || width === 0) return;
  context.scale(ratio, ratio);
  drawText(context, contents, width, rowHeight);
  for (const line of costs.lines) {
    const heat = costs.heat(line);
    if (heat === 0) continue;
    const size = Math.abs(heat);
    context.fillStyle = isDiff
      ? colourOfChange(heat, theme)
      : colourOfShare(0.3 + 0.7 * heat, theme);
    const mark = width * (0.25 + 0.75 * Math.sqrt(size));
    context.fillRect(0, rowOf(listing.rows, line) * rowHeight - 0.5, mark, Math.max(2, rowHeight));
  }
}

/** The outline of the text, one stroke for each pixel that has lines. */
function drawText(
  context: CanvasRenderingContext2D,
  { listing, theme }: Contents,
  width: number,
  rowHeight: number,
): void {
  if (!listing.hasText) return;
  context.fillStyle = theme.rest;
  const step = Math.max(1, Math.round(1.5 / rowHeight)); // lines between strokes
  for (let place = 0; place < listing.rows.length; place += step) {
    const line = listing.rows[place]!;
    const text = line === GAP ? "" : (listing.text(line) ?? "");
    const begin = text.length - text.trimStart().length;
    if (begin === text.length) continue;
    const left = (text.startsWith("\t") ? begin * TAB : begin) * COLUMN;
    const right = Math.min(width - 2, left + (text.length - begin) * COLUMN);
    if (right > left)
      context.fillRect(left + 2, place * rowHeight, right - left, Math.max(1, rowHeight - 1.5));
  }
}
