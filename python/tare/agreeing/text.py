"""What a program printed: line by line, and the numbers in it by the rule."""

from __future__ import annotations

import re
from itertools import zip_longest

from tare.agreeing.differing import Agreement, Difference, compare
from tare.agreeing.rules import EXACT, Rule
from tare.agreeing.showing import shown, why_unequal

# A number that is a word of its own: neither a part of a name or of a hexadecimal one, nor a piece
# of a version such as 3.11.7.
_NUMBER = re.compile(
    r"(?<![\w.])([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:inf|nan))(?!\w|\.\d)"
)


def compare_text(
    left: str, right: str, rule: Rule | None = None, root: str = "stdout"
) -> Agreement:
    """Two texts, as exactly as they stand; by a rule with tolerances, numbers in them by it."""
    chosen = rule or EXACT
    numbers = chosen.tolerant
    if left == right:
        return Agreement(True, None, len(left.splitlines()))
    lines, first, differing, worst = 0, None, 0, Agreement(True, None, 0)
    for number, (one, other) in enumerate(
            zip_longest(left.splitlines(True), right.splitlines(True)), 1):
        lines += 1
        if one == other:
            continue
        path = f"{root}, line {number}"
        found = compare_line(one, other, chosen if numbers else EXACT, path)
        if found.worst_abs > worst.worst_abs:
            worst = found
        if found.difference is not None:
            differing += 1
            first = first or found.difference
    if first is not None:
        first = first._replace(compared=lines, differing=differing, worst_path=worst.worst_path,
                               worst_abs=worst.worst_abs, worst_rel=worst.worst_rel,
                               worst_ulp=worst.worst_ulp)
    return worst._replace(same=first is None, difference=first, count=lines)


def compare_line(one: str | None, other: str | None, rule: Rule, path: str) -> Agreement:
    if one is None or other is None:
        shorter = "left" if one is None else "right"
        return unequal(path, "nothing" if one is None else shown(one),
                       "nothing" if other is None else shown(other),
                       f"the {shorter} side has no such line")
    words, others = _NUMBER.split(one), _NUMBER.split(other)
    if rule.tolerant and words[::2] == others[::2]:
        found = compare([float(word) for word in words[1::2]],
                        [float(word) for word in others[1::2]], rule, path)
        # Which of the numbers of a line it is the line itself shows.
        kept = found._replace(worst_path=path if found.worst_abs else "")
        if found.difference is None:
            return kept
        return kept._replace(difference=found.difference._replace(
            path=path, left=shown(one, other), right=shown(other, one), worst_path=path))
    return unequal(path, shown(one, other), shown(other, one), why_unequal(one, other, rule))


def unequal(path: str, left: str, right: str, why: str) -> Agreement:
    return Agreement(False, Difference(path, left, right, why, 1, 1, 0, 0.0, 0.0, ""), 1)
