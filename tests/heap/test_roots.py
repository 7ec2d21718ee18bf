"""Everything alive is found: in running frames, in threads, set apart, in the midst of a
collection."""

from __future__ import annotations

import contextvars
import gc
import itertools
import sys
import threading

import pytest

from tare import _heap
from tare.heap import census, diff

pytestmark = pytest.mark.usefixtures("no_garbage")


def count(of, key: str) -> int:
    return sum(row.count for row in of.rows if row.key == key)


def size(of, key: str) -> int:
    return sum(row.bytes for row in of.rows if row.key == key)


def name(of: type) -> str:
    return f"{of.__module__}.{of.__qualname__}"


@pytest.fixture
def marked() -> type:
    """A class that no other test has objects of."""

    class Marked:
        pass

    Marked.__qualname__ = f"Marked{next(_numbers)}"
    return Marked


_numbers = itertools.count()


def test_locals_of_the_frame_that_asks():
    before = census()
    large = b"x" * (50 << 20)
    assert size(diff(before, census()), "bytes") >= _heap.flat(large)


def test_locals_of_another_thread():
    stop, ready = threading.Event(), threading.Event()

    def work() -> None:
        large = b"y" * (50 << 20)
        ready.set()
        stop.wait()
        assert large

    before = census()
    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    try:
        assert size(diff(before, census()), "bytes") >= 50 << 20
    finally:
        stop.set()
        thread.join()
    assert size(diff(before, census()), "bytes") < 1 << 20


def test_locals_of_outer_frames_and_what_they_compute():
    def inner(_given: object) -> tuple[int, int]:
        found = diff(before, census())
        return count(found, "float"), count(found, "complex")

    def outer() -> tuple[int, int]:
        kept = 1.5 + len(before.by)
        given = complex(len(before.by), 1)
        result = inner(given)
        assert kept
        return result

    before = census()
    assert outer() == (1, 1)


def test_a_running_generator_and_one_that_waits():
    def generate(number: int):
        held = bytearray(number)
        yield diff(before, census()) if number == 3 << 20 else None
        yield len(held)

    before = census()
    waiting = generate(5 << 20)
    next(waiting)
    running = next(generate(3 << 20))
    assert size(running, "bytearray") >= 8 << 20


def test_thread_locals_and_context(marked):
    local = threading.local()
    variable: contextvars.ContextVar = contextvars.ContextVar("variable")

    def look() -> int:
        local.value = marked()
        variable.set(marked())
        return count(census(), name(marked))

    assert contextvars.copy_context().run(look) == 2


def test_the_exception_that_is_handled():
    before = census()
    try:
        raise ValueError(bytearray(7 << 20))
    except ValueError:
        assert size(diff(before, census()), "bytearray") >= 7 << 20


def test_what_only_c_holds(marked):
    """A function of C keeps it: no root leads there, the collector knows it."""
    held = [marked()]
    looked = iter(held)
    del held
    before = census()
    assert count(before, name(marked)) == 1
    list(looked)


def test_frozen_objects(marked):
    gc.collect()
    planted = [marked() for _ in range(100)]
    gc.freeze()
    try:
        before = gc.get_freeze_count()
        found = census()
        after = gc.get_freeze_count()  # less where another thread has let go of some
    finally:
        gc.unfreeze()
    assert count(found, name(marked)) == 100
    assert planted
    if sys.version_info < (3, 14):
        assert before >= found.parts["frozen"][0] >= after
        assert any("gc.freeze()" in sentence for sentence in found.sentences())


def test_frozen_garbage(marked):
    gc.collect()
    cycle = [marked()]
    cycle.append(cycle)
    gc.freeze()
    del cycle
    try:
        assert count(census(), name(marked)) == 1
    finally:
        gc.unfreeze()
        gc.collect()


# ---- within a collection ----


@pytest.mark.parametrize("wanted", ["start", "stop"])
def test_a_census_in_a_callback_of_the_collector(wanted, marked):
    planted = [marked() for _ in range(10)]
    found = []

    def look(phase: str, _info: dict) -> None:
        if phase == wanted:
            found.append(census())

    census()
    gc.callbacks.append(look)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(look)
    assert [count(one, name(marked)) for one in found] == [len(planted)]
    assert found[0].during_collection
    assert any("under way" in sentence for sentence in found[0].sentences())


def test_a_census_in_a_finaliser_that_the_collector_calls(marked):
    class Dying:
        def __init__(self) -> None:
            self.itself = self
            self.held = [marked() for _ in range(5)]

        def __del__(self) -> None:
            found.append(census())

    found: list = []
    gc.collect()
    Dying()
    gc.collect()
    assert [count(one, name(marked)) for one in found] == [5]  # self leads there
    assert [count(one, name(Dying)) for one in found] == [1]
    assert found[0].during_collection


def test_a_census_in_a_finaliser_and_a_weak_callback(marked):
    import weakref

    class Dying:
        def __del__(self) -> None:
            found.append(census())

    found: list = []
    dying = Dying()
    del dying
    marked = marked()
    kept = weakref.ref(marked, lambda _: found.append(census()))
    del marked
    assert [one.during_collection for one in found] == [False, False]
    assert kept() is None
    assert [count(one, name(Dying)) for one in found] == [1, 0]


# ---- in motion ----


def test_threads_that_allocate_meanwhile(marked):
    stop = threading.Event()

    def churn() -> None:
        kept: list = []
        while not stop.is_set():
            kept.append({"a": [object() for _ in range(50)], "b": (marked(), str(len(kept)))})
            if len(kept) > 50:
                kept.clear()

    planted = [bytearray(100) for _ in range(123)]
    before = census()
    threads = [threading.Thread(target=churn) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            assert count(diff(before, census()), "bytearray") == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert count(census(objects=planted), "bytearray") == 123


def test_a_class_of_threads_that_computes_the_name():
    """It is not asked: what it makes, nobody keeps."""
    asked: list[int] = []

    class Computing(threading.Thread):
        @property
        def _name(self) -> str:
            asked.append(1)
            return f"worker {id(self)}" * 10

        @_name.setter
        def _name(self, _value: str) -> None:
            pass

    stop = threading.Event()
    thread = Computing(target=stop.wait)
    thread.start()
    asked.clear()
    try:
        assert census().count > 0
    finally:
        stop.set()
        thread.join()
    assert asked == []


def test_a_tuple_that_is_being_built():
    def items():
        for number in range(10):
            found.append(count(census(), "tuple"))
            yield [number]

    found: list[int] = []
    assert len(tuple(items())) == 10
    assert max(found) - min(found) <= 2


def test_a_million_links_deep():
    link: list = []
    for _ in range(10**6):
        link = [link]
    before = census()
    assert count(before, "list") > 10**6
    while link:
        link = link.pop()


def test_references_are_as_they_were(marked):
    one = marked()
    counts = [sys.getrefcount(one), sys.getrefcount(marked), sys.getrefcount(test_frozen_objects)]
    for _ in range(10):
        census()
    assert counts == [
        sys.getrefcount(one), sys.getrefcount(marked), sys.getrefcount(test_frozen_objects)
    ]  # fmt: skip


def test_no_dict_is_made(marked):
    planted = [marked() for _ in range(10)]
    for one in planted:
        one.value = 1
    sizes = [_heap.flat(one) for one in planted]
    for _ in range(3):
        census()
    assert sizes == [_heap.flat(one) for one in planted]
    assert count(census(objects=[*planted]), "dict") == 0
