"""What an experiment is, and what comes out of it.

An experiment asks, shows its code, measures and then says what that taught. The sentences are made
from the trials alone: on an interpreter where something costs nothing they say so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from tare._stats import Estimate

if TYPE_CHECKING:
    from tare.heap.growing import Growth
    from tare.lab.measuring import Lab

SCHEMA = "tare.lab/1"


class Variant(NamedTuple):
    """One way to do it: what is shown is what is run."""

    label: str
    code: str


class Trial(NamedTuple):
    """B beside A, at one size. The ratio is the time of A by that of B: above 1, B is faster."""

    a: str
    b: str
    n: int | None
    ratio: Estimate
    verdict: str  # of tare.comparing: faster, slower, same, cannot tell
    a_ns: Estimate
    b_ns: Estimate
    agreed: str  # in which words the results were found to be the same
    wall_ratio: Estimate | None = None
    cpu_ratio: Estimate | None = None
    a_bytes: float | None = None
    b_bytes: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return plain(self._asdict())


class Value(NamedTuple):
    """What a cell of a table says; a number has a unit: ns, bytes, x, n, part.

    A ratio (x) that has a verdict is the time of A by that of B.
    """

    value: float | str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    verdict: str = ""

    @classmethod
    def of(cls, estimate: Estimate, unit: str) -> Value:
        return cls(estimate.value, unit, estimate.low, estimate.high)


class Table(NamedTuple):
    heads: tuple[str, ...]
    rows: list[tuple[Value, ...]]


class Curve(NamedTuple):
    """Points (n, estimate) that belong together."""

    label: str
    points: list[tuple[float, Estimate]]


class Chart(NamedTuple):
    """Curves over n, both axes logarithmic."""

    title: str
    across: str  # what n is
    unit: str
    curves: list[Curve]


class Bars(NamedTuple):
    """A bar for each label, from 0."""

    title: str
    unit: str
    bars: list[tuple[str, Estimate]]


class Steps(NamedTuple):
    """How a container grows."""

    growth: Growth


Picture = Chart | Bars | Steps


class Finding(NamedTuple):
    """What was measured, and what that taught."""

    tables: list[Table]
    pictures: list[Picture]
    lessons: list[str]
    agreed: list[str]  # right first: what was compared before anything was timed
    notes: list[str] = []
    trials: list[Trial] = []


class Experiment(NamedTuple):
    name: str
    title: str
    question: str
    expect: str  # what to ask oneself before one reads on
    code: tuple[Variant, ...]
    measure: Callable[[Lab], Finding]


class Result(NamedTuple):
    """One experiment that was made; without a finding, trouble says why."""

    experiment: Experiment
    finding: Finding | None
    trouble: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        experiment, finding = self.experiment, self.finding
        return {
            "name": experiment.name,
            "title": experiment.title,
            "question": experiment.question,
            "code": [variant._asdict() for variant in experiment.code],
            "lessons": finding.lessons if finding else [],
            "agreed": finding.agreed if finding else [],
            "notes": finding.notes if finding else [],
            "tables": [plain(table._asdict()) for table in finding.tables] if finding else [],
            "trials": [trial.to_dict() for trial in finding.trials] if finding else [],
            "trouble": self.trouble or None,
            "elapsed_seconds": self.seconds,
        }


def plain(value: Any) -> Any:
    """As JSON has it, without infinities."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {key: plain(part) for key, part in value._asdict().items()}
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
