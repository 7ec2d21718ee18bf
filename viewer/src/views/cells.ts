// Cells with numbers, for the tables: a share with its bar and its error, an amount, a change. Each
// is made once and shown many times, as rows are used again.

import { amount, percent, points } from "../format.ts";
import { doubtOf, judge } from "../model/change.ts";
import { h, set } from "../ui/dom.ts";

export interface Share {
  amount: number;
  whole: number;
  error: number | null;
  unit: string;
}

export interface ShownChange {
  difference: number;
  error: number | null;
  words: string; // "1.32x", "new", "gone"
  unit: string;
}

const LEAST_SHOWN = 0.0005;

function cell(kind: string, ...children: HTMLElement[]): HTMLElement {
  return h("div", { role: "gridcell", class: `grid-cell ${kind}-cell` }, ...children);
}

export interface ShareCell {
  element: HTMLElement;
  show(share: Share): void;
}

/** 57.7%  ±7.4  3.19 s, and a line below: solid what is sure, pale as far as it may go. */
export function makeShareCell(): ShareCell {
  const part = h("span", { class: "cell-percent" });
  const error = h("span", { class: "cell-error" });
  const value = h("span", { class: "cell-amount" });
  const element = cell("share", part, error, value);
  return {
    element,
    show(share) {
      part.textContent = percent(share.amount, share.whole);
      const isKnown = share.error !== null && share.whole > 0 && share.amount > 0;
      // What would be "less than 0.1" is left out, or it would stand in nearly every row of a trace.
      const isShown = isKnown && share.error! >= share.whole * LEAST_SHOWN;
      error.textContent = isShown ? points(share.error!, share.whole) : "";
      set(element, "title", isKnown ? `±${amount(share.error!, share.unit)}` : null);
      value.textContent = amount(share.amount, share.unit);
      element.classList.toggle("is-zero", share.amount === 0);
      const place = (at: number): string =>
        `${(Math.min(1, Math.max(0, at / (share.whole || 1))) * 100).toFixed(2)}%`;
      const off = isKnown ? share.error! : 0;
      element.style.setProperty("--low", place(share.amount - off));
      element.style.setProperty("--middle", place(share.amount));
      element.style.setProperty("--high", place(share.amount + off));
    },
  };
}

export interface AmountCell {
  element: HTMLElement;
  show(value: number, unit: string): void;
}

export function makeAmountCell(): AmountCell {
  const element = cell("amount");
  return {
    element,
    show(value, unit) {
      element.textContent = Number.isNaN(value) ? "" : amount(value, unit);
      element.classList.toggle("is-zero", value === 0);
    },
  };
}

export interface ChangeCell {
  element: HTMLElement;
  show(change: ShownChange): void;
}

export function makeChangeCell(): ChangeCell {
  const value = h("span", { class: "cell-amount" });
  const ratio = h("span", { class: "cell-ratio" });
  const chance = h("span", { class: "unseen" });
  const element = cell("change", value, ratio, chance);
  return {
    element,
    show({ difference, error, words, unit }) {
      const verdict = judge(difference, error);
      const sign = difference > 0 ? "+" : "";
      value.textContent = difference === 0 ? "" : `${sign}${amount(difference, unit)}`;
      ratio.textContent = difference === 0 ? "same" : words;
      for (const [name, on] of [
        ["is-more", "more"],
        ["is-less", "less"],
        ["is-unsure", "same"],
      ] as const)
        element.classList.toggle(name, verdict === on);
      const why = doubtOf(difference, error);
      chance.textContent = why && `, ${why}`;
      const how = error === null ? "" : `±${amount(error, unit)}`;
      set(element, "title", [why, how].filter(Boolean).join(": ") || null);
    },
  };
}
