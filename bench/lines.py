"""What measuring lines costs: Tare beside line_profiler, in the same interpreter.

Programs with decorated functions (bench/programs/lined.py) time themselves, as in the part on
calls.
"""

from __future__ import annotations

import sys

from calls import Found, added, least, with_tare
from context import PROGRAMS, Context, Goal, highest, markdown, version_of
from peers import peer_folder

TITLE = "Measuring lines: added ns an operation, and slowdown"
ROUNDS = 10
TOOLS = ("none", "tare", "line_profiler")
TIGHT, CALLEE, TINY = "tight loop, a line", "unprofiled callee, a call", "tiny function, a call"


def measure(context: Context) -> dict[str, Found]:
    """By version, of the interpreters that have Tare."""
    found = {}
    for python in context.pythons:
        minor = ".".join(version_of(python).split(".")[:2])
        measured = with_tare(python, minor)
        if measured is None:
            print(f"lines: {python}: Tare is not installed in it: left out", file=sys.stderr)
            continue
        every = commands(context, measured, minor)
        found[version_of(python)] = least(context, every, minor, ROUNDS)
    return found


def commands(context: Context, python: str, minor: str) -> dict[str, list[str]]:
    """NumPy and line_profiler are in one folder, which all three see."""
    folder = peer_folder(context, python, minor, "line_profiler")
    path = f"PYTHONPATH={folder}" if folder else "PYTHONPATH="
    return {name: ["env", path, python, str(PROGRAMS / "lined.py"), "--under", name]
            for name in TOOLS if folder or name != "line_profiler"}


def table(result: dict[str, Found]) -> str:
    rows = []
    for version, found in result.items():
        for tool in found:
            rows.append([f"{tool}, {version}", *(cell(found, tool, program)
                                                for program in found["none"])])
    programs = list(next(iter(result.values()))["none"]) if result else []
    return markdown(["tool", *programs], rows)


def cell(found: Found, tool: str, program: str) -> str:
    if tool == "none":
        return f"{found[tool][program]:,.0f} ns"
    return f"{added(found, tool, program):+,.0f} ns, {slowdown(found, tool, program):.2f}x"


def slowdown(found: Found, tool: str, program: str) -> float:
    return found[tool][program] / found["none"][program]


def goals(result: dict[str, Found]) -> list[Goal]:
    if not result:
        return []
    new = {version: found for version, found in result.items() if not version.startswith("3.11")}
    goals = [
        highest("tight loop: slowdown", 4, by_version(new, TIGHT), "{:.2f}"),
        highest("unprofiled callee: slowdown", 1.1, by_version(new, CALLEE), "{:.2f}"),
        highest("tiny function: us added to a call", 1,
                {version: added(found, "tare", TINY) / 1000 for version, found in new.items()},
                "{:.2f}"),
    ]
    beside = {f"{program}, {version}": added(found, "tare", program) /
              added(found, "line_profiler", program)
              for version, found in result.items() if "line_profiler" in found
              for program in (TIGHT, TINY)}
    if beside:
        goals.append(highest("added, of what line_profiler adds", 0.5, beside, "{:.2f}"))
    return goals


def by_version(result: dict[str, Found], program: str) -> dict[str, float]:
    return {version: slowdown(found, "tare", program) for version, found in result.items()}
