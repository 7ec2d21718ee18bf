"""From trials to sentences. Nothing is known here but what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tare._stats import Estimate
from tare.lab.model import Trial

SMALL_GAIN = 0.05  # less than that is seldom worth a line of code
LINEAR = 1.3  # an exponent above this is not that of work in proportion to n

_TIMES = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))
_SIZES = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "bytes"))


def digits(value: float) -> str:
    """Three of them: 1.25, 24.7, 1,250."""
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def duration(ns: float) -> str:
    for scale, unit in _TIMES:
        if ns >= scale * 0.9995:
            return f"{digits(ns / scale)} {unit}"
    return f"{ns:.2f} ns"


def size(amount: float) -> str:
    for scale, unit in _SIZES:
        if amount >= scale:
            return f"{digits(amount / scale).removesuffix('.00').removesuffix('.0')} {unit}"
    return "0 bytes"


def factor(ratio: Estimate) -> str:
    """How many times, turned so that it is above 1, with its interval: 12.3x (95% 11.9-12.8)."""
    value, low, high = ratio if ratio.value >= 1 else turned(ratio)
    if not (low > 0 and math.isfinite(high)):
        return f"{digits(value)}x"
    return f"{digits(value)}x (95% {digits(low)}-{digits(high)})"


def turned(ratio: Estimate) -> Estimate:
    """B by A instead of A by B."""
    value, low, high = ratio
    return Estimate(1 / value, 1 / high, 1 / low if low > 0 else math.inf)


def says(trial: Trial) -> str:
    """What one trial says, as a clause."""
    if trial.verdict == "faster":
        return f"{trial.b} is {factor(trial.ratio)} faster than {trial.a}"
    if trial.verdict == "slower":
        return f"{trial.b} is {factor(trial.ratio)} slower than {trial.a}"
    if trial.verdict == "same":
        return f"{trial.b} and {trial.a} take the same time"
    return f"whether {trial.b} is faster than {trial.a} could not be told: {between(trial)}"


def between(trial: Trial) -> str:
    return f"it may be anything from {digits(trial.ratio.low)}x to {digits(trial.ratio.high)}x"


def sentence(words: str) -> str:
    """A clause as a sentence; code at the beginning stays as it is."""
    first = words.split(" ", 1)[0]
    begin = words[:1].upper() if first.isalpha() and first.islower() else words[:1]
    return f"{begin}{words[1:]}."


def by_size(trials: Sequence[Trial], items: str = "items") -> list[str]:
    """What becomes of the ratio as n grows: the smallest, the largest, and where it turns."""
    first, last = trials[0], trials[-1]
    found = [sentence(f"with {last.n:,} {items} {says(last)}")]
    if first is not last:
        found.append(sentence(f"with {first.n:,} {items} {says(first)}"))
    at = crossover(trials)
    if at is not None:
        found.append(f"{turn_words(trials, at, items)}.")
    return found


def turn_words(trials: Sequence[Trial], at: float, items: str) -> str:
    better = trials[-1].b if trials[-1].ratio.value > 1 else trials[-1].a
    return f"The two change places: from about {rounded(at):,} {items} on it pays to take {better}"


def crossover(trials: Sequence[Trial]) -> float | None:
    """Where the times are equal: between two trials next to each other, both of them decided, that
    disagree. None where there is none, or where it turns more than once."""
    decided = [trial for trial in trials if trial.verdict in ("faster", "slower")]
    turns = [
        (before, after)
        for before, after in zip(decided, decided[1:])
        if before.verdict != after.verdict
    ]
    if len(turns) != 1:
        return None
    before, after = turns[0]
    assert before.n is not None and after.n is not None
    y0, y1 = math.log(before.ratio.value), math.log(after.ratio.value)
    x0, x1 = math.log(before.n), math.log(after.n)
    return math.exp(x0 - y0 * (x1 - x0) / (y1 - y0))


def rounded(value: float) -> int:
    """To as many digits as an interpolation deserves."""
    if value < 10:
        return max(1, round(value))
    power = 10 ** (math.floor(math.log10(value)) - (1 if value < 100 else 0))
    return round(value / power) * power


def exponent(trials: Sequence[Trial], side: str) -> float | None:
    """The p of time ~ n^p between the two largest sizes, of side a or b; over small sizes what is
    done once hides the rest. None for one size."""
    if len(trials) < 2:
        return None
    (n0, t0), (n1, t1) = (
        (one.n, (one.a_ns if side == "a" else one.b_ns).value) for one in trials[-2:]
    )
    assert n0 is not None and n1 is not None
    return math.log(t1 / t0) / math.log(n1 / n0)


def grows(label: str, found: float | None) -> str:
    """How its time grows, as a clause; empty where that is not known."""
    if found is None:
        return ""
    words = f"the time of {label} grows as n^{found:.1f}"
    if found > LINEAR:
        return f"{words} (twice the items take {2**found:.1f} times as long)"
    return words


def growths(trials: Sequence[Trial]) -> list[str]:
    """Of both sides, in one sentence."""
    sides = [
        grows(trials[0].a, exponent(trials, "a")),
        grows(trials[0].b, exponent(trials, "b")),
    ]
    words = "; ".join(side for side in sides if side)
    return [sentence(words)] if words else []


def worth(trial: Trial) -> str:
    """Whether a small thing is worth its line, of the whole loop that was measured."""
    words = f"with {trial.b} instead of {trial.a} the loop"
    if trial.verdict == "same":
        return f"{words} takes the same time: it gains nothing here"
    if trial.verdict == "cannot tell":
        return f"whether {words} is faster could not be told: {between(trial)}"
    if trial.verdict == "slower":
        return f"{words} is even {factor(trial.ratio)} slower"
    saved = 1 - 1 / trial.ratio.value
    words = f"{words} takes {saved:.0%} less time"
    if saved < SMALL_GAIN:
        return f"{words}: seldom worth a line"
    return f"{words}: worth a line where the loop is hot"
