"""Running a program under tare trace, and asking its profile."""

from __future__ import annotations

import collections
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from tare._profile import Profile, load


@dataclass
class Traced:
    code: int
    out: str
    err: str
    profile: Profile
    sums: dict[str, collections.Counter[str]] = field(default_factory=dict)  # by function
    threads: dict[str, collections.Counter[str]] = field(default_factory=dict)  # by label

    def __post_init__(self) -> None:
        labels = self.profile.label_sets()
        tree, frames = self.profile.tree(), self.profile.frames()
        self.names = ["", *(frames[frame].qualname for frame in tree.frame[1:])]  # by node
        self.total: collections.Counter[str] = collections.Counter()
        for value in self.profile.values():
            counter = self.sums.setdefault(self.names[value.node], collections.Counter())
            counter[value.metric] += value.amount
            thread = labels[value.label_set].get("thread", "")
            self.threads.setdefault(thread, collections.Counter())[value.metric] += value.amount
            self.total[value.metric] += value.amount

    def stacks(self, name: str) -> list[list[str]]:
        """Of all nodes with that function, from it up."""
        nodes = [node for node, own in enumerate(self.names) if own == name]
        return [[frame.qualname for frame in self.profile.stack(node)] for node in nodes]

    def calls_by(self, caller: str, name: str) -> int:
        """Calls of name by caller directly."""
        parents = self.profile.tree().parent
        return sum(value.amount for value in self.profile.values()
                   if value.metric == "calls" and self.names[value.node] == name
                   and self.names[parents[value.node]] == caller)

    def calls(self, name: str) -> int:
        return self.get(name, "calls")

    def get(self, name: str, metric: str) -> int:
        return self.sums.get(name, collections.Counter())[metric]

    def number(self, key: str) -> int:
        return int(self.profile.meta[key])

    def expect_whole(self) -> Traced:
        """Nothing lost, and every nanosecond in exactly one state."""
        assert self.code == 0, self.err
        assert self.profile.state.complete
        for key in ("lost_count", "failed_count", "resync_count", "suspended_lost_count"):
            assert self.number(f"trace.{key}") == 0, key
        assert self.total["wall_ns"] == self.total["python_ns"] + self.total["native_ns"]
        assert self.total["wall_ns"] <= self.total["raw_ns"]
        return self


class Tracer:
    def __init__(self, python: str, version: str, folder: Path) -> None:
        self.python = python
        self.version = tuple(map(int, version.split(".")))
        self.folder = folder
        self.count = 0

    @property
    def hears_classes(self) -> bool:
        """A profile function, all there is on 3.11, is not told of calls of classes."""
        return self.version >= (3, 12)

    def output(self) -> Path:
        self.count += 1
        return self.folder / f"{self.version[1]}-{self.count}.tare"

    def command(self, *words: str, flags: tuple[str, ...] = (), output: Path) -> list[str]:
        tare = [sys.executable, "-m", "tare", "trace", "-q", "-f", "-o", str(output)]
        return [*tare, "--python", self.python, *flags, *words]

    def run(self, script: str, *arguments: str, flags: tuple[str, ...] = (),
            **popen: object) -> Traced:
        """The dedented script, as a file."""
        path = self.folder / f"script{self.count}.py"
        path.write_text(textwrap.dedent(script))
        return self.trace(str(path), *arguments, flags=flags, **popen)

    def trace(self, *words: str, flags: tuple[str, ...] = (), **popen: object) -> Traced:
        output = self.output()
        done = subprocess.run(self.command(*words, flags=flags, output=output),
                              capture_output=True, text=True, check=False,
                              timeout=300, **popen)  # type: ignore[call-overload]
        assert output.exists(), done.stderr
        return Traced(done.returncode, done.stdout, done.stderr, load(output))
