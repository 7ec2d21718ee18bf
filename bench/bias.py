"""What a profiler makes of small functions: the same work with a call for each piece and in a loop.

tests/targets/bias.py knows the true share of both halves, for it runs them without a profiler in
turns with each profiled run. Each figure is the median of several processes.
"""

from __future__ import annotations

import json
import statistics
import sys

from calls import with_tare
from context import TARGETS, Context, Goal, highest, markdown, stdout_of, version_of

TITLE = "Share of a half that calls a small function: points off the truth"
MODES = {"tare": "all", "tare --no-builtins": "python", "cProfile": "cprofile"}
SHARES = (5, 25, 50, 75, 95)
ROUNDS = 5

Found = dict[str, dict[str, float]]  # tool -> true share -> points too many


def measure(context: Context) -> dict[str, Found]:
    found = {}
    for python in context.pythons:
        version = version_of(python)
        measured = with_tare(python, ".".join(version.split(".")[:2]))
        if measured is None:
            print(f"bias: {python}: Tare is not installed in it: left out", file=sys.stderr)
            continue
        found[version] = {tool: {str(share): points_off(context, measured, mode, share)
                                 for share in SHARES} for tool, mode in MODES.items()}
    return found


def points_off(context: Context, python: str, mode: str, share: int) -> float:
    print(f"bias: {mode} at {share}%", file=sys.stderr)
    points = []
    for _ in range(context.times(ROUNDS)):
        told = json.loads(stdout_of([python, str(TARGETS / "bias.py"), mode, str(share)]))
        points.append(share_of(told["traced"]) - share_of(told["plain"]))
    return statistics.median(points)


def share_of(halves: dict[str, int]) -> float:
    return 100 * halves["with_calls"] / sum(halves.values())


def table(result: dict[str, Found]) -> str:
    rows = [[f"{tool}, {version}", *(f"{points:+.1f}" for points in shares.values())]
            for version, found in result.items() for tool, shares in found.items()]
    return markdown(["tool", *(f"true {share}%" for share in SHARES)], rows)


def goals(result: dict[str, Found]) -> list[Goal]:
    if not result:
        return []
    worst = {f"{tool}, {version}": max(map(abs, shares.values()))
             for version, found in result.items() for tool, shares in found.items()
             if tool != "cProfile"}
    return [highest("bias of small functions, in points", 5, worst, "{:.1f}")]
