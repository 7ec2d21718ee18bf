// One small chart: its axis, its lines, and the mark of its peak.

import { amount, duration, group } from "../format.ts";
import { rate, statsOf, type Chart, type Line } from "../model/counters.ts";
import type { Theme } from "../draw/colour.ts";

export const LEFT = 62; // pixels, for the numbers of the axis
export const RIGHT = 14;
const TOP = 9;
const BOTTOM = 7;
const DASHES = [[], [5, 3], [2, 2]];

/** "0.83", "31.9 MiB", "1,240", "3.1%". */
export function say(value: number, unit: Chart["unit"]): string {
  if (unit === "bytes" || unit === "ns") return amount(value, unit);
  if (unit === "cores") return value.toFixed(2);
  if (unit === "%") return `${value.toFixed(1)}%`;
  return value >= 10 || Number.isInteger(value) ? group(Math.round(value)) : value.toFixed(1);
}

/** A round number not below, and how many parts it has. */
export function roundUp(value: number, unit: Chart["unit"]): { top: number; parts: number } {
  if (!Number.isFinite(value)) return { top: 1, parts: 2 };
  const base =
    unit === "bytes" ? 1024 ** Math.max(0, Math.floor(Math.log2(Math.max(1, value)) / 10)) : 1;
  const wanted = value / base;
  const power = 10 ** Math.floor(Math.log10(wanted || 1));
  for (const step of [1, 1.5, 2, 3, 4, 5, 6, 8, 10])
    if (step * power >= wanted * 0.999)
      return { top: step * power * base, parts: step === 1.5 || step === 3 ? 3 : 2 };
  return { top: 10 * power * base, parts: 2 };
}

/** Round times, about so many; 0 alone where the axis has no length. */
export function timeTicks(end: number, count: number): number[] {
  if (!(end >= 1 && end < Infinity)) return [0]; // points are whole nanoseconds
  const wanted = end / Math.max(1, count);
  const seconds = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400,
  ];
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step =
    wanted >= 1e9
      ? (seconds.map((one) => one * 1e9).find((one) => one >= wanted) ??
        Math.ceil(wanted / 86400e9) * 86400e9)
      : ([1, 2, 5].map((one) => one * power).find((one) => one >= wanted) ?? 10 * power);
  const ticks: number[] = [];
  for (let time = 0; time <= end * 1.0001; time += step) ticks.push(time);
  return ticks;
}

export function sayTime(ns: number): string {
  return ns === 0 ? "0" : duration(ns);
}

export interface Plot {
  chart: Chart;
  end: number; // nanoseconds, at the right
  colours: string[]; // by line
  theme: Theme;
  grid: string;
  font: string;
}

/** A canvas in the size of its box, with one unit for each pixel of the page. */
export function prepare(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0 || height === 0) return null;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context?.scale(ratio, ratio);
  return context;
}

export function drawPlot(canvas: HTMLCanvasElement, plot: Plot): void {
  const context = prepare(canvas);
  if (!context) return;
  const { chart, end, theme } = plot;
  const width = canvas.clientWidth - LEFT - RIGHT;
  const height = canvas.clientHeight - TOP - BOTTOM;
  const most = chart.lines.reduce(
    (peak, line) => Math.max(peak, statsOf(line, 0, Infinity).peak),
    0,
  );
  const { top, parts } = roundUp(most, chart.unit);
  const x = (time: number): number => LEFT + (time / end) * width;
  const y = (value: number): number => TOP + height - (value / top) * height;
  context.font = plot.font;
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.lineWidth = 1;
  for (let part = 0; part <= parts; part++) {
    const value = (top * part) / parts;
    const at = Math.round(y(value)) + 0.5;
    context.fillStyle = plot.grid;
    context.fillRect(LEFT, at - 0.5, width, 1);
    context.fillStyle = theme.faint;
    context.fillText(value === 0 ? "0" : sayAxis(value, chart.unit), LEFT - 8, at);
  }
  chart.lines.forEach((line, i) => {
    context.strokeStyle = context.fillStyle = plot.colours[i]!;
    context.setLineDash(DASHES[Math.floor(line.place / 5) % DASHES.length]!);
    drawLine(context, line, x, y, chart.lines.length === 1);
  });
  context.setLineDash([]);
  if (chart.marksPeak) markPeak(context, plot, x, y, canvas.clientWidth);
}

function sayAxis(value: number, unit: Chart["unit"]): string {
  return unit === "cores" ? String(Math.round(value * 1000) / 1000) : say(value, unit);
}

function drawLine(
  context: CanvasRenderingContext2D,
  line: Line,
  x: (time: number) => number,
  y: (value: number) => number,
  isAlone: boolean,
): void {
  const { times, amounts, scale, isRate } = line;
  context.beginPath();
  if (isRate)
    for (let i = 0; i + 1 < times.length; i++) {
      const level = y(rate(line, i));
      context.lineTo(x(times[i]!), level);
      context.lineTo(x(times[i + 1]!), level);
    }
  else times.forEach((time, i) => context.lineTo(x(time), y(amounts[i]! * scale)));
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  context.stroke();
  if (!isAlone) return;
  context.lineTo(x(times[times.length - 1]!), y(0));
  context.lineTo(x(times[0]!), y(0));
  context.globalAlpha = 0.1;
  context.fill();
  context.globalAlpha = 1;
}

function markPeak(
  context: CanvasRenderingContext2D,
  { chart, theme, colours }: Plot,
  x: (time: number) => number,
  y: (value: number) => number,
  width: number,
): void {
  const peaks = chart.lines.map((line) => statsOf(line, 0, Infinity));
  const best = peaks.reduce((a, b, i) => (b.peak > peaks[a]!.peak ? i : a), 0);
  const { peak, peakTime } = peaks[best]!;
  if (peak === 0) return;
  const at = { x: x(peakTime), y: y(peak) };
  context.fillStyle = colours[best]!;
  context.strokeStyle = theme.background;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(at.x, at.y, 4, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  const words = `peak ${say(peak, chart.unit)}`;
  const room = context.measureText(words).width + 12;
  const isLeft = at.x + room > width - RIGHT;
  context.textAlign = isLeft ? "right" : "left";
  context.fillStyle = theme.text;
  context.strokeStyle = theme.background;
  context.lineWidth = 4;
  const place = [at.x + (isLeft ? -9 : 9), Math.min(at.y + 13, y(0) - 8)] as const;
  context.strokeText(words, ...place);
  context.fillText(words, ...place);
}

/** The axis of time above all charts. */
export function drawAxis(canvas: HTMLCanvasElement, end: number, theme: Theme, font: string): void {
  const context = prepare(canvas);
  if (!context) return;
  const width = canvas.clientWidth - LEFT - RIGHT;
  context.font = font;
  context.textBaseline = "middle";
  context.fillStyle = theme.faint;
  for (const time of timeTicks(end, Math.max(2, width / 110))) {
    const x = LEFT + (time / end) * width;
    context.fillRect(Math.round(x), canvas.clientHeight - 5, 1, 5);
    context.textAlign = x > canvas.clientWidth - 40 ? "right" : "center";
    context.fillText(
      sayTime(time).replace(/(\.\d)0 /, "$1 "),
      Math.min(x, canvas.clientWidth - 2),
      canvas.clientHeight / 2 - 2,
    );
  }
}
