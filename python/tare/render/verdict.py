"""One screen that answers: do I have a case, where does the time go, can I believe it?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from rich.text import Text

from tare._profile import State
from tare.render import sentences, units
from tare.render.layout import Cell, Column, bar, heading, pad, show, table, wrapped
from tare.render.report import SAMPLER_KEYS, Report
from tare.render.tables import function_table, interval, line_table, shares_of
from tare.render.terminal import Screen, rows_beside
from tare.text import display_path, printable, shorten, width

FUNCTION_ROWS = 8
LINE_ROWS = 5
MOST_STATES = 5
LEAST_ROWS = 3  # of each table, on any screen
LEAST_STATES = 2  # on the smallest, where there is more to say than the tables
LINES_BESIDE = 2  # an empty one above, the prompt below
LEAST_SHARE = 0.0005  # shown as 0.1 %
COLUMNS_BESIDE_BAR = 29
LEAST_BAR_COLUMNS = 5
MOST_BAR_COLUMNS = 50
STATE_STYLES = {"python_ns": "green", "native_ns": "blue", "gc_ns": "magenta"}
WAIT_STYLE = "yellow"
CASE_STYLES = {"fast_enough": "green", "reachable": "green", "waiting": "yellow", "unlikely": "red"}


class Shape(NamedTuple):
    """How much of the verdict is shown. What says how sure it is stays in every shape."""

    lines: int = LINE_ROWS
    functions: int = FUNCTION_ROWS
    states: int = MOST_STATES
    hints: bool = True  # that there is --target, that there is no easy start
    listed: bool = True  # what measuring cost: each sentence on a line of its own
    spaced: bool = True  # empty lines between sections
    titled: bool = True  # the titles of sections


WHOLE = Shape()


def shapes() -> Iterator[Shape]:
    """From the whole to the least, each a little smaller: what is needed least goes first."""
    shape = WHOLE
    yield shape
    for name, least in (("lines", LEAST_ROWS), ("functions", LEAST_ROWS), ("states", LEAST_ROWS)):
        while getattr(shape, name) > least:
            shape = shape._replace(**{name: getattr(shape, name) - 1})
            yield shape
    for name in ("hints", "listed", "spaced", "titled"):
        shape = shape._replace(**{name: False})
        yield shape
    yield shape._replace(states=LEAST_STATES)


def print_verdict(report: Report, screen: Screen, verbose: bool = False) -> None:
    show(screen, fitted(report, screen, verbose))


def fitted(report: Report, screen: Screen, verbose: bool = False) -> list[Text]:
    """The largest shape that leaves its first line on the screen; all of it when verbose."""
    room = rows_beside(screen, LINES_BESIDE)
    found: list[Text] = []
    for shape in shapes():
        found = verdict(report, screen, verbose, shape)
        if verbose or len(found) <= room:
            break
    return found


def verdict(
    report: Report, screen: Screen, verbose: bool = False, shape: Shape = WHOLE
) -> list[Text]:
    """All sections, divided by empty lines."""
    sections = [
        title(report, screen),
        states(report, screen, shape),
        case(report, screen, shape),
        functions(report, screen, shape),
        lines(report, screen, shape),
        cost(report, screen, verbose, shape),
        ending(report, screen),
    ]
    divided: list[Text] = []
    for section in sections:
        if section:
            divided += [*([Text()] if divided and shape.spaced else []), *section]
    return divided


def titled(screen: Screen, shape: Shape, title: str, note: str = "") -> list[Text]:
    return [heading(screen, title, note)] if shape.titled else []


def title(report: Report, screen: Screen) -> list[Text]:
    command = printable(report.subject)
    first = heading(screen, shorten(command, screen.columns, 0.3, screen.symbols.ellipsis))
    second = sentences.headline(report)
    third = sentences.circumstances(report)
    if width(second) + width(third) + 2 <= screen.columns:
        return [first, Text(f"{second}. {third}".rstrip())]
    return [first, *wrapped(screen, [second], indent=0), *wrapped(screen, [third], "dim", 0)]


def states(report: Report, screen: Screen, shape: Shape) -> list[Text]:
    shown = [state for state in report.states if state.share.value >= LEAST_SHARE][: shape.states]
    if not shown:
        return []
    labels = max(len(state.words) for state in shown)
    room = min(screen.columns - labels - COLUMNS_BESIDE_BAR, MOST_BAR_COLUMNS)
    rows = [state_line(screen, state, labels, room) for state in shown]
    note = f"{screen.symbols.plus_minus}: 95% interval"
    top = titled(screen, shape, "Where the time went", note)
    used = wrapped(screen, [sentences.resources(report)], "dim")
    return [*top, *rows, *used, *memory(report, screen, shape)]


def state_line(screen: Screen, state: State, labels: int, room: int) -> Text:
    line = Text(f"  {pad(state.words, labels)}  ")
    if room >= LEAST_BAR_COLUMNS:
        cells = pad(bar(screen, state.share.value, room), room)
        line.append(cells, STATE_STYLES.get(state.name, WAIT_STYLE))
        line.append("  ")
    line.append(f"{units.seconds(state.ns):>9}")
    line.append(f"  {units.percent(state.share.value):>6}", "bold")
    line.append(f" {interval(screen, state.share)}")
    return line


def memory(report: Report, screen: Screen, shape: Shape) -> list[Text]:
    said = sentences.memory(report)
    return wrapped(screen, [" ".join(said)] if shape.hints else said[:1], WAIT_STYLE)


def case(report: Report, screen: Screen, shape: Shape) -> list[Text]:
    said = sentences.case(report)
    if report.verdict is None:
        return wrapped(screen, said if shape.hints else [], "dim")
    style = CASE_STYLES[report.verdict.verdict]
    return [*titled(screen, shape, "Do I have a case?"), *wrapped(screen, said, style)]


def functions(report: Report, screen: Screen, shape: Shape) -> list[Text]:
    rows = [row for row in report.functions() if row.self_ns > 0]
    if not rows:
        return []
    note = f"{shares_of(report)}; at most: program's gain without it"
    start = sentences.start(report) if shape.hints else ""
    return [
        *titled(screen, shape, "Functions", note),
        *function_table(screen, report, rows[: shape.functions]),
        *wrapped(screen, [start] if start else []),
    ]


def lines(report: Report, screen: Screen, shape: Shape) -> list[Text]:
    rows = [row for row in report.lines() if row.self_ns > 0 and row.line > 0]
    if not rows:
        return []
    return [
        *titled(screen, shape, "Lines"),
        *line_table(screen, report, rows[: shape.lines]),
    ]


def cost(report: Report, screen: Screen, verbose: bool, shape: Shape) -> list[Text]:
    said = sentences.cost(report, screen.symbols.plus_minus)
    if not said:
        return []
    said = said if shape.listed else [" ".join(said)]
    section = [*titled(screen, shape, "What measuring cost"), *wrapped(screen, said)]
    if verbose:
        section += facts(report, screen)
    return section


def facts(report: Report, screen: Screen) -> list[Text]:
    """Every number the sampler gave about itself."""
    measured = report.measurement()
    rows = [
        [Cell(f"sampler.{key}"), Cell(units.exact(measured[key]))]
        for key in SAMPLER_KEYS
        if key in measured
    ]
    return table(screen, [Column("fact"), Column("value", align="right")], rows)


def ending(report: Report, screen: Screen) -> list[Text]:
    written = printable(display_path(os.path.abspath(report.path), os.getcwd()))
    return [
        Text.assemble(("Next: ", "bold"), sentences.next_command(report)),
        Text(f"Written: {written}", "dim"),
    ]
