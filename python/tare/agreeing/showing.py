"""Values as a person reads them in a line, and why two of them are not equal.

A value's own __repr__ may raise, be endless, or be full of what a terminal acts upon.
"""

from __future__ import annotations

import math
import reprlib
from numbers import Number
from typing import Any

from tare import _same
from tare.agreeing.rules import Rule
from tare.text import printable, shorten

COLUMNS = 60
AROUND = 20  # characters before the first that differs


class _Short(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxstring = self.maxother = self.maxlong = 2 * COLUMNS

    def repr_instance(self, x: Any, level: int) -> str:
        try:
            text = repr(x)
        except (Exception, SystemExit) as error:
            return f"<{type(x).__name__}: its __repr__ raised {type(error).__name__}>"
        return text if len(text) <= 4 * COLUMNS else f"{text[: 2 * COLUMNS]}…{text[-COLUMNS:]}"


_short = _Short()


def shown(value: Any, other: Any = None) -> str:
    """repr() of the value in at most COLUMNS; of text, from where it differs from the other."""
    if type(value) in (str, bytes) and type(value) is type(other) and len(value) > COLUMNS - 10:
        return _excerpt(value, first_unequal(value, other))
    if type(value) in (int, float, complex, bool, type(None)):
        text = _number(value)
    else:
        try:
            text = _short.repr(value)
        except (Exception, SystemExit) as error:
            text = f"<{type(value).__name__}: its __repr__ raised {type(error).__name__}>"
    return shorten(printable(" ".join(text.split())), COLUMNS)


def _number(value: Any) -> str:
    try:
        return repr(value)
    except ValueError:  # an int of more digits than the interpreter spells
        return hex(value)


def first_unequal(left: str | bytes, right: str | bytes) -> int:
    """The index of the first character that differs; of the shorter one's end."""
    low, high = 0, min(len(left), len(right))
    while low < high:  # by halves: a comparison of slices costs less than a loop
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _excerpt(value: str | bytes, at: int) -> str:
    begin = max(0, at - AROUND)
    text = repr(value[begin : begin + COLUMNS])
    return shorten(printable(("…" if begin else "") + text), COLUMNS, tail=0)


def why_unequal(left: Any, right: Any, rule: Rule) -> str:
    """What there is to say of two leaves that differ; "" where they speak for themselves."""
    if type(left) is type(right) and type(left) in (str, bytes):
        what = "character" if type(left) is str else "byte"
        sizes = "" if len(left) == len(right) else f"; {len(left):,} against {len(right):,} long"
        return f"from {what} {first_unequal(left, right):,} on{sizes}"
    if type(left) is bool or type(right) is bool:
        return ""
    if isinstance(left, Number) and isinstance(right, Number):
        return _apart(left, right, rule)
    return ""


def _apart(left: Any, right: Any, rule: Rule) -> str:
    try:
        if left != left or right != right:
            return "NaN agrees with nothing" if left != left and right != right else ""
        if left == right:
            return "zeros of different sign" if left == 0 else ""
        apart, size = abs(left - right), abs(right)
        if not math.isfinite(apart):
            return ""
        words = f"{float(apart):.3g} apart"
        if size:
            words += f", relative {float(apart / size):.3g}"
    except (ArithmeticError, TypeError):
        return "whole numbers that no float holds are compared exactly" if rule.tolerant else ""
    if isinstance(left, float) and isinstance(right, float):
        steps = _same.ulp_distance(left, right)
        if steps is not None and steps < 10**6:
            words += f", {steps:,} ulp"
    if rule.rule == "sigmas" and isinstance(left, float):
        words += f"; {_allowed(left, right, rule)}"
    return words


def _allowed(left: float, right: float, rule: Rule) -> str:
    if rule.stderr:
        error = math.sqrt(2) * rule.stderr
    else:
        share = (left + right) / (2 * rule.scale)
        if not 0 <= share <= 1:
            return (f"no share of {rule.scale:g}: give scale=, what an estimate is when every draw "
                    "hits, or stderr=")
        error = math.sqrt(2 * share * (1 - share) / rule.samples) * abs(rule.scale)
    if not error:
        return "with no standard error"
    return f"{abs(left - right) / error:.3g} standard errors, {rule.sigmas:g} allowed"
