"""How long something took over time: a series of what was saved under a name, and where it changed.

    saved -> groups (one machine, one interpreter, one clock) -> series -> change points -> changes

Times of different machines do not make one series. Where every comparison has the same revision as
its A, a point is the time relative to that: measured in pairs, it owes little to the machine. Else
it is the time itself, and the machine is watched by what fixed work took it (spin_ns): a change
that the machine made with it is marked so.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from tare._stats import Estimate, change_points, mean_interval, student_quantile
from tare.comparing.store import Measurement, Saved

HISTORY_SCHEMA = "tare.history/1"
TIME, RELATIVE = "time", "relative"
MACHINE_PART = 0.5  # of a change, from where on it is the machine's
LEAST_CHANGE = 0.01


class Point(NamedTuple):
    """One measurement: ns for an iteration, or a part of the time of A."""

    taken_unix_ns: int
    commit: str
    dirty: bool
    label: str
    value: Estimate
    spin_ns: int
    comparison: int  # its number in the store
    verdict: str


class Change(NamedTuple):
    """Between two points that follow each other."""

    index: int  # of the first point after it
    before: float  # geometric mean of the points since the change before, and up to the next
    after: float
    ratio: Estimate  # before by after: above 1, it became faster
    machine_ratio: float  # the same of what fixed work took; 1 where that is not known

    @property
    def is_machines(self) -> bool:
        """Whether the machine's own speed changed with it, by half of it or more."""
        if self.machine_ratio <= 0 or self.ratio.value <= 0:
            return False
        change, machine = math.log(self.ratio.value), math.log(self.machine_ratio)
        if abs(machine) < LEAST_CHANGE or change * machine < 0:
            return False
        return abs(machine) >= MACHINE_PART * abs(change)


class Series(NamedTuple):
    name: str
    kind: str  # TIME or RELATIVE
    machine: str
    machine_id: str
    interpreter: str
    clock: str
    reference: str  # of RELATIVE: what A is
    points: list[Point]
    changes: list[Change]

    def segments(self) -> list[tuple[int, int, float]]:
        """(first, past the last, geometric mean) between the changes."""
        ends = [0, *(change.index for change in self.changes), len(self.points)]
        return [
            (first, last, mean_of(self.points[first:last]))
            for first, last in zip(ends, ends[1:], strict=False)
        ]


def series_of(name: str, saved: Sequence[Saved]) -> list[Series]:
    """One for each machine, interpreter and clock; that of the last measurement first."""
    groups: dict[tuple[str, str, str], list[Saved]] = {}
    for one in saved:
        key = (one.b.machine_id, one.b.interpreter, one.b.clock)
        groups[key] = [*groups.pop(key, []), one]  # the last used comes last
    return [make_series(name, group) for group in reversed(groups.values())]


def make_series(name: str, group: list[Saved]) -> Series:
    last = group[-1]
    reference = common_reference(group)
    points = [make_point(one, bool(reference)) for one in group]
    kind = RELATIVE if reference else TIME
    return Series(
        name,
        kind,
        last.b.machine,
        last.b.machine_id,
        last.b.interpreter,
        last.b.clock,
        reference,
        points,
        find_changes(points, kind),
    )


def common_reference(group: list[Saved]) -> str:
    """What A is where it is always the same revision; else nothing."""
    firsts = {(one.a.label, one.a.commit) for one in group}
    if len(firsts) != 1 or not all(one.a.pinned and ratio_of(one) for one in group):
        return ""
    label, commit = firsts.pop()
    return f"{label} ({commit[:7]})"


def ratio_of(saved: Saved) -> Estimate | None:
    """Of the comparison; None where it gave none."""
    given = saved.document.get("ratio")
    if not isinstance(given, dict):
        return None
    parts = [given.get(part) for part in ("value", "low", "high")]
    if not all(isinstance(part, int | float) and part > 0 for part in parts):
        return None
    return Estimate(*parts)  # type: ignore[arg-type]


def make_point(saved: Saved, is_relative: bool) -> Point:
    ratio = ratio_of(saved) if is_relative else None
    if ratio is not None:
        value = Estimate(1 / ratio.value, 1 / ratio.high, 1 / ratio.low)
    else:
        value = geometric(saved.b)
    return Point(
        saved.taken_unix_ns,
        saved.b.commit,
        saved.b.dirty,
        saved.b.label,
        value,
        saved.b.spin_ns,
        saved.id,
        str(saved.document.get("verdict", "")),
    )


def geometric(side: Measurement) -> Estimate:
    """The mean of its processes, on the scale of logarithms; what took no time counts as 1 ps."""
    logs = [math.log(max(value, 1e-3)) for value in side.values_ns]
    found = mean_interval(logs)
    return Estimate(*(math.exp(min(bound, 700.0)) for bound in found))


def mean_of(points: Sequence[Point]) -> float:
    return math.exp(statistics.fmean(math.log(point.value.value) for point in points))


def find_changes(points: list[Point], kind: str) -> list[Change]:
    """Where a measurement begins that differs from those before it, and stays."""
    logs = [math.log(point.value.value) for point in points]
    starts = change_points(logs) if len(logs) > 1 else []
    ends = [0, *starts, len(logs)]
    parts = [logs[first:last] for first, last in zip(ends, ends[1:], strict=False)]
    spread = pooled_spread(parts)
    found = []
    for index, (before, after) in enumerate(zip(parts, parts[1:], strict=False)):
        ratio = ratio_between(before, after, spread, len(logs) - len(parts))
        machine = 1.0
        if kind == TIME:
            machine = machine_ratio(points, ends[index], ends[index + 1], ends[index + 2])
        found.append(
            Change(
                ends[index + 1],
                math.exp(statistics.fmean(before)),
                math.exp(statistics.fmean(after)),
                ratio,
                machine,
            )
        )
    return found


def pooled_spread(parts: list[list[float]]) -> float:
    """The standard deviation of measurements around the mean of their segment."""
    freedom = sum(len(part) - 1 for part in parts)
    if freedom <= 0:
        return math.inf
    squares = sum((value - statistics.fmean(part)) ** 2 for part in parts for value in part)
    return math.sqrt(squares / freedom)


def ratio_between(
    before: list[float], after: list[float], spread: float, freedom: int
) -> Estimate:
    """Student's interval; a measurement is what counts, not its processes: what changes from one
    to the next for no reason is in it."""
    log = statistics.fmean(before) - statistics.fmean(after)
    if freedom <= 0 or math.isinf(spread):
        return Estimate(math.exp(log), 0.0, math.inf)
    error = spread * math.sqrt(1 / len(before) + 1 / len(after))
    half = student_quantile(0.975, freedom) * error
    return Estimate(math.exp(log), math.exp(log - half), math.exp(log + half))


def machine_ratio(points: list[Point], begin: int, middle: int, end: int) -> float:
    """How much faster the machine itself became: of what is known of fixed work."""
    before = [math.log(point.spin_ns) for point in points[begin:middle] if point.spin_ns > 0]
    after = [math.log(point.spin_ns) for point in points[middle:end] if point.spin_ns > 0]
    if not before or not after:
        return 1.0
    return math.exp(statistics.fmean(before) - statistics.fmean(after))


def series_part(series: Series) -> dict[str, Any]:
    """For --json."""
    return {
        "name": series.name,
        "kind": series.kind,
        "unit": "ns" if series.kind == TIME else "ratio",
        "reference": series.reference or None,
        "machine": {"id": series.machine_id, "words": series.machine},
        "interpreter": series.interpreter,
        "clock": series.clock,
        "points": [
            {
                "taken_unix_ns": point.taken_unix_ns,
                "commit": point.commit or None,
                "dirty": point.dirty,
                "label": point.label,
                "value": estimate_part(point.value),
                "spin_ns": point.spin_ns or None,
                "comparison": point.comparison,
                "verdict": point.verdict,
            }
            for point in series.points
        ],
        "changes": [
            {
                "index": change.index,
                "after_commit": series.points[change.index - 1].commit or None,
                "commit": series.points[change.index].commit or None,
                "before": change.before,
                "after": change.after,
                "ratio": estimate_part(change.ratio),
                "machine_ratio": change.machine_ratio,
                "is_machines": change.is_machines,
            }
            for change in series.changes
        ],
    }


def estimate_part(estimate: Estimate) -> dict[str, float | None]:
    return {
        name: number if math.isfinite(number) else None
        for name, number in zip(("value", "low", "high"), estimate, strict=True)
    }
