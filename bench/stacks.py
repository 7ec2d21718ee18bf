"""How many of the stacks that a tool reports never existed (tests/targets/crossed.py)."""

from __future__ import annotations

import json
import sys

from context import TARGETS, Context, Goal, markdown, stdout_of, version_of
from crossed import Crossed
from tools import Tool

TITLE = ("Impossible stacks in a program of short crossed calls: samples taken, "
         "per cent impossible, per cent with a wrong call-site line")
SECONDS = 10
CASES = [(1_000, 10), (1_000, 100), (20_000, 10), (20_000, 100)]  # rate, depth


def measure(context: Context) -> dict:
    return {version_of(python): {
        f"{rate:,} Hz, depth {depth}": {
            tool.name: judge(context, tool, python, rate, depth) for tool in context.tools}
        for rate, depth in CASES} for python in context.pythons}


def judge(context: Context, tool: Tool, python: str, rate: int, depth: int) -> dict[str, int]:
    print(f"stacks: {tool.name} at {rate} Hz, depth {depth}", file=sys.stderr)
    duration = str(max(2.0, SECONDS * context.effort))
    target = [python, str(TARGETS / "crossed.py"), str(depth), duration]
    output = context.output(tool)
    crossed = Crossed(json.loads(stdout_of(tool.run(rate, output, target))))
    found = {"samples": 0, "impossible": 0, "wrong_line": 0}
    for stack, count in tool.read(output).items():
        if not crossed.has(stack):
            continue
        found["samples"] += count
        if not crossed.is_legal(stack, with_lines=False):
            found["impossible"] += count
        elif not crossed.is_legal(stack):
            found["wrong_line"] += count
    return found


def table(result: dict) -> str:
    rows = []
    for version, cases in result.items():
        for case, tools in cases.items():
            rows.append([f"{case}, {version}", *map(cell, tools.values())])
    tools = next(iter(next(iter(result.values())).values()))
    return markdown(["case", *tools], rows)


def cell(found: dict[str, int]) -> str:
    count = found["samples"]
    if not count:
        return "no samples"
    shares = (100 * found[key] / count for key in ("impossible", "wrong_line"))
    return "{:,}: {:.3g} %, {:.3g} %".format(count, *shares)


def goals(result: dict) -> list[Goal]:
    found = [tools["tare"] for cases in result.values() for tools in cases.values()]
    samples, impossible = (sum(case[key] for case in found) for key in ("samples", "impossible"))
    return [Goal("impossible stacks", "0", f"{impossible:,} of {samples:,}",
                 samples > 0 and impossible == 0)]
