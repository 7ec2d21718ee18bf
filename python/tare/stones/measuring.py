"""Many processes of several interpreters, in turns, and what they come to.

    round 1   3.11: nothing, tarestones.py   3.13: nothing, tarestones.py   PyPy: ...
    round 2   PyPy: ...                      3.11: ...                      3.13: ...

Turns, since a machine has better and worse minutes: what one interpreter met, all of them met.
The processes are the sample: each is one value for each kernel, and intervals are over processes.
In a process the lower quarter of the steady passes counts, and of the processes the quickest
third, kernel by kernel: what disturbs only adds, and a program on the other half of a shared
processor adds a third to every pass for seconds on end. More processes follow while those few do
not agree. docs/commands/bench.md has the measurements behind this choice.

Interpreters that compile as they run get fewer processes, which last longer.
"""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tare import _stats
from tare.stones import tarestones
from tare.stones.interpreters import Interpreter
from tare.stones.running import (
    Asked,
    Run,
    Started,
    Trouble,
    copy_of,
    measure_start,
    measure_stones,
)

Estimate = _stats.Estimate

REFERENCE_STONES = 1000.0
RESAMPLED = 400  # times, for an interval
LOWER = 0.25  # of the passes of a process
QUICKEST = 3  # one in so many processes counts, and as many at least
TOGETHER = 3  # rounds whose shortest pass stands for them when it is asked whether all is steady
LEAST_GROUPS = 12  # of rounds; fewer say nothing
AGREEING = 0.03  # how far apart the quickest processes may be
COMPILING = 2.5  # how much slower than steady passes the first ones are, where code is compiled
LONGER = 2  # times as long are processes that compile, and as many fewer
LEVEL = 0.95
MOST_LOG = 600.0
DRIFTING = 0.10  # from the middle third of the rounds to the last: a process is not steady yet
DRIFTED = 0.8  # of the processes, all in one direction: the kernel is not, whatever disturbed it
LEAST_PROCESSES = 3


class Plan(NamedTuple):
    processes: int = 15  # for each interpreter
    seconds: float = 1.2  # of measuring in each
    more: int = 10  # processes beyond these, while the quickest do not agree
    small: bool = False
    only: tuple[str, ...] = ()  # kernels; none named: all
    silence: float = 30.0  # seconds that a process may say nothing


QUICK = Plan(processes=5, seconds=0.5, more=0)


class Measured(NamedTuple):
    """What the processes of an interpreter said; trouble: why there is nothing to be had."""

    interpreter: Interpreter
    runs: list[Run]
    starts: list[Started]
    trouble: str


class Kernel(NamedTuple):
    name: str
    cold_ns: Estimate  # of a first pass
    pass_ns: Estimate  # of a steady one
    stones: Estimate
    warm_up: str  # flat, warm-up, cyclic, slow-down, none, unknown: what most processes show
    steady_rounds: float | None  # how many rounds it takes; None where nothing shows it
    drift: float  # log of how much longer passes are in the last third than in the second
    unsteady: bool  # that is more than 10 % in most processes


class Result(NamedTuple):
    interpreter: Interpreter
    clock_kind: str
    processes: int
    kernels: list[Kernel]
    stones: Estimate | None  # None where a kernel is never steady
    start_cpu_ns: Estimate
    start_wall_ns: Estimate
    begin_bytes: int
    peak_bytes: int
    process_stones: list[float]  # by each process alone

    @property
    def unsteady(self) -> list[str]:
        return [kernel.name for kernel in self.kernels if kernel.unsteady]


class Measuring:
    """An interpreter on its way through its processes."""

    def __init__(self, interpreter: Interpreter, plan: Plan) -> None:
        self.interpreter = interpreter
        self.plan = plan
        self.runs: list[Run] = []
        self.starts: list[Started] = []
        self.trouble = ""
        self.compiles = False

    def needs_more(self) -> bool:
        done = len(self.runs)
        if self.trouble:
            return False
        least = self.plan.processes
        if self.compiles:
            least = min(least, max(LEAST_PROCESSES, least // LONGER))
        if done < least:
            return True
        return done < least + self.plan.more and not do_agree(self.runs, self.plan.small)

    def add_process(self, file: str, folder: str) -> None:
        plan, number, path = self.plan, len(self.runs), self.interpreter.path
        asked = Asked(
            [row[0] for row in tarestones.KERNELS if not plan.only or row[0] in plan.only],
            "small" if plan.small else "full",
            plan.seconds * (LONGER if self.compiles else 1),
        )
        try:
            started = measure_start(path, folder, number, plan.silence)
            run = measure_stones(path, file, asked, number, plan.silence)
        except Trouble as trouble:
            self.trouble = f"{trouble}{f' (process {number + 1})' if number else ''}"
            return
        self.starts.append(started)
        self.runs.append(run)
        self.compiles = self.compiles or (not number and does_compile(run))


def measure(
    interpreters: Sequence[Interpreter], plan: Plan, tell: Callable[[str], None]
) -> list[Measured]:
    """Every interpreter with what it said, in the order given."""
    all_of = [Measuring(interpreter, plan) for interpreter in interpreters]
    with tempfile.TemporaryDirectory(prefix="tare-bench-") as folder:
        file = copy_of("tarestones.py", folder)
        turn = 0
        while any(one.needs_more() for one in all_of):
            shift = turn % len(all_of)
            for one in all_of[shift:] + all_of[:shift]:
                if one.needs_more():
                    tell(f"{one.interpreter.name}, process {len(one.runs) + 1}")
                    one.add_process(file, folder)
            turn += 1
    return [Measured(one.interpreter, one.runs, one.starts, one.trouble) for one in all_of]


def does_compile(run: Run) -> bool:
    """Whether the first pass of most kernels is much slower than the later ones."""
    ratios = [run.cold_ns[name] / steady_ns(run.rounds_ns[name]) for name in run.cold_ns]
    return _stats.median(ratios) > COMPILING


def do_agree(runs: Sequence[Run], small: bool) -> bool:
    """Whether the quickest processes, which count, are about equally quick."""
    sums = sorted(-sum(row) / len(row) for row in rows_of(runs, small))
    return sums[counted(len(sums)) - 1] - sums[0] < AGREEING


def rows_of(runs: Sequence[Run], small: bool) -> list[list[float]]:
    """A row for each process: log of how much quicker than the reference it does each kernel."""
    reference = reference_ns(small)
    return [
        [math.log(reference[name] / steady_ns(times)) for name, times in run.rounds_ns.items()]
        for run in runs
    ]


def reference_ns(small: bool) -> dict[str, int]:
    return {row[0]: row[7] if small else row[4] for row in tarestones.KERNELS}


def summarise(measured: Measured, small: bool) -> Result:
    """What the processes come to; there is at least one."""
    runs = measured.runs
    names = list(runs[0].cold_ns)
    reference = reference_ns(small)
    rows = rows_of(runs, small)
    kernels = [
        summarise_kernel(name, [row[index] for row in rows], runs, reference[name])
        for index, name in enumerate(names)
    ]
    result = Result(
        measured.interpreter,
        runs[0].clock_kind,
        len(runs),
        kernels,
        times(REFERENCE_STONES, estimate(rows)),
        quick_time([start.cpu_ns for start in measured.starts]),
        quick_time([start.wall_ns for start in measured.starts]),
        max(run.begin_bytes for run in runs),
        max(run.peak_bytes for run in runs),
        [REFERENCE_STONES * math.exp(sum(row) / len(row)) for row in rows],
    )
    return result._replace(stones=None) if result.unsteady else result


def summarise_kernel(name: str, logs: list[float], runs: list[Run], reference: int) -> Kernel:
    quicker = estimate([[log] for log in logs])
    found = [classify(run.rounds_ns[name]) for run in runs]
    kinds = [kind for kind, _ in found]
    begins = [begin for _, begin in found if begin is not None]
    drifts = [drift_of(run.rounds_ns[name]) for run in runs]
    return Kernel(
        name,
        quick_time([run.cold_ns[name] for run in runs]),
        times(reference, negative(quicker)),
        times(REFERENCE_STONES, quicker),
        max(sorted(set(kinds)), key=kinds.count),
        _stats.median(begins) if begins else None,
        _stats.median(drifts),
        does_drift(drifts),
    )


def quick_time(times_ns: Sequence[int]) -> Estimate:
    return times(1.0, negative(estimate([[-math.log(max(1, time))] for time in times_ns])))


def classify(times_ns: Sequence[int]) -> tuple[str, int | None]:
    """How a kernel warms up, and from which round on it is steady.

    The shortest of each few passes stands for them, without what disturbs now and then.
    """
    width = max(1, min(TOGETHER, len(times_ns) // LEAST_GROUPS))
    ends = range(width, len(times_ns) + 1, width)
    found = _stats.warm_up([min(times_ns[end - width : end]) for end in ends])
    begin = found.steady_from
    return found.kind, None if begin is None else begin * width


def drift_of(times_ns: Sequence[int]) -> float:
    third = len(times_ns) // 3
    middle, last = times_ns[third : 2 * third], times_ns[-third:]
    return math.log(lower(last) / lower(middle))


def does_drift(drifts: Sequence[float]) -> bool:
    """Others on the machine make processes slower and quicker by turns, warming up only one way."""
    most = max(
        sum(drift > DRIFTING for drift in drifts), sum(drift < -DRIFTING for drift in drifts)
    )
    return most >= DRIFTED * len(drifts)


def lower(times_ns: Sequence[int]) -> int:
    return sorted(times_ns)[int(len(times_ns) * LOWER)]


def steady_ns(times_ns: Sequence[int]) -> int:
    """Of the passes of a process that are steady, or of the later half, the lower quarter."""
    _, begin = classify(times_ns)
    return lower(times_ns[len(times_ns) // 2 if begin is None else begin :])


def counted(processes: int) -> int:
    """How many of the processes count."""
    return max(min(QUICKEST, processes), processes // QUICKEST)


def estimate(rows: Sequence[Sequence[float]]) -> Estimate:
    """How quick the quickest processes are, a row each, kernel by kernel; the mean.

    The interval is Student's, with the error that drawing processes anew shows, and the freedom
    that those few leave which count.
    """
    value = quickest(rows)
    count = len(rows)
    if count < 2:
        return Estimate(value, -math.inf, math.inf)
    draw = random.Random(1)
    drawn = [quickest(draw.choices(rows, k=count)) for _ in range(RESAMPLED)]
    middle = sum(drawn) / RESAMPLED
    square = sum((one - middle) ** 2 for one in drawn) / (RESAMPLED - 1) * count / (count - 1)
    half = _stats.student_quantile((1 + LEVEL) / 2, counted(count) - 1) * math.sqrt(square)
    return Estimate(value, value - half, value + half)


def quickest(rows: Sequence[Sequence[float]]) -> float:
    count = counted(len(rows))
    columns = zip(*rows, strict=True)
    return sum(sum(sorted(column)[-count:]) for column in columns) / (count * len(rows[0]))


def negative(logs: Estimate) -> Estimate:
    return Estimate(-logs.value, -logs.high, -logs.low)


def times(factor: float, logs: Estimate) -> Estimate:
    """From logarithms to what they are of."""
    return Estimate(*(factor * math.exp(log) if log < MOST_LOG else math.inf for log in logs))
