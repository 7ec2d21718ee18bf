"""Requests and answers, as the module json has them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.comparing import lines

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text() | FLOATS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_both_ways(value):
    assert json.loads(lines.write(value)) == value
    assert lines.read(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["\U0001f600", "\udc80", "a\n\"b\\", "\ud800x", "\u2028"])
def test_hostile_texts(text):
    assert lines.read(json.dumps([text])) == [text]
    assert json.loads(lines.write({text: text})) == {text: text}


def test_nothing_but_literals_is_read():
    with pytest.raises(NameError):
        lines.read("[open]")
