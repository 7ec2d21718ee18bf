"""Types of extensions that say nothing of what they hold, or what is not so, of their size."""

from __future__ import annotations

import sys

import pytest
from tare import _heap, heap

BOX_BYTES = 16 + 8 + 48
MORE_BYTES = 1000


@pytest.fixture(autouse=True)
def truthful(odd):
    odd.say("size")


def test_what_it_does_not_tell_is_not_counted_and_said(odd):
    held = bytes(100_000)
    box = odd.Box(held)
    assert _heap.measure(box) == (BOX_BYTES + MORE_BYTES, 1, 1)
    assert _heap.measure([held]) == (sys.getsizeof([held]) + sys.getsizeof(held), 2, 0)


def test_a_census_counts_it_apart(odd):
    before = heap.census()
    boxes = [odd.Box(number) for number in range(50)]
    after = heap.census()
    (row,) = [row for row in heap.diff(before, after).rows if row.key == "odd.Box"]
    assert (row.count, row.bytes) == (50, 50 * (BOX_BYTES + MORE_BYTES))
    grown = after.parts["opaque"][0] - before.parts["opaque"][0]
    assert grown == len(boxes)
    assert any("may hold more than their types tell" in words for words in after.sentences())


def test_what_is_held_by_it_alone_is_reached_from_nowhere(odd):
    class Held:
        pass

    box = odd.Box(Held())
    assert heap.census().parts["unreached"][0] >= 1
    found = heap.holders(Held)
    assert found.count == 1 and not any(path.reached for path in found.paths)
    del box


def test_a_class_made_of_it_has_its_size(odd):
    class Derived(odd.Box):
        __slots__ = ("attribute",)

    derived = Derived(1)
    derived.attribute = bytes(5000)
    measured, count, opaque = _heap.measure(derived)
    assert count == 2 and opaque == 1
    assert measured >= BOX_BYTES + sys.getsizeof(derived.attribute)


@pytest.mark.parametrize("lie", ["less", "huge", "text", "raise"])
def test_a_size_that_is_none_is_not_believed(odd, lie):
    box = odd.Box(None)
    odd.say(lie)
    assert heap.sizeof(box) == BOX_BYTES
    assert heap.flat(box, allocated=True) == 80
    before = heap.census().bytes
    assert 0 < before < 1 << 40
    assert sys.exc_info() == (None, None, None)
    heap.snapshot().census("type")
