// The bundle that is shipped: one script and one style sheet, from src/ alone.
//
//     node build.mjs           writes ../python/tare/viewer/viewer.{js,css}
//     node build.mjs --check   fails when what is there is not what src/ gives
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "python", "tare", "viewer");
const check = process.argv.includes("--check");

const result = await build({
  absWorkingDir: here,
  entryPoints: { viewer: "src/main.ts" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "ascii",
  legalComments: "none",
  write: !check,
});

if (check) {
  for (const file of result.outputFiles) {
    let shipped = "";
    try {
      shipped = readFileSync(file.path, "utf8");
    } catch {}
    if (shipped !== file.text) {
      console.error(`${file.path}: is not what viewer/src gives; run make viewer`);
      process.exitCode = 1;
    }
  }
}
