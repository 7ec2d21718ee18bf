"""Objects put together at random, against what the allocators were asked for."""

from __future__ import annotations

import collections
import types
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tare import _heap

NUMBER = int("1000")
NAMES = [f"attribute_{i}" for i in range(12)]


class Plain:
    pass


class Slotted:
    __slots__ = NAMES[:4]


class Mixed:
    __slots__ = (*NAMES[:2], "__dict__", "__weakref__")


class MyList(list):
    pass


class MyDict(dict):
    pass


class MyTuple(tuple):
    pass


class Under(Plain):
    __slots__ = ("more",)


def attributes(made: Any, parts: list) -> Any:
    for name, part in zip(NAMES, parts):
        try:
            setattr(made, name, part)
        except AttributeError:
            break
    return made


def with_dict(made: Any, parts: list) -> Any:
    attributes(made, parts).__dict__
    return made


def trimmed(parts: list) -> list:
    made = list(parts)
    del made[len(made) // 2 :]
    return made


def keyed(kind: type, parts: list) -> dict:
    made = kind()
    for number, part in enumerate(parts):
        made[NUMBER + number] = part
    if len(parts) > 5:
        del made[NUMBER + 1]
    return made


def closing_over(parts: list) -> Callable:
    kept = list(parts)

    def inner():
        return kept

    return inner


def generating(parts: list):
    def run(kept):
        yield None
        yield kept

    made = run(list(parts))
    next(made)
    return made


MAKERS: list[Callable[[list], Any]] = [
    list,
    tuple,
    MyTuple,
    MyList,
    trimmed,
    collections.deque,
    closing_over,
    lambda parts: keyed(dict, parts),
    lambda parts: keyed(MyDict, parts),
    lambda parts: keyed(collections.OrderedDict, parts),
    lambda parts: dict(zip(NAMES, parts)),
    lambda parts: set(map(id, parts)) and {NUMBER + n for n in range(len(parts))},
    lambda parts: attributes(Plain(), parts),
    lambda parts: attributes(Slotted(), parts),
    lambda parts: attributes(Mixed(), parts),
    lambda parts: attributes(Under(), parts),
    lambda parts: attributes(types.SimpleNamespace(), parts),
    lambda parts: attributes(MyList(parts), parts),
    lambda parts: with_dict(Plain(), parts),
    lambda parts: with_dict(Under(), parts),
    lambda parts: bytearray(NUMBER),
    lambda parts: "x" * (NUMBER + len(parts)),
    lambda parts: chr(0x416) * (20 + len(parts)),
    lambda parts: memoryview(bytes(NUMBER)),
    lambda parts: types.MethodType(print, parts),
]

# A step makes an object of some of those made before it; then it may be put into one of them.
STEP = st.tuples(
    st.integers(0, len(MAKERS) - 1),
    st.lists(st.integers(0, 60), max_size=12),
    st.integers(0, 200),
)


def build(steps: list[tuple[int, list[int], int]]) -> list:
    made: list[Any] = []
    for maker, parts, into in steps:
        new = MAKERS[maker]([made[part] for part in parts if part < len(made)])
        if into < len(made) and type(made[into]) in (list, MyList):
            made[into].append(new)
        made.append(new)
    return made


def known() -> set[tuple[int, int]]:
    mine = [value for value in globals().values() if getattr(value, "__module__", "") == __name__]
    functions = [value for value in mine if isinstance(value, types.FunctionType)]
    classes = [value for value in mine if isinstance(value, type)]
    return set(_heap.blocks(print, NAMES, *MAKERS, *functions, *classes, code=True))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, min_size=1, max_size=60))
def test_blocks_are_those_allocated(record: Callable, steps: list) -> None:
    for _ in range(2):
        build(steps)
    made, recorded = record(lambda: build(steps))
    told = [block for block in _heap.blocks(made) if block[1]]
    assert len(told) == len(set(told))
    assert set(told) - recorded <= known()
    assert recorded <= set(told)
    explained = _heap.explain(made, 4, 3)
    assert explained[0][3] == _heap.sizeof(made) == sum(size for _, size in told)


for maker in MAKERS:  # until the classes foresee no more attributes than their objects have
    for _ in range(60):
        maker(list(range(12)))
