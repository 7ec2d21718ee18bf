"""The functions of a profile by their time, whatever kind of profile it is."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.render.report import Report


class Hot(NamedTuple):
    """One function: its own time, and the time with all that it called."""

    qualname: str
    file: str
    first_line: int
    kind: str
    self_ns: int
    total_ns: int
    chosen: bool  # the user asked for this very function to be measured


class Functions(NamedTuple):
    whole_ns: int  # what the times are parts of; at least 1
    rows: list[Hot]  # by own time, falling


def functions_of(report: Report) -> Functions:
    if report.is_lines:
        whole_ns, rows = report.line_sums.self_ns, lined(report)
    elif report.is_trace:
        whole_ns, rows = report.calls.sums.self_ns, called(report)
    else:
        whole_ns, rows = report.summary.wall_ns, sampled(report)
    rows.sort(key=lambda row: (-row.self_ns, -row.total_ns, row.file, row.first_line, row.qualname))
    return Functions(max(1, whole_ns), rows)


def sampled(report: Report) -> list[Hot]:
    return [
        Hot(row.qualname, row.file, row.first_line, row.kind, row.self_ns, row.total_ns, False)
        for row in report.functions()
    ]


def called(report: Report) -> list[Hot]:
    return [
        Hot(row.qualname, row.file, row.first_line, row.kind, row.sums.self_ns,
            row.sums.total_ns, False)
        for row in report.called()
    ]  # fmt: skip


def lined(report: Report) -> list[Hot]:
    return [
        Hot(row.qualname, row.file, row.first_line, row.kind, row.self_ns, row.inclusive_ns, True)
        for row in report.line_functions()
        if row.calls or row.hits
    ]
