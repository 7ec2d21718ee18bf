"""Pictures of the lab's page as SVG: curves over n, bars. As wide as a phone, they grow with the
page; colours are those of the reader's system, light or dark."""

from __future__ import annotations

import itertools
import math
from html import escape

from tare._stats import Estimate
from tare.heap.growing import Growth, byte_ticks
from tare.lab import saying
from tare.lab.model import Bars, Chart, Curve, Picture, Steps
from tare.text import printable

WIDE, HIGH = 380, 240
LEFT, RIGHT, TOP, BOTTOM = 58, 20, 10, 36
LEGEND = 16  # a line of it
BAR_HIGH, BAR_STEP = 16, 44
MOST_TICKS = 6


def svg(picture: Picture) -> str:
    if isinstance(picture, Steps):
        return steps(picture.growth)
    return bars(picture) if isinstance(picture, Bars) else chart(picture)


def frame(title: str, height: float, parts: list[str]) -> str:
    return (
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height:.0f}" '
        f'role="img"><title>{escape(printable(title))}</title>\n' + "\n".join(parts) + "\n</svg>"
    )


def steps(growth: Growth) -> str:
    """Size over items, both from 0."""
    base, room = HIGH - BOTTOM, WIDE - RIGHT - 8 - LEFT

    def place(items: float, size: float) -> str:
        up = (base - TOP) * size / max(growth.bytes, 1)
        return f"{LEFT + room * items / max(growth.n, 1):.1f},{base - up:.1f}"

    corners = [place(0, growth.steps[0].bytes)]
    for before, step in itertools.pairwise(growth.steps):
        corners += [place(step.items, before.bytes), place(step.items, step.bytes)]
    corners.append(place(growth.n, growth.bytes))
    parts = [line("axis", LEFT, base, WIDE - RIGHT, base)]
    for height in byte_ticks(growth.bytes):
        y = base - (base - TOP) * height / max(growth.bytes, 1)
        parts.append(line("grid", LEFT, y, WIDE - RIGHT, y))
        parts.append(words(LEFT - 6, y + 4, saying.size(height), "end"))
    for part, anchor in ((0.0, "middle"), (0.5, "middle"), (1.0, "end")):
        parts.append(words(LEFT + room * part, base + 14, f"{growth.n * part:,.0f}", anchor))
    parts.append(words((LEFT + WIDE - RIGHT) / 2, HIGH - 6, "items", "middle"))
    parts.append(f'<polyline class="line c0" points="{" ".join(corners)}"/>')
    return frame(growth.summary(), HIGH, parts)


class Scale:
    """A logarithmic axis from one place to another."""

    def __init__(self, values: list[float], begin: float, end: float) -> None:
        self.low, self.high = math.log10(min(values)), math.log10(max(values))
        if self.high - self.low < 0.3:  # all of a size
            middle = (self.low + self.high) / 2
            self.low, self.high = middle - 0.15, middle + 0.15
        self.begin, self.end = begin, end

    def place(self, value: float) -> float:
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + part * (self.end - self.begin)

    def powers(self) -> list[float]:
        """Powers of ten on it, not too many."""
        first, last = math.ceil(self.low), math.floor(self.high)
        step = max(1, math.ceil((last - first + 1) / MOST_TICKS))
        return [10.0**power for power in range(first, last + 1, step)]


def chart(found: Chart) -> str:
    ns = [n for curve in found.curves for n, _ in curve.points]
    times = [time.value for curve in found.curves for _, time in curve.points]
    across = Scale(ns, LEFT + 8, WIDE - RIGHT - 8)
    up = Scale(times, HIGH - BOTTOM - 6, TOP + 6)
    parts = [*grid(across, up, sorted(set(ns)), found.across)]
    for index, curve in enumerate(found.curves):
        parts += drawn(curve, across, up, index)
        parts.append(legend(curve.label, index, HIGH + LEGEND * index + 8))
    return frame(found.title, HIGH + LEGEND * len(found.curves) + 4, parts)


def grid(across: Scale, up: Scale, ns: list[float], name: str) -> list[str]:
    base = HIGH - BOTTOM
    parts = [line("axis", LEFT, base, WIDE - RIGHT, base)]
    for value in up.powers():
        y = up.place(value)
        parts.append(line("grid", LEFT, y, WIDE - RIGHT, y))
        parts.append(words(LEFT - 6, y + 4, tick(value), "end"))
    for n in ns:
        parts.append(words(across.place(n), base + 14, f"{n:,.0f}", "middle"))
    parts.append(words((LEFT + WIDE - RIGHT) / 2, HIGH - 6, name, "middle"))
    return parts


def tick(ns: float) -> str:
    """A power of ten."""
    number, _, unit = saying.duration(ns).partition(" ")
    return f"{float(number):g} {unit}"


def drawn(curve: Curve, across: Scale, up: Scale, index: int) -> list[str]:
    corners = [(across.place(n), up.place(time.value)) for n, time in sorted(curve.points)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    parts = [f'<polyline class="line c{index}" points="{path}"/>']
    for n, time in curve.points:
        x, y = across.place(n), up.place(time.value)
        if time.low > 0 and math.isfinite(time.high):
            low, high = (min(max(up.place(end), TOP), HIGH - BOTTOM) for end in time[1:])
            parts.append(line(f"bound c{index}", x, low, x, high))
        title = f"{curve.label}, {n:,.0f}: {saying.duration(time.value)}"
        parts.append(
            f'<circle class="point c{index}" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
            f"<title>{escape(title)}</title></circle>"
        )
    return parts


def legend(label: str, index: int, y: float) -> str:
    mark = f'<rect class="bar c{index}" x="{LEFT}" y="{y - 9:.0f}" width="10" height="10" rx="2"/>'
    return mark + words(LEFT + 16, y, label, "start")


def bars(found: Bars) -> str:
    most = max(top(estimate) for _, estimate in found.bars)
    room = WIDE - 2 * RIGHT - 64
    parts = []
    for index, (label, estimate) in enumerate(found.bars):
        y = TOP + index * BAR_STEP
        wide = room * estimate.value / most
        parts.append(words(RIGHT, y + 10, label, "start"))
        parts.append(
            f'<rect class="bar c0" x="{RIGHT}" y="{y + 15}" width="{wide:.1f}" '
            f'height="{BAR_HIGH}" rx="2"/>'
        )
        middle = y + 15 + BAR_HIGH / 2
        ends = [RIGHT + room * end / most for end in (max(0.0, estimate.low), top(estimate))]
        parts.append(line("bound plain", ends[0], middle, ends[1], middle))
        at = max(RIGHT + wide, ends[1]) + 6
        parts.append(words(at, middle + 4, amount(estimate.value, found.unit), "start"))
    return frame(found.title, TOP + BAR_STEP * len(found.bars), parts)


def top(estimate: Estimate) -> float:
    return estimate.high if math.isfinite(estimate.high) else estimate.value


def amount(value: float, unit: str) -> str:
    return saying.duration(value) if unit == "ns" else f"{saying.digits(value)}x"


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def words(x: float, y: float, text: str, anchor: str) -> str:
    said = escape(printable(text))
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{said}</text>'
