"""Measured amounts against true ones, where chance has its part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

ATTEMPTS = 16  # a bias needs few to show, chance may need many to go


def shares(amounts: Mapping[str, int]) -> dict[str, float]:
    """In per cent of the sum."""
    whole = sum(amounts.values())
    assert whole > 0, amounts
    return {key: 100 * amount / whole for key, amount in amounts.items()}


def largest_error(measured: Mapping[str, int], truth: Mapping[str, int]) -> float:
    """The largest difference of two splits, in points."""
    seen, true = shares(measured), shares(truth)
    return max(abs(seen.get(key, 0) - true.get(key, 0)) for key in {*seen, *true})


Compared = tuple[Mapping[str, int], Mapping[str, int]]  # measured, truth: ns by name


def expect_split(points: float, measure: Callable[[], Compared]) -> None:
    """Shares are right to so many points.

    On a loaded machine few samples come in time. So measurements are added up until they
    agree with the truth: chance dwindles in the sum, a bias stays.
    """
    measured: Counter[str] = Counter()
    truth: Counter[str] = Counter()
    errors = []
    for _ in range(ATTEMPTS):
        seen, true = measure()
        measured.update(seen)
        truth.update(true)
        errors.append(round(largest_error(measured, truth), 2))
        if errors[-1] <= points:
            return
    raise AssertionError(f"off by {errors} points: {dict(measured)}, truth {dict(truth)}")


def expect_amount(per_cent: float, measure: Callable[[], tuple[int, int]]) -> None:
    """An amount is right to so many per cent of the truth; repeated likewise."""
    measured = truth = 0
    errors = []
    for _ in range(ATTEMPTS):
        seen, true = measure()
        measured += seen
        truth += true
        errors.append(round(100 * measured / truth - 100, 2))
        if abs(errors[-1]) <= per_cent:
            return
    raise AssertionError(f"off by {errors} per cent: {measured}, truth {truth}")


def expect_once(check: Callable[[], None]) -> None:
    """A bound in time holds in one of several runs: a machine that was away for a moment breaks it
    in one, a mistake in all of them."""
    for left in reversed(range(ATTEMPTS)):
        try:
            check()
            return
        except AssertionError:
            if left == 0:
                raise
