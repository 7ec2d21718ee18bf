"""The tables of a profile of lines, in the layout that users of line_profiler know.

Time is with everything that a line called, and its share is of the function's, as there. Beside
it stands what only Tare knows, where it says something: the time without the functions whose
lines are measured too, the time suspended, CPU time, and how far times may be off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich.text import Text

from tare._profile import LineFunction, LineRow, LineThread
from tare.render import sentences, units
from tare.render.layout import (
    GAP,
    INDENT,
    Cell,
    Column,
    fit_columns,
    heading,
    table,
    table_line,
    wrapped,
)
from tare.render.report import Report, number_in
from tare.render.tables import (
    HOT_SHARE,
    NARROW_COLUMNS,
    Sources,
    block_of,
    location_cell,
    name_cell,
)
from tare.render.terminal import Screen
from tare.render.trace_tables import duration, error_cell
from tare.text import printable, shorten, width

CONTENTS = "Line Contents"  # the title that line_profiler gives it
LEAST_CONTENTS = 24  # columns of it, before a column of ours is left out
TAB_COLUMNS = 4
RED_SHARE, YELLOW_SHARE, DIM_SHARE = 0.20, 0.05, 0.01  # of the function's time
MOST_NAMES = 8
THREAD_ROWS = 8


class Extra(NamedTuple):
    """A column that not every function has, between line_profiler's own and the contents."""

    title: str
    cell: Callable[[Screen, LineRow], Cell]
    says: Callable[[Screen, LineRow], bool]


def time_cell(screen: Screen, ns: float) -> Cell:
    return Cell(duration(screen, ns) if ns else "")


def self_differs(screen: Screen, row: LineRow) -> bool:
    return duration(screen, row.self_ns) != duration(screen, row.inclusive_ns)


def error_says(_: Screen, row: LineRow) -> bool:
    return error_cell(row).text[:1] not in ("", "<")


# What comes first stays longest where there is little room.
SELF = Extra("self", lambda screen, row: Cell(duration(screen, row.self_ns)), self_differs)
AWAIT = Extra(
    "await",
    lambda screen, row: time_cell(screen, row.suspended_ns),
    lambda _, row: row.suspended_ns > 0,
)
ERROR = Extra("±", lambda _, row: error_cell(row), error_says)
CPU = Extra("cpu", lambda screen, row: time_cell(screen, row.cpu_ns), lambda _, row: row.cpu_ns > 0)
EXTRAS = (SELF, AWAIT, ERROR, CPU)


class Block(NamedTuple):
    """The lines of a function's source, safe to print, from its first line on."""

    first_line: int
    texts: list[str]  # empty: its source could not be found

    def numbers(self, rows: list[LineRow]) -> list[int]:
        """All of its lines; and those measured, wherever they are."""
        known = range(self.first_line, self.first_line + len(self.texts))
        return sorted({*known, *(row.line for row in rows)})

    def text(self, number: int) -> str:
        index = number - self.first_line
        return self.texts[index] if 0 <= index < len(self.texts) else ""


class Table(NamedTuple):
    """What the lines of one function are shown with."""

    extras: list[Extra]
    per_hit: bool
    whole_ns: int


def find_lines(report: Report, sources: Sources, function: LineFunction) -> list[str]:
    """The source as it was measured; else from its file, when that is not newer."""
    lines = kept_lines(report, function)
    if not lines:
        lines = sources.block(function.file, function.first_line, function.qualname)
    return [line.removesuffix("\r") for line in lines]


def kept_lines(report: Report, function: LineFunction) -> list[str]:
    """Out of the block that is kept for it, or for what it stands in."""
    for first_line in range(function.first_line, 0, -1):
        kept = report.meta.get(f"source:{function.file}:{first_line}")
        lines = kept.removesuffix("\n").split("\n") if kept else []
        inner = lines[function.first_line - first_line :]
        if inner and first_line == function.first_line:
            return inner
        if inner:
            return block_of(inner, function.qualname)
    return []


def find_block(report: Report, sources: Sources, function: LineFunction) -> Block:
    return Block(function.first_line, outdent(find_lines(report, sources, function)))


def outdent(lines: list[str]) -> list[str]:
    """Without the indentation of the first line, tabs as columns, and safe to print."""
    wide = [line.expandtabs(TAB_COLUMNS) for line in lines]
    first = wide[0] if wide else ""
    indentation = first[: len(first) - len(first.lstrip(" "))]
    return [printable(line.removeprefix(indentation)) for line in wide]


def is_called(function: LineFunction) -> bool:
    return function.calls > 0 or bool(function.rows)


# ---- one function ----


def titles_of(screen: Screen, shape: Table) -> list[str]:
    per_hit = ["Per Hit"] if shape.per_hit else []
    ours = [screen.symbols.plus_minus if extra is ERROR else extra.title for extra in shape.extras]
    return ["Line #", "Hits", "Time", *per_hit, "% Time", *ours]


def cells_of(screen: Screen, shape: Table, row: LineRow) -> list[Cell]:
    """Without the contents."""
    style = heat(row.inclusive_ns, shape.whole_ns)
    share = row.inclusive_ns / shape.whole_ns if shape.whole_ns else 0.0
    per_hit = time_cell(screen, row.inclusive_ns / row.hits if row.hits else 0)
    return [
        Cell(str(row.line)),
        Cell(str(row.hits) if row.hits else ""),
        Cell(duration(screen, row.inclusive_ns), style),
        *([per_hit] if shape.per_hit else []),
        Cell(f"{share * 100:.1f}", style),
        *(extra.cell(screen, row) for extra in shape.extras),
    ]


def heat(ns: int, whole_ns: int) -> str:
    """The style of a share of the time."""
    share = ns / whole_ns if whole_ns else 0.0
    if share >= RED_SHARE:
        return "bold red"
    if share >= YELLOW_SHARE:
        return "yellow"
    return "dim" if share < DIM_SHARE else ""


def shape_of(screen: Screen, function: LineFunction) -> tuple[Table, list[Extra]]:
    """Which columns there is room for, and which were left out."""
    rows = function.rows
    extras = [extra for extra in EXTRAS if any(extra.says(screen, row) for row in rows)]
    shape = Table(extras, screen.columns >= NARROW_COLUMNS, function.inclusive_ns)
    while shape.extras and room_left(screen, shape, rows) < LEAST_CONTENTS:
        shape = shape._replace(extras=shape.extras[:-1])
    return shape, extras[len(shape.extras) :]


def room_left(screen: Screen, shape: Table, rows: list[LineRow]) -> int:
    """For the contents, beside all other columns."""
    widths = [width(title) for title in titles_of(screen, shape)]
    for row in rows:
        cells = cells_of(screen, shape, row)
        widths = [max(wide, cell.width()) for wide, cell in zip(widths, cells, strict=True)]
    return screen.columns - INDENT - sum(widths) - GAP * len(widths)


def line_table(screen: Screen, function: LineFunction, block: Block, shape: Table) -> list[Text]:
    """Every line of the block; blank where it never ran."""
    titles = titles_of(screen, shape)
    columns = [*(Column(title, align="right") for title in titles)]
    columns.append(Column(CONTENTS, weight=1, tail=0.0))
    measured = {row.line: row for row in function.rows}
    cells = []
    for number in block.numbers(function.rows):
        row, text = measured.get(number), block.text(number)
        if row is None:
            blank = [Cell("") for _ in titles[1:]]
            cells.append([Cell(str(number), "dim"), *blank, Cell(text, "dim")])
        else:
            style = heat(row.inclusive_ns, shape.whole_ns)
            cells.append([*cells_of(screen, shape, row), Cell(text, style)])
    return table(screen, columns, cells) if cells else []


def function_heading(screen: Screen, report: Report, function: LineFunction) -> Text:
    """The name, where it is, and what it took."""
    said = "never called"
    if is_called(function):
        said = f"Total time: {duration(screen, function.inclusive_ns)}"
        if self_differs(screen, function):
            said += f" (self {duration(screen, function.self_ns)})"
        said += f", {units.count(function.calls, 'call')}" if function.calls else ""
    columns = [Column("", weight=1, tail=1.0), Column("", weight=1, tail=1.0), Column("")]
    name = name_cell(function.qualname, function.kind)
    name.style = "bold cyan"
    cells = [name, location_cell(report, function.file, function.first_line), Cell(said, "bold")]
    return table_line(screen, columns, fit_columns(columns, [cells], screen.columns), cells, 0)


def function_lines(
    screen: Screen, report: Report, function: LineFunction, sources: Sources
) -> list[Text]:
    block = find_block(report, sources, function)
    shape, left_out = shape_of(screen, function)
    lines = [function_heading(screen, report, function)]
    if not block.texts:
        missing = location_cell(report, function.file, 0).text or "(no name)"
        said = f"Could not find file {missing} as it was when it was measured."
        lines += wrapped(screen, [said], "dim")
    lines += line_table(screen, function, block, shape)
    if left_out:
        names = ", ".join(titles_of(screen, shape._replace(extras=left_out))[-len(left_out) :])
        lines += wrapped(screen, [f"More columns on a wider screen: {names}"], "dim")
    return lines


# ---- the whole ----


def measured_words(report: Report) -> str:
    """2 functions, 31 hits in 2.31 s of wall time."""
    functions = units.count(len(report.line_functions()), "function")
    hits = units.count(report.line_sums.hits, "line begun", "lines begun")
    if "wall_ns" not in report.meta:
        return f"{functions}, {hits}"
    return f"{functions}, {hits} in {units.duration(report.summary.wall_ns)} of wall time"


def title(screen: Screen, report: Report) -> list[Text]:
    """The command, what was measured, and where."""
    command = printable(report.subject)
    first = heading(screen, shorten(command, screen.columns, 0.3, screen.symbols.ellipsis))
    second, third = measured_words(report), sentences.circumstances(report)
    if third and width(second) + width(third) + 2 <= screen.columns:
        return [first, Text(f"{second}. {third}")]
    return [first, *wrapped(screen, [second], indent=0), *wrapped(screen, [third], "dim", 0)]


def never_called(screen: Screen, report: Report, functions: list[LineFunction]) -> list[Text]:
    """In a line: their names, as many as fit into a few."""
    if not functions:
        return []
    names = [printable(function.qualname) for function in functions[:MOST_NAMES]]
    room = screen.columns - INDENT
    said = ", ".join(shorten(name, room // 2, 1.0, screen.symbols.ellipsis) for name in names)
    more = len(functions) - len(names)
    if more > 0:
        said += f" and {units.count(more, 'more function')}"
    return [Text(), *wrapped(screen, [f"Never called: {said}"], "dim")]


def columns_note(screen: Screen, shown: list[LineFunction]) -> list[str]:
    """What the columns that are not line_profiler's mean."""
    found = {extra.title for function in shown for extra in shape_of(screen, function)[0].extras}
    said = []
    if SELF.title in found:
        said.append("Time is with all that a line called, self without what is measured itself.")
    if AWAIT.title in found:
        said.append("await is time suspended in await or yield, in no other column.")
    if ERROR.title in found:
        sign = screen.symbols.plus_minus
        said.append(f"{sign} is what self may be off by; ?: more than half, it cannot be known.")
    return said


def cost(screen: Screen, report: Report, shown: list[LineFunction]) -> list[Text]:
    """What measuring cost, what the columns mean, and what the file lacks."""
    sums, said = report.line_sums, []
    if sums.raw_ns > sums.self_ns:
        removed_ns = sums.raw_ns - sums.self_ns
        said.append(
            f"Measuring took {duration(screen, removed_ns)} of the "
            f"{duration(screen, sums.raw_ns)} measured "
            f"({units.percent(removed_ns / sums.raw_ns)}); it is taken out of all times."
        )
    if fact(report, "calibrated") == "0":
        said.append("What measuring a line costs is not known: it is still in all times.")
    said += [*columns_note(screen, shown), *sentences.imported(report), *losses(report)]
    said += [sentences.cut_off(report)] if report.partial else []
    return [Text(), *wrapped(screen, said, "dim")] if said else []


def fact(report: Report, key: str) -> str:
    """What the engine says about itself, be it of lines alone or of all that it traces."""
    return report.text(f"lines.{key}") or report.text(f"trace.{key}")


def losses(report: Report) -> list[str]:
    """What is not in the profile although it ran."""
    said = []
    lost = number_in(fact(report, "lost_count")) + number_in(fact(report, "failed_count"))
    if lost:
        said.append(f"{units.count(lost, 'line or write', 'lines or writes')} lost.")
    forks = number_in(fact(report, "fork_count"))
    unmeasured = forks + 1 - report.number("process_count")
    if forks and unmeasured > 0:
        said.append(
            f"{units.count(unmeasured, 'forked process', 'forked processes')} not measured."
        )
    cut = number_in(fact(report, "cut_count"))
    if cut:
        said.append(
            f"{units.count(cut, 'forked process', 'forked processes')} ended by a signal: what "
            "came after the last write is missing."
        )
    return said


def next_command(report: Report) -> str:
    """The program without the cost of measuring lines: what did a change gain?"""
    again = sentences.start_again(report, "run")
    if again:
        return again
    return f"tare export {sentences.quote_file(report.path)} --to lprof"


def overview(
    screen: Screen,
    report: Report,
    functions: list[LineFunction],
    notes: list[str],
    most: int | None = None,
    verbose: bool = False,
) -> list[Text]:
    """Everything about these functions, at most so many of them in full."""
    called = [function for function in functions if is_called(function)]
    full = functions if verbose or not called else called
    shown, sources = full[:most], Sources(report)
    lines = [*title(screen, report), *wrapped(screen, notes, "dim")]
    for function in shown:
        lines += [Text(), *function_lines(screen, report, function, sources)]
    if not functions:
        lines += [Text(), Text("  Nothing that was chosen ran; tare trace lists what did.", "dim")]
    if len(shown) < len(full):
        more = units.count(len(full) - len(shown), "more function")
        lines += [Text(), Text(f"  {more}: --limit N", "dim")]
    if full is called:
        idle = [function for function in functions if not is_called(function)]
        lines += never_called(screen, report, idle)
    if len(report.profile.line_threads()) > 1:
        lines += [Text(), heading(screen, "Threads"), *threads(screen, report, THREAD_ROWS)]
    lines += cost(screen, report, shown)
    return [*lines, Text(), Text.assemble(("Next: ", "bold"), next_command(report))]


def threads_view(screen: Screen, report: Report) -> list[Text]:
    return [*title(screen, report), Text(), *threads(screen, report)]


def threads(screen: Screen, report: Report, most: int | None = None) -> list[Text]:
    """What the lines took in each thread, most time first."""
    rows = report.profile.line_threads()
    many = len({thread.labels.get("process") for thread in rows}) > 1
    columns = [Column(name, align="right") for name in ("hits", "self", "share")]
    columns += [Column("thread", weight=1), *([Column("process", weight=1)] if many else [])]
    whole_ns = report.line_sums.self_ns
    cells = [thread_cells(screen, row, whole_ns)[: len(columns)] for row in rows[:most]]
    lines = table(screen, columns, cells)
    if most is not None and len(rows) > most:
        more = units.count(len(rows) - most, "more thread")
        lines.append(Text(f"  {more}: --threads", "dim"))
    return lines


def thread_cells(screen: Screen, thread: LineThread, whole_ns: int) -> list[Cell]:
    main = " (main)" if thread.labels.get("main") == "1" else ""
    share = thread.self_ns / whole_ns if whole_ns else 0.0
    return [
        Cell(str(thread.hits)),
        Cell(duration(screen, thread.self_ns)),
        Cell(units.percent(share), "bold" if share >= HOT_SHARE else ""),
        Cell(printable(thread.labels.get("thread", "?")) + main, "cyan"),
        Cell(printable(thread.labels.get("process", "?"))),
    ]
