"""Timing the pairs of rules on an interpreter, and keeping what was found.

What is kept is of an interpreter as its file is now, of a pair as it is written, and of one n: any
other is measured anew. It lies in the user's cache folder, one file for each interpreter, and
where nothing can be kept there nothing is: a measurement takes about a second.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import tempfile
from typing import Any, NamedTuple

from tare._stats import Estimate
from tare.advising.heat import NOTHING
from tare.advising.model import Rule
from tare.comparing import CompareError, statements
from tare.errors import Error

SECONDS = 0.5  # for each pair and size
PROCESSES = 5
TIMEOUT = 20.0
BISECTIONS = 3
ASK_SECONDS = 30
ASK = "import sys; sys.stdout.write('%d %d ' % sys.version_info[:2] + repr(sys.version))"


class Timing(NamedTuple):
    """Of one pair at one n: nanoseconds of a run of each side, and their ratio."""

    ratio: Estimate
    a_ns: float
    b_ns: float
    problem: str = ""  # why it could not be timed; then there is nothing else


class Timer:
    """The pairs of rules on one interpreter; what was kept of it is read at once."""

    def __init__(self, python: str, folder: str | None = None, seconds: float = SECONDS) -> None:
        self.python = python
        self.seconds = seconds
        self.version, self.identity = ask(python)
        self.folder = cache_folder() if folder is None else folder
        self.known: dict[str, list[float]] = {}
        self.problems: dict[str, str] = {}
        self.changed = False
        self.read()

    # -- timing

    def time_pair(self, rule: Rule, n: int) -> Timing:
        key = key_of(rule, n)
        if rule.id in self.problems:
            return Timing(NOTHING, 0.0, 0.0, self.problems[rule.id])
        if key not in self.known:
            try:
                self.known[key] = self.measure(rule, n)
            except Problem as problem:
                self.problems[rule.id] = str(problem)
                return self.time_pair(rule, n)
            self.changed = True
        value, low, high, a_ns, b_ns = self.known[key]
        return Timing(Estimate(value, low, high), a_ns, b_ns)

    def measure(self, rule: Rule, n: int) -> list[float]:
        pair = rule.pair
        try:
            found = statements(
                pair.setup_at(n), pair.slow, pair.fast, python=self.python, seconds=self.seconds,
                processes=PROCESSES, timeout=TIMEOUT,
            )
        except CompareError as error:
            raise Problem(f"it could not be timed here: {error}") from None
        if found.agreement.same is False:
            raise Problem(f"both ways differ on this interpreter: {found.agreement.words}")
        if found.ratio is None or found.a_ns is None or found.b_ns is None:
            raise Problem("it could not be timed on this machine now")
        return [*found.ratio, found.a_ns.value, found.b_ns.value]

    def crossover(self, rule: Rule) -> int | None:
        """The least n from which on the pair pays; None: it does at no size."""
        before, pays = 0, None
        for n in reversed(rule.pair.sizes):
            timing = self.time_pair(rule, n)
            if timing.problem or timing.ratio.low <= 1:
                before = n
                break
            pays = n
        if pays is None or not before:
            return pays
        for _ in range(BISECTIONS):
            middle = round(math.sqrt(before * pays))
            if middle in (before, pays):
                break
            if self.time_pair(rule, middle).ratio.low > 1:
                pays = middle
            else:
                before = middle
        return pays

    # -- what is kept

    @property
    def path(self) -> str:
        return os.path.join(self.folder, f"pairs-{self.identity}.json")

    def read(self) -> None:
        try:
            with open(self.path, encoding="utf-8") as stream:
                found = json.load(stream)
        except (OSError, ValueError):
            return
        if isinstance(found, dict):
            self.known = {key: row for key, row in found.items() if is_row(row)}

    def keep(self) -> None:
        """Others may keep something at the same time: what they wrote stays, and no file is ever
        half written."""
        if not self.changed:
            return
        mine = dict(self.known)
        self.read()
        self.known.update(mine)
        self.changed = False
        name = ""
        try:
            os.makedirs(self.folder, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix="pairs-", dir=self.folder)
            with open(handle, "w", encoding="utf-8") as stream:
                json.dump(self.known, stream, indent=0, sort_keys=True)
            os.replace(name, self.path)
        except OSError:
            if os.path.exists(name):
                os.unlink(name)


class Problem(Exception):
    """Why a pair has no time; str() is one line."""


def time_pair(rule: Rule, n: int, python: str) -> Timing:
    """As Timer.time_pair, for a single question."""
    timer = Timer(python)
    found = timer.time_pair(rule, n)
    timer.keep()
    return found


def crossover(rule: Rule, python: str) -> int | None:
    """As Timer.crossover, for a single question."""
    timer = Timer(python)
    found = timer.crossover(rule)
    timer.keep()
    return found


def ask(python: str) -> tuple[tuple[int, int], str]:
    """The version of an interpreter, and a name for it that changes when its file does."""
    try:
        done = subprocess.run([python, "-c", ASK], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=ASK_SECONDS, check=True)
        major, minor, version = done.stdout.decode().split(" ", 2)
        path = os.path.realpath(python)
        changed = os.stat(path).st_mtime_ns
        return (int(major), int(minor)), digest(python, path, str(changed), version)
    except (OSError, ValueError, subprocess.SubprocessError):
        raise Error(f"time pairs with {python}: it does not say its version; is it a Python? give "
                    "one with --python") from None


def key_of(rule: Rule, n: int) -> str:
    pair = rule.pair
    return f"{rule.id}:{digest(pair.setup, pair.slow, pair.fast)}:{n}"


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def is_row(row: Any) -> bool:
    return isinstance(row, list) and len(row) == 5 and all(
        isinstance(value, (int, float)) and math.isfinite(value) for value in row)


def cache_folder() -> str:
    """Where the user's programs keep what they can make again."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "tare")
