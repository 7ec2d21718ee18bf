"""One loaded profile with everything that reports say about it, by name.

The numbers are the core's; this module finds them in the profile's provenance and gives
them types. A key that an older sampler did not write is None, or 0 where it is a count.
"""

from __future__ import annotations

import math
import os

from tare._profile import (
    Allocations,
    AllocRow,
    Called,
    Calls,
    Estimate,
    LineFunction,
    LineSums,
    Profile,
    Row,
    State,
    Summary,
    Verdict,
    load,
)
from tare.text import whole_number

SAMPLER_KEYS = (
    "rate_hz",
    "tick_count",
    "weight",
    "late_count",
    "gap_count",
    "gap_ns",
    "sample_count",
    "proven_count",
    "prefix_count",
    "lost_count",
    "retry_count",
    "read_count",
    "truncated_count",
    "overflow_count",
    "cpu_ns",
    "skipped_count",
    "hold_count",
    "hold_ns",
    "slowdown_ratio",
)


class Report:
    def __init__(self, profile: Profile, path: str, target_seconds: float | None = None) -> None:
        self.profile = profile
        self.path = path
        self.meta = profile.meta
        self.summary: Summary = profile.summary()
        self.verdict: Verdict | None = None
        self._functions: list[Row] | None = None
        self._lines: list[Row] | None = None
        self._calls: Calls | None = None
        self._called: list[Called] | None = None
        self._line_functions: list[LineFunction] | None = None
        self._line_sums: LineSums | None = None
        self._allocations: Allocations | None = None
        self._allocated: dict[str, list[AllocRow]] = {}
        if target_seconds is not None:
            self.verdict = self.summary.judge(round(target_seconds * 1e9))

    @property
    def states(self) -> list[State]:
        return self.summary.states

    def functions(self) -> list[Row]:
        """Those with any time, by their own; for reading only."""
        if self._functions is None:
            self._functions = [row for row in self.summary.functions() if row.total_ns > 0]
        return self._functions

    def would_do(self) -> list[Row]:
        """The functions that could give back the time above the target, the most first."""
        wanted = self.verdict.functions if self.verdict else ()
        by_id = {row.id: row for row in self.summary.functions() if row.id in wanted}
        return [by_id[number] for number in wanted]

    def lines(self) -> list[Row]:
        if self._lines is None:
            self._lines = [row for row in self.summary.lines() if row.total_ns > 0]
        return self._lines

    @property
    def is_trace(self) -> bool:
        """Whether calls were counted; then calls and called() say more than the summary."""
        return self.profile.is_trace

    @property
    def calls(self) -> Calls:
        if self._calls is None:
            self._calls = self.profile.calls()
        return self._calls

    def called(self) -> list[Called]:
        """The functions of a trace by their own time; for reading only."""
        if self._called is None:
            self._called = self.calls.functions()
        return self._called

    @property
    def is_lines(self) -> bool:
        """Whether lines were measured; then only what is said of lines means anything."""
        return self.profile.is_lines

    def line_functions(self) -> list[LineFunction]:
        """The functions whose lines were measured, by own time; for reading only."""
        if self._line_functions is None:
            self._line_functions = self.profile.line_table()
        return self._line_functions

    @property
    def line_sums(self) -> LineSums:
        if self._line_sums is None:
            self._line_sums = self.profile.line_sums()
        return self._line_sums

    @property
    def is_memory(self) -> bool:
        """Whether allocations were counted; then only what is said of memory means anything."""
        return self.profile.is_memory

    @property
    def allocations(self) -> Allocations:
        if self._allocations is None:
            self._allocations = self.profile.allocations()
        return self._allocations

    def allocated_functions(self) -> list[AllocRow]:
        """By what they held at the peak themselves; for reading only."""
        if "functions" not in self._allocated:
            self._allocated["functions"] = self.allocations.functions()
        return self._allocated["functions"]

    def allocated_lines(self) -> list[AllocRow]:
        if "lines" not in self._allocated:
            self._allocated["lines"] = self.allocations.lines()
        return self._allocated["lines"]

    def number(self, key: str) -> int | float:
        """A numeric piece of provenance, whole where it was written so; 0 where it is missing."""
        return number_in(self.meta.get(key, "0"))

    def text(self, key: str) -> str:
        return self.meta.get(key, "")

    @property
    def subject(self) -> str:
        """What was measured: the command, or the file that it was imported from."""
        return self.text("target.command") or self.text("import.file") or "unknown command"

    def measurement(self) -> dict[str, int | float]:
        """What the sampler says about itself."""
        return {
            key: self.number(f"sampler.{key}")
            for key in SAMPLER_KEYS
            if f"sampler.{key}" in self.meta
        }

    @property
    def partial(self) -> bool:
        """Whether the file ends before the measurement did."""
        return not self.profile.state.complete

    def widest_share(self) -> Estimate | None:
        """The state known least well."""
        shares = [state.share for state in self.states]
        return max(shares, key=lambda share: share.high - share.low, default=None)


def full_path(report: Report, file: str) -> str:
    """A relative file name is relative to where the target ran."""
    if file.startswith(("/", "<")) or not report.text("target.cwd"):
        return file
    return os.path.normpath(os.path.join(report.text("target.cwd"), file))


def number_in(text: str) -> int | float:
    """Counts and times stay integers, exact at any size. What is no number is 0."""
    whole = whole_number(text)
    if whole is not None:
        return whole
    try:
        number = float(text)
    except ValueError:
        return 0
    return number if math.isfinite(number) else 0


def load_report(path: str, target_seconds: float | None = None) -> Report:
    return Report(load(path), os.fspath(path), target_seconds)
