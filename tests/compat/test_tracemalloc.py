"""tare.compat.tracemalloc in the place of tracemalloc."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import textwrap
import tracemalloc as theirs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tare.compat.tracemalloc as ours

HEAD = """
import gc, json, os, sys, threading
import tare.compat.tracemalloc as tracemalloc

def tell(**facts):
    print(json.dumps(facts))

def at(snapshot, line):
    for one in snapshot.statistics("lineno"):
        frame = one.traceback[0]
        if frame.filename == __file__ and frame.lineno == line:
            return one.size, one.count
    return 0, 0

def line():
    return sys._getframe(1).f_lineno
"""


def run(folder: Path, text: str, code: int = 0) -> dict:
    script = folder / "program.py"
    script.write_text(HEAD + textwrap.dedent(text))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode == code, done.stderr
    facts: dict = {}
    for one in done.stdout.splitlines():
        facts.update(json.loads(one))
    return facts


# ---- what is traced ----


def test_blocks_are_counted_at_their_lines(tmp_path: Path) -> None:
    """Each bytes object is one block, of as many bytes as it says."""
    facts = run(tmp_path, """
        kept = [None] * 1000
        tracemalloc.start()
        for i in range(1000):
            kept[i] = bytes(1000); here = line()
        tell(held=at(tracemalloc.take_snapshot(), here), one=sys.getsizeof(bytes(1000)))
        for i in range(300):
            kept[i] = None
        tell(left=at(tracemalloc.take_snapshot(), here))
        """)
    assert facts["held"] == [1000 * facts["one"], 1000]
    assert facts["left"] == [700 * facts["one"], 700]


def test_the_same_as_tracemalloc_beside_it(tmp_path: Path) -> None:
    """Both trace the same program at the same time. (Of types without a list of free objects:
    theirs moves an object that is taken from one to who takes it.)"""
    facts = run(tmp_path, """
        import tracemalloc as theirs
        theirs.start()
        tracemalloc.start()
        def build(n):
            return {frozenset([str(i), bytes(i), i << 80]) for i in range(1000, n)}
        kept = build(3000); here = line() - 1
        snapshots = tracemalloc.take_snapshot(), theirs.take_snapshot()
        tell(ours=at(snapshots[0], here), theirs=at(snapshots[1], here))
        """)
    assert facts["ours"] == facts["theirs"]
    assert facts["ours"][1] > 6000


def test_comparing_two_snapshots(tmp_path: Path) -> None:
    facts = run(tmp_path, """
        tracemalloc.start(2)
        before = tracemalloc.take_snapshot()
        kept = [bytearray(10_000) for _ in range(10)]; here = line()
        after = tracemalloc.take_snapshot()
        first = after.compare_to(before, "lineno")[0]
        tell(text=str(first), line=first.traceback[0].lineno, here=here,
             grown=[first.size_diff, first.count_diff])
        """)
    assert facts["line"] == facts["here"]
    assert 100_000 < facts["grown"][0] < 103_000 and facts["grown"][1] >= 20
    assert ": size=" in facts["text"] and " KiB (+" in facts["text"]
    assert ", average=" in facts["text"]


def test_memory_and_its_peak(tmp_path: Path) -> None:
    facts = run(tmp_path, """
        tracemalloc.start()
        first = tracemalloc.get_traced_memory()
        held = bytearray(1 << 20)
        del held
        size, peak = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        tell(first=first, size=size, peak=peak, after=tracemalloc.get_traced_memory()[1],
             own=tracemalloc.get_tracemalloc_memory())
        tracemalloc.clear_traces()
        tell(cleared=tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        tell(stopped=[tracemalloc.get_traced_memory(), tracemalloc.get_tracemalloc_memory()])
        """)
    assert facts["peak"] - facts["size"] >= 1 << 20
    assert facts["after"] < 1 << 20 and facts["cleared"] < 10_000
    assert facts["own"] > 0 and facts["stopped"] == [[0, 0], 0]


def test_where_an_object_was_allocated(tmp_path: Path) -> None:
    facts = run(tmp_path, """
        early = [1]
        tracemalloc.start(10)
        class Plain: pass
        class Slots: __slots__ = "a",
        def build(kind):
            return kind()
        found = {}
        for kind in Plain, Slots, dict, bytearray, object, set:
            one = build(kind); here = line()
            trace = tracemalloc.get_object_traceback(one)
            found[kind.__name__] = [[f.lineno for f in trace], here]
        tell(found=found, early=tracemalloc.get_object_traceback(early))
        tracemalloc.stop()
        tell(stopped=tracemalloc.get_object_traceback(one))
        """)
    for lines, here in facts["found"].values():
        assert len(lines) == 2 and lines[0] == here and lines[1] < here
    assert facts["early"] is None and facts["stopped"] is None


def test_threads_are_traced(tmp_path: Path) -> None:
    facts = run(tmp_path, """
        tracemalloc.start()
        kept = []
        def work():
            for i in range(500):
                kept.append(bytes(2000))
        here = line() - 1
        threads = [threading.Thread(target=work) for _ in range(4)]
        for one in threads: one.start()
        for one in threads: one.join()
        size, count = at(tracemalloc.take_snapshot(), here)
        tell(count=count, size=size, one=sys.getsizeof(bytes(2000)))
        """)
    assert facts["count"] - 2000 in (0, 1)  # the buffer of the list
    assert facts["size"] >= 2000 * facts["one"]


def test_a_forked_child_goes_on(tmp_path: Path) -> None:
    facts = run(tmp_path, """
        tracemalloc.start(3)
        pid = os.fork()
        if pid == 0:
            kept = [bytes(3000) for _ in range(50)]; here = line()
            _, count = at(tracemalloc.take_snapshot(), here)
            os._exit(count if tracemalloc.is_tracing() else 0)
        tell(status=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """)
    assert facts["status"] in (50, 51)


def test_starting_twice_and_wrongly(tmp_path: Path) -> None:
    facts = run(tmp_path, """
        for bad in 0, -1, 65536:
            try:
                tracemalloc.start(bad)
            except ValueError as error:
                tell(error=str(error))
        tracemalloc.start(7)
        tracemalloc.start(3)
        tell(limit=tracemalloc.get_traceback_limit(), on=tracemalloc.is_tracing())
        tracemalloc.stop(); tracemalloc.stop()
        try:
            tracemalloc.take_snapshot()
        except RuntimeError as error:
            tell(off=tracemalloc.is_tracing(), refused=str(error))
        """)
    assert facts["error"] == "the number of frames must be in range [1; 65535]"
    assert facts["limit"] == 7 and facts["on"] and not facts["off"]
    assert facts["refused"].startswith("the tracemalloc module must be tracing")


def test_another_measurement_stays_what_it_is(tmp_path: Path) -> None:
    facts = run(tmp_path, """
        from tare import Error, _memory
        _memory.start()
        try:
            tracemalloc.start()
        except Error as error:
            tell(error=str(error))
        tracemalloc.stop()
        tell(theirs=_memory.active(), ours=tracemalloc.is_tracing())
        """)
    assert facts["error"] and "\n" not in facts["error"]
    assert facts["theirs"] and not facts["ours"]


# ---- snapshots ----

FRAME = st.tuples(st.sampled_from(["a.py", "b.py", "lib/c.py"]), st.integers(1, 4))
FRAMES = st.lists(FRAME, min_size=1, max_size=4).map(tuple)
TRACE = st.tuples(st.integers(0, 2), st.integers(1, 5000), FRAMES, st.integers(1, 9))
TRACES = st.lists(TRACE, max_size=8).flatmap(
    lambda traces: st.lists(st.sampled_from(traces), max_size=30) if traces else st.just([]))
FILTERS = st.lists(st.one_of(
    st.builds(theirs.Filter, st.booleans(), st.sampled_from(["a.py", "*.py", "lib/*", "x"]),
              st.one_of(st.none(), st.integers(1, 4)), st.booleans()),
    st.builds(theirs.DomainFilter, st.booleans(), st.integers(0, 2))), max_size=3)


@given(TRACES, TRACES, st.sampled_from(["filename", "lineno", "traceback"]), st.booleans())
def test_statistics_are_those_of_tracemalloc(
        old: list, new: list, key: str, cumulative: bool) -> None:
    cumulative = cumulative and key != "traceback"
    mine, other = ours.Snapshot(new, 4), theirs.Snapshot(new, 4)
    assert mine.statistics(key, cumulative) == other.statistics(key, cumulative)
    assert [str(one) for one in mine.statistics(key)] == [str(one) for one in other.statistics(key)]
    assert mine.compare_to(ours.Snapshot(old, 4), key, cumulative) == \
        other.compare_to(theirs.Snapshot(old, 4), key, cumulative)


@given(TRACES, FILTERS)
def test_filters_are_those_of_tracemalloc(traces: list, filters: list) -> None:
    mine = ours.Snapshot(traces, 4).filter_traces(filters)
    assert isinstance(mine, ours.Snapshot)
    assert mine.traces._traces == theirs.Snapshot(traces, 4).filter_traces(filters).traces._traces


def test_either_reads_the_others_files(tmp_path: Path) -> None:
    traces = [(0, 10, (("a.py", 2), ("b.py", 4)), 3)] * 5 + [(1, 2, (("c.py", 5),), None)]
    mine, other = ours.Snapshot(traces, 2), theirs.Snapshot(traces, 2)
    mine.note = "kept"
    mine.dump(tmp_path / "mine")
    other.dump(tmp_path / "other")
    read = theirs.Snapshot.load(tmp_path / "mine")
    assert type(read) is theirs.Snapshot and read.traces == other.traces and read.note == "kept"
    read = ours.Snapshot.load(tmp_path / "other")
    assert type(read) is ours.Snapshot and read.traces == other.traces
    assert read.traceback_limit == 2


def test_a_snapshot_is_data(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple:
            return os.system, (f"touch {tmp_path}/ran",)

    for number, thing in enumerate((Evil(), [1, 2], {"a": Evil()})):
        path = tmp_path / str(number)
        path.write_bytes(pickle.dumps(thing))
        with pytest.raises(pickle.UnpicklingError):
            ours.Snapshot.load(path)
    assert not (tmp_path / "ran").exists()



def test_a_million_alike_are_one(tmp_path: Path) -> None:
    """The traces of blocks that are alike are the same object, not copies."""
    facts = run(tmp_path, """
        tracemalloc.start()
        kept = [bytes(100) for _ in range(20_000)]
        snapshot = tracemalloc.take_snapshot()
        tell(blocks=len(snapshot.traces), different=len(set(map(id, snapshot.traces._traces))))
        """)
    assert facts["blocks"] >= 20_000 and facts["different"] < 100
