"""What counts as the same: tare.close, and the Rule it makes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from tare import _same

if TYPE_CHECKING:
    from tare.agreeing.differing import Difference

SIGMAS = 4.0  # of two estimates that have the same truth, one pair in 16,000 is further apart


class _Kind(NamedTuple):
    code: int
    rtol: float
    atol: float
    nan_equal: bool
    words: str


# The defaults are those of numpy.testing.assert_allclose, math.isclose and pytest.approx.
_KINDS = {
    "exact": _Kind(_same.EXACT, 0.0, 0.0, True, "a = b"),
    "numpy": _Kind(_same.NUMPY, 1e-7, 0.0, True, "|a - b| <= {atol:g} + {rtol:g} |b|"),
    "math": _Kind(_same.MATH, 1e-9, 0.0, False,
                  "|a - b| <= max({rtol:g} max(|a|, |b|), {atol:g})"),
    "pytest": _Kind(_same.PYTEST, 1e-6, 1e-12, False, "|a - b| <= max({rtol:g} |b|, {atol:g})"),
    "sigmas": _Kind(_same.SIGMA, 0.0, 0.0, True,
                    "|a - b| <= {sigmas:g} standard errors of a - b"),
}
_TOLERANCES = {
    "exact": ("ulp",),
    "numpy": ("rtol", "atol", "ulp"),
    "math": ("rtol", "atol", "ulp"),
    "pytest": ("rtol", "atol", "ulp"),
    "sigmas": ("sigmas", "samples", "scale", "stderr", "ulp"),
}


class Rule(NamedTuple):
    """When two values agree; rule(a, b) says whether they do. Made by tare.close.

    b is what is expected, where that makes a difference. A Rule is hashable and can be pickled,
    and str(rule) is one line.
    """

    rule: str
    rtol: float
    atol: float
    absolute_alone: bool
    ulp: int
    nan_equal: bool
    order: bool
    types: bool | None
    sigmas: float
    samples: float
    scale: float
    stderr: float

    def __call__(self, a: object, b: object) -> bool:
        return self.difference(a, b) is None

    def difference(self, a: object, b: object) -> Difference | None:
        """Where a and b differ first; None: they agree."""
        from tare.agreeing.differing import difference

        return difference(a, b, self)

    @property
    def strict(self) -> bool:
        """Whether numbers of different types differ."""
        return self.rule == "exact" if self.types is None else self.types

    @property
    def tolerant(self) -> bool:
        """Whether numbers may agree that are not equal."""
        return self.rule != "exact" or self.ulp > 0

    def settings(self) -> tuple[float, ...]:
        """As tare._same reads it."""
        return (_KINDS[self.rule].code, self.nan_equal, self.absolute_alone, self.rtol, self.atol,
                self.ulp, self.sigmas, self.stderr, self.samples, self.scale, self.strict,
                self.order)

    def __str__(self) -> str:
        words = _KINDS[self.rule].words
        if self.absolute_alone:
            words = "|a - b| <= {atol:g}"
        parts = [words.format(**self._asdict())]
        if self.rule == "sigmas":
            parts[0] += (f" (each {self.stderr:g})" if self.stderr
                         else f" ({self.samples:g} draws each, scale {self.scale:g})")
        if self.ulp:
            parts[0] += f" or {self.ulp:,} ulp"
        parts.append("NaN = NaN" if self.nan_equal else "NaN agrees with nothing")
        if self.order:
            parts.append("keys in order")
        if self.types is not None or self.strict:
            parts.append("types count" if self.strict else "types do not count")
        return f"{self.rule}: {'; '.join(parts)}"


@overload
def close(**rule: Any) -> Rule: ...
@overload
def close(a: object, b: object, /, **rule: Any) -> bool: ...
def close(
    *values: object,
    rtol: float | None = None,
    atol: float | None = None,
    ulp: int | None = None,
    nan_equal: bool | None = None,
    rule: str | None = None,
    order: bool = False,
    types: bool | None = None,
    sigmas: float | None = None,
    samples: float | None = None,
    scale: float | None = None,
    stderr: float | None = None,
) -> Rule | bool:
    """A Rule by which results agree; of two values whether they do.

    rule       "numpy"   |a - b| <= atol + rtol |b|                as numpy.testing.assert_allclose
               "math"    |a - b| <= max(rtol max(|a|, |b|), atol)  as math.isclose
               "pytest"  |a - b| <= max(rtol |b|, atol)            as pytest.approx
               "exact"   equal, 0.0 and -0.0 not, and of the same type
               None: "exact" where only ulp is given, else "numpy"
    rtol, atol tolerances; None: those of the original
    ulp        numbers that are so many steps of the last place apart agree whatever the rest says
    nan_equal  whether NaN agrees with NaN; None: as the original does
    order      whether the keys of dicts must come in the same order
    types      True: numbers of different types differ, as in "exact"; False: neither those of
               numbers nor those of sequences count
    samples    floats are estimates from so many random draws each: scale (1) times the share of
               draws that hit. Of pi, by the area of a quarter of a circle, scale is 4
    stderr     the standard error of each estimate, where it is something else
    sigmas     how many standard errors of the difference estimates may be apart (4)

    Raises ValueError for what contradicts itself, TypeError for another number of values.
    """
    if len(values) not in (0, 2):
        raise TypeError(f"close: {len(values)} values; give two, or none to have a rule")
    given = {"rtol": rtol, "atol": atol, "ulp": ulp, "sigmas": sigmas, "samples": samples,
             "scale": scale, "stderr": stderr}
    made = _make(rule, {name: value for name, value in given.items() if value is not None},
                 nan_equal, order, types)
    return made(*values) if values else made


def _make(
    name: str | None,
    given: dict[str, float],
    nan_equal: bool | None,
    order: bool,
    types: bool | None,
) -> Rule:
    name = name or _name_for(given)
    if name not in _KINDS:
        raise ValueError(f"close: rule {name!r}; there are {', '.join(map(repr, _KINDS))}")
    for option, value in given.items():
        if option not in _TOLERANCES[name]:
            raise ValueError(f"close: {option} means nothing to the rule {name!r}; leave it out")
        if math.isnan(value) or value < 0:
            raise ValueError(f"close: {option} is {value}; give a number that is not negative")
    kind = _KINDS[name]
    made = Rule(
        rule=name,
        rtol=float(given.get("rtol", kind.rtol)),
        atol=float(given.get("atol", kind.atol)),
        absolute_alone=name == "pytest" and "atol" in given and "rtol" not in given,
        ulp=int(given.get("ulp", 0)),
        nan_equal=kind.nan_equal if nan_equal is None else bool(nan_equal),
        order=bool(order),
        types=None if types is None else bool(types),
        sigmas=float(given.get("sigmas", SIGMAS if name == "sigmas" else 0)),
        samples=float(given.get("samples", 0)),
        scale=float(given.get("scale", 1)),
        stderr=float(given.get("stderr", 0)),
    )
    if name == "sigmas" and (made.samples > 0) == (made.stderr > 0):
        raise ValueError("close: give samples, how many random draws an estimate is made from, or "
                         "stderr, its standard error")
    return made


def _name_for(given: dict[str, float]) -> str:
    if given.keys() & {"sigmas", "samples", "scale", "stderr"}:
        return "sigmas"
    return "exact" if given.keys() == {"ulp"} else "numpy"


EXACT = _make("exact", {}, None, False, None)
