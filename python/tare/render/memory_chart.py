"""Memory over time, as a chart of a few lines.

    412 MiB ┤         ▂█▅                    filled: what the program had allocated
            ┤   ▁▃▅▆█████▇▅▃▂                dots: what the process had of the machine's memory
    0       ┤▁▂████████████████▁▁▁

A column of the chart is a part of the time and shows the highest in it, so that no peak is lost.
"""

from __future__ import annotations

import math

from rich.text import Text

from tare._profile import Series
from tare.render import units
from tare.render.layout import heading, pad
from tare.render.report import Report
from tare.render.terminal import Screen
from tare.text import width

ROWS = 5
MOST_COLUMNS = 100
HEAP, RSS = "heap_bytes", "rss_bytes"


def over_time(screen: Screen, report: Report) -> list[Text]:
    """Nothing where there are no points to draw, or only one."""
    series = {one.name: one for one in report.profile.series() if one.unit == "bytes"}
    heap, rss = series.get(HEAP), series.get(RSS)
    if heap is None or len(heap.times_ns) < 2:
        return []
    end_ns = max(heap.times_ns[-1], int(report.number("wall_ns")))
    note = f"filled: allocated; {screen.symbols.dot}: resident (RSS)" if rss else ""
    chart = draw(screen, heap, rss, end_ns)
    return [Text(), heading(screen, "Memory over time", note), *chart]


def draw(screen: Screen, heap: Series, rss: Series | None, end_ns: int) -> list[Text]:
    highest = max([*heap.amounts, *(rss.amounts if rss else [])])
    labels = [units.size(highest), *[""] * (ROWS - 2), units.size(0)]
    wide = max(map(width, labels))
    columns = min(screen.columns - wide - 4, MOST_COLUMNS)
    filled = highest_in_each(heap, end_ns, columns)
    dots = highest_in_each(rss, end_ns, columns) if rss else []
    lines = []
    for row, label in enumerate(labels):
        line = Text(f"  {' ' * (wide - width(label))}{label} ", "dim")
        for column in range(columns):
            append_cell(screen, line, ROWS - 1 - row, filled, dots, column, highest)
        lines.append(line)
    return [*lines, time_axis(screen, wide, columns, end_ns)]


def append_cell(
    screen: Screen,
    line: Text,
    row: int,
    filled: list[int],
    dots: list[int],
    column: int,
    highest: int,
) -> None:
    """The cell of that row, counted from below."""
    levels = screen.symbols.levels
    steps = steps_of(filled[column], highest, len(levels)) - row * len(levels)
    dot_row = (steps_of(dots[column], highest, 1) - 1) if dots and dots[column] else -1
    if steps > 0:
        line.append(levels[min(steps, len(levels)) - 1], "cyan")
    elif dot_row == row:
        line.append(screen.symbols.dot, "yellow")
    else:
        line.append(" ")


def steps_of(amount: int, highest: int, steps_a_row: int) -> int:
    """How many steps of the chart's height; of what is not nothing at least one."""
    return math.ceil(amount / max(1, highest) * ROWS * steps_a_row)


def highest_in_each(series: Series, end_ns: int, columns: int) -> list[int]:
    """The highest in each part of the time; where no point is, the amount before holds on."""
    found: list[int] = [-1] * columns
    last: list[int] = [-1] * columns
    for time_ns, amount in zip(series.times_ns, series.amounts, strict=True):
        column = min(columns - 1, time_ns * columns // max(1, end_ns))
        found[column] = max(found[column], amount)
        last[column] = amount
    before = 0
    for column in range(columns):
        if found[column] < 0:
            found[column] = before
        else:
            before = last[column]
    return found


def time_axis(screen: Screen, wide: int, columns: int, end_ns: int) -> Text:
    end = units.duration(end_ns).replace("µ", screen.symbols.micro)
    line = pad("0 s", max(0, columns - width(end))) + end
    return Text(f"  {' ' * wide} {line}", "dim")
