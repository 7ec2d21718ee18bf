"""What is said follows from what was measured: the same experiment is fed with opposite results."""

import pytest

from tare._stats import Estimate
from tare.heap.growing import Growth, Step
from tare.lab import saying
from tare.lab.experiments import (
    caching,
    clocks,
    growing,
    inserting,
    lazy,
    members,
    names,
    pi,
    profiled,
    queues,
    texts,
)


def joined(lessons):
    return " ".join(lessons)


def powers(trial, ratios, a_power, ns=(10, 100, 1_000)):
    """Trials of sizes whose A takes n to that power."""
    return [trial(ratio, n, a_ns=float(n) ** a_power) for ratio, n in zip(ratios, ns)]


# ---- the words themselves ----


@pytest.mark.parametrize(
    "ratio, verdict, words",
    [
        (4.0, "faster", "new is 4.00x (95% 3.80-4.20) faster than old"),
        (0.25, "slower", "new is 4.00x (95% 3.81-4.21) slower than old"),
        (1.0, "same", "new and old take the same time"),
        (1.0, "cannot tell", "could not be told: it may be anything from 0.95x to 1.05x"),
    ],
)
def test_verdicts(trial, ratio, verdict, words):
    assert words in saying.says(trial(ratio, verdict=verdict))


def test_crossover_is_where_the_times_are_equal(trial):
    # log ratio is a line in log n: -2 at 10, +2 at 1,000, so equal at 100.
    pair = [trial(0.1, 10), trial(10.0, 1_000)]
    assert saying.crossover(pair) == pytest.approx(100)
    assert saying.crossover([trial(2.0, 10), trial(10.0, 1_000)]) is None
    assert saying.crossover([trial(0.5, 10), trial(2.0, 20), trial(0.5, 40)]) is None


def test_what_is_not_decided_turns_nothing(trial):
    trials = [trial(0.9, 10, verdict="cannot tell"), trial(2.0, 100), trial(9.0, 1_000)]
    assert saying.crossover(trials) is None


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_exponent_of_a_power_law(trial, power):
    trials = powers(trial, (2.0, 2.0, 2.0), power)
    assert saying.exponent(trials, "a") == pytest.approx(power)
    assert saying.exponent(trials[:1], "a") is None


@pytest.mark.parametrize(
    "ratio, words",
    [
        (1.02, "takes 2% less time: seldom worth a line"),
        (1.30, "takes 23% less time: worth a line where the loop is hot"),
        (1.00, "it gains nothing here"),
        (0.80, "even 1.25x"),
    ],
)
def test_worth(trial, ratio, words):
    assert words in saying.worth(trial(ratio))


@pytest.mark.parametrize(
    "words, expected",
    [("with ten it pays", "With ten it pays."), ("many_calls takes", "many_calls takes.")],
)
def test_sentence_leaves_code_alone(words, expected):
    assert saying.sentence(words) == expected


# ---- experiments, both ways ----


def test_growth():
    steps = [Step(0, 64), *(Step(2**power + 1, 8 << power) for power in range(4, 10))]
    seldom = joined(growing.teach([Growth("list", 1_000, steps)]))
    assert "6 times, each time for about 2 times what it had" in seldom
    assert "appending costs the same" in seldom
    each = [Step(n, 64 + 8 * n) for n in range(101)]
    often = joined(growing.teach([Growth("list", 100, each)]))
    assert "with nearly each of them" in often and "costs the same" not in often


def test_insert(trial):
    bad = joined(inserting.teach(powers(trial, (1.2, 5.0, 50.0), 2.0)))
    assert "With 1,000 items new is 50.0x" in bad and "n^2.0 (twice the items take 4.0" in bad
    equal = joined(inserting.teach(powers(trial, (1.0, 1.0, 1.0), 1.0)))
    assert "take the same time" in equal and "n^1.0" in equal and "twice" not in equal


def test_deque(trial):
    front, middle = [trial(20.0)], [trial(0.5)]
    assert "Neither is the better one" in joined(queues.teach(front, middle))
    assert "Neither" not in joined(queues.teach(front, [trial(1.0)]))


def test_sets(trial):
    ready = trial(50.0)
    turns = [trial(0.1, 1), trial(10.0, 100), trial(90.0, 1_000)]
    assert "as much as about 10 look-ups" in joined(members.teach(turns, ready))
    at_once = [trial(2.0, 1), trial(10.0, 100)]
    assert "paid at once" in joined(members.teach(at_once, ready))
    never = [trial(0.1, 1), trial(0.2, 100)]
    said = joined(members.teach(never, trial(0.5)))
    assert "paid" not in said and "from then on" not in said and "already" not in said


def test_strings(trial):
    linear, square = powers(trial, (2.0,) * 3, 1.0), powers(trial, (2.0, 9.0, 90.0), 2.0)
    said = texts.teach(linear, square, [])
    assert "seems to grow where it is" in said[2] and "copied for each piece" in said[3]
    assert not any("PyPy" in lesson for lesson in said)
    turned = texts.teach(square, linear, linear)
    assert "copied for each piece" in turned[2] and "seems to grow" in turned[3]
    assert turned[4].startswith("On PyPy, with 1,000 pieces, new is 2.00x")
    assert turned[5].startswith("On PyPy, the time") and "seems to grow" in turned[5]


def test_names(trial):
    assert "no such trick pays" in joined(names.teach([trial(1.0), trial(0.9)]))
    assert "no such trick pays" not in joined(names.teach([trial(1.0), trial(1.2)]))


def test_lazy(trial):
    small = {"a_bytes": 1e6, "b_bytes": 1e3}
    said = joined(lazy.teach(trial(0.9), trial(0.9, **small), trial(900.0)))
    assert "holds 1,000 bytes instead of 977 KiB" in said and "stops when it knows" in said
    same = {"a_bytes": 1e6, "b_bytes": 1e6}
    said = joined(lazy.teach(trial(1.0), trial(1.0, **same), trial(1.0)))
    assert "nothing is saved" in said and "stops when it knows" not in said
    assert "holds" not in joined(lazy.teach(trial(1.0), trial(1.0), trial(1.0)))


def test_cache(trial):
    cases = [
        caching.Case("cheap", 0, trial(0.5)),
        caching.Case("cheap", 99, trial(0.9)),
        caching.Case("dear", 0, trial(0.9)),
        caching.Case("dear", 90, trial(8.0)),
    ]
    said = caching.teach(cases, trial(60.0, a="fib", b="cached fib"))
    assert said[0].startswith("For the cheap function a cache never pays")
    assert said[1].startswith("For the dear function a cache pays from 90%")
    assert "with 0% it costs 1.11x" in said[1] and "another algorithm" in said[2]
    assert "another algorithm" not in caching.teach(cases, trial(1.5))[2]


def test_pi(trial):
    inner = [trial(0.5, 10, "plain", "NumPy"), trial(8.0, 10_000, "plain", "NumPy")]
    pool = trial(1.8, 1_000, b=pi.POOL_SCRIPT.label, cpu_ratio=Estimate(0.8, 0.7, 0.9))
    said = joined(pi.teach(inner, [pool]))
    assert "change places: from about" in said and "processor time" in said
    assert "They use 1.25x" in said
    free = pool._replace(cpu_ratio=Estimate(1.0, 0.9, 1.1))
    assert "processor time is no more" in joined(pi.teach([], [free]))


def test_clocks(trial):
    reads = [trial(1.0, b="fast()", a_ns=5_000.0), trial(0.1, b="slow()", a_ns=5_000.0)]
    wait = trial(0.1, wall_ratio=Estimate(0.1, 0.09, 0.11), cpu_ratio=Estimate(0.98, 0.9, 1.1))
    said = joined(clocks.teach(wait, reads))
    assert "hardly sees it" in said and "fast() takes 50.0 ns, slow() 500 ns" in said
    busy = wait._replace(cpu_ratio=Estimate(0.11, 0.1, 0.12))
    said = joined(clocks.teach(busy, reads[:1]))
    assert "hardly" not in said and "cost the same here" in said


@pytest.mark.parametrize(
    "ratio, words",
    [(2.1, "which agrees"), (9.0, "4.50 times as bad as it is"), (0.5, "4.00 times too little")],
)
def test_profilers(ratio, words):
    def seen(tool, value):
        many = Estimate(1e6, 9e5, 2e6)
        return profiled.Seen(tool, Estimate(value, value * 0.99, value * 1.01), many)

    said = profiled.teach([seen("no profiler", 2.0), seen("some tool", ratio)])
    assert said[0].startswith("many_calls really takes 2.00x")
    assert said[1].startswith("some tool says") and words in said[1]
