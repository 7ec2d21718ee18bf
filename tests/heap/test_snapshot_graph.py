"""A snapshot says of each object what is true of it now: type, size, path, what it retains."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tare
from heap.planted import MODULE, plant, root, uproot
from tare import _heap
from tare.heap.snapshots import Snapshot


class Thing:
    def __init__(self, value: object = None) -> None:
        self.value = value


@pytest.fixture(autouse=True)
def soil() -> Iterator[None]:
    yield
    uproot()
    gc.collect()  # cycles of one test are not to be counted by the next


def test_the_largest_are_where_they_are():
    plant(cache={"big": [bytearray(50_000_000), bytearray(30_000_000)]})
    taken = Snapshot.take()
    big = sys.modules[MODULE].cache["big"]
    rows = {row.path: row for row in taken.largest(20)}
    found = rows[root(".cache['big'][0]")]
    assert found.type == "bytearray" and found.bytes == _heap.flat(big[0])
    assert found.retained_bytes == tare.heap.retained(big[0])
    assert rows[root(".cache['big']")].retained_bytes == tare.heap.retained(big)


def test_objects_of_a_class_are_held_as_they_are_now(tmp_path: Path):
    plant(
        pool=[Thing() for _ in range(50)],
        by_name={str(i): Thing() for i in range(40)},
        few={"a": Thing(), "b": [Thing(), Thing()]},
        chain=Thing(Thing(Thing())),
    )
    live = tare.heap.holders(Thing)
    taken = Snapshot.take()
    taken.save(tmp_path / "heap.tare")
    for snapshot in (taken, tare.heap.load(tmp_path / "heap.tare")):
        for asked in (Thing, f"{__name__}.Thing"):
            found = snapshot.holders(asked)
            assert [path[:5] for path in found.paths] == [path[:5] for path in live.paths]
            assert (found.count, found.bytes) == (live.count, live.bytes)
            assert str(found) == str(live)
    assert taken.holders("no.such.Type").count == 0
    assert len(taken.holders(Thing, limit=2).paths) == 2
    assert taken.holders(Thing).to_dot().count("label=") > 8


def test_counts_and_sizes_are_those_of_the_objects():
    things = [Thing([i]) for i in range(1000)]
    rows = {row.key: row for row in Snapshot.take().census().rows}
    found = rows[f"{__name__}.Thing"]
    assert found.count == 1000
    assert found.bytes == sum(map(_heap.flat, things))
    assert found.allocated_bytes >= found.bytes


def test_a_snapshot_within_a_collection():
    counts = []

    def look(phase: str, info: dict[str, int]) -> None:
        counts.append(Snapshot.take().holders(Thing).count)

    plant(x=[Thing()])
    gc.callbacks.append(look)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(look)
    assert counts == [1, 1]


def test_frozen_objects_are_there():
    plant(x=[Thing()])
    gc.freeze()
    try:
        assert Snapshot.take().holders(Thing).paths[0].text == root(".x[*]")
    finally:
        gc.unfreeze()


def test_names_of_classes_are_not_asked_for():
    class Meta(type):
        __module__ = property(lambda cls: 1 / 0)

        def __getattribute__(cls, name: str) -> object:
            raise AssertionError("asked for")

    made = Meta("Made", (), {})
    assert _heap.type_name(made).endswith(".Made")
    with pytest.raises(TypeError, match="class"):
        _heap.type_name(1)
