"""What the program would gain if a function took less time: found by letting it take more.

In a block the program runs once alone, and once for each ratio: the calls of the function then take
that much longer. Blocks are in random order and each is compared with itself, so that a machine
which is slower for a while is so for all that are compared. What the program took longer by, for
each unit of the ratio, is what it would take less by without the function, if time goes on as it
began:

    time |          x        ratio 1
         |      x            ratio 1/2
         |  x                as it is: 1
         | .                 half the time (ratio -1/2): 1 - gain/2
         |.                  none (ratio -1): 1 - gain
         +-----------------

A block is one sample, and the interval is over blocks. Where the points bend the function comes
onto the critical path, or leaves it, as it gets slower, and the line leads nowhere.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import NamedTuple

from tare.cli.failure import PARTIAL, Failure
from tare.whatif.delaying import Counters, Delay, Run, run_alone, run_delayed

STEPS = (0.0, 0.5, 1.0)  # parts of the largest ratio
WANTED_LONGER = 0.3  # of the program's time, at the largest ratio
MOST_RATIO = 16.0
FEWEST_BLOCKS, MOST_BLOCKS = 5, 60
NARROW = 0.015  # half an interval that is good enough
WAITING_PART = 0.9  # of the time in its calls: then it is the waiting that is stretched
BENT_LEVEL = 0.99
LEAST_BEND = 0.02  # of the program's time, below which a bend does not matter


class Estimate(NamedTuple):
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


class Plan(NamedTuple):
    command: list[str]
    extension: str
    function: str  # a row: ext/delay/codes.h
    progress: str = ""  # likewise
    stretch: str = ""  # "": by what the calls do
    seconds: float = 60.0  # in all, about
    limit_seconds: float = 600.0  # for one run
    seed: int = 1


class Block(NamedTuple):
    """Nanoseconds that the program took, or between two points of its progress."""

    alone_ns: float
    taken_ns: tuple[float, ...]  # by step
    ratios: tuple[float, ...]  # by which the calls did get longer

    @property
    def level_ns(self) -> float:
        return (self.alone_ns + sum(self.taken_ns)) / (1 + len(self.taken_ns))

    @property
    def slope_ns(self) -> float:
        """More time for each unit of the ratio, by least squares."""
        return _slope(self.ratios, self.taken_ns)

    @property
    def bend_ns(self) -> float:
        """By how much the middle is above the line between the ends."""
        low, middle, high = self.taken_ns
        return middle - (low + high) / 2


class Experiment(NamedTuple):
    blocks: list[Block]
    stretch: str
    measured: Counters  # of the first run, in which nothing was longer
    wall_ns: float  # of the program alone, the median
    gain: Estimate  # of the program's time, without the function
    criticality: Estimate  # longer by so much, for each that its calls got longer
    bend: Estimate
    bent: bool
    hearing: Estimate  # what the program took longer for being listened to alone
    by_progress: bool

    @property
    def decided(self) -> bool:
        return len(self.blocks) >= FEWEST_BLOCKS and _half(self.gain) <= NARROW


def run(plan: Plan, progress: Callable[[str], None]) -> Experiment:
    """Runs the program again and again, until it is known well enough or the time is up."""
    end_ns = time.monotonic_ns() + plan.seconds * 1e9
    first = _check(plan, run_alone(plan.command, plan.limit_seconds))
    probe = _check(plan, _delayed(plan, 0.0, "work"))
    measured = _expect_calls(plan, probe)
    stretch = plan.stretch or choose_stretch(measured)
    stretched_ns = measured.waited_ns if stretch == "waits" else measured.cpu_ns
    if not stretched_ns:
        raise Failure(f"whatif: its calls have no {_WORDS[stretch]} that could be stretched")
    largest = choose_ratio(first.wall_ns, stretched_ns)
    chance = random.Random(plan.seed)
    blocks: list[Block] = []
    while True:
        begin_ns = time.monotonic_ns()
        blocks.append(_run_block(plan, stretch, largest, chance))
        found = analyse(blocks, stretch, measured, bool(plan.progress)) if blocks[1:] else None
        if found and (found.decided or len(blocks) == MOST_BLOCKS):
            return found
        now_ns = time.monotonic_ns()
        if found and len(blocks) >= FEWEST_BLOCKS and 2 * now_ns - begin_ns > end_ns:
            return found
        if len(blocks) == FEWEST_BLOCKS - 1 or found and len(blocks) % 5 == 0:
            progress(_progress_words(blocks, found, end_ns - now_ns))


_WORDS = {"work": "CPU time", "released": "CPU time", "waits": "waiting"}


def _progress_words(blocks: list[Block], found: Experiment | None, left_ns: float) -> str:
    words = f"{len(blocks)} blocks"
    if found:
        words += f", gain so far {found.gain.low:.1%} to {found.gain.high:.1%}"
    return f"{words}; up to {max(0.0, left_ns / 1e9):.0f} s to go"


def choose_stretch(measured: Counters) -> str:
    """Waits where the calls do little else."""
    waits = measured.waited_ns > WAITING_PART * measured.wall_ns
    return "waits" if waits else "work"


def choose_ratio(wall_ns: float, stretched_ns: float) -> float:
    """So large that the program gets noticeably longer; 1 where the function is much of it."""
    return min(max(WANTED_LONGER * wall_ns / stretched_ns, 1.0), MOST_RATIO)


def _run_block(plan: Plan, stretch: str, largest: float, chance: random.Random) -> Block:
    order: list[float | None] = [None, *(step * largest for step in STEPS)]
    chance.shuffle(order)
    alone_ns = 0.0
    taken: dict[float, tuple[float, float]] = {}
    for ratio in order:
        if ratio is None:
            alone_ns = _check(plan, run_alone(plan.command, plan.limit_seconds)).wall_ns
            continue
        done = _check(plan, _delayed(plan, ratio, stretch))
        taken[ratio] = (_taken_ns(plan, done), _real_ratio(done.counters, stretch))
    ordered = [taken[step * largest] for step in STEPS]
    if plan.progress:
        alone_ns = ordered[0][0]  # who runs alone is not asked when it passes a point
    return Block(alone_ns, tuple(row[0] for row in ordered), tuple(row[1] for row in ordered))


def _delayed(plan: Plan, ratio: float, stretch: str) -> Run:
    delay = Delay(plan.function, ratio, stretch, plan.progress)
    return run_delayed(plan.command, plan.extension, delay, plan.limit_seconds)


def _check(plan: Plan, done: Run) -> Run:
    if done.code != 0:
        words = f"exit code {done.code}" if done.code > 0 else f"signal {-done.code}"
        raise Failure(
            f"run {plan.command[0]}: it ended with {words}"
            f"{': ' + done.said if done.said else ''}; give one that ends well",
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


def _taken_ns(plan: Plan, done: Run) -> float:
    assert done.counters is not None
    return done.counters.progress_ns if plan.progress else done.wall_ns


def _real_ratio(counters: Counters | None, stretch: str) -> float:
    assert counters is not None
    stretched_ns = counters.waited_ns if stretch == "waits" else counters.cpu_ns
    return counters.inserted_ns / stretched_ns if stretched_ns else 0.0


def analyse(
    blocks: list[Block], stretch: str, measured: Counters, by_progress: bool
) -> Experiment:
    """Each block as a part of its own level, so that it does not matter how fast the machine was
    then; the gain is a ratio of two means, with the interval of its residuals."""
    from tare._stats import mean_interval, median

    slopes = [block.slope_ns / block.level_ns for block in blocks]
    alone = [block.alone_ns / block.level_ns for block in blocks]
    gain = _ratio(slopes, alone)
    bends = [block.bend_ns / block.level_ns for block in blocks]
    bend = Estimate(*mean_interval(bends, BENT_LEVEL))
    unheard = [block.taken_ns[0] / block.level_ns - one for block, one in zip(blocks, alone)]
    part = _stretched_part(blocks, measured, stretch, by_progress)
    return Experiment(
        blocks,
        stretch,
        measured,
        median([block.alone_ns for block in blocks]),
        gain,
        Estimate(*(bound / part for bound in gain)),
        bend,
        abs(bend.value) > LEAST_BEND and not bend.low <= 0 <= bend.high,
        _ratio(unheard, alone),
        by_progress,
    )


def _stretched_part(
    blocks: list[Block], measured: Counters, stretch: str, by_progress: bool
) -> float:
    """Of the program's time, what its calls took in all threads together."""
    stretched_ns = measured.waited_ns if stretch == "waits" else measured.cpu_ns
    whole_ns = sum(block.taken_ns[0] for block in blocks) / len(blocks)
    if by_progress:
        whole_ns *= max(1, measured.progress_count - 1)
    return stretched_ns / whole_ns


def _ratio(parts: list[float], wholes: list[float]) -> Estimate:
    from tare._stats import mean_interval

    mean = sum(wholes) / len(wholes)
    value = sum(parts) / sum(wholes)
    rests = [(part - value * whole) / mean for part, whole in zip(parts, wholes, strict=True)]
    reach = _half(Estimate(*mean_interval(rests)))
    return Estimate(value, value - reach, value + reach)


def _half(estimate: Estimate) -> float:
    return (estimate.high - estimate.low) / 2


def _slope(xs: tuple[float, ...], ys: tuple[float, ...]) -> float:
    middle = sum(xs) / len(xs)
    square = sum((x - middle) ** 2 for x in xs)
    return sum((x - middle) * y for x, y in zip(xs, ys, strict=True)) / square
