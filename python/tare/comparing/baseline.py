"""B beside what was saved before: the saved commit, measured again in pairs, or the saved times.

A commit that git still has is the better half: both are measured now, by turns, on this machine,
whichever machine saved it. Else the times that were saved are what there is. They were not measured
in pairs, so the machine must be the same, and how much its own speed differed since then widens the
interval.
"""

from __future__ import annotations

import math
import os
import statistics
from typing import NamedTuple

from tare._stats import Estimate, student_p, student_quantile
from tare.comparing import result, revisions
from tare.comparing.machine import Machine, identity
from tare.comparing.result import Comparison
from tare.comparing.revisions import Tree
from tare.comparing.sides import FUNCTION, STATEMENT, Side
from tare.comparing.store import Saved
from tare.errors import Error

POWER = 0.8


def has_commit(saved: Saved) -> bool:
    """Whether what was saved can be measured again."""
    commit = saved.b.commit
    return bool(commit) and not saved.b.dirty and revisions.is_revision(commit)


def in_tree(side: Side, tree: Tree, name: str) -> Side:
    """The same side in the files of a revision."""
    changes = {
        key: value
        for key, value in tree.environment(os.environ, side.python).items()
        if os.environ.get(key) != value
    }
    moved = side._replace(
        name=name, cwd=tree.cwd, environ=(*side.environ, *changes.items()), revision=tree.commit
    )
    if side.kind not in (FUNCTION, STATEMENT):
        return moved._replace(command=tuple(tree.command(list(side.command))))
    file = None if side.file is None else tree.path(side.file)
    if file is not None and not os.path.isfile(file):
        raise Error(f"measure {side.name} at {name}: that commit has no such file")
    return moved._replace(file=file, path=tree.path(side.path) if side.path else "")


class Then(NamedTuple):
    """What the saved and the new times say of each other."""

    ratio: Estimate
    p: float
    smallest: float
    machine_ratio: float  # how much faster the machine itself is now


def refuse_unlike(saved: Saved, now: Comparison, interpreter: str) -> None:
    """Times that were not measured alike say nothing."""
    then = saved.b
    for word, before, after in (
        ("on another machine", then.machine_id, str(identity()["id"])),
        ("in another interpreter", then.interpreter, interpreter),
        ("by another clock", then.clock, now.clock),
    ):
        if before != after:
            raise Error(
                f"compare with {saved.name}: it was measured {word}, and not from a commit that "
                "could be measured again; save it here, with all changes committed"
            )


def against_saved(saved: Saved, now: Comparison) -> Comparison:
    """A comparison of the saved times with those of B against itself, measured now."""
    refuse_unlike(saved, now, now.b.interpreter)
    then = compare_times(saved, now)
    verdict = judge(then.ratio, now.least)
    logs = [math.log(value) for value in saved.b.values_ns if value > 0]
    old = statistics.fmean(saved.b.values_ns)
    notes = [
        f"not in pairs: {saved.b.label} was measured before, and its times saved as {saved.name}"
    ]
    if abs(math.log(then.machine_ratio)) > now.least:
        notes.append(
            f"the machine's own speed was {1 / then.machine_ratio:.2f} times this one then; the "
            "interval is as much wider"
        )
    return now._replace(
        name=f"{saved.name} -> {now.b.name}",
        a=now.a._replace(name=f"{saved.name} (saved)"),
        verdict=verdict,
        ratio=then.ratio,
        wall_ratio=None,
        cpu_ratio=None,
        memory_ratio=None,
        memory=None,
        a_ns=Estimate(old, *(math.exp(bound) for bound in interval_of(logs)[1:])),
        p=then.p,
        smallest=then.smallest,
        needed=0 if verdict != result.CANNOT_TELL else result.NEVER,
        needed_seconds=0.0 if verdict != result.CANNOT_TELL else math.inf,
        notes=(*now.notes, *notes),
    )


def interval_of(logs: list[float]) -> Estimate:
    from tare._stats import mean_interval

    return mean_interval(logs)


def compare_times(saved: Saved, now: Comparison) -> Then:
    """Welch's interval for the difference of mean logarithms; processes are what counts."""
    old = [math.log(value) for value in saved.b.values_ns if value > 0]
    new = [
        (math.log(process.a_ns) + math.log(process.b_ns)) / 2
        for process in now.processes
        if min(process.a_ns, process.b_ns) > 0
    ]
    if min(len(old), len(new)) < 2:
        raise Error(f"compare with {saved.name}: fewer than two processes were saved of it")
    parts = [statistics.variance(values) / len(values) for values in (old, new)]
    error = math.sqrt(sum(parts))
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(values) - 1) for part, values in zip(parts, (old, new), strict=True)
    ) if error else float(len(old) + len(new) - 2)
    log = statistics.fmean(old) - statistics.fmean(new)
    machine = machine_ratio(saved, now.machine)
    widened = student_quantile(0.975, freedom) * error + abs(math.log(machine))
    found = student_quantile(0.5 + POWER / 2, freedom) * error
    return Then(
        Estimate(math.exp(log), math.exp(log - widened), math.exp(log + widened)),
        student_p(log / error, freedom) if error else float(log == 0),
        math.exp(widened + found),
        machine,
    )


def machine_ratio(saved: Saved, now: Machine | None) -> float:
    if now is None or min(saved.b.spin_ns, now.spin_before_ns, now.spin_after_ns) <= 0:
        return 1.0
    return saved.b.spin_ns / min(now.spin_before_ns, now.spin_after_ns)


def judge(ratio: Estimate, least: float) -> str:
    if ratio.low > 1 / (1 + least) and ratio.high < 1 + least:
        return result.SAME
    if ratio.low > 1:
        return result.FASTER
    if ratio.high < 1:
        return result.SLOWER
    return result.CANNOT_TELL
