// Light or dark: as the system has it, unless somebody chose.

import { computed, effect, signal } from "@preact/signals-core";

import { DARK, LIGHT, type Theme } from "../draw/colour.ts";
import { theme } from "../state.ts";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", () => (systemDark.value = system.matches));

export const activeTheme = computed<Theme>(() => {
  const dark = theme.value === "auto" ? systemDark.value : theme.value === "dark";
  return dark ? DARK : LIGHT;
});

const STORED = "tare-theme";

/** Follows the choice, and remembers it where the page may: not in a sandboxed frame. */
export function keepTheme(): void {
  try {
    const stored = localStorage.getItem(STORED);
    if (stored === "light" || stored === "dark") theme.value = stored;
  } catch {}
  effect(() => {
    document.documentElement.dataset["theme"] = activeTheme.value.dark ? "dark" : "light";
    try {
      if (theme.value === "auto") localStorage.removeItem(STORED);
      else localStorage.setItem(STORED, theme.value);
    } catch {}
  });
}
