"""Deep sizes of things whose bytes are known."""

from __future__ import annotations

import sys

from tare import _heap


def test_atoms_have_the_size_the_interpreter_says():
    for value in (float("2.5"), bytes(300), "text" * int("50"), complex("1j"), 10 ** int("40")):
        assert _heap.sizeof(value) == sys.getsizeof(value)


def test_what_is_reached_twice_counts_once():
    item = bytes(1000)
    assert _heap.sizeof((item, item)) == _heap.sizeof((item, None))


def test_what_lies_in_the_interpreter_takes_no_heap():
    assert [_heap.sizeof(value) for value in (None, True, 7, (), "", b"", int)][:6] == [0] * 6
    assert _heap.flat(int) == 0


def test_a_list_of_a_million_links_has_no_depth():
    link = None
    for _ in range(10**6):
        link = (link,)
    assert _heap.measure(link)[:2] == (10**6 * sys.getsizeof((1,)), 10**6 + 1)
    while link:
        (link,) = link
