"""How much slower a program runs while it is sampled 1,000 times a second.

A fixed amount of work, timed by the program itself. Every round runs it once alone and
once under each tool, in a new order; the ratio is taken within the round, so that what
else the machine does falls on both.
"""

from __future__ import annotations

import json
import random
import sys

from context import PROGRAMS, Context, Goal, ratios_table, stdout_of, version_of

TITLE = "Slowdown of the measured program at 1 kHz (1 = none), median with 95 % interval"
RATE_HZ = 1_000
ROUNDS = 15
WORK = {"loops": 20, "calls": 100}


def measure(context: Context) -> dict:
    return {version_of(python): {work: ratios(context, python, work) for work in WORK}
            for python in context.pythons}


def ratios(context: Context, python: str, work: str) -> dict[str, list[float]]:
    target = [python, str(PROGRAMS / f"{work}.py"), str(WORK[work])]
    commands = {tool.name: tool.run(RATE_HZ, context.output(tool), target)
                for tool in context.tools}
    found: dict[str, list[float]] = {name: [] for name in commands}
    chance = random.Random(1)
    for number in range(context.times(ROUNDS)):
        print(f"slowdown: {work} round {number + 1}", file=sys.stderr)
        order = ["alone", *commands]
        chance.shuffle(order)
        wall = {name: json.loads(stdout_of(commands.get(name, target)))["wall_ns"]
                for name in order}
        for name in commands:
            found[name].append(wall[name] / wall["alone"])
    return found


def table(result: dict) -> str:
    return ratios_table(result)


def goals(result: dict) -> list[Goal]:
    """None: whether Tare slows down by a hundredth is seen in turns.py."""
    return []
