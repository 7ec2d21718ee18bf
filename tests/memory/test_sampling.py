"""Samples against what is known to be there.

Bounds are of six standard errors of the truth's own variance: one test in some hundred millions
fails by chance.
"""

from __future__ import annotations

import math

import pytest
from measuring import Measurer

T = 4096
FILL = """
def fill(out, make, size):
    for i in range(len(out)):
        out[i] = make(size)
kept = [None] * %d
fill(kept, bytes, %d)
"""


def sigma(count: int, size: int) -> float:
    p = -math.expm1(-size / T)
    return size * math.sqrt(count * (1 - p) / p)


@pytest.mark.parametrize(("count", "size"), [(40000, 60), (20000, 1000), (3000, 20000)])
def test_estimates_are_unbiased(measurer: Measurer, count: int, size: int) -> None:
    block = size + 33  # bytes(size)
    errors = []
    for _ in range(4):
        found = measurer.run(FILL % (count, size), sample_bytes=T).expect_whole()
        line = found.line(3)
        bound = sigma(count, block)
        assert abs(line["live_bytes"] - count * block) <= 6 * bound + count
        assert abs(line["live_count"] - count) <= 6 * bound / block + 1
        assert line["sample_count"] <= count
        told = math.sqrt(line["alloc_variance"])
        assert 0.7 * bound <= told + 1 and told <= 1.4 * bound + 1
        errors.append(line["live_bytes"] - count * block)
    assert abs(sum(errors)) / 4 <= 6 * sigma(count, block) / 2 + count


def test_frees_of_samples_are_exact(measurer: Measurer) -> None:
    found = measurer.run(FILL % (30000, 300) + "kept[:] = [None] * 30000\n",
                         sample_bytes=T).expect_whole()
    line = found.line(3)
    assert line["alloc_bytes"] > 0
    assert line["live_bytes"] == line["live_count"] == 0


def test_temporary_samples(measurer: Measurer) -> None:
    found = measurer.run("""
def waste():
    for _ in range(30000):
        bytes(1000)
def use():
    for _ in range(30000):
        a = bytes(1000)
        b = bytes(1000)
waste()
use()
""", sample_bytes=T).expect_whole()
    assert found.line(3)["temporary_count"] == found.line(3)["alloc_count"] > 0
    assert found.line(6)["temporary_count"] == 0


def test_a_block_much_larger_than_the_distance_is_exact(measurer: Measurer) -> None:
    found = measurer.run("kept = bytes(100 << 20)\n", sample_bytes=512 << 10).expect_whole()
    assert found.line(1)["live_bytes"] >= (100 << 20) + 33
    assert found.line(1)["live_bytes"] <= (101 << 20)
