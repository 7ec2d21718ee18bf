"""A value and how sure it is."""

from __future__ import annotations

from typing import NamedTuple


class Estimate(NamedTuple):
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


def half(estimate: Estimate) -> float:
    """Of the interval."""
    return (estimate.high - estimate.low) / 2


def ratio_of(saved: Estimate) -> Estimate:
    """How much faster a program gets that takes so much less, as a part of its time."""
    return Estimate(*(1 / (1 - part) if part < 1 else float("inf") for part in saved))
