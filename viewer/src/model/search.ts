// Search: a regular expression over names and files, or FILE:LINE. What is found is summed over
// stacks that contain any match, so nothing counts twice.

import { Keys, shortFile } from "./groups.ts";
import type { Tree } from "./tree.ts";

export interface Query {
  text: string;
  problem: string; // "" when the text can be searched for
  matches(key: number): boolean;
}

const FILE_LINE = /^(.*\S):(\d+)$/;

export function makeQuery(text: string, keys: Keys): Query {
  const wanted = text.trim();
  if (wanted === "") return { text, problem: "", matches: () => false };
  const place = FILE_LINE.exec(wanted);
  const test = place ? byPlace(place[1]!, Number(place[2]), keys) : byExpression(wanted, keys);
  if (typeof test === "string") return { text, problem: test, matches: () => false };
  const known = new Map<number, boolean>();
  return {
    text,
    problem: "",
    matches(key) {
      let answer = known.get(key);
      if (answer === undefined) known.set(key, (answer = test(key)));
      return answer;
    },
  };
}

/** Of each file of that name, the function that begins last at or before the line. */
function byPlace(file: string, line: number, keys: Keys): (key: number) => boolean {
  const best = new Map<string, number>(); // by file
  const isFile = (path: string): boolean =>
    path === file || path.endsWith(`/${file}`) || shortFile(path) === file;
  for (const func of keys.functions)
    if (isFile(func.file) && func.line <= line)
      best.set(func.file, Math.max(best.get(func.file) ?? 0, func.line));
  return (key) => {
    const func = keys.func(key);
    return func !== undefined && best.get(func.file) === func.line;
  };
}

/** Smart case: small letters match both. */
function byExpression(text: string, keys: Keys): ((key: number) => boolean) | string {
  let expression: RegExp;
  try {
    expression = new RegExp(text, /[A-Z]/.test(text) ? "u" : "iu");
  } catch (error) {
    return `no regular expression: ${(error as Error).message.replace(/^.*: /, "")}`;
  }
  return (key) => {
    if (keys.kind(key) === "gap") return false;
    const func = keys.func(key);
    return expression.test(keys.label(key)) || (func !== undefined && expression.test(func.file));
  };
}

/** The sum of the totals of all outermost matches. */
export function sumMatched(tree: Tree, query: Query, total: Float64Array): number {
  let sum = 0;
  for (let node = 1; node < tree.count;) {
    if (query.matches(tree.key[node]!)) {
      sum += total[node]!;
      node = tree.end[node]!;
    } else node++;
  }
  return sum;
}
