"""What every measurement needs: the tools, the interpreters, a folder, and tables."""

from __future__ import annotations

import random
import shlex
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT, Command, Tool, output_of

PROGRAMS = ROOT / "bench" / "programs"
TARGETS = ROOT / "tests" / "targets"
RESAMPLES = 2_000
ATTEMPTS = 3  # a tool may fail to start a program now and then
QUIET = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(frozen=True)
class Context:
    tools: list[Tool]
    pythons: list[str]
    folder: Path
    effort: float  # 1 = what the documentation shows; less is quicker and less certain

    def times(self, count: int) -> int:
        return max(3, round(count * self.effort))

    def output(self, tool: Tool) -> Path:
        return self.folder / (tool.name.replace(" ", "") + ".out")


def version_of(python: str) -> str:
    return output_of([python, "-c", "import platform; print(platform.python_version())"])


def stdout_of(command: Command) -> str:
    """The last line that the target printed, whichever tool ran it."""
    for _ in range(ATTEMPTS):
        out = subprocess.run(command, stdout=subprocess.PIPE, **QUIET).stdout.decode()
        told = [line for line in out.splitlines() if line.startswith("{")]
        if told:
            return told[-1]
    raise RuntimeError(f"the program did not finish: {shlex.join(command)}")


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Median and its 95 % bootstrap interval."""
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(values, k=len(values)))
                     for _ in range(RESAMPLES))
    return (statistics.median(values), medians[int(0.025 * RESAMPLES)],
            medians[int(0.975 * RESAMPLES)])


@dataclass(frozen=True)
class Goal:
    """What Tare must reach, and the worst of what it did."""

    words: str
    asked: str
    measured: str
    reached: bool


def highest(words: str, limit: float, measured: dict[str, float], form: str) -> Goal:
    """The highest of the figures, by where it was measured, is at most the limit."""
    where = max(measured, key=measured.__getitem__)
    worst = measured[where]
    return Goal(words, f"<= {form.format(limit)}", f"{form.format(worst)} ({where})",
                worst <= limit)


def lowest(words: str, limit: float, measured: dict[str, float], form: str) -> Goal:
    where = min(measured, key=measured.__getitem__)
    worst = measured[where]
    return Goal(words, f">= {form.format(limit)}", f"{form.format(worst)} ({where})",
                worst >= limit)


def goals_table(goals: Sequence[Goal]) -> str:
    rows = [[goal.words, goal.asked, goal.measured, "reached" if goal.reached else "missed"]
            for goal in goals]
    return markdown(["must reach", "", "worst measured", ""], rows)


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def ratios_table(result: dict) -> str:
    """Of version -> program -> tool -> ratios: each one's median and interval."""
    rows = []
    for version, programs in result.items():
        for program, found in programs.items():
            cells = ["{:.3f} ({:.3f}-{:.3f})".format(*interval(values))
                     for values in found.values()]
            rows.append([f"{program}, {version}", *cells])
    tools = next(iter(next(iter(result.values())).values()))
    return markdown(["program", *tools], rows)
