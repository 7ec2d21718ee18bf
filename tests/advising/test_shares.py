"""Small changes by the share of their function: known shares, known ratios, no false ones."""

import os
import random
import sys
from types import SimpleNamespace

import pytest
from tare.advising import shares
from tare.advising.benches import ProgramBench
from tare.advising.shares import Function, Share, compare_shares, share_of
from tare.advising.subject import parse_command

PROGRAM = """\
def part(n):
    total = 0
    for i in range(n):
        total += i % 7
    return total

def rest(n):
    total = 0
    for i in range(n):
        total += i % 7
    return total

for _ in range(20):
    rest(75000), part(25000)
print("done")
"""


@pytest.fixture
def rounds_of(monkeypatch):
    """Rounds in which both runs are slowed down by chance, and so is the rest of the program."""

    def make(before, after, noise, seed, wall_ns=1):
        chance = random.Random(seed)

        def rounds(bench, copy, function):
            for _ in range(shares.LOOKS[-1]):
                one, other = (
                    min(0.99, max(0.001, share + chance.gauss(0, noise)))
                    for share in (before, after)
                )
                yield (1 - other) / (1 - one), wall_ns

        monkeypatch.setattr(shares, "rounds", rounds)

    return make


def decide(seconds=1.0):
    bench = SimpleNamespace(before={0: SimpleNamespace(wall_ns=1)})
    return compare_shares(bench, None, None, seconds)


def test_a_small_gain_is_found(rounds_of):
    """Of 4 % of the time a half: 2 % in all."""
    found = inside = 0
    for seed in range(50):
        rounds_of(0.04, 0.02, 0.005, seed)
        look, _ = decide()
        found += look.decided == "faster"
        inside += look.ratio.low <= 0.98 / 0.96 <= look.ratio.high
    assert found >= 45
    assert inside >= 44


def test_none_is_found_where_there_is_none(rounds_of):
    wrong = 0
    for seed in range(300):
        rounds_of(0.04, 0.04, 0.01, seed)
        look, _ = decide()
        wrong += look.decided in ("faster", "slower")
    assert wrong <= 30  # 15 are expected of 5 %


def test_it_ends_when_the_time_is_used_up(rounds_of):
    rounds_of(0.04, 0.04, 0.2, 1, wall_ns=10**9)
    look, count = decide()
    assert count == shares.LOOKS[0] and look.decided == ""


def test_what_takes_too_long_is_left():
    bench = SimpleNamespace(before={0: SimpleNamespace(wall_ns=10**9)})
    assert compare_shares(bench, None, None, 1.0) is None


def test_a_function_with_all_of_the_time_has_nothing_beside_it(monkeypatch):
    share = Share(0.9, 0.95)
    monkeypatch.setattr(shares, "share_of", lambda bench, copy, function, seed: (share, 1))
    bench = SimpleNamespace(before={0: SimpleNamespace(wall_ns=1)}, original=object())
    assert compare_shares(bench, object(), None, 1.0) is None


def test_of_a_function_that_calls_nearly_all_its_own_time_counts(monkeypatch):
    before, after = Share(0.2, 0.97), Share(0.1, 0.96)
    bench = SimpleNamespace(before={0: SimpleNamespace(wall_ns=1)}, original=object())

    def share_of(bench, copy, function, seed):
        return (before if copy is bench.original else after), 1

    monkeypatch.setattr(shares, "share_of", share_of)
    look, _ = compare_shares(bench, object(), None, 1.0)
    assert look.ratio.value == pytest.approx(0.9 / 0.8)
    assert look.decided == "faster"


def test_a_known_share(tmp_path):
    """A quarter of the loops; the interpreter's start takes a little of it."""
    (tmp_path / "work.py").write_text(PROGRAM)
    file = str(tmp_path / "work.py")
    subject = parse_command([sys.executable, "work.py"], str(tmp_path))
    (tmp_path / "copies").mkdir()
    bench = ProgramBench(subject, [file], str(tmp_path / "copies"), os.environ, 1.0)
    bench.most_seconds = None
    share, taken_ns = share_of(bench, bench.original, Function(file, "part"), 0)
    assert 0.1 < share.own <= share.total < 0.35
    assert taken_ns > 0
    nothing, _ = share_of(bench, bench.original, Function(file, "absent"), 0)
    assert nothing == Share(0, 0)
