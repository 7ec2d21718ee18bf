// Colours that people with any colour vision can tell apart, for light and dark pages.
//
// Modules get hues from the set of Okabe and Ito, lightened or darkened until black or white text
// has a contrast of 4.5 on them; the heaviest first, the ninth and later are grey. Amounts go along
// a scale from blue to yellow (like cividis: lightness alone is enough). Changes are red and blue,
// never red and green; grey is what may be chance.

import type { Keys } from "../model/groups.ts";
import { isStandardLibrary, moduleOf } from "../model/groups.ts";
import { NATIVE, SYNTHETIC } from "../model/profile.ts";

type Rgb = [number, number, number];

export interface Theme {
  dark: boolean;
  background: string;
  text: string; // on the background
  faint: string;
  accent: string; // outline of what is chosen
  match: string; // fill of what was found
  ink: string; // on boxes
  rest: string; // fill of what is not shown one by one
  stripes: string;
}

export const LIGHT: Theme = {
  dark: false,
  background: "#ffffff",
  text: "#1c1e21",
  faint: "#5d646d",
  accent: "#1c1e21",
  match: "#ff66c4",
  ink: "#16181b",
  rest: "#d9dce0",
  stripes: "rgba(20,24,30,0.22)",
};

export const DARK: Theme = {
  dark: true,
  background: "#15171a",
  text: "#e8eaed",
  faint: "#a0a7b0",
  accent: "#ffffff",
  match: "#d6339a",
  ink: "#ffffff",
  rest: "#3a3f46",
  stripes: "rgba(255,255,255,0.22)",
};

// Sky, orange, green, purple, yellow, vermilion, blue, and a brown that none of them is.
const HUES: Rgb[] = [
  [86, 180, 233],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [240, 228, 66],
  [213, 94, 0],
  [0, 114, 178],
  [150, 112, 84],
];
const GREY: Rgb = [154, 160, 168];

function mix(a: Rgb, b: Rgb, part: number): Rgb {
  return a.map((value, i) => Math.round(value + (b[i]! - value) * part)) as Rgb;
}

function css(colour: Rgb): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function luminance(colour: Rgb): number {
  const linear = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
}

/** Towards white or black until ink can be read on it. */
function readable(colour: Rgb, theme: Theme): Rgb {
  const towards: Rgb = theme.dark ? [0, 0, 0] : [255, 255, 255];
  const fits = (candidate: Rgb): boolean => {
    const own = luminance(candidate);
    return theme.dark ? 1.05 / (own + 0.05) >= 4.7 : (own + 0.05) / 0.058 >= 5;
  };
  let result = theme.dark ? mix(colour, towards, 0.25) : mix(colour, towards, 0.3);
  for (let part = 0.05; !fits(result) && part <= 1; part += 0.05)
    result = mix(colour, towards, part);
  return result;
}

function hash(text: string): number {
  let value = 2166136261;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  return (value >>> 0) / 2 ** 32;
}

export interface Legend {
  label: string;
  colour: string;
}

/** By key: the name of what it is coloured as. */
export function categoryOf(keys: Keys, key: number): string {
  const func = keys.func(key);
  if (!func) return keys.kind(key) === "module" ? keys.label(key) : "";
  if (func.kind === SYNTHETIC) return "";
  if (func.kind === NATIVE && (func.file === "" || func.file === "~")) return "native";
  return isStandardLibrary(func) ? "standard library" : moduleOf(func);
}

/** Fills by module; categories come with the heaviest first. */
export function colourByModule(
  keys: Keys,
  categories: string[],
  theme: Theme,
): { fill: (key: number) => string; legend: Legend[] } {
  const hue = new Map<string, Rgb>();
  const named = categories.filter((category) => category !== "");
  named.slice(0, HUES.length).forEach((category, i) => hue.set(category, HUES[i]!));
  const known = new Map<number, string>();
  const fill = (key: number): string => {
    let colour = known.get(key);
    if (colour === undefined) {
      const base = readable(hue.get(categoryOf(keys, key)) ?? GREY, theme);
      // Neighbours of one module differ a little in lightness.
      const shade = mix(
        base,
        theme.dark ? [0, 0, 0] : [255, 255, 255],
        hash(keys.label(key)) * 0.28,
      );
      known.set(key, (colour = css(shade)));
    }
    return colour;
  };
  const legend = named.slice(0, HUES.length).map((category) => ({
    label: category,
    colour: css(readable(hue.get(category)!, theme)),
  }));
  if (named.length > HUES.length)
    legend.push({ label: "others", colour: css(readable(GREY, theme)) });
  return { fill, legend };
}

// Points of a scale whose lightness rises evenly.
const SCALE_LIGHT: Rgb[] = [
  [233, 236, 241],
  [166, 190, 222],
  [124, 155, 200],
  [247, 203, 87],
  [245, 158, 40],
];
const SCALE_DARK: Rgb[] = [
  [44, 49, 58],
  [45, 78, 125],
  [70, 104, 160],
  [140, 104, 20],
  [160, 80, 8],
];

/** A share from 0 to 1 along the scale. */
export function colourOfShare(share: number, theme: Theme): string {
  const scale = theme.dark ? SCALE_DARK : SCALE_LIGHT;
  const at = Math.min(1, Math.max(0, share)) * (scale.length - 1);
  const step = Math.min(scale.length - 2, Math.floor(at));
  return css(mix(scale[step]!, scale[step + 1]!, at - step));
}

/** A change from -1 (all of it gone, blue) to 1 (all of it new, red). */
export function colourOfChange(change: number, theme: Theme): string {
  const none: Rgb = theme.dark ? [58, 63, 70] : [226, 229, 233];
  const more: Rgb = theme.dark ? [176, 44, 32] : [236, 106, 92];
  const less: Rgb = theme.dark ? [24, 92, 168] : [92, 160, 226];
  const size = Math.min(1, Math.abs(change)) ** 0.6;
  return css(mix(none, change > 0 ? more : less, 0.15 + 0.85 * size));
}

export function colourOfNoChange(theme: Theme): string {
  return theme.dark ? "#3a3f46" : "#dfe2e6";
}
