"""How much slower a program runs while it is sampled 1,000 times a second, in short turns.

One program works all the time; the tool is attached to it, and suspended and let go on in turns
of a tenth of a second, in random order. What differs between two neighbouring turns is the tool
alone, so far smaller differences show than between two runs of a program. A tool that stops the
program cannot be suspended in the middle of that, and is left out.
"""

from __future__ import annotations

import random
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

from context import PROGRAMS, QUIET, Context, Goal, highest, interval, ratios_table, version_of
from tools import Tool

TITLE = "The same in short turns, tool suspended and not (1 = none), median with 95 % interval"
RATE_HZ = 1_000
PAIRS = 80
STOPS_THE_PROGRAM = {"py-spy"}
SETTLE_SECONDS, TURN_SECONDS, WARM_UP_SECONDS = 0.02, 0.1, 2
WORK = ["loops", "calls"]


def measure(context: Context) -> dict:
    tools = [tool for tool in context.tools if tool.name not in STOPS_THE_PROGRAM]
    return {version_of(python): {
        work: {tool.name: ratios(context, tool, python, work) for tool in tools}
        for work in WORK} for python in context.pythons}


def ratios(context: Context, tool: Tool, python: str, work: str) -> list[float]:
    print(f"turns: {work} under {tool.name}", file=sys.stderr)
    board = context.folder / "board"
    board.write_bytes(bytes(8))
    target = subprocess.Popen([python, PROGRAMS / "steady.py", work, board],
                              stdout=subprocess.PIPE, **QUIET)
    try:
        assert target.stdout and target.stdout.readline() == b"ready\n"
        sampler = subprocess.Popen(tool.attach(RATE_HZ, context.output(tool), target.pid),
                                   stdout=subprocess.DEVNULL, **QUIET)
        time.sleep(WARM_UP_SECONDS)
        chance = random.Random(1)
        found = [pair(board, sampler, chance) for _ in range(context.times(PAIRS))]
        sampler.send_signal(signal.SIGCONT)
        sampler.send_signal(signal.SIGINT)
        sampler.wait()
    finally:
        target.kill()
        target.communicate()
    return found


def pair(board: Path, sampler: subprocess.Popen[bytes], chance: random.Random) -> float:
    """Work done while the tool is suspended, over that beside it."""
    speed = {}
    order = [signal.SIGSTOP, signal.SIGCONT]
    chance.shuffle(order)
    for turn in order:
        sampler.send_signal(turn)
        time.sleep(SETTLE_SECONDS)
        begin, before = time.perf_counter(), count(board)
        time.sleep(TURN_SECONDS)
        speed[turn] = (count(board) - before) / (time.perf_counter() - begin)
    return speed[signal.SIGSTOP] / speed[signal.SIGCONT]


def count(board: Path) -> int:
    return struct.unpack("=Q", board.read_bytes())[0]


def table(result: dict) -> str:
    return ratios_table(result)


def goals(result: dict) -> list[Goal]:
    medians = {f"{work}, {version}": interval(found["tare"])[0]
               for version, works in result.items() for work, found in works.items()}
    return [highest("slowdown of the target at 1 kHz", 1.01, medians, "{:.3f}")]
