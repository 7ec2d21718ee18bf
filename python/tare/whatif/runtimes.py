"""What another interpreter alone would give: the same program under each that is found.

In a round the program runs once under each, in random order. What one takes is compared with what
the first took in the same round. An interpreter under which it ends otherwise or prints something
else gets no figure: that is another program.
"""

from __future__ import annotations

import hashlib
import math
import os
import random
import re
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

from tare.cli.failure import PARTIAL, Failure
from tare.whatif.delaying import measure_process
from tare.whatif.estimates import Estimate, half

FEWEST_ROUNDS, MOST_ROUNDS = 3, 30
NARROW = 0.02  # half an interval of the logarithm that is good enough
MISSING = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?")


class Ran(NamedTuple):
    wall_ns: int
    code: int
    said: str  # the last line on stderr
    output: str  # a hash of what it printed


class Runtime(NamedTuple):
    """An interpreter, and what the program did there."""

    name: str
    path: str
    walls_ns: list[int]
    ratio: Estimate | None  # time of the first one by time here; None: it did not do the same
    why: str  # it did not

    @property
    def wall_ns(self) -> float:
        from tare._stats import median

        return median([float(ns) for ns in self.walls_ns])


def run(
    command: list[str],
    interpreters: list[tuple[str, str]],
    seconds: float,
    limit_seconds: float,
    progress: Callable[[str], None],
) -> list[Runtime]:
    """interpreters: name and path, first the one that the others are compared with."""
    end_ns = time.monotonic_ns() + seconds * 1e9
    first = _ran(interpreters[0][1], command, limit_seconds)
    again = _ran(interpreters[0][1], command, limit_seconds)
    if first.code != 0:
        raise Failure(
            f"run {interpreters[0][1]}: exit code {first.code}: {first.said}; give a program that "
            "ends well",
            PARTIAL,
        )
    steady = first.output == again.output
    running: list[tuple[str, str]] = []
    refused: list[Runtime] = []
    for name, path in interpreters[1:]:
        why = _why_not(first, _try(path, command, limit_seconds), steady)
        if why:
            refused.append(Runtime(name, path, [], None, why))
        else:
            running.append((name, path))
    progress(f"{1 + len(running)} of {len(interpreters)} interpreters run it")
    rounds = _run_rounds(command, [interpreters[0], *running], end_ns, limit_seconds)
    words = "" if steady else "its output changes from run to run and was not compared"
    return [*_compare([interpreters[0], *running], rounds, words), *refused]


def _run_rounds(
    command: list[str], interpreters: list[tuple[str, str]], end_ns: float, limit_seconds: float
) -> list[dict[str, int]]:
    chance = random.Random(1)
    rounds: list[dict[str, int]] = []
    while len(rounds) < MOST_ROUNDS:
        begin_ns = time.monotonic_ns()
        order = chance.sample(interpreters, len(interpreters))
        rounds.append({path: _ran(path, command, limit_seconds).wall_ns for _, path in order})
        now_ns = time.monotonic_ns()
        if len(rounds) >= FEWEST_ROUNDS and 2 * now_ns - begin_ns > end_ns:
            break
        if len(rounds) > FEWEST_ROUNDS and all(
            half(_log_ratio(rounds, interpreters[0][1], path)) < NARROW
            for _, path in interpreters[1:]
        ):
            break
    return rounds


def _compare(
    interpreters: list[tuple[str, str]], rounds: list[dict[str, int]], words: str
) -> list[Runtime]:
    first = interpreters[0][1]
    found = []
    for name, path in interpreters:
        log = _log_ratio(rounds, first, path) if path != first else Estimate(0.0, 0.0, 0.0)
        ratio = Estimate(*(math.exp(bound) for bound in log))
        found.append(Runtime(name, path, [walls[path] for walls in rounds], ratio, words))
    return sorted(found, key=lambda runtime: runtime.wall_ns)


def _log_ratio(rounds: list[dict[str, int]], first: str, path: str) -> Estimate:
    from tare._stats import mean_interval

    return Estimate(*mean_interval([math.log(walls[first] / walls[path]) for walls in rounds]))


def _try(path: str, command: list[str], limit_seconds: float) -> Ran | str:
    try:
        return _ran(path, command, limit_seconds)
    except Failure as failure:
        return str(failure)


def _why_not(first: Ran, ran: Ran | str, steady: bool) -> str:
    if isinstance(ran, str):
        return ran
    missing = MISSING.search(ran.said)
    if missing:
        return f"needs the module {missing[1]}, which is not there"
    if ran.code != 0:
        return ran.said or (f"exit code {ran.code}" if ran.code > 0 else f"signal {-ran.code}")
    if steady and ran.output != first.output:
        return "prints something else"
    return ""


def _ran(path: str, command: list[str], limit_seconds: float) -> Ran:
    """Without the variables by which one interpreter would load another's modules."""
    from tare.stones.interpreters import clean_environment

    with tempfile.TemporaryFile(prefix="tare-whatif-") as output:
        environment = clean_environment(os.environ)
        wall_ns, lost_ns, cpu_ns, code, said = measure_process(
            [path, *command], environment, limit_seconds, output
        )
        output.seek(0)
        digest = hashlib.file_digest(output, "sha256").hexdigest()
    taken_ns = min(wall_ns, max(wall_ns - lost_ns, cpu_ns))  # it cannot have lost more
    return Ran(round(taken_ns), code, said, digest)
