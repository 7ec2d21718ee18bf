"""Threads, forks, interpreters, ends, and others who listen to memory."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from measuring import Measured, Measurer, plain_process

from tare._profile import load
from tare.cli.agent import environment_for, installed_agent

FILL = """
def fill(out):
    for i in range(len(out)):
        out[i] = object()
"""


def test_threads_each_allocate_what_they_do(measurer: Measurer) -> None:
    found = measurer.run(FILL + """
import threading
outs = [[None] * 5000 for _ in range(8)]
threads = [threading.Thread(target=fill, args=(out,)) for out in outs]
for thread in threads: thread.start()
for thread in threads: thread.join()
""").expect_whole()
    assert found.line(3)["live_count"] == 40000
    assert found.line(3)["live_bytes"] == 640000
    assert int(found.profile.meta["thread_count"]) >= 9


def test_what_one_thread_frees_of_another(measurer: Measurer) -> None:
    found = measurer.run(FILL + """
import threading
out = [None] * 3000
fill(out)
def drop():
    for i in range(1000): out[i] = None
thread = threading.Thread(target=drop)
thread.start()
thread.join()
""").expect_whole()
    assert (found.line(3)["freed_count"], found.line(3)["live_count"]) == (1000, 2000)
    assert found.line(3)["temporary_count"] == 0


def test_without_the_gil(measurer: Measurer) -> None:
    """zlib asks for its window while it decompresses, and has let go of the GIL then."""
    found = measurer.run("""
import zlib
packed = zlib.compress(bytes(range(256)) * 4000)
for _ in range(5):
    d = zlib.decompressobj()
    d.decompress(packed, 100000)
    d.decompress(packed[:10], 10)
""").expect_whole()
    stacks = found.stacks()
    assert stacks[("(without the GIL):0",)] >= 5


def test_with_and_without_the_gil_at_once(measurer: Measurer) -> None:
    """The lock is of two kinds: who has the GIL takes it otherwise than who has not."""
    found = measurer.run(FILL + """
import threading, zlib
packed = zlib.compress(bytes(range(256)) * 2000)
def unpack():
    for _ in range(300):
        zlib.decompressobj().decompress(packed, 50000)
threads = [threading.Thread(target=unpack) for _ in range(3)]
for thread in threads: thread.start()
out = [None] * 1000
rounds = 0
while any(thread.is_alive() for thread in threads):
    fill(out)
    rounds += 1
for thread in threads: thread.join()
fill(out)
print(rounds + 1)
""").expect_whole()
    assert found.line(3)["alloc_count"] == 1000 * int(found.out.split()[0])
    assert found.line(3)["live_count"] == 1000
    assert found.stacks()[("(without the GIL):0",)] >= 900


def test_a_fork_is_left_alone(measurer: Measurer) -> None:
    found = measurer.run(FILL + """
import os
kept = [None] * 500
fill(kept)
child = os.fork()
if child == 0:
    fill([None] * 9999)
    os._exit(memory.active())
print(os.waitpid(child, 0)[1])
""").expect_whole()
    assert found.out.split()[0] == "0"
    assert found.line(3)["alloc_count"] == 500
    assert found.number("fork_count") == 1


def test_a_fork_has_a_file_of_its_own(measurer: Measurer) -> None:
    found = measurer.run(FILL + """
import os, sys
kept = [None] * 500
fill(kept)
child = os.fork()
if child == 0:
    for i in range(100): kept[i] = None
    other = [None] * 300
    fill(other)
    memory.stop()
    os._exit(0)
os.waitpid(child, 0)
""", children=True).expect_whole()
    assert found.line(3)["live_count"] == 500
    output = measurer.folder / f"{measurer.count}.tare"
    children = list(measurer.folder.glob(f"{output.name}.*"))
    assert len(children) == 1
    child = Measured(0, "", "", load(children[0])).expect_whole()
    assert child.line(3)["alloc_count"] == 300
    assert child.number("unknown_freed_count") >= 100


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os.abort()"])
def test_a_killed_program_leaves_what_it_held(measurer: Measurer, end: str) -> None:
    found = measurer.run(f"""
import os
kept = bytearray(200 << 20)
{end}
""")
    assert found.code < 0
    assert not found.profile.state.complete
    assert found.line(2)["live_bytes"] >= 200 << 20


@pytest.mark.parametrize("script", ["""
import tracemalloc
from tare import _memory
tracemalloc.start()
_memory.start()
kept = [object() for _ in range(1000)]
now = _memory.counters()
traced = tracemalloc.get_traced_memory()[0]
_memory.stop()
tracemalloc.stop()
""", """
import tracemalloc
from tare import _memory
_memory.start()
tracemalloc.start()
kept = [object() for _ in range(1000)]
now = _memory.counters()
traced = tracemalloc.get_traced_memory()[0]
tracemalloc.stop()
_memory.stop()
""", """
import tracemalloc
from tare import _memory
_memory.start()
tracemalloc.start()
_memory.stop()
kept = [object() for _ in range(1000)]
_memory.start()
kept = [object() for _ in range(1000)]
now = _memory.counters()
traced = tracemalloc.get_traced_memory()[0]
_memory.stop()
tracemalloc.stop()
"""])
def test_beside_tracemalloc(measurer: Measurer, script: str) -> None:
    told = measurer.print(script + """
assert now["live_count"] >= 1000 and now["live_bytes"] >= 16000, now
assert traced >= 16000, traced
from tare import _memory
_memory.start()
before = _memory.counters()["live_count"]
more = [object() for _ in range(1000)]
grown = _memory.counters()["live_count"] - before
_memory.stop()
print(grown)
""")
    assert 1000 <= int(told) < 1100


def test_who_leaves_takes_us_out_and_we_come_back(measurer: Measurer) -> None:
    told = measurer.print("""
import tracemalloc
from tare import _memory
tracemalloc.start()
_memory.start()
tracemalloc.stop()
_memory.stop()
_memory.start()
kept = [object() for _ in range(1000)]
print(_memory.counters()["live_count"])
_memory.stop()
""")
    assert int(told) >= 1000


def test_subinterpreters(measurer: Measurer) -> None:
    module = "_interpreters" if measurer.version >= (3, 13) else "_xxsubinterpreters"
    found = measurer.run(f"""
import {module} as interpreters
import threading
source = '''
out = [None] * 2000
def fill():
    for i in range(len(out)):
        out[i] = object()
fill()
'''
def run():
    other = interpreters.create()
    interpreters.run_string(other, source)
    interpreters.destroy(other)
run()
threads = [threading.Thread(target=run) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""").expect_whole()
    count = 0
    for node, amounts in found.nodes.items():
        inner = found.profile.stack(node)[0]
        if inner.qualname == "fill" and inner.line == 5:
            count += amounts["alloc_count"]
    assert count == 6000


@plain_process
def test_memory_errors_are_what_they_are(measurer: Measurer) -> None:
    script = """
tried = []
for size in (1 << 62, (1 << 63) - 100):
    for make in (bytes, bytearray, lambda n: "x" * n, lambda n: [None] * n):
        try:
            make(size)
        except (MemoryError, OverflowError) as error:
            tried.append((type(error).__name__, str(error)))
print(tried)
"""
    plain = measurer.print(script)
    found = measurer.run(script).expect_whole()
    assert found.out.splitlines()[0] == plain.splitlines()[0]
    assert found.total["live_bytes"] < 1 << 20


def test_every_allocation_may_fail(measurer: Measurer) -> None:
    """Above us somebody refuses the k-th: what was moved in vain is still there."""
    found = measurer.run("""
import sys
try:
    import _testcapi
except ImportError:
    print("none")
    sys.exit()
def work():
    kept = [str(i) * 20 for i in range(50)]
    kept.extend(range(1000, 1100))
    return {i: (i, [i]) for i in kept}
failed = 0
for k in range(1, 200):
    _testcapi.set_nomemory(k, k + 1)
    try:
        work()
    except MemoryError:
        failed += 1
    finally:
        _testcapi.remove_mem_hooks()
print(failed)
""").expect_whole()
    assert found.out.split()[0] == "none" or int(found.out.split()[0]) > 100


@plain_process
def test_moves_that_fail_below_us(measurer: Measurer) -> None:
    """realloc that fails leaves the block where it was, also for us."""
    found = measurer.run("""
import resource
kept = bytearray(1000)
resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
for _ in range(10):
    try:
        kept.extend(bytes(0)); kept += bytes(3 << 30)
    except MemoryError:
        pass
try:
    import array
    many = array.array("b", bytes(1000))
    many *= 1 << 32
except MemoryError:
    pass
numbers = [None] * 1000
try:
    numbers.extend([None] * (1 << 26)); numbers.extend(numbers * 4)
except MemoryError:
    pass
print(len(kept))
""").expect_whole()
    assert found.line(2)["live_bytes"] == 1001 + 56


def agent_run(measurer: Measurer, script: str, **variables: str) -> Measured:
    ask = [measurer.python, "-c", "import tare._memory as m; print(m.__file__)"]
    extension = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    output = measurer.output()
    environ = environment_for(extension, {"OUTPUT": str(output), **variables}, dict(os.environ))
    done = subprocess.run([measurer.python, str(measurer.write(script.lstrip("\n")))], env=environ,
                          capture_output=True, text=True, check=False, timeout=120)
    assert output.exists(), done.stderr
    return Measured(done.returncode, done.stdout, done.stderr, load(output))


@plain_process
def test_from_outside(measurer: Measurer) -> None:
    assert Path(installed_agent()).exists()
    found = agent_run(measurer, FILL + """
import os, sys
kept = [None] * 1000
fill(kept)
print(sorted(name for name in os.environ if "TARE" in name or "PRELOAD" in name))
print([name for name in sys.modules if "tare" in name])
""").expect_whole()
    assert found.out.splitlines() == ["[]", "[]"]
    assert found.line(3)["live_count"] == 1000
    assert found.profile.meta["target.mode"] == "run"


@pytest.mark.parametrize("end", ["sys.exit(3)", "os._exit(3)", "raise SystemExit(3)"])
def test_the_end_keeps_what_was_live(measurer: Measurer, end: str) -> None:
    found = agent_run(measurer, FILL + f"""
import os, sys
kept = [None] * 1000
fill(kept)
{end}
""")
    assert found.code == 3
    assert found.profile.state.complete
    assert found.line(3)["live_count"] == 1000


def test_samples_from_outside(measurer: Measurer) -> None:
    found = agent_run(measurer, "kept = [bytearray(100) for i in range(20000)]",
                      SAMPLE_BYTES="4096")
    assert found.number("sample_bytes") == 4096
    assert 0 < found.total["sample_count"] < 5000


NATIVE = """
import ctypes
libc = ctypes.PyDLL(None)  # which keeps the GIL
for name in ("malloc", "calloc", "realloc", "aligned_alloc"):
    getattr(libc, name).restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
libc.realloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
def native():
    kept = [libc.malloc(1234) for _ in range(100)]
    libc.calloc(10, 100)
    libc.free(libc.malloc(5000))
    libc.realloc(libc.malloc(10), 7777)
    libc.aligned_alloc(64, 640)
native()
kept = bytes(1 << 20)
"""


def test_the_native_allocator(measurer: Measurer) -> None:
    found = agent_run(measurer, NATIVE, NATIVE="1").expect_whole()
    native = {}
    labels = found.profile.label_sets()
    for value in found.profile.values():
        frame = found.profile.stack(value.node)[0]
        if labels[value.label_set]["domain"] == "native" and frame.file.endswith(".py"):
            native.setdefault(frame.line, {})[value.metric] = value.amount
    assert (native[8]["live_count"], native[8]["live_bytes"]) == (100, 123400)
    assert native[9]["live_bytes"] == 1000
    assert (native[10]["alloc_bytes"], native[10].get("live_bytes", 0)) == (5000, 0)
    assert (native[11]["alloc_bytes"], native[11]["live_bytes"]) == (7787, 7777)
    assert native[12]["live_bytes"] == 640
    # What Python has from malloc is Python's.
    assert 14 not in native or native[14]["alloc_bytes"] < 1 << 20
    assert found.line(14)["live_bytes"] >= 1 << 20


def test_native_needs_a_beginning(measurer: Measurer) -> None:
    told = measurer.print("""
from tare import _memory, errors
try:
    _memory.start(native=True)
except errors.UnsupportedError as error:
    print(error)
""")
    assert "tare memory --native" in told
    assert len(told.splitlines()) == 1


def test_what_is_collected_while_somebody_asks_is_heard(measurer: Measurer) -> None:
    told = measurer.print("""
import gc
from tare import _memory
def drop(count):
    for _ in range(count):
        ring = []
        ring.append(ring)
kept = []
gc.disable()
_memory.start()
drop(1000)
gc.collect()
before = _memory.counters()["live_count"]
for _ in range(20):
    drop(1000)
    gc.set_threshold(1, 1, 1)
    gc.enable()
    _memory.traces()
    assert gc.isenabled()
    gc.disable()
gc.collect()
print(_memory.counters()["live_count"] - before)
_memory.stop()
""")
    assert int(told) < 100
