"""Columns, wrapped sentences, headings and bars, as lines of rich Text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from rich.text import Text

from tare.render.terminal import Screen
from tare.text import shorten, width

INDENT = 2
GAP = 2
LEAST_TEXT = 12  # columns of a text that something leads up to
LEAST_WIDTH = 4  # of a column that gives way


class Column:
    """One column of a table. A column with weight shares what the others leave over."""

    __slots__ = ("align", "style", "tail", "title", "weight")

    def __init__(
        self,
        title: str,
        *,
        align: str = "left",
        weight: int = 0,
        tail: float = 0.5,
        style: str = "",
    ) -> None:
        self.title = title
        self.align = align
        self.weight = weight
        self.tail = tail
        self.style = style


class Cell:
    """Text that is safe to print, with what colours or links it.

    What leads up to the text, such as the lines of a tree, is not cut with it; text that is
    whole is never cut.
    """

    __slots__ = ("lead", "link", "style", "text", "whole")

    def __init__(
        self, text: str, style: str = "", link: str = "", *, lead: str = "", whole: bool = False
    ) -> None:
        self.text = text
        self.style = style
        self.link = link
        self.lead = lead
        self.whole = whole

    def width(self) -> int:
        return width(self.lead) + width(self.text)

    def fit(self, columns: int, tail: float, ellipsis: str) -> str:
        """In so many columns; the lead gives way before the text is gone."""
        needed = width(self.text) if self.whole else min(width(self.text), LEAST_TEXT)
        lead = _cut_lead(self.lead, columns - needed)
        return lead + shorten(self.text, columns - width(lead), tail, ellipsis)


def _cut_lead(lead: str, columns: int) -> str:
    """Its last columns: they lead to the text."""
    return lead if width(lead) <= columns else lead[len(lead) - max(0, columns) :]


def pad(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))


def fit_columns(columns: list[Column], rows: list[list[Cell]], room: int) -> list[int]:
    """The width of each column; only those with weight give way, and only what may be cut."""
    widths = [
        max([width(column.title)] + [row[index].width() for row in rows])
        for index, column in enumerate(columns)
    ]
    free = room - GAP * (len(columns) - 1)
    free -= sum(wide for wide, column in zip(widths, columns, strict=True) if not column.weight)
    elastic = [index for index, column in enumerate(columns) if column.weight]
    weight = sum(columns[index].weight for index in elastic)
    floors = {
        index: max([LEAST_WIDTH] + [width(row[index].text) for row in rows if row[index].whole])
        for index in elastic
    }
    if sum(floors.values()) > free:  # the columns without such text may vanish
        floors = {index: wide if wide > LEAST_WIDTH else 0 for index, wide in floors.items()}
    later = sum(floors.values())  # what the columns that follow need at least
    for index in sorted(elastic, key=lambda index: widths[index] / columns[index].weight):
        later -= floors[index]
        share = min(free * columns[index].weight // weight, free - later)
        widths[index] = max(floors[index], min(widths[index], share))
        free -= widths[index]
        weight -= columns[index].weight
    return widths


def table(screen: Screen, columns: list[Column], rows: list[list[Cell]]) -> list[Text]:
    """A header line and a line per row, no wider than the screen."""
    widths = fit_columns(columns, rows, screen.columns - INDENT)
    header = [Cell(column.title, "dim") for column in columns]
    return [table_line(screen, columns, widths, cells) for cells in (header, *rows)]


def table_line(
    screen: Screen,
    columns: list[Column],
    widths: list[int],
    cells: list[Cell],
    indent: int = INDENT,
) -> Text:
    line = Text(" " * indent)
    for index, (column, wide, cell) in enumerate(zip(columns, widths, cells, strict=True)):
        if index:
            line.append(" " * GAP)
        text = cell.fit(wide, column.tail, screen.symbols.ellipsis)
        style = cell.style or column.style
        if cell.link and screen.links():
            style = f"{style} link {cell.link}".strip()
        space = " " * (wide - width(text))
        line.append(space if column.align == "right" else "")
        line.append(text, style)
        line.append(space if column.align != "right" else "")
    line.rstrip()
    return line


def heading(screen: Screen, title: str, note: str = "") -> Text:
    """A section's title, with a remark at the right where it fits."""
    line = Text.assemble((title, "bold"))
    space = screen.columns - width(title) - width(note)
    if note and space >= GAP:
        line.append(" " * space)
        line.append(note, "dim")
    return line


def wrapped(
    screen: Screen, sentences: Iterable[str], style: str = "", indent: int = INDENT
) -> list[Text]:
    """Each sentence on lines of its own, indented."""
    room = screen.columns - indent
    return [
        Text(" " * indent + line, style)
        for sentence in sentences
        for line in textwrap.wrap(sentence, room, break_on_hyphens=False, break_long_words=False)
    ]


def bar(screen: Screen, share: float, columns: int) -> str:
    """share of the columns, in steps of what the stream's symbols allow."""
    blocks = screen.symbols.blocks
    steps = round(min(max(share, 0.0), 1.0) * columns * len(blocks))
    full, part = divmod(steps, len(blocks))
    return blocks[-1] * full + (blocks[part - 1] if part else "")


def show(screen: Screen, lines: Iterable[Text]) -> None:
    for line in lines:
        line.rstrip()
        screen.console.print(line)
