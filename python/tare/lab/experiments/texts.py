"""Building a string: by += on a local name, on an attribute, and by join; on PyPy too."""

from __future__ import annotations

from collections.abc import Sequence

from tare.comparing.driving import CompareError
from tare.lab.measuring import Lab
from tare.lab.model import Experiment, Finding, Trial, Variant
from tare.lab.saying import LINEAR, exponent, grows, says, sentence
from tare.lab.tabling import agreed_words, chart, over_sizes

SETUP = (
    "class Page(object):\n    pass\n\npage = Page()\npiece = 'ten signs.'\n"
    "pieces = [piece] * n"
)
JOIN = Variant("join", "result = ''.join([piece for piece in pieces])")
LOCAL = Variant("+= on a local", "result = ''\nfor piece in pieces:\n    result += piece")
ATTRIBUTE = Variant(
    "+= on an attribute",
    "page.text = ''\nfor piece in pieces:\n    page.text += piece\nresult = page.text",
)


def run(lab: Lab) -> Finding:
    sizes = lab.sizes(100, 1_000, 5_000)
    local = [lab.compare(LOCAL, JOIN, SETUP, n) for n in sizes]
    attribute = [lab.compare(ATTRIBUTE, JOIN, SETUP, n) for n in sizes]
    tables = [over_sizes(local, "pieces"), over_sizes(attribute, "pieces")]
    pypy, notes = run_on_pypy(lab, sizes)
    pictures = [chart("Build a string", "pieces", local, attribute)]
    if pypy:
        tables.append(over_sizes(pypy, "pieces, on PyPy"))
        pictures.append(chart("The same on PyPy", "pieces", pypy))
    trials = [*local, *attribute, *pypy]
    return Finding(
        tables, list(pictures), teach(local, attribute, pypy), agreed_words(trials), notes, trials
    )


def run_on_pypy(lab: Lab, sizes: Sequence[int]) -> tuple[list[Trial], list[str]]:
    if lab.pypy is None:
        return [], ["There is no pypy3 on the PATH, so this says nothing about PyPy."]
    try:
        return [lab.compare(LOCAL, JOIN, SETUP, n, python=lab.pypy) for n in sizes], []
    except CompareError as error:
        return [], [f"PyPy was left out: {error}"]


def teach(
    local: Sequence[Trial], attribute: Sequence[Trial], pypy: Sequence[Trial]
) -> list[str]:
    count = f"with {local[-1].n:,} pieces"
    lessons = [sentence(f"{count} {says(local[-1])}"), sentence(f"{count} {says(attribute[-1])}")]
    lessons += manner(local) + manner(attribute)
    if pypy:
        lessons.append(sentence(f"on PyPy, {count}, {says(pypy[-1])}"))
        lessons += [f"On PyPy, {words[:1].lower()}{words[1:]}" for words in manner(pypy)]
    return lessons


def manner(trials: Sequence[Trial]) -> list[str]:
    """Whether the string is copied each time, as its exponent says."""
    found = exponent(trials, "a")
    if found is None:
        return []
    words = sentence(grows(trials[0].a, found))
    if found > LINEAR:
        return [f"{words} All that is there is copied for each piece."]
    return [f"{words} The string seems to grow where it is; do not count on that elsewhere."]


EXPERIMENT = Experiment(
    "strings",
    "Building a string",
    "A string is made of many pieces: with += or with join?",
    "Is += always slow? Is it the same whether a name or an attribute holds the string?",
    (Variant("setup", SETUP), LOCAL, ATTRIBUTE, JOIN),
    run,
)
