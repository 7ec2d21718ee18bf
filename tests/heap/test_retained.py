"""What goes with an object: against brute force over what the collector says, and planted."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Iterator

import pytest

import tare
from heap.planted import MODULE, plant, root, uproot
from tare import _heap


class Thing:
    pass


@pytest.fixture(autouse=True)
def soil() -> Iterator[None]:
    yield
    uproot()
    gc.collect()  # cycles of one test are not to be counted by the next


def flat(*objects: object) -> int:
    return sum(map(_heap.flat, objects))


def test_what_nothing_else_holds_goes():
    inner = bytes(1000)
    outer = [inner, [bytes(2000)]]
    plant(x=outer, y=inner)
    assert tare.heap.retained(outer) == flat(outer, outer[1], outer[1][0])
    del inner
    sys.modules[MODULE].y = None
    assert tare.heap.retained(outer) == flat(outer, *outer, outer[1][0])
    assert tare.heap.retained(outer) == _heap.sizeof(outer)


def test_two_go_together():
    shared = bytes(1000)
    first, second = [shared], [shared]
    plant(first=first, second=second)
    del shared
    assert tare.heap.retained(first) == flat(first)
    assert tare.heap.exclusive(first, second) == flat(first, second, first[0])
    assert tare.heap.exclusive(first, second, first) == tare.heap.exclusive(first, second)
    assert tare.heap.exclusive() == 0


def test_what_another_variable_of_the_caller_holds_stays():
    outer = [[bytes(1000)]]
    inner = outer[0]
    assert tare.heap.retained(outer) == flat(outer)
    assert tare.heap.retained(inner) == flat(inner, inner[0])


def test_what_is_not_in_the_heap_does_not_go():
    assert tare.heap.retained(None) == 0
    assert tare.heap.retained((1, "a", None, int)) == flat((1, "a", None, int))


def test_a_cycle_goes_as_one():
    first, second = Thing(), Thing()
    first.other, second.other = second, first
    plant(x=first)
    del second
    assert tare.heap.retained(first) == flat(first, first.other)


def test_a_class_goes_with_what_it_has():
    class Made:
        table = [bytes(10_000)]

    plant(x=Made)
    assert tare.heap.retained(Made) > 10_000


def test_a_million_links():
    link: tuple[object, ...] | None = None
    for _ in range(10**6):
        link = (link,)
    assert tare.heap.retained(link) == 10**6 * flat((1,))
    while link:
        (link,) = link


# ---- brute force ----

_COUNT = 40


def make_random(seed: int) -> list[list[object]]:
    """Lists that refer to each other at random; 0 is the only one that is planted."""
    draw = random.Random(seed)
    lists: list[list[object]] = [[i + 10**6] for i in range(_COUNT)]
    for _ in range(draw.randrange(_COUNT, 3 * _COUNT)):
        lists[draw.randrange(_COUNT)].append(lists[draw.randrange(_COUNT)])
    return lists


def reach(start: object, without: int) -> dict[int, object]:
    """By id, what the collector says is reached from a list, not going through one of them."""
    found: dict[int, object] = {}
    todo = [start]
    while todo:
        at = todo.pop()
        if id(at) in found or id(at) == without or isinstance(at, type):
            continue
        found[id(at)] = at
        todo.extend(gc.get_referents(at))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_random_structures_lose_what_brute_force_says(seed: int):
    plant(x=make_random(seed)[0])
    gc.collect()  # what is not reached from there holds some of it as long as it is not freed
    at_all = reach(sys.modules[MODULE].x, 0)
    truth = {}
    for key, value in at_all.items():
        if type(value) is list:
            left = reach(sys.modules[MODULE].x, key)
            truth[key] = sum(flat(at_all[gone]) for gone in at_all.keys() - left.keys())
    addresses = list(truth)
    at_all.clear()
    del value, left
    found = {}
    for key in addresses[:15]:
        found[key] = retained_of(sys.modules[MODULE].x, key)
    assert found == {key: truth[key] for key in found}


def retained_of(start: object, key: int) -> int:
    """Of the list with that id; no variable has another one meanwhile."""
    todo, seen = [start], set()
    while todo:
        at = todo.pop()
        if id(at) == key:
            break
        if id(at) not in seen:
            seen.add(id(at))
            todo.extend(gc.get_referents(at))
    del todo, start
    return tare.heap.retained(at)


# ---- the largest ----


def test_the_largest_is_found_where_it_is():
    plant(cache={"big": [bytearray(50_000_000), bytearray(30_000_000)]})
    rows = tare.heap.largest(7)
    assert [row.bytes for row in rows] == sorted([row.bytes for row in rows], reverse=True)
    by_text = {row.text: row for row in rows}
    big = sys.modules[MODULE].cache["big"]
    assert by_text.keys() == {
        "sys.modules",
        root(""),
        root(".__dict__"),
        root(".cache"),
        root(".cache['big']"),
        root(".cache['big'][0]"),
        root(".cache['big'][1]"),
    }
    assert by_text[root(".cache['big']")].bytes == flat(big, *big)
    assert by_text[root(".cache['big'][0]")].bytes == flat(big[0])
    assert tare.heap.largest(0) == []
    assert len(tare.heap.largest(3)) == 3


def test_limits_are_checked():
    for function in (lambda: tare.heap.largest(-1), lambda: tare.heap.holders(1, limit=-1)):
        with pytest.raises(ValueError, match="not below 0"):
            function()
    with pytest.raises(TypeError):
        tare.heap.holders(1, limit="x")
    assert len(tare.heap.largest(10**30)) == 1000
