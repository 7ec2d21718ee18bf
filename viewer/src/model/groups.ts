// What a box stands for when it is no function: a thread, a module, what was cut off. Keys below
// the number of functions are functions, those from there on are groups.

import { visible } from "../ui/visible.ts";
import type { Func } from "./profile.ts";
import { NATIVE } from "./profile.ts";

export type GroupKind = "label" | "module" | "rest" | "wait" | "gap";

export class Keys {
  private groups: { label: string; kind: GroupKind }[] = [];
  private known = new Map<string, number>();

  constructor(readonly functions: Func[]) {}

  group(kind: GroupKind, label: string): number {
    const name = `${kind} ${label}`;
    const old = this.known.get(name);
    if (old !== undefined) return old;
    const key = this.functions.length + this.groups.push({ label, kind }) - 1;
    this.known.set(name, key);
    return key;
  }

  /** The group with that label, whatever its kind; -1 where there is none. */
  find(label: string): number {
    const at = this.groups.findIndex((group) => group.label === label);
    return at < 0 ? -1 : this.functions.length + at;
  }

  func(key: number): Func | undefined {
    return key < 0 ? undefined : this.functions[key];
  }

  kind(key: number): GroupKind | undefined {
    if (key < this.functions.length) return undefined;
    return this.groups[key - this.functions.length]?.kind;
  }

  label(key: number): string {
    if (key < 0) return "everything";
    return this.functions[key]?.name ?? this.groups[key - this.functions.length]!.label;
  }
}

const SITE = /[/\\](?:site|dist)-packages[/\\]/;
const STDLIB = /[/\\]lib(?:64)?[/\\](?:python|pypy)\d[.\d]*[/\\]|[/\\]Lib[/\\]|^<frozen /;

export function isStandardLibrary(func: Func): boolean {
  return STDLIB.test(func.file) && !SITE.test(func.file);
}

/** The package of a function, by where its file is: "numpy", "json", "app". */
export function moduleOf(func: Func): string {
  return visible(packageOf(func));
}

function packageOf(func: Func): string {
  if (func.file === "" || func.file === "~") return func.kind === NATIVE ? "native" : "unknown";
  if (func.file.startsWith("<")) return func.file;
  const parts = func.file.split(/[/\\]/);
  const site = parts.findLastIndex((part) => /^(site|dist)-packages$/.test(part));
  if (site >= 0 && site + 1 < parts.length) return stem(parts[site + 1]!);
  const library = parts.findLastIndex((part) => /^(python|pypy)\d[.\d]*$/.test(part));
  if (library > 0 && library + 1 < parts.length) return stem(parts[library + 1]!);
  return stem(parts[parts.length - 1]!);
}

function stem(name: string): string {
  return name.replace(/\.pyc?$/, "");
}

/** The end of a path, enough to tell files apart: "json/decoder.py". */
export function shortFile(file: string): string {
  const parts = file.split(/[/\\]/);
  const name = parts[parts.length - 1] ?? file;
  const inPackage = parts.length > 1 && /^__(init|main)__\.py$/.test(name);
  return visible(inPackage ? `${parts[parts.length - 2]}/${name}` : name);
}

export function whereIs(func: Func): string {
  if (func.file === "" || func.file === "~") return func.kind === NATIVE ? "native" : "";
  return func.line > 0 ? `${shortFile(func.file)}:${func.line}` : shortFile(func.file);
}

/** "41 MainThread (main)" for the labels of a thread. */
export function labelOf(labels: Record<string, string>): string {
  const { main, ...others } = labels;
  const name = visible(Object.values(others).join(", "));
  if (name === "") return "all threads";
  return main === "1" ? `${name} (main)` : name;
}
