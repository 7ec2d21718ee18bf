"""What is made of blocks whose times are known: verdicts, intervals, when to stop."""

import json
import math

import pytest
from scripted import BLOCK_NS, Scripted

from tare.comparing import machine, result
from tare.comparing.driving import CompareError
from tare.comparing.result import Agreed, Comparison
from tare.comparing.running import (
    FEWEST_PROCESSES,
    LEAST_PROCESSES,
    Plan,
    measure_with,
    spread_looks,
)


SCOUTED = 48  # blocks


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """How fast this machine is does not matter where times are written down."""
    monkeypatch.setattr(machine, "spin", lambda: 1000)


def compare(engine, **plan):
    given = {"seconds": 1e6, "processes": 20, "seed": 5, "memory": False}
    return measure_with(engine, Plan(**{**given, **plan}))


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(2.0, "faster"), (0.5, "slower"), (1.1, "faster"), (0.9, "slower")]
)
def test_a_change_is_found_with_its_size(ratio, verdict):
    found = compare(Scripted(ratio))
    assert found.verdict == verdict
    assert found.ratio.low < ratio < found.ratio.high
    half = math.log(found.ratio.high / found.ratio.low) / 2
    assert half <= max(0.02, 0.1 * abs(math.log(found.ratio.value)))  # when it stopped
    assert found.a_ns.value == pytest.approx(BLOCK_NS / 10, rel=0.02)
    assert found.b_ns.value == pytest.approx(BLOCK_NS / 10 / ratio, rel=0.03)


def test_no_change_within_what_matters_is_the_same():
    found = compare(Scripted(1.002, between=0.003, within=0.003), least=0.01)
    assert found.verdict == result.SAME
    assert 1 / 1.01 < found.ratio.low < found.ratio.high < 1.01


def test_what_cannot_be_told_says_what_it_would_take():
    found = compare(Scripted(1.01, between=0.05), processes=10)
    assert found.verdict == result.CANNOT_TELL
    assert found.ratio.low < 1 < found.ratio.high
    assert found.needed > 20 and found.needed_seconds > 0
    assert found.smallest > 1.02


def test_with_as_many_processes_as_it_asks_for_it_can_usually_tell():
    told = 0
    for seed in range(20):
        first = compare(Scripted(1.02, between=0.03, seed=seed), processes=10)
        if first.verdict != result.CANNOT_TELL:
            continue
        more = min(2000, len(first.processes) + first.needed)
        again = compare(Scripted(1.02, between=0.03, seed=seed + 1000), processes=more)
        told += 1 if again.verdict == result.CANNOT_TELL else -1
    assert told < 0


def test_a_program_against_itself_is_seldom_called_different():
    wrong = 0
    count = 200
    for seed in range(count):
        found = compare(Scripted(1.0, between=0.02, drift=0.5, seed=seed))
        wrong += found.verdict in (result.FASTER, result.SLOWER)
    assert wrong <= 0.05 * count + 3 * math.sqrt(0.05 * 0.95 * count)


def test_values_of_one_process_are_no_sample():
    """Processes that differ by 5 % while their pairs agree to 0.1 %."""
    wrong = 0
    for seed in range(60):
        found = compare(Scripted(1.0, between=0.05, within=0.001, seed=seed))
        wrong += found.verdict in (result.FASTER, result.SLOWER)
    assert wrong <= 9  # as if pairs were independent it would be most of them
    assert found.levels["between_share"] > 0.9


def test_drift_is_in_no_ratio():
    found = compare(Scripted(1.0, between=0.001, within=0.001, drift=2.0), least=1e-5)
    assert found.processes[-1].a_ns > 2 * found.processes[0].a_ns
    assert found.ratio.value == pytest.approx(1.0, abs=0.002)


def test_a_large_change_stops_early_and_a_small_one_does_not():
    assert len(compare(Scripted(3.0)).processes) == LEAST_PROCESSES  # the first look
    assert len(compare(Scripted(1.0, between=0.05)).processes) == 20


@pytest.mark.parametrize("most", [2, 3, 6, 7, 20, 1000])
def test_looks_ascend_to_the_last(most):
    looks = spread_looks(min(most, LEAST_PROCESSES), most)
    assert list(looks) == sorted(set(looks)) and looks[-1] == most and len(looks) <= 5
    assert looks[0] == min(most, LEAST_PROCESSES)


def test_time_that_is_up_stops_it():
    found = compare(Scripted(1.001, between=0.05), processes=None, seconds=0.0)
    assert len(found.processes) == FEWEST_PROCESSES and found.verdict == result.CANNOT_TELL


def test_different_results_are_not_timed():
    engine = Scripted(3.0, agreed=Agreed(False, "result: 1 against 2"))
    found = compare(engine)
    assert found.verdict == result.DIFFERENT and found.ratio is None and not engine.settings
    assert compare(engine, check=False).verdict == result.FASTER


def test_what_waits_is_timed_by_the_wall():
    found = compare(Scripted(2.0, cpu_part=(0.1, 0.2)))
    assert found.clock == "wall" and "old waits for 90% of its time" in found.clock_why
    assert found.ratio.low < 2 < found.ratio.high
    assert found.cpu_ratio.value == pytest.approx(1.0, abs=0.05)


def test_several_processors_are_timed_by_the_wall():
    found = compare(Scripted(2.0, cpu_part=(1.0, 2.0)))
    assert found.clock == "wall" and "new uses 2.0 processors" in found.clock_why
    assert found.ratio.low < 2 < found.ratio.high


def test_a_clock_that_steps_costs_the_pair():
    count = [0]

    def back(side, block):
        count[0] += 1
        return block._replace(wall_ns=-5) if count[0] % 7 == 0 else block

    found = compare(Scripted(2.0, blocks=back), clock="wall")
    assert found.ratio.low < 2 < found.ratio.high
    assert all(len(one.pair_log_ratios) < 16 for one in found.processes)

    def always(side, block):
        count[0] += 1
        return block._replace(wall_ns=-5) if count[0] > SCOUTED else block

    count[0] = 0
    with pytest.raises(CompareError, match="clock of the system stepped"):
        compare(Scripted(2.0, blocks=always), clock="wall")


def test_what_the_machine_did_to_a_pair_sets_it_aside():
    count = [0]

    def still(side, block):
        count[0] += 1
        return block._replace(wall_ns=block.wall_ns * 3) if count[0] % 9 == 0 else block

    found = compare(Scripted(2.0, blocks=still))
    assert "R2" in found.set_aside and sum(found.processes[0].set_aside.values()) > 0


def test_the_empty_loop_is_taken_out():
    """Of 400 µs an iteration of A, 200 are the loop's: what is left is 2 to 1, not 3 to 2."""
    found = compare(Scripted(4 / 3, empty_ns=BLOCK_NS / 20, between=0.001, within=0.001))
    assert found.ratio.value == pytest.approx(2.0, abs=0.02)
    with pytest.raises(CompareError, match="new takes no longer than an empty loop"):
        compare(Scripted(2.0, empty_ns=BLOCK_NS / 20))


def test_what_becomes_warm_is_run_before():
    engine = Scripted(2.0, between=0.001, within=0.001)
    count = [0]

    def warm(side, block):
        count[0] += 1
        factor = 3 if count[0] <= 20 else 1
        return block._replace(wall_ns=block.wall_ns * factor, cpu_ns=block.cpu_ns * factor)

    engine.given = warm
    found = compare(engine)
    assert [one.kind for one in found.warm_up] == ["warm-up", "warm-up"]
    assert set(engine.warm_pairs) == {10}
    assert found.ratio.value == pytest.approx(2.0, abs=0.01)


def test_the_document_gives_the_comparison_back():
    for engine in (Scripted(2.0), Scripted(2.0, agreed=Agreed(False, "differ", {"path": "x"}))):
        found = compare(engine)
        text = json.dumps(found.to_dict(), allow_nan=False)
        again = Comparison.from_dict(json.loads(text))
        assert again.to_dict() == found.to_dict() and again.ratio == found.ratio
    for bad in ({}, {"schema": "tare.compare/9"}, {**found.to_dict(), "processes": 3}):
        with pytest.raises(ValueError, match="schema|no comparison"):
            Comparison.from_dict(bad)


def test_factors_name_what_the_spread_comes_from():
    """Hash seeds that make up to 10 % of difference, and nothing else that does."""
    engine = Scripted(1.0, between=0.0001, within=0.001)
    plain = engine.process

    def process(setting, pair_count, warm_pairs):
        engine.ratio = 1 + (setting.hash_seed % 100) / 1000
        return plain(setting, pair_count, warm_pairs)

    engine.process = process
    found = compare(engine, budget=True)
    shares = {factor["name"]: factor["share"] for factor in found.factors}
    assert shares["hash seed"] > 0.9 and shares["order"] < 0.1
