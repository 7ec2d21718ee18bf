"""What measurements say, and how surely.

Ratios are old by new, time(A) / time(B): above 1, B is faster. Log ratios come one for each
process, never one for each value: values of one process are not independent. Numbers come as any
sequence; array('d') is copied at once. What is no measurement (nan, inf, beyond 1e100) or makes no
sense is a ValueError of one line.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Literal, NamedTuple

class Estimate(NamedTuple):
    """A value and its interval."""

    value: float
    low: float
    high: float

class Paired(NamedTuple):
    """Two sides compared over processes."""

    ratio: Estimate
    sd: float  # of the log ratios
    count: int
    p: float
    smallest: float  # ratio > 1: a true change of this size is found with power 0.8
    needed: int  # further processes until it is likely to be decided; 0: it is; 10**9: never

class Look(NamedTuple):
    """One of several looks."""

    ratio: Estimate
    level_used: float  # of this look's interval by itself; all together have the level asked for
    decided: Literal["faster", "slower", "same", ""]

class Levels(NamedTuple):
    """Variance within processes and between them."""

    mean: Estimate
    within: float
    between: float
    between_share: float  # of the variance of one value
    lasting_share: float  # of the variance of the mean: what more values cannot average out
    best: int | None  # values in each process; None: processes do not differ, any number will do
    processes: int
    values: int

class Factor(NamedTuple):
    """The part of the spread of processes that a factor explains."""

    share: float
    p: float
    labels: int
    separable: bool  # from the other factors, and from the processes

class WarmUp(NamedTuple):
    """Whether times become steady."""

    kind: Literal["flat", "warm-up", "slow-down", "cyclic", "none", "unknown"]
    steady_from: int | None  # None where it never is, or fewer than ten values do not say
    period: int  # of what is cyclic, else 0

class Line(NamedTuple):
    """A line through points."""

    slope: Estimate
    intercept: Estimate
    at: Estimate  # of the line at the x that was asked for
    spread: float  # of y around the line
    linear_p: float  # small: the points bend; 1 for fewer than four
    count: int

def normal_quantile(p: float, /) -> float: ...
def student_quantile(p: float, df: float) -> float: ...
def student_p(t: float, df: float) -> float: ...
def mean_interval(values: Iterable[float], level: float = 0.95) -> Estimate: ...
def trimmed_mean(values: Iterable[float], part: float = 0.1) -> float: ...
def median(values: Iterable[float], /) -> float: ...
def compare_pairs(
    log_ratios: Iterable[float], level: float = 0.95, least: float = 0.0
) -> Paired: ...
def sequential(
    log_ratios: Iterable[float], looks: Iterable[int], level: float = 0.95, least: float = 0.0
) -> Look:
    """looks: after how many processes one means to look, ascending; the last is the most there
    will be. len(log_ratios) is at most that, and need be none of them: time may have run out."""

def sequential_p(log_ratios: Iterable[float], looks: Iterable[int]) -> float:
    """p of a comparison that looked after each batch; for holm, where Paired.p would promise too
    much."""

def holm(ps: Iterable[float], rate: float = 0.05) -> list[bool]: ...
def geometric_mean(
    groups: Iterable[Iterable[float]], level: float = 0.95, seed: int = 1
) -> Estimate: ...
def levels(
    processes: Iterable[Iterable[float]],
    costs: Sequence[float] | None = None,
    level: float = 0.95,
) -> Levels:
    """costs: of a further value, and of a further process; the same by default."""

def factors(values: Iterable[float], labels: Iterable[tuple[Hashable, ...]]) -> list[Factor]: ...
def change_points(values: Iterable[float], penalty: float | None = None) -> list[int]: ...
def warm_up(values: Iterable[float], /) -> WarmUp: ...
def regress(
    xs: Iterable[float], ys: Iterable[float], level: float = 0.95, at: float = 0.0
) -> Line: ...
def effective_count(values: Iterable[float], /) -> float: ...
def power_law(
    ns: Iterable[float], times: Iterable[float], level: float = 0.95
) -> Estimate: ...
