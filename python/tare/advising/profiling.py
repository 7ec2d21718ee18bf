"""Measuring a program for advice: sampled, and then line by line where advice may be had.

Sampling says where the time is, at no cost; lines say how often each ran, from which sizes follow.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import TextIO

from tare.advising.executing import execute, standard_input
from tare.advising.subject import Subject
from tare.cli.failure import UNREADABLE, Failure

MOST_FUNCTIONS = 40  # whose lines are counted


def sample(subject: Subject, path: str, rate: int, stdout: TextIO | None) -> int:
    """By tare run; the target's exit code. stdout: where the target's goes; None: to Tare's.

    What a function prints each time that it is called is of no use to anybody.
    """
    words = ["--rate", str(rate)]
    if subject.is_function:
        call(subject, words, path)
        return 0
    code = measure("run", subject, words, path, stdout, None)
    if not os.path.exists(path):
        raise Failure(f"advise {subject.label()}: it could not be measured", UNREADABLE)
    return code


def call(subject: Subject, words: Sequence[str], path: str) -> None:
    """A Failure when that ends in an exception: there is no program to go on with."""
    command = command_line("run", subject, words, path)
    run = execute(command, subject.cwd, os.environ, os.path.dirname(path))
    if run.code != 0 or not os.path.exists(path):
        said = run.last_words() or run.ending()
        raise Failure(f"call {subject.label()}: {said}; see --args and --setup", UNREADABLE)


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
