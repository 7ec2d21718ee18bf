"""What a small change gains, by the share of the function that it is in.

Whole runs differ by some per cent from each other, whatever is run. A change that gains one per
cent drowns in that. But what makes a whole run slower makes all of its parts slower: of the time
T = R + F of a program, in which only the function's part F is changed,

    s = F / T       so       T(original) / T(copy) = (1 - s(copy)) / (1 - s(original))

as long as the rest R takes the same time. F is the function with all that it calls; of one that
calls nearly all of the program, its own time. Shares are sampled, in runs of both in turns.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tare._profile import load
from tare._stats import Look, sequential
from tare.advising.benches import LEAST_CHANGE, ProgramBench
from tare.advising.copying import Copy
from tare.advising.executing import execute
from tare.advising.profiling import sampling_words

LOOKS = (6, 10, 16, 24)  # rounds after which it may be decided
MOST_SHARE = 0.8  # beyond which there is too little left to compare with
RATE_HZ = 2000
MOST_TIMES = 3  # so many times the time given, which the least number of rounds may take


@dataclass(frozen=True)
class Function:
    """By its file in the original, and its qualified name."""

    file: str
    qualname: str


class Share(NamedTuple):
    """Parts of a program's time."""

    own: float
    total: float  # with what the function calls


def compare_shares(
    bench: ProgramBench, copy: Copy, function: Function, seconds: float
) -> tuple[Look, int] | None:
    """The original by the copy, and after how many rounds; None where it cannot be said so.

    It ends when it is decided, or when the time is used up after the first look or later.
    """
    run_ns = max(run.wall_ns for run in bench.before.values())
    if 2 * LOOKS[0] * run_ns > MOST_TIMES * seconds * 1e9:
        return None
    logs: list[float] = []
    used_ns = 0
    look = None
    for ratio, wall_ns in rounds(bench, copy, function):
        if ratio is None:
            return None
        logs.append(math.log(ratio))
        used_ns += wall_ns
        if len(logs) not in LOOKS:
            continue
        look = sequential(logs, LOOKS, 0.95, LEAST_CHANGE)
        if look.decided or used_ns > seconds * 1e9:
            break
    return None if look is None else (look, len(logs))


def rounds(
    bench: ProgramBench, copy: Copy, function: Function
) -> Iterator[tuple[float | None, int]]:
    """Of each round the ratio, and how long it took."""
    own = False
    for number in range(LOOKS[-1]):
        found, wall_ns = {}, 0
        for one in (bench.original, copy) if number % 2 else (copy, bench.original):
            found[one is copy], taken_ns = share_of(bench, one, function, number)
            wall_ns += taken_ns
        if number == 0:
            own = found[False].total > MOST_SHARE
        before, after = (share.own if own else share.total for share in (found[False], found[True]))
        usable = 0 < before < MOST_SHARE and after < MOST_SHARE
        yield ((1 - after) / (1 - before) if usable else None), wall_ns


def share_of(
    bench: ProgramBench, copy: Copy, function: Function, seed: int
) -> tuple[Share, int]:
    """In one run, and how long that took."""
    path = os.path.join(bench.folder, "share.tare")
    words = sampling_words(path, RATE_HZ)
    environment = copy.environment({**bench.environment, "PYTHONHASHSEED": str(seed)})
    run = execute(
        [*words, *copy.command()], bench.subject.cwd, environment, bench.folder, bench.most_seconds
    )
    file = copy.path_of(function.file)
    summary = load(path).summary()
    rows = [
        row
        for row in summary.functions()
        if row.qualname == function.qualname and os.path.realpath(row.file) == file
    ]
    whole_ns = max(1, summary.wall_ns)
    own_ns, total_ns = sum(row.self_ns for row in rows), sum(row.total_ns for row in rows)
    return Share(own_ns / whole_ns, total_ns / whole_ns), run.wall_ns
