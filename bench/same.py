"""Do two results agree? CPU time of the answer, of Tare and of those that tests ask today.

A process (bench/programs/agreeing.py) builds the results and asks each tool; the least of several
times counts.
"""

from __future__ import annotations

import json
import sys

from context import PROGRAMS, Context, Goal, highest, markdown, stdout_of

TITLE = "Whether two results of a million numbers agree: CPU time, and how many times Tare's"
COUNT = 1_000_000
TOOLS = ("tare", "numpy.testing", "pytest.approx", "==")
PROGRAM = str(PROGRAMS / "agreeing.py")


def measure(context: Context) -> dict:
    count = round(COUNT * min(1, context.effort))
    print(f"same: {count:,} numbers", file=sys.stderr)
    return {"count": count, "found": json.loads(stdout_of([sys.executable, PROGRAM, str(count)]))}


def table(result: dict) -> str:
    rows = [[question, *(cell(found, tool) for tool in TOOLS)]
            for question, found in result["found"].items()]
    return f"{result['count']:,} numbers.\n\n{markdown(['results', *TOOLS], rows)}"


def cell(found: dict[str, float | None], tool: str) -> str:
    if tool not in found:
        return ""
    seconds, own = found[tool], found["tare"]
    if seconds is None:
        return "says no"
    ratio = f", {seconds / own:.3g}x" if own and tool != "tare" else ""
    return f"{seconds * 1e3:.3g} ms{ratio}"


def goals(result: dict) -> list[Goal]:
    scale = COUNT / result["count"]
    found = {question: seconds["tare"] * 1e3 * scale for question, seconds in
             result["found"].items() if seconds.get("tare") is not None}
    kinds = {"in an array": [name for name in found if "array" in name],
             "in a list": [name for name in found if name.startswith("list")]}
    return [highest(f"a million floats {kind}, compared", limit,
                    {name: found[name] for name in names}, "{:.1f} ms")
            for (kind, names), limit in zip(kinds.items(), (10, 50)) if names]
