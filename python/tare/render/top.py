"""The live view: the last second beside the whole time watched."""

from __future__ import annotations

from rich.text import Text

from tare.render import sentences, units
from tare.render.layout import Cell, Column, heading, table
from tare.render.report import Report
from tare.render.tables import WIDE_COLUMNS, location_cell, name_cell, share_cell
from tare.render.terminal import Screen, rows_beside
from tare.text import printable, shorten, width

ROWS = 20
HEADER_LINES = 7


def view(screen: Screen, recent: Report, total: Report, hint: str = "") -> list[Text]:
    return [*head(screen, recent, total, hint), Text(), *functions(screen, recent, total)]


def head(screen: Screen, recent: Report, total: Report, hint: str) -> list[Text]:
    command = printable(total.text("target.command")) or f"pid {total.text('target.pid')}"
    room = screen.columns - len(hint) - 2
    watched = units.duration(total.summary.wall_ns)
    return [
        heading(screen, shorten(command, room, 0.3, screen.symbols.ellipsis), hint),
        Text(f"pid {printable(total.text('target.pid'))}, {sentences.circumstances(total)}", "dim"),
        use_line(screen, f"last {units.duration(recent.summary.wall_ns)}", recent),
        use_line(screen, f"all {watched}", total, "dim"),
    ]


def use_line(screen: Screen, when: str, report: Report, style: str = "") -> Text:
    """CPU and memory in use, then the largest states, as many as fit."""
    said = f"{when}: {use(report)}"
    for state in report.states[:3] or [None]:
        words = f"{state.words} {units.percent(state.share.value)}" if state else "nothing seen"
        if width(said) + width(words) + 2 <= screen.columns:
            said += f", {words}"
    return Text(said, style)


def use(report: Report) -> str:
    parts = []
    if report.summary.wall_ns:
        parts.append(f"CPU {report.summary.cpu_ns / report.summary.wall_ns:.2f}")
    memory = rss_bytes(report)
    if memory:
        parts.append(f"memory {units.size(memory)}")
    return ", ".join(parts)


def rss_bytes(report: Report) -> int:
    """The last point of every process that is still there."""
    series = [one for one in report.profile.series() if one.name == "rss_bytes" and one.times_ns]
    now_ns = max((one.times_ns[-1] for one in series), default=0)
    return sum(one.amounts[-1] for one in series if one.times_ns[-1] == now_ns)


def functions(screen: Screen, recent: Report, total: Report) -> list[Text]:
    """Hottest of the last second first; what cooled down follows from the whole."""
    now = [row for row in recent.functions() if row.self_ns > 0]
    current = {row.id: row for row in now}
    rest = [row for row in total.functions() if row.id not in current and row.self_ns > 0]
    whole = {row.id: row for row in total.functions()}
    columns = [
        Column(" last"),
        Column("  all"),
        Column("all total"),
        Column("function", weight=1, tail=1.0),
        Column("file:line", weight=1, tail=1.0),
    ]
    wide = screen.columns >= WIDE_COLUMNS
    rows = [*now, *rest][: min(ROWS, rows_beside(screen, HEADER_LINES))]
    cells = [
        [
            share_cell(screen, current[row.id].self_share) if row.id in current else Cell(""),
            share_cell(screen, whole[row.id].self_share),
            share_cell(screen, whole[row.id].total_share, with_interval=wide),
            name_cell(row.qualname, row.kind),
            location_cell(total, row.file, row.first_line),
        ]
        for row in rows
    ]
    return table(screen, columns, cells)
