"""Copies of one program side by side: are the results the same, and which is faster?

    ProgramBench    whole runs: what they print, for several hash seeds, and how they end
    FunctionBench   calls of one function: what it gives

What the unchanged program does differently by itself cannot be compared; prepare() finds that out.
Time is measured as `tare compare` does it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tare.advising.copying import Copies, Copy
from tare.advising.executing import Run, execute
from tare.advising.subject import Subject, search_path
from tare.comparing.driving import CompareError
from tare.comparing.engines import Engine, InProcess, make_engine
from tare.comparing.result import Agreed, Comparison
from tare.comparing.running import Plan, measure_with
from tare.comparing.sides import COMMAND, FUNCTION, Side

SEEDS = (0, 1, 2)  # of hashing, for which results are compared
LEAST_SECONDS = 10.0  # the shortest time limit of a run
MOST_TIMES = 5  # so many times longer than before a run may take
LEAST_CHANGE = 0.002  # of the program's time: less than that is called the same
TRACEBACK = b"Traceback (most recent call last):"
MOST_SHOWN = 100  # characters of a line that differs
SHOWN_BEFORE = 30


@dataclass(frozen=True)
class Difference:
    """The first one, for people."""

    where: str
    before: str
    after: str


class Failed(Exception):
    """The unchanged program cannot be compared with anything; str() says why."""


class Bench:
    """What is common to both: the copies, and how long they may take."""

    compared = 0  # lines of output, or results
    unsteady = 0  # lines that differ by themselves

    def __init__(
        self,
        subject: Subject,
        files: Sequence[str],
        folder: str,
        environment: Mapping[str, str],
        seconds: float,
    ) -> None:
        self.folder = os.path.realpath(folder)
        self.environment = dict(environment)
        self.seconds = seconds
        self.subject = subject
        paths = search_path(subject, self.environment)
        self.copies = Copies(subject, paths, files, self.folder)
        self.original = self.copies.make({})

    def prepare(self) -> None:
        """Failed when the unchanged program gives no result that can be compared."""
        raise NotImplementedError

    def difference(self, copy: Copy) -> Difference | None:
        raise NotImplementedError

    def side(self, copy: Copy, name: str) -> Side:
        raise NotImplementedError

    def time(self, copy: Copy) -> Comparison:
        """The original by the copy, of which is known that the results are the same."""
        plan = Plan(seconds=self.seconds, least=LEAST_CHANGE, check=False, memory=False)
        engine = self.engine(copy, plan)
        try:
            return measure_with(engine, plan)
        finally:
            engine.close()

    def engine(self, copy: Copy, plan: Plan) -> Engine:
        sides = self.side(self.original, "as it is"), self.side(copy, "changed")
        return make_engine(*sides, plan.timeout, plan.block_ns)


class ProgramBench(Bench):
    """Runs whole programs."""

    def prepare(self) -> None:
        self.most_seconds: float | None = None
        self.before = {SEEDS[0]: self.run(self.original, SEEDS[0])}
        first = self.check_ending(self.before[SEEDS[0]])
        self.most_seconds = max(LEAST_SECONDS, MOST_TIMES * first.wall_ns / 1e9)
        again = self.check_ending(self.run(self.original, SEEDS[0]))
        self.find_unsteady(first.stdout.splitlines(), again.stdout.splitlines())
        for seed in SEEDS[1:]:
            self.before[seed] = self.check_ending(self.run(self.original, seed))

    def find_unsteady(self, first: list[bytes], again: list[bytes]) -> None:
        if len(first) != len(again):
            raise Failed(
                f"it prints {len(first):,} lines in one run and {len(again):,} in the next; "
                "without chance in it (a fixed seed) it can be compared"
            )
        pairs = enumerate(zip(first, again, strict=True))
        self.unsteady_lines = {number for number, (one, other) in pairs if one != other}
        if first and len(self.unsteady_lines) == len(first):
            raise Failed(
                "nothing that it prints is the same in two runs; "
                "without chance in it (a fixed seed) it can be compared"
            )
        self.unsteady = len(self.unsteady_lines)
        self.compared = len(first) - self.unsteady

    def check_ending(self, run: Run) -> Run:
        """An exit code may be a result; an exception that nobody caught is none."""
        first = self.before[SEEDS[0]]
        if run.code < 0 or run.timed_out or TRACEBACK in run.stderr or run.code != first.code:
            said = run.last_words()
            raise Failed(f"it ended with {run.ending()}" + (f": {said}" if said else ""))
        return run

    def run(self, copy: Copy, seed: int) -> Run:
        environment = copy.environment({**self.environment, "PYTHONHASHSEED": str(seed)})
        run = execute(
            copy.command(), self.subject.cwd, environment, self.folder, self.most_seconds
        )
        return run._replace(stdout=copy.original_names(run.stdout))

    def difference(self, copy: Copy) -> Difference | None:
        for seed in SEEDS:
            found = self.difference_of(self.before[seed], self.run(copy, seed))
            if found is not None:
                return found
        return None

    def difference_of(self, one: Run, other: Run) -> Difference | None:
        if (one.code, one.timed_out) != (other.code, other.timed_out):
            said = other.last_words()
            ending = other.ending() + (f": {said}" if said else "")
            return Difference("how it ends", one.ending(), ending)
        before, after = one.stdout.splitlines(), other.stdout.splitlines()
        for number in range(max(len(before), len(after))):
            first, second = line_of(before, number), line_of(after, number)
            if first != second and number not in self.unsteady_lines:
                return Difference(f"line {number + 1} of what it prints", *cut(first, second))
        return None

    def side(self, copy: Copy, name: str) -> Side:
        return Side(
            name,
            COMMAND,
            command=tuple(copy.command()),
            cwd=self.subject.cwd,
            environ=tuple(copy.variables(self.environment).items()),
        )


class FunctionBench(Bench):
    """Calls a function, in processes that hold its module."""

    compared = 1

    def prepare(self) -> None:
        plan = Plan()
        sides = self.side(self.original, "as it is"), self.side(self.original, "again")
        engine = make_engine(*sides, plan.timeout, plan.block_ns)
        try:
            found = difference_in(engine.agree(None, None))
            # Known where one process holds both: whether a call changes its arguments.
            self.fresh = isinstance(engine, InProcess) and engine.fresh
        finally:
            engine.close()
        if found is not None:
            raise Failed(
                f"two calls with the same arguments differ in {found.where}: {found.before} and "
                f"{found.after}; without chance in it (a fixed seed) it can be compared"
            )

    def difference(self, copy: Copy) -> Difference | None:
        engine = self.engine(copy, Plan())
        try:
            return difference_in(engine.agree(None, None))
        finally:
            engine.close()

    def engine(self, copy: Copy, plan: Plan) -> Engine:
        engine = super().engine(copy, plan)
        if isinstance(engine, InProcess):
            engine.fresh = self.fresh
        return engine

    def side(self, copy: Copy, name: str) -> Side:
        words = self.subject.words()
        return Side(
            name,
            FUNCTION,
            python=self.subject.python,
            module=words["--module"],
            function=words["--name"],
            args=words["--args"],
            setup=words["--setup"],
            path=copy.folder,
            cwd=self.subject.cwd,
            environ=tuple(copy.variables(self.environment).items()),
        )


def difference_in(found: Agreed) -> Difference | None:
    if found.same is not False:
        return None
    told = found.difference or {}
    before, after = cut(str(told.get("left", "")), str(told.get("right", "")))
    return Difference(str(told.get("path") or "result"), before, after)


def make_bench(
    subject: Subject,
    files: Sequence[str],
    folder: str,
    environment: Mapping[str, str],
    seconds: float,
) -> Bench:
    """Ready to compare with; Failed, or CompareError, when it cannot be."""
    kind = FunctionBench if subject.is_function else ProgramBench
    bench = kind(subject, files, folder, environment, seconds)
    try:
        bench.prepare()
    except CompareError as error:
        raise Failed(str(error)) from None
    return bench


def line_of(lines: list[bytes], number: int) -> str:
    return lines[number].decode(errors="replace") if number < len(lines) else "no such line"


def cut(first: str, second: str) -> tuple[str, str]:
    """Long lines from shortly before where they begin to differ."""
    if max(len(first), len(second)) <= MOST_SHOWN:
        return first, second
    same = len(os.path.commonprefix([first, second]))
    begin = max(0, same - SHOWN_BEFORE)
    mark = "..." if begin else ""
    one, other = (mark + line[begin : begin + MOST_SHOWN] for line in (first, second))
    return one, other
