"""What experiments found, as text: the question, the code, what was measured, what that taught."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from tare.lab import saying
from tare.lab.model import Bars, Experiment, Picture, Result, Steps, Table, Value, Variant
from tare.lab.running import Session
from tare.render.layout import Cell, Column, bar, heading, pad, table, wrapped
from tare.render.terminal import Screen
from tare.text import printable, width

BAR_COLUMNS = 30
STYLES = {"faster": "green", "slower": "red", "cannot tell": "yellow"}


def listing(screen: Screen, experiments: Sequence[Experiment]) -> list[Text]:
    columns = [Column("experiment", style="cyan"), Column("about", weight=1, tail=0.0)]
    rows = [[Cell(one.name, whole=True), Cell(one.title)] for one in experiments]
    lines = table(screen, columns, rows)
    first = experiments[0].name
    return [*lines, Text(), *wrapped(screen, [f"tare lab {first} makes one of them; tare lab --all "
                                              "-o lab.html makes a page of all."], indent=0)]


def page(screen: Screen, session: Session, quiet: bool) -> list[Text]:
    lines: list[Text] = []
    for result in session.results:
        lines += [*section(screen, result, quiet), Text()]
    return [*lines, *wrapped(screen, [where(session)], "dim", 0)]


def where(session: Session) -> str:
    """On what it was measured."""
    words = f"{session.interpreter} in {saying.duration(session.seconds * 1e9)}"
    quick = ", quick: intervals are wide" if session.quick else ""
    return printable(f"Measured on {words}{quick}. The machine was {session.machine.words()}.")


def section(screen: Screen, result: Result, quiet: bool) -> list[Text]:
    experiment, finding = result.experiment, result.finding
    lines = [heading(screen, experiment.title, experiment.name)]
    if not quiet:
        lines += wrapped(screen, [experiment.question])
        lines += wrapped(screen, [f"What do you expect? {experiment.expect}"], "italic")
        lines += [Text(), *code_lines(screen, experiment.code)]
    if finding is None:
        return [*lines, *wrapped(screen, [f"Not measured: {printable(result.trouble)}"], "red")]
    if not quiet:
        for one in finding.tables:
            lines += [*shown_table(screen, one), Text()]
        for picture in drawable(finding.pictures):
            drawn = list(draw(screen, picture))
            lines += [*drawn, Text()] if drawn else []
    for lesson in finding.lessons:
        lines += bullet(screen, lesson)
    if not quiet:
        beside = [f"Right first: {words}." for words in finding.agreed] + finding.notes
        lines += wrapped(screen, map(printable, beside), "dim")
    return lines


def bullet(screen: Screen, words: str) -> list[Text]:
    words = printable(words).replace("µ", screen.symbols.micro)
    lines = wrapped(screen, [words], "bold", 4)
    lines[0] = Text("  - " + lines[0].plain[4:], "bold")
    return lines


def code_lines(screen: Screen, code: Sequence[Variant]) -> list[Text]:
    lines: list[Text] = []
    for variant in code:
        lines.append(Text(f"    # {variant.label}", "dim"))
        lines += [Text(f"    {line}", "cyan") for line in variant.code.split("\n")]
        lines.append(Text())
    return lines


def shown_table(screen: Screen, found: Table) -> list[Text]:
    columns = [
        column(head, [row[index] for row in found.rows]) for index, head in enumerate(found.heads)
    ]
    rows = [[cell(screen, value) for value in row] for row in found.rows]
    return table(screen, columns, rows)


def column(head: str, values: Sequence[Value]) -> Column:
    """Numbers stand at the right; text gives way where there is little room."""
    is_text = all(isinstance(value.value, str) for value in values)
    if is_text:
        return Column(head, weight=1)
    is_ratio = any(value.verdict or value.low is not None and value.unit == "x" for value in values)
    return Column(head, align="left" if is_ratio else "right")


def cell(screen: Screen, value: Value) -> Cell:
    words = shown(value).replace("µ", screen.symbols.micro)
    return Cell(printable(words), STYLES.get(value.verdict, ""))


def shown(value: Value) -> str:
    """A value with its unit."""
    number = value.value
    if isinstance(number, str):
        return number
    if value.unit == "x":
        return ratio(value)
    return {
        "ns": saying.duration,
        "bytes": saying.size,
        "n": lambda amount: f"{amount:,.0f}",
        "part": lambda amount: f"{amount:.0%}",
    }[value.unit](number)


def ratio(value: Value) -> str:
    """12.3x faster (11.9-12.8), or without a direction where there may be none."""
    number, low, high = value.value, value.low, value.high
    assert isinstance(number, float) and low is not None and high is not None
    if value.verdict in ("same", "cannot tell"):
        return f"{value.verdict} ({saying.digits(low)}-{saying.digits(high)})"
    if value.verdict == "slower" and low > 0:
        number, low, high = 1 / number, 1 / high, 1 / low
    word = f" {value.verdict}" if value.verdict else ""
    return f"{saying.digits(number)}x{word} ({saying.digits(low)}-{saying.digits(high)})"


def drawable(pictures: Sequence[Picture]) -> list[Picture]:
    """Of growing containers the first alone, in which single steps are seen."""
    return [
        picture
        for index, picture in enumerate(pictures)
        if index == 0 or not isinstance(picture, Steps)
    ]


def draw(screen: Screen, picture: Picture) -> Iterator[Text]:
    """Bars and steps; what curves show stands in the tables."""
    unicode = len(screen.symbols.levels) > 1
    if isinstance(picture, Steps):
        for line in picture.growth.draw(screen.columns - 2, unicode=unicode).split("\n"):
            yield Text(f"  {line}")
    elif isinstance(picture, Bars):
        wide = max(width(label) for label, _ in picture.bars)
        most = max(estimate.value for _, estimate in picture.bars)
        yield Text(f"  {picture.title}", "dim")
        for label, estimate in picture.bars:
            words = shown(Value(estimate.value, "ns")) if picture.unit == "ns" else (
                f"{saying.digits(estimate.value)}x"
            )
            line = Text(f"  {pad(label, wide)}  ")
            line.append(bar(screen, estimate.value / most, BAR_COLUMNS), "cyan")
            line.append(f" {words}")
            yield line
