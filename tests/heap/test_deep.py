"""Deep sizes of things whose bytes are known."""

from __future__ import annotations

import sys

from tare import _heap


def test_atoms_have_the_size_the_interpreter_says():
    for value in (10**6, 2.5, b"abc" * 100):
        assert _heap.sizeof(value) == sys.getsizeof(value)


def test_what_is_reached_twice_counts_once():
    item = b"x" * 1000
    assert _heap.sizeof((item, item)) == _heap.sizeof((item, 1.5)) - _heap.sizeof(1.5)


def test_a_list_of_a_million_links_has_no_depth():
    link = None
    for _ in range(10**6):
        link = (link,)
    assert _heap.sizeof(link) == 10**6 * sys.getsizeof((1,)) + _heap.sizeof(None)
    while link:
        (link,) = link
