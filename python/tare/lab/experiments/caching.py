"""A cache in front of a function: how dear must it be, and how often must it hit?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tare.lab.measuring import Lab
from tare.lab.model import Experiment, Finding, Table, Trial, Value, Variant
from tare.lab.saying import factor, says, sentence
from tare.lab.tabling import agreed_words, outcome_of, time_of

CALLS = 400
FUNCTIONS = (
    "from functools import lru_cache\n"
    "\n"
    "def cheap(x):\n"
    "    return x * x + 1\n"
    "\n"
    "def dear(x):\n"
    "    return sum([i * x for i in range(100)])\n"
    "\n"
    "kept_cheap = lru_cache(maxsize=None)(cheap)\n"
    "kept_dear = lru_cache(maxsize=None)(dear)\n"
)
ASKED = f"asked = [i % different for i in range({CALLS})]"
SHARES = (0, 50, 90, 99)  # per cent of the calls that find their value there
FIB = Variant(
    "fib", "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n\nresult = fib(18)"
)
KEPT_FIB = Variant(
    "cached fib",
    "@lru_cache(maxsize=None)\n"
    "def fib(n):\n"
    "    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"
    "\n"
    "result = fib(18)",
)


def plain_of(name: str) -> Variant:
    return Variant(name, f"result = [{name}(x) for x in asked]")


def kept_of(name: str) -> Variant:
    """Begins with an empty cache, each time."""
    code = f"kept_{name}.cache_clear()\nresult = [kept_{name}(x) for x in asked]"
    return Variant(f"cached {name}", code)


class Case(NamedTuple):
    name: str  # of the function
    share: int  # of the calls that find their value there, in per cent
    trial: Trial


def run(lab: Lab) -> Finding:
    cases = []
    for name in ("cheap", "dear"):
        for share in lab.sizes(*SHARES):
            different = max(1, round(CALLS * (100 - share) / 100))
            setup = f"{FUNCTIONS}different = {different}\n{ASKED}"
            cases.append(Case(name, share, lab.compare(plain_of(name), kept_of(name), setup)))
    fib = lab.compare(FIB, KEPT_FIB, FUNCTIONS)
    trials = [*(trial for _, _, trial in cases), fib]
    return Finding(
        [table(cases, fib)],
        [],
        teach(cases, fib),
        agreed_words(trials),
        [f"{CALLS} calls, from an empty cache each time."],
        trials,
    )


def table(cases: Sequence[Case], fib: Trial) -> Table:
    heads = ("function", "found there", "plain", "cached", "cached is (95%)")
    rows = [(Value(name), Value(share / 100, "part"), *cells(trial))
            for name, share, trial in cases]
    return Table(heads, [*rows, (Value("fib(18), recursive"), Value(""), *cells(fib))])


def cells(trial: Trial) -> tuple[Value, ...]:
    return time_of(trial, "a"), time_of(trial, "b"), outcome_of(trial)


def teach(cases: Sequence[Case], fib: Trial) -> list[str]:
    lessons = []
    for name in dict.fromkeys(name for name, _, _ in cases):
        lessons += lessons_of(name, [(share, trial) for kind, share, trial in cases
                                     if kind == name])
    return [*lessons, f"{sentence(says(fib))}{fib_words(fib)}"]


def lessons_of(name: str, trials: Sequence[tuple[int, Trial]]) -> list[str]:
    """Where it pays, by how often the value is there."""
    paying = [(share, trial) for share, trial in trials if trial.verdict == "faster"]
    best = trials[-1]
    if not paying:
        return [f"For the {name} function a cache never pays: with {best[0]}% of the calls found "
                f"there {says(best[1])}."]
    words = (f"For the {name} function a cache pays from {paying[0][0]}% of the calls found there, "
             f"of those that were tried: {factor(paying[0][1].ratio)}")
    if paying[-1] is not paying[0]:
        words += f", and {factor(paying[-1][1].ratio)} with {paying[-1][0]}%"
    losing = [(share, trial) for share, trial in trials if trial.verdict == "slower"]
    if losing:
        words += f"; with {losing[0][0]}% it costs {factor(losing[0][1].ratio)}"
    return [f"{words}."]


def fib_words(fib: Trial) -> str:
    """Ten times is more than saving a call can bring: other work is done."""
    if fib.verdict == "faster" and fib.ratio.value > 10:
        return " Here the cache makes another algorithm of it."
    return ""


EXPERIMENT = Experiment(
    "cache",
    "Caching",
    "lru_cache keeps what a function has returned. When does that pay?",
    "Always? For how cheap a function does it cost more than it saves?",
    (
        Variant("setup", f"{FUNCTIONS}\n{ASKED}"),
        plain_of("dear"),
        kept_of("dear"),
        FIB,
        KEPT_FIB,
    ),
    run,
)
