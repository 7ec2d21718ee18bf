"""What the program would gain if a function took less time, found by trying.

In a block the program runs once alone and once for each step, in random order. A block is compared
with itself, so that a machine which is slower for a while is so for all that are compared; it is
one sample, and the intervals are over blocks. There are two ways:

    hidden   the CPU time of the calls, or half of it, is hidden from the program's clocks: what
             sleeps or waits with a timeout meanwhile does so longer by as much. What the program
             took, less what was hidden, is what it would take. Not where other threads compute at
             the same time, nor in several processes: nobody holds these up.
    longer   the calls get longer, and the line through what the program then takes is drawn on to
             where they take nothing. Whatever becomes the slowest part before is not seen by that.

    time |          x        ratio 1            longer
         |      x            ratio 1/2
         |  x                as it is: 0
         | o                 half the time: -1/2        hidden
         |o                  none: -1
         +-----------------
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from typing import NamedTuple

from tare.cli.failure import PARTIAL, Failure
from tare.whatif.delaying import Counters, Delay, Run, run_alone, run_delayed
from tare.whatif.estimates import Estimate, half

WANTED_LONGER = 0.3  # of the program's time, at the largest ratio
MOST_RATIO = 16.0
FEWEST_BLOCKS, MOST_BLOCKS = 5, 60
NARROW = 0.015  # half an interval that is good enough
WAITING_PART = 0.9  # of the time in its calls: then it is the waiting that is stretched
MOST_BESIDE = 0.1  # of its CPU time, that other threads may have at the same time
BENT_LEVEL = 0.99
LEAST_BEND = 0.02  # of the program's time, below which a bend does not matter
WORDS = {"work": "CPU time", "released": "CPU time", "waits": "waiting"}


class Plan(NamedTuple):
    command: list[str]
    extension: str
    function: str  # a row: ext/delay/codes.h
    progress: str = ""  # likewise
    stretch: str = ""  # "": by what the calls do
    hide: bool = True  # where that can be
    seconds: float = 60.0  # in all, about
    limit_seconds: float = 600.0  # for one run
    seed: int = 1


class Taken(NamedTuple):
    """What the program took in one run, in nanoseconds."""

    ns: float  # or from one point of its progress to the next
    lost_ns: float  # while it was ready and had no CPU
    work_ns: float  # CPU time, without what made calls longer
    seen_ns: float  # CPU time with that, and without what was hidden
    ratio: float = 0.0  # by which the calls did get longer
    calls_ns: float = 0.0  # what they take by themselves, in all threads


class Block(NamedTuple):
    alone_ns: float
    taken_ns: dict[float, float]  # by step: a part of the largest ratio, or below 0 what is hidden
    ratios: dict[float, float]  # by which the calls did get longer
    calls_ns: float  # what they take by themselves, in all threads

    @property
    def level_ns(self) -> float:
        return (self.alone_ns + sum(self.taken_ns.values())) / (1 + len(self.taken_ns))

    @property
    def slope_ns(self) -> float:
        """More time for each unit of the ratio, by least squares."""
        steps = [step for step in self.taken_ns if step >= 0]
        xs = [self.ratios[step] for step in steps]
        ys = [self.taken_ns[step] for step in steps]
        return _slope(xs, ys)

    def saved_ns(self, part: float) -> float:
        """Of what was hidden: halves are known, what is between them lies on a line."""
        whole_ns = self.taken_ns[0] - self.taken_ns[-1]
        half_ns = self.taken_ns[0] - self.taken_ns[-0.5]
        if part <= 0.5:
            return 2 * part * half_ns
        return half_ns + (2 * part - 1) * (whole_ns - half_ns)

    @property
    def bend_ns(self) -> float:
        """By how much the middle is above the line between the ends, as calls get longer."""
        return self.taken_ns[0.5] - (self.taken_ns[0] + self.taken_ns[1]) / 2


class Experiment(NamedTuple):
    blocks: list[Block]
    hidden: bool
    stretch: str
    measured: Counters  # of a run in which nothing was longer or hidden
    by_progress: bool
    whole_ns: float  # as the blocks, alone: the median
    slope: Estimate  # of the program's time, for each unit of the ratio
    criticality: Estimate  # the program got longer by so much, for each that the calls did
    bend: Estimate | None  # of the program's time; None: not looked for
    hearing: Estimate  # what the program took longer for being listened to alone

    def saved(self, part: float) -> Estimate:
        """Of the program's time, without that part of the function's."""
        if not self.hidden:
            return Estimate(*(bound * part for bound in self.slope))
        return _ratio_of(self.blocks, [block.saved_ns(part) for block in self.blocks])

    @property
    def bent(self) -> bool:
        """The points do not lie on a line: it leads nowhere."""
        bend = self.bend
        return bend is not None and abs(bend.value) > LEAST_BEND and not bend.low <= 0 <= bend.high

    @property
    def other_way(self) -> bool:
        """What hiding gained is not what slowing down says: something else is in the way."""
        gone = self.saved(1.0)
        return self.hidden and (gone.low > self.slope.high or gone.high < self.slope.low)

    @property
    def decided(self) -> bool:
        return len(self.blocks) >= FEWEST_BLOCKS and half(self.saved(1.0)) <= NARROW


def run(plan: Plan, progress: Callable[[str], None]) -> Experiment:
    """Runs the program again and again, until it is known well enough or the time is up."""
    end_ns = time.monotonic_ns() + plan.seconds * 1e9
    alone = _check(plan, run_alone(plan.command, plan.limit_seconds))
    measured = _expect_calls(plan, _run_step(plan, 0.0, "waits"))
    stretch = plan.stretch or choose_stretch(measured)
    stretched_ns = measured.waited_ns if stretch == "waits" else measured.cpu_ns
    if not stretched_ns:
        raise Failure(f"whatif: its calls have no {WORDS[stretch]} that could be stretched")
    largest = choose_ratio(alone.wall_ns, stretched_ns)
    hidden = plan.hide and stretch != "waits" and _can_hide(plan, measured)
    steps = (-1.0, -0.5, 0.0, 1.0) if hidden else (0.0, 0.5, 1.0)
    chance = random.Random(plan.seed)
    runs: Runs = []
    while True:
        begin_ns = time.monotonic_ns()
        runs.append(_run_block(plan, stretch, largest, steps, chance))
        found = None
        if len(runs) > 1:
            found = analyse(as_blocks(runs), stretch, measured, bool(plan.progress))
            if found.decided or len(runs) == MOST_BLOCKS:
                return found
        now_ns = time.monotonic_ns()
        if found and len(runs) >= FEWEST_BLOCKS and 2 * now_ns - begin_ns > end_ns:
            return found
        progress(_progress_words(len(runs) * len(runs[0]), found, end_ns - now_ns))


def _progress_words(run_count: int, found: Experiment | None, left_ns: float) -> str:
    words = f"{run_count} runs"
    if found:
        gone = found.saved(1.0)
        words += f", gain at most {gone.low:.1%} to {gone.high:.1%} so far"
    return f"{words}; up to {max(0.0, left_ns / 1e9):.0f} s to go"


def choose_stretch(measured: Counters) -> str:
    """Waits where the calls do little else, whatever else the machine does."""
    own_ns = measured.wall_ns - measured.line_ns
    return "waits" if measured.waited_ns > WAITING_PART * own_ns else "work"


def choose_ratio(wall_ns: float, stretched_ns: float) -> float:
    """So large that the program gets noticeably longer; 1 where the function is much of it."""
    return min(max(WANTED_LONGER * wall_ns / stretched_ns, 1.0), MOST_RATIO)


def _can_hide(plan: Plan, measured: Counters) -> bool:
    """Asks a run in which it is."""
    if measured.process_count > 1:
        return False
    counters = _expect_calls(plan, _run_step(plan, -1.0, "work"))
    return counters.beside_ns <= MOST_BESIDE * counters.cpu_ns


def _run_block(
    plan: Plan, stretch: str, largest: float, steps: tuple[float, ...], chance: random.Random
) -> dict[float | None, Taken]:
    """By step; None: alone."""
    found: dict[float | None, Taken] = {}
    for step in chance.sample((None, *steps), 1 + len(steps)):
        if step is None:
            alone = _check(plan, run_alone(plan.command, plan.limit_seconds))
            found[None] = taken_alone(alone)
        else:
            done = _run_step(plan, step * largest if step > 0 else step, stretch)
            found[step] = _taken(plan, done, stretch)
    if plan.progress:
        found[None] = found[0.0]  # who runs alone is not asked when it passes a point
    return found


def _run_step(plan: Plan, ratio: float, stretch: str) -> Run:
    delay = Delay(plan.function, ratio, stretch, plan.progress)
    return _check(plan, run_delayed(plan.command, plan.extension, delay, plan.limit_seconds))


def _check(plan: Plan, done: Run) -> Run:
    if done.code != 0:
        words = f"exit code {done.code}" if done.code > 0 else f"signal {-done.code}"
        raise Failure(
            f"run {plan.command[0]}: it ended with {words}"
            f"{': ' + done.said if done.said else ''}; give a program that ends well",
            PARTIAL,
        )
    return done


def _expect_calls(plan: Plan, probe: Run) -> Counters:
    counters = probe.counters
    assert counters is not None
    name = plan.function[2:]
    if not counters.code_count:
        raise Failure(
            f"whatif -f {name}: no such function ran; tare run names those that do (of processes "
            "that the program starts, only forked ones are known)"
        )
    if plan.progress and not counters.progress_code_count:
        raise Failure(f"whatif --progress {plan.progress[2:]}: no such function ran")
    if plan.progress and counters.progress_count < 2:
        raise Failure(
            f"whatif --progress {plan.progress[2:]}: it was called once; leave --progress to look "
            "at the whole run"
        )
    return counters


def taken_alone(done: Run) -> Taken:
    return Taken(done.wall_ns, done.lost_ns, done.cpu_ns, done.cpu_ns)


def _taken(plan: Plan, done: Run, stretch: str) -> Taken:
    counters = done.counters
    assert counters is not None
    stretched_ns = counters.waited_ns if stretch == "waits" else counters.cpu_ns
    burnt_ns = 0 if stretch == "waits" else counters.inserted_ns
    hidden_cpu_ns = counters.hidden_ns - counters.hidden_line_ns
    return Taken(
        counters.progress_ns if plan.progress else done.wall_ns - counters.hidden_ns,
        max(0.0, done.lost_ns - counters.hidden_line_ns),
        done.cpu_ns - burnt_ns,
        done.cpu_ns - hidden_cpu_ns,
        counters.inserted_ns / stretched_ns if stretched_ns else 0.0,
        stretched_ns,
    )


Runs = list[dict[float | None, Taken]]  # by block and step


def even_out(runs: Runs, same_work: bool = True) -> list[dict[float | None, float]]:
    """What would be taken if the machine had nothing else to do, and its processor were as fast in
    all runs.

    They all do the same work, so the CPU time of that says how fast the processor was. How much of
    that a program feels, and how much of the time in which it had no CPU, is found by least squares
    from the runs of the same step: all of it, or less where it would have waited anyway.
    same_work: in all steps; else in the runs of a step.
    """
    usual_ns = {step: sum(row[step].work_ns for row in runs) / len(runs) for step in runs[0]}
    if same_work:
        usual_ns = dict.fromkeys(usual_ns, sum(usual_ns.values()) / len(usual_ns))
    late = [
        {step: one.seen_ns * (1 - usual_ns[step] / one.work_ns) for step, one in row.items()}
        for row in runs
    ]
    lost = [{step: one.lost_ns for step, one in row.items()} for row in runs]
    taken = [{step: one.ns for step, one in row.items()} for row in runs]
    felt_late, felt_lost = _felt(_around_mean(late), _around_mean(lost), _around_mean(taken))
    return [
        {
            step: one.ns - felt_late * late_row[step] - felt_lost * one.lost_ns
            for step, one in row.items()
        }
        for row, late_row in zip(runs, late, strict=True)
    ]


def _around_mean(rows: list[dict[float | None, float]]) -> list[float]:
    """Each less the mean of its step."""
    means = {step: sum(row[step] for row in rows) / len(rows) for step in rows[0]}
    return [row[step] - means[step] for row in rows for step in row]


def _felt(first: list[float], second: list[float], taken: list[float]) -> tuple[float, float]:
    """The parts, from 0 to 1, of two amounts that explain most of a third."""
    a, b, c = _product(first, first), _product(first, second), _product(second, second)
    x, y = _product(first, taken), _product(second, taken)
    determinant = a * c - b * b
    if determinant > 1e-9 * a * c:
        one, other = (x * c - y * b) / determinant, (y * a - x * b) / determinant
        if 0 <= one <= 1 and 0 <= other <= 1:
            return one, other
        one = _between(one)  # the best at the border that it is beyond
        return one, _between((y - one * b) / c)
    return (_between(x / a), 0.0) if a > 0 else (0.0, _between(y / c) if c > 0 else 0.0)


def _product(first: list[float], second: list[float]) -> float:
    return sum(one * other for one, other in zip(first, second, strict=True))


def _between(part: float) -> float:
    return min(max(part, 0.0), 1.0)


def as_blocks(runs: Runs) -> list[Block]:
    return [
        Block(
            taken[None],
            {step: ns for step, ns in taken.items() if step is not None},
            {step: one.ratio for step, one in row.items() if step is not None},
            sum(one.calls_ns for step, one in row.items() if step is not None) / (len(row) - 1),
        )
        for row, taken in zip(runs, even_out(runs), strict=True)
    ]


def analyse(
    blocks: list[Block], stretch: str, measured: Counters, by_progress: bool
) -> Experiment:
    from tare._stats import mean_interval, median

    bend = None
    if 0.5 in blocks[0].taken_ns:
        bends = [block.bend_ns / block.level_ns for block in blocks]
        bend = Estimate(*mean_interval(bends, BENT_LEVEL))
    slope = _ratio_of(blocks, [block.slope_ns for block in blocks])
    part = sum(block.calls_ns for block in blocks) / sum(block.taken_ns[0] for block in blocks)
    if by_progress:
        part /= measured.progress_count - 1
    return Experiment(
        blocks,
        -1.0 in blocks[0].taken_ns,
        stretch,
        measured,
        by_progress,
        median([block.alone_ns for block in blocks]),
        slope,
        Estimate(*(bound / part for bound in slope)),
        bend,
        _ratio_of(blocks, [block.taken_ns[0] - block.alone_ns for block in blocks]),
    )


def _ratio_of(blocks: list[Block], parts_ns: list[float]) -> Estimate:
    """To what the program took alone: a ratio of means over blocks, each of them in units of its
    own level, with the interval of what the ratio leaves unexplained. It is a little wider for the
    two parts that were found from the same runs (even_out)."""
    from tare._stats import mean_interval

    parts = [ns / block.level_ns for ns, block in zip(parts_ns, blocks, strict=True)]
    wholes = [block.alone_ns / block.level_ns for block in blocks]
    value = sum(parts) / sum(wholes)
    mean = sum(wholes) / len(wholes)
    rests = [(part - value * whole) / mean for part, whole in zip(parts, wholes, strict=True)]
    free = (len(blocks) - 1) * len(blocks[0].taken_ns)
    reach = half(Estimate(*mean_interval(rests))) * math.sqrt(free / max(1, free - 2))
    return Estimate(value, value - reach, value + reach)


def _slope(xs: list[float], ys: list[float]) -> float:
    middle = sum(xs) / len(xs)
    square = sum((x - middle) ** 2 for x in xs)
    return sum((x - middle) * y for x, y in zip(xs, ys, strict=True)) / square
