"""Scaling: known powers are found, from times that are made up and from real programs."""

import os
import random
import sys

import pytest
from tare._stats import Estimate
from tare.advising import scaling
from tare.advising.scaling import Sample, check_has_size, order, summarize
from tare.advising.subject import function_subject, parse_command
from tare.cli.failure import Failure

SIZES = (1500, 6000)
FILE = "/srv/work.py"
JOIN, FLAT, ONCE = (FILE, 1, "join"), (FILE, 20, "flat"), (FILE, 40, "once")
SUBJECT = parse_command(["python", "work.py", "{n}"], "/srv")
PROGRAM = """\
import sys
def join(a, b):
    found = []
    for x in a:
        for y in b:
            if x == y:
                found.append(x)
    return found
def flat(n):
    total = 0
    for i in range(n * 300):
        total += i % 7
    return total
n = int(sys.argv[1])
print(len(join(range(n), range(n))), flat(n))
"""


def made_up(powers, noise=0.05, seed=1, scale_ns=60e6, rounds=3):
    """Samples in which places take times of known power."""
    chance = random.Random(seed)
    samples = []
    for n in SIZES:
        some = []
        for _ in range(rounds):
            times = {
                place: scale_ns * (n / SIZES[0]) ** power * chance.uniform(1 - noise, 1 + noise)
                for place, power in powers.items()
            }
            lines = {(file, line + 1, name): ns for (file, line, name), ns in times.items()}
            some.append(Sample(sum(times.values()), times, lines))
        samples.append(some)
    return samples


def test_known_powers_are_found():
    found = summarize(SUBJECT, SIZES, made_up({JOIN: 2, FLAT: 1, ONCE: 0}))
    by_name = {growth.qualname: growth for growth in found.functions}
    for name, power, word in (("join", 2, "quadratic"), ("flat", 1, "linear")):
        low, high = by_name[name].exponent.low, by_name[name].exponent.high
        assert low <= power <= high and high - low < 0.4
        assert order(by_name[name].exponent) == word
    assert order(by_name["once"].exponent) == "constant"
    assert [growth.qualname for growth in found.steep] == ["join"]
    assert [(line.line, line.qualname) for line in found.lines] == [(2, "join")]
    assert found.whole.exponent is None
    assert by_name["join"].share == pytest.approx(16 / 21, abs=0.1)


def test_the_interval_holds_its_level():
    """In nine of ten runs at least the true power is within: 95 % are asked of it."""
    inside = 0
    for seed in range(200):
        found = summarize(SUBJECT, SIZES, made_up({JOIN: 1.5}, 0.15, seed))
        estimate = found.functions[0].exponent
        inside += estimate.low <= 1.5 <= estimate.high
    assert inside >= 180


def test_noise_is_no_growth():
    steep = sum(
        bool(summarize(SUBJECT, SIZES, made_up({FLAT: 1}, 0.2, seed)).steep) for seed in range(100)
    )
    assert steep <= 5


def test_what_is_too_short_has_no_power():
    found = summarize(SUBJECT, SIZES, made_up({JOIN: 2}, scale_ns=2e6))
    assert found.functions[0].exponent is None
    assert order(None) == "unclear"
    assert not found.steep


def test_nothing_sampled_is_said():
    empty = [[Sample(1e6, {}, {})] for _ in SIZES]
    with pytest.raises(Failure, match="begin with a larger n"):
        summarize(SUBJECT, SIZES, empty)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (1.9, 2.1, "quadratic"),
        (2.9, 3.2, "cubic"),
        (1.08, 1.2, "linear"),
        (1.12, 1.2, "n log n or so"),
        (1.4, 1.7, "between linear and quadratic"),
        (2.3, 2.6, "more than quadratic"),
        (-0.1, 0.2, "constant"),
        (0.5, 0.8, "less than linear"),
        (0.0, 2.0, "unclear"),
    ],
)
def test_words(low, high, word):
    assert order(Estimate((low + high) / 2, low, high)) == word


def test_a_real_program(tmp_path, monkeypatch):
    monkeypatch.setattr(scaling, "ROUNDS", 2)
    (tmp_path / "work.py").write_text(PROGRAM)
    subject = parse_command([sys.executable, "work.py", "{n}"], str(tmp_path))
    found = scaling.scale(subject, [1500, 6000], str(tmp_path), os.environ, 1000, lambda said: None)
    assert found.sizes == (1500, 6000)
    by_name = {growth.qualname: growth for growth in found.functions}
    assert by_name["join"].exponent.value > 1.5
    assert by_name["flat"].exponent is None or by_name["flat"].exponent.value < 1.5
    assert by_name["join"].line == 2
    assert {line.line for line in found.lines} <= {5, 6, 7}


def test_a_real_function(tmp_path, monkeypatch):
    monkeypatch.setattr(scaling, "CALLED_SECONDS", 0.3)
    (tmp_path / "work.py").write_text(
        "def reverse(items):\n    found = []\n    for x in items:\n        found.insert(0, x)\n"
    )
    subject = function_subject(
        sys.executable, (str(tmp_path), "work", "reverse"), "range(n)", "", str(tmp_path)
    )
    found = scaling.scale(subject, [4000, 32000], str(tmp_path), os.environ, 1000, print)
    assert found.whole.exponent.value > 1.5
    assert found.functions[0].qualname == "reverse"
    assert [(hint.rule.id, hint.line) for hint in found.hints] == [("insert-at-0", 4)]
    assert found.functions[0].times_ns[0] < found.whole.times_ns[0] * 1.5  # of one call


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        (parse_command(["python", "a.py", "3"], "/srv"), "no {n} in its arguments"),
        (
            function_subject("python", ("/srv", "a", "f"), "[1]", "m = 3", "/srv"),
            "do not depend on n",
        ),
        (function_subject("python", ("/srv", "a", "f"), "n +", "", "/srv"), "invalid syntax"),
    ],
)
def test_where_the_size_is_missing(subject, why):
    with pytest.raises(Failure, match="scale") as failure:
        check_has_size(subject)
    assert why in str(failure.value)


def test_a_program_that_fails_is_one_line(tmp_path):
    (tmp_path / "work.py").write_text("import sys\nraise ValueError(sys.argv[1])\n")
    subject = parse_command([sys.executable, "work.py", "{n}"], str(tmp_path))
    with pytest.raises(Failure, match="with n = 10 it ended with exit code 1: ValueError: 10"):
        scaling.scale(subject, [10], str(tmp_path), os.environ, 1000, lambda said: None)
