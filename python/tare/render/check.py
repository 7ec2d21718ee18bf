"""What sampling and counting say of the same program, side by side.

Shares are of the own time of all Python functions that both can see: what ran before the
program's first line is not counted, C functions are their callers'. Two runs of a program differ,
so shares count as different when they are RUN_POINTS beyond the interval.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.text import Text

from tare._profile import Called, Row
from tare.render import units
from tare.render.layout import Cell, Column, heading, table, wrapped
from tare.render.report import Report
from tare.render.tables import location_cell, name_cell
from tare.render.terminal import Screen

CHECK_SCHEMA = "tare.check/1"
RUN_POINTS = 0.02
SHORT_CALL_NS = 1000.0
LEAST_SAMPLES = 30
UNSEEN = 4.0  # what was never met in n samples has less than this part of n, at 95 %
MOST_ROWS = 20

Key = tuple[str, int, str]


class Share(NamedTuple):
    """A part of all time, and how far it may be off: by chance, or for the cost of counting."""

    value: float
    error: float


class Compared(NamedTuple):
    """One function, as each method sees it."""

    qualname: str
    file: str
    first_line: int
    sampled: Share
    counted: Share
    calls: int
    call_ns: float  # the own time of one, as counted

    @property
    def gap(self) -> float:
        """By how much the two are apart beyond their errors; 0 where they are not."""
        distance = abs(self.sampled.value - self.counted.value)
        return max(0.0, distance - self.sampled.error - self.counted.error - RUN_POINTS)

    @property
    def agrees(self) -> bool:
        return self.gap <= 0

    @property
    def reason(self) -> str:
        if self.counted.value > self.sampled.value and self.call_ns < SHORT_CALL_NS:
            return "calls too short to be counted one by one: believe sampling"
        if self.counted.value > self.sampled.value:
            return "more when counted: it may do more in one run than in another"
        return "less when counted: it may do more in one run than in another"


class Result(NamedTuple):
    functions: list[Compared]  # by share, falling
    sampled: Report
    counted: Report

    @property
    def differing(self) -> list[Compared]:
        return sorted((row for row in self.functions if not row.agrees), key=lambda row: -row.gap)

    @property
    def agreed_share(self) -> float:
        return sum(row.sampled.value for row in self.functions if row.agrees)


def compare_profiles(sampled: Report, counted: Report) -> Result:
    calls = {key_of(row): row for row in counted.called() if row.kind == "python"}
    rows = {key_of(row): row for row in sampled.functions() if row.kind == "python"}
    rows = {key: row for key, row in rows.items() if key in calls}
    sampled_ns = sum(row.self_ns for row in rows.values())
    counted_ns = sum(row.sums.self_ns for row in calls.values())
    error_ns = sum(row.sums.error_ns for row in calls.values())
    samples = sampled.summary.effective_count * sampled_ns / max(1, sampled.summary.wall_ns)
    if samples < LEAST_SAMPLES or not counted_ns:
        return Result([], sampled, counted)
    unseen = Share(0.0, UNSEEN / samples)
    met = {key for key, row in rows.items() if row.self_ns}
    functions = [
        compare_function(
            called,
            sampled_share(rows[key], sampled_ns) if key in met else unseen,
            counted_share(called, counted_ns, error_ns),
        )
        for key, called in calls.items()
    ]
    functions.sort(key=lambda row: -max(row.sampled.value, row.counted.value))
    return Result(functions, sampled, counted)


def key_of(row: Row | Called) -> Key:
    return row.file, row.first_line, row.qualname


def compare_function(called: Called, sampled: Share, counted: Share) -> Compared:
    sums = called.sums
    begun = sums.calls + sums.resumes
    return Compared(
        called.qualname,
        called.file,
        called.first_line,
        sampled,
        counted,
        sums.calls,
        sums.self_ns / begun if begun else 0.0,
    )


def sampled_share(row: Row, whole_ns: int) -> Share:
    """The interval is known as a part of the run's time; here it is one of the functions' time."""
    estimate = row.self_share
    whole = row.self_ns / estimate.value  # of which the interval is a part
    return Share(row.self_ns / whole_ns, (estimate.high - estimate.low) / 2 * whole / whole_ns)


def counted_share(called: Called, whole_ns: int, error_ns: int) -> Share:
    """At worst the function is off one way and all others the other way."""
    sums = called.sums
    share = sums.self_ns / whole_ns
    others_ns = error_ns - sums.error_ns
    return Share(share, (sums.error_ns * (1 - share) + others_ns * share) / whole_ns)


def verdict(result: Result) -> str:
    count = len(result.differing)
    known = units.percent(result.agreed_share)
    if not count:
        return (
            f"Sampling and counting agree: on all {units.count(len(result.functions), 'function')},"
            " within their intervals."
        )
    differ = "differs" if count == 1 else "differ"
    return (
        f"Sampling and counting agree on functions with {known} of the time; "
        f"{units.count(count, 'function')} {differ}."
    )


def cost(result: Result) -> str:
    """What each of the methods did to the program."""
    seconds = [report.number("wall_ns") for report in (result.sampled, result.counted)]
    sampled, counted = (units.duration(ns) for ns in seconds)
    return f"The program took {sampled} when sampled, {counted} when every call was counted."


def text(screen: Screen, result: Result) -> list[Text]:
    lines = [
        *wrapped(screen, [verdict(result)], "bold", 0),
        *wrapped(screen, [cost(result)], indent=0),
    ]
    if result.differing:
        lines += [Text(), *rows_table(screen, result.sampled, result.differing[:MOST_ROWS], True)]
        more = len(result.differing) - MOST_ROWS
        if more > 0:
            lines.append(Text(f"  {units.count(more, 'more function')}: --json has all", "dim"))
    agreeing = [row for row in result.functions if row.agrees and row.sampled.value >= 0.01]
    if agreeing:
        lines += [Text(), heading(screen, "Agreed")]
        lines += rows_table(screen, result.sampled, agreeing[:MOST_ROWS], False)
    return lines


def rows_table(screen: Screen, report: Report, rows: list[Compared], why: bool) -> list[Text]:
    columns = [
        Column("sampled", align="right"),
        Column("counted", align="right"),
        Column("calls", align="right"),
        Column("function", weight=1, style="cyan"),
        Column("where", weight=1, tail=0.7, style="dim"),
    ]
    lines: list[Text] = []
    cells = [
        [
            Cell(share_text(screen, row.sampled)),
            Cell(share_text(screen, row.counted)),
            Cell(f"{row.calls:,}"),
            name_cell(row.qualname),
            location_cell(report, row.file, row.first_line),
        ]
        for row in rows
    ]
    header, *body = table(screen, columns, cells)
    lines.append(header)
    for row, line in zip(rows, body, strict=True):
        lines.append(line)
        if why:
            lines += wrapped(screen, [row.reason], "yellow", 4)
    return lines


def share_text(screen: Screen, share: Share) -> str:
    return f"{units.percent(share.value)} {screen.symbols.plus_minus}{100 * share.error:.1f}"


def document(result: Result) -> str:
    from tare.render.document import encode

    return encode(
        {
            "schema": CHECK_SCHEMA,
            "agrees": not result.differing,
            "agreed_share": result.agreed_share,
            "sampled_wall_ns": result.sampled.number("wall_ns"),
            "counted_wall_ns": result.counted.number("wall_ns"),
            "functions": [
                {
                    "name": row.qualname,
                    "file": row.file,
                    "first_line": row.first_line,
                    "sampled": {"share": row.sampled.value, "error": row.sampled.error},
                    "counted": {"share": row.counted.value, "error": row.counted.error},
                    "calls": row.calls,
                    "agrees": row.agrees,
                    **({} if row.agrees else {"reason": row.reason}),
                }
                for row in result.functions
            ],
        }
    )
