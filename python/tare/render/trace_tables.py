"""The tables of a trace, in the layout that users of cProfile know.

Times are exact counts of calls and measured durations, with the cost of measuring taken out;
percall is tottime by calls and cumtime by primitive calls, as in pstats. How far tottime may be off
for that is in a column of its own, as a part of it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from rich.text import Text

from tare._profile import Called, CallPair, CallRow, CallSums, CallThread, LineRow
from tare.render import sentences, units
from tare.render.calls import MOST_DEPTH, MOST_MATCHES
from tare.render.layout import Cell, Column, fit_columns, heading, table, table_line, wrapped
from tare.render.report import Report, full_path
from tare.render.tables import (
    HOT_SHARE,
    LONG_COLUMNS,
    NARROW_COLUMNS,
    WIDE_COLUMNS,
    location_cell,
    more_rows,
    name_cell,
)
from tare.render.terminal import Screen
from tare.text import display_path, printable, shorten, standard_name, width

PLACE = "filename:lineno(function)"  # the title that pstats gives it
LEAST_TREE_SHARE = 0.01
THREAD_ROWS = 8
NO_CALLER = "(nothing traced)"
MOST_ERROR = 0.5  # beyond this part of a time it is not known
LEAST_ERROR = 0.01  # below this part nobody cares
UNKNOWN = "?"


class Extra(NamedTuple):
    """A column that not every trace has, between pstats' own and the function."""

    title: str
    amount: Callable[[CallSums], int]
    words: Callable[[float, float], str]


RESUMES = Extra("resumes", lambda sums: sums.resumes, lambda number, _: f"{number:.0f}")
SUSPENDED = Extra("suspended", lambda sums: sums.suspended_ns, units.plain_seconds)
CPU = Extra("cpu", lambda sums: sums.cpu_ns, units.plain_seconds)
MEASURED = Extra("measured", lambda sums: sums.raw_ns, units.plain_seconds)


def extras_shown(
    screen: Screen, sums: list[CallSums], orders: tuple[str, ...] = (), verbose: bool = False
) -> list[Extra]:
    """What the table is ordered by; else what any row has, where there is room."""
    asked = {"resumptions": RESUMES, "time suspended": SUSPENDED, "CPU time": CPU}
    wanted = [asked[words] for words in orders if words in asked]
    if screen.columns >= WIDE_COLUMNS:
        wanted += [RESUMES, SUSPENDED, CPU]
    if screen.columns >= LONG_COLUMNS and verbose:
        wanted += [MEASURED]
    return [
        extra
        for extra in (RESUMES, SUSPENDED, CPU, MEASURED)
        if extra in wanted and any(extra.amount(row) for row in sums)
    ]


def counted(report: Report) -> str:
    """19 function calls (12 primitive calls) in 0.021 seconds."""
    sums = report.calls.sums
    recursive = sums.calls != sums.primitive_calls
    primitive = f" ({units.count(sums.primitive_calls, 'primitive call')})" if recursive else ""
    seconds = units.plain_seconds(sums.self_ns, sums.self_ns)
    return f"{units.count(sums.calls, 'function call')}{primitive} in {seconds} seconds"


def trace_heading(screen: Screen, report: Report, title: str, note: str = "") -> list[Text]:
    """What the table is, and of which run."""
    said = counted(report)
    command = printable(report.text("target.command"))
    room = screen.columns - width(said) - 2
    if not command or room < len("python"):
        return [heading(screen, title, note), *wrapped(screen, [said], "dim", 0)]
    command = shorten(command, room, 0.3, screen.symbols.ellipsis)
    return [heading(screen, title, note), Text(f"{said}: {command}", "dim")]


def title(screen: Screen, report: Report) -> list[Text]:
    """The command, what was counted, and where."""
    command = printable(report.subject)
    first = heading(screen, shorten(command, screen.columns, 0.3, screen.symbols.ellipsis))
    second, third = counted(report), sentences.circumstances(report)
    if third and width(second) + width(third) + 2 <= screen.columns:
        return [first, Text(f"{second}. {third}")]
    return [first, *wrapped(screen, [second], indent=0), *wrapped(screen, [third], "dim", 0)]


def place_cell(report: Report, name: str, file: str, line: int, kind: str) -> Cell:
    """FILE:LINE(NAME), the file as a person would say it, and where it leads."""
    location = location_cell(report, file if kind == "python" else "", line)
    shown = display_path(full_path(report, file), os.getcwd()) if location.text else file
    return Cell(printable(standard_name(name, shown, line, kind)), "", location.link)


def has_errors(screen: Screen, sums: list[CallSums]) -> bool:
    """Whether a column says how far times may be off: where that matters and there is room."""
    large = any(row.error_ns >= LEAST_ERROR * row.self_ns > 0 for row in sums)
    return large and screen.columns >= NARROW_COLUMNS


def is_unknown(sums: CallSums | LineRow) -> bool:
    """Is a time so much smaller than what was taken out around it that counting cannot know it?"""
    return sums.error_ns > MOST_ERROR * sums.self_ns


def error_cell(sums: CallSums | LineRow) -> Cell:
    if is_unknown(sums):
        return Cell(UNKNOWN, "yellow")
    part = sums.error_ns / sums.self_ns if sums.self_ns else 0.0
    return Cell(f"{part:.0%}" if part >= LEAST_ERROR else "<1%" if part else "")


def error_note(screen: Screen, sums: list[CallSums]) -> list[str]:
    """What the column of errors means."""
    if not has_errors(screen, sums):
        return []
    said = f"{screen.symbols.plus_minus} is what tottime may be off by, for the cost taken out."
    if any(map(is_unknown, sums)):
        said += f" {UNKNOWN}: more than half; counting cannot know it, tare run can."
    return [said]


def sums_cells(
    screen: Screen, sums: CallSums, whole_ns: int, extras: list[Extra], errors: bool
) -> list[Cell]:
    hot = "bold" if sums.self_ns >= HOT_SHARE * whole_ns > 0 else ""
    calls = str(sums.calls)
    if sums.calls != sums.primitive_calls:
        calls += f"/{sums.primitive_calls}"
    return [
        Cell(calls),
        Cell(units.plain_seconds(sums.self_ns, whole_ns), hot),
        *([error_cell(sums)] if errors else []),
        *per_call_cells(screen, sums.self_ns, sums.calls),
        Cell(units.plain_seconds(sums.total_ns, whole_ns)),
        *per_call_cells(screen, sums.total_ns, sums.primitive_calls),
        *(extra_cell(extra, sums, whole_ns) for extra in extras),
    ]


def extra_cell(extra: Extra, sums: CallSums, whole_ns: int) -> Cell:
    amount = extra.amount(sums)
    return Cell(extra.words(amount, whole_ns) if amount else "")


def per_call_cells(screen: Screen, ns: int, calls: int) -> list[Cell]:
    """None on a narrow screen."""
    if screen.columns < NARROW_COLUMNS:
        return []
    return [Cell(duration(screen, ns / calls) if calls else "")]


def duration(screen: Screen, ns: float) -> str:
    """In the signs that the stream has: an escape would take more columns."""
    return units.duration(ns).replace("µ", screen.symbols.micro)


def sums_columns(screen: Screen, extras: list[Extra], errors: bool) -> list[Column]:
    per_call = ["percall"] if screen.columns >= NARROW_COLUMNS else []
    error = [screen.symbols.plus_minus] if errors else []
    titles = ["ncalls", "tottime", *error, *per_call, "cumtime", *per_call]
    titles += [extra.title for extra in extras]
    return [*(Column(name, align="right") for name in titles), Column(PLACE, weight=1, tail=1.0)]


def color_names(lines: list[Text], names: list[str]) -> list[Text]:
    """The function in FILE:LINE(FUNCTION), which ends each line."""
    for line, name in zip(lines, names, strict=True):
        begin = len(line.plain) - len(printable(name)) - len("()")
        line.stylize("cyan", max(begin, line.plain.rfind("  ") + len("  ")))
    return lines


def function_table(
    screen: Screen,
    report: Report,
    rows: list[Called],
    orders: tuple[str, ...] = (),
    verbose: bool = False,
) -> list[Text]:
    sums = [row.sums for row in rows]
    extras, errors = extras_shown(screen, sums, orders, verbose), has_errors(screen, sums)
    whole_ns = report.calls.sums.self_ns
    cells = [
        [
            *sums_cells(screen, row.sums, whole_ns, extras, errors),
            place_cell(report, row.qualname, row.file, row.first_line, row.kind),
        ]
        for row in rows
    ]
    header, *lines = table(screen, sums_columns(screen, extras, errors), cells)
    return [header, *color_names(lines, [row.qualname for row in rows])]


def hidden_columns(screen: Screen, rows: list[Called], orders: tuple[str, ...]) -> list[Text]:
    """What these rows have and the screen has no room for."""
    sums = [row.sums for row in rows]
    shown = extras_shown(screen, sums, orders)
    hidden = [
        f"--sort {extra.title}"
        for extra in (RESUMES, SUSPENDED, CPU)
        if extra not in shown and any(extra.amount(row) for row in sums)
    ]
    return wrapped(screen, [f"More columns: {', '.join(hidden)}"], "dim") if hidden else []


def durations(screen: Screen, report: Report, rows: list[Called]) -> list[Text]:
    """How long calls took; of each only the number of binary digits is known."""
    known = [row for row in rows if row.durations is not None]
    if not known:
        said = "This trace has no durations of single calls: tare trace --durations keeps them."
        return [Text(), *wrapped(screen, [said], "dim")]
    titles = ["calls", "median", "90%", "99%", "max"]
    columns = [*(Column(name, align="right") for name in titles), Column(PLACE, weight=1, tail=1.0)]
    cells = []
    for row in known:
        assert row.durations is not None
        count, *quantiles = row.durations
        place = place_cell(report, row.qualname, row.file, row.first_line, row.kind)
        bounds = [Cell(below(screen, high)) for _, high in quantiles]
        cells.append([Cell(str(count)), *bounds, place])
    header, *lines = table(screen, columns, cells)
    note = "each less than that, by a factor of 2 at most"
    names = [row.qualname for row in known]
    return [
        Text(),
        heading(screen, "Durations of calls", note),
        header,
        *color_names(lines, names),
    ]


def below(screen: Screen, high_ns: int) -> str:
    return f"<{duration(screen, high_ns + 1)}"


def threads(screen: Screen, report: Report, most: int | None = None) -> list[Text]:
    """What each thread called, most time first."""
    rows = report.calls.threads()
    many = len({thread.labels.get("process") for thread in rows}) > 1
    titles = ["ncalls", "tottime", "share"]
    columns = [*(Column(name, align="right") for name in titles), Column("thread", weight=1)]
    if many:
        columns.append(Column("process", weight=1))
    cells = [
        thread_cells(thread, report.calls.sums.self_ns)[: len(columns)] for thread in rows[:most]
    ]
    lines = table(screen, columns, cells)
    if most is not None and len(rows) > most:
        more = units.count(len(rows) - most, "more thread")
        lines.append(Text(f"  {more}: --threads", "dim"))
    return lines


def thread_cells(thread: CallThread, whole_ns: int) -> list[Cell]:
    main = " (main)" if thread.labels.get("main") == "1" else ""
    share = thread.sums.self_ns / whole_ns if whole_ns else 0.0
    return [
        Cell(str(thread.sums.calls)),
        Cell(units.plain_seconds(thread.sums.self_ns, whole_ns)),
        Cell(units.percent(share), "bold" if share >= HOT_SHARE else ""),
        Cell(printable(thread.labels.get("thread", "?")) + main, "cyan"),
        Cell(printable(thread.labels.get("process", "?"))),
    ]


def cost(screen: Screen, report: Report, rows: list[Called]) -> list[Text]:
    """What measuring cost, how sure these rows are, and what the file lacks."""
    sums = report.calls.sums
    said = []
    if sums.raw_ns > sums.self_ns:
        removed_ns = sums.raw_ns - sums.self_ns
        said.append(
            f"Measuring took {duration(screen, removed_ns)} of the "
            f"{duration(screen, sums.raw_ns)} measured "
            f"({units.percent(removed_ns / sums.raw_ns)}); it is taken out of all times."
        )
    said += error_note(screen, [row.sums for row in rows])
    said += sentences.imported(report)
    said += [*losses(report), *([sentences.cut_off(report)] if report.partial else [])]
    return [Text(), *wrapped(screen, said, "dim")] if said else []


def losses(report: Report) -> list[str]:
    """What is not in the trace although it ran."""
    said = []
    lost = report.number("trace.lost_count") + report.number("trace.failed_count")
    if lost:
        said.append(f"{units.count(lost, 'call, name or write', 'calls, names or writes')} lost.")
    forks = report.number("trace.fork_count")
    untraced = forks + 1 - report.number("process_count")
    if forks and untraced > 0:
        said.append(f"{units.count(untraced, 'forked process', 'forked processes')} not traced.")
    cut = report.number("trace.cut_count")
    if cut:
        said.append(
            f"{units.count(cut, 'forked process', 'forked processes')} ended by a signal: what "
            "came after the last write is missing."
        )
    limit = report.number("trace.node_limit")
    if 0 < limit <= report.number("trace.path_count"):
        said.append(f"There were more paths than {limit:,}; the rest is in (overflow).")
    return said


def next_command(report: Report) -> str:
    """Who calls the hottest function of the program, when it is worth a look."""
    file = sentences.quote_file(report.path)
    least_ns = sentences.EASY_START * report.calls.sums.self_ns
    for row in report.called():
        if row.sums.self_ns < least_ns:
            break
        if row.kind == "python" and row.qualname[:1] != "<":
            return f"tare report {file} --callers {sentences.quote_word(row.qualname)}"
    return f"tare report {file} --tree"


def overview(
    screen: Screen,
    report: Report,
    rows: list[Called],
    orders: tuple[str, ...] = ("internal time",),
    notes: list[str] | None = None,
    most: int | None = None,
    verbose: bool = False,
) -> list[Text]:
    """Everything about these rows, at most so many of them: the answer to tare report TRACE."""
    shown = rows[:most]
    lines = [*title(screen, report), Text()]
    lines += wrapped(screen, [f"Ordered by: {', '.join(orders)}", *(notes or [])], "dim")
    lines += function_table(screen, report, shown, orders, verbose)
    if len(shown) < len(rows):
        lines.append(more_rows(len(rows) - len(shown)))
    lines += hidden_columns(screen, shown, orders)
    if verbose:
        lines += durations(screen, report, shown)
    if len(report.calls.threads()) > 1:
        lines += [Text(), heading(screen, "Threads"), *threads(screen, report, THREAD_ROWS)]
    lines += cost(screen, report, shown)
    return [*lines, Text(), Text.assemble(("Next: ", "bold"), next_command(report))]


def threads_view(screen: Screen, report: Report) -> list[Text]:
    return [*trace_heading(screen, report, "Threads"), *threads(screen, report)]


def neighbours(screen: Screen, report: Report, rows: list[Called], view: str) -> list[Text]:
    """For each function that fits: by whom it was called (callers), or whom it called."""
    names = {row.id: row for row in report.called()}
    lines = trace_heading(screen, report, "Callers" if view == "callers" else "Calls")
    for row in rows[:MOST_MATCHES]:
        pairs = (
            report.calls.pairs(callee=row.id)
            if view == "callers"
            else report.calls.pairs(caller=row.id)
        )
        lines += [Text(), function_line(screen, report, row, view)]
        lines += pair_lines(screen, report, pairs, names, view)
    if len(rows) > MOST_MATCHES:
        more = units.count(len(rows) - MOST_MATCHES, "more function")
        lines += [Text(), Text(f"{more} fit; ask for one by its full name", "dim")]
    return lines


def function_line(screen: Screen, report: Report, row: Called, view: str) -> Text:
    said = "was called by" if view == "callers" else "called"
    columns = [Column("", weight=1, tail=1.0, style="bold cyan"), Column("", style="dim")]
    place = place_cell(report, row.qualname, row.file, row.first_line, row.kind)
    cells = [place, Cell(said)]
    return table_line(screen, columns, fit_columns(columns, [cells], screen.columns), cells, 0)


def pair_lines(
    screen: Screen, report: Report, pairs: list[CallPair], names: dict[int, Called], view: str
) -> list[Text]:
    if not pairs:
        return [Text("  nothing traced", "dim")]
    sums = [pair.sums for pair in pairs]
    extras, errors = extras_shown(screen, sums), has_errors(screen, sums)
    whole_ns = report.calls.sums.self_ns
    cells, ends = [], []
    for pair in pairs:
        other_id = pair.caller if view == "callers" else pair.callee
        other = None if other_id is None else names.get(other_id)
        if other is None:
            place = Cell(NO_CALLER, "dim")
        else:
            place = place_cell(report, other.qualname, other.file, other.first_line, other.kind)
        ends.append(other.qualname if other else "")
        cells.append([*sums_cells(screen, pair.sums, whole_ns, extras, errors), place])
    header, *lines = table(screen, sums_columns(screen, extras, errors), cells)
    colored = [line for line, end in zip(lines, ends, strict=True) if end]
    color_names(colored, [end for end in ends if end])
    return [header, *lines]


def tree(screen: Screen, report: Report, most: int, least_share: float) -> list[Text]:
    """The call tree: of what has so large a share the hottest rows, no more than most."""
    rows, fit = report.calls.tree(least_share, most)
    whole_ns = report.calls.sums.self_ns
    narrow = screen.columns < NARROW_COLUMNS
    columns = [
        Column("share", align="right"),
        *([] if narrow else [Column("cumtime", align="right")]),
        Column("tottime", align="right"),
        Column("ncalls", align="right"),
        Column("call", weight=3, tail=1.0),
        Column("file:line", weight=2, tail=1.0),
    ]
    cells = [
        [
            Cell(units.percent(row.share), "bold" if row.share >= HOT_SHARE else ""),
            *([] if narrow else [Cell(units.plain_seconds(row.total_ns, whole_ns))]),
            Cell(units.plain_seconds(row.self_ns, whole_ns)),
            Cell(str(row.calls)),
            tree_cell(row, prefix),
            location_cell(report, row.file if row.kind == "python" else "", row.first_line),
        ]
        for row, prefix in zip(rows, branches(screen, rows), strict=True)
    ]
    note = f"calls with less than {least_share:.0%} are left out" if least_share else ""
    lines = [*trace_heading(screen, report, "Call tree", note), *table(screen, columns, cells)]
    if len(rows) < fit:
        lines.append(more_rows(fit - len(rows)))
    return lines


class Deep(Protocol):
    """A row of any call tree."""

    @property
    def depth(self) -> int: ...


def branches(screen: Screen, rows: Sequence[Deep]) -> list[str]:
    """The lines that lead to each row. They branch only where there is more than one call to show:

    a call that is its caller's only one stands right below it, without a branch, so that deep
    stacks stay readable.
    """
    passing, child, last, dash = tuple(screen.symbols.guides)
    prefixes = []
    open_levels: set[int] = set()  # at which a sibling still follows
    for level, alone in reversed(levels_of(rows)):
        open_levels = {other for other in open_levels if other <= level}
        led = level if alone else level - 1
        marks = [passing + " " if other in open_levels else "  " for other in range(1, led + 1)]
        if not alone and level:
            marks.append((child if level in open_levels else last) + dash)
        if not alone:
            open_levels.add(level)
        deeper = f"{level - MOST_DEPTH}+ " if level > MOST_DEPTH else ""
        prefixes.append(deeper + "".join(marks[-MOST_DEPTH:]))
    return prefixes[::-1]


def levels_of(rows: Sequence[Deep]) -> list[tuple[int, bool]]:
    """How many branches lead to each row, and whether it is the only call of its caller."""
    callers: list[int | None] = []
    path: list[int] = []
    for index, row in enumerate(rows):
        while path and rows[path[-1]].depth >= row.depth:
            path.pop()
        callers.append(path[-1] if path else None)
        path.append(index)
    counts = Counter(callers)
    levels: list[tuple[int, bool]] = []
    for caller in callers:
        if caller is None:
            levels.append((0, False))
            continue
        level = levels[caller][0]
        alone = counts[caller] == 1 and level > 0  # never as far left as what nothing called
        levels.append((level if alone else level + 1, alone))
    return levels


def tree_cell(row: CallRow, prefix: str) -> Cell:
    name = standard_name(row.qualname, "", 0, row.kind)
    cell = name_cell(name, row.kind)
    cell.lead = prefix
    return cell
