"""From times to gains: measurements that were made up, of programs whose answer is known."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tare.whatif.delaying import Counters
from tare.whatif.experiment import (
    Experiment,
    Taken,
    analyse,
    as_blocks,
    choose_ratio,
    choose_stretch,
    even_out,
)

WHOLE_NS, FUNCTION_NS = 1e9, 4e8
HIDDEN, LONGER = (-1.0, -0.5, 0.0, 1.0), (0.0, 0.5, 1.0)
Program = Callable[[float], float]  # its time when the function takes so many times its own


def counted(**more: int) -> Counters:
    zero = dict.fromkeys(Counters._fields, 0)
    return Counters(**{**zero, "calls": 10, "cpu_ns": int(FUNCTION_NS), "process_count": 1,
                       "code_count": 1, "wall_ns": int(FUNCTION_NS), **more})


def serial(times: float) -> float:
    return WHOLE_NS + (times - 1) * FUNCTION_NS


def behind(times: float) -> float:
    """Something else takes longer."""
    return WHOLE_NS


def beside(times: float) -> float:
    """Something else takes as long as half of it, beside it."""
    return WHOLE_NS + (max(times, 0.5) - 1) * FUNCTION_NS


def comes_late(times: float) -> float:
    """Something else takes a quarter longer."""
    return WHOLE_NS + max(0.0, times - 1.25) * FUNCTION_NS


def tried(program: Program, steps: tuple[float, ...], chance: random.Random, blocks: int = 12,
          noise: float = 0.02, speeds: float = 0.0, levels: float = 0.0, lost: float = 0.0,
          felt: float = 1.0) -> Experiment:
    """noise: of each run by itself; speeds: of the processor in each run; levels: of each block,
    which the CPU time does not tell; lost: without a CPU, in parts of the whole, of which a part is
    felt."""
    runs = []
    for _ in range(blocks):
        level = 1 + levels * chance.random()
        row = {}
        for step in (None, *steps):
            speed = 1 + speeds * chance.random()
            times = 1 + (step or 0.0)
            seen_ns = WHOLE_NS + (times - 1) * FUNCTION_NS
            taken_ns = program(times) * speed * level * chance.gauss(1, noise)
            lost_ns = WHOLE_NS * lost * chance.random()
            row[step] = Taken(taken_ns + felt * lost_ns, lost_ns, WHOLE_NS * speed,
                              seen_ns * speed, max(step or 0.0, 0.0), FUNCTION_NS * speed)
        runs.append(row)
    return analyse(as_blocks(runs), "work", counted(), False)


@pytest.mark.parametrize(("program", "gone", "half"), [
    (serial, 0.4, 0.2), (behind, 0.0, 0.0), (beside, 0.2, 0.2),
])
def test_what_was_hidden_is_what_is_gained(program: Program, gone: float, half: float) -> None:
    found = tried(program, HIDDEN, random.Random(1), blocks=30)
    assert found.hidden
    assert found.saved(1.0).value == pytest.approx(gone, abs=0.03)
    assert found.saved(0.5).value == pytest.approx(half, abs=0.03)
    assert found.saved(0.75).value == pytest.approx((gone + half) / 2, abs=0.03)
    assert found.saved(0.0).value == 0


def test_slowing_down_says_the_same_of_what_is_serial() -> None:
    found = tried(serial, LONGER, random.Random(1), blocks=30)
    assert not found.hidden and not found.bent
    assert found.saved(1.0).value == pytest.approx(0.4, abs=0.03)
    assert found.saved(0.5).value == found.saved(1.0).value / 2
    assert found.criticality.value == pytest.approx(1.0, abs=0.1)


def test_another_way_is_seen_when_both_were_tried() -> None:
    assert tried(beside, HIDDEN, random.Random(1)).other_way
    assert not tried(serial, HIDDEN, random.Random(1)).other_way


def test_a_line_that_bends_is_called_so() -> None:
    bent = [tried(comes_late, LONGER, random.Random(seed), noise=0.01).bent for seed in range(30)]
    straight = [tried(serial, LONGER, random.Random(seed)).bent for seed in range(200)]
    assert sum(bent) == 30
    assert sum(straight) <= 8  # of 200, at one in a hundred


@pytest.mark.parametrize("steps", [HIDDEN, LONGER])
@pytest.mark.parametrize("machine", [
    {}, {"speeds": 0.5}, {"levels": 1.0}, {"lost": 3.0}, {"lost": 1.0, "felt": 0.4},
    {"speeds": 0.3, "levels": 0.5, "lost": 2.0},
], ids=str)
def test_the_interval_has_the_truth_in_it(steps: tuple[float, ...],
                                          machine: dict[str, float]) -> None:
    """At least 91 of 100 where 95 are meant, whatever the machine does."""
    within = 0
    for seed in range(200):
        found = tried(serial, steps, random.Random(seed), **machine)
        gone = found.saved(1.0)
        within += gone.low <= 0.4 <= gone.high
    assert within >= 182


@pytest.mark.parametrize("change", [{"speeds": 0.5}, {"levels": 1.0}, {"lost": 3.0}])
def test_a_machine_of_changing_speed_makes_it_little_wider(change: dict[str, float]) -> None:
    def width(**more: float) -> float:
        found = [tried(serial, HIDDEN, random.Random(seed), **more).saved(1.0)
                 for seed in range(20)]
        return sum(gone.high - gone.low for gone in found)

    assert width(**change) < 1.5 * width()


@pytest.mark.parametrize("felt", [0.0, 0.4, 1.0])
def test_of_what_was_lost_only_what_is_felt_is_taken_off(felt: float) -> None:
    found = tried(serial, HIDDEN, random.Random(3), lost=2.0, felt=felt, noise=0.01)
    assert found.whole_ns == pytest.approx(WHOLE_NS, rel=0.05)


def test_runs_without_a_difference_are_let_alone() -> None:
    row = {None: Taken(100.0, 0.0, 50.0, 50.0), 0.0: Taken(200.0, 0.0, 50.0, 50.0)}
    assert even_out([row, row]) == [{None: 100.0, 0.0: 200.0}] * 2


def test_waits_are_stretched_where_calls_do_little_else() -> None:
    assert choose_stretch(counted(cpu_ns=5, wall_ns=100)) == "waits"
    assert choose_stretch(counted(cpu_ns=50, wall_ns=100)) == "work"
    assert choose_stretch(counted(cpu_ns=5, wall_ns=200, line_ns=100)) == "waits"
    assert choose_stretch(counted(cpu_ns=50, wall_ns=1000, line_ns=900)) == "work"


def test_small_functions_get_much_longer_large_ones_do_not() -> None:
    assert choose_ratio(1e9, 8e8) == 1.0
    assert choose_ratio(1e9, 1e8) == pytest.approx(3.0)
    assert choose_ratio(1e9, 1e3) == 16.0
