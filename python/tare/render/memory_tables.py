"""The tables of a profile of memory: what was held when, and who allocated it.

Amounts are the bytes that the program asked for, each where it was allocated, whoever freed it.
Where blocks were sampled, amounts are estimates, and how far they may be off stands beside them.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.text import Text

from tare._profile import AllocRow, AllocSums, AllocTreeRow
from tare.render import sentences, units
from tare.render.calls import MOST_MATCHES, NO_CALLER
from tare.render.layout import Cell, Column, fit_columns, heading, table, table_line, wrapped
from tare.render.memory_chart import over_time
from tare.render.memory_moments import heap_against_rss
from tare.render.report import Report
from tare.render.tables import (
    HOT_SHARE,
    LONG_COLUMNS,
    NARROW_COLUMNS,
    WIDE_COLUMNS,
    Sources,
    location_cell,
    more_rows,
    name_cell,
)
from tare.render.terminal import Screen
from tare.render.trace_tables import branches
from tare.text import printable, shorten, width

LEAST_TREE_SHARE = 0.01
PEAK_ROWS, OTHER_ROWS = 8, 5  # of the tables that are shown without being asked for
NEXT_SHARE = 0.10  # of the peak, to be worth a look
ALL_FREED = 0.001  # of the peak: so little at the end that it is no leak worth a table
UNITS = {"bytes": units.size, "count": lambda amount: f"{amount:,.0f}"}


class Amount(NamedTuple):
    """A column: what it is called here and in --sort, and what it is of."""

    title: str
    metric: str
    words: str

    def of(self, sums: AllocSums) -> int:
        found: int = getattr(sums, self.metric)
        return found

    def cell(self, sums: AllocSums, whole: AllocSums | None = None) -> Cell:
        amount = self.of(sums)
        hot = whole is not None and amount >= HOT_SHARE * self.of(whole) > 0
        said = UNITS[self.metric.rpartition("_")[2]](amount) if amount else ""
        return Cell(said, "bold" if hot else "")


PEAK = Amount("peak", "peak_bytes", "what was held at the peak")
LIVE = Amount("live", "live_bytes", "what was held at the end")
ALLOCATED = Amount("allocated", "alloc_bytes", "what was allocated")
FREED = Amount("freed", "freed_bytes", "what was freed of it")
BLOCKS = Amount("blocks", "alloc_count", "the number of blocks allocated")
TEMPORARY = Amount("temporary", "temporary_bytes", "what was freed before the next was allocated")
AMOUNTS = (PEAK, LIVE, ALLOCATED, FREED, BLOCKS, TEMPORARY)
BY_TITLE = {amount.title: amount for amount in AMOUNTS}


def amount_of(sort_key: str) -> Amount:
    """What the views show that show one amount: that of --sort, else the peak."""
    return BY_TITLE.get(sort_key, PEAK)


def columns_shown(screen: Screen, sort_key: str) -> list[Amount]:
    """All where there is room; else the most important, and what the order is by."""
    if screen.columns >= WIDE_COLUMNS:
        return list(AMOUNTS)
    shown = (PEAK, LIVE, ALLOCATED) if screen.columns >= NARROW_COLUMNS else (PEAK, ALLOCATED)
    return [amount for amount in AMOUNTS if amount in shown or amount.title == sort_key]


# ---- rows ----


def function_table(
    screen: Screen, report: Report, rows: list[AllocRow], sort_key: str
) -> list[Text]:
    """Own amounts; and with all that was called, of the amount that matters."""
    amounts, main = columns_shown(screen, sort_key), amount_of(sort_key)
    whole = report.allocations.sums
    columns = [Column(amount.title, align="right") for amount in amounts]
    columns.append(Column(f"total {main.title}", align="right"))
    columns += [Column("function", weight=1, tail=1.0), Column("file:line", weight=1, tail=1.0)]
    cells = [
        [
            *(amount.cell(row.own, whole) for amount in amounts),
            main.cell(row.total),
            name_cell(row.qualname, row.kind),
            location_cell(report, row.file, row.first_line),
        ]
        for row in rows
    ]
    return table(screen, columns, cells)


def line_table(
    screen: Screen, report: Report, rows: list[AllocRow], amounts: list[Amount], share: bool
) -> list[Text]:
    """What lines allocated themselves; with the first amount's share when that is asked for."""
    sources, whole = Sources(report), report.allocations.sums
    long = screen.columns >= LONG_COLUMNS
    columns = [Column(amounts[0].title, align="right")]
    columns += [Column("share", align="right")] if share else []
    columns += [Column(amount.title, align="right") for amount in amounts[1:]]
    columns += [Column("function", weight=2, tail=1.0)] if long else []
    columns += [Column("file:line", weight=3, tail=1.0), Column("source", weight=4, tail=0.0)]
    cells = []
    for row in rows:
        first, *others = (amount.cell(row.own, whole) for amount in amounts)
        part = amounts[0].of(row.own) / max(1, amounts[0].of(whole))
        place = location_cell(report, row.file, row.line)
        name = name_cell(row.qualname, row.kind)
        cells.append(
            [
                first,
                *([Cell(units.percent(part))] if share else []),
                *others,
                *([name] if long else []),
                place if place.text else (Cell("") if long else name),
                Cell(sources.line(row.file, row.line), "dim"),
            ]
        )
    return table(screen, columns, cells)


def largest(rows: list[AllocRow], amount: Amount, most: int) -> list[AllocRow]:
    """Those with most of it of their own."""
    known = [row for row in rows if amount.of(row.own)]
    return sorted(known, key=lambda row: -amount.of(row.own))[:most]


# ---- the whole ----


def headline(report: Report) -> str:
    """412 MiB at the peak, 12.3 MiB at the end; 1.21 GiB in 3,210,456 blocks allocated."""
    sums = report.allocations.sums
    error = f" ({SIGN}{units.size(sums.alloc_error_bytes)})" if sums.sample_count else ""
    return (
        f"{units.size(sums.peak_bytes)} held at the peak, {units.size(sums.live_bytes)} at the "
        f"end; {units.size(sums.alloc_bytes)}{error} in {units.count(sums.alloc_count, 'block')} "
        "allocated"
    )


SIGN = "±"


def title(screen: Screen, report: Report) -> list[Text]:
    """The command, what it took, and where."""
    command = printable(report.subject)
    first = heading(screen, shorten(command, screen.columns, 0.3, screen.symbols.ellipsis))
    second = headline(report).replace(SIGN, screen.symbols.plus_minus)
    third = sentences.circumstances(report)
    if third and width(second) + width(third) + 2 <= screen.columns:
        return [first, Text(f"{second}. {third}")]
    return [first, *wrapped(screen, [second], indent=0), *wrapped(screen, [third], "dim", 0)]


def table_heading(screen: Screen, report: Report, title: str, note: str = "") -> list[Text]:
    """What the table is, and of which run."""
    said = headline(report).replace(SIGN, screen.symbols.plus_minus)
    return [heading(screen, title, note), *wrapped(screen, [said], "dim", 0)]


def at_peak(screen: Screen, report: Report) -> list[Text]:
    rows = largest(report.allocated_lines(), PEAK, PEAK_ROWS)
    count = Amount("blocks", "peak_count", "")
    note = f"{units.size(report.allocations.sums.peak_bytes)} in all, by the line that allocated"
    return section(screen, report, "Held at the peak", note, rows, [PEAK, count])


def gross(screen: Screen, report: Report) -> list[Text]:
    rows = largest(report.allocated_lines(), ALLOCATED, OTHER_ROWS)
    amounts = [ALLOCATED, FREED, TEMPORARY, BLOCKS]
    if screen.columns < NARROW_COLUMNS:
        amounts = [ALLOCATED, BLOCKS]
    note = "temporary: freed before the next was allocated"
    return section(screen, report, "Allocated", note, rows, amounts)


def at_end(screen: Screen, report: Report) -> list[Text]:
    """What nobody freed, when that is more than crumbs."""
    sums = report.allocations.sums
    if sums.live_bytes <= ALL_FREED * sums.peak_bytes:
        said = f"Nearly all was freed: {units.size(sums.live_bytes)} at the end."
        return [Text(), heading(screen, "Held at the end"), *wrapped(screen, [said], "dim")]
    rows = largest(report.allocated_lines(), LIVE, OTHER_ROWS)
    count = Amount("blocks", "live_count", "")
    note = f"{units.size(sums.live_bytes)} in all; {when_it_ended(report)}"
    return section(screen, report, "Held at the end", note, rows, [LIVE, count])


def when_it_ended(report: Report) -> str:
    if report.partial:
        return "as of the last write"
    if report.text("target.mode") == "run":
        return "not freed when the program ended"
    return "not freed when measuring ended"


def section(
    screen: Screen,
    report: Report,
    title: str,
    note: str,
    rows: list[AllocRow],
    amounts: list[Amount],
) -> list[Text]:
    if not rows:
        return []
    top = [Text(), heading(screen, title, note)]
    return [*top, *line_table(screen, report, rows, amounts, share=True)]


def cost(screen: Screen, report: Report) -> list[Text]:
    """What measuring cost, what is estimated, and what the file lacks."""
    said = [*processes(report), *sampled(screen, report), *bookkeeping(report)]
    said += sentences.imported(report)
    said += [*losses(report), *([sentences.cut_off(report)] if report.partial else [])]
    return [Text(), *wrapped(screen, said, "dim")] if said else []


def processes(report: Report) -> list[str]:
    """Their peaks are at different times; and the first alone is looked at from outside."""
    count = report.number("process_count")
    if count <= 1:
        return []
    return [
        f"Of {count:,.0f} processes, each at its own peak and at its own end, added up. Over time "
        "and against RSS it is the first of them."
    ]


def sampled(screen: Screen, report: Report) -> list[str]:
    sums, mean_bytes = report.allocations.sums, report.number("memory.sample_bytes")
    if not mean_bytes:
        return []
    return [
        f"Sampled: one block in {units.size(mean_bytes)} on average, "
        f"{units.count(sums.sample_count, 'block')} looked at. All amounts are estimates; "
        f"{screen.symbols.plus_minus}: 95% interval."
    ]


def bookkeeping(report: Report) -> list[str]:
    own_bytes = report.number("memory.peak.own_bytes")
    if not own_bytes:
        return []
    said = f"Measuring held {units.size(own_bytes)} of its own at the peak"
    return [f"{said}, which is in RSS and in nothing else."]


LOSSES = (
    ("memory.lost_count", "block or write", "blocks or writes", "lost: there was no memory"),
    ("memory.truncated_count", "stack", "stacks", "cut at the depth limit: (deeper)"),
)


def losses(report: Report) -> list[str]:
    """What is not in the profile although it was allocated."""
    said = []
    for key, noun, plural, words in LOSSES:
        if report.number(key):
            said.append(f"{units.count(report.number(key), noun, plural)} {words}.")
    said += unheard(report)
    forks = report.number("memory.fork_count")
    unmeasured = forks + 1 - report.number("process_count")
    if forks and unmeasured > 0:
        processes = units.count(unmeasured, "forked process", "forked processes")
        said.append(f"{processes} not measured.")
    limit = report.number("memory.node_limit")
    if 0 < limit <= report.number("memory.path_count"):
        said.append(f"There were more paths than {limit:,}; the rest is in (overflow).")
    return said


def unheard(report: Report) -> list[str]:
    """Whether another tool has put back the allocators that were there before it, and so before
    Tare, while Tare measured."""
    count = report.number("memory.unheard_count")
    if not count:
        return []
    where = f" in {units.count(count, 'process', 'processes')}"
    return [
        f"Not heard to the end{where if report.number('process_count') > 1 else ''}: another tool, "
        "which was there first, left, and took Tare's hooks out with it, as tracemalloc.stop() "
        "does. What was allocated and freed after that is not known; start that tool after Tare, "
        "or leave it on."
    ]


def next_command(report: Report) -> str:
    """Who called what held most at the peak."""
    file = sentences.quote_file(report.path)
    least = NEXT_SHARE * report.allocations.sums.peak_bytes
    for row in largest(report.allocated_functions(), PEAK, PEAK_ROWS):
        if row.kind == "python" and row.qualname[:1] != "<" and PEAK.of(row.own) >= least:
            return f"tare report {file} --callers {sentences.quote_word(row.qualname)}"
    return f"tare report {file} --tree"


def overview(screen: Screen, report: Report, verbose: bool = False) -> list[Text]:
    """Everything at a glance: the answer to tare report of such a file."""
    lines = [*title(screen, report), *over_time(screen, report), *heap_against_rss(screen, report)]
    lines += [*at_peak(screen, report), *gross(screen, report), *at_end(screen, report)]
    if verbose:
        lines += [Text(), *kinds(screen, report)]
    lines += cost(screen, report)
    return [*lines, Text(), Text.assemble(("Next: ", "bold"), next_command(report))]


def kinds(screen: Screen, report: Report) -> list[Text]:
    """By allocator, thread or process: by whatever labels there are."""
    amounts = columns_shown(screen, "")
    columns = [Column(amount.title, align="right") for amount in amounts]
    columns.append(Column("of", weight=1))
    cells = []
    for kind in report.allocations.kinds():
        said = ", ".join(f"{key} {value}" for key, value in kind.labels.items() if key != "main")
        cells.append(
            [*(amount.cell(kind.sums) for amount in amounts), Cell(printable(said) or "(all)")]
        )
    return [heading(screen, "Kinds of memory"), *table(screen, columns, cells)]


# ---- views ----


def kinds_view(screen: Screen, report: Report) -> list[Text]:
    return [*title(screen, report), Text(), *kinds(screen, report)]


def neighbours(
    screen: Screen, report: Report, rows: list[AllocRow], view: str, amount: Amount
) -> list[Text]:
    """For each function that fits: who called it (callers), or whom it called."""
    names = {row.id: row for row in report.allocated_functions()}
    note = f"{amount.words}, with all that was called"
    lines = table_heading(screen, report, "Callers" if view == "callers" else "Calls", note)
    for row in rows[:MOST_MATCHES]:
        pairs = (
            report.allocations.pairs(amount.metric, callee=row.id)
            if view == "callers"
            else report.allocations.pairs(amount.metric, caller=row.id)
        )
        others = [pair.caller if view == "callers" else pair.callee for pair in pairs]
        amounts = [pair.amount for pair in pairs]
        lines += [Text(), function_line(screen, report, row)]
        lines += neighbour_lines(screen, report, [names.get(other) for other in others], amounts,
                                 view, amount)
    if len(rows) > MOST_MATCHES:
        more = units.count(len(rows) - MOST_MATCHES, "more function")
        lines += [Text(), Text(f"{more} fit; ask for one by its full name", "dim")]
    return lines


def function_line(screen: Screen, report: Report, row: AllocRow) -> Text:
    location = location_cell(report, row.file, row.first_line)
    columns = [Column("", weight=1, tail=1.0), Column("", weight=1, tail=1.0)]
    name = name_cell(row.qualname, row.kind)
    name.style = "bold cyan"
    cells = [name, location]
    return table_line(screen, columns, fit_columns(columns, [cells], screen.columns), cells, 0)


def neighbour_lines(
    screen: Screen,
    report: Report,
    others: list[AllocRow | None],
    amounts: list[int],
    view: str,
    amount: Amount,
) -> list[Text]:
    if not others:
        return [Text("  nothing in Python", "dim")]
    say = UNITS[amount.metric.rpartition("_")[2]]
    whole = max(1, amount.of(report.allocations.sums))
    columns = [
        Column(amount.title, align="right"),
        Column("share", align="right"),
        Column("called by" if view == "callers" else "calls", weight=2, tail=1.0),
        Column("file:line", weight=3, tail=1.0),
    ]
    cells = [
        [
            Cell(say(number)),
            Cell(units.percent(number / whole), "bold" if number >= HOT_SHARE * whole else ""),
            name_cell(other.qualname, other.kind) if other else Cell(NO_CALLER, "dim"),
            location_cell(report, other.file, other.first_line) if other else Cell(""),
        ]
        for other, number in zip(others, amounts, strict=True)
    ]
    return table(screen, columns, cells)


def tree(
    screen: Screen, report: Report, amount: Amount, most: int, least_share: float
) -> list[Text]:
    """The call tree: of what has so large a share the largest rows, no more than most."""
    rows, fit = report.allocations.tree(amount.metric, least_share, most)
    say = UNITS[amount.metric.rpartition("_")[2]]
    columns = [
        Column("share", align="right"),
        Column(f"total {amount.title}", align="right"),
        Column("own", align="right"),
        Column("call", weight=3, tail=1.0),
        Column("file:line", weight=2, tail=1.0),
    ]
    cells = [
        [
            Cell(units.percent(row.share), "bold" if row.share >= HOT_SHARE else ""),
            Cell(say(row.total)),
            Cell(say(row.own) if row.own else ""),
            tree_cell(row, prefix),
            location_cell(report, row.file if row.kind == "python" else "", row.first_line),
        ]
        for row, prefix in zip(rows, branches(screen, rows), strict=True)
    ]
    note = f"calls with less than {least_share:.0%} are left out" if least_share else ""
    lines = [
        *table_heading(screen, report, f"Call tree by {amount.words}", note),
        *table(screen, columns, cells),
    ]
    if len(rows) < fit:
        lines.append(more_rows(fit - len(rows)))
    return lines


def tree_cell(row: AllocTreeRow, prefix: str) -> Cell:
    cell = name_cell(row.qualname, row.kind)
    cell.lead = prefix
    return cell
