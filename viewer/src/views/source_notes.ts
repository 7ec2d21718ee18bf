// The command that measures what this profile could not: the lines of a function.

import type { Func } from "../model/profile.ts";

const PLAIN = /^[\w@%+=:,./-]+$/;
const UNFIT = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffd]/; // cannot be typed again

/** For a shell. */
export function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** meta: of a profile that has the function. */
export function linesCommand(func: Func, meta: Record<string, string>): string {
  const isNamed = !func.name.includes("<");
  const name = quoted(isNamed ? func.name : `${func.file}:${func.line}`);
  const command = meta["target.command"] ?? "";
  const isKnown = meta["target.mode"] === "run" && command !== "" && !UNFIT.test(command);
  const wanted = UNFIT.test(name) ? "NAME" : name;
  return `tare lines -f ${wanted} ${isKnown ? `-- ${command}` : "script.py"}`;
}
