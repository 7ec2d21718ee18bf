// The page: unpacks the profiles in it, then shows them.

import "./style/base.css";
import "./style/source.css";
import "./style/counters.css";
import "./style/about.css";
import "./style/table.css";
import "./style/tree.css";

import { computed, effect, untracked } from "@preact/signals-core";

import { readBlock, unpack } from "./data/block.ts";
import { makeChart } from "./draw/chart.ts";
import { Profile } from "./model/profile.ts";
import {
  fromLink,
  isSettled,
  profiles,
  screen,
  sources,
  tableBelow,
  toLink,
  type Screen,
  type Sources,
} from "./state.ts";
import { copyLink } from "./ui/saving.ts";
import { listen, makeCommands, type Command } from "./ui/commands.ts";
import { makeDetails } from "./ui/details.ts";
import { announce, fill, h } from "./ui/dom.ts";
import { keepTheme } from "./ui/theme.ts";
import { isChart, makeToolbar } from "./ui/toolbar.ts";
import { makeAbout } from "./views/about.ts";
import { makeCounters } from "./views/counters.ts";
import { makeSource } from "./views/source.ts";
import { makeTable } from "./views/table.ts";
import { makeTree } from "./views/tree.ts";

function embedded(kind: string): HTMLScriptElement[] {
  return [...document.querySelectorAll<HTMLScriptElement>(`script[data-kind="${kind}"]`)];
}

/** Takes the packed text out of the page, so that it is not kept twice. */
async function take(script: HTMLScriptElement): Promise<Uint8Array> {
  const text = script.textContent ?? "";
  script.textContent = "";
  return unpack(text);
}

async function load(): Promise<void> {
  const blocks = await Promise.all(
    embedded("profile").map(async (script) => {
      const bytes = await take(script);
      return new Profile(script.dataset["name"] ?? "profile", readBlock(bytes));
    }),
  );
  if (blocks.length === 0) throw new Error("there is no profile in this page");
  profiles.value = blocks;
}

/** Texts are not needed for the first picture. */
async function loadSources(): Promise<void> {
  for (const script of embedded("sources"))
    sources.value = JSON.parse(new TextDecoder().decode(await take(script))) as Sources;
}

function makeHelp(commands: Command[]): HTMLDialogElement {
  const rows = commands.map((command) =>
    h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, command.key)), h("td", {}, command.words)),
  );
  const dialog = h(
    "dialog",
    { class: "help", "aria-labelledby": "help-title" },
    h("h2", { id: "help-title" }, "Keys"),
    h("table", {}, h("tbody", {}, ...rows)),
    h(
      "p",
      {},
      "In a picture: arrows go from box to box, Enter or a click zooms, Escape goes back, Home shows everything; drag or Shift and the wheel move, Ctrl and the wheel zoom, Shift and a click only keep a box's details.",
    ),
    h("form", { method: "dialog" }, h("button", { class: "primary" }, "Close")),
  );
  return dialog;
}

const SCREENS: Partial<Record<Screen, (host: HTMLElement) => () => void>> = {
  tree: makeTree,
  table: (host) => makeTable(host, { compact: false }),
  source: makeSource,
  counters: makeCounters,
  about: makeAbout,
};

/** A chart with its details, and the table below it. */
function makePicture(host: HTMLElement): () => void {
  const chart = h("section", { class: "picture", "aria-label": "picture" });
  const table = h("section", { class: "below", "aria-label": "functions" });
  const details = h("aside", { class: "details", "aria-label": "details" });
  host.append(h("div", { class: "left" }, chart, table), details);
  const disposers = [makeChart(chart), makeDetails(details)];
  let disposeTable = (): void => {};
  disposers.push(
    effect(() => {
      disposeTable();
      table.hidden = !tableBelow.value;
      disposeTable =
        tableBelow.value && isSettled.value
          ? untracked(() => makeTable(table, { compact: true }))
          : () => {};
    }),
    () => disposeTable(),
  );
  return () => disposers.forEach((dispose) => dispose());
}

function start(app: HTMLElement): void {
  const top = h("header", { class: "top" });
  const main = h("main", { tabindex: -1 });
  const dialog: { element: HTMLDialogElement | null } = { element: null };
  const showHelp = (): void => dialog.element!.showModal();
  let input: HTMLInputElement;
  const commands = makeCommands({
    focusSearch: () => input.focus(),
    showHelp,
    copyLink: () => void copyLink(),
  });
  dialog.element = makeHelp(commands);
  fill(app, top, main, dialog.element);
  ({ input } = makeToolbar(top, { showHelp }));
  listen(commands);

  // Charts share one canvas: going from one to the other keeps it.
  const mounted = computed<string>(() => (isChart() ? "picture" : screen.value));
  let dispose = (): void => {};
  effect(() => {
    const name = mounted.value as Screen | "picture";
    dispose();
    main.replaceChildren();
    main.className = `screen-${name}`;
    const make = name === "picture" ? makePicture : SCREENS[name]!;
    // What a screen reads while it is made is its own affair: it has effects for it.
    dispose = untracked(() => make(main));
  });
}

/** The address follows the view without filling the browser's history. */
function followAddress(): void {
  const begin = document.querySelector<HTMLMetaElement>('meta[name="tare-state"]')?.content ?? "";
  fromLink(location.hash.length > 1 ? location.hash : begin);
  let timer = 0;
  effect(() => {
    const link = toLink();
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      try {
        history.replaceState(null, "", `#${link}`);
      } catch {} // a frame without an address of its own
    }, 80);
  });
  addEventListener("hashchange", () => fromLink(location.hash));
}

/** While the page is open, the server that gave it stays. */
function stayAlive(): void {
  const address = document.querySelector<HTMLMetaElement>('meta[name="tare-live"]')?.content;
  if (address) new EventSource(address);
}

async function run(): Promise<void> {
  const app = document.getElementById("app")!;
  keepTheme();
  stayAlive();
  try {
    await load();
  } catch (error) {
    fill(
      app,
      h(
        "p",
        { class: "empty", role: "alert" },
        `This report cannot be shown: ${(error as Error).message}.`,
      ),
    );
    return;
  }
  followAddress();
  start(app);
  announce("");
  performance.mark("tare-shown"); // for those who time it
  requestAnimationFrame(() =>
    setTimeout(() => {
      isSettled.value = true;
      void loadSources();
    }),
  );
}

void run();
