"""Where the bytes of an object are: a tree of its parts, the largest first."""

from __future__ import annotations

from typing import NamedTuple, TextIO

from tare import _heap
from tare.heap.counting import as_unicode, counted, size_text
from tare.text import printable, shorten

SCHEMA = "tare.explanation/1"
SIZE_COLUMNS = 11
COUNT_COLUMNS = 10
COLUMNS = 100


class Part(NamedTuple):
    """A part of an object.

    bytes is what it holds that no part before it does, own_bytes what it takes alone; count is of
    objects, opaque of those among them that may hold more than they tell. A part without a name
    and a type stands for rest others of one object.
    """

    depth: int
    name: str
    type: str
    bytes: int
    own_bytes: int
    count: int
    opaque: int
    rest: int


class Explanation:
    """The tree in .rows, each part before its own parts. It refers to nothing that was measured."""

    __slots__ = ("rows", "allocated")

    def __init__(self, rows: list[Part], allocated: bool):
        self.rows = rows
        self.allocated = allocated

    @property
    def bytes(self) -> int:
        return self.rows[0].bytes

    @property
    def count(self) -> int:
        return self.rows[0].count

    def to_json(self, indent: int | None = None) -> str:
        import json

        return json.dumps(self.document(), indent=indent)

    def document(self) -> dict[str, object]:
        return {
            "schema": SCHEMA,
            "allocated": self.allocated,
            "rows": [
                {**row._asdict(), "name": as_unicode(row.name), "type": as_unicode(row.type)}
                for row in self.rows
            ],
        }

    def format(self, columns: int = COLUMNS) -> str:
        lines = [f"{'bytes':>{SIZE_COLUMNS}} {'objects':>{COUNT_COLUMNS}}"]
        lines += [line(row, self.bytes, columns) for row in self.rows]
        return "\n".join([*lines, *self.sentences()])

    def sentences(self) -> list[str]:
        opaque = self.rows[0].opaque
        if opaque == 0:
            return []
        return [f"{counted(opaque)} among them may hold more than their types tell."]

    def print(self, file: TextIO | None = None) -> None:
        print(self.format(), file=file)

    def __str__(self) -> str:
        return self.format()

    def __repr__(self) -> str:
        what = shorten(printable(self.rows[0].type), 40)
        return f"<explanation of a {what}: {counted(self.count)}, {size_text(self.bytes).strip()}>"


def explain(
    obj: object, depth: int = 3, limit: int = 10, code: bool = False, allocated: bool = False
) -> Explanation:
    """The parts of an object down to depth (64 at most), the limit largest of each.

    What two parts share counts for the one that comes first in the object's own order, so the
    parts of a thing and its own bytes are all that it holds, as sizeof() counts it.
    """
    rows = _heap.explain(obj, depth, limit, code=code, allocated=allocated)
    return Explanation([Part(*row) for row in rows], bool(allocated))


def line(row: Part, whole: int, columns: int) -> str:
    share = f"{row.bytes / whole:4.0%}" if whole else "    "
    head = f"{row.bytes:>{SIZE_COLUMNS},} {row.count:>{COUNT_COLUMNS},} {share}  "
    text = "  " * row.depth + described(row)
    return head + shorten(printable(text), max(columns - len(head), COUNT_COLUMNS))


def described(row: Part) -> str:
    if row.rest:
        return f"... {row.rest:,} more"
    return f"{row.name}  {row.type}" if row.name else row.type
