"""Comparing beside its peers, with every processor busy: what each says of two sides that are the
same, and which planted changes tare compare finds.

The same code is compared with itself again and again; whoever calls it different is wrong. pyperf
measures one side, then the other, and tests their values by Student's t; hyperfine runs one
command ten times, then the other, and its own script tests them by Welch's t; both at 95 %. Planted
is a loop over n beside one over 1.01 n, 1.02 n, 1.05 n. Everything runs beside as many programs
that never rest as there are processors.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from calls import with_tare
from context import QUIET, Context, Goal, highest, lowest, markdown, version_of
from tools import environment, output_of, requirements

TITLE = "Comparing, with every processor busy"
ALIKE, ALIKE_SECONDS = 200, 3.0
ALIKE_COMMANDS = 60
PYPERF_RUNS, HYPERFINE_RUNS = 21, 60
PLANTED, PLANTED_SECONDS = (1, 2, 5), 20.0
PLANTED_RUNS = 10
LOOPS = 20_000
CODE = {
    "loop": (f"n = {LOOPS}", "for i in range(n): pass"),
    "count": ("words = [str(i % 97) for i in range(2000)]",
              "d = {}\nfor w in words: d[w] = d.get(w, 0) + 1"),
    "sort": ("import random; random.seed(1); L = [random.random() for _ in range(2000)]",
             "sorted(L)"),
    "objects": ("class P:\n    def __init__(self, x): self.x = x",
                "sum(P(i).x for i in range(1000))"),
}  # fmt: skip
COMMAND = "for i in range(1_500_000): pass"

Alike = dict[str, float]  # of a tool: how often, how often wrong, the largest ratio, seconds
others: list[float] = []  # of all processors' time, what other programs used, by tare's meter


def measure(context: Context) -> dict[str, dict]:
    """In the first interpreter that has Tare."""
    for python in context.pythons:
        measured = with_tare(python, ".".join(version_of(python).split(".")[:2]))
        if measured is not None:
            with busy():
                found = {"alike": alike(context, measured), "planted": planted(context, measured)}
            return {version_of(measured): {**found, "others": statistics.fmean(others)}}
    print("compare: no interpreter has Tare: make build first", file=sys.stderr)
    return {}


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """As many programs that never rest as there are processors."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
            for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def alike(context: Context, python: str) -> dict[str, Alike]:
    found = {"tare": repeated("tare", context.times(ALIKE),
                              lambda number: tare_code(python, number))}
    found["tare, commands"] = repeated("tare, commands", context.times(ALIKE_COMMANDS),
                                       lambda _: tare_commands(python))
    peers = environment(context.folder / "pyperf", requirements("pyperf"))
    found["pyperf --fast"] = pyperf(context, str(peers / "bin" / "python"))
    if shutil.which("hyperfine"):
        found["hyperfine"] = repeated("hyperfine", context.times(HYPERFINE_RUNS),
                                      lambda _: hyperfine(context, python))
    else:
        print("compare: hyperfine is not installed: left out", file=sys.stderr)
    return found


def repeated(tool: str, count: int, once: Callable[[int], tuple[bool, float]]) -> Alike:
    """once: whether it is called different, and the ratio."""
    begun, wrong, ratios = time.monotonic(), 0, []
    for number in range(count):
        if number % 10 == 0:
            print(f"compare: {tool}, {number} of {count}", file=sys.stderr)
        different, ratio = once(number)
        wrong += different
        ratios.append(max(ratio, 1 / ratio))
    return {"count": count, "different": wrong, "largest": max(ratios),
            "seconds": (time.monotonic() - begun) / count}


def tare(python: str, seconds: float, *words: str) -> dict:
    command = [python, "-m", "tare", "compare", "--json", "-q", "--seconds", str(seconds), *words]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, **QUIET).stdout)
    others.append(found["machine"]["others_share"] or 0.0)
    return found


def told(found: dict) -> tuple[bool, float]:
    return found["verdict"] in ("faster", "slower"), found["ratio"]["value"]


def tare_code(python: str, number: int) -> tuple[bool, float]:
    setup, code = list(CODE.values())[number % len(CODE)]
    return told(tare(python, ALIKE_SECONDS, "-s", setup, "-e", code, "-e", code))


def tare_commands(python: str) -> tuple[bool, float]:
    command = f"{python} -S -c '{COMMAND}'"
    return told(tare(python, ALIKE_SECONDS, command, command))


def pyperf(context: Context, python: str) -> Alike:
    """Each run beside the one before, of the same code."""
    begun, wrong, ratios, count = time.monotonic(), 0, [], 0
    runs = max(2, context.times(PYPERF_RUNS) // len(CODE))
    for name, (setup, code) in CODE.items():
        files = [context.folder / f"pyperf-{name}-{number}.json" for number in range(runs)]
        for number, file in enumerate(files):
            print(f"compare: pyperf, {name}, {number} of {runs}", file=sys.stderr)
            file.unlink(missing_ok=True)
            subprocess.run([python, "-m", "pyperf", "timeit", "--fast", "-q", "-o", str(file),
                            "-s", setup, code], stdout=subprocess.DEVNULL, **QUIET)
        for before, after in zip(files, files[1:]):
            count += 1
            said = output_of([python, "-m", "pyperf", "compare_to", str(before), str(after)])
            wrong += "not significant" not in said.lower()
            means = [mean_of(file) for file in (before, after)]
            ratios.append(max(means[0] / means[1], means[1] / means[0]))
    return {"count": count, "different": wrong, "largest": max(ratios),
            "seconds": (time.monotonic() - begun) / count}


def mean_of(file: Path) -> float:
    document = json.loads(file.read_text())
    return statistics.fmean(value for run in document["benchmarks"][0]["runs"]
                            for value in run.get("values", ()))


def hyperfine(context: Context, python: str) -> tuple[bool, float]:
    """Ten runs of each, and Welch's test as the script that comes with it makes it."""
    output = context.folder / "hyperfine.json"
    command = f"{python} -S -c '{COMMAND}'"
    subprocess.run(["hyperfine", "-N", "--runs", "10", "--warmup", "1", "--style", "none",
                    "--export-json", str(output), command, command],
                   stdout=subprocess.DEVNULL, **QUIET)
    first, second = (found["times"] for found in json.loads(output.read_text())["results"])
    means = [statistics.fmean(times) for times in (first, second)]
    parts = [statistics.variance(times) / len(times) for times in (first, second)]
    t = (means[0] - means[1]) / sum(parts) ** 0.5
    freedom = sum(parts) ** 2 / sum(part**2 / (len(times) - 1)
                                    for part, times in zip(parts, (first, second)))
    p = output_of([python, "-c", f"from tare._stats import student_p; "
                   f"print(student_p({t}, {freedom}))"])
    return float(p) < 0.05, means[0] / means[1]


def planted(context: Context, python: str) -> dict[str, list[dict[str, float]]]:
    """Every comparison of loops that differ by so many per cent."""
    found = {}
    for percent in PLANTED:
        more = LOOPS + LOOPS * percent // 100
        rows = []
        for number in range(context.times(PLANTED_RUNS)):
            print(f"compare: planted {percent} %, {number}", file=sys.stderr)
            one = tare(python, PLANTED_SECONDS, "-s", f"n, m = {LOOPS}, {more}",
                       "--no-check",
                       "-e", "for i in range(n): pass", "-e", "for i in range(m): pass")
            ratio = one["ratio"]
            rows.append({"slower": one["verdict"] == "slower",
                         "wrong": one["verdict"] in ("faster", "same"),
                         "holds": ratio["low"] <= LOOPS / more <= ratio["high"],
                         "ratio": 1 / ratio["value"],
                         "half_width": (ratio["high"] / ratio["low"]) ** 0.5 - 1,
                         "smallest": one["smallest"] - 1,
                         "seconds": one["elapsed_seconds"]})
        found[str(percent)] = rows
    return found


def table(result: dict[str, dict]) -> str:
    parts = []
    for version, found in result.items():
        parts.append(f"The same code against itself, {version}; other programs used "
                     f"{found['others']:.0%} of the processors:\n\n{alike_table(found['alike'])}")
        parts.append(f"Planted changes, {PLANTED_SECONDS:.0f} s at most, {version}:\n\n"
                     f"{planted_table(found['planted'])}")
    return "\n\n".join(parts)


def alike_table(found: dict[str, Alike]) -> str:
    rows = [[tool, f"{one['different']:.0f} of {one['count']:.0f}",
             f"{100 * one['different'] / one['count']:.1f} %", f"{one['largest']:.3f}x",
             f"{one['seconds']:.1f} s"] for tool, one in found.items()]
    return markdown(["tool", "called different", "rate", "largest ratio", "time of one"], rows)


def planted_table(found: dict[str, list[dict[str, float]]]) -> str:
    rows = []
    for percent, ones in found.items():
        count = len(ones)
        middle = {key: statistics.median(float(one[key]) for one in ones)
                  for key in ("ratio", "half_width", "smallest", "seconds")}
        widest = max(one["half_width"] for one in ones)
        rows.append([f"{percent} % slower", f"{sum(one['slower'] for one in ones)} of {count}",
                     f"{sum(one['wrong'] for one in ones)}",
                     f"{sum(one['holds'] for one in ones)} of {count}",
                     f"{middle['ratio']:.4f}x",
                     f"{100 * middle['half_width']:.2f} % ({100 * widest:.2f} %)",
                     f"{100 * middle['smallest']:.2f} %", f"{middle['seconds']:.1f} s"])
    return markdown(["planted", "found", "wrong", "truth in the interval", "median ratio",
                     "half width (widest)", "said to be seen", "time"], rows)


def goals(result: dict[str, dict]) -> list[Goal]:
    found = []
    for version, parts in result.items():
        rates = {f"{tool}, {version}": 100 * one["different"] / one["count"]
                 for tool, one in parts["alike"].items() if tool.startswith("tare")}
        found.append(highest("same code called different, in %", 5, rates, "{:.1f}"))
        widths = {f"{percent} % planted, {version}":
                  100 * statistics.median(one["half_width"] for one in ones)
                  for percent, ones in parts["planted"].items()}
        found.append(highest("half width of the interval in 20 s, in %", 2, widths, "{:.2f}"))
        found += planted_goals(version, parts["planted"])
    return found


def planted_goals(version: str, found: dict[str, list[dict[str, float]]]) -> list[Goal]:
    """Of all planted changes together: they are too few of each for a rate."""
    every = [one for ones in found.values() for one in ones]
    seen = [one["slower"] for percent, ones in found.items() for one in ones
            if int(percent) / 100 >= one["smallest"]]
    holds = {version: 100 * statistics.fmean(one["holds"] for one in every)}
    goals = [lowest("truth in the interval, in %", 90, holds, "{:.0f}")]
    if seen:
        power = {version: 100 * statistics.fmean(seen)}
        goals.append(lowest("found of what it said it would see, in %", 80, power, "{:.0f}"))
    return goals
