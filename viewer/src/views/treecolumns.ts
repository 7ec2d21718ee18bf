// The columns of the tree of calls: numbers by node, and where a function is.

import { changeAt, errorAt, type Part } from "../model/change.ts";
import { whereIs } from "../model/groups.ts";
import type { Measure } from "../model/measure.ts";
import { numbersOf } from "../model/numbers.ts";
import { ratioWords } from "../model/table.ts";
import type { View } from "../model/view.ts";
import { h } from "../ui/dom.ts";
import { visible } from "../ui/visible.ts";
import { makeAmountCell, makeChangeCell, makeShareCell } from "./cells.ts";

export interface NodeColumn {
  label: string;
  title: string;
  width: string;
  kind: string;
  make(): { element: HTMLElement; show(node: number): void };
}

export function templateOf(columns: NodeColumn[], isNarrow: boolean): string {
  const name = isNarrow ? "minmax(220px, 1fr)" : "minmax(320px, 1fr)";
  return [name, ...columns.map((column) => column.width)].join(" ");
}

function placeColumn(of: View): NodeColumn {
  return {
    label: "file:line",
    title: "where the function is defined",
    width: "minmax(120px, 200px)",
    kind: "text-cell place-cell",
    make() {
      const element = h("div", { role: "gridcell", class: "grid-cell text-cell place-cell" });
      return {
        element,
        show(node) {
          const func = of.keys.func(of.tree.key[node]!);
          element.textContent = func ? whereIs(func) : "";
          element.title = visible(func?.file ?? "");
        },
      };
    },
  };
}

export function nodeColumns(of: View, measures: Measure[], isNarrow: boolean): NodeColumn[] {
  return of.isDiff ? differenceColumns(of) : shareColumns(of, measures, isNarrow);
}

function shareColumns(of: View, measures: Measure[], isNarrow: boolean): NodeColumn[] {
  const { measure } = of.wishes;
  const whole = of.total(measure)[0]!;
  const all = numbersOf(of);
  const hasErrors = errorAt(all, measure, 0, 0, whole) !== null;
  const share = (part: Part, title: string, numbers: Float64Array): NodeColumn => ({
    label: part,
    title: `${measure.label} ${title}`,
    width: hasErrors ? "188px" : "156px",
    kind: "share-cell",
    make() {
      const { element, show } = makeShareCell();
      return {
        element,
        show(node) {
          const value = numbers[node]!;
          const error = errorAt(all, measure, node, 0, value, part);
          show({ amount: value, whole, error, unit: measure.unit });
        },
      };
    },
  });
  const columns = [
    share("total", "here, with what was called from here", of.total(measure)),
    share("own", "here, without what was called", of.self(measure)),
  ];
  const calls = measures.find((one) => one.id === "calls");
  if (calls && calls.id !== measure.id && !isNarrow) {
    const numbers = of.self(calls);
    columns.push({
      label: "calls",
      title: "how often it was called from here",
      width: "100px",
      kind: "amount-cell",
      make() {
        const { element, show } = makeAmountCell();
        return { element, show: (node) => show(numbers[node]!, calls.unit) };
      },
    });
  }
  return [...columns, placeColumn(of)];
}

function differenceColumns(of: View): NodeColumn[] {
  const { measure } = of.wishes;
  const all = numbersOf(of);
  const sides = [0, 1].map((side): NodeColumn => {
    const numbers = of.total(measure, side);
    const name = side === 0 ? "A" : "B";
    return {
      label: name,
      title: `${measure.label} with what was called, in ${visible(of.model.profiles[side]!.name)}`,
      width: "92px",
      kind: "amount-cell",
      make() {
        const { element, show } = makeAmountCell();
        return { element, show: (node) => show(numbers[node]!, measure.unit) };
      },
    };
  });
  const difference: NodeColumn = {
    label: "B - A",
    title: "how the total changed",
    width: "158px",
    kind: "change-cell",
    make() {
      const { element, show } = makeChangeCell();
      return {
        element,
        show(node) {
          const { before, after, error } = changeAt(all, measure, node);
          const words = ratioWords(before, after);
          show({ difference: after - before, error, words, unit: measure.unit });
        },
      };
    },
  };
  return [...sides, difference, placeColumn(of)];
}
