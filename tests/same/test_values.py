"""Where values differ: containers, objects, depth, cycles, each with its path."""

from __future__ import annotations

import array
import collections
import ctypes
import dataclasses
import datetime
import enum
import functools
import gc
import math
import random
import sys
import threading
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tare import _same
from tare.agreeing import close, compare, difference
from tare.agreeing.rules import EXACT


class Plain:
    def __init__(self, x: Any) -> None:
        self.x = x


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a: Any) -> None:
        self.a = a


@dataclasses.dataclass
class Data:
    x: int
    y: list[float]
    noise: float = dataclasses.field(default=0.0, compare=False)


class Own:
    def __init__(self, x: int, noise: int = 0) -> None:
        self.x, self.noise = x, noise

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Own) and self.x == other.x

    __hash__ = None


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Titled(list):
    pass


Pair = collections.namedtuple("Pair", "left right")


def generated(*items: Any) -> Any:
    yield from items


def ends_badly(error: Exception) -> Any:
    yield 1
    raise error


DIFFERENT = {
    "list": ([1, [2, 3]], [1, [2, 4]], "result[1][1]"),
    "tuple": ((1, 2), (1, 3), "result[1]"),
    "dict": ({"a": {1: "x"}}, {"a": {1: "y"}}, "result['a'][1]"),
    "key": ({"a": 1, "b": 2}, {"a": 1, "c": 2}, "result['b']"),
    "key on the right": ({"a": 1}, {"a": 1, "c": 2}, "result['c']"),
    "key of another type": ({1: 2}, {True: 2}, "result[1]"),
    "length": ([1, 2], [1, 2, 3], "result"),
    "type": ([1], (1,), "result"),
    "none": ([None], [0], "result[0]"),
    "text": (["abc"], ["abd"], "result[0]"),
    "bytes": (b"a", bytearray(b"a"), "result"),
    "bool": ([True], [1], "result[0]"),
    "set": ({1, 2}, {1, 3}, "result[0]"),
    "set of another type": ({1, 2}, {1.0, 2}, "result"),
    "set of text": ({"a"}, {"b"}, "result"),
    "attribute": (Plain([1]), Plain([2]), "result.x[0]"),
    "slot": (Slotted(1), Slotted(2), "result.a"),
    "field": (Data(1, [2.0]), Data(1, [3.0]), "result.y[0]"),
    "own eq": ([Own(1)], [Own(2)], "result[0]"),
    "enum": (Colour.RED, Colour.BLUE, "result"),
    "named tuple": (Pair(1, 2), Pair(1, 3), "result.right"),
    "subclass": (Titled([1]), Titled([2]), "result[0]"),
    "exception": (ValueError("a"), ValueError("b"), "result.args[0]"),
    "exception type": (ValueError(), KeyError(), "result"),
    "generator": (generated(1, 2), generated(1, 3), "result[1]"),
    "what it raises": (ends_badly(KeyError(1)), ends_badly(KeyError(2)), "result[1].args[0]"),
    "array": (array.array("d", [1, 2]), array.array("d", [1, 3]), "result[1]"),
    "array type": (array.array("d", [1]), array.array("f", [1]), "result"),
    "memoryview": (memoryview(b"ab"), memoryview(b"ac"), "result[1]"),
    "ctypes": ((ctypes.c_int * 2)(1, 2), (ctypes.c_int * 2)(1, 3), "result[1]"),
    "decimal": (Decimal("1.1"), Decimal("1.2"), "result"),
    "fraction": (Fraction(1, 3), Fraction(1, 2), "result"),
    "complex": (1 + 2j, 1 + 3j, "result"),
    "deque": (collections.deque([1]), collections.deque([2]), "result[0]"),
    "counter": (collections.Counter("ab"), collections.Counter("aa"), "result['a']"),
    "ordered": (collections.OrderedDict(a=1, b=2), collections.OrderedDict(b=2, a=1), "result"),
    "date": (datetime.date(2020, 1, 1), datetime.date(2020, 1, 2), "result"),
    "partial": (functools.partial(print, 1), functools.partial(print, 2), "result.args[0]"),
    "class": (int, str, "result"),
    "frozenset": (frozenset("a"), frozenset("b"), "result"),
    "range": (range(3), range(4), "result"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_differences_are_found_where_they_are(name: str) -> None:
    left, right, path = DIFFERENT[name]
    found = difference(left, right)
    assert found is not None and found.path == path
    assert found.differing >= 1 and found.compared >= found.differing
    assert "\n" not in str(found)


SAME = {
    "keys in another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "sets": ({3, 1, 2}, {1, 2, 3}),
    "empty": ([[], {}, (), set(), "", b""], [[], {}, (), set(), "", b""]),
    "nan": ([math.nan, {"x": -math.nan}], [math.nan, {"x": math.nan}]),
    "objects": ([Plain(1), Slotted(2), Data(1, [2.0])], [Plain(1), Slotted(2), Data(1, [2.0])]),
    "fields that do not count": (Data(1, [], 5.0), Data(1, [], 6.0)),
    "own eq": (Own(1, 2), Own(1, 3)),
    "exceptions": (KeyError(1, "x"), KeyError(1, "x")),
    "generators": (generated(1, 2.0), generated(1, 2.0)),
    "arrays": (array.array("i", [1, 2]), array.array("i", [1, 2])),
    "functions": (test_differences_are_found_where_they_are,) * 2,
    "sentinels": (object(), object()),
    "default dicts": (collections.defaultdict(list, a=[1]), collections.defaultdict(list, a=[1])),
    "decimals": (Decimal("1.0"), Decimal("1.00")),
    "dates": (datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 1)),
    "members": (Colour.RED, Colour.RED),
    "views": ({"a": 1}.keys(), {"a": 2}.keys()),
}


@pytest.mark.parametrize("name", SAME)
def test_what_agrees_agrees(name: str) -> None:
    assert difference(*SAME[name]) is None


def test_counts_and_the_worst_are_of_all_values() -> None:
    left = {"a": [1.0, 2.0, 3.0], "b": (4.0, "x")}
    right = {"a": [1.0, 2.0 + 1e-12, 3.0], "b": (4.0 + 4e-9, "x")}
    found = compare(left, right, close(rtol=1e-8))
    assert found.same and found.count == 5
    assert found.worst_path == "result['b'][0]"
    assert found.worst_abs == pytest.approx(4e-9) and found.worst_rel == pytest.approx(1e-9)
    right["a"][0] = 2.0
    found = compare(left, right, close(rtol=1e-8))
    assert found.difference is not None
    assert (found.difference.differing, found.difference.worst_path) == (1, "result['a'][0]")
    assert found.to_dict()["difference"]["path"] == "result['a'][0]"


def test_the_worst_is_what_uses_most_of_its_tolerance() -> None:
    found = compare([1e6, 1e-6], [1e6 + 1, 2e-6], close(rtol=1e-3, atol=1e-5))
    assert found.same and found.worst_path == "result[1]" and found.worst_abs == 1.0


def test_an_item_that_was_taken_out_shows_as_a_length() -> None:
    found = difference([1, 2, 3, 4], [1, 3, 4])
    assert found is not None and found.path == "result[1]" and "length 4 against 3" in found.why


def test_order_of_keys_is_an_option() -> None:
    left, right = {"a": 1, "b": 2}, {"b": 2, "a": 1}
    found = close(order=True).difference(left, right)
    assert found is not None and "order" in found.why
    assert close(order=True)(left, dict(left))


def test_types_are_an_option() -> None:
    rule = close(types=False)
    assert rule([1, 2], (1.0, 2.0)) and rule([1, 2], array.array("d", [1, 2]))
    assert not close()([1, 2], (1, 2)) and not rule([1], "1") and not rule([1], {1: 1})


def test_close_numbers_in_sets_find_each_other() -> None:
    assert close()({0.1 + 0.2, 5.0}, {0.3, 5.0}) and not close()({1.0}, {1.1})


def test_classes_of_one_name_are_one_class_in_two_versions() -> None:
    def version(x: float) -> Any:
        class Point:
            def __init__(self) -> None:
                self.x = x

        return Point()

    assert difference(version(1.0), version(1.0)) is None
    found = difference(version(1.0), version(2.0))
    assert found is not None and found.path == "result.x"


def circle(value: Any) -> list[Any]:
    made: list[Any] = [value]
    made.append({"me": made})
    return made


def test_what_holds_itself_is_walked_once() -> None:
    assert compare(circle(1), circle(1)).count == 1
    found = difference(circle([1]), circle([2]))
    assert found is not None and found.path == "result[0][0]"


def test_objects_that_hold_themselves() -> None:
    one, other = Slotted(None), Slotted(None)
    one.a, other.a = one, other
    assert difference(one, other) is None
    two, three = Plain(None), Plain(None)
    two.x, three.x = [two], [three]
    assert difference(two, three) is None


def test_a_graph_that_shares_is_not_a_tree() -> None:
    """As a tree it would have 2^60 leaves."""
    def shared() -> Any:
        made: Any = [1.0]
        for _ in range(60):
            made = [made, made]
        return made

    assert compare(shared(), shared()).count < 100


@pytest.mark.parametrize(("wrap", "count"), [
    (lambda inner: [inner], 10**6), (lambda inner: (inner,), 10**5),
    (lambda inner: {"k": inner}, 10**5), (Slotted, 2 * 10**4)])
def test_depth_has_no_bound(wrap: Any, count: int) -> None:
    left: Any = 1.0
    right: Any = 2.0
    gc.disable()  # which would look at all of it time and again
    for _ in range(count):
        left, right = wrap(left), wrap(right)
    gc.enable()
    found = difference(left, right)
    assert found is not None and (found.left, found.right) == ("1.0", "2.0")
    assert f"({count - 16} more)" in found.path and len(found.path) < 200


def test_paths_of_odd_keys() -> None:
    assert difference({"a'\n": 1}, {"a'\n": 2}).path == 'result["a\'\\n"]'
    long = difference({"k" * 500: 1}, {"k" * 500: 2}).path
    assert long.endswith("…]") and len(long) < 80


def test_endless_iterators_are_compared_so_far() -> None:
    import itertools

    found = compare(itertools.count(), itertools.count())
    assert found.same and found.count == 100_000
    assert found.notes == ("itertools.count: only the first 100,000 items were compared",)


def test_what_cannot_be_looked_into_says_so() -> None:
    one, other = threading.Lock(), threading.Lock()
    found = difference(one, other)
    assert found is not None and "cannot be looked into" in found.why
    assert difference(one, one) is None


def test_what_can_be_copied_is_what_it_is_made_of() -> None:
    one, other = random.Random(1), random.Random(1)
    assert difference(one, other) is None
    other.random()
    assert difference(one, other) is not None


def test_nothing_is_kept_of_what_was_compared() -> None:
    value = Plain(["kept"])
    left, right = [value, {"a": value}], [value, {"a": value}]
    before = sys.getrefcount(value), sys.getrefcount(value.x), sys.getrefcount(left)
    for _ in range(10):
        difference(left, right)
        difference(left, [value, {"a": Plain(1)}])
    assert (sys.getrefcount(value), sys.getrefcount(value.x), sys.getrefcount(left)) == before


def test_the_module_refuses_what_is_no_answer() -> None:
    for told in (5.5, (99, 1, 2), (1,), b""):
        with pytest.raises(TypeError):
            _same.compare(object(), object(), EXACT.settings(), lambda left, right: told, "result")
    with pytest.raises(TypeError):
        _same.compare(1, 2, (1,), print, "result")
    with pytest.raises(ValueError, match="rule 77"):
        _same.compare(1, 2, (77, *EXACT.settings()[1:]), print, "result")
    told = _same.compare(object(), object(), EXACT.settings(),
                         lambda left, right: (_same.ITEMS, object(), object()), "result")
    assert told[2][3] == "values without end in each other"
