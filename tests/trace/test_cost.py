"""The cost of measuring is taken out: what is left is what the program does without Tare."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import lining
from comparing import ATTEMPTS, Compared, expect_split
from tracing import Tracer

MODES = ["all", "python"]


def told(tracer: Tracer, tree: Path, *words: object) -> dict[str, dict[str, int]]:
    script = tree / "tests" / "targets" / str(words[0])
    done = subprocess.run([tracer.python, script, *map(str, words[1:])], capture_output=True,
                          text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("share", [5, 25, 50, 75, 95])
def test_calls_get_no_more_than_their_share(tracer: Tracer, tree: Path, mode: str,
                                            share: int) -> None:
    """The same work, a part of it in a function of its own: as measured it would seem dearer."""
    def measure() -> Compared:
        facts = told(tracer, tree, "bias.py", mode, share)
        return facts["traced"], facts["plain"]

    expect_split(5, measure)


@pytest.mark.parametrize("mode", MODES)
def test_the_bound_holds(tracer: Tracer, tree: Path, mode: str) -> None:
    """Both halves' true times lie within what the trace gives as their errors."""
    sums = {key: Counter[str]() for key in ("plain", "traced", "errors")}
    for _ in range(ATTEMPTS):
        facts = told(tracer, tree, "bias.py", mode, 50)
        for key, counter in sums.items():
            counter.update(facts[key])
        plain, traced, errors = sums.values()
        if all(abs(traced[half] - plain[half]) <= errors[half] + 0.1 * plain[half]
               for half in plain):
            return
    raise AssertionError(sums)


@pytest.mark.parametrize("mode", MODES)
def test_a_ratio_lies_within_its_interval(tracer: Tracer, tree: Path, mode: str) -> None:
    """A function looked up in a module each time, and one with a local name."""
    sums = {key: Counter[str]() for key in ("plain", "traced", "errors")}
    for _ in range(ATTEMPTS):
        facts = told(tracer, tree, "lookups.py", mode)
        for key, counter in sums.items():
            counter.update(facts[key])
        plain, traced, errors = sums.values()
        true = plain["module_name"] / plain["local_name"]
        low = (traced["module_name"] - errors["module_name"]) / (
            traced["local_name"] + errors["local_name"])
        high = (traced["module_name"] + errors["module_name"]) / max(
            1, traced["local_name"] - errors["local_name"])
        if 0.95 * low <= true <= 1.05 * high:  # two runs of one program differ by as much
            return
    raise AssertionError((true, low, high))


def test_the_cost_of_lines_is_taken_out(tracer: Tracer) -> None:
    """Of what measuring adds to a loop of short lines at least half. The pace of a shared machine
    changes from one moment to the next, so one of three tries counts."""
    facts = lining.told(tracer, """
        def many(n):
            for i in range(n):
                a = i; b = a
                c = b; d = c
                e = d; f = e
                g = f; h = g
        def plain():
            begun = time.perf_counter_ns()
            many(20_000)
            return time.perf_counter_ns() - begun
        tries = []
        for _ in range(3):
            before = min(plain() for _ in range(5))
            with tare.lines([many]) as m:
                for _ in range(5): many(20_000)
            (row,) = m.profile.line_table()
            tries.append([before, sum(r.self_ns for r in row.rows) / 5,
                          sum(r.raw_ns for r in row.rows) / 5])
        tell(tries=tries)
    """)
    assert any(abs(clean - true) <= (raw - true) / 2 for true, clean, raw in facts["tries"]), facts


@pytest.mark.parametrize("flags", [(), ("--no-builtins",)])
def test_what_was_taken_off_is_known(tracer: Tracer, flags: tuple[str, ...]) -> None:
    """As measured, less the cost: at most so much in any function, and none where nothing calls."""
    traced = tracer.run("""
        def step(): pass
        def calls():
            for _ in range(20_000): step()
        def silent():
            x = 0
            while x < 300_000: x += 1
        calls(); silent()
    """, flags=flags).expect_whole()
    assert traced.number("trace.calibrated") == 1
    for name in ("calls", "step"):
        assert traced.get(name, "wall_ns") < traced.get(name, "raw_ns")
        assert traced.get(name, "error_ns") > 0
    if float(traced.profile.meta["trace.slowdown_ratio"]) == 1:
        assert traced.get("silent", "wall_ns") >= 0.999 * traced.get("silent", "raw_ns")
        assert traced.get("silent", "error_ns") <= 0.001 * traced.get("silent", "raw_ns")
    taken = traced.total["raw_ns"] - traced.total["wall_ns"]
    assert taken >= traced.get("step", "raw_ns") - traced.get("step", "wall_ns")


def test_measuring_the_cost_leaves_nothing(tracer: Tracer) -> None:
    """No function, thread or path of its own, and the program finds nothing changed."""
    traced = tracer.run("""
        import gc, sys
        print(gc.isenabled(), sys.getprofile(), sorted(m for m in sys.modules if "tare" in m))
    """).expect_whole()
    assert traced.out == "True None []\n"
    assert not any(frame.file == "<tare>" for frame in traced.profile.frames())
    assert traced.number("thread_count") == 1


def test_measuring_the_cost_runs_nothing_of_the_programs(tracer: Tracer) -> None:
    """Whatever a program has put into builtins."""
    script = """if 1:
        import builtins
        import tare
        from tare import _trace
        called = []
        def mine(*arguments):
            called.append(arguments)
            return 0
        for name in ("len", "range", "abs", "isinstance"):
            setattr(builtins, name, mine)
        called.clear()
        _trace.start()
        _trace.stop()
        print(called)
    """
    done = subprocess.run([tracer.python, "-c", script], capture_output=True, text=True,
                          check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")
