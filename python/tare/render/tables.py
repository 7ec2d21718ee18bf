"""The tables of functions and lines."""

from __future__ import annotations

import os
import tokenize
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

from rich.text import Text

from tare._profile import Estimate, Row
from tare.render import units
from tare.render.layout import Cell, Column, heading, table
from tare.render.report import Report, full_path
from tare.render.terminal import Screen
from tare.text import display_path, printable, shorten

WIDE_COLUMNS = 100
NARROW_COLUMNS = 72
LONG_COLUMNS = 120
ALL_ABOVE = 0.99  # of the program's time: nothing would be left to compare with
LEAST_OVERLAP = 0.05  # of the wall time, in which threads were busy at once
HOT_SHARE = 0.10
LEAST_PART = 0.01
SOURCE_BYTES = 1 << 20
MOST_WHOLE = 24  # longer ones are not Tare's


class Part(NamedTuple):
    """A part of the own time, shown as a share of it."""

    title: str
    sort_key: str
    amount: Callable[[Row], int]

    def cell(self, row: Row) -> Cell:
        share = self.amount(row) / row.self_ns if row.self_ns else 0.0
        return Cell(f"{share:.0%}" if share >= LEAST_PART else "")


NATIVE = Part("native", "native", lambda row: row.self_native_ns)
WAITS = Part("waits", "wait", lambda row: row.self_wait_ns)


def parts_shown(screen: Screen, rows: list[Row], sort_key: str) -> list[Part]:
    """Those asked for; else what any row has, where there is room."""
    candidates = [WAITS] if screen.columns >= NARROW_COLUMNS else []
    if screen.columns >= WIDE_COLUMNS:
        candidates = [NATIVE, WAITS]
    return [
        part
        for part in (NATIVE, WAITS)
        if part.sort_key == sort_key
        or (part in candidates and any(part.cell(row).text for row in rows))
    ]


def share_cell(screen: Screen, estimate: Estimate, with_interval: bool = True) -> Cell:
    text = f"{units.percent(estimate.value):>6}"
    if with_interval:
        text += f" {interval(screen, estimate)}"
    return Cell(text, "bold" if estimate.value >= HOT_SHARE else "")


def interval(screen: Screen, estimate: Estimate) -> str:
    """Half the interval in points, as wide as any: +-100."""
    return f"{screen.symbols.plus_minus}{units.half_width(estimate):<3}"


def gain_cell(screen: Screen, row: Row) -> Cell:
    """With its interval; without the value in the middle where there is no room for it."""
    if row.program_share.value >= ALL_ABOVE:
        return Cell("all")
    return Cell(units.gain(row.gain_ratio, screen.columns >= LONG_COLUMNS))


def name_cell(name: str, kind: str = "python") -> Cell:
    """Names that Tare made, such as "(no Python frame)", are short and never cut."""
    whole = kind == "synthetic" and len(name) <= MOST_WHOLE
    return Cell(printable(name), "cyan", whole=whole)


def more_rows(count: int) -> Text:
    return Text(f"  {units.count(count, 'more row')}: --limit N", "dim")


def location_cell(report: Report, file: str, line: int) -> Cell:
    """file:line, and where it leads when the terminal has hyperlinks."""
    if not file:
        return Cell("")
    path = full_path(report, file)
    name = printable(display_path(path, os.getcwd()))
    link = "file://" + quote(path, errors="surrogateescape") if path.startswith("/") else ""
    return Cell(f"{name}:{line}" if line else name, "", link)


def shares_of(report: Report) -> str:
    """What self and total are shares of."""
    overlap_ns = report.summary.active_ns - report.summary.wall_ns
    added = " (threads add up)" if overlap_ns > LEAST_OVERLAP * report.summary.wall_ns else ""
    return "% of wall time" + added


def table_heading(screen: Screen, report: Report, title: str, note: str = "") -> list[Text]:
    """What the table is, and of which run."""
    command = printable(report.text("target.command"))
    run = f"{units.duration(report.summary.wall_ns)} of wall time"
    room = screen.columns - len(run) - 2
    usual = f"{shares_of(report)}; {screen.symbols.plus_minus}: 95% interval"
    return [
        heading(screen, title, note or usual),
        Text(f"{run}: {shorten(command, room, 0.3, screen.symbols.ellipsis)}", "dim"),
    ]


def function_table(
    screen: Screen, report: Report, rows: list[Row], sort_key: str = "self"
) -> list[Text]:
    parts = parts_shown(screen, rows, sort_key)
    wide = screen.columns >= WIDE_COLUMNS
    columns = [
        Column("  self"),
        *(Column(part.title, align="right") for part in parts),
        Column(" total"),
        Column("at most", align="right"),
        Column("function", weight=1, tail=1.0),
        Column("file:line", weight=1, tail=1.0),
    ]
    cells = [
        [
            share_cell(screen, row.self_share),
            *(part.cell(row) for part in parts),
            share_cell(screen, row.total_share, with_interval=wide),
            gain_cell(screen, row),
            name_cell(row.qualname, row.kind),
            location_cell(report, row.file, row.first_line),
        ]
        for row in rows
    ]
    return table(screen, columns, cells)


def line_table(
    screen: Screen, report: Report, rows: list[Row], sort_key: str = "self"
) -> list[Text]:
    """With the text of the line where its file is there and not newer than the profile."""
    source = Sources(report)
    parts = parts_shown(screen, rows, sort_key)
    wide = screen.columns >= WIDE_COLUMNS
    columns = [
        Column("  self"),
        *(Column(part.title, align="right") for part in parts),
        *([Column(" total")] if wide else []),
        Column("at most", align="right"),
        *([Column("function", weight=2, tail=1.0)] if wide else []),
        Column("file:line", weight=3, tail=1.0),
        Column("source", weight=4, tail=0.0),
    ]
    cells = [
        [
            share_cell(screen, row.self_share),
            *(part.cell(row) for part in parts),
            *([share_cell(screen, row.total_share)] if wide else []),
            gain_cell(screen, row),
            *([name_cell(row.qualname, row.kind)] if wide else []),
            location_cell(report, row.file, row.line),
            Cell(source.line(row.file, row.line), "dim"),
        ]
        for row in rows
    ]
    return table(screen, columns, cells)


def total_and_name(screen: Screen, row: Row) -> list[Cell]:
    return [share_cell(screen, row.total_share), name_cell(row.qualname, row.kind)]


def block_of(lines: list[str], qualname: str) -> list[str]:
    """Those of the function that begins with the first of them."""
    from inspect import getblock

    if qualname == "<module>" or not lines:
        return lines
    try:
        return [line.removesuffix("\n") for line in getblock([f"{line}\n" for line in lines])]
    except (SyntaxError, tokenize.TokenError):
        return lines[:1]


class Sources:
    """Lines of source files as they were when the profile was made."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.made_ns = report.number("created_unix_ns")
        self.lines_of: dict[str, list[str]] = {}

    def line(self, file: str, number: int) -> str:
        lines = self.lines(file)
        return printable(lines[number - 1].strip()) if 0 < number <= len(lines) else ""

    def lines(self, file: str) -> list[str]:
        """As they are, not safe to print; none when the file is gone or newer."""
        path = full_path(self.report, file)
        if path not in self.lines_of:
            self.lines_of[path] = self._read(path)
        return self.lines_of[path]

    def block(self, file: str, first_line: int, qualname: str) -> list[str]:
        """The lines of the function that begins there; none when that is past the end."""
        return block_of(self.lines(file)[max(first_line, 1) - 1 :], qualname)

    def _read(self, path: str) -> list[str]:
        try:
            if not os.path.isfile(path) or os.stat(path).st_mtime_ns > self.made_ns:
                return []
            with open(path, encoding="utf-8", errors="replace") as stream:
                return stream.read(SOURCE_BYTES).split("\n")
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return []
