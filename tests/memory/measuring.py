"""Running a program whose memory is measured, and asking its profile."""

from __future__ import annotations

import collections
import json
import os
import subprocess
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tare._profile import Profile, load

# Measures the script that is its argument, as a module of its own.
RUNNER = """\
import json, os, runpy, sys
from tare import _memory
output, named, script = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
sys.argv = sys.argv[3:]
with open(script) as file:
    code = compile(file.read(), script, "exec")
names = {"__name__": "__main__", "memory": _memory}
del file, script
_memory.start(output, overwrite=True, **named)
exec(code, names)
if _memory.active():
    counters = _memory.counters()
    _memory.stop()
    print("COUNTERS", json.dumps(counters))
"""

Amounts = collections.Counter

# The sanitizers are preloaded, take malloc's place, keep what is freed for a while, and end a
# program whose allocation fails.
plain_process = pytest.mark.skipif("libasan" in os.environ.get("LD_PRELOAD", ""),
                                   reason="of malloc, of RSS or of what is preloaded")


@dataclass
class Measured:
    code: int
    out: str
    err: str
    profile: Profile
    lines: dict[int, Amounts[str]] = field(default_factory=dict)  # of the script, by number
    nodes: dict[int, Amounts[str]] = field(default_factory=dict)
    domains: dict[str, Amounts[str]] = field(default_factory=dict)
    total: Amounts[str] = field(default_factory=Amounts)

    def __post_init__(self) -> None:
        labels = self.profile.label_sets()
        frames: dict[int, tuple[str, int]] = {}
        for value in self.profile.values():
            if value.node not in frames:
                inner = self.profile.stack(value.node)[0]
                frames[value.node] = (inner.file, inner.line)
            file, line = frames[value.node]
            places = [self.nodes.setdefault(value.node, Amounts()), self.total,
                      self.domains.setdefault(labels[value.label_set]["domain"], Amounts())]
            if os.path.basename(file).startswith("script"):
                places.append(self.lines.setdefault(line, Amounts()))
            for amounts in places:
                amounts[value.metric] += value.amount

    @property
    def counters(self) -> dict[str, int]:
        """When the script had ended."""
        return json.loads(self.out.split("COUNTERS", 1)[1])

    def line(self, number: int) -> Amounts[str]:
        return self.lines.get(number, Amounts())

    def stacks(self, metric: str = "alloc_count") -> dict[tuple[str, ...], int]:
        """By functions and lines of the script, outermost first."""
        found: collections.Counter[tuple[str, ...]] = collections.Counter()
        for node, amounts in self.nodes.items():
            stack = [f"{frame.qualname}:{frame.line}" for frame in self.profile.stack(node)
                     if os.path.basename(frame.file).startswith("script") or not frame.file]
            if stack:
                found[tuple(reversed(stack))] += amounts[metric]
        return found

    def number(self, key: str) -> int:
        return int(self.profile.meta[f"memory.{key}"])

    def expect_whole(self) -> Measured:
        """Nothing lost, and every block in exactly one place."""
        assert self.code == 0, self.err
        assert self.profile.state.complete
        for key in ("lost_count", "lost_bytes", "failed_count"):
            assert self.number(key) == 0, key
        for amounts in (self.total, *self.nodes.values()):
            for what in ("bytes", "count"):
                allocated, freed = amounts[f"alloc_{what}"], amounts[f"freed_{what}"]
                assert allocated == amounts[f"live_{what}"] + freed
                assert amounts[f"temporary_{what}"] <= freed
                assert amounts[f"peak_{what}"] <= allocated
        for key in ("live_bytes", "live_count", "alloc_bytes", "alloc_count", "peak_bytes",
                    "peak_count"):
            # Numbers of sampled blocks are rounded in each place.
            apart = len(self.nodes) if "sample_count" in self.total and "count" in key else 0
            assert abs(self.total[key] - self.number(key)) <= apart, key
        return self


class Measurer:
    def __init__(self, python: str, version: tuple[int, ...], folder: Path) -> None:
        self.python = python
        self.version = version
        self.folder = folder
        self.count = 0

    def output(self) -> Path:
        self.count += 1
        return self.folder / f"{self.count}.tare"

    def write(self, script: str) -> Path:
        path = self.folder / f"script{self.count}.py"
        path.write_text(textwrap.dedent(script))
        return path

    def command(self, script: str, output: Path, **named: object) -> list[str]:
        return [self.python, "-c", RUNNER, str(output), json.dumps(named),
                str(self.write(script))]

    def run(self, script: str, environ: dict[str, str] | None = None,
            **named: object) -> Measured:
        """The script, whose line 1 is the first with text, with _memory.start(**named)."""
        output = self.output()
        done = subprocess.run(self.command(script.lstrip("\n"), output, **named),
                              capture_output=True, text=True, check=False, timeout=120,
                              env={**os.environ, **(environ or {})})
        assert output.exists(), done.stderr
        return Measured(done.returncode, done.stdout, done.stderr, load(output))

    def print(self, script: str, **environ: str) -> str:
        """What a script that is not measured prints."""
        path = self.write(script.lstrip("\n"))
        done = subprocess.run([self.python, str(path)], capture_output=True, text=True,
                              check=False, timeout=120, env={**os.environ, **environ})
        assert done.returncode == 0, done.stderr
        return done.stdout
