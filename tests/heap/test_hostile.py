"""Objects that lie, fail, have effects, or are not there yet: measured without noticing."""

from __future__ import annotations

import collections
import ctypes
import gc
import io
import os
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import pytest
from tare import _heap, heap


class Liar:
    """Everything that could be asked of it fails, and is counted."""

    asked: list[str] = []

    def __init__(self):
        object.__setattr__(self, "data", bytes(1000))

    def _ask(self, what):
        Liar.asked.append(what)
        raise RuntimeError(what)

    __class__ = property(lambda self: self._ask("class"))
    __sizeof__ = lambda self: self._ask("sizeof")  # noqa: E731
    __repr__ = __str__ = lambda self: self._ask("repr")
    __eq__ = lambda self, other: self._ask("eq")  # noqa: E731
    __hash__ = lambda self: self._ask("hash")  # noqa: E731
    __bool__ = lambda self: self._ask("bool")  # noqa: E731
    __len__ = lambda self: self._ask("len")  # noqa: E731
    __iter__ = lambda self: self._ask("iter")  # noqa: E731

    def __getattribute__(self, name):
        Liar.asked.append(name)
        raise RuntimeError(name)


class HiddenDict:
    __dict__ = property(lambda self: 1 / 0)


class Big(int):
    def __sizeof__(self):
        return 10**9


class Meta(type):
    def __getattribute__(cls, name):
        raise RuntimeError(name)

    def __instancecheck__(cls, instance):
        raise RuntimeError


class Strange(metaclass=Meta):
    def __init__(self):
        self.data = bytes(1000)


def test_nothing_of_a_liar_is_asked():
    liar = Liar()
    Liar.asked.clear()
    for measure in (heap.sizeof, heap.flat, heap.explain, heap.sizes, _heap.blocks):
        measure(liar)
    assert heap.sizeof([liar, {1: liar}]) > 1000
    assert Liar.asked == []


def test_what_types_say_of_themselves_is_not_believed():
    hidden = HiddenDict()
    object.__setattr__(hidden, "data", bytes(1000))
    assert 1000 < heap.sizeof(hidden) < 2000
    assert heap.sizeof(Big(7)) < 200
    assert 1000 < heap.sizeof(Strange()) < 2000


def test_keys_that_compare_as_they_like_in_a_class():
    class Key(str):
        __hash__ = str.__hash__

        def __eq__(self, other):
            raise RuntimeError

    made = type("Made", (), {Key("__sizeof__"): 1, "data": bytes(1000)})
    assert heap.sizeof(made) > 1000
    assert heap.sizeof(made()) < 1000


def test_the_current_exception_stays():
    try:
        raise ValueError(1)
    except ValueError as error:
        heap.sizeof(sys.modules)
        assert sys.exc_info()[1] is error


def half_built(kind):
    """What a constructor is filling while it asks for the next item."""
    sizes = []

    def items():
        for number in range(100):
            yield bytes(number)
            if number == 50:
                found = [o for o in gc.get_objects() if type(o) is kind and id(o) not in before]
                sizes.extend(map(heap.sizeof, found))
                sizes.append(heap.sizeof(*found))
                del found

    before = {id(o) for o in gc.get_objects()}
    try:
        kind(items())
    except SystemError:  # what others have seen of it cannot be resized
        pass
    return sizes


@pytest.mark.parametrize("kind", [tuple, list, set, frozenset])
def test_objects_under_construction(kind: type):
    assert half_built(kind)


def test_a_list_that_is_being_sorted():
    seen = []
    items = [bytes(100) for _ in range(10)]
    items.sort(key=lambda item: seen.append(heap.sizeof(items)) or len(item))
    assert seen == [heap.flat([])] * 10


def test_bare_objects():
    """Made and never initialised."""
    for kind in (list, dict, set, bytearray, property, Exception, collections.deque, io.StringIO,
                 io.BytesIO, io.TextIOWrapper, io.BufferedReader, collections.OrderedDict):
        bare = kind.__new__(kind)
        assert heap.sizeof(bare) >= heap.flat(bare) > 0


def test_in_callbacks_of_the_collector():
    cycle = [bytes(100)]
    cycle.append(cycle)
    seen = []

    def look(phase, info):
        seen.append((phase, heap.sizeof(cycle)))

    size = heap.sizeof(cycle)
    gc.callbacks.append(look)
    try:
        for _ in range(3):
            gc.collect()
    finally:
        gc.callbacks.remove(look)
    assert seen == [("start", size), ("stop", size)] * 3


def test_in_finalizers():
    seen = []

    class Dying:
        def __init__(self):
            self.me = self
            self.data = {1: [bytes(1000), self]}

        def __del__(self):
            seen.append(heap.sizeof(self))

    for _ in range(100):
        Dying()
    weakref.finalize(test_in_finalizers, print)
    gc.collect()
    assert len(seen) == 100 and min(seen) > 1000
    gone = Dying()
    gone.me = None
    gone.data.clear()
    del gone
    assert len(seen) == 101


def test_the_collector_is_as_it_was():
    for switch in (gc.disable, gc.enable):
        switch()
        before = gc.isenabled()
        heap.sizeof([])
        assert gc.isenabled() is before


def test_threads_go_on():
    """The walk keeps the lock; what others build meanwhile is whole whenever it looks."""
    tree, stop = {}, threading.Event()

    def grow(name):
        count = 0
        while not stop.is_set():
            tree[name] = {count: [bytes(count % 700), (name, {count})] for count in range(50)}
            count += 1

    threads = [threading.Thread(target=grow, args=(n,), daemon=True) for n in range(4)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 1
    while time.monotonic() < end:
        assert heap.sizeof(tree) >= 0 and heap.explain(tree).bytes >= 0
    stop.set()
    for thread in threads:
        thread.join()
    assert heap.sizeof(tree) > 4 * 50 * 300


def test_a_million_deep():
    link = None
    for _ in range(10**6):
        link = [link]
    assert heap.sizeof(link) == 10**6 * heap.flat([None])
    while link:
        (link,) = link


def test_everything_there_is():
    everything = gc.get_objects()
    size, count, _ = _heap.measure(*everything)
    assert size > 10**6 and count > len(everything) / 2
    each = [heap.flat(one) for one in everything]
    assert min(each) >= 0 and max(each) < 10**9
    assert sum(heap.sizes(*everything)) == heap.sizeof(*everything)


def test_what_belongs_to_c():
    class Pair(ctypes.Structure):
        _fields_ = [("a", ctypes.c_int), ("b", ctypes.c_char * 1000)]

    assert 1000 < heap.sizeof(Pair()) < 1400
    assert 4000 < heap.sizeof((ctypes.c_int * 1000)()) < 4400
    assert heap.sizeof(ctypes.c_int(5)) < 200
    assert heap.sizeof(ctypes.pythonapi) < 10**6


OUT_OF_MEMORY = """
    import resource, sys
    from tare import _heap, errors, heap
    link = None
    for _ in range(3 * 10**6):
        link = (link, link)
    wide = [[] for _ in range(10**6)]
    used = int(open("/proc/self/statm").read().split()[0]) * 4096
    failures = 0
    for room in range(0, 40, 2):
        resource.setrlimit(resource.RLIMIT_AS, (used + (room << 18), -1))
        try:
            heap.sizeof(link, wide)
            heap.explain(wide)
        except (errors.Error, MemoryError) as error:
            failures += 1
            assert "memory" in str(error).lower() or type(error) is MemoryError, error
    resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
    assert failures, "there was room"
    assert heap.sizeof(wide) > 10**6 * 56
    sys.stdout.write("whole")
    sys.stdout.flush()
    import os
    os._exit(0)
"""


@pytest.mark.skipif(
    "libasan" in os.environ.get("LD_PRELOAD", ""), reason="the sanitizer ends without memory"
)
def test_without_memory():
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(OUT_OF_MEMORY)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "whole", done.stderr
