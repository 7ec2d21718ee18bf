"""What measuring memory costs and finds: Tare beside its peers, in one run.

Programs that check their own results (bench/programs/allocating.py) time themselves, alone and
under each tool, in a new order each round; of the CPU time of the process the least counts. What a
tool keeps of a live block is what the resident set grows by beside the block. What it finds is
asked with 512 MiB of which a share is written to.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys

from calls import with_tare
from context import PROGRAMS, QUIET, Context, Goal, highest, markdown, version_of
from memory_tools import Started, started, told_in

TITLE = "Measuring memory: slowdown of a set of programs (1 = none), and its geometric mean"
ROUNDS = 5
ONCE_TIMES = 4  # what is slower than that is measured in one round: chance is small beside it
ALLOCATING, TOUCHING = (str(PROGRAMS / f"{name}.py") for name in ("allocating", "touching"))
SHARES = (10, 100)
TOUCHED_BYTES = 512 << 20
# memory_profiler measures decorated functions line by line: of the others it would say nothing.
LINES_ALONE = {"memory_profiler"}

Tools = dict[str, Started | str]
Found = dict[str, dict]  # tool -> what was found, or why nothing was


def measure(context: Context) -> dict[str, dict[str, Found]]:
    """By version and part."""
    found = {}
    for python in context.pythons:
        version = version_of(python)
        minor = ".".join(version.split(".")[:2])
        tools = started(context, python, with_tare(python, minor), minor)
        found[version] = {
            "set": in_rounds(context, minor, tools, "set", context.times(ROUNDS)),
            "lines": in_rounds(context, minor, tools, "lines", 3),
            "blocks": in_rounds(context, minor, tools, "blocks", 2),
            "touched": touched(minor, tools),
        }
    return found


def in_rounds(context: Context, minor: str, tools: Tools, part: str, rounds: int) -> Found:
    found: Found = {name: {"failed": tool} for name, tool in tools.items()
                    if isinstance(tool, str)}
    chance = random.Random(1)
    for number in range(rounds):
        print(f"memory: {minor}, {part}, round {number + 1}", file=sys.stderr)
        order = [name for name in tools if name in found and is_run_again(found, name)
                 or name not in found and (part == "lines" or name not in LINES_ALONE)]
        chance.shuffle(order)
        for name in order:
            add_round(found, name, tools[name], part)
    return {name: found[name] for name in tools if name in found}


def is_run_again(found: Found, name: str) -> bool:
    if "failed" in found[name]:
        return False
    programs = [program for program in found["none"] if found["none"][program] > 1]
    return not programs or statistics.geometric_mean(
        found[name][program] / found["none"][program] for program in programs) < ONCE_TIMES


def add_round(found: Found, name: str, tool: Started, part: str) -> None:
    told = told_in(run(tool, [ALLOCATING, part]))
    if not told:
        found[name] = {"failed": "the program does not finish"}
        return
    best = found.setdefault(name, dict(told))
    for program, amount in told.items():
        best[program] = min(best[program], amount)
    if tool.output.is_file():
        best["file_bytes"] = tool.output.stat().st_size


def run(tool: Started, words: list[str]) -> str:
    return subprocess.run(tool.command(words), stdout=subprocess.PIPE, **QUIET
                          ).stdout.decode(errors="replace")


def touched(minor: str, tools: Tools) -> Found:
    """What each says that the line held which allocates, of what it did."""
    found: Found = {}
    for name, tool in tools.items():
        print(f"memory: {minor}, touched, {name}", file=sys.stderr)
        if isinstance(tool, str):
            found[name] = {"failed": tool}
        elif name not in ("none", "tracemalloc 25"):
            found[name] = {str(share): said(tool, share) for share in SHARES}
    return found


def said(tool: Started, share: int) -> float | None:
    text = run(tool, [TOUCHING, str(share)])
    line = told_in(text).get("line")
    amount = tool.read(text, TOUCHING, line) if line else None
    return None if amount is None else amount / TOUCHED_BYTES


def slowdowns(found: Found, tool: str) -> dict[str, float]:
    """Of the programs of the set; empty where the tool did not run."""
    own, none = found[tool], found["none"]
    return {program: own[program] / none[program] for program in none
            if program in own and not program.startswith("[")}


def added(found: Found, tool: str, program: str) -> float:
    return found[tool][program] - found["none"][program]


def table(result: dict[str, dict[str, Found]]) -> str:
    return (f"{set_table(result)}\n\nWhat an event costs and leaves behind:\n\n"
            f"{costs_table(result)}\n\nBytes said of a line that allocates 512 MiB, of those:\n\n"
            f"{touched_table(result)}")


def set_table(result: dict[str, dict[str, Found]]) -> str:
    rows, programs = [], []
    for version, parts in result.items():
        for tool in parts["set"]:
            ratios = slowdowns(parts["set"], tool)
            if tool == "none":
                programs = list(ratios)
                continue
            cells = [f"{ratios[program]:.2f}" for program in programs] if ratios else [
                parts["set"][tool]["failed"], *[""] * (len(programs) - 1)]
            mean = f"{statistics.geometric_mean(ratios.values()):.2f}" if ratios else ""
            rows.append([f"{tool}, {version}", mean, *cells])
    return markdown(["tool", "mean", *programs], rows)


LOOPS = ("[None, i], depth 1", "[None, i], depth 500")


def costs_table(result: dict[str, dict[str, Found]]) -> str:
    header = ["tool", *(f"added to `{name[:9]}`{name[9:]}" for name in LOOPS),
              "to a line of a loop", "bytes kept of a live block", "KB of file"]
    rows = []
    for version, parts in result.items():
        for tool in parts["lines"]:
            if tool != "none":
                rows.append([f"{tool}, {version}", *costs(parts, tool)])
    return markdown(header, rows)


def costs(parts: dict[str, Found], tool: str) -> list[str]:
    loops = [f"{added(parts['set'], tool, loop):+,.0f} ns"
             if loop in parts["set"].get(tool, {}) else "" for loop in LOOPS]
    line = (f"{added(parts['lines'], tool, 'lines'):+,.0f} ns"
            if "lines" in parts["lines"][tool] else parts["lines"][tool]["failed"])
    block = parts["blocks"].get(tool, {}).get("bytes")
    file = parts["set"].get(tool, {}).get("file_bytes")
    return [*loops, line, "" if block is None else f"{block:.1f}",
            "" if file is None else f"{file / 1e3:,.0f}"]


def touched_table(result: dict[str, dict[str, Found]]) -> str:
    rows = []
    for version, parts in result.items():
        for tool, shares in parts["touched"].items():
            cells = [shares["failed"], *[""] * (len(SHARES) - 1)] if "failed" in shares else [
                "" if shares[str(share)] is None else f"{shares[str(share)]:.3f}"
                for share in SHARES]
            rows.append([f"{tool}, {version}", *cells])
    return markdown(["tool", *(f"{share}% written" for share in SHARES)], rows)


def goals(result: dict[str, dict[str, Found]]) -> list[Goal]:
    found = []
    for tool, words, limit in (("tare", "exact: mean slowdown", 1.5),
                               ("tare --sample", "sampled: mean slowdown", 1.05)):
        means = {version: statistics.geometric_mean(ratios.values())
                 for version, parts in result.items() if (ratios := slowdowns(parts["set"], tool))}
        if means:
            found.append(highest(words, limit, means, "{:.3f}"))
    blocks = {version: parts["blocks"]["tare"]["bytes"] for version, parts in result.items()
              if "bytes" in parts["blocks"].get("tare", {})}
    if blocks:
        found.append(highest("bytes kept of a live block", 32, blocks, "{:.1f}"))
    off = {f"{share}%, {version}": abs(parts["touched"]["tare"][str(share)] - 1)
           for version, parts in result.items() if "failed" not in parts["touched"]["tare"]
           for share in SHARES if parts["touched"]["tare"][str(share)] is not None}
    if off:
        found.append(highest("512 MiB written to in part: off", 0.001, off, "{:.4f}"))
    return found
