"""tare.leakcheck: what keeps something is found, what keeps nothing is let go."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tare.leaks import GROWTH, LEAST_CALLS, WINDOWS, make_plan

from measuring import Measurer, plain_process

HERE = str(Path(__file__).parent)
HEAD = f"""
import ctypes, functools, gc, json, os, sys, threading
sys.path.insert(0, {HERE!r})
import tare
from tare import _memory

kept, text, table, ring = [], bytearray(), {{}}, []

def check(function, *args, **named):
    try:
        result = tare.leakcheck(**named)(function)(*args)
    except tare.LeakError as error:
        assert isinstance(error, AssertionError) and isinstance(error, tare.Error)
        print(json.dumps({{
            "counters": [growth.counter for growth in error.growths],
            "rates": {{growth.counter: growth.per_call for growth in error.growths}},
            "types": error.types, "site": error.sites[0].frames if error.sites else [],
            "text": str(error),
        }}))
    else:
        print(json.dumps({{"result": result}}))
    assert not _memory.active()

"""

# What is kept a call, and the counter that has to say so.
PLANTED = {
    "an object": ("kept.append(object())", "blocks"),
    "a byte": ("text.append(0)", "bytes"),
    "a pointer": ("kept.append(None)", "bytes"),
    "a key": ("table[len(table) + 1000] = None", "blocks"),
    "a string": ("kept.append('x' * 5000)", "bytes"),
    "a large one": ("kept.append(bytearray(100_000))", "malloc_bytes"),
    "a cycle that is held": ("x = []; x.append(x); kept.append(x)", "blocks"),
    "a closure": ("x = [1]; kept.append(lambda: x)", "blocks"),
    "a class": ("kept.append(type('T', (), {}))", "blocks"),
    "a byte of malloc's": ("malloc(1)", "malloc_bytes"),
    "a descriptor": ("kept.append(os.open('/dev/null', os.O_RDONLY))", "descriptors"),
    "every third call": ("ring.append(1); len(ring) % 3 or kept.append([])", "blocks"),
}


def run(measurer: Measurer, script: str) -> list[dict[str, object]]:
    printed = measurer.print(HEAD + script)
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def planted_leaks(measurer: Measurer) -> dict[str, dict[str, object]]:
    """What each is told, one after the other in one process: the end of one check is the
    beginning of the next."""
    works = "".join(f"""
def work():
    {body}
check(outer)
for held in kept, text, table, ring:
    held.clear()
""" for body, _ in PLANTED.values())
    told = run(measurer, f"""
malloc = ctypes.CDLL(None).malloc
malloc.restype = ctypes.c_void_p
def outer():
    work()
{works}
""")
    return dict(zip(PLANTED, told, strict=True))


@pytest.mark.parametrize("planted", [
    pytest.param(name, marks=plain_process if counter == "malloc_bytes" else ())
    for name, (_, counter) in PLANTED.items()
])
def test_what_is_kept_is_found(
    planted_leaks: dict[str, dict[str, object]], planted: str
) -> None:
    body, counter = PLANTED[planted]
    told = planted_leaks[planted]
    assert counter in told.get("counters", []), told
    if counter != "malloc_bytes" or planted == "a large one":
        assert told["site"][0][0] in ("work", "work.<locals>.<lambda>"), told
        assert [frame[0] for frame in told["site"]][-1] == "outer"  # and nothing of Tare's
        assert body in told["text"]


def test_the_rate_and_the_type_are_told(measurer: Measurer) -> None:
    (told,) = run(measurer, """
class Record: __slots__ = ()
def work():
    kept.append([Record(), Record()])
check(work)
""")
    assert told["types"]["__main__.Record"] == 6000  # of 3,000 calls
    assert 3000 <= told["types"]["list"] <= 3010
    assert abs(told["rates"]["blocks"] - 4) < 0.1  # a list, its items, and two records
    assert "Record" in told["text"] and "work keeps something each time" in told["text"]


def test_two_hundred_functions_that_keep_nothing(measurer: Measurer) -> None:
    """All of them, whichever the interpreter; frozen, so that the collector has little to do."""
    printed = measurer.print(HEAD + """
import leak_free
functions = leak_free.functions()
for line, function in functions:
    function()
gc.collect()
gc.freeze()
for line, function in functions:
    try:
        tare.leakcheck(calls=200)(function)()
    except tare.LeakError as error:
        print("KEPT", line, error)
print(len(functions), "checked")
""")
    assert "KEPT" not in printed
    assert int(printed.split()[0]) >= 200


def test_caches_that_fill_up_are_no_leaks(measurer: Measurer) -> None:
    """One fills while it is measured, one until the function is called on."""
    told = run(measurer, """
numbers = iter(range(1 << 30))
def fill(size):
    @functools.lru_cache(size)
    def cached(number): return [number]
    return lambda: cached(next(numbers)) and None
for size in (200, 700, 1500):
    check(fill(size))
""")
    assert told == [{"result": None}] * 3


def test_the_interpreters_own_caches_are_not_even_suspected(measurer: Measurer) -> None:
    """Types keep the names that are looked up, at as many places as there are addresses. Who is
    suspected is called three times as often once more."""
    (told,) = run(measurer, """
import argparse
calls = []
def parse():
    calls[:] = [sum(calls) + 1]
    parser = argparse.ArgumentParser(prog="x", add_help=False)
    parser.add_argument("-a")
    parser.parse_args(["-a", "1"])
tare.leakcheck(calls=200)(parse)()
print(json.dumps({"calls": calls[0]}))
""")
    assert 200 < told["calls"] < 400


def test_a_ring_of_before_is_no_leak(measurer: Measurer) -> None:
    """What goes was there before anything was measured; only what comes is known."""
    told = run(measurer, """
import collections
ring = collections.deque(([n] * 9 for n in range(100_000)), 100_000)
def turn():
    ring.append([1] * 9)
check(turn)
""")
    assert told == [{"result": None}]


def test_it_is_the_function(measurer: Measurer) -> None:
    told = run(measurer, """
import asyncio
calls = []
@tare.leakcheck(calls=60, warmup=5)
def add(a, b=1):
    "Adds."
    return a + b
assert add(1, b=2) == 3 and add.__name__ == "add" and add.__doc__ == "Adds."

class Counter:
    total = 0
    @tare.leakcheck(calls=60, warmup=5)
    def step(self):
        self.total += 1
        return self.total
    @tare.leakcheck(calls=60, warmup=5)
    @staticmethod
    def double(n):
        return 2 * n
    @tare.leakcheck(calls=60, warmup=5)
    @classmethod
    def name(cls):
        return cls.__name__
counter = Counter()
assert counter.step() == counter.total
assert Counter.double(4) == counter.double(4) == 8 and counter.name() == "Counter"

@tare.leakcheck(calls=60)
async def wait(n):
    await asyncio.sleep(0)
    return n
assert asyncio.run(wait(7)) == 7

@tare.leakcheck
def fail():
    raise KeyError("mine")
try:
    fail()
except KeyError as error:
    assert error.args == ("mine",) and not _memory.active()

@tare.leakcheck
def inner():
    pass
with tare.memory() as m:
    inner()
    assert _memory.active()
assert m.alloc_count > 0
check(len, "abc")
""")
    assert told == [{"result": 3}]


def test_a_child_of_a_fork_can_check(measurer: Measurer) -> None:
    """Although another thread was at it, which the child has not."""
    told = run(measurer, """
import signal, warnings
warnings.simplefilter("ignore")
begun, done = threading.Event(), threading.Event()
@tare.leakcheck(calls=50)
def slow():
    begun.set()
    done.wait()
thread = threading.Thread(target=slow)
thread.start()
begun.wait()
child = os.fork()
if child == 0:
    signal.alarm(60)
    os._exit(tare.leakcheck(calls=50)(int)("7"))
status = os.waitpid(child, 0)[1]
done.set()
thread.join()
print(json.dumps({"code": os.waitstatus_to_exitcode(status)}))
""")
    assert told == [{"code": 7}]


def test_descriptors_accuse_no_line(measurer: Measurer) -> None:
    """What Tare itself allocates in the meantime is none of the function's."""
    (told,) = run(measurer, """
check(lambda: os.open("/dev/null", os.O_RDONLY) and None)
""")
    assert told["counters"] == ["descriptors"] and told["site"] == []
    assert "allocated at" not in told["text"]


@pytest.mark.parametrize("wrong,said", [
    ("tare.leakcheck(calls=10)", "calls 10: a leak shows in"),
    ("tare.leakcheck(warmup=0)", "warmup 0: at least one"),
])
def test_what_cannot_be_is_refused(measurer: Measurer, wrong: str, said: str) -> None:
    printed = measurer.print(HEAD + f"""
try:
    {wrong}
except ValueError as error:
    print(error)
""")
    assert said in printed


def test_generators_are_refused(measurer: Measurer) -> None:
    printed = measurer.print(HEAD + """
def numbers(): yield 1
try:
    tare.leakcheck(numbers)
except TypeError as error:
    print(error)
""")
    assert "only makes a generator" in printed


@pytest.mark.parametrize("calls", [LEAST_CALLS, 200, 1000, 100_000])
def test_each_window_is_a_part_of_all_before(calls: int) -> None:
    plan = make_plan(calls, None)
    assert len(plan.windows) == WINDOWS
    assert abs(sum(plan.windows) - calls) <= WINDOWS
    before = plan.warmup
    for window in plan.windows:
        assert abs(window - (GROWTH - 1) * before) <= 1 + 0.05 * before
        before += window


def test_who_holds_what_is_kept(measurer: Measurer) -> None:
    told = run(measurer, """
class Session: pass
sessions = {}
numbers = iter(range(1 << 30))
def handle():
    sessions[next(numbers)] = Session()
check(handle)
""")
    (text,) = (facts["text"] for facts in told)
    held = re.search(r"held by:\n  4,\d\d\d __main__\.Session: (.*)\n", text)
    assert held and re.search(r"\bsessions\b.*\[\*\]$", held[1]), text
