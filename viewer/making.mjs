// What the tests are made of: parts of the page without a page, and profiles that can be checked by
// hand.
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/** The module that exports what lines such as `export { fit } from "./draw/painter.ts"` name. */
export async function load(exports) {
  const made = await build({
    stdin: { contents: exports, resolveDir: fileURLToPath(new URL("src/", import.meta.url)) },
    bundle: true,
    write: false,
    format: "esm",
  });
  const code = Buffer.from(made.outputFiles[0].text).toString("base64");
  return import(`data:text/javascript;base64,${code}`);
}

function varints(...numbers) {
  const bytes = [];
  for (let value of numbers) {
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
    bytes.push(value);
  }
  return Uint8Array.from(bytes);
}

const METRICS = {
  calls: { unit: "count", role: "count", words: "calls" },
  wall_ns: { unit: "ns", role: "total", words: "wall time" },
  error_ns: { unit: "ns", role: "apart", words: "error" },
};

/** The block of a trace. nodes: [parent, function, amount of the first metric ...], in pre-order
 * from node 1 on. A function has one frame, at its first line: 5, 15, 25 ... */
export function makeBlock(names, nodes, { metrics = ["calls", "wall_ns"], head, series } = {}) {
  const count = nodes.length + 1;
  const lines = names.map((_, id) => 10 * id + 5);
  return {
    head: {
      kind: "trace",
      complete: true,
      lost_bytes: 0,
      whole_ns: 0,
      effective_count: 0,
      meta: {},
      metrics: metrics.map((name) => ({ name, ...METRICS[name] })),
      label_sets: [{}],
      counts: { functions: names.length, frames: names.length, nodes: count },
      ...head,
    },
    strings: ["", "/srv/app.py", ...names],
    functions: Uint32Array.from(names.flatMap((_, id) => [id + 2, id + 2, 1, lines[id], 0])),
    frameFunction: Uint32Array.from(names, (_, id) => id),
    frameLine: Uint32Array.from(lines),
    parent: Int32Array.from([-1, ...nodes.map((node) => node[0])]),
    frame: Int32Array.from([-1, ...nodes.map((node) => node[1])]),
    columns: metrics.map((_, metric) => ({
      metric,
      labelSet: 0,
      bytes: varints(nodes.length, ...nodes.flatMap((node) => [1, node[2 + metric]])),
    })),
    series: series ?? [],
  };
}
