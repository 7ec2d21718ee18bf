"""Trying advice: a copy of the program with the change in it, beside one without.

Results first: the copy must print the same and end the same in every run, for every hash seed that
is tried; what the unchanged program itself prints differently from run to run is left out, and
counted. Only then time: pairs of runs, in turns first and second, the ratio of their CPU times one
by one, until the interval of the mean leaves 1 or what was given for it is used up.
"""

from __future__ import annotations

import difflib
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tare._profile import Estimate
from tare._stats import sequential
from tare.advising.copying import Copies, Copy, read_source
from tare.advising.executing import Run, execute
from tare.advising.model import Advice, Edit, apply_edits
from tare.advising.subject import Subject, search_path
from tare.cli.failure import Failure

CONFIRMED = "confirmed"  # the same result, and faster
NO_GAIN = "did not pay"  # the same result, and not faster or slower
UNDECIDED = "cannot tell"  # the same result; the difference is too small for so many runs
CHANGED = "changed the result"
UNUSED = "did not run"  # the changed file was not used by the program
BY_HAND = "only by hand"  # there is no change that a machine can make

BATCH = 4  # pairs between two looks
MOST_LOOKS = 10
LEAST_SECONDS = 10.0  # the shortest time limit of a run
MOST_TIMES = 5  # so many times longer than before a run may take
MOST_SHOWN = 100  # characters of a line that differs
SHOWN_BEFORE = 30
CALLED_SECONDS = 0.5  # of calls in a run of a function

Noted = Callable[[str], None]


@dataclass(frozen=True)
class Difference:
    """The first one, for people."""

    where: str
    before: str
    after: str


@dataclass(frozen=True)
class Trial:
    """What became of a change."""

    advice: tuple[Advice, ...]
    verdict: str
    reason: str = ""  # in words, where the verdict does not say it all
    ratio: Estimate | None = None  # time of the original by the copy's, whole runs
    pairs: int = 0  # of runs
    patch: str = ""  # as diff -u shows it
    difference: Difference | None = None
    files: tuple[str, ...] = ()


@dataclass
class Trials:
    """All of them, with what is known of the program itself."""

    subject: Subject
    before: Run
    compared_lines: int = 0  # of its output
    unsteady_lines: int = 0  # that differ by themselves
    tried: list[Trial] = field(default_factory=list)
    together: Trial | None = None

    @property
    def shows_results(self) -> bool:
        return self.compared_lines > 0


class Failed(Exception):
    """The unchanged program cannot be compared with anything; str() says why."""


class Bench:
    """Runs copies of one program, and knows what the unchanged one prints."""

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
        self.most_seconds: float | None = None
        self.times = os.path.join(self.folder, "times.json")
        if subject.is_function:
            subject = subject.with_arguments("--times", self.times, "--result")
            subject = subject.with_arguments("--seconds", str(CALLED_SECONDS))
        self.subject = subject
        self.copies = Copies(subject, search_path(subject, self.environment), files, self.folder)
        self.original = self.copies.make({})
        self.before = self.run(self.original, 0)
        self.unsteady: set[int] = set()

    def prepare(self) -> Run:
        """The unchanged program, twice; Failed when that is not to be repeated."""
        self.check_ending(self.before)
        self.most_seconds = max(LEAST_SECONDS, MOST_TIMES * self.before.wall_ns / 1e9)
        again = self.run(self.original, 0)
        self.check_ending(again)
        first, second = self.before.stdout.splitlines(), again.stdout.splitlines()
        if len(first) != len(second):
            raise Failed(
                f"it prints {len(first):,} lines in one run and {len(second):,} in the next; "
                "without chance in it (a fixed seed) it can be compared"
            )
        pairs = enumerate(zip(first, second, strict=True))
        self.unsteady = {number for number, (one, other) in pairs if one != other}
        if first and len(self.unsteady) == len(first):
            raise Failed(
                "nothing that it prints is the same in two runs; "
                "without chance in it (a fixed seed) it can be compared"
            )
        if self.subject.is_function:
            self.choose_calls()
        return again

    def check_ending(self, run: Run) -> None:
        if run.code != 0 or run.timed_out:
            said = run.last_words()
            raise Failed(f"it ended with {run.ending()}" + (f": {said}" if said else ""))

    def choose_calls(self) -> None:
        """As many in each run: those that the first one got through in its time."""
        calls = self.read_times()["calls"]
        self.subject = self.subject.with_arguments("--calls", str(calls))
        self.copies.subject = self.subject

    def run(self, copy: Copy, seed: int) -> Run:
        environment = copy.environment({**self.environment, "PYTHONHASHSEED": str(seed)})
        run = execute(
            copy.command(), self.subject.cwd, environment, self.folder, self.most_seconds
        )
        run = run._replace(stdout=copy.original_names(run.stdout))
        if self.subject.is_function and run.code == 0:
            run = run._replace(cpu_ns=self.read_times()["cpu_ns"])
        return run

    def read_times(self) -> dict[str, int]:
        with open(self.times, encoding="utf-8") as stream:
            told: dict[str, int] = json.load(stream)
        return told

    def difference(self, one: Run, other: Run) -> Difference | None:
        if (one.code, one.timed_out) != (other.code, other.timed_out):
            said = other.last_words()
            ending = other.ending() + (f": {said}" if said else "")
            return Difference("how it ends", one.ending(), ending)
        before, after = one.stdout.splitlines(), other.stdout.splitlines()
        for number in range(max(len(before), len(after))):
            first, second = line_of(before, number), line_of(after, number)
            if first != second and number not in self.unsteady:
                return Difference(f"line {number + 1} of what it prints", *cut(first, second))
        return None

    def compare(self, copy: Copy) -> tuple[str, Difference | None, Estimate | None, int]:
        """Verdict, first difference, ratio, and how many pairs that took."""
        changed = self.run(copy, 0)
        found = self.difference(self.before, changed)
        if found is not None:
            return CHANGED, found, None, 0
        logs: list[float] = []
        used_ns = 0
        for first, second in self.pairs(copy):
            found = self.difference(first, second)
            if found is not None:
                return CHANGED, found, None, len(logs)
            logs.append(math.log(max(1, first.cpu_ns) / max(1, second.cpu_ns)))
            used_ns += first.wall_ns + second.wall_ns
            if len(logs) % BATCH:
                continue
            look = sequential(logs, MOST_LOOKS, batch=BATCH)
            if look.decided or used_ns > self.seconds * 1e9:
                break
        verdicts = {"faster": CONFIRMED, "slower": NO_GAIN, "same": NO_GAIN}
        return verdicts.get(look.decided, UNDECIDED), None, look.ratio, len(logs)

    def pairs(self, copy: Copy) -> Iterator[tuple[Run, Run]]:
        """Of runs with a hash seed of their own, in turns first and second."""
        for number in range(BATCH * MOST_LOOKS):
            seed = number + 1
            if number % 2:
                after = self.run(copy, seed)
                yield self.run(self.original, seed), after
            else:
                yield self.run(self.original, seed), self.run(copy, seed)


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


def try_all(
    subject: Subject,
    advice: Sequence[Advice],
    folder: str,
    environment: Mapping[str, str],
    seconds: float,
    note: Noted,
) -> Trials:
    """Each piece of advice in a copy of its own, then together all that paid.

    seconds: about how long the pairs of one of them may run. note: is told what is done now.
    """
    sources: dict[str, str] = {}
    edits = [edits_of(one, sources) for one in advice]
    files = sorted({one.match.file for one, found in zip(advice, edits, strict=True) if found})
    if not files:
        return Trials(subject, nothing(), tried=[by_hand(one) for one in advice])
    note("the program as it is")
    try:
        bench = Bench(subject, files, folder, environment, seconds)
        bench.prepare()
    except Failed as why:
        raise Failure(f"try {subject.label()}: {why}") from None
    lines = len(bench.before.stdout.splitlines())
    trials = Trials(subject, bench.before, lines - len(bench.unsteady), len(bench.unsteady))
    for number, (one, found) in enumerate(zip(advice, edits, strict=True)):
        note(f"{number + 1} of {len(advice)}: {one.rule.id} at {place_of(one)}")
        trials.tried.append(try_edits(bench, (one,), found, sources) if found else by_hand(one))
    paid = [number for number, trial in enumerate(trials.tried) if trial.verdict == CONFIRMED]
    if len(paid) > 1:
        note(f"{len(paid)} changes together")
        trials.together = try_together(bench, advice, edits, sources, paid)
    return trials


def nothing() -> Run:
    return Run(0, b"", b"", 0, 0, 0)


def by_hand(advice: Advice) -> Trial:
    return Trial((advice,), BY_HAND)


def place_of(advice: Advice) -> str:
    return f"{os.path.basename(advice.match.file)}:{advice.match.line}"


def edits_of(advice: Advice, sources: dict[str, str]) -> list[Edit]:
    """Empty when only a person can; sources gets the file's text."""
    file = advice.match.file
    if file not in sources:
        sources[file] = read_source(file)
    return advice.rule.edits(advice.match, sources[file]) or []


def try_edits(
    bench: Bench, advice: tuple[Advice, ...], edits: list[Edit], sources: dict[str, str]
) -> Trial:
    file = advice[0].match.file
    return try_texts(bench, advice, {file: apply_edits(sources[file], edits)}, sources)


def try_together(
    bench: Bench,
    advice: Sequence[Advice],
    edits: Sequence[list[Edit]],
    sources: dict[str, str],
    paid: list[int],
) -> Trial:
    """Those that gain most first; what overlaps with them is left out, and said."""
    made: dict[str, list[Edit]] = {}
    chosen, left = [], []
    for number in sorted(paid, key=lambda number: -advice[number].gain.value):
        one = advice[number]
        together = [*made.get(one.match.file, []), *edits[number]]
        try:
            apply_edits(sources[one.match.file], unique(together))
        except ValueError:
            left.append(place_of(one))
            continue
        made[one.match.file] = together
        chosen.append(one)
    texts = {file: apply_edits(sources[file], unique(found)) for file, found in made.items()}
    trial = try_texts(bench, tuple(chosen), texts, sources)
    return trial if not left else with_reason(trial, f"without {', '.join(left)}: same place")


def unique(edits: list[Edit]) -> list[Edit]:
    """Without what two pieces of advice both need, such as an import."""
    return list(dict.fromkeys(edits))


def with_reason(trial: Trial, reason: str) -> Trial:
    return replace(trial, reason="; ".join(filter(None, (trial.reason, reason))))


def try_texts(
    bench: Bench, advice: tuple[Advice, ...], texts: Mapping[str, str], sources: dict[str, str]
) -> Trial:
    files = tuple(texts)
    patch = "".join(
        patch_of(file, sources[file], text, bench.subject.cwd) for file, text in texts.items()
    )
    copy = bench.copies.make(texts)
    verdict, difference, ratio, pairs = bench.compare(copy)
    unused = [file for file in files if not copy.was_used(file)]
    if unused:
        reason = f"{os.path.basename(unused[0])} is not loaded from where the profile saw it"
        return Trial(advice, UNUSED, reason, patch=patch, files=files)
    return Trial(advice, verdict, "", ratio, pairs, patch, difference, files)


def patch_of(file: str, before: str, after: str, cwd: str) -> str:
    """As patch -p0 takes it, in the directory of the run."""
    name = os.path.relpath(file, cwd) if file.startswith(cwd.rstrip("/") + "/") else file
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, name
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
                   for line in lines)


def confirmed_patch(trials: Trials) -> str:
    """All changes that were confirmed, as one patch; empty when there are none."""
    if trials.together is not None and trials.together.verdict == CONFIRMED:
        return trials.together.patch
    paid = [trial for trial in trials.tried if trial.verdict == CONFIRMED]
    return max(paid, key=lambda trial: trial.advice[0].gain.value).patch if paid else ""
