"""What is in memory, as tables: objects by type, what holds most, what the numbers leave out."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from tare.cli.ordering import CENSUS
from tare.heap import Census, Row, Snapshot
from tare.render.layout import Cell, Column, heading, table, wrapped
from tare.render.terminal import Screen
from tare.render.units import count, percent, size
from tare.text import printable

LARGEST_ROWS = 5
WIDE_COLUMNS = 100

def census_page(
    screen: Screen, snapshot: Snapshot, census: Census, limit: int, sort: str
) -> list[Text]:
    """The heading, the table, the largest and what there is to say."""
    lines = [*title(screen, snapshot, census), Text()]
    rows = sorted(census.rows, key=CENSUS[sort])
    if rows:
        lines += [*census_table(screen, census, rows[:limit]), *rest(rows[limit:])]
    else:
        lines += wrapped(screen, ["Nothing came and nothing went."])
    if not census.is_difference:
        lines += largest_table(screen, snapshot)
    said = census.sentences()
    return [*lines, *([Text(), *wrapped(screen, said, "dim")] if said else [])]


def title(screen: Screen, snapshot: Snapshot, census: Census) -> list[Text]:
    meta = snapshot.meta
    what = printable(meta.get("target.command", "")) or "a program"
    kind = "What came and went in" if census.is_difference else "Heap of"
    made = meta.get("created_unix_ns", "")
    seconds = made[:-9]
    when = f"{datetime.fromtimestamp(int(seconds)):%Y-%m-%d %H:%M:%S}" if seconds.isdigit() else ""
    note = ", ".join(
        part
        for part in (
            f"pid {printable(meta['target.pid'])}" if "target.pid" in meta else "",
            f"Python {printable(meta['target.python'])}" if "target.python" in meta else "",
            when,
        )
        if part
    )
    sums = [
        f"{count(census.count, 'object')}, {size(abs(census.bytes))} asked for, "
        f"{size(abs(census.allocated_bytes))} as allocators round it."
    ]
    if census.is_difference:
        sums = [f"{census.count:+,} objects, {signed_size(census.bytes)}."]
    return [heading(screen, f"{kind} {what}", note), *wrapped(screen, sums)]


def signed_size(amount: int) -> str:
    return ("-" if amount < 0 else "+") + size(abs(amount))


def census_table(screen: Screen, census: Census, rows: list[Row]) -> list[Text]:
    wide = screen.columns >= WIDE_COLUMNS
    show_size = signed_size if census.is_difference else size
    whole = census.bytes
    columns = [
        Column("objects", align="right"),
        Column("bytes", align="right"),
        *([Column("share", align="right")] if not census.is_difference else []),
        *([Column("allocated", align="right")] if wide else []),
        Column(census.by, weight=1, tail=0.7),
    ]
    cells = [
        [
            Cell(f"{row.count:+,}" if census.is_difference else f"{row.count:,}"),
            Cell(show_size(row.bytes), "bold"),
            *([] if census.is_difference else [Cell(percent(row.bytes / whole if whole else 0))]),
            *([Cell(show_size(row.allocated_bytes))] if wide else []),
            Cell(printable(row.key) or "(no name)"),
        ]
        for row in rows
    ]
    return table(screen, columns, cells)


def rest(rows: list[Row]) -> list[Text]:
    if not rows:
        return []
    objects, amount = sum(row.count for row in rows), sum(row.bytes for row in rows)
    text = f"  and {count(len(rows), 'more row')}: {count(objects, 'object')}, {size(abs(amount))}"
    return [Text(text, "dim")]


def largest_table(screen: Screen, snapshot: Snapshot) -> list[Text]:
    """What goes if one object goes."""
    found = snapshot.largest(LARGEST_ROWS)
    if not found:
        return []
    columns = [
        Column("retained", align="right"),
        Column("type", weight=1),
        Column("held as", weight=3, tail=0.7),
    ]
    cells = [
        [
            Cell(size(one.retained_bytes), "bold"),
            Cell(printable(one.type)),
            Cell(printable(one.path)),
        ]
        for one in found
    ]
    return [Text(), heading(screen, "What holds most by itself"), *table(screen, columns, cells)]
