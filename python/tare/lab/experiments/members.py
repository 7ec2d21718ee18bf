"""Looking for things in a list and in a set, which has to be made first."""

from __future__ import annotations

from collections.abc import Sequence

from tare.lab.measuring import Lab
from tare.lab.model import Experiment, Finding, Trial, Variant
from tare.lab.saying import crossover, factor, rounded, says, sentence
from tare.lab.tabling import agreed_words, chart, over_sizes

ITEMS = 1_000
LOOKUPS = (1, 2, 5, 10, 100, 1_000)
SETUP = (
    f"items = list(range({ITEMS}))\n"
    "known = set(items)\n"
    "wanted = [(1237 * (i + 2)) % 2000 for i in range(n)]"  # half of them are there
)
IN_LIST = Variant("searching the list", "result = [x in items for x in wanted]")
IN_NEW_SET = Variant("making a set first", "new = set(items)\nresult = [x in new for x in wanted]")
IN_SET = Variant("a set that is there", "result = [x in known for x in wanted]")


def run(lab: Lab) -> Finding:
    trials = [lab.compare(IN_LIST, IN_NEW_SET, SETUP, n) for n in lab.sizes(*LOOKUPS)]
    ready = lab.compare(IN_LIST, IN_SET, SETUP, max(lab.sizes(*LOOKUPS)))
    return Finding(
        [over_sizes(trials, "look-ups"), over_sizes([ready], "look-ups")],
        [chart(f"Look-ups among {ITEMS:,} items", "look-ups", trials)],
        teach(trials, ready),
        agreed_words([*trials, ready]),
        [f"There are {ITEMS:,} items; about half of what is looked for is among them."],
        [*trials, ready],
    )


def teach(trials: Sequence[Trial], ready: Trial) -> list[str]:
    first, last = trials[0], trials[-1]
    lessons = [sentence(f"with {last.n:,} look-ups {says(last)}")]
    if first is not last:
        word = "look-up" if first.n == 1 else "look-ups"
        lessons.append(sentence(f"with {first.n:,} {word} {says(first)}"))
    at = crossover(trials)
    if at is not None and first.verdict == "slower":
        lessons.append(
            f"Making the set costs as much as about {rounded(at):,} look-ups in the list: from "
            "then on it pays."
        )
    elif all(trial.verdict == "faster" for trial in trials):
        lessons.append("Making the set paid at once, from the fewest look-ups that were tried.")
    if ready.verdict == "faster":
        lessons.append(f"A set that is there already is {factor(ready.ratio)} faster.")
    return lessons


EXPERIMENT = Experiment(
    "sets",
    "List or set",
    "Is x among these 1,000 items? A set knows at once, but somebody has to make it.",
    "From how many look-ups on does making a set pay: 1, 10, 1,000?",
    (Variant("setup", SETUP), IN_LIST, IN_NEW_SET, IN_SET),
    run,
)
