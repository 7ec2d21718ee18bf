"""What a profiler does to small functions: the ratio of two functions, as each tool sees it."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

from tare._stats import Estimate, compare_pairs, mean_interval
from tare.comparing.driving import CompareError
from tare.errors import Error
from tare.lab.measuring import TIMEOUT, Lab
from tare.lab.model import Bars, Experiment, Finding, Table, Value, Variant
from tare.lab.saying import digits, factor

MOST_PROCESSES, LEAST_PROCESSES = 6, 3
CALLS = 2_000
ROUNDS = 20
CLOSE = 1.1  # two ratios that are no further apart agree well enough to decide by

FUNCTIONS = Variant(
    "two functions that do the same",
    "import math\n"
    "\n"
    "def add_root(total, x):\n"
    "    return total + math.sqrt(x)\n"
    "\n"
    "def many_calls(n):\n"
    "    total = 0.0\n"
    "    for x in range(n):\n"
    "        total = add_root(total, x)\n"
    "    return total\n"
    "\n"
    "def no_calls(n):\n"
    "    total = 0.0\n"
    "    for x in range(n):\n"
    "        total = total + x ** 0.5\n"
    "    return total\n",
)
# With "time" it says itself what each takes, with "cProfile" what that says; else it only runs.
# The least of many short rounds: other programs held up the others.
DRIVER = """
import json, sys, time

n, how = int(sys.argv[1]), sys.argv[2]
times = {}
for function in (many_calls, no_calls) * ROUNDS:
    name = function.__name__
    if how == "cProfile":
        import cProfile
        profiler = cProfile.Profile()
        profiler.runcall(function, n)
        took = sum(row.totaltime for row in profiler.getstats()
                   if getattr(row.code, "co_name", "") == name)
    else:
        begun = time.perf_counter()
        result = function(n)
        took = time.perf_counter() - begun
    times[name] = min(took, times.get(name, took))
if how != "trace":
    print(json.dumps([times, many_calls(n), no_calls(n)]))
"""
NAMES = ("many_calls", "no_calls")


class Seen(NamedTuple):
    """What one way of measuring says."""

    tool: str
    ratio: Estimate  # many_calls by no_calls
    many_ns: Estimate


def run(lab: Lab) -> Finding:
    n = min(CALLS, lab.effort.most)
    path = lab.write("profiled.py", f"ROUNDS = {ROUNDS}\n{FUNCTIONS.code}{DRIVER}")
    count = min(MOST_PROCESSES, max(LEAST_PROCESSES, lab.effort.processes or MOST_PROCESSES))
    notes: list[str] = []
    found = [
        see(lab, "no profiler", [time_of(lab, path, n, "time") for _ in range(count)]),
        see(lab, "cProfile", [time_of(lab, path, n, "cProfile") for _ in range(count)]),
    ]
    try:
        found.append(see(lab, "tare trace", [trace_of(lab, path, n) for _ in range(count)]))
    except Error as error:
        notes.append(f"tare trace was left out: {error}")
    rows = [
        (Value(one.tool), Value.of(one.many_ns, "ns"), Value.of(one.ratio, "x")) for one in found
    ]
    notes.append(f"n = {n:,}; {count} processes for each line.")
    return Finding(
        [Table(("measured by", "many_calls", "many_calls / no_calls, 95%"), rows)],
        [Bars("How many times as long as no_calls", "x", [(one.tool, one.ratio) for one in found])],
        teach(found),
        ["the two functions come to the same sum, to 1e-9 of it"],
        notes,
    )


def see(lab: Lab, tool: str, times: Sequence[tuple[float, float]]) -> Seen:
    ratios = [math.log(many / few) for many, few in times]
    return Seen(tool, compare_pairs(ratios).ratio, mean_interval([many for many, _ in times]))


def time_of(lab: Lab, path: str, n: int, how: str) -> tuple[float, float]:
    """(many_calls, no_calls) in ns, as one process says it."""
    lab.progress(f"{lab.begun}: {how}")
    said = call(lab, [lab.python, path, str(n), how])
    times, many, few = json.loads(said)
    if not math.isclose(many, few, rel_tol=1e-9):
        raise CompareError(f"many_calls and no_calls do not come to the same: {many}, {few}")
    return times[NAMES[0]] * 1e9, times[NAMES[1]] * 1e9


def trace_of(lab: Lab, path: str, n: int) -> tuple[float, float]:
    """The same as tare trace says it, its own cost taken off; by the CPU clock, since the mean of
    the calls has in it what other programs held up."""
    from tare import load

    lab.progress(f"{lab.begun}: tare trace")
    out = os.path.join(lab.folder, "profiled.tare")
    tare = [sys.executable, "-m", "tare", "trace", "-q", "--overwrite", "-o", out, "--clock", "cpu"]
    call(lab, [*tare, "--python", lab.python, path, str(n), "trace"])
    sums = {row.qualname: row.sums for row in load(out).calls().functions()}
    many, few = (sums[name].cpu_ns / sums[name].calls for name in NAMES)
    return many, few


def call(lab: Lab, command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=lab.folder,
            env=dict(lab.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CompareError(f"{command[0]}: no end within {TIMEOUT:g} s") from None
    if done.returncode != 0:
        said = done.stderr.strip().split("\n")[-1]
        raise CompareError(f"{command[0]} exited with {done.returncode}: {said}")
    return done.stdout


def teach(found: Sequence[Seen]) -> list[str]:
    truth = found[0]
    lessons = [f"many_calls really takes {factor(truth.ratio)} as long as no_calls."]
    for seen in found[1:]:
        lessons.append(tool_words(seen, truth))
    return lessons


def tool_words(seen: Seen, truth: Seen) -> str:
    """Whether one would decide by this tool as by the truth."""
    said = digits(seen.ratio.value)
    off = seen.ratio.value / truth.ratio.value
    overlap = seen.ratio.low <= truth.ratio.high and truth.ratio.low <= seen.ratio.high
    if overlap or 1 / CLOSE < off < CLOSE:
        return f"{seen.tool} says {said}x, which agrees."
    if off > 1:
        return (
            f"{seen.tool} says {said}x: what it costs for each call is taken for the "
            f"function's, which looks {digits(off)} times as bad as it is."
        )
    return f"{seen.tool} says {said}x, which is {digits(1 / off)} times too little."


EXPERIMENT = Experiment(
    "profilers",
    "What profiling does to small functions",
    "The same sum, once with a small function for each item. A profiler is asked which is slower.",
    "Does it say the same as a clock?",
    (FUNCTIONS,),
    run,
)
