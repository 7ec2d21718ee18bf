"""Measuring a program for advice: sampled, and then line by line where advice may be had.

Sampling says where the time is, at no cost; lines say how often each ran, from which sizes follow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TextIO

from tare._profile import Profile
from tare._stats import Estimate
from tare.advising.executing import execute, standard_input
from tare.advising.model import Advice
from tare.advising.subject import DRIVER, Subject
from tare.cli.failure import UNREADABLE, Failure

MOST_FUNCTIONS = 40  # whose lines are counted
MOST_PART = 0.999  # of the calls: they never take no time at all


def sample(subject: Subject, path: str, rate: int, stdout: TextIO | None) -> int:
    """By tare run; the target's exit code. stdout: where the target's goes; None: to Tare's."""
    words = ["--rate", str(rate)]
    code = measure("run", subject, words, path, stdout, None)
    if not os.path.exists(path):
        raise Failure(f"advise {subject.label()}: it could not be measured", UNREADABLE)
    return code


def sample_calls(subject: Subject, path: str, rate: int) -> Subject:
    """The same of a function; the subject that calls it as often again.

    What it prints each time that it is called is of no use to anybody. A Failure when it raises:
    there is no program to go on with.
    """
    times = f"{path}.json"
    measured = subject.with_arguments("--times", times)
    command = command_line("run", measured, ["--rate", str(rate)], path)
    run = execute(command, subject.cwd, os.environ, os.path.dirname(path))
    if run.code != 0 or not os.path.exists(path):
        said = run.last_words() or run.ending()
        raise Failure(f"call {subject.label()}: {said}; see --args and --setup", UNREADABLE)
    with open(times, encoding="utf-8") as stream:
        calls = json.load(stream)["calls"]
    return subject.with_arguments("--calls", str(calls))


def count_lines(subject: Subject, path: str, places: Sequence[tuple[str, int]]) -> bool:
    """By tare lines, of the functions around these places (file, line); whether that could be done.

    The program runs again; what it prints was seen when it was sampled.
    """
    words = []
    for file, line in list(dict.fromkeys(places))[:MOST_FUNCTIONS]:
        words += ["-f", f"{file}:{line}"]
    measure("lines", subject, words, path, subprocess.DEVNULL, subprocess.DEVNULL)
    return os.path.exists(path)


def measure(
    command: str,
    subject: Subject,
    words: Sequence[str],
    path: str,
    stdout: TextIO | int | None,
    stderr: int | None,
) -> int:
    with standard_input() as stdin:
        done = subprocess.run(
            command_line(command, subject, words, path),
            cwd=subject.cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            check=False,
        )
    return done.returncode


def command_line(command: str, subject: Subject, words: Sequence[str], path: str) -> list[str]:
    """-P: modules of the user's are none of Tare's."""
    own = [sys.executable, "-P", "-m", "tare", command, "-q", "-o", path]
    return [*own, *words, "--", *subject.command()]


def of_the_calls(advice: Sequence[Advice], profile: Profile) -> list[Advice]:
    """Shares and gains as parts of what the calls took, without starting and importing."""
    called = [row for row in profile.summary().functions() if row.file == DRIVER]
    part = max((row.total_share.value for row in called if row.qualname == "call"), default=0.0)
    if not part:
        return list(advice)
    return [
        replace(one, share=scaled(one.share, part), gain=scaled(one.gain, part)) for one in advice
    ]


def sampling_words(path: str, rate: int) -> list[str]:
    """What comes before a command line that is sampled."""
    own = [sys.executable, "-P", "-m", "tare", "run", "-q", "--overwrite", "-o", path]
    return [*own, "--rate", str(rate), "--"]


def scaled(share: Estimate, part: float) -> Estimate:
    return Estimate(*(min(value / part, MOST_PART) for value in share))
