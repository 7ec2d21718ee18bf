"""How many samples a second a tool really takes of one thread, 30 frames deep, and what
one costs it in CPU time.

The tool attaches to a program that runs anyway. Its cost is the CPU time of a long run
less that of a short one, over the samples between, so that starting up does not count.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from context import PROGRAMS, QUIET, Context, Goal, lowest, markdown, version_of
from tools import Tool

TITLE = "Samples a second reached (asked for), and CPU time of the tool for one sample"
RATES_HZ = [1_000, 10_000, 50_000, 100_000]
SHORT_SECONDS, LONG_SECONDS, LEAST_SECONDS, TARGET_SECONDS = 1, 4, 2, 60


def measure(context: Context) -> dict:
    return {version_of(python): {
        tool.name: {str(rate): sample(context, tool, python, rate) for rate in RATES_HZ}
        for tool in context.tools} for python in context.pythons}


@dataclass(frozen=True)
class Attached:
    sample_count: int
    wall_s: float  # from the tool's start to its end
    cpu_s: float

    def __sub__(self, other: Attached) -> Attached:
        return Attached(self.sample_count - other.sample_count, self.wall_s - other.wall_s,
                        self.cpu_s - other.cpu_s)


def sample(context: Context, tool: Tool, python: str, rate: int) -> dict[str, float]:
    print(f"rate: {tool.name} asked for {rate} Hz", file=sys.stderr)
    target = subprocess.Popen([python, PROGRAMS / "deep.py", str(TARGET_SECONDS)],
                              stdout=subprocess.PIPE, **QUIET)
    try:
        assert target.stdout and target.stdout.readline() == b"ready\n"
        short = attach(context, tool, rate, target.pid, SHORT_SECONDS)
        seconds = max(LEAST_SECONDS, round(LONG_SECONDS * context.effort))
        between = attach(context, tool, rate, target.pid, seconds) - short
    finally:
        target.kill()
        target.communicate()
    count = between.sample_count
    if count <= 0:  # the tool came to no end, or took all its samples in the short run
        return {}
    return {"achieved_hz": count / between.wall_s, "cpu_us_per_sample": between.cpu_s / count * 1e6}


def attach(context: Context, tool: Tool, rate: int, pid: int, seconds: int) -> Attached:
    output = context.output(tool)
    begin = time.monotonic()
    process = subprocess.Popen(tool.attach(rate, output, pid), stdout=subprocess.DEVNULL, **QUIET)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _pid, _status, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    wall_s = time.monotonic() - begin
    return Attached(sum(tool.read(output).values()), wall_s, usage.ru_utime + usage.ru_stime)


def table(result: dict) -> str:
    rows = []
    for version, tools in result.items():
        for name, rates in tools.items():
            cells = ["{achieved_hz:,.0f} ({cpu_us_per_sample:.1f} us)".format(**found)
                     if found else "no result" for found in rates.values()]
            rows.append([f"{name}, {version}", *cells])
    return markdown(["tool", *(f"{rate:,} Hz" for rate in RATES_HZ)], rows)


def goals(result: dict) -> list[Goal]:
    best = {version: max((found.get("achieved_hz", 0) for found in tools["tare"].values()))
            for version, tools in result.items()}
    return [lowest("sustained rate, one thread, 30 frames", 50_000, best, "{:,.0f} Hz")]
