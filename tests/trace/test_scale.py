"""Sizes at which a tracer breaks. Minutes each, so they run with `make soak`."""

from __future__ import annotations

import pytest

from tracing import Tracer

pytestmark = pytest.mark.soak
FLAGS = [(), ("--no-builtins",)]


@pytest.mark.parametrize("flags", FLAGS)
def test_a_million_deep(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        import sys
        sys.setrecursionlimit(2_000_000)
        def down(n):
            return down(n - 1) if n else 0
        down(1_000_000)
    """, flags=flags).expect_whole()
    assert traced.calls("down") == 1_000_001


@pytest.mark.parametrize("flags", FLAGS)
def test_a_hundred_thousand_threads(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        import _thread
        lock = _thread.allocate_lock()
        def work():
            lock.release()
        lock.acquire()
        for _ in range(100_000):
            _thread.start_new_thread(work, ())
            lock.acquire()
    """, flags=flags).expect_whole()
    assert traced.calls("work") == 100_000
    assert traced.number("memory.peak_rss_bytes") < 200_000_000


@pytest.mark.parametrize("flags", FLAGS)
def test_a_million_functions(tracer: Tracer, flags: tuple[str, ...]) -> None:
    """Each its own code object and name, called and dropped; beyond the limit of paths together."""
    traced = tracer.run("""
        def make(low):
            names = {}
            source = "".join(f"def f{i}(): pass\\n" for i in range(low, low + 1000))
            exec(source, names)
            for i in range(low, low + 1000):
                names[f"f{i}"]()
        for low in range(0, 1_000_000, 1000):
            make(low)
    """, flags=flags).expect_whole()
    made = sum(counter["calls"] for name, counter in traced.sums.items() if name[:1] == "f")
    assert made + traced.calls("(overflow)") >= 1_000_000
    assert made >= 990_000
