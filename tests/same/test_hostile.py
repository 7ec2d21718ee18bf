"""Values whose own code raises, lies, changes things or never ends: a line each, never a crash."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from tare.agreeing import close, compare, difference


class Raises:
    def __init__(self, error: type[BaseException] = ValueError) -> None:
        self.error = error

    def __eq__(self, other: object) -> bool:
        raise self.error("no\nway")

    def __hash__(self) -> int:
        return 1

    def __repr__(self) -> str:
        raise self.error("\x1b[2J")


def one_line(found: Any) -> str:
    assert found is not None
    text = str(found)
    assert "\n" not in text and "\x1b" not in text
    return text


@pytest.mark.parametrize("error", [ValueError, SystemExit, RecursionError, MemoryError])
def test_an_eq_that_raises_is_a_difference(error: type[BaseException]) -> None:
    for wrap in (lambda one: one, lambda one: [one], lambda one: {"a": (one,)}):
        text = one_line(difference(wrap(Raises(error)), wrap(Raises(error))))
        assert f"raised {error.__name__}: no" in text and "its __repr__ raised" in text


def test_an_interrupt_goes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        difference([Raises(KeyboardInterrupt)], [Raises(KeyboardInterrupt)])


def test_an_error_whose_text_raises() -> None:
    class Cursed(Exception):
        def __str__(self) -> str:
            raise self

    class Thrower:
        def __eq__(self, other: object) -> bool:
            raise Cursed

    assert "raised Cursed: whose text raised too" in one_line(difference(Thrower(), Thrower()))


def test_an_eq_that_says_one_thing_one_way_only() -> None:
    class Lies:
        def __init__(self, answer: Any) -> None:
            self.answer = answer

        def __eq__(self, other: object) -> Any:
            return self.answer

    assert "a == b is True and b == a is False" in one_line(difference(Lies(True), Lies(False)))
    assert difference(Lies([1]), Lies("yes")) is None
    assert difference(Lies(0), Lies(())) is not None


def test_keys_that_raise_when_they_are_looked_for() -> None:
    one, other = {Raises(): 1, "a": 2}, {Raises(): 1, "a": 3}
    text = one_line(difference(one, other))
    assert "looking for a key raised ValueError" in text
    found = difference(one, other)
    assert found.differing == 2  # and the other key is still looked at


def test_a_hash_that_changes() -> None:
    class Moves:
        number = 0

        def __hash__(self) -> int:
            Moves.number += 1
            return Moves.number

    key = Moves()
    assert "key on the left side only" in one_line(difference({1: 1, key: 1}, {key: 1, 1: 1}))


@pytest.mark.parametrize("change", ["clear", "append", "pop"])
def test_lists_that_change_while_they_are_walked(change: str) -> None:
    class Changes:
        def __init__(self, where: list[Any]) -> None:
            self.where = where

        def __eq__(self, other: object) -> bool:
            self.where.append(0) if change == "append" and len(self.where) < 50 else None
            self.where.clear() if change == "clear" else None
            self.where.pop() if change == "pop" and self.where else None
            return True

    left: list[Any] = []
    right: list[Any] = [[0] * 3 for _ in range(9)]
    left += [Changes(left), Changes(right), *range(5)]
    right[:2] = [Changes(right), Changes(left)]
    for _ in range(3):
        one_line(difference([left, left], [right, right]) or "same")


def test_dicts_that_change_while_they_are_walked() -> None:
    class Changes:
        def __init__(self, where: dict[Any, Any]) -> None:
            self.where = where

        def __eq__(self, other: object) -> bool:
            for number in range(100):
                self.where[f"more {len(self.where)}"] = number
            self.where.pop("b", None)
            gc.collect()
            return True

    left: dict[Any, Any] = {}
    right: dict[Any, Any] = {}
    left.update(a=Changes(right), b=[1], c=Changes(left), d=2)
    right.update(a=Changes(left), b=[1], c=Changes(right), d=2)
    one_line(difference(left, right) or "same")


def test_a_container_that_goes_while_it_is_walked() -> None:
    """Its only reference is cleared from within it."""
    holder: list[Any] = []

    class Drops:
        def __eq__(self, other: object) -> bool:
            holder.clear()
            gc.collect()
            return True

    holder.append([[Drops(), [1.5] * 100], "after"])
    other = [[[Drops(), [1.5] * 100], "after"]]
    assert difference(holder, other) is not None
    assert holder == []


def test_attributes_that_raise() -> None:
    class Shy:
        @property
        def __dict__(self) -> Any:
            raise RuntimeError("private")

    assert "raised RuntimeError: private" in one_line(difference(Shy(), Shy()))


def test_a_class_that_lies_about_itself() -> None:
    class Disguised:
        @property
        def __class__(self) -> Any:
            return int

    one_line(difference(Disguised(), 5))
    one_line(difference([Disguised()], [True]))
    assert difference(Disguised(), Disguised()) is None


def test_an_iterator_that_raises_at_once_and_one_that_gives_itself() -> None:
    class Ouroboros:
        def __iter__(self) -> Iterator[Any]:
            return self

        def __next__(self) -> Any:
            return self

    found = compare(Ouroboros(), Ouroboros())
    assert found.same and found.notes

    def fails() -> Iterator[int]:
        raise OSError(5, "gone")
        yield

    assert difference(fails(), fails()) is None
    assert difference(fails(), iter(())) is not None


def test_a_repr_of_any_size_and_kind() -> None:
    class Loud:
        def __init__(self, text: Any) -> None:
            self.text = text

        def __eq__(self, other: object) -> bool:
            return False

        def __repr__(self) -> Any:
            return self.text

    for text in ("x" * 10**6, "a\nb\r\x1b[31m\u202e", "", 5, "\ud800"):
        found = difference(Loud(text), Loud(text))
        assert len(one_line(found)) < 400


def test_numbers_that_have_no_text() -> None:
    one_line(difference(10**5000, 10**5000 + 1))
    one_line(close().difference([10**5000], [1.5]))


def test_floats_of_the_program_own_kind() -> None:
    class Money(float):
        def __sub__(self, other: Any) -> Any:
            raise TypeError("no")

        def __eq__(self, other: object) -> bool:
            return False

        __hash__ = float.__hash__

    assert difference(Money(1), Money(1)) is None
    one_line(difference(Money(1), Money(2)))


def test_a_pair_that_expands_without_end() -> None:
    class Deeper(list):
        def __iter__(self) -> Iterator[Any]:
            return iter([Deeper()])

        def __len__(self) -> int:
            return 10**9

    assert difference(Deeper([1]), Deeper([1])) is None
    assert one_line(difference(Deeper([1]), Deeper([2]))).startswith("result[0]")
