"""Blocks of both sides take equally long, so that what a block costs by itself cancels."""

import random

import pytest

from tare.comparing.engines import evened
from tare.comparing.machine import Block
from tare.comparing.result import Timed

MS = 1_000_000


def blocks(
    a_ns: float, b_ns: float, loops: tuple[int, int], waits: bool = False, count: int = 12
) -> list[Timed]:
    """Of so many ns an iteration, a tenth off by chance; a third was held up by other programs."""
    chance = random.Random(1)
    found = []
    for number in range(count):
        for side, ns in ((0, a_ns), (1, b_ns)):
            own = round(ns * loops[side] * chance.uniform(0.9, 1.1))
            delay = 30 * MS if number % 3 == 0 else 0
            cpu = own // 100 if waits else own
            block = Block(own + delay, cpu, 1, 1, 0, 0, delay)
            found.append(Timed(side, loops[side], block))
    return found


@pytest.mark.parametrize("waits", [False, True])
def test_about_equal_sides_get_equal_loops(waits: bool) -> None:
    loops = evened((15, 18, 7), blocks(250_000, 255_000, (15, 18), waits))
    assert loops == (16, 16, 7)


@pytest.mark.parametrize(("a_ns", "b_ns"), [(40_000, 10_000), (1_000, 55_000), (9_000, 14_000)])
def test_unequal_sides_get_blocks_of_equal_length(a_ns: float, b_ns: float) -> None:
    """Whatever the calibration made of them, by a fifth too many or too few."""
    before = (round(4 * MS / a_ns * 0.8), round(4 * MS / b_ns * 1.2))
    a, b, _ = evened((*before, 9), blocks(a_ns, b_ns, before))
    assert a * a_ns == pytest.approx(b * b_ns, rel=0.05)
    assert 3 * MS < a * a_ns < 5 * MS


def test_limits() -> None:
    """No block without an iteration, and no more copies of arguments than were asked for."""
    assert evened((1, 1, 5), blocks(8e9, 9e9, (1, 1), count=2)) == (1, 1, 5)
    a, b, _ = evened((1000, 3, 5), blocks(10, 9e6, (1000, 3)), 1000)
    assert 1 <= b <= a <= 1000
    nothing = [Timed(side, 3, Block(0, 0)) for side in (0, 1)]
    assert evened((3, 4, 5), nothing) == (3, 4, 5)
