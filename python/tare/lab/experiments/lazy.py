"""Loop, comprehension, generator: time and memory, and what an early end saves."""

from __future__ import annotations

from collections.abc import Sequence

from tare.lab.measuring import Lab
from tare.lab.model import Experiment, Finding, Table, Trial, Value, Variant
from tare.lab.saying import says, sentence, size
from tare.lab.tabling import agreed_words, pairs

SETUP = "numbers = range(n)"
LOOP = Variant(
    "a loop with append",
    "squares = []\nfor x in numbers:\n    squares.append(x * x)\nresult = sum(squares)",
)
COMPREHENSION = Variant("a comprehension", "result = sum([x * x for x in numbers])")
GENERATOR = Variant("a generator", "result = sum(x * x for x in numbers)")
ALL_FIRST = Variant("any([...])", "result = any([x * x > 50 for x in numbers])")
AS_NEEDED = Variant("any(...)", "result = any(x * x > 50 for x in numbers)")
MUCH = 2.0


def run(lab: Lab) -> Finding:
    n = max(lab.sizes(1_000, 20_000))
    trials = [
        lab.compare(COMPREHENSION, LOOP, SETUP, n, memory=True),
        lab.compare(COMPREHENSION, GENERATOR, SETUP, n, memory=True),
        lab.compare(ALL_FIRST, AS_NEEDED, SETUP, n, memory=True),
    ]
    return Finding(
        [pairs(trials), memory_table(trials)],
        [],
        teach(*trials),
        agreed_words(trials),
        [f"n = {n:,}; memory is what one call allocates at its peak."],
        trials,
    )


def memory_table(trials: Sequence[Trial]) -> Table:
    """What each way holds at its peak, once."""
    held = {}
    for trial in trials:
        held[trial.a] = trial.a_bytes
        held[trial.b] = trial.b_bytes
    rows = [(Value(label), memory_of(amount)) for label, amount in held.items()]
    return Table(("memory", "held at its peak"), rows)


def memory_of(amount: float | None) -> Value:
    return Value("not known") if amount is None else Value(amount, "bytes")


def teach(loop: Trial, generator: Trial, early: Trial) -> list[str]:
    lessons = [sentence(says(loop)), f"{sentence(says(generator))}{memory_words(generator)}"]
    words = f"Where the first items are enough, {says(early)}"
    if early.verdict == "faster" and early.ratio.value > MUCH:
        words += ", because it stops when it knows"
    return [*lessons, f"{words}."]


def memory_words(trial: Trial) -> str:
    if trial.a_bytes is None or trial.b_bytes is None:
        return ""
    if trial.b_bytes * MUCH < trial.a_bytes:
        return f" It holds {size(trial.b_bytes)} instead of {size(trial.a_bytes)}."
    return f" It holds {size(trial.b_bytes)}, the other {size(trial.a_bytes)}: nothing is saved."


EXPERIMENT = Experiment(
    "lazy",
    "Comprehension and generator",
    "The squares of many numbers are added: list them first, or make them as they are needed?",
    "Which is faster, and which holds less? And if the first few are enough?",
    (Variant("setup", SETUP), LOOP, COMPREHENSION, GENERATOR, ALL_FIRST, AS_NEEDED),
    run,
)
