"""A time on one machine, as it would be on another: with the error of saying so.

Each kernel is so much quicker there than here. A program is like some mixture of kernels that
nobody knows, so its ratio is taken for one more draw from theirs: the geometric mean, with
an interval that is wide where the kernels do not agree. What the time itself was off by, and the
few processes that each kernel was measured in, come in by the same sum of squares.

    log ratio = mean +- t(K - 1) * sqrt(s2 * (1 + 1 / K) + error of both measurements + of the time)
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from tare import _stats
from tare.stones.measuring import LEVEL, Estimate, Kernel

UNITS_NS = {
    "ns": 1.0,
    "us": 1e3,
    "\u00b5s": 1e3,  # the micro sign, and the Greek letter that looks like it
    "\u03bcs": 1e3,
    "ms": 1e6,
    "s": 1e9,
    "min": 6e10,
    "h": 3.6e12,
}
NUMBER = r"(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)"
TIME = re.compile(
    rf"\s*{NUMBER}\s*([^\d\s+±-]*)\s*(?:(?:±|\+-|\+/-)\s*{NUMBER}\s*(%|[^\d\s]*))?\s*", re.I
)


class Ratio(NamedTuple):
    kernel: str
    ratio: float  # time there / time here


class Scaled(NamedTuple):
    here_ns: Estimate
    there_ns: Estimate
    ratio: Estimate  # time there / time here, for a program like those of which the kernels are
    ratios: list[Ratio]  # least first


def read_time(text: str) -> Estimate:
    """12.3ms, 2 s, 12.3+-0.2ms, 12.3ms+-5%; the error is taken for half of a 95 % interval."""
    match = TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time, such as 12.3ms or 12.3+-0.2ms")
    number, unit, error, error_unit = match.groups()
    if error_unit == "%":
        half = float(number) * float(error) / 100
    else:
        half = float(error or 0)
        unit = unit or error_unit
        if error_unit and error_unit != unit:
            raise ValueError(f"{text!r}: give both in one unit")
    scale = UNITS_NS.get(unit)
    if scale is None:
        raise ValueError(f"{text!r}: no unit of time; known are {', '.join(UNITS_NS)}")
    value = float(number)
    if not half < value < math.inf:
        raise ValueError(f"{text!r}: more than nothing is needed, and more than its error")
    return Estimate(value * scale, (value - half) * scale, (value + half) * scale)


def scale(here_ns: Estimate, here: Sequence[Kernel], there: Sequence[Kernel]) -> Scaled:
    """ValueError where they have fewer than three kernels in common."""
    others = {kernel.name: kernel for kernel in there}
    pairs = [(kernel, others[kernel.name]) for kernel in here if kernel.name in others]
    count = len(pairs)
    if count < 3:
        raise ValueError("the two have fewer than three kernels in common")
    logs = [math.log(b.pass_ns.value / a.pass_ns.value) for a, b in pairs]
    mean = sum(logs) / count
    spread = sum((log - mean) ** 2 for log in logs) / (count - 1)
    measured = sum(error_of(a.pass_ns) ** 2 + error_of(b.pass_ns) ** 2 for a, b in pairs) / count**2
    quantile = _stats.student_quantile((1 + LEVEL) / 2, count - 1)
    of_ratio = quantile**2 * spread * (1 + 1 / count) + measured
    of_time = of_ratio + error_of(here_ns) ** 2
    ratios = [Ratio(a.name, math.exp(log)) for (a, _), log in zip(pairs, logs, strict=True)]
    ratios.sort(key=lambda row: row.ratio)
    return Scaled(
        here_ns,
        around(math.log(here_ns.value) + mean, math.sqrt(of_time)),
        around(mean, math.sqrt(of_ratio)),
        ratios,
    )


def error_of(estimate: Estimate) -> float:
    """Half of the interval, in logarithms."""
    if estimate.low <= 0 or math.isinf(estimate.high):
        raise ValueError("one of them was measured in a single process; give it more")
    return math.log(estimate.high / estimate.low) / 2


def around(log: float, half: float) -> Estimate:
    return Estimate(math.exp(log), math.exp(log - half), math.exp(log + half))
