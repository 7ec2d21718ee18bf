"""What a block or a function took of memory; its lines, in the order of its source.

Amounts of a line are with all that it called: allocated while it was on the stack. What is freed
is counted where it had been allocated, so that in a loop every round counts, and

    Net == Allocated - Freed
"""

from __future__ import annotations

from types import CodeType

from rich.text import Text

from tare._profile import AllocRow
from tare.allocating import Memory
from tare.render import units
from tare.render.layout import Cell, Column, heading, table, wrapped
from tare.render.lines_tables import CONTENTS, Block, outdent
from tare.render.report import Report
from tare.render.tables import HOT_SHARE, NARROW_COLUMNS, Sources, location_cell
from tare.render.terminal import Screen
from tare.text import printable


def signed(amount: int) -> str:
    """+33.1 MiB; nothing is neither more nor less."""
    sign = "+" if amount > 0 else "-" if amount < 0 else ""
    return f"{sign}{units.size(abs(amount))}"


def figures(screen: Screen, memory: Memory, code: CodeType | None) -> list[Text]:
    """Before, after, peak and net, of the heap and of the process."""
    name = printable(code.co_qualname) if code else "this block"
    place = f"{printable(code.co_filename)}:{code.co_firstlineno}" if code else ""
    rss_before, rss_after = memory.rss_before_bytes, memory.rss_after_bytes
    rows = [
        ("before", units.size(memory.before_bytes), units.size(rss_before)),
        ("after", units.size(memory.after_bytes), units.size(rss_after)),
        ("peak", units.size(memory.peak_bytes), process_peak(memory)),
        ("net", signed(memory.net_bytes), signed(rss_after - rss_before)),
    ]
    columns = [Column(""), Column("heap", align="right"), Column("process (RSS)", align="right")]
    cells = [
        [Cell(words), Cell(heap, "bold"), Cell(process, "" if process != "not known" else "dim")]
        for words, heap, process in rows
    ]
    allocated = units.count(memory.alloc_count, "block")
    freed = units.count(memory.freed_count, "block")
    said = [
        f"Allocated {units.size(memory.alloc_bytes)} in {allocated}, "
        f"freed {units.size(memory.freed_bytes)} in {freed}."
    ]
    if memory.unknown_freed_count:
        blocks = units.count(memory.unknown_freed_count, "block")
        said.append(f"Freed too: {blocks} of before, whose size is not known.")
    top = heading(screen, f"Memory of {name}", place)
    return [top, *table(screen, columns, cells), *wrapped(screen, said, "dim")]


def process_peak(memory: Memory) -> str:
    peak = memory.rss_peak_bytes
    return "not known" if peak is None else units.size(peak)


def code_lines(screen: Screen, report: Report, code: CodeType) -> list[Text]:
    """The lines of a function, and of what is written inside it."""
    sources = Sources(report)
    block = Block(
        code.co_firstlineno,
        outdent(sources.block(code.co_filename, code.co_firstlineno, code.co_qualname)),
    )
    last = code.co_firstlineno + max(1, len(block.texts), *line_offsets(code))
    rows = {
        row.line: row
        for row in report.allocated_lines()
        if row.file == code.co_filename and code.co_firstlineno <= row.line < last
    }
    lines = [Text(), function_title(screen, report, code)]
    if not block.texts:
        lines += wrapped(screen, ["Its source could not be found."], "dim")
    lines += line_table(screen, block, rows)
    if any(row.total.alloc_error_bytes for row in rows.values()):
        lines += wrapped(screen, ["Amounts are estimates, from samples."], "dim")
    return lines


def line_offsets(code: CodeType) -> list[int]:
    """How far below the first line its own lines are, plus one."""
    lines = [line for _, _, line in code.co_lines() if line]
    return [line - code.co_firstlineno + 1 for line in lines]


def function_title(screen: Screen, report: Report, code: CodeType) -> Text:
    location = location_cell(report, code.co_filename, code.co_firstlineno).text
    note = "each line with all that it called; peak: held when most was"
    return heading(screen, f"{printable(code.co_qualname)}  {location}", note)


def line_table(screen: Screen, block: Block, rows: dict[int, AllocRow]) -> list[Text]:
    """Every line of the block; blank where nothing was allocated."""
    wide = screen.columns >= NARROW_COLUMNS
    titles = ["Line #", "Net", "Allocated", *(["Freed"] if wide else []), "Peak", "Count"]
    columns = [*(Column(title, align="right") for title in titles)]
    columns.append(Column(CONTENTS, weight=1, tail=0.0))
    whole = max([row.total.alloc_bytes for row in rows.values()] or [0])
    cells = []
    for number in sorted({*range(block.first_line, block.first_line + len(block.texts)), *rows}):
        text, row = block.text(number), rows.get(number)
        if row is None or not row.total.alloc_count:
            cells.append([Cell(str(number), "dim"), *(Cell("") for _ in titles[1:]), Cell(text)])
            continue
        sums = row.total
        style = "bold" if sums.alloc_bytes >= HOT_SHARE * whole else ""
        cells.append(
            [
                Cell(str(number)),
                Cell(signed(sums.alloc_bytes - sums.freed_bytes), style),
                Cell(units.size(sums.alloc_bytes), style),
                *([Cell(units.size(sums.freed_bytes))] if wide else []),
                Cell(units.size(sums.peak_bytes)),
                Cell(f"{sums.alloc_count:,}"),
                Cell(text, style),
            ]
        )
    return table(screen, columns, cells)
