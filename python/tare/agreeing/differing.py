"""Two values side by side: whether they agree, where they differ first, and by how much at most."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from tare import _same
from tare.agreeing.kinds import Kinds
from tare.agreeing.rules import EXACT, Rule
from tare.agreeing.showing import shown, why_unequal

NOTHING = "nothing"


class Difference(NamedTuple):
    """Where two values differ first, and what was seen of the rest.

    worst_abs, worst_rel and worst_ulp are the largest of any pair of numbers that is finite, each
    for itself; at worst_path is the pair that is furthest beyond, or nearest to, its tolerance.
    """

    path: str  # such as result[3]['x']
    left: str  # repr, shortened
    right: str
    why: str
    compared: int  # values: leaves, and elements of arrays
    differing: int
    worst_ulp: int
    worst_abs: float
    worst_rel: float
    worst_path: str

    def __str__(self) -> str:
        line = f"{self.path}: {self.left} against {self.right}"
        if self.why:
            line += f": {self.why}"
        if self.compared > 1:
            line += f"; {self.count_words()}"
        return line

    def count_words(self) -> str:
        """As numpy.testing has it: how many of how many, and the worst of them."""
        share = self.differing / self.compared
        words = f"{self.differing:,} of {self.compared:,} values differ ({100 * share:.3g} %)"
        if self.worst_abs > 0 and self.worst_path != self.path:
            words += (f", at worst by {self.worst_abs:.3g} (relative {self.worst_rel:.3g}) "
                      f"at {self.worst_path}")
        return words


class Agreement(NamedTuple):
    """Whether two values, or the outcomes of two calls, agree.

    notes: what was not compared, or only in part, each in a sentence.
    """

    same: bool
    difference: Difference | None
    count: int
    worst_ulp: int = 0
    worst_abs: float = 0.0
    worst_rel: float = 0.0
    worst_path: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.difference is not None:
            return str(self.difference)
        values = f"{self.count:,} value{'' if self.count == 1 else 's'}"
        if not self.worst_abs:
            return f"same: {values}"
        steps = f"{self.worst_ulp:,} ulp" if 0 < self.worst_ulp < 10**4 else ""
        far = steps or f"{self.worst_abs:.3g} (relative {self.worst_rel:.3g})"
        return f"same: {values}, worst difference {far} at {self.worst_path}"

    def to_dict(self) -> dict[str, Any]:
        """For a JSON document: no number in it that JSON does not have."""
        document = self._asdict()
        document["notes"] = list(self.notes)
        document["worst_abs"] = finite(self.worst_abs)
        document["worst_rel"] = finite(self.worst_rel)
        if self.difference is not None:
            found = self.difference._asdict()
            found["worst_abs"] = finite(self.difference.worst_abs)
            found["worst_rel"] = finite(self.difference.worst_rel)
            document["difference"] = found
        return document


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def difference(a: object, b: object, rule: Rule | None = None) -> Difference | None:
    """Where a and b differ first by the rule (equal, in type too); None: they agree."""
    return compare(a, b, rule).difference


def compare(
    a: object,
    b: object,
    rule: Rule | None = None,
    root: str = "result",
    using_up: bool = True,
) -> Agreement:
    """Walks a and b side by side; root is what paths begin with.

    Iterators in them are used up, the first kinds.MOST_ITEMS items of them; or, not using_up, they
    differ. Code of theirs runs only in __eq__, __hash__, __repr__ and iterators; what that raises
    is a difference.
    """
    chosen = rule or EXACT
    kinds = Kinds(chosen, using_up)
    compared, differing, first, worst_abs, worst_rel, worst_ulp, worst_path = _same.compare(
        a, b, chosen.settings(), kinds.expand, root
    )
    found = None
    if first is not None:
        path, left, right, why = first
        found = Difference(
            path,
            NOTHING if why == _same.RIGHT_ONLY else shown(left, right),
            NOTHING if why == _same.LEFT_ONLY else shown(right, left),
            join(why_unequal(left, right, chosen), why),
            compared,
            differing,
            worst_ulp,
            worst_abs,
            worst_rel,
            worst_path or "",
        )
    return Agreement(found is None, found, compared, worst_ulp, worst_abs, worst_rel,
                     worst_path or "", tuple(kinds.notes))


def join(own: str, told: str | None) -> str:
    """What the walk says of a pair, or else what the values say; and where items may be amiss."""
    if told is None:
        return own
    return f"{own}; {told}" if own and told.startswith("length ") else told
