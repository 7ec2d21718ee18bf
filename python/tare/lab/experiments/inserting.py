"""Filling a list from the front, or from the end and turned round."""

from __future__ import annotations

from collections.abc import Sequence

from tare.lab.measuring import Lab
from tare.lab.model import Experiment, Finding, Trial, Variant
from tare.lab.saying import by_size, growths
from tare.lab.tabling import agreed_words, chart, over_sizes

INSERT = Variant(
    "insert(0, x)", "result = []\nfor x in range(n):\n    result.insert(0, x)"
)
APPEND = Variant(
    "append and reverse",
    "result = []\nfor x in range(n):\n    result.append(x)\nresult.reverse()",
)


def run(lab: Lab) -> Finding:
    trials = [lab.compare(INSERT, APPEND, n=n) for n in lab.sizes(10, 100, 1_000, 10_000)]
    return Finding(
        [over_sizes(trials, "items")],
        [chart("Time to fill a list", "items", trials)],
        teach(trials),
        agreed_words(trials),
        [],
        trials,
    )


def teach(trials: Sequence[Trial]) -> list[str]:
    return [*by_size(trials), *growths(trials)]


EXPERIMENT = Experiment(
    "insert",
    "Insert at the front, or append and reverse",
    "A list has to be filled in reverse order. Does it matter where one puts the items?",
    "Twice as slow? At 10 items as at 10,000?",
    (INSERT, APPEND),
    run,
)
