"""Many processes of several interpreters, in turns, and what they come to.

    round 1   3.11: nothing, tarestones.py   3.13: nothing, tarestones.py   PyPy: ...
    round 2   PyPy: ...                      3.11: ...                      3.13: ...

Turns, since a machine has better and worse minutes: what one interpreter met, all of them met.
The processes are the sample: those of a process are one value for each kernel, and intervals
are over processes. In a process the lower quarter of the steady passes counts, and of the processes
the quicker half, kernel by kernel: what disturbs only adds, and where several programs share a
processor it adds a third to every pass of a whole process. docs/commands/bench.md has the
measurements behind this choice.
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
TOGETHER = 3  # rounds whose shortest pass stands for them when it is asked whether all is steady
LEVEL = 0.95
MOST_LOG = 600.0
UNSTEADY = ("none", "slow-down")


class Plan(NamedTuple):
    processes: int = 10  # for each interpreter
    seconds: float = 1.8  # of measuring in each
    small: bool = False
    only: tuple[str, ...] = ()  # kernels; none named: all
    silence: float = 30.0  # seconds that a process may say nothing


QUICK = Plan(processes=5, seconds=0.6)


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
    warm_up: str  # flat, warm-up, cyclic, slow-down, none: what most processes show
    steady_rounds: float | None  # how many rounds it takes; None where nothing shows it


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
        return [kernel.name for kernel in self.kernels if kernel.warm_up in UNSTEADY]


def measure(
    interpreters: Sequence[Interpreter], plan: Plan, tell: Callable[[str], None]
) -> list[Measured]:
    """Every interpreter with what it said, in the order given."""
    all_of = [Measured(interpreter, [], [], "") for interpreter in interpreters]
    with tempfile.TemporaryDirectory(prefix="tare-bench-") as folder:
        file = copy_of("tarestones.py", folder)
        for number in range(plan.processes):
            shift = number % len(all_of)
            for index in [*range(shift, len(all_of)), *range(shift)]:
                one = all_of[index]
                if one.trouble:
                    continue
                tell(f"process {number + 1} of {plan.processes}: {one.interpreter.name}")
                try:
                    add_process(one, file, folder, number, plan)
                except Trouble as trouble:
                    where = f" in process {number + 1}" if number else ""
                    all_of[index] = one._replace(trouble=f"{trouble}{where}")
    return all_of


def add_process(one: Measured, file: str, folder: str, number: int, plan: Plan) -> None:
    path = one.interpreter.path
    one.starts.append(measure_start(path, folder, number, plan.silence))
    arguments = ["--seconds", f"{plan.seconds:g}", *(["--small"] if plan.small else [])]
    for name in plan.only:
        arguments += ["--only", name]
    run = measure_stones(path, file, arguments, number, plan.silence)
    if one.runs and list(run.cold_ns) != list(one.runs[0].cold_ns):
        raise Trouble("measured other kernels than before")
    one.runs.append(run)


def reference_ns(small: bool) -> dict[str, int]:
    return {row[0]: row[7] if small else row[4] for row in tarestones.KERNELS}


def summarise(measured: Measured, small: bool) -> Result:
    """What the processes come to; there is at least one."""
    runs = measured.runs
    names = list(runs[0].cold_ns)
    reference = reference_ns(small)
    # A row for each process: how much quicker than the reference it does each kernel.
    rows = [
        [math.log(reference[name] / steady_ns(run.rounds_ns[name])) for name in names]
        for run in runs
    ]
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
    kinds = [classify(run.rounds_ns[name]) for run in runs]
    words = [kind.kind for kind in kinds]
    steady = [kind.steady_from * TOGETHER for kind in kinds if kind.steady_from is not None]
    return Kernel(
        name,
        quick_time([run.cold_ns[name] for run in runs]),
        times(reference, negative(quicker)),
        times(REFERENCE_STONES, quicker),
        max(sorted(set(words)), key=words.count),
        _stats.median(steady) if steady else None,
    )


def quick_time(times_ns: Sequence[int]) -> Estimate:
    return times(1.0, negative(estimate([[-math.log(max(1, time))] for time in times_ns])))


def classify(times_ns: list[int]) -> _stats.WarmUp:
    return _stats.warm_up(lows(times_ns))


def lows(times_ns: list[int]) -> list[int]:
    """The shortest of each few passes: without most of what disturbs now and then."""
    return [
        min(times_ns[at : at + TOGETHER])
        for at in range(0, len(times_ns) - TOGETHER + 1, TOGETHER)
    ]


def steady_ns(times_ns: list[int]) -> int:
    """Of the passes of a process that are steady, or of the later half, the lower quarter."""
    steady_from = classify(times_ns).steady_from
    begin = len(times_ns) // 2 if steady_from is None else steady_from * TOGETHER
    later = sorted(times_ns[begin:])
    return later[int(len(later) * LOWER)]


def estimate(rows: Sequence[Sequence[float]]) -> Estimate:
    """How quick the quicker half of the processes is, a row each, kernel by kernel; the mean.

    The interval is Student's, with the error that drawing processes anew shows.
    """
    value = quicker_half(rows)
    count = len(rows)
    if count < 2:
        return Estimate(value, -math.inf, math.inf)
    draw = random.Random(1)
    drawn = [quicker_half(draw.choices(rows, k=count)) for _ in range(RESAMPLED)]
    middle = sum(drawn) / RESAMPLED
    square = sum((one - middle) ** 2 for one in drawn) / (RESAMPLED - 1) * count / (count - 1)
    half = _stats.student_quantile((1 + LEVEL) / 2, count - 1) * math.sqrt(square)
    return Estimate(value, value - half, value + half)


def quicker_half(rows: Sequence[Sequence[float]]) -> float:
    half = (len(rows) + 1) // 2
    columns = zip(*rows, strict=True)
    return sum(sum(sorted(column)[-half:]) for column in columns) / (half * len(rows[0]))


def negative(logs: Estimate) -> Estimate:
    return Estimate(-logs.value, -logs.high, -logs.low)


def times(factor: float, logs: Estimate) -> Estimate:
    """From logarithms to what they are of."""
    return Estimate(*(factor * math.exp(log) if log < MOST_LOG else math.inf for log in logs))
