// Numbers as people say them, and the same as python/tare/render/units.py has them.

const TIMES: [number, string][] = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
];
const SIZES: [number, string][] = [
  [2 ** 40, "TiB"],
  [2 ** 30, "GiB"],
  [2 ** 20, "MiB"],
  [2 ** 10, "KiB"],
  [1, "bytes"],
];

function threeDigits(value: number): string {
  if (value >= 99.95) return group(Math.round(value));
  const text = value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
  return value === Math.round(value) ? String(value) : text;
}

function scaled(value: number, scales: [number, string][]): string {
  for (const [scale, unit] of scales)
    if (value >= scale * 0.9995) return `${threeDigits(value / scale)} ${unit}`;
  return `0 ${scales === TIMES ? "s" : "bytes"}`;
}

/** 12,345 */
export function group(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

export function duration(ns: number): string {
  if (ns < 60e9 * 0.9995) return scaled(ns, TIMES);
  const seconds = Math.round(ns / 1e9);
  const minutes = Math.floor(seconds / 60);
  const two = (value: number): string => String(value).padStart(2, "0");
  return minutes < 60
    ? `${minutes} min ${two(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** An amount in a metric's unit; signs are kept. */
export function amount(value: number, unit: string): string {
  if (value < 0) return `-${amount(-value, unit)}`;
  if (unit === "ns") return duration(value);
  if (unit === "bytes") return scaled(value, SIZES);
  const text = Number.isInteger(value) || value >= 1000 ? group(value) : threeDigits(value);
  return unit === "count" || unit === "" ? text : `${text} ${unit}`;
}

/** 12.3%; "" where there is no whole. */
export function percent(part: number, whole: number): string {
  if (!(whole > 0)) return "";
  const share = (part / whole) * 100;
  if (share !== 0 && Math.abs(share) < 0.05) return share < 0 ? "-<0.1%" : "<0.1%";
  return `${share.toFixed(1)}%`;
}

/** "±1.3" in points of a share. */
export function points(error: number, whole: number): string {
  const value = (error / whole) * 100;
  return value < 0.05 ? "±<0.1" : `±${value < 9.95 ? value.toFixed(1) : value.toFixed(0)}`;
}
