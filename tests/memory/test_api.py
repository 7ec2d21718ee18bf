"""with tare.memory() and @tare.memory, in a program of one's own."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from measuring import Measurer, plain_process

HEAD = """
import asyncio, ctypes, io, json, os, sys, threading
import tare
from tare import _memory

MIB = 1 << 20

def tell(**facts):
    print(json.dumps(facts))

def line_of(m, number):
    "What the lines of this file with that number allocated, with all that they called."
    return sum(row.total.alloc_bytes for row in m.lines()
               if row.line == number and row.file == __file__)

"""


def run(measurer: Measurer, script: str) -> tuple[dict[str, object], str]:
    """What the script told last, and its stderr."""
    path = measurer.write(HEAD + script)
    done = subprocess.run([measurer.python, str(path)], capture_output=True, text=True,
                          check=False, timeout=120, env={**os.environ, "COLUMNS": "120"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


@plain_process
def test_a_block_has_what_was_allocated_in_it(measurer: Measurer) -> None:
    told, said = run(measurer, """
def work():
    with tare.memory() as m:
        gone = bytearray(50 * MIB)
        del gone
        kept = bytearray(20 * MIB)
    return m
m = work()
tell(net=m.net_bytes, peak=m.peak_bytes, before=m.before_bytes, after=m.after_bytes,
     alloc=m.alloc_bytes, freed=m.freed_bytes, rss=m.rss_after_bytes - m.rss_before_bytes,
     count=m.alloc_count - m.freed_count)
""")
    mib = 1 << 20
    assert told["before"] == 0
    assert told["after"] == told["net"] == told["alloc"] - told["freed"]
    assert 20 * mib <= told["net"] < 20 * mib + 1000
    assert 50 * mib <= told["peak"] < 50 * mib + 1000
    assert 70 * mib <= told["alloc"] < 70 * mib + 2000
    assert told["count"] == 2  # the object and its bytes
    assert 19 * mib < told["rss"] < 25 * mib
    assert said == ""


def test_nothing_is_nothing(measurer: Measurer) -> None:
    """What the block takes itself is not in it."""
    told, _ = run(measurer, """
with tare.memory() as m:
    pass
with tare.memory() as m:
    pass
tell(net=m.net_bytes, count=m.alloc_count, freed=m.freed_count, peak=m.peak_bytes)
""")
    assert told == {"net": 0, "count": 0, "freed": 0, "peak": 0}


def test_memory_that_is_touched_in_part(measurer: Measurer) -> None:
    """512 MiB are asked for, 64 MiB are used: both are said."""
    told, _ = run(measurer, """
with tare.memory() as m:
    large = bytes(512 * MIB)  # of calloc: the system has pages for what is touched
    ctypes.memset(id(large) + 32, 1, 64 * MIB)
tell(net=m.net_bytes, rss=m.rss_after_bytes - m.rss_before_bytes)
""")
    mib = 1 << 20
    assert 512 * mib <= told["net"] < 512 * mib + 1000
    assert 63 * mib < told["rss"] < 70 * mib


@plain_process
def test_the_peak_of_the_process_is_known_or_is_not(measurer: Measurer) -> None:
    told, _ = run(measurer, """
with tare.memory() as m:
    large = b"x" * (100 * MIB)
first = m.rss_peak_bytes
del large
with tare.memory() as m:
    small = b"x" * MIB
tell(first=first >= 100 * MIB, second=m.rss_peak_bytes)
""")
    assert told == {"first": True, "second": None}


def test_the_peak_of_the_process_is_that_of_the_block(measurer: Measurer) -> None:
    """Not of whoever asks later."""
    told, _ = run(measurer, """
kept = []
with tare.memory() as m:
    kept.append(b"x" * (64 * MIB))
at_once = m.rss_peak_bytes
kept.append(b"x" * (128 * MIB))
tell(at_once=at_once, later=m.rss_peak_bytes)
""")
    assert told["at_once"] == told["later"] > 64 << 20


@plain_process
def test_the_peak_of_the_process_is_not_that_of_its_parent(measurer: Measurer) -> None:
    told, _ = run(measurer, """
import subprocess
large = b"x" * (200 * MIB)
child = '''import tare
with tare.memory() as m:
    held = b"x" * (40 << 20)
print(m.rss_peak_bytes)'''
found = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout
tell(mib=eval(found) // MIB)
""")
    assert 40 <= told["mib"] < 150


def test_blocks_within_blocks(measurer: Measurer) -> None:
    """Each has its own figures, its own peak too; the profile is the outer one's."""
    told, _ = run(measurer, """
with tare.memory() as outer:
    a = bytearray(10 * MIB)
    with tare.memory() as inner:
        b = bytearray(5 * MIB)
        del b
    with tare.memory() as second:
        c = bytearray(MIB)
    peak = bytearray(30 * MIB)
    del peak
tell(inner=[inner.net_bytes, inner.before_bytes // MIB, inner.peak_bytes // MIB],
     second=[round(second.net_bytes / MIB), second.peak_bytes // MIB],
     outer=[outer.net_bytes // MIB, outer.peak_bytes // MIB],
     same=inner.profile is outer.profile is second.profile,
     at_peak=outer.profile.allocations().sums.peak_bytes // MIB)
""")
    assert -200 < told["inner"][0] <= 0  # the method __enter__ was there before, and went
    assert told["inner"][1:] == [10, 15]
    assert told["second"] == [1, 11]
    assert told["outer"] == [11, 41]
    assert told["same"] is True and told["at_peak"] == 41


def test_blocks_that_overlap(measurer: Measurer) -> None:
    """The one that came first leaves first; the measurement ends with the last."""
    told, _ = run(measurer, """
first, second = tare.memory(), tare.memory()
first.__enter__()
a = bytearray(MIB)
second.__enter__()
b = bytearray(2 * MIB)
first.__exit__(None, None, None)
c = bytearray(4 * MIB)
active = _memory.active()
second.__exit__(None, None, None)
tell(first=first.net_bytes // MIB, second=second.net_bytes // MIB, active=active,
     ended=_memory.active(), of_first=first.profile.allocations().sums.live_bytes // MIB,
     of_second=second.profile.allocations().sums.live_bytes // MIB)
""")
    assert told == {"first": 3, "second": 6, "active": True, "ended": False,
                    "of_first": 3, "of_second": 7}


def test_lines_and_the_file(measurer: Measurer) -> None:
    told, _ = run(measurer, """
def build():
    return [bytes(1000) for _ in range(1000)]
with tare.memory() as m:
    kept = build()
m.save("saved.tare")
number = build.__code__.co_firstlineno + 1
profile = tare.load("saved.tare")
tell(build=line_of(m, number), call=line_of(m, number + 2),
     saved=profile.allocations().sums.alloc_bytes - m.alloc_bytes,
     complete=profile.state.complete)
os.unlink("saved.tare")
""")
    assert 1_033_000 + 8000 <= told["build"]  # and the list, as often as it grew
    assert told["call"] >= told["build"]
    assert 0 <= told["saved"] < 2000  # what the end of the block takes
    assert told["complete"] is True


def test_the_decorator_prints(measurer: Measurer) -> None:
    told, said = run(measurer, """
@tare.memory
def build(size):
    "Builds."
    return bytearray(size)
kept = build(3 * MIB)
tell(name=build.__name__, doc=build.__doc__, size=len(kept))
""")
    assert told == {"name": "build", "doc": "Builds.", "size": 3 << 20}
    rows = {line.split()[0]: line.split()[1:3] for line in said.splitlines()
            if line.startswith("  ") and line.split()[0] in ("before", "after", "peak", "net")}
    assert rows["after"] == rows["peak"] == ["3.00", "MiB"]
    assert rows["net"] == ["+3.00", "MiB"]
    assert rows["before"] == ["0", "bytes"]
    assert "Memory of build" in said and "Allocated 3.00 MiB in 2 blocks" in said


def test_the_table_of_lines_is_true_in_loops(measurer: Measurer) -> None:
    """Where memory_profiler, which looks at RSS, says a part of it."""
    _, said = run(measurer, """
@tare.memory(lines=True)
def loop():
    for _ in range(20):
        x = bytearray(8 * MIB)
        del x
    keep = [bytearray(MIB)
            for _ in range(4)]
    return keep
kept = loop()
tell()
""")
    table = {re.split("  +", line.strip())[-1]: line.split() for line in said.splitlines()}
    made = table["x = bytearray(8 * MIB)"]
    assert made[1:7] == ["0", "bytes", "160", "MiB", "160", "MiB"]
    assert "60" in made  # blocks: the number, the object and its bytes, each time
    assert "+4.00" in table["keep = [bytearray(MIB)"]
    assert table["def loop():"][1:] == ["def", "loop():"]
    header = next(line for line in said.splitlines() if "Line #" in line)
    assert header.split() == ["Line", "#", "Net", "Allocated", "Freed", "Peak", "Count", "Line",
                              "Contents"]


def test_everything_that_can_be_called(measurer: Measurer) -> None:
    told, said = run(measurer, """
class Things:
    @tare.memory
    def method(self): return bytearray(MIB)
    @tare.memory
    @staticmethod
    def static(): return bytearray(MIB)
    @classmethod
    @tare.memory
    def of_class(cls): return cls
@tare.memory
def numbers():
    got = yield 1
    yield got
    return 3
@tare.memory
async def wait():
    await asyncio.sleep(0)
    return 4
@tare.memory
async def stream():
    yield 5
ended = []
@tare.memory
async def talk():
    try:
        try: yield (yield "first")
        except KeyError as error: yield error.args[0]
    finally: ended.append(True)
@tare.memory
def fail():
    raise KeyError("mine")

things = Things()
assert len(things.method()) == len(Things.static()) == len(things.static()) == MIB
assert Things.of_class() is Things
generator = numbers()
assert next(generator) == 1 and generator.send(2) == 2
try: next(generator)
except StopIteration as end: assert end.value == 3
async def use():
    answers = talk()
    assert await anext(answers) == "first" and await answers.asend(6) == 6
    assert await answers.athrow(KeyError("thrown")) == "thrown"
    await answers.aclose()
    assert ended == [True]
    return [value async for value in stream()], await wait()
assert asyncio.run(use()) == ([5], 4)
try: fail()
except KeyError as error: assert error.args == ("mine",)
try: numbers().throw(OSError(5))
except OSError as error: assert error.args == (5,)
tell(active=_memory.active())
""")
    assert told == {"active": False}
    for name in ("Things.method", "Things.static", "Things.of_class", "numbers", "wait", "stream",
                 "fail"):
        assert f"Memory of {name}" in said


def test_threads_at_once(measurer: Measurer) -> None:
    told, _ = run(measurer, """
results, kept = [], []
def work():
    with tare.memory() as m:
        kept.append(bytearray(2 * MIB))  # others free a little meanwhile
    results.append(m)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
tell(active=_memory.active(), least=min(m.net_bytes for m in results) > MIB,
     profiles=all(m.profile for m in results))
""")
    assert told == {"active": False, "least": True, "profiles": True}


def test_a_forked_child(measurer: Measurer) -> None:
    told, _ = run(measurer, """
with tare.memory() as m:
    if os.fork() == 0:
        with tare.memory() as child:
            kept = bytearray(MIB)
        os._exit(0 if child.net_bytes // MIB == 1 else 1)
    code = os.wait()[1]
tell(code=code, net=m.net_bytes < MIB)
""")
    assert told == {"code": 0, "net": True}


@pytest.mark.parametrize("script,said", [
    ("m = tare.memory(); m.net_bytes", "the block has not ended"),
    ("m = tare.memory()\nwith m: m.net_bytes", "the block has not ended"),
    ("m = tare.memory()\nwith m: m.profile", "the block has not ended"),
    ("with tare.memory(), tare.memory(output='x'): pass", "leave out the output"),
    ("_memory.start()\nwith tare.memory() as m: pass\nm.profile", "its file has the profile"),
])
def test_what_cannot_be_said(measurer: Measurer, script: str, said: str) -> None:
    indented = script.replace("\n", "\n    ")
    told, _ = run(measurer, f"""
try:
    {indented}
except tare.Error as error:
    tell(said=str(error))
""")
    assert said in told["said"]


def test_in_samples(measurer: Measurer) -> None:
    """Of 100,000 blocks and a list that grows: within five standard errors."""
    told, said = run(measurer, """
with tare.memory() as exact:
    kept = [bytes(1000) for _ in range(100_000)]
with tare.memory(sample_bytes=64 << 10) as m:
    kept = [bytes(1000) for _ in range(100_000)]
sums = m.profile.allocations().sums
tell(true=exact.alloc_bytes, alloc=sums.alloc_bytes, half=sums.alloc_error_bytes,
     samples=sums.sample_count)
""")
    assert 0 < told["half"] < told["true"] / 10
    assert abs(told["alloc"] - told["true"]) < 5 / 1.96 * told["half"]
    assert 500 < told["samples"] < 5000
