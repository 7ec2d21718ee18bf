// Files that a page gives away: without a server, and with names that say what they are.

import { toPng, toSvg } from "../draw/chart.ts";
import { profiles, screen, toLink } from "../state.ts";
import { tableCsv, tableMarkdown } from "../views/table.ts";
import { announce, h } from "./dom.ts";

function save(blob: Blob, extension: string): void {
  const address = URL.createObjectURL(blob);
  const stem = (profiles.value[0]?.name ?? "tare")
    .replace(/\.[^.]*$/, "")
    .replace(/[^\w.-]+/g, "_");
  const link = h("a", { href: address, download: `${stem}-${screen.value}.${extension}` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  announce(`saved as ${extension}`);
}

export const SAVES: { words: string; isPicture: boolean; run(): void }[] = [
  {
    words: "Picture as SVG",
    isPicture: true,
    run: () => save(new Blob([toSvg()], { type: "image/svg+xml" }), "svg"),
  },
  {
    words: "Picture as PNG",
    isPicture: true,
    run: () => void toPng().then((blob) => save(blob, "png")),
  },
  {
    words: "Table as CSV",
    isPicture: false,
    run: () => save(new Blob([tableCsv()], { type: "text/csv" }), "csv"),
  },
  {
    words: "Table as Markdown",
    isPicture: false,
    run: () => save(new Blob([tableMarkdown(50)], { type: "text/markdown" }), "md"),
  },
];

function showLink(address: string): void {
  const input = h("input", { type: "text", readonly: true, value: address, "aria-label": "link" });
  const close = h("form", { method: "dialog" }, h("button", { class: "primary" }, "Close"));
  const dialog = h("dialog", { class: "help" }, h("h2", {}, "Link to this view"), input, close);
  dialog.addEventListener("close", () => dialog.remove());
  document.getElementById("app")!.append(dialog);
  dialog.showModal();
  input.select();
}

/** The address that shows this view again. Pages that may not write to the clipboard show it. */
export async function copyLink(): Promise<void> {
  const address = `${location.href.replace(/#.*$/, "")}#${toLink()}`;
  try {
    await navigator.clipboard.writeText(address);
    announce("link copied");
  } catch {
    showLink(address);
  }
}
