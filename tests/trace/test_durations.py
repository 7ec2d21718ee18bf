"""tare trace --durations: how long the calls of each function took, to a binary digit."""

from __future__ import annotations

import pytest

from tracing import Traced, Tracer

FLAGS = [("--durations",), ("--durations", "--no-builtins")]

def rows(traced: Traced) -> dict:  # type: ignore[type-arg]
    return {row.qualname: row.durations for row in traced.profile.calls().functions()}


@pytest.mark.parametrize("flags", FLAGS)
def test_quantiles_of_known_durations(tracer: Tracer, flags: tuple[str, ...]) -> None:
    """A sleep may last longer, not shorter."""
    traced = tracer.run("""
        import time
        def nap(ms): time.sleep(ms / 1000)
        for _ in range(60): nap(1)
        for _ in range(40): nap(20)
    """, flags=flags).expect_whole()
    nap = rows(traced)["nap"]
    assert nap.count == 100
    assert nap.median[1] >= 1_000_000 and nap.median[0] <= 4_000_000
    assert nap.p90[1] >= 20_000_000 and nap.max[1] >= nap.p99[1] >= nap.p90[1]


@pytest.mark.parametrize("flags", FLAGS)
def test_each_call_is_counted_once(tracer: Tracer, flags: tuple[str, ...]) -> None:
    """On all paths, in all threads, also by an exception; of a generator each stretch."""
    traced = tracer.run("""
        import threading
        def leaf(): pass
        def one(): leaf()
        def two(n):
            if n: two(n - 1)
            leaf()
        def fails(): raise ValueError
        def numbers():
            for i in range(5): yield i
        def work():
            one(); one(); two(3)
            for _ in numbers(): pass
            try: fails()
            except ValueError: pass
        t = threading.Thread(target=work); t.start(); t.join()
        work()
    """, flags=flags).expect_whole()
    found = rows(traced)
    assert found["leaf"].count == traced.calls("leaf") == 12
    assert found["two"].count == traced.calls("two") == 8
    assert found["fails"].count == 2
    assert found["numbers"].count == traced.calls("numbers") + traced.get("numbers", "resumes")


def test_what_measuring_cost_is_not_in_them(tracer: Tracer) -> None:
    """A call of nothing, a hundred times, is not as long as hearing of a hundred calls."""
    traced = tracer.run("""
        def nothing(): pass
        def many():
            nothing(); nothing(); nothing(); nothing(); nothing()
        for _ in range(2000): many()
    """, flags=("--durations", "--no-builtins")).expect_whole()
    bare = traced.get("many", "raw_ns") + traced.get("nothing", "raw_ns")
    assert rows(traced)["many"].median[0] < bare / 2000


def test_none_without_asking(tracer: Tracer) -> None:
    traced = tracer.run("def f(): pass\nf(); f()").expect_whole()
    assert rows(traced)["f"] is None
