"""Every call is counted: against what arithmetic says, in each way that Python can call."""

from __future__ import annotations

import subprocess

import pytest
from tare._profile import load

from tracing import Traced, Tracer

FLAGS = [(), ("--no-builtins",)]


def fib_calls(n: int) -> int:
    return 1 if n < 2 else 1 + fib_calls(n - 1) + fib_calls(n - 2)


@pytest.mark.parametrize("flags", FLAGS)
def test_fib(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        for _ in range(3):
            fib(18)
    """, flags=flags).expect_whole()
    assert traced.calls("fib") == 3 * fib_calls(18)


def test_c_calls(tracer: Tracer) -> None:
    traced = tracer.run("""
        import math
        def work():
            items = []
            for i in range(1234):
                items.append(i)
                math.sqrt(i)
                len(items)
                abs(*(i,))
                "a,b".split(",")
                dict.fromkeys("ab")
            push = items.append
            for i in range(77):
                push(i)
        work()
    """).expect_whole()
    assert traced.calls_by("work", "builtins.list.append") == 1234 + 77
    for name in ("math.sqrt", "builtins.len", "builtins.abs", "builtins.str.split",
                 "builtins.dict.fromkeys"):
        assert traced.calls_by("work", name) == 1234, name
    assert traced.get("math.sqrt", "python_ns") == 0
    assert traced.get("math.sqrt", "native_ns") > 0


def test_no_builtins_means_none(tracer: Tracer) -> None:
    traced = tracer.run("""
        def f(x):
            return len(x)
        for _ in range(100):
            f("abc")
    """, flags=("--no-builtins",)).expect_whole()
    assert traced.calls("f") == 100
    assert traced.calls("builtins.len") == 0
    assert [name for name, sums in traced.sums.items()
            if sums["native_ns"] and name != "(no Python frame)"] == []


@pytest.mark.parametrize("flags", FLAGS)
def test_callbacks_from_c(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        def key(x):
            return -x
        def double(x):
            return 2 * x
        class Ordered:
            def __init__(self, x):
                self.x = x
            def __lt__(self, other):
                return self.x < other.x
        sorted(range(500), key=key)
        list(map(double, range(300)))
        max(range(200), key=lambda x: x)
        sorted([Ordered(i) for i in range(100)])
    """, flags=flags).expect_whole()
    assert traced.calls("key") == 500
    assert traced.calls("double") == 300
    assert traced.calls("<lambda>") == 200
    assert traced.calls("Ordered.__init__") == 100
    assert traced.calls("Ordered.__lt__") == 99  # sorted already


def test_classes(tracer: Tracer) -> None:
    if not tracer.hears_classes:
        pytest.skip("3.11 does not tell of calls of classes")
    traced = tracer.run("""
        import functools
        class Point:
            def __init__(self, x):
                self.x = x
        class Plain:
            pass
        add = functools.partial(int.__add__, 1)
        def work():
            for i in range(50):
                Point(i)
                Plain()
                list()
                int("7")
                add(2)
                (5).__add__(1)
        work()
    """).expect_whole()
    assert traced.calls("Point.__init__") == 50
    for name in ("__main__.Point", "__main__.Plain", "builtins.list", "builtins.int",
                 "functools.partial.__call__", "builtins.int.__add__"):
        assert traced.calls_by("work", name) == 50, name


def test_classes_that_come_and_go(tracer: Tracer) -> None:
    """The next class often lies where the last one was."""
    if not tracer.hears_classes:
        pytest.skip("3.11 does not tell of calls of classes")
    traced = tracer.run("""
        for i in range(500):
            made = type(f"C{i}", (), {})
            made()
            made()
            del made
            if i % 50 == 0:
                import gc; gc.collect()
    """).expect_whole()
    for i in range(500):
        assert traced.calls(f"__main__.C{i}") == 2, i


@pytest.mark.parametrize("flags", FLAGS)
def test_generators(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        def numbers(n):
            for i in range(n):
                yield i
        def outer(n):
            yield from numbers(n)
        def unused():
            yield 1
        for _ in range(4):
            assert sum(numbers(100)) == 4950
        assert sum(outer(10)) == 45
        unused()
        g = numbers(5); next(g); next(g); g.close()
    """, flags=flags).expect_whole()
    assert traced.calls("unused") == 0  # its body never ran
    assert traced.calls("numbers") == 4 + 1 + 1
    assert traced.calls("outer") == 1
    assert traced.get("outer", "resumes") == 10
    # close() throws into it; where nothing there could catch that, 3.13 leaves the step out.
    assert traced.get("numbers", "resumes") in (400 + 10 + 1, 400 + 10 + 2)


@pytest.mark.parametrize("flags", FLAGS)
def test_suspended_time_is_apart(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        import time
        def slow():
            yield 1
            yield 2
        def waits():
            time.sleep(0.05)
        for _ in slow():
            waits()
    """, flags=flags).expect_whole()
    assert traced.get("slow", "suspended_ns") >= 100_000_000
    assert traced.get("slow", "wall_ns") < 50_000_000
    assert traced.get("slow", "resumes") == 2


@pytest.mark.parametrize("flags", FLAGS)
def test_coroutines(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        import asyncio
        async def step():
            await asyncio.sleep(0.01)
        async def work():
            for _ in range(3):
                await step()
        async def main():
            await asyncio.gather(*(work() for _ in range(5)))
        asyncio.run(main())
    """, flags=flags).expect_whole()
    assert traced.calls("main") == 1
    assert traced.calls("work") == 5
    assert traced.calls("step") == 15
    assert traced.get("step", "resumes") == 15
    assert traced.get("step", "suspended_ns") >= 15 * 10_000_000


@pytest.mark.parametrize("flags", FLAGS)
def test_exceptions(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        def fail(n):
            if n == 0:
                raise KeyError(n)
            fail(n - 1)
        def after():
            pass
        def thrown():
            try:
                yield 1
            except ValueError:
                yield 2
        for _ in range(20):
            try:
                fail(5)
            except KeyError:
                after()
            try:
                int("x")
            except ValueError:
                after()
        g = thrown()
        next(g)
        assert g.throw(ValueError()) == 2
    """, flags=flags).expect_whole()
    assert traced.calls("fail") == 20 * 6
    assert traced.calls("after") == 40
    assert traced.calls("thrown") == 1
    assert traced.get("thrown", "resumes") >= 1
    (frames,) = traced.stacks("after")
    assert frames[1] == "<module>"  # every fail had been left


@pytest.mark.parametrize("flags", FLAGS)
def test_the_tree_is_exact(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        def leaf(): pass
        def left(): leaf()
        def right():
            for _ in range(3): left(); leaf()
        left(); right()
    """, flags=flags).expect_whole()
    paths = sorted(tuple(frames[:frames.index("<module>")]) for frames in traced.stacks("leaf"))
    assert paths == [("leaf", "left"), ("leaf", "left", "right"), ("leaf", "right")]


def test_one_name_for_code_that_is_made_again(tracer: Tracer) -> None:
    """Code objects die, others get their addresses; a name is a name."""
    traced = tracer.run("""
        import gc
        for i in range(2000):
            space = {}
            exec(compile(f"def f{i % 200}(): return {i}", "<made>", "exec"), space)
            assert space[f"f{i % 200}"]() == i
            del space
    """).expect_whole()
    for i in range(200):
        assert traced.calls(f"f{i}") == 10


def test_many_functions(tracer: Tracer) -> None:
    count = 20_000
    traced = tracer.run(f"""
        lines = [f"def f{{i}}(): pass" for i in range({count})]
        space = {{}}
        exec(compile("\\n".join(lines), "<made>", "exec"), space)
        made = [space[f"f{{i}}"] for i in range({count})]
        for _ in range(2):
            for f in made:
                f()
    """).expect_whole()
    assert sum(traced.calls(f"f{i}") for i in range(count)) == 2 * count
    assert traced.number("trace.path_count") < count + 1000


def test_a_site_that_calls_this_and_that(tracer: Tracer) -> None:
    """Places that call Python functions are switched off only where they cannot change."""
    traced = tracer.run("""
        def mine(x):
            return x
        def apply(f, x):
            return f(x)
        class Mine(list):
            def append(self, x):
                pass
        def add(to, x):
            to.append(x)
        for i in range(300):
            apply(mine if i % 3 else abs, i)
            add(Mine(), i)
        for i in range(40):
            apply(abs, i)
            add([], i)
    """).expect_whole()
    assert traced.calls("mine") == 200
    assert traced.calls("builtins.abs") == 100 + 40
    assert traced.calls("builtins.list.append") == 40


def test_deep_recursion(tracer: Tracer) -> None:
    depth = 100_000
    for flags in FLAGS:
        traced = tracer.run(f"""
            import sys
            sys.setrecursionlimit(10 ** 7)
            def down(n):
                return 0 if n == 0 else 1 + down(n - 1)
            assert down({depth}) == {depth}
            assert down({depth}) == {depth}
        """, flags=flags).expect_whole()
        assert traced.calls("down") == 2 * (depth + 1)


def test_paths_beyond_the_limit_are_in_the_overflow(tracer: Tracer) -> None:
    depth, limit = 2_000, 1_000
    output = tracer.folder / f"overflow-{tracer.version[1]}.tare"
    done = subprocess.run([tracer.python, "-c", f"""if 1:
        import sys
        from tare import _trace
        sys.setrecursionlimit(10 ** 5)
        def down(n):
            return 0 if n == 0 else 1 + down(n - 1)
        def after(): pass
        after()
        _trace.start({str(output)!r}, builtins=False, overwrite=True, node_limit={limit})
        assert _trace.active()
        assert down({depth}) == {depth}
        after()
        _trace.stop()
        assert not _trace.active()
        after()
    """], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    traced = Traced(0, "", "", load(output)).expect_whole()
    assert traced.calls("down") + traced.calls("(overflow)") == depth + 1 + 1
    assert traced.calls("down") == limit - 2  # the root, and the overflow itself
    assert traced.number("trace.path_count") == traced.number("trace.node_limit") == limit
