"""Trials as tables and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tare.lab.model import Chart, Curve, Table, Trial, Value


def time_of(trial: Trial, side: str) -> Value:
    return Value.of(trial.a_ns if side == "a" else trial.b_ns, "ns")


def outcome_of(trial: Trial) -> Value:
    return Value.of(trial.ratio, "x")._replace(verdict=trial.verdict)


def over_sizes(trials: Sequence[Trial], items: str) -> Table:
    """The same two at several sizes."""
    first = trials[0]
    heads = (items, first.a, first.b, f"{first.b} is (95%)")
    rows = [
        (
            Value(trial.n or 0, "n"),
            time_of(trial, "a"),
            time_of(trial, "b"),
            outcome_of(trial),
        )
        for trial in trials
    ]
    return Table(heads, rows)


def pairs(trials: Iterable[Trial], items: str = "") -> Table:
    """Different ones, each beside what it is compared with."""
    heads = ("A", "B", "A takes", "B takes", "B is (95%)")
    rows = []
    for trial in trials:
        row = (
            Value(trial.a),
            Value(trial.b),
            time_of(trial, "a"),
            time_of(trial, "b"),
            outcome_of(trial),
        )
        rows.append((Value(trial.n or 0, "n"), *row) if items else row)
    return Table((items, *heads) if items else heads, rows)


def chart(title: str, items: str, *series: Sequence[Trial]) -> Chart:
    """The times of all sides over n; what several series are compared with stands there once."""
    curves: dict[str, Curve] = {}
    for trials in series:
        for trial in trials:
            for label, estimate in ((trial.a, trial.a_ns), (trial.b, trial.b_ns)):
                points = curves.setdefault(label, Curve(label, [])).points
                n = float(trial.n or 1)
                if n not in [known for known, _ in points]:
                    points.append((n, estimate))
    return Chart(title, items, "ns", list(curves.values()))


def agreed_words(trials: Sequence[Trial]) -> list[str]:
    """That nothing was timed that does not do the same."""
    count = len(trials)
    return [f"in each of {count} comparisons both sides came to the same result"]
