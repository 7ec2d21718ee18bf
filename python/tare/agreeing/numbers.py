"""Numbers that are no floats: Decimal, Fraction, and those of other types beside them.

Between two of them arithmetic is exact, whatever their size: 0.1 as a tolerance is a tenth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from numbers import Number
from typing import Any

from tare._same import GAP, ITEMS
from tare.agreeing.rules import Rule


def find_answer(value: Any) -> Callable[..., Any] | None:
    if isinstance(value, (Decimal, Fraction)):
        return lambda kinds, left, right: compare_exact(kinds.rule, left, right)
    return None


def is_number(value: Any) -> bool:
    return isinstance(value, Number) and not isinstance(value, bool)


def compare(rule: Rule, left: Any, right: Any) -> Any:
    """Two numbers of different types."""
    pair = [plain(value) for value in (left, right)]
    if any(isinstance(value, (Decimal, Fraction)) for value in pair) and not any(
            isinstance(value, complex) for value in pair):
        return compare_exact(rule, *pair)
    if any(type(value) not in (int, float, complex) for value in pair):
        return None if left == right else ""
    return (ITEMS, *pair)


def plain(value: Any) -> Any:
    """The interpreter's own number of that value; the value itself where there is none."""
    if isinstance(value, (Decimal, Fraction)):
        return value
    for kind in (int, float, complex):
        if isinstance(value, kind):
            return kind(value)
    if hasattr(value, "__index__"):
        return value.__index__()
    if hasattr(value, "__float__"):
        return float(value)
    return complex(value) if hasattr(value, "__complex__") else value


def compare_exact(rule: Rule, left: Any, right: Any) -> Any:
    nans = [is_nan(value) for value in (left, right)]
    if any(nans):
        return None if all(nans) and rule.nan_equal else "NaN agrees with nothing"
    if left == right:
        return None
    if not is_finite(left) or not is_finite(right):
        return ""
    a, b = Fraction(left), Fraction(right)
    apart = abs(a - b)
    within = apart <= allowed(rule, a, b)
    return GAP, within, as_float(apart), as_float(apart / abs(b)) if b else 0.0


def is_nan(value: Any) -> bool:
    return value.is_nan() if isinstance(value, Decimal) else value != value


def is_finite(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, (Fraction, int)) or math.isfinite(value)


def allowed(rule: Rule, a: Fraction, b: Fraction) -> Fraction:
    relative, absolute = Fraction(repr(rule.rtol)), Fraction(repr(rule.atol))
    if rule.rule == "numpy":
        return absolute + relative * abs(b)
    if rule.rule == "math":
        return max(relative * max(abs(a), abs(b)), absolute)
    if rule.rule == "pytest":
        return absolute if rule.absolute_alone else max(relative * abs(b), absolute)
    return Fraction(-1)  # exact, and estimates are floats


def as_float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
