"""How far whole runs of tare bench lie apart, with nothing else to do and with every core busy.

Beside it two figures that others would have from the same minutes: the geometric mean of all passes
by arithmetic means, as pyperf takes them, and pystones by one process, as they are always quoted.
"Idle" is as idle as the machine is: other programs of its host are not asked.
"""

from __future__ import annotations

import contextlib
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

from context import QUIET, Context, Goal, highest, markdown
from tare.stones.interpreters import ask
from tare.stones.measuring import Plan, measure as measure_stones, reference_ns, summarise
from tare.stones.pystones import measure as measure_pystones

TITLE = "Interpreters: how far runs of a benchmark lie apart"
RUNS = 6
BUSY = "while True: pass"
STONES, MEAN, PYSTONE = "tare bench", "the same passes, by means", "pystones, a process each"
CONDITIONS = {"idle": 2.0, "loaded": 5.0}  # the spread that is allowed, in percent


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that do nothing but run."""
    workers = [subprocess.Popen([sys.executable, "-c", BUSY], **QUIET) for _ in range(count)]
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def run_once(python: str) -> dict[str, float]:
    """The three figures of one run."""
    interpreter = ask(python)
    (found,) = measure_stones([interpreter], Plan(), lambda words: None)
    (classical,) = measure_pystones([interpreter], 1, 60, lambda words: None)
    if found.trouble or classical.trouble:
        raise RuntimeError(found.trouble or classical.trouble)
    stones = summarise(found, False).stones
    reference = reference_ns(False)
    logs = [
        math.log(reference[name] / statistics.mean(t for run in found.runs
                                                   for t in run.rounds_ns[name]))
        for name in reference
    ]
    return {
        STONES: stones.value if stones else math.nan,
        MEAN: 1000 * math.exp(statistics.mean(logs)),
        PYSTONE: classical.rates[0],
    }


def measure(context: Context) -> dict:
    """Condition -> figure -> what each run came to."""
    result: dict[str, dict[str, list[float]]] = {}
    for condition in CONDITIONS:
        with busy(os.cpu_count() or 1 if condition == "loaded" else 0):
            runs = [run_once(sys.executable) for _ in range(context.times(RUNS))]
        result[condition] = {name: [run[name] for run in runs] for name in runs[0]}
    return result


def spread(values: list[float]) -> float:
    """From the least to the highest, in percent of the least."""
    return 100 * (max(values) / min(values) - 1)


def table(result: dict) -> str:
    rows = [
        [f"{name}, {condition}", f"{statistics.median(values):,.0f}", f"{spread(values):.1f} %",
         f"{100 * statistics.stdev(values) / statistics.mean(values):.1f} %"]
        for condition, figures in result.items()
        for name, values in figures.items()
    ]
    return markdown(["figure", "median", "highest above least", "standard deviation"], rows)


def goals(result: dict) -> list[Goal]:
    return [
        highest(f"tarestones, spread of {len(result[condition][STONES])} runs, {condition}", limit,
                {condition: spread(result[condition][STONES])}, "{:.1f} %")
        for condition, limit in CONDITIONS.items()
    ]
