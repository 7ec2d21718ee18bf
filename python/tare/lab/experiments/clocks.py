"""Wall time against CPU time, and what reading a clock costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tare._stats import Estimate
from tare.lab.measuring import Lab
from tare.lab.model import Bars, Experiment, Finding, Table, Trial, Value, Variant
from tare.lab.saying import digits, duration, factor, turned
from tare.lab.tabling import agreed_words, time_of

SETUP = "import time\nfrom time import sleep"
WORK = Variant("work", "result = sum([x * x for x in range(20000)])")
WAIT = Variant("work and wait", "sleep(0.005)\nresult = sum([x * x for x in range(20000)])")
CLOCKS = ("time.time", "time.perf_counter", "time.process_time", "time.thread_time")
READS = 100
NOTHING = Variant("a call of nothing", f"for _ in range({READS}):\n    nothing()\nresult = None")
CLOSE = 1.1
SEEN = 0.2  # of what the wall clock sees, as logarithms: less than that is hardly seen


def run(lab: Lab) -> Finding:
    wall = lab.compare(WORK, WAIT, SETUP, clock="wall")
    reads = [
        lab.compare(NOTHING, read_of(name), f"{SETUP}\ndef nothing():\n    pass")
        for name in CLOCKS[: max(2, lab.effort.size_count)]
    ]
    trials = [wall, *reads]
    prices = [(trial.b, price_of(trial)) for trial in reads]
    return Finding(
        [two_clocks(wall), price_table(reads)],
        [Bars("One reading of a clock", "ns", prices)],
        teach(wall, reads),
        agreed_words(trials),
        [],
        trials,
    )


def read_of(name: str) -> Variant:
    return Variant(f"{name}()", f"for _ in range({READS}):\n    {name}()\nresult = None")


def price_of(trial: Trial) -> Estimate:
    value, low, high = trial.b_ns
    return Estimate(value / READS, max(0.0, low) / READS, high / READS)


def two_clocks(trial: Trial) -> Table:
    """What each clock says of work, and of work and waiting."""
    rows: list[tuple[Value, ...]] = []
    for name, ratio in (("wall clock", trial.wall_ratio), ("CPU clock", trial.cpu_ratio)):
        if ratio is not None:
            rows.append((Value(name), Value.of(turned(ratio), "x")))
    return Table(("clock", f"({WAIT.label}) / {WORK.label}, 95%"), rows)


def price_table(reads: Sequence[Trial]) -> Table:
    rows = [
        (Value(trial.b), time_of(trial, "b"), Value.of(price_of(trial), "ns")) for trial in reads
    ]
    return Table(("clock", f"{READS} readings", "one reading"), rows)


def teach(wall: Trial, reads: Sequence[Trial]) -> list[str]:
    lessons = []
    if wall.wall_ratio is not None and wall.cpu_ratio is not None:
        more, same = turned(wall.wall_ratio), turned(wall.cpu_ratio)
        seen = abs(math.log(same.value)) / abs(math.log(more.value))
        words = f"By the wall clock waiting makes it {factor(wall.wall_ratio)} slower"
        if more.value > CLOSE and seen < SEEN:
            lessons.append(
                f"{words}; the CPU clock hardly sees it ({digits(same.value)}x). Who "
                "measures with the CPU clock alone does not find what people wait for."
            )
        else:
            lessons.append(f"{words}; by the CPU clock {factor(wall.cpu_ratio)}.")
    prices = sorted((price_of(trial).value, trial.b) for trial in reads)
    cheap, dear = prices[0], prices[-1]
    if dear[0] > CLOSE * cheap[0]:
        lessons.append(
            f"Clocks have their price: {cheap[1]} takes {duration(cheap[0])}, {dear[1]} "
            f"{duration(dear[0])}. A function that is timed on each call pays it twice."
        )
    else:
        lessons.append(f"All these clocks cost the same here, about {duration(cheap[0])}.")
    return lessons


EXPERIMENT = Experiment(
    "clocks",
    "Wall time and CPU time",
    "A function works, another works as much and waits 5 ms: how much longer does it take?",
    "Which clock tells them apart, and what does it cost to look at it?",
    (Variant("setup", SETUP), WORK, WAIT, read_of("time.perf_counter")),
    run,
)
