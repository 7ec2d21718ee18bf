"""Advice on programs of which it is known what a change does."""

from tare._stats import Estimate
from tare.advising.model import Advice, Edit, Match, Pair, Rule

HALF = (0.5, 0.4, 0.6)
TEN = (10.0, 9.0, 11.0)


def rule(name="insert-at-0", edits=None, same="builtin", differs=""):
    return Rule(
        name, "insert(0, x) -> append, then reverse", "Each insert moves all the others.", same,
        differs, Pair("", "", ""), lambda tree, facts: iter(()),
        None if edits is None else lambda match, source: list(edits), grows=True,
    )


def advice(file, line, edits=None, *, function="work", gain=HALF, silent="", **how):
    match = Match(rule(edits=edits, **how), str(file), line, line, function, "an insert at 0")
    half, ten, gain = (Estimate(*values) for values in (HALF, TEN, gain))
    return Advice(match, half, 1000, ten, 30, gain, silent, ((10, ten), (1000, ten)))


def replacing(source, old, new):
    """The edit that writes new over the only old there is."""
    assert source.count(old) == 1
    at = source.index(old)
    line, start = source.count("\n", 0, at) + 1, at - (source.rfind("\n", 0, at) + 1)
    assert "\n" not in old
    return Edit(line, start, line, start + len(old), new)
