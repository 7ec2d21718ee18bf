"""What a ratio means for a whole program: the share of the function in a profile, and Amdahl's law.

With s the function's share and r how many times faster it becomes, the program takes

    R = 1 - s (1 - 1/r)        of its time, and is 1/R times faster; 1/(1 - s) at the very most.

Both s and r carry an interval. Each end of each interval alone moves R by some amount; the amounts
are added in squares, those that shorten R and those that lengthen it apart, which keeps intervals
that are not symmetric as they are. docs/accuracy.md has the coverage.

It holds when the program calls the function as the comparison did: on arguments like those.
"""

from __future__ import annotations

import math
import os
from typing import NamedTuple

from tare._stats import Estimate
from tare.errors import Error
from tare.text import is_library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import Called, Row
    from tare.render.report import Report

MOST_NAMED = 3  # of functions that fit
LEAST_REST = 1e-9  # of the time that is left: below it a gain has no bound
WAITING_PART = 0.2


class Gain(NamedTuple):
    name: str  # of the function, as the profile has it
    file: str
    line: int
    share: Estimate  # of the program's time, with all that it calls
    ratio: Estimate  # how many times faster it becomes
    whole: Estimate  # how many times faster the program becomes
    most: float  # the same if it took no time at all; math.inf for all of the program
    notes: tuple[str, ...] = ()

    def words(self) -> str:
        """One line: parse is 34.0% ±1.2 of the program: 3.20x faster makes it all 1.31x faster."""
        from tare.render import units

        share = f"{units.percent(self.share.value)} ±{units.half_width(self.share)}"
        return (
            f"{self.name} is {share} of the program: {faster(self.ratio.value)}, it makes the "
            f"whole {faster(self.whole.value)}, 95% {bounds(self.whole)}, {most_words(self.most)}"
        )

    def to_dict(self) -> dict[str, object]:
        from tare.render.document import estimate_part, text

        return {
            "function": {
                "name": text(self.name),
                "file": text(self.file),
                "first_line": self.line,
            },
            "share": estimate_part(self.share),
            "ratio": estimate_part(self.ratio),
            "whole_ratio": estimate_part(self.whole),
            "most_ratio": self.most if math.isfinite(self.most) else None,
            "notes": list(self.notes),
        }


def faster(ratio: float) -> str:
    if ratio >= 1:
        return f"{ratio:.2f}x faster"
    return f"{1 / ratio:.2f}x slower"


def bounds(estimate: Estimate) -> str:
    high = f"{estimate.high:.2f}" if math.isfinite(estimate.high) else "any"
    return f"[{estimate.low:.2f} ... {high}]"


def most_words(most: float) -> str:
    return f"at most {most:.2f}x" if math.isfinite(most) else "with no bound"


def whole_ratio(share: Estimate, ratio: Estimate) -> Estimate:
    """How many times faster the program becomes, with the errors of both."""

    def rest(part: float, factor: float) -> float:
        return 1 - part * (1 - (1 / factor if math.isfinite(factor) else 0.0))

    middle = rest(share.value, ratio.value)
    shorter = longer = 0.0
    for ends in (
        [rest(part, ratio.value) for part in (share.low, share.high)],
        [rest(share.value, factor) for factor in (ratio.low, ratio.high)],
    ):
        shorter += max(0.0, middle - min(ends)) ** 2
        longer += max(0.0, max(ends) - middle) ** 2
    low, high = invert(middle + math.sqrt(longer)), invert(middle - math.sqrt(shorter))
    return Estimate(invert(middle), low, high)


def invert(rest: float) -> float:
    return 1 / rest if rest > LEAST_REST else math.inf


class Share(NamedTuple):
    """Of a function in a profile, before anything is said of a ratio."""

    name: str
    file: str
    line: int
    share: Estimate
    notes: tuple[str, ...]

    def gain(self, ratio: Estimate) -> Gain:
        """What that ratio of the function gives the program."""
        rest = 1 - self.share.value
        return Gain(
            self.name,
            self.file,
            self.line,
            self.share,
            ratio,
            whole_ratio(self.share, ratio),
            1 / rest if rest > LEAST_REST else math.inf,
            self.notes,
        )


def find_share(path: str, function: str, file: str | None = None) -> Share:
    """function: its name, or with no file whatever else of FILE:LINE(NAME) finds one alone.

    Raises tare.Error in one line where the profile does not know it, or knows several.
    """
    from tare.render.report import Report, load_report

    report: Report = load_report(path)
    refuse_what_has_no_shares(report, path)
    row = find_function(report, path, function, file)
    share = traced_share(report, row) if report.is_trace else Estimate(*row.program_share)
    return Share(row.qualname, row.file, row.first_line, share, tuple(notes_on(report, row)))


def gain(path: str, function: str, ratio: Estimate, file: str | None = None) -> Gain:
    """What that ratio of a function gives the program of a profile."""
    return find_share(path, function, file).gain(ratio)


def refuse_what_has_no_shares(report: Report, path: str) -> None:
    if report.profile.meta.get("engine") == "heap" or report.is_memory:
        raise Error(f"find a share in {path}: it is of memory, not time; measure with tare run")
    if report.is_lines:
        raise Error(
            f"find a share in {path}: chosen lines were measured and not the whole program; "
            "measure with tare run"
        )
    whole_ns = report.calls.sums.self_ns if report.is_trace else report.summary.wall_ns
    if whole_ns <= 0:
        raise Error(f"find a share in {path}: there are no times in it; measure with tare run")


def find_function(report: Report, path: str, function: str, file: str | None) -> Row | Called:
    rows: list[Row] | list[Called] = report.called() if report.is_trace else report.functions()
    for fits in tests_of(report, function, file):
        found = [row for row in rows if fits(row)]
        own = [row for row in found if not is_library(row.file)]
        found = own or found  # json has a parse, too: it is not the one that is rewritten
        if len(found) == 1:
            return found[0]
        if found:
            raise Error(several(path, function, found))
    where = f" of {os.path.basename(file)}" if file else ""
    raise Error(f"find {function}{where} in {path}: {not_there(rows, function)}")


def tests_of(report: Report, function: str, file: str | None):  # type: ignore[no-untyped-def]
    """What a row must fulfil, the surest first: the same file, then one of the same name."""
    from tare.cli.ordering import matches
    from tare.render.report import full_path

    if file is None:
        return [lambda row: row.qualname == function, lambda row: matches(row, function)]
    real, last = os.path.realpath(file), function.rpartition(".")[2]

    def same_file(row: Row | Called) -> bool:
        return os.path.realpath(full_path(report, row.file)) == real

    def same_name(row: Row | Called) -> bool:
        return os.path.basename(row.file) == os.path.basename(real)

    return [
        lambda row: row.qualname == function and same_file(row),
        # Interpreters before 3.11 know no more than the last part of a method's name.
        lambda row: row.qualname == last and same_file(row),
        lambda row: row.qualname == function and same_name(row),
    ]


def several(path: str, function: str, rows: list[Row] | list[Called]) -> str:
    from tare.text import standard_name

    names = [standard_name(row.qualname, row.file, row.first_line, row.kind) for row in rows]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (
        f"find {function} in {path}: it may be {', '.join(names[:MOST_NAMED])}{more}; "
        "name one with --of FILE:LINE"
    )


def not_there(rows: list[Row] | list[Called], function: str) -> str:
    from difflib import get_close_matches

    if not rows:
        return "there is no function in it; measure the program with tare run"
    close = get_close_matches(function, [row.qualname for row in rows], n=1)
    if close:
        return f"no time was seen in it; did you mean --of {close[0]}?"
    return "no time was seen in it; measure a run that calls it, or name another with --of"


def traced_share(report: Report, row: Called) -> Estimate:
    """With the bound for what counting cost: at worst this function is off one way and all the
    others the other way."""
    whole_ns = report.calls.sums.self_ns
    share = min(1.0, row.sums.total_ns / whole_ns)
    error_ns = report.calls.sums.error_ns
    own_ns = min(row.sums.error_ns, error_ns)
    error = (own_ns * (1 - share) + (error_ns - own_ns) * share) / whole_ns
    return Estimate(share, max(0.0, share - error), min(1.0, share + error))


def notes_on(report: Report, row: Row | Called) -> list[str]:
    """When the figure is to be taken with care."""
    found = []
    if report.is_trace:
        if len(report.calls.threads()) > 1:
            found.append(
                "the program has several threads: the share is of all their time; tare whatif "
                "says what the function decides"
            )
    elif row.self_wait_ns > WAITING_PART * max(1, row.self_ns):
        found.append("the function waits: a ratio of CPU time says nothing of that part")
    return found
