"""A history as text: a chart of the measurements, and the changes in it.

    42.1 ms ┤      o                       o      a measurement, and the interval of its mean
            ┤──o───│─o─o┐                  ──     the mean between two changes
    39.0 ms ┤           └─o──o──o──
"""

from __future__ import annotations

import math
import shlex
import time

from rich.text import Text

from tare.comparing.history import TIME, Change, Point, Series
from tare.comparing.store import Name
from tare.render import units
from tare.render.layout import Cell, Column, heading, pad, table, wrapped
from tare.render.terminal import Screen
from tare.text import printable, width

ROWS = 9
MOST_COLUMNS = 100
LABEL_COLUMNS = 7  # as wide as a duration
MOST_STEP = 6
MARK = "o"
COMMIT_DIGITS = 8
MARGIN = 0.05  # of the chart's height, above and below


def page(screen: Screen, all_series: list[Series]) -> list[Text]:
    lines: list[Text] = []
    for index, series in enumerate(all_series):
        lines += [*([Text()] if index else []), *section(screen, series)]
    return lines


def section(screen: Screen, series: Series) -> list[Text]:
    lines = [heading(screen, printable(series.name), span_words(series.points))]
    lines += wrapped(screen, [about(series)], "dim", 0)
    if len(series.points) > 1:
        lines += [Text(), *chart(screen, series)]
    lines += [Text(), *changes_part(screen, series)]
    return lines


def about(series: Series) -> str:
    last = series.points[-1]
    what = printable(last.label)
    kind = f"{'CPU' if series.clock == 'cpu' else 'wall'} time of {what}"
    if series.kind != TIME:
        kind = f"{kind} by that of {printable(series.reference)}"
    where = ", ".join(printable(part) for part in (series.interpreter, series.machine) if part)
    count = units.count(len(series.points), "measurement")
    return f"{count}: {kind}; {where}"


def span_words(points: list[Point]) -> str:
    first, last = day(points[0].taken_unix_ns), day(points[-1].taken_unix_ns)
    return first if first == last else f"{first} to {last}"


def day(unix_ns: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(unix_ns / 1e9))


def moment(unix_ns: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(unix_ns / 1e9))


def amount(series: Series, value: float) -> str:
    return units.duration(value) if series.kind == TIME else f"{value:.3f}"


def commit_words(point: Point) -> str:
    """Short; + for changes that no commit has."""
    if not point.commit:
        return "-"
    return point.commit[:COMMIT_DIGITS] + ("+" if point.dirty else "")


class Scale:
    """From values to rows of the chart, 0 at the bottom; logarithmic, so that equal ratios are
    equally far apart."""

    def __init__(self, points: list[Point], rows: int) -> None:
        bounds = [bound for point in points for bound in shown_interval(point)]
        low, high = math.log(min(bounds)), math.log(max(bounds))
        margin = max((high - low) * MARGIN, 0.005)
        self.low, self.high, self.rows = low - margin, high + margin, rows

    def row(self, value: float) -> int:
        part = (math.log(value) - self.low) / (self.high - self.low)
        return max(0, min(self.rows - 1, int(part * self.rows)))

    def value(self, row: int) -> float:
        """In the middle of a row."""
        return math.exp(self.low + (row + 0.5) / self.rows * (self.high - self.low))


def shown_interval(point: Point) -> tuple[float, float]:
    """Of one process there is none: then the value alone."""
    value, low, high = point.value
    if not (low > 0 and math.isfinite(high)):
        return value, value
    return max(low, value / 2), min(high, value * 2)


def chart(screen: Screen, series: Series) -> list[Text]:
    """The newest measurements, as many as there are columns."""
    count = len(series.points)
    room = min(screen.columns - LABEL_COLUMNS - 4, MOST_COLUMNS)
    step = max(1, min(MOST_STEP, (room - 1) // max(1, count - 1)))
    shown = min(count, 1 + (room - 1) // step)
    scale = Scale(series.points[-shown:], ROWS)
    cells = draw(screen, series, scale, count - shown, step)
    lines = []
    for row in reversed(range(ROWS)):
        label = amount(series, scale.value(row)) if row in (0, ROWS // 2, ROWS - 1) else ""
        label = label.replace("µ", screen.symbols.micro)
        line = Text(f"  {' ' * (LABEL_COLUMNS - width(label))}{label} ", "dim")
        for text, style in cells[row]:
            line.append(text, style)
        lines.append(line)
    lines.append(axis(series, count - shown, len(cells[0])))
    if shown < count:
        note = f"  the last {shown:,} of {count:,}: -o FILE.html has all"
        lines.append(Text(note, "dim"))
    return lines


def draw(
    screen: Screen, series: Series, scale: Scale, first: int, step: int
) -> list[list[tuple[str, str]]]:
    """The cells by row and column, with their style."""
    columns = 1 + (len(series.points) - first - 1) * step
    cells = [[(" ", "")] * columns for _ in range(ROWS)]
    upright, level = screen.symbols.guides[0], screen.symbols.guides[3]
    for begin, end, mean in series.segments():
        row = scale.row(mean)
        for index in range(max(begin, first), end):
            column = (index - first) * step
            for beside in range(column, min(columns, column + step)):
                cells[row][beside] = (level, "green")
    for index, point in enumerate(series.points[first:]):
        column = index * step
        low, high = (scale.row(bound) for bound in shown_interval(point))
        for row in range(low, high + 1):
            cells[row][column] = (upright, "dim")
        cells[scale.row(point.value.value)][column] = (MARK, "cyan")
    return cells


def axis(series: Series, first: int, columns: int) -> Text:
    begin, end = (day(series.points[index].taken_unix_ns) for index in (first, -1))
    words = begin if begin == end else f"{begin} to {end}"
    if columns > len(words):
        words = begin if begin == end else pad(begin, columns - len(end)) + end
    return Text(f"  {' ' * LABEL_COLUMNS} {words}", "dim")


def changes_part(screen: Screen, series: Series) -> list[Text]:
    if not series.changes:
        return wrapped(screen, [no_change(series)], indent=0)
    columns = [
        Column("changed"),
        Column("commit"),
        Column("before", align="right"),
        Column("after", align="right"),
        Column(""),
        Column("95%"),
        Column("last before"),
    ]
    cells = [change_cells(series, change) for change in series.changes]
    lines = [heading(screen, "Changes"), *table(screen, columns, cells)]
    machines = [change for change in series.changes if change.is_machines]
    if machines:
        lines += wrapped(screen, [machine_words(series, change) for change in machines], "yellow")
    return lines


def machine_words(series: Series, change: Change) -> str:
    when = day(series.points[change.index].taken_unix_ns)
    word, text = faster(change.machine_ratio)
    return (
        f"{when}: the machine itself became {text}, by work that is always the same; "
        "this need not be the program."
    )


def no_change(series: Series) -> str:
    if len(series.points) == 1:
        return "One measurement alone shows no change; --save more under this name."
    return f"No change: {units.count(len(series.points), 'measurement')} of one level."


def change_cells(series: Series, change: Change) -> list[Cell]:
    point, before = series.points[change.index], series.points[change.index - 1]
    word, text = faster(change.ratio.value)
    style = "yellow" if change.is_machines else "green" if word == "faster" else "red"
    low, high = sorted(
        (1 / bound if bound else math.inf) if word == "slower" else bound
        for bound in change.ratio[1:]
    )
    known = low > 0 and math.isfinite(high)
    return [
        Cell(day(point.taken_unix_ns)),
        Cell(commit_words(point), "cyan"),
        Cell(amount(series, change.before)),
        Cell(amount(series, change.after)),
        Cell(text, style),
        Cell(f"{low:.2f}-{high:.2f}" if known else "not known"),
        Cell(commit_words(before), "dim"),
    ]


def faster(ratio: float) -> tuple[str, str]:
    """The word, and 1.08x slower."""
    word, factor = ("faster", ratio) if ratio >= 1 else ("slower", 1 / ratio)
    return word, f"{factor:.2f}x {word}"


def names_page(screen: Screen, names: list[Name], path: str) -> list[Text]:
    """What there is a history of."""
    columns = [
        Column("name", weight=1, tail=0.0, style="cyan"),
        Column("measurements", align="right"),
        Column("first"),
        Column("last"),
    ]
    cells = [
        [
            Cell(printable(one.name)),
            Cell(f"{one.count:,}"),
            Cell(day(one.first_unix_ns)),
            Cell(moment(one.last_unix_ns)),
        ]
        for one in names
    ]
    title = heading(screen, "Saved", printable(path))
    name = shlex.quote(printable(names[0].name)) if names else ""
    note = Text.assemble(("Next: ", "bold"), f"tare compare --history {name}")
    return [title, *table(screen, columns, cells), Text(), note] if names else [title]
