"""The picture of one profile in Tare, SnakeViz and speedscope, in headless Chromium.

Of one program: its exact tree as a report of Tare's and as a speedscope file, cProfile's sums of
the same program for SnakeViz. Shown is the time from asking for the page until the picture is on
the screen; a zoom step is one turn of the wheel until its frame is drawn and can be read back.
"""

from __future__ import annotations

import base64
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import browser
from context import PROGRAMS, QUIET, Context, Goal, highest, markdown

TITLE = "The picture: the same program's profile in a browser"
SIZES = {"10^4 paths": 10_000, "10^6 paths": 1_000_000}
ROUNDS = 5
PATIENCE_MS = 60_000
STEPS = 60

# One turn of the wheel, then its frame, then a pixel of it: nothing is left undone.
ZOOM = """async (steps) => {
  const canvas = document.querySelector("canvas.chart");
  const box = canvas.getBoundingClientRect();
  const context = canvas.getContext("2d");
  const frames = [];
  for (let i = 0; i < steps; i++) {
    canvas.dispatchEvent(new WheelEvent("wheel", {
      ctrlKey: true, deltaY: i % 20 < 14 ? -60 : 100, bubbles: true, cancelable: true,
      clientX: box.left + box.width * (0.1 + 0.8 * ((i * 37) % steps) / steps),
      clientY: box.top + 200}));
    await new Promise((resolve) => requestAnimationFrame((begin) => {
      context.getImageData(0, 0, 1, 1);
      frames.push(performance.now() - begin);
      resolve();
    }));
  }
  return frames;
}"""
PAINTED = """() => {
  const mark = performance.getEntriesByName("tare-shown")[0];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return mark && paint ? Math.max(mark.startTime, paint.startTime) : null;
}"""


def measure_profile(folder: Path, count: int) -> dict[str, Path]:
    """The files of one program, made once."""
    files = {name: folder / f"view-{count}.{name}"
             for name in ("tare", "html", "speedscope.json", "speedscope.js", "prof")}
    program = [str(PROGRAMS / "many_paths.py"), str(count)]
    tare = [sys.executable, "-m", "tare"]

    def run(*words: str) -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, **QUIET)

    run(*tare, "trace", "-q", "--overwrite", "-o", str(files["tare"]), *program)
    run(*tare, "view", "-q", "--overwrite", "-o", str(files["html"]), str(files["tare"]))
    run(*tare, "export", "-q", "--overwrite", "--to", "speedscope", "-o",
        str(files["speedscope.json"]), str(files["tare"]))
    run(sys.executable, "-m", "cProfile", "-o", str(files["prof"]), *program)
    # speedscope shows a local file that a script hands over, as its own command does it.
    packed = base64.b64encode(files["speedscope.json"].read_bytes()).decode()
    files["speedscope.js"].write_text(
        f'speedscope.loadFileFromBase64("profile.json", "{packed}")')
    return files


def show_tare(page, files: dict[str, Path]) -> dict[str, float]:
    page.goto(files["html"].as_uri())
    page.wait_for_function(PAINTED, timeout=PATIENCE_MS)
    shown_ms = page.evaluate(PAINTED)
    page.wait_for_timeout(500)
    frames = sorted(page.evaluate(ZOOM, STEPS))
    return {"shown_ms": shown_ms, "zoom_median_ms": statistics.median(frames),
            "zoom_p95_ms": frames[round(0.95 * (len(frames) - 1))]}


def show_speedscope(page, files: dict[str, Path]) -> dict[str, float]:
    from browser import ROOT

    index = ROOT / "viewer/node_modules/speedscope/dist/release/index.html"
    begin = time.perf_counter()
    page.goto(f"{index.as_uri()}#localProfilePath={files['speedscope.js']}")
    # Its tabs are there once it has read the file.
    page.wait_for_function("() => document.body.innerText.includes('Left Heavy')",
                           timeout=PATIENCE_MS)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return {"shown_ms": (time.perf_counter() - begin) * 1000}


def show_snakeviz(page, files: dict[str, Path]) -> dict[str, float]:
    server = subprocess.Popen(
        [sys.executable, "-m", "snakeviz", "--server", "--port", "8917", str(files["prof"])],
        stdout=subprocess.DEVNULL, **QUIET)
    try:
        time.sleep(2)
        begin = time.perf_counter()
        page.goto(f"http://127.0.0.1:8917/snakeviz/{str(files['prof']).replace('/', '%2F')}",
                  timeout=PATIENCE_MS)
        page.wait_for_function(
            "() => document.querySelectorAll('#chart svg rect').length > 5 || "
            "[...document.querySelectorAll('#sv-error-div')].some(one => one.offsetHeight > 0)",
            timeout=PATIENCE_MS)
        if page.locator("#chart svg rect").count() <= 5:
            raise RuntimeError("its page says that it cannot")
        return {"shown_ms": (time.perf_counter() - begin) * 1000}
    finally:
        server.kill()
        server.wait()


TOOLS: dict[str, Callable] = {"tare": show_tare, "speedscope": show_speedscope,
                              "SnakeViz": show_snakeviz}


def show(folder: Path, tool: str, files: dict[str, Path]) -> dict[str, float | str]:
    with browser.new_page(folder) as page:
        try:
            found = TOOLS[tool](page, files)
        except Exception as error:  # what a peer cannot do is a result
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            return {"failed": "not within a minute" if "Timeout" in first else first}
        return {**found, "peak_mb": browser.renderer_peak_mb()}


def measure(context: Context) -> dict:
    why = browser.missing()
    if why:
        return {"missing": why}
    result: dict = {"chromium": browser.version(), "shown": {}, "size_kb": page_size_kb()}
    for name, count in SIZES.items():
        files = measure_profile(context.folder, count)
        rows: dict[str, list] = {tool: [] for tool in TOOLS}
        for _ in range(context.times(ROUNDS)):
            for tool in TOOLS:
                if not (rows[tool] and "failed" in rows[tool][-1]):
                    rows[tool].append(show(context.folder, tool, files))
        result["shown"][name] = {"rows": rows, "file_kb": {
            kind: path.stat().st_size / 1024 for kind, path in files.items()}}
    return result


def page_size_kb() -> float:
    """A report without a profile's data: what every page has."""
    from tare.viewer.page import build_page
    from tare.viewer.sources import NONE

    return len(build_page([], NONE)) / 1024


FILE_OF = {"tare": "html", "speedscope": "speedscope.json", "SnakeViz": "prof"}


def table(result: dict) -> str:
    if "missing" in result:
        return f"Not measured: {result['missing']}."
    rows = []
    for size, found in result["shown"].items():
        for tool, runs in found["rows"].items():
            failed = [run["failed"] for run in runs if "failed" in run]
            if failed:
                rows.append([f"{tool}, {size}", failed[0], "", "", "", ""])
                continue
            cell = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            zoom = [f"{cell[key]:.1f}" if key in cell else ""
                    for key in ("zoom_median_ms", "zoom_p95_ms")]
            rows.append([f"{tool}, {size}", f"{cell['shown_ms']:.0f}", *zoom,
                         f"{cell['peak_mb']:.0f}",
                         f"{found['file_kb'][FILE_OF[tool]]:,.0f}"])
    header = ["picture", "ms until shown", "ms a zoom step", "p95", "MB of the page's process",
              "KB of the file"]
    note = (f"Chromium {result['chromium']}, 1600 x 900, no GPU; medians. SnakeViz has cProfile's "
            "sums by pair of functions only, which are as few for many paths as for few.")
    return f"{note} A page without data: {result['size_kb']:.0f} KB.\n\n{markdown(header, rows)}"


def goals(result: dict) -> list[Goal]:
    if "missing" in result:
        return []
    largest = list(SIZES)[-1]
    runs = result["shown"][largest]["rows"]["tare"]
    shown = {largest: statistics.median(run["shown_ms"] for run in runs)}
    zoom = {largest: statistics.median(run["zoom_p95_ms"] for run in runs)}
    return [highest("view: until the first picture", 1000, shown, "{:.0f} ms"),
            highest("view: a zoom step's frame, p95", 16, zoom, "{:.1f} ms"),
            highest("view: a page without data", 100, {"": result["size_kb"]}, "{:.0f} KB")]
