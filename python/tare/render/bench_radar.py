"""Stones by kernel as a radar: an axis for each kernel, a polygon for each interpreter.

Axes are logarithmic: twice as quick is as far out as half as quick is further in. The circle of the
reference is thicker than the others. In the terminal it is made of Braille dots, two by four in a
cell; in a file it is SVG.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from itertools import groupby

from rich.text import Text

from tare.render.bench_tables import interval, machine_words, number
from tare.render.terminal import Screen
from tare.stones.measuring import REFERENCE_STONES, Result
from tare.stones.results import Findings
from tare.text import printable, width

INNER = 0.15  # of the radius, where the least value stands
COLUMNS, ROWS = 46, 21  # of the terminal's sketch
BRAILLE = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
STYLES = ("cyan", "yellow", "magenta", "green")
COLOURS = ("#0b5cad", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#0f766e", "#a16207", "#475569")
SIZE, RADIUS = 640, 215

Point = tuple[float, float]


class Scale:
    """From stones to the distance from the middle, 0 to 1; rings at powers of two of 1000."""

    def __init__(self, results: Sequence[Result]) -> None:
        values = [kernel.stones.value for one in results for kernel in one.kernels]
        logs = [math.log2(value / REFERENCE_STONES) for value in values]
        self.low = math.floor(min([0.0, *logs]) - 0.01)
        self.high = max(math.ceil(max([0.0, *logs])), self.low + 1)

    def radius(self, stones: float) -> float:
        log = math.log2(stones / REFERENCE_STONES)
        share = (log - self.low) / (self.high - self.low)
        return INNER + (1 - INNER) * min(max(share, 0.0), 1.0)

    def rings(self) -> list[float]:
        step = max(1, (self.high - self.low) // 5)
        first = self.low + (-self.low) % step  # so that 1000 is one of them
        return [REFERENCE_STONES * 2.0**log for log in range(first, self.high + 1, step)]


def corner(index: int, count: int, radius: float) -> Point:
    """Clockwise from the top."""
    angle = 2 * math.pi * index / count
    return radius * math.sin(angle), -radius * math.cos(angle)


def polygon(result: Result, scale: Scale) -> list[Point]:
    kernels = result.kernels
    return [
        corner(index, len(kernels), scale.radius(kernel.stones.value))
        for index, kernel in enumerate(kernels)
    ]


def sketch(screen: Screen, results: Sequence[Result]) -> list[Text]:
    """For a terminal with colours and Braille; nothing where interpreters are too many for it."""
    names = [kernel.name for kernel in results[0].kernels]
    fits = screen.columns >= COLUMNS + 2 * (max(map(width, names)) + 2)
    if not screen.colored or len(screen.symbols.levels) == 1 or not fits:
        return []
    if len(results) > len(STYLES) or len(names) < 3:
        return []
    scale = Scale(results)
    canvas = Canvas()
    for index in range(len(names)):
        canvas.line((0.0, 0.0), corner(index, len(names), 1.0), 0, sparse=True)
    canvas.ring(scale.radius(REFERENCE_STONES), 0)
    for index, result in enumerate(results):
        points = polygon(result, scale)
        for begin, end in zip(points, points[1:] + points[:1], strict=True):
            canvas.line(begin, end, index + 1)
    lines = canvas.lines()
    legend = Text("  ")
    for result, style in zip(results, STYLES, strict=False):
        legend.append(f"{printable(result.interpreter.name)}   ", style)
    legend.append(f"dotted: {REFERENCE_STONES:,.0f} stones", "dim")
    return [legend, *put_names(lines, names)]


class Canvas:
    """Dots in cells; what was drawn last gives a cell its colour."""

    def __init__(self) -> None:
        self.dots = [[0] * COLUMNS for _ in range(ROWS)]
        self.owner = [[0] * COLUMNS for _ in range(ROWS)]

    def put(self, point: Point, owner: int) -> None:
        x = round((point[0] + 1) / 2 * (2 * COLUMNS - 1))
        y = round((point[1] + 1) / 2 * (4 * ROWS - 1))
        self.dots[y // 4][x // 2] |= DOTS[y % 4][x % 2]
        self.owner[y // 4][x // 2] = owner

    def line(self, begin: Point, end: Point, owner: int, sparse: bool = False) -> None:
        steps = 2 * round(max(abs(end[0] - begin[0]) * COLUMNS, abs(end[1] - begin[1]) * 2 * ROWS))
        for step in range(0, steps + 1, 6 if sparse else 1):
            part = step / max(1, steps)
            x, y = (a + (b - a) * part for a, b in zip(begin, end, strict=True))
            self.put((x, y), owner)

    def ring(self, radius: float, owner: int) -> None:
        for step in range(120):
            self.put(corner(step, 120, radius), owner)

    def lines(self) -> list[Text]:
        styles = ("dim", *STYLES)
        lines = []
        for dots, owners in zip(self.dots, self.owner, strict=True):
            line = Text()
            cells = zip(dots, owners, strict=True)
            for owner, part in groupby(cells, key=lambda cell: cell[1]):
                line.append("".join(chr(BRAILLE + dot) if dot else " " for dot, _ in part),
                            styles[owner])
            lines.append(line)
        return lines


def put_names(lines: list[Text], names: list[str]) -> list[Text]:
    """Names at the ends of their axes: left and right of the row where the axis ends."""
    left = {}
    right = {}
    for index, name in enumerate(names):
        x, y = corner(index, len(names), 1.0)
        row = round((y + 1) / 2 * (ROWS - 1))
        side = right if x >= -1e-9 else left
        while row in side and row < ROWS - 1:
            row += 1
        side[row] = name
    wide = max(map(width, names))
    placed = []
    for row, line in enumerate(lines):
        before = Text(f"  {left.get(row, ''):>{wide}} ", "dim")
        placed.append(Text.assemble(before, line, (f" {right.get(row, '')}", "dim")))
    return placed


def svg(results: Sequence[Result]) -> str:
    """The picture alone, which needs nothing beside it; dark where the reader's system is."""
    scale = Scale(results)
    names = [kernel.name for kernel in results[0].kernels]
    height = SIZE + 24 * len(results)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="14">',
        "<title>Stones by kernel</title>",
        "<style>.frame{stroke:#8a929c;fill:none}.words{fill:#4b525b}.back{fill:#fff}"
        "@media(prefers-color-scheme:dark){.frame{stroke:#5d646d}.words{fill:#c7ccd2}"
        ".back{fill:#15171a}}</style>",
        f'<rect class="back" width="{SIZE}" height="{height}"/>',
        *(ring_part(scale, stones) for stones in scale.rings()),
        *(axis_part(index, len(names), name) for index, name in enumerate(names)),
        *(polygon_part(result, scale, index) for index, result in enumerate(results)),
        *(legend_part(result, index) for index, result in enumerate(results)),
        "</svg>",
    ]
    return "\n".join(parts)


def ring_part(scale: Scale, stones: float) -> str:
    radius = RADIUS * scale.radius(stones)
    wide = 2 if stones == REFERENCE_STONES else 0.5
    middle = SIZE / 2
    return (
        f'<circle class="frame" cx="{middle}" cy="{middle}" r="{radius:.1f}" '
        f'stroke-width="{wide}"/><text class="words" font-size="11" x="{middle + 4}" '
        f'y="{middle - radius - 3:.1f}">{number(stones)}</text>'
    )


def axis_part(index: int, count: int, name: str) -> str:
    x, y = corner(index, count, RADIUS)
    label_x, label_y = corner(index, count, RADIUS + 22)
    words = escape(printable(name))
    anchor = "middle" if abs(x) < 1 else "start" if x > 0 else "end"
    middle = SIZE / 2
    return (
        f'<line class="frame" stroke-width="0.5" x1="{middle}" y1="{middle}" '
        f'x2="{middle + x:.1f}" y2="{middle + y:.1f}"/><text class="words" text-anchor="{anchor}" '
        f'x="{middle + label_x:.1f}" y="{middle + label_y + 5:.1f}">{words}</text>'
    )


def polygon_part(result: Result, scale: Scale, index: int) -> str:
    middle = SIZE / 2
    points = " ".join(
        f"{middle + RADIUS * x:.1f},{middle + RADIUS * y:.1f}" for x, y in polygon(result, scale)
    )
    colour = COLOURS[index % len(COLOURS)]
    return (
        f'<polygon points="{points}" fill="{colour}" fill-opacity="0.10" stroke="{colour}" '
        'stroke-width="2.5" stroke-linejoin="round"/>'
    )


def figure(result: Result) -> str:
    if result.stones is None:
        return "never steady"
    return f"{number(result.stones.value)} stones ({interval(result.stones)})"


def legend_part(result: Result, index: int) -> str:
    y = SIZE + 24 * index
    colour = COLOURS[index % len(COLOURS)]
    words = escape(printable(f"{result.interpreter.name}: {figure(result)}"))
    return (
        f'<rect x="60" y="{y - 11}" width="14" height="14" rx="3" fill="{colour}"/>'
        f'<text class="words" x="82" y="{y + 1}">{words}</text>'
    )


PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tarestones</title>
<meta name="viewport" content="width=device-width">
<style>:root{{color-scheme:light dark}}body{{max-width:760px;margin:32px auto;padding:0 16px;\
font:15px/1.5 system-ui,sans-serif}}table{{border-collapse:collapse;font-variant-numeric:\
tabular-nums}}th,td{{padding:3px 14px 3px 0;text-align:right;border-bottom:1px solid #8884}}\
th:first-child{{text-align:left}}svg{{width:100%}}p{{opacity:.75}}</style></head>
<body><h1>Tarestones</h1>
{picture}
<div style="overflow-x:auto"><table><thead><tr><th>kernel</th>{heads}</tr></thead>
<tbody>{rows}</tbody></table></div>
<p>{machine}</p></body></html>
"""


def html(findings: Findings) -> str:
    results = findings.results
    heads = "".join(f"<th>{escape(printable(one.interpreter.name))}</th>" for one in results)
    figures = "".join(f"<td><b>{figure(one)}</b></td>" for one in results)
    rows = [f"<tr><th>all</th>{figures}</tr>"]
    for index, kernel in enumerate(results[0].kernels):
        cells = "".join(f"<td>{number(one.kernels[index].stones.value)}</td>" for one in results)
        rows.append(f"<tr><th>{escape(printable(kernel.name))}</th>{cells}</tr>")
    return PAGE.format(
        picture=svg(results), heads=heads, rows="\n".join(rows),
        machine=escape(machine_words(findings)),
    )
