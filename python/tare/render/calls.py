"""Views of who calls whom, and of threads."""

from __future__ import annotations

from rich.text import Text

from tare._profile import Edge, Row, Thread, TreeRow
from tare.render import units
from tare.render.layout import Cell, Column, fit_columns, table, table_line
from tare.render.report import Report
from tare.render.tables import location_cell, more_rows, name_cell, share_cell, table_heading
from tare.render.terminal import Screen
from tare.text import printable

LEAST_TREE_SHARE = 0.01
MOST_DEPTH = 24  # deeper levels are not indented further
MOST_MATCHES = 10
NO_CALLER = "(nothing in Python)"


def tree(screen: Screen, report: Report, limit: int | None) -> list[Text]:
    rows = report.summary.tree(LEAST_TREE_SHARE)
    shown = list(zip(rows, guides(screen, rows), strict=True))[:limit]
    columns = [
        Column(" total"),
        Column("own", align="right"),
        Column("call", weight=3, tail=1.0),
        Column("file:line", weight=2, tail=1.0),
    ]
    cells = [
        [
            share_cell(screen, row.total_share),
            Cell(units.seconds(row.self_ns)),
            tree_cell(row, prefix),
            location_cell(report, row.file, row.first_line),
        ]
        for row, prefix in shown
    ]
    note = f"calls with less than {LEAST_TREE_SHARE:.0%} are left out"
    lines = [*table_heading(screen, report, "Call tree", note), *table(screen, columns, cells)]
    if len(shown) < len(rows):
        lines.append(more_rows(len(rows) - len(shown)))
    return lines


def tree_cell(row: TreeRow, prefix: str) -> Cell:
    """A name in parentheses without a file is one that Tare made."""
    kind = "python" if row.file or row.qualname[:1] != "(" else "synthetic"
    cell = name_cell(row.qualname, kind)
    cell.lead = prefix
    return cell


def guides(screen: Screen, rows: list[TreeRow]) -> list[str]:
    """The lines that lead from each row to its caller, drawn from the depths alone."""
    passing, child, last, dash = tuple(screen.symbols.guides)
    prefixes = []
    open_levels: set[int] = set()  # depths at which a sibling still follows
    for row in reversed(rows):
        depth = row.depth
        open_levels = {level for level in open_levels if level <= depth}
        marks = [passing + " " if level in open_levels else "  " for level in range(1, depth)]
        if depth:
            marks.append((child if depth in open_levels else last) + dash)
        open_levels.add(depth)
        cut = marks[-MOST_DEPTH:]
        prefixes.append((f"{depth - MOST_DEPTH}+ " if depth > MOST_DEPTH else "") + "".join(cut))
    return prefixes[::-1]


def neighbours(screen: Screen, report: Report, rows: list[Row], view: str) -> list[Text]:
    """For each function that fits: by whom it is called (callers), or whom it calls."""
    names = {row.id: row for row in report.functions()}
    edges = report.summary.edges()
    title = "Callers" if view == "callers" else "Calls"
    lines = table_heading(screen, report, title, "time of the call, with all it calls")
    for row in rows[:MOST_MATCHES]:
        found = [
            edge for edge in edges if row.id == (edge.callee if view == "callers" else edge.caller)
        ]
        lines += [Text(), function_line(screen, report, row)]
        lines += edge_lines(screen, report, found, names, view)
    if len(rows) > MOST_MATCHES:
        more = units.count(len(rows) - MOST_MATCHES, "more function")
        lines += [Text(), Text(f"{more} fit; ask for one by its full name", "dim")]
    return lines


def function_line(screen: Screen, report: Report, row: Row) -> Text:
    location = location_cell(report, row.file, row.first_line)
    columns = [Column("", weight=1, tail=1.0, style="bold cyan"), Column("", weight=1, tail=1.0)]
    cells = [name_cell(row.qualname, row.kind), location]
    cells[0].style = ""  # the column's
    return table_line(screen, columns, fit_columns(columns, [cells], screen.columns), cells, 0)


def edge_lines(
    screen: Screen, report: Report, edges: list[Edge], names: dict[int, Row], view: str
) -> list[Text]:
    if not edges:
        return [Text("  calls nothing in Python", "dim")]
    columns = [
        Column("called by" if view == "callers" else "calls"),
        Column("time", align="right"),
        Column("function", weight=2, tail=1.0),
        Column("file:line", weight=3, tail=1.0),
    ]
    cells = []
    for edge in edges:
        other_id = edge.caller if view == "callers" else edge.callee
        other = None if other_id is None else names.get(other_id)
        cells.append(
            [
                share_cell(screen, edge.total_share),
                Cell(units.seconds(edge.total_ns)),
                name_cell(other.qualname, other.kind) if other else Cell(NO_CALLER, "dim"),
                location_cell(report, other.file, other.first_line) if other else Cell(""),
            ]
        )
    return table(screen, columns, cells)


def threads(screen: Screen, report: Report) -> list[Text]:
    """What each thread did, most time first; a block of lines for each process."""
    words = {metric.name: metric.words for metric in report.profile.metrics}
    by_process: dict[str, list[Thread]] = {}
    for thread in report.profile.threads():
        by_process.setdefault(thread.labels.get("process", "?"), []).append(thread)
    lines = table_heading(screen, report, "Threads", "all waiting counts here")
    for process, members in by_process.items():
        lines += [Text(), Text(f"Process {printable(process)}", "bold")]
        lines += thread_lines(screen, members, words)
    return lines


def thread_lines(screen: Screen, members: list[Thread], words: dict[str, str]) -> list[Text]:
    columns = [
        Column("thread", weight=1),
        Column("state"),
        Column("time", align="right"),
        Column("share", align="right"),
    ]
    cells = []
    for thread in members:
        main = " (main)" if thread.labels.get("main") == "1" else ""
        name = Cell(printable(thread.labels.get("thread", "?")) + main, "cyan")
        for state, ns in sorted(thread.states.items(), key=lambda item: -item[1]):
            share = Cell(units.percent(ns / thread.wall_ns), "bold")
            cells.append([name, Cell(words[state]), Cell(units.seconds(ns)), share])
            name = Cell("")
    return table(screen, columns, cells)
