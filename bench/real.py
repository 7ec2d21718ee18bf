"""What counting every call does to ten real programs (bench/programs/real.py), beside its peers."""

from __future__ import annotations

import statistics

from calls import OTHERS, TARE, Found, measure_programs
from context import Context, Goal, markdown

TITLE = "Slowdown of ten programs (1 = none), and the geometric mean"
ROUNDS = 5


def measure(context: Context) -> dict[str, Found]:
    return measure_programs(context, "real.py", ROUNDS)


def table(result: dict[str, Found]) -> str:
    rows = []
    for version, found in result.items():
        for tool in [name for name in (*TARE, *OTHERS[1:]) if name in found]:
            ratios = [found[tool][program] / ns for program, ns in found["none"].items()]
            mean = statistics.geometric_mean(ratios)
            rows.append([f"{tool}, {version}", *(f"{ratio:.2f}" for ratio in ratios),
                         f"{mean:.2f}"])
    programs = list(next(iter(result.values()))["none"]) if result else []
    return markdown(["tool", *programs, "mean"], rows)


def goals(_result: dict[str, Found]) -> list[Goal]:
    """None are asked for: how much a program calls is its own affair."""
    return []
