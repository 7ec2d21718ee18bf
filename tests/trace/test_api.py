"""with tare.trace() and @tare.trace, in a program of one's own."""

from __future__ import annotations

import json
import subprocess
import textwrap

import pytest

from tracing import Tracer

HEAD = """
import json, sys, threading
import tare

def small(): pass
def work(times):
    for _ in range(times): small()

def calls(t):
    return {row.qualname: row.sums.calls for row in t.functions() if row.kind == "python"}

def tell(**facts):
    print(json.dumps(facts))

"""


def run(tracer: Tracer, script: str) -> tuple[dict[str, dict[str, int]], str]:
    """What the script told last, and its stderr."""
    done = subprocess.run([tracer.python, "-c", HEAD + textwrap.dedent(script)],
                          capture_output=True, text=True, check=False, timeout=120,
                          cwd=tracer.folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_a_block(tracer: Tracer) -> None:
    told, said = run(tracer, """
        work(7)
        with tare.trace() as t:
            work(10)
        work(100)
        tell(calls=calls(t))
    """)
    assert told["calls"]["small"] == 10 and told["calls"]["work"] == 1
    assert said == ""


def test_a_block_is_measured_anew_each_time(tracer: Tracer) -> None:
    told, _ = run(tracer, """
        t = tare.trace()
        seen = []
        for times in (3, 5):
            with t: work(times)
            seen.append(calls(t)["small"])
        tell(seen=seen)
    """)
    assert told["seen"] == [3, 5]


def test_a_block_within_another_belongs_to_it(tracer: Tracer) -> None:
    told, _ = run(tracer, """
        with tare.trace() as outer:
            work(1)
            with tare.trace() as inner:
                work(2)
            try:
                inner.profile
                early = True
            except tare.Error:
                early = False
            work(4)
        tell(outer=calls(outer), inner=calls(inner), early=early)
    """)
    assert told["outer"]["small"] == 7
    assert told["inner"] == told["outer"]
    assert told["early"] is False


def test_threads_are_counted_whoever_began(tracer: Tracer) -> None:
    told, _ = run(tracer, """
        go, done = threading.Event(), threading.Event()
        def other():
            go.wait(); work(50); done.set()
        thread = threading.Thread(target=other)
        thread.start()
        with tare.trace() as t:
            go.set(); done.wait(); work(5)
        thread.join()
        tell(calls=calls(t))
    """)
    assert told["calls"]["small"] == 55


def test_an_exception_goes_through(tracer: Tracer) -> None:
    told, _ = run(tracer, """
        try:
            with tare.trace() as t:
                work(3)
                raise KeyError("x")
        except KeyError as error:
            tell(error=str(error), calls=calls(t))
    """)
    assert told["error"] == "'x'" and told["calls"]["small"] == 3


@pytest.mark.parametrize(("kind", "use"), [
    ("def measured(): work(4); return 42", "result = measured()"),
    ("def measured():\n    work(4)\n    return (yield 1)",
     "g = measured(); next(g)\ntry: g.send(42)\nexcept StopIteration as end: result = end.value"),
    ("async def measured(): work(4); return 42",
     "import asyncio; result = asyncio.run(measured())"),
])
def test_a_decorated_function_is_the_same_function(tracer: Tracer, kind: str, use: str) -> None:
    script = f"@tare.trace\n{kind}\nbefore = measured.__name__, measured.__module__\n{use}\n"
    told, said = run(tracer, script + "tell(result=result, name=before[0], module=before[1])")
    assert told == {"result": 42, "name": "measured", "module": "__main__"}
    assert "small" in said and "tottime" in said


def test_a_file_on_request(tracer: Tracer) -> None:
    told, _ = run(tracer, """
        with tare.trace(output="api.tare", builtins=False, clock="cpu") as t:
            work(6)
        again = tare.load("api.tare")
        rows = {row.qualname: row for row in again.calls().functions()}
        tell(calls=rows["small"].sums.calls, complete=again.state.complete,
             native=[name for name, row in rows.items() if row.kind == "native"])
    """)
    assert told["calls"] == 6 and told["complete"] is True and told["native"] == []


def test_nothing_is_left_behind(tracer: Tracer) -> None:
    told, _ = run(tracer, """
        import os, tempfile
        before = set(os.listdir(tempfile.gettempdir()))
        threads = threading.active_count()
        with tare.trace(): work(1)
        left = [name for name in set(os.listdir(tempfile.gettempdir())) - before
                if name.startswith("tare-")]
        tell(left=left, profile=sys.getprofile(), trace=sys.gettrace(),
             threads=threading.active_count() - threads)
    """)
    assert told == {"left": [], "profile": None, "trace": None, "threads": 0}


def test_a_wrong_clock_is_refused(tracer: Tracer) -> None:
    told, _ = run(tracer, """
        try:
            tare.trace(clock="sun")
        except ValueError as error:
            tell(error=str(error))
    """)
    assert "'wall' or 'cpu'" in told["error"]


def test_clocks(tracer: Tracer) -> None:
    told, _ = run(tracer, """
        import time
        wall, cpu, thread = tare.clock.wall_ns(), tare.clock.cpu_ns(), tare.clock.thread_cpu_ns()
        time.sleep(0.05)
        tell(wall=tare.clock.wall_ns() - wall, cpu=tare.clock.cpu_ns() - cpu,
             thread=tare.clock.thread_cpu_ns() - thread)
    """)
    assert told["wall"] >= 50_000_000  # a sleep is no shorter
    assert told["cpu"] < told["wall"] / 2 and told["thread"] <= told["cpu"] + 1_000_000
