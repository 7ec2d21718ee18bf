"""A history as a picture: SVG by itself, or in a page with the tables. Nothing is loaded by it.

The colours are those of the reader's system, light or dark. Every measurement has a title that a
pointer over it shows.
"""

from __future__ import annotations

import math
from html import escape

from tare.comparing.history import Point, Series
from tare.render.history import (
    Scale,
    about,
    amount,
    commit_words,
    faster,
    moment,
    no_change,
    shown_interval,
    span_words,
)
from tare.text import printable

WIDE, HIGH = 900, 320
LEFT, RIGHT, TOP, BOTTOM = 90, 20, 16, 34
STEPS = 1000  # of the scale, far finer than a pixel
LABELS = 5
STYLE = """
svg { background: #fff; color: #222; font: 12px system-ui, sans-serif }
.grid { stroke: #ddd } .bound { stroke: #8aa } .mean { stroke: #287; stroke-width: 2 }
.point { fill: #15c } .slower { stroke: #b22 } .faster { stroke: #287 } .machine { stroke: #b80 }
.change { stroke-dasharray: 4 3 } text { fill: currentColor }
@media (prefers-color-scheme: dark) {
  svg { background: #16181c; color: #ddd } .grid { stroke: #333 } .bound { stroke: #688 }
  .mean { stroke: #5b9 } .point { fill: #7af } .slower { stroke: #f77 } .faster { stroke: #5b9 }
}
"""
PAGE_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 940px; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse } th, td { text-align: left; padding: .2em .8em .2em 0 }
svg { max-width: 100%; height: auto } .dim { opacity: .7 }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #ddd } }
"""


def page(all_series: list[Series]) -> str:
    """One HTML file."""
    title = escape(printable(all_series[0].name))
    sections = "\n".join(section(series) for series in all_series)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} - tare</title><style>{PAGE_STYLE}</style></head>\n"
        f"<body>\n<h1>{title}</h1>\n{sections}\n</body></html>\n"
    )


def section(series: Series) -> str:
    heads = ("changed", "commit", "before", "after", "", "last before")
    rows = [
        (
            moment(series.points[change.index].taken_unix_ns),
            commit_words(series.points[change.index]),
            amount(series, change.before),
            amount(series, change.after),
            faster(change.ratio.value)[1] + (" (machine)" if change.is_machines else ""),
            commit_words(series.points[change.index - 1]),
        )
        for change in series.changes
    ]
    table = f"<p>{escape(no_change(series))}</p>"
    if rows:
        table = f"<table>{row_of('th', heads)}{''.join(row_of('td', row) for row in rows)}</table>"
    intro = f'<p class="dim">{escape(about(series))}; {span_words(series.points)}</p>'
    return f"{intro}\n{picture(series)}\n{table}"


def row_of(tag: str, cells: tuple[str, ...]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>\n"


def picture(series: Series) -> str:
    """The chart as SVG, the same scale as in the terminal."""
    scale = Scale(series.points, STEPS)
    parts = [*grid(series, scale), *means(series, scale), *changes(series, scale)]
    parts += [mark(series, scale, index, point) for index, point in enumerate(series.points)]
    name = escape(printable(series.name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img">'
        f"<title>{name}: {escape(about(series))}</title><style>{STYLE}</style>\n"
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def x_of(series: Series, index: float) -> float:
    last = max(1, len(series.points) - 1)
    return LEFT + 8 + index * (WIDE - LEFT - RIGHT - 16) / last


def y_of(scale: Scale, value: float) -> float:
    part = (math.log(value) - scale.low) / (scale.high - scale.low)
    return TOP + (1 - part) * (HIGH - TOP - BOTTOM)


def grid(series: Series, scale: Scale) -> list[str]:
    found = []
    for number in range(LABELS):
        value = math.exp(scale.low + (number + 0.5) / LABELS * (scale.high - scale.low))
        y = y_of(scale, value)
        found.append(line("grid", LEFT, y, WIDE - RIGHT, y))
        found.append(words(LEFT - 8, y + 4, amount(series, value), "end"))
    first, last = series.points[0], series.points[-1]
    found.append(words(LEFT, HIGH - 10, f"{moment(first.taken_unix_ns)}", "start"))
    if len(series.points) > 1:
        found.append(words(WIDE - RIGHT, HIGH - 10, f"{moment(last.taken_unix_ns)}", "end"))
    return found


def means(series: Series, scale: Scale) -> list[str]:
    return [
        line("mean", x_of(series, first) - 4, y, x_of(series, past - 1) + 4, y)
        for first, past, mean in series.segments()
        for y in [y_of(scale, mean)]
    ]


def changes(series: Series, scale: Scale) -> list[str]:
    found = []
    for change in series.changes:
        word, text = faster(change.ratio.value)
        kind = "machine" if change.is_machines else word
        x = x_of(series, change.index - 0.5)
        found.append(line(f"change {kind}", x, TOP, x, HIGH - BOTTOM))
        found.append(words(x + 4, TOP + 10, text, "start"))
    return found


def mark(series: Series, scale: Scale, index: int, point: Point) -> str:
    x = x_of(series, index)
    low, high = shown_interval(point)
    title = (
        f"{moment(point.taken_unix_ns)}  {commit_words(point)}  {printable(point.label)}\n"
        f"{amount(series, point.value.value)} ({amount(series, low)} ... {amount(series, high)})"
    )
    bound = line("bound", x, y_of(scale, low), x, y_of(scale, high))
    circle = f'<circle class="point" cx="{x:.1f}" cy="{y_of(scale, point.value.value):.1f}" r="4"/>'
    return f"<g><title>{escape(title)}</title>{bound}{circle}</g>"


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def words(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
