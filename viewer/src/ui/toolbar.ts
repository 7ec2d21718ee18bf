// The top of the page: which profile, which view, and how it is shown.

import { computed, effect } from "@preact/signals-core";

import { amount, percent } from "../format.ts";
import { labelOf } from "../model/groups.ts";
import { sumMatched } from "../model/search.ts";
import type { Step } from "../model/view.ts";
import {
  apart,
  change,
  colour,
  cutoff,
  CUTOFFS,
  depth,
  DEPTHS,
  knownOnly,
  labelSets,
  measure,
  measureId,
  measures,
  model,
  line,
  order,
  pinned,
  profiles,
  query,
  range,
  screen,
  search,
  shown,
  steps,
  subject,
  view,
  zoom,
} from "../state.ts";
import { scene } from "../draw/scene.ts";
import { zoomed } from "../draw/chart.ts";
import { nextTheme, SCREEN_KEYS, SCREEN_WORDS, show, toggle } from "./commands.ts";
import { fill, h } from "./dom.ts";
import { copyLink, SAVES } from "./saving.ts";
import { visible } from "./visible.ts";

const CHARTS = new Set(["icicle", "flame", "sunburst", "time", "sandwich", "inverted"]);

export function isChart(): boolean {
  return CHARTS.has(screen.value);
}

interface Choice {
  value: string;
  label: string;
}

/** A labelled select that follows a value. */
function choose(
  label: string,
  id: string,
  choices: () => Choice[],
  value: () => string,
  pick: (value: string) => void,
): HTMLElement {
  const select = h("select", {
    id,
    "aria-label": label === "" ? id : null,
    onchange: () => change(() => pick(select.value)),
  });
  effect(() => {
    const options = choices();
    fill(
      select,
      ...options.map((one) =>
        h("option", { value: one.value, selected: one.value === value() }, one.label),
      ),
    );
    select.value = value();
  });
  const words = label === "" ? null : h("span", {}, label);
  return h("label", { class: "choice", for: id }, words, select);
}

function check(label: string, value: () => boolean, pick: (on: boolean) => void): HTMLElement {
  const box = h("input", { type: "checkbox", onchange: () => pick(box.checked) });
  effect(() => {
    box.checked = value();
  });
  return h("label", { class: "check" }, box, label);
}

/** "python work.py" of "/usr/bin/python work.py": About has the whole. */
function withoutFolder(command: string): string {
  return command.replace(/^(?:'[^']*\/([^'/]*)'|[^\s']*\/)/, "$1");
}

/** The command that was measured; of an import the file's name. */
function titleOf(id: number): string {
  const profile = profiles.value[id]!;
  return visible(withoutFolder(profile.head.meta["target.command"] ?? "") || profile.name);
}

function header(outside: { showHelp(): void }): HTMLElement {
  const title = h("h1", {});
  const facts = h("p", { class: "facts" });
  effect(() => {
    const [first, second] = shown.value;
    fill(
      title,
      titleOf(first!),
      second === undefined ? null : h("span", { class: "versus" }, ` → ${titleOf(second)}`),
    );
    title.title = title.textContent ?? "";
    document.title = `${title.textContent} · Tare`;
    fill(facts, ...model.value.profiles.map((_, side) => summary(side)));
  });
  const files = fileChooser();
  return h(
    "div",
    { class: "heading" },
    h("span", { class: "logo", "aria-hidden": "true" }, "tare"),
    h("div", { class: "titles" }, title, facts),
    files,
    saveMenu(),
    h(
      "button",
      {
        type: "button",
        class: "icon",
        title: "light or dark (t)",
        "aria-label": "light or dark",
        onclick: nextTheme,
      },
      "◐",
    ),
    h(
      "button",
      {
        type: "button",
        class: "icon",
        title: "all keys (?)",
        "aria-label": "help: all keys",
        onclick: outside.showHelp,
      },
      "?",
    ),
  );
}

const WORDS: Record<string, string> = {
  samples: "sampled",
  memory: "memory measured",
  trace: "traced",
  lines: "lines measured",
};

/** "sampled, 1.2 s wall, 1.1 s CPU" */
function summary(side: number): HTMLElement {
  const { head, name } = model.value.profiles[side]!;
  const seconds = (key: string, words: string): string => {
    const ns = Number(head.meta[key]);
    return ns > 0 ? `${amount(ns, "ns")} ${words}` : "";
  };
  const parts = [
    head.meta["import.format"] ? `from ${head.meta["import.format"]}` : WORDS[head.kind]!,
    seconds("wall_ns", "wall"),
    seconds("cpu_ns", "CPU"),
  ].filter((part) => part !== "");
  const isDiff = model.value.profiles.length > 1;
  return h(
    "button",
    {
      type: "button",
      class: "fact",
      title: "how this was measured, and how sure it is (a)",
      onclick: () => show("about"),
    },
    isDiff ? h("b", {}, `${"AB"[side]} ${visible(name)} `) : null,
    parts.join(" · "),
    head.complete ? null : h("strong", { class: "warning" }, " cut short"),
  );
}

function fileChooser(): HTMLElement | null {
  if (profiles.value.length < 2) return null;
  const choices = (): Choice[] => {
    const one = profiles.value.map((profile, id) => ({
      value: String(id),
      label: visible(profile.name),
    }));
    const pairs: Choice[] = [];
    for (let a = 0; a < profiles.value.length; a++)
      for (let b = 0; b < profiles.value.length; b++)
        if (a !== b)
          pairs.push({
            value: `${a}-${b}`,
            label: visible(`${profiles.value[a]!.name} → ${profiles.value[b]!.name}`),
          });
    return [
      ...one,
      ...(profiles.value.length <= 6 ? pairs : pairs.filter((pair) => pair.value.startsWith("0-"))),
    ];
  };
  return choose(
    "",
    "files",
    choices,
    () => shown.value.join("-"),
    (value) => {
      shown.value = value.split("-").map(Number);
      // Ids are a model's own.
      steps.value = [];
      zoom.value = [];
      pinned.value = [];
      range.value = null;
      labelSets.value = null;
      subject.value = -1;
      line.value = 0;
    },
  );
}

function menu(words: string, hint: string, ...content: (HTMLElement | null)[]): HTMLElement {
  const details = h(
    "details",
    { class: "menu" },
    h("summary", { title: hint }, words),
    h("div", { class: "menu-body" }, ...content),
  );
  document.addEventListener("pointerdown", (event) => {
    if (!details.contains(event.target as Node)) details.open = false;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary")!.focus();
    event.stopPropagation();
  });
  return details;
}

function saveMenu(): HTMLElement {
  const items = SAVES.map((one) => {
    const button = h("button", { type: "button", onclick: one.run }, one.words);
    effect(() => {
      button.disabled = one.isPicture && (!isChart() || scene.value.panes.length === 0);
    });
    return button;
  });
  return menu(
    "Save",
    "link, picture, table",
    h("button", { type: "button", onclick: () => void copyLink() }, "Copy a link to this view"),
    ...items,
  );
}

function screens(): HTMLElement {
  const buttons = SCREEN_KEYS.map(([key, name, words]) => {
    const button = h(
      "button",
      { type: "button", title: `${words} (${key})`, onclick: () => show(name) },
      SCREEN_WORDS[name],
    );
    effect(() => button.setAttribute("aria-pressed", String(screen.value === name)));
    return button;
  });
  return h("nav", { class: "screens", "aria-label": "views" }, ...buttons);
}

/** Labels by which there is more than one group. */
const labelKeys = computed<string[]>(() => {
  const values = new Map<string, Set<string>>();
  for (const profile of model.value.profiles)
    for (const labels of profile.head.label_sets)
      for (const [key, value] of Object.entries(labels)) {
        if (key === "main") continue;
        values.set(key, (values.get(key) ?? new Set()).add(value));
      }
  return [...values].filter(([, found]) => found.size > 1).map(([key]) => key);
});

/** One box for each thread that measured anything; none for two profiles, whose threads differ. */
function threadChoices(): HTMLElement {
  const body = h("div", { class: "threads" });
  effect(() => {
    const [profile, other] = model.value.profiles;
    const used = new Set(profile!.block.columns.map((column) => column.labelSet));
    const ids = profile!.head.label_sets
      .map((labels, id) => (Object.keys(labels).length > 0 && used.has(id) ? id : -1))
      .filter((id) => id >= 0);
    if (ids.length < 2 || other) {
      fill(body);
      return;
    }
    const boxes = ids.map((id) => threadChoice(id, ids, labelOf(profile!.head.label_sets[id]!)));
    fill(body, h("h2", {}, "Threads"), ...boxes.map((box) => box.element));
    return () => boxes.forEach((box) => box.dispose());
  });
  return body;
}

function threadChoice(
  id: number,
  ids: number[],
  label: string,
): { element: HTMLElement; dispose(): void } {
  const box = h("input", {
    type: "checkbox",
    onchange: () => {
      const chosen = new Set(labelSets.value ?? ids);
      if (box.checked) chosen.add(id);
      else chosen.delete(id);
      change(() => (labelSets.value = chosen.size === ids.length ? null : chosen));
    },
  });
  const dispose = effect(() => {
    box.checked = labelSets.value?.has(id) ?? true;
  });
  return { element: h("label", { class: "check" }, box, label), dispose };
}

function options(): HTMLElement {
  const estimated = check(
    "only paths that are certain",
    () => knownOnly.value,
    (on) => change(() => (knownOnly.value = on)),
  );
  const raw = check(
    "with the cost of measuring",
    () => measure.value.id === "raw_ns",
    (on) => change(() => (measureId.value = on ? "raw_ns" : "")),
  );
  effect(() => {
    estimated.hidden = model.value.estimated === null;
    raw.hidden = !measures.value.some((one) => one.id === "raw_ns");
  });
  return menu(
    "Options",
    "order, depth, cutoff, threads",
    choose(
      "Order",
      "order",
      () => [
        { value: "heaviest", label: "most first" },
        { value: "name", label: "by name" },
        { value: "first", label: "as first seen" },
      ],
      () => order.value,
      (value) => (order.value = value as typeof order.value),
    ),
    choose(
      "Depth",
      "depth",
      () => DEPTHS.map((one) => ({ value: String(one), label: one === 0 ? "all" : String(one) })),
      () => String(depth.value),
      (value) => (depth.value = Number(value)),
    ),
    choose(
      "Cutoff",
      "cutoff",
      () =>
        CUTOFFS.map((one) => ({ value: String(one), label: one === 0 ? "none" : `1/${1 / one}` })),
      () => String(cutoff.value),
      (value) => (cutoff.value = Number(value)),
    ),
    choose(
      "Apart",
      "apart",
      () => [
        { value: "", label: "all together" },
        ...labelKeys.value.map((key) => ({ value: key, label: `by ${key}` })),
      ],
      () => apart.value,
      (value) => (apart.value = value),
    ),
    check(
      "standard library as one box (l)",
      () => steps.value.some((step) => step.kind === "library"),
      () => toggle("library"),
    ),
    check(
      "merge recursion (r)",
      () => steps.value.some((step) => step.kind === "recursion"),
      () => toggle("recursion"),
    ),
    raw,
    estimated,
    threadChoices(),
  );
}

function searchBox(): { element: HTMLElement; input: HTMLInputElement } {
  const input = h("input", {
    type: "search",
    id: "search",
    placeholder: "Search: regex or file.py:12",
    "aria-label": "search",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => (search.value = input.value),
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        search.value = "";
        input.blur();
      }
    },
  });
  const found = h("output", { class: "found", for: "search" });
  effect(() => {
    if (input.value !== search.value) input.value = search.value;
    found.classList.toggle("problem", query.value.problem !== "");
    if (search.value.trim() === "") found.textContent = "";
    else if (query.value.problem !== "") found.textContent = query.value.problem;
    else {
      const { tree } = view.value;
      found.textContent = `${percent(sumMatched(tree, query.value, tree.total), tree.total[0]!) || "0.0%"} matched`;
    }
  });
  return { element: h("div", { class: "search" }, input, found), input };
}

function wordsOf(step: Step): string {
  const name = (id: number): string => model.value.functions[id]?.name ?? "?";
  switch (step.kind) {
    case "focus":
      return `only ${name(step.id)}`;
    case "hide":
      return `without ${name(step.id)}`;
    case "drop":
      return `${name(step.id)} left out`;
    case "module":
      return `${step.id} as one box`;
    case "library":
      return "standard library as one box";
    case "recursion":
      return "recursion merged";
  }
}

function chip(words: string, hint: string, act: () => void): HTMLElement {
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: "chip",
        title: hint,
        "aria-label": `${words}: ${hint}`,
        onclick: act,
      },
      words,
      h("span", { "aria-hidden": "true" }, " ×"),
    ),
  );
}

/** What has been done to the tree, each to be taken back alone. */
function chips(): HTMLElement {
  const list = h("ul", { class: "chips", "aria-label": "what is shown" });
  effect(() => {
    const made = steps.value.map((step, index) =>
      chip(wordsOf(step), "take this back", () =>
        change(() => (steps.value = steps.value.filter((_, i) => i !== index))),
      ),
    );
    const first = scene.value.panes[0];
    if (isChart() && first && zoomed.value > 0)
      made.unshift(
        chip(
          `zoomed to ${first.source.keys.label(first.tree.key[zoomed.value]!)}`,
          "show everything",
          () =>
            change(() => {
              zoom.value = [];
              range.value = null;
            }),
        ),
      );
    else if (isChart() && range.value)
      made.unshift(chip("zoomed", "show everything", () => change(() => (range.value = null))));
    if (labelSets.value)
      made.push(
        chip(
          `${labelSets.value.size} thread${labelSets.value.size === 1 ? "" : "s"}`,
          "show all threads",
          () => change(() => (labelSets.value = null)),
        ),
      );
    if (apart.value !== "")
      made.push(
        chip(`by ${apart.value}`, "show all together", () => change(() => (apart.value = ""))),
      );
    if (depth.value > 0 && isChart())
      made.push(
        chip(`depth ${depth.value}`, "show all levels", () => change(() => (depth.value = 0))),
      );
    if (cutoff.value > 0 && isChart())
      made.push(
        chip(`cutoff 1/${1 / cutoff.value}`, "draw all boxes", () =>
          change(() => (cutoff.value = 0)),
        ),
      );
    if (knownOnly.value)
      made.push(
        chip("only certain paths", "show the estimated ones", () =>
          change(() => (knownOnly.value = false)),
        ),
      );
    list.hidden = made.length === 0;
    fill(list, ...made);
  });
  return list;
}

export function makeToolbar(
  host: HTMLElement,
  outside: { showHelp(): void },
): { input: HTMLInputElement } {
  const box = searchBox();
  const width = choose(
    "Width",
    "width",
    () => measures.value.map((one) => ({ value: one.id, label: one.label })),
    () => measure.value.id,
    (value) => (measureId.value = value),
  );
  const by = choose(
    "Colour",
    "colour",
    () => [
      { value: "module", label: "module" },
      ...measures.value
        .filter((one) => one !== measure.value)
        .map((one) => ({ value: one.id, label: one.label })),
    ],
    () => colour.value,
    (value) => (colour.value = value),
  );
  effect(() => {
    by.hidden = !isChart() || view.value.isDiff;
    width.hidden = screen.value === "counters" || screen.value === "about";
  });
  host.append(
    header(outside),
    h(
      "div",
      { class: "toolbar" },
      screens(),
      h("div", { class: "choices" }, width, by, options(), box.element),
    ),
    chips(),
  );
  return { input: box.input };
}
