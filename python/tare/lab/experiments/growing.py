"""How often a list asks for memory while it grows: no clock is needed to see it."""

from __future__ import annotations

from collections.abc import Sequence

from tare.lab.measuring import Lab
from tare.lab.model import Experiment, Finding, Steps, Table, Value, Variant
from tare.lab.saying import digits, size
from tare.heap.growing import Growth, growth

LATE = 10  # steps, by which a container's manner of growing is judged
LARGEST = 1_000_000
LARGEST_BESIDE = 100_000  # of what is only there to be compared
CURVES = 200  # items of the picture, in which single steps can be seen

CODE = (
    Variant(
        "growth",
        "from tare.heap import growth\n"
        "\n"
        "print(growth(list, 1_000_000))\n"
        "print(growth(set, 1_000_000))\n"
        "print(growth(dict, 1_000_000))",
    ),
)


def run(lab: Lab) -> Finding:
    most = LARGEST_BESIDE if lab.is_quick else LARGEST
    found = []
    for kind, largest in ((list, most), (set, LARGEST_BESIDE), (dict, LARGEST_BESIDE)):
        n = min(largest, lab.effort.most)
        lab.progress(f"{lab.begun}: {kind.__name__}, {n:,} items")
        found.append(growth(kind, n))
    rows = [row_of(found, n) for n in powers(found[0].n)]
    heads = ("items", *(f"{one.name} asked" for one in found), "size of the list", "an item")
    notes = ["Read from the sizes of the interpreter that Tare itself runs on; nothing is timed."]
    pictures: list[Steps] = [Steps(growth(list, CURVES)), Steps(found[0])]
    return Finding([Table(heads, rows)], list(pictures), teach(found), [], notes)


def powers(most: int) -> list[int]:
    return [10**power for power in range(1, len(str(most))) if 10**power <= most]


def resizes(one: Growth, n: int) -> int:
    return sum(1 for step in one.steps[1:] if step.items <= n)


def row_of(found: Sequence[Growth], n: int) -> tuple[Value, ...]:
    """How often each had asked for memory with so many items, and what the first has then."""
    first = found[0]
    held = first.at(n) - first.steps[0].bytes
    asked = [Value(resizes(one, n), "n") if n <= one.n else Value("") for one in found]
    return Value(n, "n"), *asked, Value(first.at(n), "bytes"), Value(held / n, "bytes")


def late_factor(one: Growth) -> float:
    """By how much a step grows, once it is large."""
    late = one.steps[-LATE - 1 :]
    if len(late) < 2:
        return 1.0
    return float((late[-1].bytes / late[0].bytes) ** (1 / (len(late) - 1)))


def copied_per_item(one: Growth) -> float:
    """How often an item was copied on average, if each step copies all that is there."""
    copied = sum(step.items - 1 for step in one.steps[1:])
    return copied / one.n if one.n else 0.0


def teach(found: Sequence[Growth]) -> list[str]:
    lessons = []
    for one in found:
        count = one.resize_count
        if count > one.n / 2:
            lessons.append(
                f"A {one.name} asks for memory {count:,} times for {one.n:,} items: with nearly "
                "each of them, so filling it takes time in proportion to the square."
            )
            continue
        lessons.append(
            f"A {one.name} that grows to {one.n:,} items asks for memory {count:,} times, "
            f"each time for about {late_factor(one):.3g} times what it had, and has "
            f"{size(one.bytes)} in the end."
        )
    first = found[0]
    if first.resize_count <= first.n / 2:
        lessons.append(
            f"If each step copies everything, an item of the {first.name} is copied "
            f"{digits(copied_per_item(first))} times on average, however many there are: appending "
            "costs the same on average."
        )
    return lessons


EXPERIMENT = Experiment(
    "growth",
    "How a list grows",
    "Ten thousand appends, a million appends: how often does the list ask for memory?",
    "With every append? Every tenth? Or about as often for 1,000,000 items as for 100?",
    CODE,
    run,
)
