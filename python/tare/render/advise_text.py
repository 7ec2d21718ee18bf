"""What tare advise says to people: a paragraph for each piece of advice, then what trying gave."""

from __future__ import annotations

import linecache
import math
import os
from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text

from tare._stats import Estimate
from tare.advising.model import BUILTIN, SAME, Advice, Rule
from tare.advising.trying import CHANGED, CONFIRMED, UNDECIDED, Trial, Trials
from tare.render import units
from tare.render.layout import Cell, Column, heading, table, wrapped
from tare.render.terminal import Screen
from tare.text import display_path, printable, shorten, width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.cli.advise import Found

DEPTH = 4  # columns before what is said of a piece of advice
REMARK = 6  # and of a trial
LEAST_NAME = 8  # columns, below which a function is not named
LIST_COLUMNS = 110  # where there is room for all of a rule on a line
RULE_COLUMNS = 100  # where there is room for the rule beside the place
MOST_PATCH = 40  # lines of a patch
VERDICT_STYLES = {CONFIRMED: "green", CHANGED: "red", UNDECIDED: "yellow"}
SAME_WORDS = {SAME: "The result stays the same.", BUILTIN: "The same for built-in types."}


class Numbered(NamedTuple):
    number: int
    advice: Advice


def page(screen: Screen, found: Found, everything: bool, verbose: bool) -> list[Text]:
    told = [advice for advice in found.advice if not advice.silent]
    lines = [title(screen, found), *wrapped(screen, [headline(told)], indent=0)]
    for number, advice in enumerate(told, 1):
        lines += [Text(), *paragraph(screen, Numbered(number, advice), verbose)]
    quiet = [advice for advice in found.advice if advice.silent]
    if quiet and everything:
        lines += [Text(), *silence(screen, quiet)]
    elif quiet:
        lines += [Text(), *wrapped(screen, [silent_line(quiet)], "dim", 0)]
    lines += [line for note in found.notes for line in wrapped(screen, [printable(note)], "dim", 0)]
    if found.trials is not None and found.trials.tried:
        lines += [Text(), *trials_section(screen, found.trials, verbose)]
    elif told:
        lines += [Text(), Text.assemble(("Next: ", "bold"), next_command(found, told))]
    return lines


def title(screen: Screen, found: Found) -> Text:
    return heading(screen, shorten(printable(found.label), screen.columns, 0.3,
                                   screen.symbols.ellipsis))


def headline(told: Sequence[Advice]) -> str:
    if not told:
        return "No advice: nothing that is known to be slow costs 1% of the time and pays here."
    best = max(told, key=lambda advice: advice.gain.value)
    count = units.count(len(told), "piece", "pieces") + " of advice"
    return f"{count}; the best makes the program {speed_up(best.gain)} faster."


def speed_up(gain: Estimate) -> str:
    """A part of the time that goes, as how many times faster."""
    return times(Estimate(*(faster(part) for part in gain)))


def times(ratio: Estimate) -> str:
    """1.023x (1.011-1.036), 2.3x (2.1-2.6), >100x: as many places as tell it from 1."""
    if not 0 < ratio.value <= units.MOST_RATIO:
        return units.ratio(ratio.value)
    places = 3 if ratio.high < 1.1 else 2 if ratio.high < 2 else 1 if ratio.high < 20 else 0
    high = f"{ratio.high:.{places}f}" if math.isfinite(ratio.high) else ""
    return f"{ratio.value:.{places}f}x ({ratio.low:.{places}f}-{high})"


def faster(part: float) -> float:
    return math.inf if part >= 1 else 1 / (1 - part)


def place(advice: Advice) -> str:
    match = advice.match
    return f"{printable(display_path(match.file, os.getcwd()))}:{match.line}"


def paragraph(screen: Screen, numbered: Numbered, verbose: bool) -> list[Text]:
    number, advice = numbered
    match, rule = advice.match, advice.rule
    function = printable(match.function)
    gain = f"program {speed_up(advice.gain)}"
    room = screen.columns - DEPTH - width(gain) - 2
    where = shorten(place(advice), room, 0.8, screen.symbols.ellipsis)
    first = Text.assemble((f"{number:>2}  ", ""), (where, "bold"))
    room -= width(where) + 2
    if room > LEAST_NAME:
        first.append("  " + shorten(function, room, 1.0, screen.symbols.ellipsis), "cyan")
    first.append(" " * max(2, screen.columns - width(first.plain) - width(gain)))
    first.append(gain, "bold green")
    said = [printable(match.message), f"{rule.why} {same_words(rule)}", numbers(screen, advice)]
    lines = [first]
    source = printable(linecache.getline(match.file, match.line).strip())
    if source:
        room = screen.columns - DEPTH
        shown = shorten(source, room, 0.3, screen.symbols.ellipsis)
        lines.append(Text(" " * DEPTH + shown, "cyan"))
    for sentence, style in zip(said, ("", "dim", ""), strict=True):
        lines += wrapped(screen, [sentence], style, DEPTH)
    if verbose:
        lines += speedups(screen, advice)
    return lines


def same_words(rule: Rule) -> str:
    if rule.same in SAME_WORDS:
        return SAME_WORDS[rule.same]
    return f"It may differ: {rule.differs.rstrip('.')}."


def numbers(screen: Screen, advice: Advice) -> str:
    """Share, size, ratio and from which size it pays."""
    part = f"{units.percent(advice.share.value)} of the time"
    size = f" at n = {advice.size:,}" if advice.size is not None else ", over the sizes timed"
    said = f"{part}; {times(advice.ratio)} faster here{size}"
    if advice.crossover is not None and advice.rule.grows:
        said += f"; pays from n = {advice.crossover:,}"
    return said + f" [{advice.rule.id}]"


def speedups(screen: Screen, advice: Advice) -> list[Text]:
    cells = [f"n = {n:,}: {units.ratio(ratio.value)}" for n, ratio in advice.speedups]
    return wrapped(screen, ["timed: " + ", ".join(cells)] if cells else [], "dim", DEPTH)


def silence(screen: Screen, quiet: Sequence[Advice]) -> list[Text]:
    columns = [
        Column("where", weight=2, tail=1.0),
        Column("rule", weight=1),
        Column("share", align="right"),
        Column("here", align="right"),
        Column("why it is not said", weight=3, tail=0.0, style="dim"),
    ]
    cells = [
        [
            Cell(place(advice)),
            Cell(advice.rule.id, "cyan"),
            Cell(units.percent(advice.share.value)),
            Cell(units.ratio(advice.ratio.value) if advice.speedups else ""),
            Cell(printable(advice.silent)),
        ]
        for advice in quiet
    ]
    return [heading(screen, "Not worth it"), *table(screen, columns, cells)]


def silent_line(quiet: Sequence[Advice]) -> str:
    places = units.count(len(quiet), "place")
    fit = "fits" if len(quiet) == 1 else "fit"
    return f"{places} more {fit} a rule and would gain too little here: --all shows them"


def next_command(found: Found, told: Sequence[Advice]) -> str:
    if found.subject is None:
        return "make the first change, and measure again"
    if any(advice.rule.rewrite for advice in told):
        return "add --try to make these changes in a copy, and see"
    return "make the first change, then tare compare old and new"


# -- what trying gave


def trials_section(screen: Screen, trials: Trials, verbose: bool) -> list[Text]:
    lines = [heading(screen, "Tried in a copy of the program")]
    lines += wrapped(screen, [outcome(trials)], "bold")
    lines += wrapped(screen, circumstances(trials), "dim")
    wide = screen.columns >= RULE_COLUMNS
    columns = [
        Column("", align="right"),
        Column("where", weight=1, tail=1.0),
        *([Column("rule", weight=1, style="cyan")] if wide else []),
        Column("foretold", align="right"),
        Column("program", align="right"),
        Column("runs", align="right"),
        Column("verdict"),
    ]
    rows = [trial_cells(str(number), trial, wide) for number, trial in enumerate(trials.tried, 1)]
    every = list(trials.tried)
    if trials.together is not None:
        rows.append(trial_cells("", trials.together, wide))
        every.append(trials.together)
    header, *body = table(screen, columns, rows)
    lines.append(header)
    for trial, line in zip(every, body, strict=True):
        lines.append(line)
        lines += remarks(screen, trial)
    return lines + patches(screen, trials, verbose)


def outcome(trials: Trials) -> str:
    tried = [trial for trial in trials.tried if trial.was_made]
    paid = [trial for trial in tried if trial.verdict == CONFIRMED]
    if not tried:
        return "No change here can be made by a machine."
    if not paid:
        return f"None of {units.count(len(tried), 'change')} is confirmed."
    best = trials.together or max(paid, key=lambda trial: trial.advice[0].gain.value)
    said = f"{len(paid)} of {units.count(len(tried), 'change')} confirmed"
    if best.verdict != CONFIRMED or best.ratio is None:
        return f"{said}; together: {best.verdict}."
    them = "it" if len(paid) == 1 else "them"
    return f"{said}: with {them} the program is {times(best.ratio)} faster."


def circumstances(trials: Trials) -> list[str]:
    if not any(trial.was_made for trial in trials.tried):
        return []
    if trials.subject.is_function:
        said = "Compared: what the function gives."
    elif trials.compared == 0 and trials.unsteady == 0:
        said = "It prints nothing: of its results only the exit code was compared."
    else:
        said = f"Compared: {units.count(trials.compared, 'line')} of output, and how it ends."
    if trials.unsteady:
        one = trials.unsteady == 1
        count = units.count(trials.unsteady, "line")
        words = "that differs" if one else "that differ"
        said += f" {count} {words} from run to run without any change {'is' if one else 'are'} left"
        said += " out."
    return [said]


def trial_cells(number: str, trial: Trial, wide: bool) -> list[Cell]:
    many = len(trial.advice) > 1
    first = trial.advice[0]
    foretold = "" if many else speed_up(first.gain).partition(" ")[0]
    measured = times(trial.ratio) if trial.ratio is not None else ""
    return [
        Cell(number),
        Cell(f"{len(trial.advice)} changes together" if many else place(first)),
        *([Cell("" if many else first.rule.id)] if wide else []),
        Cell(foretold),
        Cell(measured, "bold"),
        Cell(str(trial.processes) if trial.processes else ""),
        Cell(trial.verdict, VERDICT_STYLES.get(trial.verdict, "dim")),
    ]


def remarks(screen: Screen, trial: Trial) -> list[Text]:
    lines = wrapped(screen, [trial.reason] if trial.reason else [], "dim", REMARK)
    found = trial.difference
    if found is None:
        return lines
    lines += wrapped(screen, [f"not recommended: it changes {found.where}"], "red", REMARK)
    for word, value in (("from", found.before), ("to", found.after)):
        room = screen.columns - REMARK - 6
        shown = shorten(printable(value), room, 0.3, screen.symbols.ellipsis)
        lines.append(Text(f"{'':{REMARK}}{word:<4}  {shown}", "dim"))
    return lines


def patches(screen: Screen, trials: Trials, verbose: bool) -> list[Text]:
    """The change that is recommended: all that paid, or the one."""
    from tare.advising.trying import confirmed_patch

    patch = confirmed_patch(trials)
    if not patch:
        return []
    every = patch.splitlines()
    shown = every if verbose else every[:MOST_PATCH]
    styles = {"+": "green", "-": "red", "@": "cyan"}
    lines = [Text(), heading(screen, "What was confirmed", "--patch FILE writes it")]
    for line in shown:
        cut = shorten(printable(line), screen.columns - 2, 0.0, screen.symbols.ellipsis)
        lines.append(Text(f"  {cut}", styles.get(line[:1], "dim")))
    if len(shown) < len(every):
        lines.append(Text(f"  {units.count(len(every) - len(shown), 'more line')}: -v", "dim"))
    return lines


# -- the rules


def rules_page(screen: Screen, rules: Sequence[Rule], verbose: bool) -> list[Text]:
    wide = screen.columns >= LIST_COLUMNS
    columns = [
        Column("rule", style="cyan"),
        *([Column("slow -> better", weight=1, tail=0.3)] if wide else []),
        Column("result"),
        Column("change"),
    ]
    words = {SAME: "same", BUILTIN: "same for built-ins"}
    cells = [
        [
            Cell(rule.id),
            *([Cell(rule.title)] if wide else []),
            Cell(words.get(rule.same, "may differ")),
            Cell("--try" if rule.rewrite else "by hand"),
        ]
        for rule in rules
    ]
    header, *body = table(screen, columns, cells)
    count = units.count(len(rules), "rule")
    lines = [
        heading(screen, f"{count}; each is timed on your interpreter before it is said"),
        header,
    ]
    for rule, line in zip(rules, body, strict=True):
        lines.append(line)
        if not wide:
            lines += wrapped(screen, [rule.title], "", DEPTH)
        if verbose:
            lines += wrapped(screen, [f"{rule.why} {same_words(rule)}"], "dim", DEPTH)
    return lines
