"""The findings of tare doctor as a table."""

from __future__ import annotations

from rich.text import Text

from tare.checks import BAD, GOOD, NOTE, Finding
from tare.render import units
from tare.render.layout import show, wrapped
from tare.render.terminal import Screen
from tare.text import printable

MARKS = {GOOD: ("ok", "green"), NOTE: ("note", "yellow"), BAD: ("BAD", "bold red")}


def print_findings(screen: Screen, findings: list[Finding], quiet: bool) -> None:
    """quiet leaves out what is good."""
    shown = [finding for finding in findings if finding.grade != GOOD or not quiet]
    wide = max((len(finding.name) for finding in shown), default=0)
    for finding in shown:
        show(screen, finding_lines(screen, finding, wide))
    if not quiet:
        show(screen, [Text(), Text(conclusion(findings), "bold")])


def finding_lines(screen: Screen, finding: Finding, wide: int) -> list[Text]:
    mark, style = MARKS[finding.grade]
    indent = len("note  ") + wide
    said = f"{finding.words}; {finding.remedy}" if finding.remedy else finding.words
    words = wrapped(screen, [printable(said)], indent=indent + 2)
    line = Text(f"{mark:<4}", style)
    line.append(f"  {finding.name:<{wide}}  ", "default")
    line.append(words[0].plain.lstrip())
    return [line, *words[1:]]


def conclusion(findings: list[Finding]) -> str:
    bad = sum(finding.grade == BAD for finding in findings)
    if bad:
        return f"{units.count(bad, 'obstacle')}: Tare cannot measure everything here."
    notes = sum(finding.grade == NOTE for finding in findings)
    if notes:
        return f"Tare can measure here; {units.count(notes, 'thing')} worth knowing."
    return "Tare can measure here."
