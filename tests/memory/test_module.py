"""The functions of tare._memory."""

from __future__ import annotations

from measuring import Measurer


def test_start_and_stop_are_a_bracket(measurer: Measurer) -> None:
    measurer.print("""
from tare import _memory, errors
def fails(call, kind):
    try:
        call()
    except kind as error:
        return str(error)
    raise AssertionError("no error")
assert not _memory.active()
counters = _memory.counters()
del counters["rss_bytes"]
assert set(counters.values()) == {0}
fails(_memory.stop, errors.UsageError)
fails(_memory.snapshot, errors.UsageError)
_memory.start()
assert _memory.active()
fails(_memory.start, errors.UsageError)
fails(lambda: _memory.start(depth=100000), ValueError)
fails(lambda: _memory.start(sample_bytes=-1), ValueError)
fails(lambda: _memory.start(sample_bytes=float("nan")), ValueError)
assert _memory.snapshot()[:5] == b"\\x89Tare"
assert _memory.active()
assert _memory.stop()[:5] == b"\\x89Tare"
assert not _memory.active()
text = fails(lambda: _memory.start("/nowhere/at/all.tare"), errors.Error)
assert "/nowhere/at/all.tare" in text and "\\n" not in text
assert not _memory.active()
for _ in range(50):
    _memory.start()
    kept = [object()]
    _memory.stop()
""")


def test_find_tells_where_a_block_is_from(measurer: Measurer) -> None:
    measurer.print("""
import time
from tare import _memory
before = object()
assert _memory.find(id(before)) is None
_memory.start()
def make():
    return object()
def outer():
    return make()
kept = outer()
time.sleep(0.05)
extra = [object() for _ in range(1000)]
size, age_ns, stack = _memory.find(id(kept))
assert size == 16
assert 30_000_000 < age_ns < 60_000_000_000, age_ns
assert [(name, line) for name, file, line in stack] == [
    ("make", 7), ("outer", 9), ("<module>", 10)], stack
assert stack[0][1] == __file__
assert _memory.find(id(before)) is None
assert _memory.find(12345) is None
address = id(kept)
kept = None
found = _memory.find(address)
assert found is None or found[2] != stack
_memory.stop()
assert _memory.find(address) is None
""")


def test_a_peak_of_a_part(measurer: Measurer) -> None:
    measurer.print("""
from tare import _memory
_memory.start()
a = bytearray(10 << 20)
del a
assert _memory.counters()["peak_bytes"] > 10 << 20
_memory.reset_peak()
assert _memory.counters()["peak_bytes"] < 1 << 20
a = bytearray(5 << 20)
del a
assert 5 << 20 < _memory.counters()["peak_bytes"] < 6 << 20
_memory.stop()
""")


def test_the_current_exception_stays(measurer: Measurer) -> None:
    measurer.print("""
import errno, os
from tare import _memory
_memory.start()
try:
    raise KeyError("kept")
except KeyError as error:
    kept = [str(i) for i in range(1000)]
    assert error.args == ("kept",)
try:
    os.stat("/nowhere")
except OSError as error:
    assert error.errno == errno.ENOENT
_memory.stop()
""")


def test_the_capsule_is_there(measurer: Measurer) -> None:
    measurer.print("""
from tare import _memory
assert type(_memory.allocation_of).__name__ == "PyCapsule"
assert "tare._memory.allocation_of" in repr(_memory.allocation_of)
""")


def test_a_limit_of_nodes_loses_nothing(measurer: Measurer) -> None:
    found = measurer.run("""
lines = "\\n".join(f"out[0] = object()" for _ in range(200))
exec(lines, {"out": [None], "object": object})
""", node_limit=20).expect_whole()
    stacks = found.stacks()
    assert stacks[("(overflow):0",)] > 150
    assert found.total["alloc_count"] == found.number("alloc_count")
