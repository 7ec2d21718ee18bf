"""What there is more of from one look to the next."""

from __future__ import annotations

import json
import mmap
from array import array
from collections.abc import Iterator, MutableMapping
from types import FrameType
from typing import Any

from tare import _heap
from tare.compat.pympler import muppy, summary

Row = summary.Row


def summarize_all() -> list[Row]:
    """Of all objects there are, by type; no list of them is made."""
    from tare import heap

    return [[row.key, row.count, row.bytes] for row in heap.census().rows]


class _Kept:
    """A summary that is out of the heap, and so in no summary."""

    __slots__ = ("_memory",)

    def __init__(self, rows: list[Row]) -> None:
        text = json.dumps(rows).encode()
        self._memory = mmap.mmap(-1, len(text))
        self._memory.write(text)

    def read(self) -> list[Row]:
        rows: list[Row] = json.loads(self._memory[:])
        return rows


class _Shelf(MutableMapping[Any, list[Row]]):
    """What store_summary has stored, by its key."""

    def __init__(self) -> None:
        self._kept: dict[Any, _Kept] = {}

    def __getitem__(self, key: Any) -> list[Row]:
        return self._kept[key].read()

    def __setitem__(self, key: Any, rows: list[Row]) -> None:
        self._kept[key] = _Kept(rows)

    def __delitem__(self, key: Any) -> None:
        del self._kept[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


# Held by nothing but the frames that ask, it would not be counted yet.
_being_made: list[SummaryTracker | None] = [None]


class SummaryTracker:
    """SummaryTracker(ignore_self=True)

    The summaries that it keeps are in none, so that ignore_self is there for others' sake.
    """

    def __init__(self, ignore_self: bool = True) -> None:
        self.ignore_self = ignore_self
        self.summaries = _Shelf()
        self._last = _Kept([])
        _being_made[0] = self
        self.s0 = self.create_summary()
        self.diff()  # whatever is made at its first use is there before the summary that counts
        _being_made[0] = None

    @property
    def s0(self) -> list[Row]:
        """What the next diff is with."""
        return self._last.read()

    @s0.setter
    def s0(self, rows: list[Row]) -> None:
        self._last = _Kept(rows)

    def create_summary(self) -> list[Row]:
        return summarize_all()

    def store_summary(self, key: Any) -> None:
        self.summaries[key] = self.create_summary()

    def diff(
        self, summary1: list[Row] | None = None, summary2: list[Row] | None = None
    ) -> list[Row]:
        """From the last summary, or from summary1, to now or to summary2."""
        if summary2 is None:
            before = self._last if summary1 is None else None
            now = self.create_summary()
            self.s0 = now
            left = summary1 if before is None else before.read()
            return summary._sweep(summary.get_diff(left or [], now))
        if summary1 is None:
            raise ValueError("You cannot provide summary2 without summary1.")
        return summary._sweep(summary.get_diff(summary1, summary2))

    def format_diff(
        self, summary1: list[Row] | None = None, summary2: list[Row] | None = None
    ) -> Iterator[str]:
        return summary.format_(self.diff(summary1=summary1, summary2=summary2))

    def print_diff(
        self, summary1: list[Row] | None = None, summary2: list[Row] | None = None
    ) -> None:
        summary.print_(self.diff(summary1=summary1, summary2=summary2))


class Gone:
    """In the place of an object that is no more: nothing of it was kept but this."""

    __slots__ = ("name", "size")

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size

    def __repr__(self) -> str:
        return f"<gone: {self.name}, {self.size} bytes>"


class ObjectTracker:
    """Which objects there are more and less of, by their addresses: none is kept alive.

    An object that came where one of the same type was goes unseen.
    """

    def __init__(self) -> None:
        self._ids = array("Q")
        self._sizes = array("Q")
        self._kinds = array("L")  # in names
        self._names: list[str] = []
        self._keep(self._get_objects())

    def _get_objects(self, ignore: tuple[Any, ...] = ()) -> list[Any]:
        own = {id(self), id(self.__dict__), *map(id, self.__dict__.values()), *map(id, self._names)}
        own.update(map(id, ignore))
        return [
            one
            for one in muppy.get_objects()
            if id(one) not in own and type(one) is not FrameType
        ]

    def _keep(self, objects: list[Any]) -> None:
        numbers: dict[str, int] = {}
        self._ids = array("Q", map(id, objects))
        self._sizes = array("Q", _heap.flats(objects))
        self._kinds = array(
            "L", (numbers.setdefault(name, len(numbers)) for name in summary.names_of(objects))
        )
        self._names = list(numbers)

    def _kept(self) -> dict[int, tuple[str, int]]:
        names = map(self._names.__getitem__, self._kinds)
        return dict(zip(self._ids, zip(names, self._sizes, strict=True), strict=True))

    def get_diff(self, ignore: tuple[Any, ...] = ()) -> dict[str, list[Any]]:
        """'+': objects that are new; '-': a Gone for each that is no more."""
        objects = self._get_objects(ignore)
        before = self._kept()
        new = []
        for one, name in zip(objects, summary.names_of(objects), strict=True):
            kept = before.get(id(one))
            if kept is not None and kept[0] == name:
                del before[id(one)]
            else:
                new.append(one)
        self._keep(objects)
        return {"+": new, "-": [Gone(*kept) for kept in before.values()]}

    def format_diff(self, ignore: tuple[Any, ...] = ()) -> list[str]:
        diff = self.get_diff(ignore)
        gone: dict[str, Row] = {}
        for one in diff["-"]:
            row = gone.setdefault(one.name, [one.name, 0, 0])
            row[1] += 1
            row[2] += one.size
        return [
            "Added objects:",
            *summary.format_(summary.summarize(diff["+"])),
            "Removed objects:",
            *summary.format_(gone.values()),
        ]

    def print_diff(self, ignore: tuple[Any, ...] = ()) -> None:
        for line in self.format_diff(ignore):
            print(line)
