"""A list and a deque: from the front, and in the middle."""

from __future__ import annotations

from collections.abc import Sequence

from tare.lab.measuring import Lab
from tare.lab.model import Experiment, Finding, Trial, Variant
from tare.lab.saying import by_size, says, sentence
from tare.lab.tabling import agreed_words, chart, over_sizes

SETUP = "from collections import deque\nitems = list(range(n))\nqueue = deque(items)"
POP = Variant(
    "list.pop(0)",
    "waiting = list(items)\nresult = 0\nwhile waiting:\n    result += waiting.pop(0)",
)
POPLEFT = Variant(
    "deque.popleft()",
    "waiting = deque(items)\nresult = 0\nwhile waiting:\n    result += waiting.popleft()",
)
LIST_INDEX = Variant("list[i]", "result = 0\nfor i in range(n):\n    result += items[i]")
DEQUE_INDEX = Variant("deque[i]", "result = 0\nfor i in range(n):\n    result += queue[i]")


def run(lab: Lab) -> Finding:
    sizes = lab.sizes(10, 1_000, 20_000)
    front = [lab.compare(POP, POPLEFT, SETUP, n) for n in sizes]
    middle = [lab.compare(LIST_INDEX, DEQUE_INDEX, SETUP, n) for n in lab.sizes(10, 1_000, 10_000)]
    return Finding(
        [over_sizes(front, "items"), over_sizes(middle, "items")],
        [
            chart("Take all items from the front", "items", front),
            chart("Read all items by number", "items", middle),
        ],
        teach(front, middle),
        agreed_words([*front, *middle]),
        [],
        [*front, *middle],
    )


def teach(front: Sequence[Trial], middle: Sequence[Trial]) -> list[str]:
    lessons = by_size(front)
    words = f"read by number, with {middle[-1].n:,} items, {says(middle[-1])}"
    lessons.append(sentence(words))
    if front[-1].verdict == "faster" and middle[-1].verdict == "slower":
        lessons.append(
            "Neither is the better one: what is taken away at the front wants a deque, what is "
            "read by number a list."
        )
    return lessons


EXPERIMENT = Experiment(
    "deque",
    "List or deque",
    "Items are taken from the front until none is left. And if they are read by number?",
    "Does the deque win both times?",
    (Variant("setup", SETUP), POP, POPLEFT, LIST_INDEX, DEQUE_INDEX),
    run,
)
