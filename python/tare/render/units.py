"""Numbers as people say them. Everything below this module counts nanoseconds and bytes."""

from __future__ import annotations

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import Estimate

MOST_RATIO = 100  # how far above this makes no difference
NARROW_RATIO = 0.01
SHORT_NS = 100_000_000  # of a whole whose parts would be 0.000
_TIMES = ((60e9, None), (1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns"))
_SIZES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "bytes"))


def duration(ns: float) -> str:
    """Three digits and a unit: 4.82 s, 312 ms, 1 min 05 s."""
    for scale, unit in _TIMES:
        if ns >= scale * 0.9995:
            return _minutes(ns) if unit is None else f"{_three_digits(ns / scale)} {unit}"
    return "0 s"


def _minutes(ns: float) -> str:
    minutes, seconds = divmod(round(ns / 1e9), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"


def seconds(ns: float) -> str:
    """Always seconds, for columns that are compared: 4.82 s, 0.003 s."""
    value = ns / 1e9
    return f"{value:,.0f} s" if value >= 1000 else f"{value:.{_decimals(value)}f} s"


def plain_seconds(ns: float, whole_ns: float) -> str:
    """As pstats prints them, 4.820; with more digits where the whole is so short: 0.000820."""
    return f"{ns / 1e9:.{3 if whole_ns >= SHORT_NS else 6}f}"


def _decimals(value: float) -> int:
    if value >= 100:
        return 1
    return 2 if value >= 1 else 3


def size(amount: float) -> str:
    for scale, unit in _SIZES:
        if amount >= scale:
            return f"{_three_digits(amount / scale)} {unit}"
    return "0 bytes"


def _three_digits(value: float) -> str:
    if value >= 99.95:
        return f"{value:,.0f}"
    text = f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
    return text.removesuffix(".00").removesuffix(".0") if value == round(value) else text


def exact(number: float) -> str:
    """A count as it is, 12,345; anything else to four places."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.4f}"


def percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def half_width(estimate: Estimate) -> str:
    """The wider side of the 95 % interval, in points: 1.3."""
    points = max(estimate.high - estimate.value, estimate.value - estimate.low) * 100
    return f"{points:.1f}" if points < 9.95 else f"{points:.0f}"


def ratio(value: float) -> str:
    """How many times faster: 1.82x, 14x, >100x."""
    if math.isinf(value) or value > MOST_RATIO:
        return f">{MOST_RATIO}x"
    return f"{value:.2f}x" if value < 9.995 else f"{value:.0f}x"


def gain(estimate: Estimate, wide: bool = False) -> str:
    """A ratio with its 95 % interval: 2.4x (2.2-2.6), or 2.2-2.6x where there is less room.

    The upper bound alone where the lower one is the same or next to it: 1.01x. >43x where no
    upper one is known.
    """
    if estimate.high > MOST_RATIO:
        return f">{min(estimate.low, MOST_RATIO):.{_digits(estimate, estimate.low)}f}x"
    value, low, high = (f"{bound:.{_digits(estimate, bound)}f}" for bound in estimate)
    if low == high or estimate.high - estimate.low < NARROW_RATIO:
        return f"{high}x"
    return f"{value}x ({low}-{high})" if wide else f"{low}-{high}x"


def _digits(estimate: Estimate, bound: float) -> int:
    """After the point: no more than the interval leaves a meaning."""
    if bound >= 9.95:
        return 0
    return 2 if estimate.high - estimate.low < 0.05 else 1


def count(number: float, noun: str, plural: str = "") -> str:
    """1 process, 12,000 samples."""
    word = noun if number == 1 else plural or noun + "s"
    return f"{number:,.0f} {word}"
