"""How far a deep size goes: what belongs to a thing, and where the program begins."""

from __future__ import annotations

import collections
import functools
import gc
import itertools
import queue
import sys
import types
import weakref

import pytest
from tare import heap

DATA_BYTES = 600_000


def big() -> list[str]:
    """Some 600 kB in a hundred pieces."""
    return ["x" * (6000 + i) for i in range(100)]


class MyList(list):
    pass


class MyTuple(tuple):
    pass


class MySet(set):
    pass


class Holder:
    def __init__(self, data: object):
        self.data = data

    def method(self):
        pass


def function_with_default() -> types.FunctionType:
    def inner(data=big()):
        return data

    return inner


def generator():
    data = big()
    yield 1
    yield data


def started():
    made = generator()
    next(made)
    return made


def error_with_payload() -> Exception:
    error = ValueError()
    error.payload = big()
    return error


def caught() -> Exception:
    def fail():
        data = big()
        raise ValueError(len(data))

    try:
        fail()
    except ValueError as error:
        return error


def full_queue() -> queue.Queue:
    made = queue.Queue()
    for item in big():
        made.put(item)
    return made


# What the usual tools get wrong by a factor of hundreds.
HOLDING = {
    "list, derived": lambda: MyList(big()),
    "tuple, derived": lambda: MyTuple(big()),
    "set, derived": lambda: MySet(big()),
    "deque": lambda: collections.deque(big()),
    "partial": lambda: functools.partial(print, big()),
    "chain": lambda: itertools.chain(big()),
    "dict views": lambda: dict.fromkeys(big()).keys(),
    "dict items": lambda: {"k": big()}.items(),
    "memoryview": lambda: memoryview(bytes(DATA_BYTES)),
    "Queue": full_queue,
    "exception with payload": error_with_payload,
    "exception with frames": caught,
    "function with default": function_with_default,
    "closure": lambda: (lambda data: lambda: data)(big()),
    "bound method": lambda: Holder(big()).method,
    "builtin method": lambda: big().append,
    "generator": started,
    "namespace": lambda: types.SimpleNamespace(data=big()),
    "cell": lambda: types.CellType(big()),
    "cached function": lambda: filled_cache(),
    "iterator": lambda: iter(big()),
    "mapping proxy": lambda: types.MappingProxyType({"k": big()}),
    "property": lambda: property(function_with_default()),
}


def filled_cache():
    @functools.lru_cache
    def spell(number):
        return str(number) * 2000

    for number in range(100, 200):
        spell(number)
    return spell


@pytest.mark.parametrize("name", HOLDING)
def test_what_it_holds_is_counted(name: str):
    assert DATA_BYTES < heap.sizeof(HOLDING[name]()) < 1.1 * DATA_BYTES


def test_a_million_links():
    link = None
    for number in range(10**5):
        link = (bytes(number % 10), link)
    expected = sum(heap.flat(bytes(n)) for n in range(10)) * 10**4 - 10**4 * heap.flat(b"")
    assert heap.sizeof(link) >= 10**5 * heap.flat((1, 2)) + expected - 10**5 * 64
    while link:
        _, link = link


def test_a_weak_reference_holds_nothing():
    owner = Holder(big())
    assert heap.sizeof(weakref.ref(owner)) < 200
    assert heap.sizeof(weakref.proxy(owner)) < 200
    assert heap.sizeof(weakref.WeakValueDictionary(one=owner)) < 5000


def test_the_program_is_not_part_of_what_it_made():
    def plain():
        return None

    for made in (plain, Holder(0), Holder(sys), Holder(Holder), [sys, Holder, type], Holder(gc)):
        assert heap.sizeof(made) < 2000
    assert heap.sizeof(started) < 2000
    assert heap.sizeof(Holder(sys._getframe())) < 1000  # it runs


def test_what_is_given_is_measured_whatever_it_is():
    assert heap.sizeof(sys) > 50_000
    assert heap.sizeof(Holder) > 1000
    assert heap.sizeof(started.__code__) > 200
    assert heap.sizeof(HOLDING) < 200_000
    module = types.ModuleType("planted")
    module.data = big()
    module.others = [sys, Holder]
    assert DATA_BYTES < heap.sizeof(module) < 1.1 * DATA_BYTES
    kept = type("Planted", (), {"data": big()})
    assert DATA_BYTES < heap.sizeof(kept) < 1.1 * DATA_BYTES


def test_code_on_demand():
    holder = Holder(test_what_is_given_is_measured_whatever_it_is)
    code = holder.data.__code__
    assert heap.sizeof(holder, code=True) == heap.sizeof(holder) + heap.sizeof(code, code=True)


def test_a_finished_frame_has_its_locals_and_not_its_globals():
    error = caught()
    size = heap.sizeof(error)
    assert DATA_BYTES < size < 1.1 * DATA_BYTES
    assert heap.sizeof(error.__traceback__) < size


def test_a_module_frame_does_not_bring_its_module():
    source = "data = ['x' * 6000 for _ in range(100)]\nraise ValueError()\n"
    try:
        exec(source, {"__name__": "planted"})
    except ValueError as error:
        assert heap.sizeof(error) < 10_000


def test_sizes_add_up_and_what_is_shared_counts_for_the_first():
    shared = big()
    first, second, third = [shared, 1], [shared, 2], [bytes(100)]
    sizes = heap.sizes(first, second, third)
    assert sum(sizes) == heap.sizeof(first, second, third)
    assert sizes == (heap.sizeof(first), heap.flat(second), heap.sizeof(third))
    assert heap.sizes(first, first) == (heap.sizeof(first), 0)
    assert heap.sizes([Holder], Holder)[1] == heap.sizeof(Holder)
    assert heap.sizes() == () and heap.sizeof() == 0


def test_measuring_makes_no_dictionary_and_holds_nothing():
    made = Holder(big())
    before = sys.getrefcount(made.data), heap.sizeof(made)
    for _ in range(3):
        heap.sizeof(made), heap.explain(made), heap.flat(made), heap.sizes(made)
    assert (sys.getrefcount(made.data), heap.sizeof(made)) == before
    gone = weakref.ref(made)
    explanation = heap.explain(made)
    del made
    assert gone() is None and explanation.bytes == before[1]
