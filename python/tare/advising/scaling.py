"""How a program's time grows with the size of what it is given.

It is sampled at n, 2n, 4n, several times each in turns. The own time of a function, or of a line,
that has enough samples at each size is fitted by n to some power; an interval for that power comes
from the scatter of the runs. The whole program also does what does not grow (it starts, it
imports), so of it no power is said, only the times.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tare._profile import Row, Summary, load
from tare._stats import Estimate, power_law
from tare.advising.executing import execute
from tare.advising.finding import find_matches, read_facts
from tare.advising.model import Match
from tare.advising.profiling import sampling_words
from tare.advising.subject import DRIVER, Subject
from tare.cli.failure import UNREADABLE, Failure

HOLE = "{n}"  # in a command's arguments
ROUNDS = 3
STEPS = (1, 2, 4)
LEAST_NS = 8_000_000  # of a function at each size: samples, of which a power can be told
LEAST_SHARE = 0.03  # of the largest size's time
MOST_WIDTH = 1.2  # of an interval that says something
STEEP = 1.25  # n log n stays below it
MOST_LINES = 3  # of a function
CALLED_SECONDS = 0.6  # of calls of a function at each size
MOST_SECONDS = 3600.0

Noted = Callable[[str], None]
Place = tuple[str, int, str]  # file, line, function; line: the first of a function


@dataclass(frozen=True)
class Growth:
    """Of a function's or a line's own time."""

    file: str
    line: int
    qualname: str
    times_ns: tuple[float, ...]  # mean of the runs, or of the calls, at each size
    exponent: Estimate | None  # None: too little time at some size
    share: float  # of the time at the largest size

    @property
    def steep(self) -> bool:
        return self.exponent is not None and self.exponent.low > STEEP


@dataclass(frozen=True)
class Scaling:
    subject: Subject
    sizes: tuple[int, ...]
    rounds: int
    whole: Growth
    functions: tuple[Growth, ...]  # by share, falling
    lines: tuple[Growth, ...]  # of those that are steep
    hints: tuple[Match, ...] = ()  # rules that may be why

    @property
    def steep(self) -> tuple[Growth, ...]:
        return tuple(found for found in self.functions if found.steep)


def order(exponent: Estimate | None) -> str:
    """In words, where the interval leaves one."""
    if exponent is None or exponent.high - exponent.low > MOST_WIDTH:
        return "unclear"
    if exponent.high < 0.5:
        return "constant"
    for power, name in ((1, "linear"), (2, "quadratic"), (3, "cubic")):
        if exponent.low - 0.1 <= power <= exponent.high + 0.1:
            return name
    if exponent.high < 1:
        return "less than linear"
    if exponent.high < STEEP:
        return "n log n or so"
    return "between linear and quadratic" if exponent.high < 2 else "more than quadratic"


def at_size(subject: Subject, n: int) -> Subject:
    if subject.is_function:
        return subject.with_arguments("--n", str(n), "--seconds", str(CALLED_SECONDS))
    words = tuple(word.replace(HOLE, str(n)) for word in subject.arguments)
    name = subject.name if subject.kind != "code" else subject.name.replace(HOLE, str(n))
    return replace(subject, arguments=words, name=name)


def check_has_size(subject: Subject) -> None:
    if subject.is_function:
        words = subject.words()
        if not (uses_n(f"call({words['--args']}\n)") or uses_n(words["--setup"])):
            raise Failure(
                f"scale {subject.label()}: its arguments do not depend on n; "
                "give them, as in --args 'list(range(n))'"
            )
    elif not any(HOLE in word for word in (subject.name, *subject.arguments)):
        raise Failure(
            f"scale {subject.label()}: no {HOLE} in its arguments; write it where the size stands"
        )


def uses_n(code: str) -> bool:
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise Failure(f"scale: read {code!r}: {error.msg}; give Python code") from None
    return any(isinstance(node, ast.Name) and node.id == "n" for node in ast.walk(tree))


def scale(
    subject: Subject,
    sizes: Sequence[int],
    folder: str,
    environment: Mapping[str, str],
    rate: int,
    note: Noted,
) -> Scaling:
    """sizes: the smallest, of which the others are multiples, or all of them."""
    check_has_size(subject)
    every = tuple(sizes) if len(sizes) > 1 else tuple(sizes[0] * step for step in STEPS)
    samples: list[list[Sample]] = [[] for _ in every]
    for number in range(ROUNDS):
        note(f"n = {', '.join(f'{n:,}' for n in every)}: run {number + 1} of {ROUNDS}")
        for index, n in enumerate(every):
            samples[index].append(sample(at_size(subject, n), n, folder, environment, rate))
    return summarize(subject, every, samples)


@dataclass(frozen=True)
class Sample:
    """Own times by place, of a run or a call."""

    whole_ns: float
    functions: Mapping[Place, float]
    lines: Mapping[Place, float]
    calls: int = 1


def sample(
    subject: Subject, n: int, folder: str, environment: Mapping[str, str], rate: int
) -> Sample:
    path, times = (os.path.join(folder, name) for name in ("scaled.tare", "times.json"))
    if subject.is_function:
        subject = subject.with_arguments("--times", times)
    command = [*sampling_words(path, rate), *subject.command()]
    run = execute(command, subject.cwd, environment, folder, MOST_SECONDS)
    if run.code != 0 or run.timed_out:
        said = run.last_words()
        ending = run.ending() + (f": {said}" if said else "")
        raise Failure(f"scale {subject.label()}: with n = {n} it ended with {ending}", UNREADABLE)
    calls, called_ns = (1, 0)
    if subject.is_function:
        calls, called_ns = read_calls(times)
    summary = load(path).summary()
    had = had_processor(summary) / calls
    return Sample(
        (called_ns or summary.wall_ns) * had,
        by_place(summary.functions(), had, of_lines=False),
        by_place(summary.lines(), had, of_lines=True),
        calls,
    )


def had_processor(summary: Summary) -> float:
    """The part of the time in which it ran that it was not kept waiting by other programs."""
    running_ns = sum(state.ns for state in summary.states if state.role == "busy")
    return min(1.0, summary.cpu_ns / running_ns) if running_ns and summary.cpu_ns else 1.0


def read_calls(path: str) -> tuple[int, int]:
    import json

    with open(path, encoding="utf-8") as stream:
        told = json.load(stream)
    return told["calls"], told["wall_ns"]


def by_place(rows: Sequence[Row], part: float, of_lines: bool) -> dict[Place, float]:
    """Of what has a file, and is not Tare's own that calls it."""
    found: dict[Place, float] = {}
    for row in rows:
        if row.file not in ("", DRIVER) and row.file[0] != "<" and row.self_ns:
            place = row.file, row.line if of_lines else row.first_line, row.qualname
            found[place] = found.get(place, 0.0) + row.self_ns * part
    return found


def summarize(
    subject: Subject, sizes: tuple[int, ...], samples: list[list[Sample]]
) -> Scaling:
    largest = samples[-1]
    whole = Growth(
        "",
        0,
        "",
        tuple(mean([found.whole_ns for found in some]) for some in samples),
        whole_power(subject, sizes, samples),
        1.0,
    )
    functions = grown(sizes, samples, [found.functions for found in largest], False)
    if not functions:
        raise Failure(
            f"scale {subject.label()}: with n = {sizes[-1]:,} it is too short to be sampled; "
            "begin with a larger n"
        )
    steep = {(found.file, found.qualname) for found in functions if found.steep}
    lines = grown(sizes, samples, [found.lines for found in largest], True)
    kept = [found for found in lines if (found.file, found.qualname) in steep]
    hints = hints_for([found for found in functions if found.steep], kept)
    return Scaling(
        subject, sizes, len(largest), whole, tuple(functions), tuple(kept), tuple(hints)
    )


def hints_for(functions: Sequence[Growth], lines: Sequence[Growth]) -> list[Match]:
    """What rules know of in steep functions, at lines that take time and whose cost grows with
    the size of what they work on."""
    found = []
    for function in functions:
        busy = {line.line for line in lines if line.file == function.file}
        try:
            matches = find_matches(read_facts(function.file))
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        found += [
            match
            for match in matches
            if match.rule.grows and match.function == function.qualname and match.line in busy
        ]
    return found


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def whole_power(
    subject: Subject, sizes: tuple[int, ...], samples: list[list[Sample]]
) -> Estimate | None:
    if not subject.is_function:
        return None
    return fit(sizes, [[found.whole_ns for found in some] for some in samples])


def grown(
    sizes: tuple[int, ...],
    samples: list[list[Sample]],
    largest: list[Mapping[Place, float]],
    of_lines: bool,
) -> list[Growth]:
    """What has a part of the largest size's time, by that part."""
    whole_ns = mean([found.whole_ns for found in samples[-1]])
    sums: dict[Place, float] = {}
    for times in largest:
        for place, ns in times.items():
            sums[place] = sums.get(place, 0.0) + ns / len(largest)
    found = []
    for place, ns in sorted(sums.items(), key=lambda item: -item[1]):
        if ns < LEAST_SHARE * whole_ns:
            break
        times_of = [[times_in(one, of_lines).get(place, 0.0) for one in some] for some in samples]
        enough = [
            all(ns * one.calls >= LEAST_NS for ns, one in zip(times, some, strict=True))
            for times, some in zip(times_of, samples, strict=True)
        ]
        exponent = fit(sizes, times_of) if all(enough) else None
        found.append(Growth(*place, tuple(map(mean, times_of)), exponent, ns / whole_ns))
    return found


def times_in(sample: Sample, of_lines: bool) -> Mapping[Place, float]:
    return sample.lines if of_lines else sample.functions


def fit(sizes: tuple[int, ...], times_of: list[list[float]]) -> Estimate:
    points = [(n, ns) for n, times in zip(sizes, times_of, strict=True) for ns in times]
    return power_law([float(n) for n, _ in points], [ns for _, ns in points])
