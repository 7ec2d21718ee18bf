"""Trying advice: a copy of the program with the change in it, beside one without.

Results first: a change after which the program gives another result is never recommended, however
fast it is. Only then time. Each change has a copy of its own; what paid is then tried together.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tare._stats import Estimate
from tare.advising.benches import Bench, Difference, Failed, ProgramBench, make_bench
from tare.advising.copying import Copy, read_source
from tare.advising.model import Advice, Edit, apply_edits
from tare.advising.shares import Function, compare_shares
from tare.advising.subject import Subject
from tare.cli.failure import Failure
from tare.comparing.driving import CompareError

CONFIRMED = "confirmed"  # the same result, and faster
NO_GAIN = "did not pay"  # the same result, and not faster
UNDECIDED = "cannot tell"  # the same result; too small a difference for the time given
CHANGED = "changed the result"
UNUSED = "did not run"  # the changed file was not used by the program
BY_HAND = "only by hand"  # there is no change that a machine can make

VERDICTS = {"faster": CONFIRMED, "slower": NO_GAIN, "same": NO_GAIN}

Noted = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """What became of a change."""

    advice: tuple[Advice, ...]
    verdict: str
    reason: str = ""  # in words, where the verdict does not say it all
    ratio: Estimate | None = None  # time of the original by the copy's
    processes: int = 0  # pairs of runs; of a function, processes in which both were called
    patch: str = ""  # as diff -u shows it
    difference: Difference | None = None

    @property
    def was_made(self) -> bool:
        return self.verdict != BY_HAND


@dataclass
class Trials:
    """All of them, with what is known of the program itself."""

    subject: Subject
    compared: int = 0  # lines of its output, or results of its function
    unsteady: int = 0  # lines that differ by themselves
    tried: list[Trial] = field(default_factory=list)
    together: Trial | None = None


def try_all(
    subject: Subject,
    advice: Sequence[Advice],
    folder: str,
    environment: Mapping[str, str],
    seconds: float,
    note: Noted,
) -> Trials:
    """Each piece of advice in a copy of its own, then together all that paid.

    seconds: about how long one of them may be timed. note: is told what is done now.
    """
    sources: dict[str, str] = {}
    edits = [edits_of(one, sources) for one in advice]
    files = sorted({one.match.file for one, found in zip(advice, edits, strict=True) if found})
    if not files:
        return Trials(subject, tried=[Trial((one,), BY_HAND) for one in advice])
    note("the program as it is")
    try:
        bench = make_bench(subject, files, folder, environment, seconds)
    except Failed as why:
        raise Failure(f"try {subject.label()}: {why}") from None
    trials = Trials(subject, bench.compared, bench.unsteady)
    for number, (one, found) in enumerate(zip(advice, edits, strict=True), 1):
        if not found:
            trials.tried.append(Trial((one,), BY_HAND))
            continue
        note(f"{number} of {len(advice)}: {one.rule.id} at {place_of(one)}")
        texts = {one.match.file: apply_edits(sources[one.match.file], found)}
        trials.tried.append(try_texts(bench, (one,), texts, sources))
    paid = [number for number, trial in enumerate(trials.tried) if trial.verdict == CONFIRMED]
    if len(paid) > 1:
        note(f"{len(paid)} changes together")
        trials.together = try_together(bench, advice, edits, sources, paid)
    return trials


def place_of(advice: Advice) -> str:
    return f"{os.path.basename(advice.match.file)}:{advice.match.line}"


def edits_of(advice: Advice, sources: dict[str, str]) -> list[Edit]:
    """Empty when only a person can make the change; sources gets the file's text."""
    file = advice.match.file
    if file not in sources:
        sources[file] = read_source(file)
    return advice.rule.edits(advice.match, sources[file]) or []


def try_texts(
    bench: Bench,
    advice: tuple[Advice, ...],
    texts: Mapping[str, str],
    sources: Mapping[str, str],
    reason: str = "",
) -> Trial:
    """A copy with these files changed."""
    patch = "".join(
        patch_of(file, sources[file], text, bench.subject.cwd) for file, text in texts.items()
    )
    copy = bench.copies.make(texts)
    try:
        difference = bench.difference(copy)
        if difference is not None:
            return Trial(advice, CHANGED, reason, patch=patch, difference=difference)
        unused = [file for file in texts if not copy.was_used(file)]
        if unused:
            name = os.path.basename(unused[0])
            reason = f"{name} is not loaded from where the profile saw it"
            return Trial(advice, UNUSED, reason, patch=patch)
        found = bench.time(copy)
    except CompareError as error:
        return Trial(advice, UNDECIDED, str(error), patch=patch)
    verdict = VERDICTS.get(found.verdict, UNDECIDED)
    trial = Trial(advice, verdict, reason, found.ratio, len(found.processes), patch)
    if verdict == UNDECIDED and len(advice) == 1 and isinstance(bench, ProgramBench):
        return by_share(bench, copy, trial)
    return trial


def by_share(bench: ProgramBench, copy: Copy, trial: Trial) -> Trial:
    """What whole runs could not tell."""
    match = trial.advice[0].match
    found = compare_shares(bench, copy, Function(match.file, match.function), bench.seconds)
    if found is None:
        return trial
    look, count = found
    verdict = VERDICTS.get(look.decided, UNDECIDED)
    reason = f"whole runs differ too much by themselves; by the share of {match.function} in them"
    return replace(trial, verdict=verdict, reason=reason, ratio=look.ratio, processes=count)


def try_together(
    bench: Bench,
    advice: Sequence[Advice],
    edits: Sequence[list[Edit]],
    sources: Mapping[str, str],
    paid: Sequence[int],
) -> Trial:
    """Those that gain most first; what overlaps with them is left out, and said."""
    made: dict[str, list[Edit]] = {}
    chosen, left = [], []
    for number in sorted(paid, key=lambda number: -advice[number].gain.value):
        one = advice[number]
        # Two pieces of advice may both need the same line, such as an import.
        together = list(dict.fromkeys([*made.get(one.match.file, []), *edits[number]]))
        try:
            apply_edits(sources[one.match.file], together)
        except ValueError:
            left.append(place_of(one))
            continue
        made[one.match.file] = together
        chosen.append(one)
    texts = {file: apply_edits(sources[file], found) for file, found in made.items()}
    reason = f"without {', '.join(left)}, which changes the same place" if left else ""
    return try_texts(bench, tuple(chosen), texts, sources, reason)


def patch_of(file: str, before: str, after: str, cwd: str) -> str:
    """As patch -p0 takes it, in the directory of the run."""
    name = os.path.relpath(file, cwd) if file.startswith(cwd.rstrip("/") + "/") else file
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, name
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def confirmed_patch(trials: Trials) -> str:
    """All changes that were confirmed, as one patch; empty when there are none."""
    if trials.together is not None and trials.together.verdict == CONFIRMED:
        return trials.together.patch
    paid = [trial for trial in trials.tried if trial.verdict == CONFIRMED]
    return max(paid, key=lambda trial: trial.advice[0].gain.value).patch if paid else ""
