"""How a container grows: its size against the number of items put into it, as steps.

A list does not get one slot with each append: it gets some more than it needs, seldom enough that
the copying does not matter. The steps are where it asked for memory again.

    print(tare.heap.growth(list, 10_000))
    tare.heap.growth(set, 10_000).to_html()     a page with the picture and the steps
"""

from __future__ import annotations

import html
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tare._heap import flat

SCHEMA = "tare.growth/1"
ROWS = 12
LEAST_COLUMNS, MOST_COLUMNS = 40, 100
EIGHTHS = " ▁▂▃▄▅▆▇█"
ASCII_EIGHTHS = "    ....#"
UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 72, 16, 16, 40
TICKS = 5
MOST_ROWS = 200  # of the steps in a page; the largest are the last


class Step(NamedTuple):
    """From this number of items on the container has this size."""

    items: int
    bytes: int


class Growth:
    """The steps of one container, and what they say."""

    def __init__(self, name: str, n: int, steps: list[Step]) -> None:
        self.name = name
        self.n = n
        self.steps = steps

    @property
    def points(self) -> list[tuple[int, int]]:
        """(items, bytes) for every number of items from 0 to n."""
        ends = [*(step.items for step in self.steps[1:]), self.n + 1]
        return [
            (items, step.bytes)
            for step, end in zip(self.steps, ends)
            for items in range(step.items, end)
        ]

    @property
    def bytes(self) -> int:
        """The size with all items."""
        return self.steps[-1].bytes

    @property
    def resize_count(self) -> int:
        return len(self.steps) - 1

    @property
    def bytes_per_item(self) -> float:
        return (self.bytes - self.steps[0].bytes) / self.n if self.n else 0.0

    def to_json(self) -> str:
        return json.dumps(
            {
                "schema": SCHEMA,
                "name": self.name,
                "items": self.n,
                "bytes": self.bytes,
                "steps": [step._asdict() for step in self.steps],
            }
        )

    def summary(self) -> str:
        if self.resize_count == 0:
            return f"{self.name}: {size(self.bytes)} with {self.n:,} items; it never grew"
        times = "once" if self.resize_count == 1 else f"{self.resize_count:,} times"
        return (
            f"{self.name}: {self.n:,} items, grew {times}; {size(self.bytes)}, "
            f"{self.bytes_per_item:.3g} bytes an item"
        )

    def __str__(self) -> str:
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
        except (AttributeError, OSError, ValueError):
            columns = 80
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        return self.draw(columns, unicode="utf" in encoding.lower())

    def __repr__(self) -> str:
        return f"<{self.summary()}>"

    def draw(self, columns: int = 80, *, unicode: bool = True) -> str:
        """Bars as high as the size, one for each part of the items, for a terminal."""
        labels = [size(self.bytes * row / ROWS) for row in range(ROWS + 1)]
        margin = max(map(len, labels)) + 2
        room = max(LEAST_COLUMNS, min(columns, MOST_COLUMNS)) - margin
        room = min(room, self.n + 1)
        heights = [
            self.at(round(column * self.n / max(room - 1, 1))) / max(self.bytes, 1) * ROWS
            for column in range(room)
        ]
        marks = EIGHTHS if unicode else ASCII_EIGHTHS
        lines = [self.summary()]
        for row in range(ROWS - 1, -1, -1):
            label = labels[row + 1] if row % 3 == 2 else ""
            bars = "".join(marks[min(8, max(0, round((h - row) * 8)))] for h in heights)
            lines.append(f"{label:>{margin - 2}} {'┤' if unicode else '|'}{bars}".rstrip())
        corner, rule = ("└", "─") if unicode else ("+", "-")
        lines.append(f"{'0':>{margin - 2}} {corner}{rule * room}")
        last = f"{self.n:,} items"
        lines.append(f"{'':{margin - 1}}0{last:>{max(room, len(last) + 2) - 1}}")
        return "\n".join(lines)

    def at(self, items: int) -> int:
        """The size with so many items."""
        low, high = 0, len(self.steps)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.steps[middle].items <= items else (low, middle)
        return self.steps[low].bytes

    def to_svg(self) -> str:
        """The steps as a picture of its own, which adapts to light and dark."""
        across = (WIDTH - LEFT - RIGHT) / max(self.n, 1)
        up = (HEIGHT - TOP - BOTTOM) / max(self.bytes, 1)
        base = HEIGHT - BOTTOM

        def place(items: float, height: float) -> str:
            return f"{LEFT + items * across:.2f},{base - height * up:.2f}"

        corners = [place(0, self.steps[0].bytes)]
        for before, step in itertools.pairwise(self.steps):
            corners += [place(step.items, before.bytes), place(step.items, step.bytes)]
        corners.append(place(self.n, self.bytes))
        area = " ".join([place(0, 0), *corners, place(self.n, 0)])
        title = html.escape(self.summary())
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                f'width="{WIDTH}" height="{HEIGHT}" role="img" class="growth">',
                f"<title>{title}</title>",
                f"<style>{SVG_STYLE}</style>",
                *self.grid(base, across, up),
                f'<polygon class="area" points="{area}"/>',
                f'<polyline class="line" points="{" ".join(corners)}"/>',
                "</svg>",
                "",
            ]
        )

    def grid(self, base: float, across: float, up: float) -> Iterator[str]:
        for height in byte_ticks(self.bytes):
            y = base - height * up
            yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.2f}" y2="{y:.2f}"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4:.2f}" text-anchor="end">{size(height)}</text>'
        for items in ticks(self.n):
            x = LEFT + items * across
            yield f'<text x="{x:.2f}" y="{base + 18}" text-anchor="middle">{items:,}</text>'
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">items</text>'

    def to_html(self) -> str:
        """One page that loads nothing: the picture, and the steps as a table."""
        shown = self.steps[-MOST_ROWS:]
        left_out = len(self.steps) - len(shown)
        rows = [
            f"<tr><td>{step.items:,}</td><td>{step.bytes:,}</td>"
            f"<td>{step.bytes - before.bytes:+,}</td></tr>"
            for before, step in itertools.pairwise([shown[0], *shown])
        ]
        note = f"<p>The first {left_out:,} steps are left out.</p>" if left_out else ""
        name = html.escape(self.name)
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name} grows</title>'
            f'<meta name="viewport" content="width=device-width"><style>{PAGE_STYLE}</style>'
            f"<h1>How {name} grows</h1><p>{html.escape(self.summary())}.</p>{self.to_svg()}{note}"
            "<table><thead><tr><th>items</th><th>bytes</th><th>step</th></tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></html>\n"
        )

    def _repr_svg_(self) -> str:
        return self.to_svg()


def growth(
    factory: Callable[[], object] = list,
    n: int = 1000,
    append: Callable[[object, int], object] | None = None,
) -> Growth:
    """Puts n items into factory(), and notes each change of its own size: the Growth.

    The items are the numbers from 0; what they take themselves is not counted. append(container,
    item) puts one in; without it the container's append or add does, or container[item] = item.
    What it returns, when that is of the container's type, is the container from then on: so
    strings and tuples grow too.

        >>> growth(list, 4).steps[0].items
        0
    """
    if n < 0:
        raise ValueError(f"growth needs a number of items that is not negative, not {n}")
    container = factory()
    put = append if append is not None else find_append(container)
    kind = type(container)
    steps = [Step(0, flat(container))]
    for item in range(n):
        returned = put(container, item)
        if type(returned) is kind:
            container = returned
        now = flat(container)
        if now != steps[-1].bytes:
            steps.append(Step(item + 1, now))
    return Growth(kind.__name__, n, steps)


def find_append(container: object) -> Callable[[object, int], object]:
    kind = type(container)
    if issubclass(kind, (bytearray, memoryview)):
        return lambda target, item: target.append(item & 0xFF)  # type: ignore[attr-defined]
    for name in ("append", "add"):
        method = getattr(kind, name, None)
        if method is not None:
            return method
    if hasattr(kind, "__setitem__"):
        return lambda target, item: target.__setitem__(item, item)  # type: ignore[attr-defined]
    raise TypeError(
        f"growth does not know how to put an item into a {kind.__name__}: "
        "give append=lambda container, item: ..."
    )


def ticks(most: int) -> list[int]:
    """At most TICKS round numbers up to most, from 0."""
    if most <= 0:
        return [0]
    digit = 10 ** (len(str(most)) - 1)
    step = next(step for step in (digit // 5, digit // 2, digit, 2 * digit) if step * TICKS >= most)
    return list(range(0, most + 1, max(step, 1)))


def byte_ticks(most: int) -> list[int]:
    """The same for bytes: multiples of a power of two."""
    step = 1
    while step * TICKS < most:
        step *= 2
    return list(range(0, most + 1, step))


def size(amount: float) -> str:
    for scale, unit in UNITS:
        if amount >= scale:
            return f"{amount / scale:.3g} {unit}"
    return f"{amount:.0f} B"


SVG_STYLE = (
    ".growth{font:12px system-ui,sans-serif;fill:#444}"
    ".growth .grid{stroke:#8884}.growth .area{fill:#3b7dd833}"
    ".growth .line{fill:none;stroke:#3b7dd8;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){.growth{fill:#bbb}.growth .area{fill:#6ea8fe33}"
    ".growth .line{stroke:#6ea8fe}}"
)
PAGE_STYLE = (
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:760px;"
    "margin:2em auto;padding:0 1em}h1{font-size:1.3em}svg{max-width:100%;height:auto}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "th,td{text-align:right;padding:2px 16px 2px 0}th{font-weight:600}"
)
