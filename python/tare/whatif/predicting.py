"""What the program would gain if a function or a line got faster, by its share in a profile.

A part of the program's time that gets k times faster saves share x (1 - 1/k) of it (Amdahl 1967).
The share has an interval, so the gain has one. Of a sampled profile it is the share of the
program's wall time, each moment divided among the threads that ran in it; of a trace, the share of
all time in the functions traced, off by what the cost of counting may make wrong.

That is right where one thing happens after the other. What overlaps is not gained, or not all of
it: then experiment.py says what is.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from tare._profile import Called, Row
from tare.cli.failure import Failure
from tare.render.report import Report, full_path
from tare.whatif.estimates import Estimate

OVERLAP = 0.05  # of the wall time, in which threads were busy at once
WAITED = 0.10  # of a function's time
POLLING = 0.10  # of the program's time, that an event loop waits


class Part(NamedTuple):
    """Something that could get faster, and its share of the program's time."""

    name: str
    file: str
    line: int
    kind: str
    what: str  # "own": its own code; "all": with what it calls
    share: Estimate
    waits: bool  # much of that is waiting: faster code does not give it back

    def saved(self, times: float) -> Estimate:
        """Of the program's time, when it gets so much faster; times may be infinite."""
        part = 1 - 1 / times
        return Estimate(*(min(bound, 1.0) * part for bound in self.share))


def hottest(report: Report, limit: int) -> list[Part]:
    """The functions with the most own time; not what belongs to no code."""
    if report.is_trace:
        called = [row for row in report.called() if row.kind != "synthetic" and row.sums.self_ns]
        return [_of_called(report, row, "own") for row in called[:limit]]
    rows = [row for row in report.functions() if row.kind != "synthetic" and row.program_self_ns]
    rows.sort(key=lambda row: -row.program_self_ns)
    return [_of_row(report, row, "own") for row in rows[:limit]]


def find(report: Report, name: str) -> list[Part]:
    """What is called so, each twice: its own code, and with what it calls. A line by FILE:LINE."""
    file, _, line = name.rpartition(":")
    if line.isdecimal():
        return _find_line(report, file, int(line), name)
    rows: list[Row | Called] = [*(report.called() if report.is_trace else report.functions())]
    found = [row for row in rows if is_called(row, name)]
    if not found:
        from difflib import get_close_matches

        close = get_close_matches(name, [row.qualname for row in rows], n=1)
        more = f"; did you mean {close[0]}?" if close else "; tare report names them"
        raise Failure(f"whatif {report.path}: no function {name} in it{more}")
    return [
        _of_called(report, row, what) if isinstance(row, Called) else _of_row(report, row, what)
        for row in found
        for what in ("own", "all")
    ]


def is_called(row: Row | Called, name: str) -> bool:
    """By its qualified name or the end of it, with the module before a colon or not."""
    module, colon, function = name.rpartition(":")
    if colon and os.path.basename(row.file).removesuffix(".py") != module.rpartition(".")[2]:
        return False
    return row.qualname == function or row.qualname.endswith("." + function)


def _find_line(report: Report, file: str, line: int, name: str) -> list[Part]:
    if report.is_trace:
        raise Failure(f"whatif {report.path}: a trace knows no lines; give a function")
    wanted = os.path.realpath(file)
    found = [
        row
        for row in report.lines()
        if row.line == line
        and (os.path.realpath(full_path(report, row.file)) == wanted or _ends_so(row.file, file))
    ]
    if not found:
        raise Failure(f"whatif {report.path}: no time at {name}; tare report --lines names lines")
    return [_of_row(report, row, what) for row in found for what in ("own", "all")]


def _ends_so(path: str, end: str) -> bool:
    return path == end or path.endswith("/" + end)


def _of_row(report: Report, row: Row, what: str) -> Part:
    if what == "own":
        share = Estimate(*report.summary.share(row.program_self_ns))
        waits = row.program_self_wait_ns > WAITED * row.program_self_ns
    else:
        share, waits = Estimate(*row.program_share), False
    line = row.line or row.first_line
    return Part(row.qualname, row.file, line, row.kind, what, share, waits)


def _of_called(report: Report, row: Called, what: str) -> Part:
    sums, whole = row.sums, report.calls.sums
    whole_ns = max(1, whole.self_ns)
    ns = sums.self_ns if what == "own" else sums.total_ns
    error = sums.error_ns / whole_ns
    value = ns / whole_ns
    share = Estimate(value, max(0.0, value - error), min(1.0, value + error))
    return Part(row.qualname, row.file, row.first_line, row.kind, what, share, False)


def doubts(report: Report, parts: list[Part]) -> list[str]:
    """Why the shares may not be what the program gains, as far as the profile tells."""
    said = []
    if report.is_trace:
        threads = len(report.calls.threads())
        if threads > 1:
            said.append(f"{threads} threads are added up: what they do at once is gained once.")
        return said
    overlap_ns = report.summary.active_ns - report.summary.wall_ns
    if overlap_ns > OVERLAP * report.summary.wall_ns:
        said.append("Threads or processes worked at the same time, or in turn.")
    if any(part.waits for part in parts):
        said.append("Much of that is waiting, which faster code does not give back.")
    if any(state.name == "wait_poll_ns" and state.share.value > POLLING
           for state in report.states):
        said.append("An event loop waited: what it waits for may overlap with what is faster.")
    return said
