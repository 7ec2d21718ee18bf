"""Heap against RSS: where the memory of the process is, when most was held and at the end.

What the program holds and what the process has of the machine's memory differ: allocators keep what
was freed, code and libraries are in memory too, and what was never touched is not. The parts add
up to RSS; the last of them is what no other accounts for, below zero when more was reserved than
touched. What nobody could ask at that moment is "not known".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich.text import Text

from tare.render import units
from tare.render.layout import Cell, Column, heading, table, wrapped
from tare.render.report import Report, number_in
from tare.render.terminal import Screen

MOMENTS = {"peak": "at the peak", "end": "at the end"}
UNKNOWN = "not known"


class Moment(NamedTuple):
    """What was known of one moment, by name."""

    amounts: dict[str, int]

    def __getitem__(self, name: str) -> int | None:
        return self.amounts.get(name)


def minus(whole: int | None, *parts: int | None) -> int | None:
    """Unless something of it is not known."""
    if whole is None or None in parts:
        return None
    return whole - sum(part for part in parts if part is not None)


def rest(at: Moment) -> int | None:
    used, free = at["malloc_used_bytes"], at["malloc_free_bytes"]
    return minus(at["rss_bytes"], at["arena_bytes"], used, free, at["file_bytes"])


class Part(NamedTuple):
    words: str
    amount: Callable[[Moment], int | None]
    style: str = ""


PARTS = (
    Part("asked for since it began, not freed", lambda at: at["live_bytes"], "bold"),
    Part("  small blocks, in pymalloc's arenas", lambda at: at["arena_used_bytes"]),
    Part("  free in these arenas", lambda at: minus(at["arena_bytes"], at["arena_used_bytes"])),
    Part("  malloc, in use", lambda at: minus(at["malloc_used_bytes"], at["own_bytes"])),
    Part("  malloc, free", lambda at: at["malloc_free_bytes"]),
    Part("  Tare's own tables", lambda at: at["own_bytes"]),
    Part("  files: code, libraries, mapped data", lambda at: at["file_bytes"]),
    Part("  the rest: stacks, other maps", rest),
    Part("= resident (RSS)", lambda at: at["rss_bytes"], "bold"),
)
SWAP = Part("swapped out", lambda at: at["swap_bytes"])


def find_moment(report: Report, name: str) -> Moment:
    prefix = f"memory.{name}."
    found = {key.removeprefix(prefix): value for key, value in report.meta.items()
             if key.startswith(prefix)}
    return Moment({key: int(number_in(value)) for key, value in found.items()})


def heap_against_rss(screen: Screen, report: Report) -> list[Text]:
    """Nothing where the file has none of it."""
    moments = {name: find_moment(report, name) for name in MOMENTS}
    known = [name for name, at in moments.items() if at.amounts]
    if not known:
        return []
    swapped = any(moments[name]["swap_bytes"] for name in known)
    columns = [Column("", weight=1), *(Column(MOMENTS[name], align="right") for name in known)]
    rows = [
        [Cell(part.words, part.style), *(amount_cell(part, moments[name]) for name in known)]
        for part in (*PARTS, *([SWAP] if swapped else []))
    ]
    said = [words for words in (when_asked(moments["peak"]), unused(moments["end"])) if words]
    return [
        Text(),
        heading(screen, "Heap against RSS"),
        *table(screen, columns, rows),
        *wrapped(screen, said, "dim"),
    ]


def amount_cell(part: Part, at: Moment) -> Cell:
    amount = part.amount(at)
    if amount is None:
        return Cell(UNKNOWN, "dim")
    sign = "-" if amount < 0 else ""
    return Cell(f"{sign}{units.size(abs(amount))}", part.style)


def when_asked(at: Moment) -> str:
    """The process cannot be asked at each new peak."""
    asked, peak = at["live_bytes"], at["peak_bytes"]
    if asked is None or not peak or asked >= peak:
        return ""
    return (
        f"Asked when {units.percent(asked / peak)} of the peak were held: not at each new one, "
        "which would take too long."
    )


def unused(at: Moment) -> str:
    """Arenas that cannot be given back although most of them is free."""
    whole, used = at["arena_bytes"], at["arena_used_bytes"]
    if not whole or used is None or used > whole / 2 or whole < 8 << 20:
        return ""
    return (
        f"{units.size(whole - used)} of the arenas are free, but a single small block keeps an "
        "arena of 1 MiB from going back to the system."
    )
