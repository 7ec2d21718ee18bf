"""What tare advise --scale says: how the whole grows, and which functions and lines grow faster."""

from __future__ import annotations

import linecache
import os

from rich.text import Text

from tare._stats import Estimate
from tare.advising.scaling import MOST_LINES, Growth, Scaling, order
from tare.render import units
from tare.render.layout import Cell, Column, heading, table, wrapped
from tare.render.terminal import Screen
from tare.text import display_path, printable, shorten

WIDE_COLUMNS = 110
MOST_FUNCTIONS = 12
TIMES_SHOWN = 3  # sizes with a column each, where there is no room for all


def page(screen: Screen, found: Scaling) -> list[Text]:
    label = shorten(printable(found.subject.label()), screen.columns, 0.3, screen.symbols.ellipsis)
    runs = units.count(found.rounds, "run")
    return [
        heading(screen, label),
        Text(f"n = {', '.join(f'{n:,}' for n in found.sizes)}; {runs} of each; own time", "dim"),
        Text(),
        *growth_table(screen, found),
        Text(),
        *wrapped(screen, sentences(found), indent=0),
    ]


def growth_table(screen: Screen, found: Scaling) -> list[Text]:
    sizes = found.sizes if screen.columns >= WIDE_COLUMNS else found.sizes[-TIMES_SHOWN:]
    columns = [
        *(Column(f"{n:,}", align="right") for n in sizes),
        Column("n to the", align="right"),
        Column("grows"),
        Column("function", weight=2, tail=1.0),
        Column("where", weight=2, tail=0.7),
    ]
    whole = "whole call" if found.subject.is_function else "whole program"
    rows = [growth_cells(screen, found.whole, len(sizes), whole, "")]
    if found.whole.exponent is None:
        rows[0][len(sizes) + 1] = Cell(factor(found), "dim")
    for growth in found.functions[:MOST_FUNCTIONS]:
        name = printable(growth.qualname)
        rows.append(growth_cells(screen, growth, len(sizes), name, place(growth)))
        if growth.steep:
            rows += [line_cells(screen, line, len(sizes)) for line in lines_of(found, growth)]
    return table(screen, columns, rows)


def lines_of(found: Scaling, function: Growth) -> list[Growth]:
    key = function.file, function.qualname
    return [line for line in found.lines if (line.file, line.qualname) == key][:MOST_LINES]


def place(growth: Growth) -> str:
    return f"{printable(display_path(growth.file, os.getcwd()))}:{growth.line}"


def growth_cells(screen: Screen, growth: Growth, shown: int, name: str, where: str) -> list[Cell]:
    style = "bold red" if growth.steep else ""
    return [
        *(Cell(units.duration(ns)) for ns in growth.times_ns[-shown:]),
        Cell(exponent(screen, growth.exponent), style),
        Cell(order(growth.exponent), style),
        Cell(name, "cyan" if where else "bold"),
        Cell(where),
    ]


def line_cells(screen: Screen, line: Growth, shown: int) -> list[Cell]:
    return [
        *(Cell(units.duration(ns), "dim") for ns in line.times_ns[-shown:]),
        Cell(exponent(screen, line.exponent), "dim"),
        Cell(order(line.exponent), "dim"),
        Cell(f"  {line.line}", "dim"),
        Cell(source_of(line), "dim"),
    ]


def source_of(growth: Growth) -> str:
    return printable(linecache.getline(growth.file, growth.line).strip())


def factor(found: Scaling) -> str:
    """What the last step in size did to the whole."""
    ratio = found.whole.times_ns[-1] / found.whole.times_ns[-2]
    return f"{units.ratio(ratio)} for {found.sizes[-1] / found.sizes[-2]:.3g}x"


def exponent(screen: Screen, estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    half = (estimate.high - estimate.low) / 2
    return f"{estimate.value:.1f} {screen.symbols.plus_minus}{half:.1f}"


def sentences(found: Scaling) -> list[str]:
    steep = found.steep
    if not steep:
        largest = f"{found.sizes[-1]:,}"
        return [f"Nothing that takes time grows clearly faster than n, up to n = {largest}."]
    said = []
    for growth in steep:
        name = f"{printable(growth.qualname)} ({place(growth)})"
        part = units.percent(growth.share)
        sentence = f"{name} is {order(growth.exponent)}: {part} of the time at {found.sizes[-1]:,}"
        later = later_ns(growth)
        if later is not None:
            sentence += f", about {units.duration(later)} at {10 * found.sizes[-1]:,}"
        lines = lines_of(found, growth)
        if lines:
            sentence += f"; most of it in line {lines[0].line}"
        said.append(sentence + ".")
        said += [
            f"Line {match.line}: {printable(match.message)} [{match.rule.id}]."
            for match in found.hints
            if (match.file, match.function) == (growth.file, growth.qualname)
        ]
    return said


def later_ns(growth: Growth) -> float | None:
    """What its power foretells for ten times the largest size."""
    return growth.times_ns[-1] * 10**growth.exponent.value if growth.exponent else None
