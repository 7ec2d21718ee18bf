"""Says that something is going on, while nothing else can be said yet.

While `tare run` measures, the terminal belongs to the target, which may leave the cursor
anywhere: whole lines, few and ever rarer, disturb least and stay readable in its output.
While `tare attach` measures nobody else prints, so one line is enough that is written over
each second and erased before anything else is printed. `tare view` says what it does once that
has become long.
"""

from __future__ import annotations

import argparse
import sys
import time

from tare.cli.sampler import Outcome
from tare.text import printable

ERASE = "\r\x1b[K"
MOMENTS_SECONDS = (10, 30, 60, 120, 300)  # then as often as the last one says
EVERY_SECONDS = 300
LONG_NS = 1_000_000_000


def stderr_is_for_people(options: argparse.Namespace) -> bool:
    json_to = getattr(options, "json_to", None)
    return sys.stderr.isatty() and not options.quiet and json_to != "-"


class Lines:
    """For run: a line of its own after 10 s, 30 s, 1 min, 2 min, 5 min, 10 min, ..."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.wanted = stderr_is_for_people(options)
        self.next_seconds = next_moment(0)

    def show(self, outcome: Outcome) -> None:
        """After each status line."""
        seconds = outcome.elapsed_ns / 1e9
        if not self.wanted or seconds < self.next_seconds:
            return
        self.next_seconds = next_moment(seconds)
        sys.stderr.write(f"\ntare: {measured(outcome)}\n")  # the cursor may stand in a line
        sys.stderr.flush()


def next_moment(seconds: float) -> int:
    for moment in MOMENTS_SECONDS:
        if moment > seconds:
            return moment
    return int(seconds // EVERY_SECONDS + 1) * EVERY_SECONDS


class OneLine:
    """The same line again and again, until it is erased."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.wanted = stderr_is_for_people(options)
        self.shown = False

    def write(self, words: str) -> None:
        sys.stderr.write(f"{ERASE}tare: {words}")
        sys.stderr.flush()
        self.shown = True

    def erase(self) -> None:
        if self.shown:
            sys.stderr.write(ERASE)
            sys.stderr.flush()
            self.shown = False


class Ticker(OneLine):
    """For attach: how far it is."""

    def show(self, outcome: Outcome) -> None:
        """After each status line; the first tick comes about a second after the start."""
        if self.wanted and outcome.elapsed_ns != 0:
            self.write(f"{measured(outcome)}; Ctrl-C ends it")


class Steps(OneLine):
    """For view: what is being done, once it has become long."""

    def __init__(self, options: argparse.Namespace, is_long: bool) -> None:
        super().__init__(options)
        self.from_ns = time.monotonic_ns() + (0 if is_long else LONG_NS)

    def begin(self, words: str) -> None:
        if self.wanted and time.monotonic_ns() >= self.from_ns:
            self.write(printable(words))


def measured(outcome: Outcome) -> str:
    return f"measuring: {elapsed(outcome.elapsed_ns)}, {outcome.sample_count:,} samples"


def elapsed(ns: int) -> str:
    """Whole seconds: 42 s, 5 min 00 s, 1 h 02 min."""
    minutes, seconds = divmod(round(ns / 1e9), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
