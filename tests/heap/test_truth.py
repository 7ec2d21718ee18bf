"""Sizes against what the interpreter's allocators were asked for while a thing was built.

Each case builds a thing from nothing: its make() is called once before, so that what it leaves in
caches is there already, and then with all allocations recorded. The blocks that the thing is said
to consist of must be those that are left, each with its size; nothing else may be left, and
nothing be missing. There is no tolerance.
"""

from __future__ import annotations

import array
import collections
import ctypes
import dataclasses
import datetime
import functools
import io
import itertools
import queue
import sys
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from tare import _heap

NUMBER = int("1000")


def number(n: int = 0) -> int:
    """A new int of one digit, made as the interpreter makes most."""
    return NUMBER + n


def digits(n: int) -> int:
    """A new int of n digits, none of them left over."""
    return 1 << 30 * (n - 1)


def text(n: int = 40) -> str:
    return "x" * n


def wide(n: int = 40) -> str:
    return "\u0416" * n


class Plain:
    def __init__(self, *values: Any):
        for name, value in zip("abcdefghij", values):
            setattr(self, name, value)


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a, self.b = number(), text()


class SlottedWithDict:
    __slots__ = ("a", "__dict__")

    def __init__(self):
        self.a, self.b = number(), text()


class SlottedWeak:
    __slots__ = ("a", "__weakref__")

    def __init__(self):
        self.a = number()


class SlottedUnder(Slotted):
    def __init__(self):
        super().__init__()
        self.c = number(1)


@dataclasses.dataclass
class Data:
    a: int
    b: str


@dataclasses.dataclass(slots=True)
class SlottedData:
    a: int
    b: str


class Point(NamedTuple):
    x: Any
    y: Any


class Many:
    def __init__(self, n: int):
        for i in range(n):
            setattr(self, NAMES[i], number(i))


class Weak:
    pass


class MyList(list):
    pass


class MyDict(dict):
    pass


class MyTuple(tuple):
    pass


class MySet(set):
    pass


class MyFrozenSet(frozenset):
    pass


class MyStr(str):
    pass


class MyBytes(bytes):
    pass


class MyInt(int):
    pass


class MyFloat(float):
    pass


class MyByteArray(bytearray):
    pass


class MyDeque(collections.deque):
    pass


class MyOrdered(collections.OrderedDict):
    pass


class MyDefault(collections.defaultdict):
    pass


class MyError(Exception):
    pass


class MyArray(array.array):
    pass


class MyDatetime(datetime.datetime):
    pass


class SlotList(list):
    __slots__ = ("extra",)


class SlotTuple(tuple):
    __slots__ = ()


class Meta(type):
    pass


NAMES = [sys.intern(f"name_{i}") for i in range(60)]


def instance_with_dict() -> Plain:
    made = Plain(number(), text())
    made.__dict__
    return made


def instance_with_own_keys() -> Plain:
    made = Plain(number(), text())
    made.__dict__[number()] = text()
    return made


def instance_with_deleted() -> Plain:
    made = Plain(number(), text(), number(1), text(20))
    del made.b
    return made


def materialised_then_deleted() -> Plain:
    made = instance_with_dict()
    del made.a
    return made


def replaced_dict() -> Plain:
    made = Plain()
    made.__dict__ = {text(3): number()}
    return made


def weakly_referred() -> Weak:
    made = Weak()
    made.reference = weakref.ref(made)
    return made


def subclass_with(cls: type, *args: Any) -> Any:
    made = cls(*args)
    made.note = text()
    return made


def grown(n: int) -> list:
    made = []
    for i in range(n):
        made.append(number(i))
    return made


def popped() -> list:
    made = grown(100)
    del made[10:]
    return made


def dict_with_deleted() -> dict:
    made = {number(i): text() for i in range(50)}
    for key in list(made)[::2]:
        del made[key]
    del key
    return made


def set_with_deleted() -> set:
    made = {number(i) for i in range(200)}
    for i in range(0, 200, 3):
        made.discard(number(i))
    return made


def shrunk_bytearray() -> bytearray:
    made = bytearray(1000)
    del made[:900]
    return made


def grown_bytearray() -> bytearray:
    made = bytearray()
    for _ in range(100):
        made.append(7)
    return made


def rotated_deque() -> collections.deque:
    made = collections.deque(number(i) for i in range(300))
    for _ in range(200):
        made.popleft()
    return made


def ordered_with_deleted() -> collections.OrderedDict:
    made = collections.OrderedDict((number(i), text()) for i in range(40))
    for i in range(0, 40, 2):
        del made[number(i)]
    return made


def utf8_cached() -> str:
    made = wide()
    ctypes.pythonapi.PyUnicode_AsUTF8(ctypes.py_object(made))
    return made


def cycle() -> list:
    made = [number()]
    made.append(made)
    return made


def linked(n: int) -> Any:
    made = None
    for i in range(n):
        made = [number(i), made]
    return made


def closure() -> Callable:
    kept = [number(), text()]

    def inner():
        return kept

    return inner


def with_defaults() -> Callable:
    def inner(a=[number(), text()], *, b={number(1): text()}):
        return a, b

    return inner


def annotated() -> Callable:
    def inner():
        pass

    inner.note = [number()]
    return inner


class Holder:
    def __init__(self):
        self.data = [number(), text()]

    def method(self):
        pass


def generate(data):
    kept = [data, number()]
    yield number(1)
    yield kept


def started_generator():
    made = generate([text(), number()])
    next(made)
    return made


def finished_generator():
    made = generate([text()])
    for _ in made:
        pass
    del _
    return made


async def wait(data):
    await data


def coroutine():
    return wait([number(), text()])


def error_with_payload() -> Exception:
    made = MyError(text())
    made.payload = [number(), text()]
    return made


def make_full_queue() -> queue.Queue:
    made = queue.Queue()
    for i in range(100):
        made.put(number(i))
    return made


def string_io() -> io.StringIO:
    made = io.StringIO(wide(100))
    made.read(1)
    return made


def zipped_iterators():
    return zip([number(), text()], (text(3), number(1)))


CASES = {
    "int": number,
    "int of two digits": lambda: digits(2),
    "int of many digits": lambda: digits(50),
    "float": lambda: float("1.5") + NUMBER,
    "complex": lambda: complex(NUMBER, 1),
    "str": text,
    "str, latin": lambda: chr(0xE9) * 40,
    "str, wide": wide,
    "str, widest": lambda: chr(0x1F600) * 40,
    "str with UTF-8": utf8_cached,
    "bytes": lambda: bytes(100),
    "bytes, large": lambda: bytes(100_000),
    "bytearray": lambda: bytearray(1000),
    "bytearray, grown": grown_bytearray,
    "bytearray, shrunk": shrunk_bytearray,
    "list, empty": lambda: [],
    "list": lambda: [number(), text()],
    "list, of one size": lambda: [None] * NUMBER,
    "list, grown": lambda: grown(100),
    "list, shrunk": popped,
    "list, of a generator": lambda: list(number(i) for i in range(100)),
    "list, sorted": lambda: sorted(grown(100)),
    "list, cyclic": cycle,
    "list, deep": lambda: linked(2000),
    "tuple": lambda: (number(), text()),
    "tuple, large": lambda: tuple(grown(300)),
    "dict, empty": lambda: {},
    "dict": lambda: {number(): text()},
    "dict, of str": lambda: {text(5): number(), text(6): text()},
    "dict, grown": lambda: {number(i): number(i) for i in range(300)},
    "dict, of str, grown": lambda: {text(i + 3): None for i in range(300)},
    "dict, with deleted keys": dict_with_deleted,
    "dict, copied": lambda: dict_with_deleted().copy(),
    "dict, of keys": lambda: dict.fromkeys(grown(20)),
    "set, empty": lambda: set(),
    "set, small": lambda: {number(), text()},
    "set": lambda: {number(i) for i in range(200)},
    "set, with deleted": set_with_deleted,
    "frozenset": lambda: frozenset(grown(100)),
    "deque, empty": lambda: collections.deque(),
    "deque": lambda: collections.deque(grown(300)),
    "deque, rotated": rotated_deque,
    "OrderedDict": lambda: collections.OrderedDict((number(i), text()) for i in range(20)),
    "OrderedDict, with deleted": ordered_with_deleted,
    "defaultdict": lambda: collections.defaultdict(None, {number(): text()}),
    "Counter": lambda: collections.Counter(grown(20)),
    "ChainMap": lambda: collections.ChainMap({number(): text()}, {}),
    "array": lambda: array.array("d", range(100)),
    "range": lambda: range(number(), number(1), number(2)),
    "slice": lambda: slices(),
    "iterator, list": lambda: iter([number()]),
    "iterator, dict": lambda: iter({number(): text()}),
    "iterator, zip": zipped_iterators,
    "iterator, chain": lambda: itertools.chain([number()], [text()]),
    "iterator, islice": lambda: itertools.islice([number()], 5),
    "iterator, enumerate": lambda: enumerate([number()]),
    "dict views": lambda: {number(): text()}.values(),
    "mappingproxy": lambda: types.MappingProxyType({number(): text()}),
    "memoryview": lambda: memoryview(bytes(600)),
    "memoryview of array": lambda: memoryview(array.array("d", range(100)))[10:],
    "namespace": lambda: types.SimpleNamespace(name_1=number(), name_2=text()),
    "cell": lambda: types.CellType([number()]),
    "partial": lambda: functools.partial(print, [number()], end=text()),
    "BytesIO": lambda: io.BytesIO(bytes(1000)),
    "StringIO": string_io,
    "datetime": lambda: datetime.datetime(2020, 1, 2, 3, 4, 5),
    "datetime with zone": lambda: datetime.datetime(2020, 1, 2, tzinfo=a_zone()),
    "time": lambda: datetime.time(1, 2, 3),
    "timedelta": lambda: datetime.timedelta(1, 2, 3),
    "timezone": lambda: a_zone(),
    "date": lambda: datetime.date(2020, 1, 2),
    "instance": lambda: Plain(number(), text()),
    "instance, empty": lambda: Plain(),
    "instances sharing keys": lambda: [Plain(number(i), text()) for i in range(40)],
    "instance with dict": instance_with_dict,
    "instance with its own keys": instance_with_own_keys,
    "instance with a deleted attribute": instance_with_deleted,
    "instance with dict and a deleted attribute": materialised_then_deleted,
    "instance with a dict of others": replaced_dict,
    "instance with many attributes": lambda: Many(29),
    "instance with more attributes than are shared": lambda: Many(45),
    "instance, slots": Slotted,
    "instance, slots and dict": SlottedWithDict,
    "instance, slots and weak references": SlottedWeak,
    "instance, slots under dict": SlottedUnder,
    "instance, weakly referred to": weakly_referred,
    "instance, dataclass": lambda: Data(number(), text()),
    "instance, dataclass with slots": lambda: SlottedData(number(), text()),
    "instance, named tuple": lambda: Point(number(), text()),
    "list, derived": lambda: MyList(grown(20)),
    "list, derived, with attributes": lambda: subclass_with(MyList, grown(20)),
    "list, derived, with slots": lambda: SlotList(grown(20)),
    "dict, derived": lambda: MyDict({number(): text()}),
    "dict, derived, with attributes": lambda: subclass_with(MyDict, {text(9): text()}),
    "tuple, derived": lambda: MyTuple(grown(20)),
    "tuple, derived, with attributes": lambda: subclass_with(MyTuple, grown(20)),
    "tuple, derived, with slots": lambda: SlotTuple(grown(20)),
    "set, derived": lambda: subclass_with(MySet, grown(20)),
    "frozenset, derived": lambda: subclass_with(MyFrozenSet, grown(20)),
    "str, derived": lambda: MyStr(text()),
    "str, derived, wide": lambda: subclass_with(MyStr, wide()),
    "bytes, derived": lambda: subclass_with(MyBytes, bytes(100)),
    "int, derived": lambda: MyInt(number()),
    "int, derived, zero": lambda: MyInt(0),
    "int, derived, large": lambda: subclass_with(MyInt, digits(9)),
    "float, derived": lambda: subclass_with(MyFloat, "1.5"),
    "bytearray, derived": lambda: subclass_with(MyByteArray, bytes(100)),
    "deque, derived": lambda: subclass_with(MyDeque, grown(100)),
    "OrderedDict, derived": lambda: subclass_with(MyOrdered, {number(): text()}),
    "defaultdict, derived": lambda: subclass_with(MyDefault, None, {number(): text()}),
    "array, derived": lambda: subclass_with(MyArray, "d", range(100)),
    "datetime, derived": lambda: subclass_with(MyDatetime, 2020, 1, 2),
    "exception": lambda: MyError(text(), number()),
    "exception with payload": error_with_payload,
    "function with closure": closure,
    "function with defaults": with_defaults,
    "function with attributes": annotated,
    "bound method": lambda: Holder().method,
    "builtin method": lambda: [number(), text()].append,
    "generator": lambda: generate([number(), text()]),
    "generator, started": started_generator,
    "generator, finished": finished_generator,
    "weak reference's callback": lambda: weakref.ref(Plain, functools.partial(print, [number()])),
    "Queue": make_full_queue,
}  # fmt: skip


KEPT = [None] * 100
TURN = iter(range(100))


def slices() -> list[slice]:
    """None of them the one that the interpreter keeps for the next time."""
    made = [slice(number(), text(), number(1)), slice(number(), text())]
    KEPT[next(TURN)] = made
    return made


def known() -> set[tuple[int, int]]:
    """Blocks that were there before: the names and functions that a made thing refers to."""
    mine = [value for value in globals().values() if getattr(value, "__module__", "") == __name__]
    functions = [value for value in mine if isinstance(value, types.FunctionType)]
    classes = [value for value in mine if isinstance(value, type)]
    return set(_heap.blocks(print, *functions, *classes, NAMES, code=True))


def a_zone() -> datetime.tzinfo:
    return datetime.timezone(datetime.timedelta(0, 1234), text(5))


def test_what_other_threads_build_is_not_recorded(record: Callable) -> None:
    turn, done = threading.Event(), threading.Event()
    built = []

    def elsewhere() -> None:
        turn.wait()
        built.extend(object() for _ in range(1000))
        done.set()

    def make() -> list[object]:
        turn.set()
        done.wait()
        return [object()]

    thread = threading.Thread(target=elsewhere)
    thread.start()
    made, recorded = record(make)
    thread.join()
    theirs = {id(one) for one in built}
    assert id(made[0]) in {address for address, _ in recorded}
    assert not theirs & {address for address, _ in recorded}


@pytest.mark.parametrize("name", CASES)
def test_blocks_are_those_allocated(record: Callable, name: str) -> None:
    for _ in range(60):  # until a class foresees no more attributes than its objects have
        CASES[name]()
    made, recorded = record(CASES[name])
    told = [block for block in _heap.blocks(made) if block[1]]
    assert len(told) == len(set(told))
    old = set(told) - recorded
    assert old <= known(), sorted(old - known())
    assert recorded <= set(told), sorted(recorded - set(told))
    assert _heap.sizeof(made) == sum(size for _, size in recorded | old)
