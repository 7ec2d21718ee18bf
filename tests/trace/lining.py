"""Running a program under tare lines, or one that uses tare.lines, and asking its profile."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections import Counter
from pathlib import Path

from tare._profile import Profile, load

from tracing import Tracer

HEAD = """
import json, sys, threading, time
import tare
from tare import _trace
from tare._profile import decode

def tell(**facts):
    print(json.dumps(facts))
"""


class Lined:
    """What a profile of lines says, by function and by line of its file."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        frames, tree = profile.frames(), profile.tree()
        self.sums: dict[tuple[str, int], Counter[str]] = {}
        self.total: Counter[str] = Counter()
        for value in profile.values():
            frame = frames[tree.frame[value.node]]
            row = self.sums.setdefault((frame.qualname, frame.line), Counter())
            row[value.metric] += value.amount
            self.total[value.metric] += value.amount

    def at(self, function: str, line: int, metric: str = "hits") -> int:
        return self.sums.get((function, line), Counter())[metric]

    def hits(self, function: str) -> dict[int, int]:
        """By line, counted from the function's first one."""
        first = min(line for name, line in self.sums if name == function)
        return {line - first: row["hits"] for (name, line), row in sorted(self.sums.items())
                if name == function and row["hits"]}

    def of(self, function: str, metric: str) -> int:
        return sum(row[metric] for (name, _line), row in self.sums.items() if name == function)

    def number(self, key: str) -> int:
        return int(self.profile.meta[key])

    def expect_whole(self) -> Lined:
        assert self.profile.state.complete
        for key in ("lost_count", "failed_count", "suspended_lost_count"):
            assert self.number(f"trace.{key}") == 0, key
        return self


def command(tracer: Tracer, words: list[str], flags: tuple[str, ...], output: Path) -> list[str]:
    made = tracer.command(*words, flags=flags, output=output)
    made[made.index("trace")] = "lines"
    return ["--overwrite" if word == "-f" and at < made.index("-o") else word
            for at, word in enumerate(made)]


def measure(tracer: Tracer, script: str, *flags: str, code: int = 0) -> Lined:
    """tare lines of the dedented script, as a file."""
    path = tracer.folder / f"lines{tracer.count}.py"
    path.write_text(textwrap.dedent(script))
    return measure_file(tracer, [str(path)], flags, code)


def measure_file(tracer: Tracer, words: list[str], flags: tuple[str, ...] = (), code: int = 0,
                 **popen: object) -> Lined:
    output = tracer.output()
    done = subprocess.run(command(tracer, words, flags, output), capture_output=True, text=True,
                          check=False, timeout=120, **popen)  # type: ignore[call-overload]
    assert done.returncode == code, done.stderr
    return Lined(load(output))


def told(tracer: Tracer, script: str) -> dict:  # type: ignore[type-arg]
    path = tracer.folder / f"api{tracer.count}.py"
    tracer.count += 1
    path.write_text(HEAD + textwrap.dedent(script))
    done = subprocess.run([tracer.python, str(path)], capture_output=True, text=True, check=False,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
