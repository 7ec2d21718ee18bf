"""Where a name lives: local, global, built in, behind a module or an object."""

from __future__ import annotations

from collections.abc import Sequence

from tare.lab.measuring import Lab
from tare.lab.model import Experiment, Finding, Trial, Variant
from tare.lab.saying import sentence, worth
from tare.lab.tabling import agreed_words, pairs

SETUP = "import math\nnumbers = list(range(n))\nweight = 3\ntext = 'a b c'"
PAIRS = (
    (
        Variant("a global name", "result = 0\nfor x in numbers:\n    result += weight"),
        Variant(
            "a local name",
            "mine = weight\nresult = 0\nfor x in numbers:\n    result += mine",
        ),
    ),
    (
        Variant("built-in abs", "result = 0\nfor x in numbers:\n    result += abs(x)"),
        Variant(
            "local abs",
            "mine = abs\nresult = 0\nfor x in numbers:\n    result += mine(x)",
        ),
    ),
    (
        Variant("math.sqrt", "result = 0\nfor x in numbers:\n    result += math.sqrt(x)"),
        Variant(
            "local sqrt",
            "sqrt = math.sqrt\nresult = 0\nfor x in numbers:\n    result += sqrt(x)",
        ),
    ),
    (
        Variant("result.append", "result = []\nfor x in numbers:\n    result.append(x)"),
        Variant(
            "local append",
            "result = []\nappend = result.append\nfor x in numbers:\n    append(x)",
        ),
    ),
)


def run(lab: Lab) -> Finding:
    (n,) = lab.sizes(1_000)
    trials = [lab.compare(a, b, SETUP, n) for a, b in PAIRS]
    return Finding([pairs(trials)], [], teach(trials), agreed_words(trials), [], trials)


def teach(trials: Sequence[Trial]) -> list[str]:
    lessons = [sentence(worth(trial)) for trial in trials]
    if all(trial.verdict in ("same", "slower") for trial in trials):
        lessons.append("On this interpreter no such trick pays.")
    return lessons


EXPERIMENT = Experiment(
    "names",
    "Local and global names",
    "Old advice says: in a hot loop, make global names and attributes local. Does it pay here?",
    "A quarter of the time? A hundredth? Nothing?",
    (Variant("setup", SETUP), *(variant for pair in PAIRS for variant in pair)),
    run,
)
