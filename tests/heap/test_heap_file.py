"""Files with a heap: the reader in core/io against the readable one in tests/."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tare.heap

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tare_heap_decoder import UNREACHED, Heap, decode_heap, path  # noqa: E402


PROGRAM = """
import sys, tare.heap
class Kept: pass
kept = [Kept() for _ in range(1000)]
tare.heap.snapshot(sys.argv[1])
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    written = tmp_path_factory.mktemp("heap") / "heap.tare"
    subprocess.run([sys.executable, "-c", PROGRAM, str(written)], check=True)
    return written


@pytest.fixture(scope="module")
def heap(file) -> Heap:
    return decode_heap(file.read_bytes())


def test_both_readers_see_the_same(file, heap):
    snapshot = tare.heap.load(file)
    assert heap.complete
    assert len(heap.objects) - 1 == snapshot.object_count
    sums: dict[str, list[int]] = {}
    for kind, _parent, _name, _flags, (size, allocated, _retained) in heap.objects[1:]:
        name = heap.strings[heap.types[kind][0]].decode("utf-8", "surrogateescape")
        row = sums.setdefault(name, [0, 0, 0])
        row[:] = [row[0] + 1, row[1] + size, row[2] + allocated]
    rows = {row.key: [row.count, row.bytes, row.allocated_bytes] for row in snapshot.census().rows}
    assert {key: row for key, row in rows.items() if any(row)} == sums


def test_what_is_not_reached_comes_last(file, heap):
    snapshot = tare.heap.load(file)
    flags = [bool(one[3] & UNREACHED) for one in heap.objects]
    assert flags == sorted(flags)
    assert sum(flags) == snapshot.census().parts["unreached"][0]
    assert all(one[1] < number for number, one in enumerate(heap.objects) if number)


def test_the_planted_objects_have_their_paths(heap):
    found = {
        path(heap, number)
        for number, one in enumerate(heap.objects)
        if heap.strings[heap.types[one[0]][0]] == b"__main__.Kept"
    }
    assert found == {f"sys.modules['__main__'].kept[{number}]" for number in range(1000)}


def test_a_snapshot_is_saved_as_it_was_read(file, tmp_path):
    again = tmp_path / "again.tare"
    tare.heap.load(file).write(again)
    assert again.read_bytes() == file.read_bytes()


def test_a_file_cut_short_is_refused(file, tmp_path):
    cut = tmp_path / "cut.tare"
    data = file.read_bytes()
    for size in (0, 7, 100, len(data) // 2, len(data) - 1):
        cut.write_bytes(data[:size])
        with pytest.raises(tare.Error):
            tare.heap.load(cut)


def test_a_heap_is_a_profile_too(file):
    profile = tare.load(file)
    assert profile.meta["engine"] == "heap"
    assert profile.state.unknown_count == 0
