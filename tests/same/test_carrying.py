"""Values that come from another interpreter are those that went, in each one that is there."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpreters import foreign
from tare.agreeing import close, difference
from tare.comparing import carrying
from tare.comparing.carrying import Carried, carry, uncarry

HERE = Path(__file__).parent
FOREIGN = ("2.7", "3.6", "3.8", "3.13", "pypy")


PYTHONS = {"own": sys.executable,
           **{name: path for name, path in foreign().items() if name.startswith(FOREIGN)}}


@pytest.fixture(scope="module", params=PYTHONS.values(), ids=PYTHONS)
def carried(request: pytest.FixtureRequest) -> dict[str, Any]:
    command = [request.param, HERE / "foreign.py", carrying.__file__]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return {name: uncarry(text) for name, text in json.loads(done.stdout).items()}


TRUTH = {
    "none": None, "true": True, "int": 7, "long": 3**100, "negative": -(3**100),
    "edge": 2**53 + 1, "tenth": 0.1, "third": 1 / 3, "smallest": 5e-324, "nan": math.nan,
    "inf": -math.inf, "zero": -0.0, "complex": complex(1.5, -0.0), "text": "na\u00efve \ud800",
    "ascii": "plain", "bytes": b"\xff\x00", "list": [1, 2.5, "x", None], "floats": [0.1, 0.2, 0.3],
    "tuple": (1, (2, [3])), "set": {1, 2, 3}, "frozenset": frozenset([(1, 2)]),
    "dict": {"a": [1], (1, 2): {"b": None}}, "bytearray": bytearray(b"ab"),
    "decimal": Decimal("0.10"), "fraction": Fraction(1, 3), "shared": [[1]] * 2,
}  # fmt: skip
OBJECTS = {
    "point": ("Point", {".x": 1, ".y": 2.5}),
    "slotted": ("Slotted", {"._Slotted__hidden": 2.5, ".a": 1}),
    "pair": ("Pair", {".left": 1, ".right": "r"}),
    "error": ("ValueError", {".args": ("bad", 3)}),
    "deque": ("deque", {"": [1, 2]}),
    "type": ("type", {".__name__": "Point"}),
    "ordered": ("OrderedDict", {".keys()": ["z", "a"], "": {"z": 1, "a": 2}}),
}


def test_plain_values_survive(carried: dict[str, Any]) -> None:
    assert difference({name: carried[name] for name in TRUTH}, TRUTH) is None


def test_objects_are_what_they_are_made_of(carried: dict[str, Any]) -> None:
    for name, (type_name, parts) in OBJECTS.items():
        assert carried[name].type_name == type_name
        assert difference(carried[name].parts, parts) is None


def test_what_is_itself_within_itself_comes_back_so(carried: dict[str, Any]) -> None:
    outer = carried["circle"]
    assert outer[0][0] is outer and outer[1]["in"] is outer[0]
    assert carried["shared"][0] is carried["shared"][1]


def test_depth_has_no_bound(carried: dict[str, Any]) -> None:
    value, level = carried["deep"], 0
    while not isinstance(value, float):
        (value,), level = value, level + 1
    assert (value, level) == (1.5, 5000)


def test_what_is_to_come_is_in_it(carried: dict[str, Any]) -> None:
    items = carried["items"].parts[""]
    assert items[0] == 1 and items[1].type_name == "KeyError"
    assert difference(items[1].parts, {".args": ("gone",)}) is None


def test_one_that_cannot_be_looked_into_says_so(carried: dict[str, Any]) -> None:
    assert "RuntimeError" in carried["cursed"].parts.values()


def test_another_object_of_the_same_type_differs() -> None:
    class Point:
        def __init__(self, x: float) -> None:
            self.x = x

    one, other = uncarry(carry([Point(1.0)])), uncarry(carry([Point(2.0)]))
    found = difference(one, other)
    assert found is not None and found[:3] == ("result[0].x", "1.0", "2.0")
    assert difference(one, uncarry(carry([Point(1.0 + 1e-12)])), close(rtol=1e-9)) is None


def test_types_are_compared_by_name() -> None:
    found = difference(Carried("A", {}), Carried("B", {}))
    assert found is not None and found.why == "A against B"


def test_a_carried_object_that_holds_itself_can_be_shown() -> None:
    one = Carried("A", {})
    one.parts[".me"] = one
    assert repr(one) == "A(me=<Carried>)"


@pytest.mark.parametrize("text", ["[]", "{}", '{"tare": 2}', "null"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="carry"):
        uncarry(text)


def test_arrays_keep_shape_and_numbers() -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed for this interpreter")
    for kind in ("<f8", ">f8", "<f4", "<i2", "<u8", "<i8"):
        array = numpy.arange(6).astype(kind).reshape(2, 3)[:, ::-1]
        back = uncarry(carry(array))
        assert back.shape == (2, 3) and back.tolist() == array.tolist()
        changed = array.copy()
        changed[1, 0] += 1
        found = difference(back, uncarry(carry(changed)))
        assert found is not None and found.path == "result[1, 0]"
    for odd in (numpy.array(["a"]), numpy.zeros((0, 2)), numpy.zeros(2, complex)):
        back = uncarry(carry(odd))
        assert back.parts[".shape"] == odd.shape and back.parts[""] == odd.tolist()


leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(),
                   st.complex_numbers())
keys = st.one_of(st.integers(), st.text(), st.tuples(st.integers(), st.text()))
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner), st.lists(inner).map(tuple),
                            st.dictionaries(keys, inner), st.frozensets(keys), st.sets(keys)),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(values)
def test_any_plain_value_survives(value: Any) -> None:
    assert difference(uncarry(carry(value)), value) is None
