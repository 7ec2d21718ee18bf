"""The bench that experiments stand on: compares, in fresh processes of the chosen interpreter."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple

from tare.comparing.driving import CompareError
from tare.comparing.result import DIFFERENT, Comparison
from tare.comparing.running import Plan, measure
from tare.comparing.sides import SCRIPT, STATEMENT, Side
from tare.lab.model import Trial, Variant


class Effort(NamedTuple):
    """How long and how much."""

    seconds: float  # for each comparison, about
    processes: int | None  # None: as many as the time allows
    size_count: int  # so many sizes of each series, the outermost first
    most: int  # and none larger
    block_ns: int = 2_000_000


FULL = Effort(1.7, None, 6, 10**9)
QUICK = Effort(0.5, 4, 3, 10**9, 1_000_000)
TIMEOUT = 30.0


class Lab:
    """Where experiments are made. Close it: it has a temporary folder."""

    def __init__(
        self,
        python: str,
        effort: Effort,
        environ: Mapping[str, str],
        progress: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.python = python
        self.effort = effort
        self.environ = environ
        self.progress = progress
        self.begun = ""  # the experiment that is made
        self.temporary = tempfile.TemporaryDirectory(prefix="tare-lab-")
        self.folder = self.temporary.name
        self.pypy = find_pypy(environ)

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.temporary.cleanup()

    @property
    def is_quick(self) -> bool:
        return self.effort.size_count <= QUICK.size_count

    def sizes(self, *all_sizes: int) -> list[int]:
        """Of these as many as the effort allows; the ends say most."""
        fit = [n for n in all_sizes if n <= self.effort.most] or [all_sizes[0]]
        count = min(self.effort.size_count, len(fit))
        if count == 1:
            return fit[-1:]
        return [fit[round(index * (len(fit) - 1) / (count - 1))] for index in range(count)]

    def compare(
        self,
        a: Variant,
        b: Variant,
        setup: str = "",
        n: int | None = None,
        *,
        same: Any = None,
        memory: bool = False,
        clock: str = "auto",
        python: str | None = None,
    ) -> Trial:
        """Code, in one process for both; n is a name in it. The value of result is compared."""
        given = setup if n is None else f"n = {n}\n{setup}"
        sides = [
            Side(
                name=variant.label,
                kind=STATEMENT,
                python=python or self.python,
                setup=given,
                code=variant.code,
                path=self.folder,  # empty: what lies in the current one is not imported
            )
            for variant in (a, b)
        ]
        return self.measure(sides, n, same, clock, memory, ("result",))

    def compare_scripts(
        self,
        a: Variant,
        b: Variant,
        n: int,
        *,
        same: Any = None,
        clock: str = "wall",
        pythons: tuple[str | None, str | None] = (None, None),
    ) -> Trial:
        """Whole programs, their start included. n is their argument; what they print is
        compared."""
        sides = []
        for index, (variant, python) in enumerate(zip((a, b), pythons, strict=True)):
            path = self.write(f"script_{index}.py", variant.code)
            words = (python or self.python, path, str(n))
            sides.append(Side(name=variant.label, kind=SCRIPT, command=words))
        return self.measure(sides, n, same, clock, False, None)

    def measure(
        self,
        sides: Sequence[Side],
        n: int | None,
        same: Any,
        clock: str,
        memory: bool,
        names: tuple[str, ...] | None,
    ) -> Trial:
        at = "" if n is None else f", n = {n:,}"
        self.progress(f"{self.begun}: {sides[0].name} and {sides[1].name}{at}")
        plan = Plan(
            seconds=self.effort.seconds,
            processes=self.effort.processes,
            timeout=TIMEOUT,
            clock=clock,
            block_ns=self.effort.block_ns,
            rule=same,
            names=names,
            memory=memory,
        )
        return trial_of(measure(sides[0], sides[1], plan), n)

    def has_module(self, name: str) -> bool:
        """Whether the chosen interpreter can import it."""
        done = subprocess.run(
            [self.python, "-c", f"import {name}"],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
        return done.returncode == 0

    def write(self, name: str, text: str) -> str:
        path = os.path.join(self.folder, name)
        with open(path, "w") as stream:
            stream.write(text)
        return path


def trial_of(found: Comparison, n: int | None) -> Trial:
    if found.verdict == DIFFERENT:
        words = f"{found.a.name} and {found.b.name} do not come to the same"
        raise CompareError(f"{words}: {found.agreement.words}")
    assert found.ratio is not None and found.a_ns is not None and found.b_ns is not None
    memory = found.memory
    return Trial(
        found.a.name,
        found.b.name,
        n,
        found.ratio,
        found.verdict,
        found.a_ns,
        found.b_ns,
        found.agreement.words,
        found.wall_ratio,
        found.cpu_ratio,
        memory.a.value if memory else None,
        memory.b.value if memory else None,
    )


def find_pypy(environ: Mapping[str, str]) -> str | None:
    for name in ("pypy3", "pypy"):
        found = shutil.which(name, path=environ.get("PATH"))
        if found is not None:
            return found
    return None
