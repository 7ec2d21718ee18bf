"""How many objects there are of each sort, and what came and went between two counts."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple, TextIO

from tare import _heap
from tare.text import printable, shorten, width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.heap.snapshots import Snapshot

SCHEMA = "tare.census/1"
LIMIT = 15  # rows of str()
COLUMNS = 80
LEAST_NAME = 14
COUNT_COLUMNS = 11
SIZE_COLUMNS = 12
WORDS = {
    "type": "types",
    "class": "classes",
    "module": "modules",
    "size": "sizes",
    "age": "ages",
    "site": "sites",
}
_UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


class Row(NamedTuple):
    key: str
    count: int
    bytes: int
    allocated_bytes: int


class Census(_heap.Census):
    """What was counted: rows of numbers, kept outside the Python heap.

    It refers to nothing that it counted, and is not counted itself. by is the way of counting;
    a difference, as diff() makes it, has rows that may be below zero.
    """

    __slots__ = ()

    @property
    def rows(self) -> list[Row]:
        """(key, count, bytes, allocated_bytes), the most bytes first."""
        return [Row(*row) for row in self.list()]

    @property
    def count(self) -> int:
        return self.all[0]

    @property
    def bytes(self) -> int:
        """As the objects asked for them."""
        return self.all[1]

    @property
    def allocated_bytes(self) -> int:
        """As the allocators round them."""
        return self.all[2]

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Writes it to a .tare file in one step: whole, or not at all."""
        from tare.heap.snapshots import provenance

        self.write(path, overwrite, provenance())

    def to_json(self, indent: int | None = None) -> str:
        import json

        return json.dumps(self.document(), indent=indent)

    def document(self) -> dict[str, object]:
        names = ("count", "bytes", "allocated_bytes")
        return {
            "schema": SCHEMA,
            "by": self.by,
            "is_difference": self.is_difference,
            **dict(zip(names, self.all, strict=True)),
            "during_collection": self.during_collection,
            "frozen_hidden": self.frozen_hidden,
            "parts": {
                name: dict(zip(names, part, strict=True)) for name, part in self.parts.items()
            },
            "rows": [{**row._asdict(), "key": as_unicode(row.key)} for row in self.rows],
        }

    def sentences(self) -> list[str]:
        """What cannot be seen from the rows."""
        if self.is_difference:
            return []
        said = [
            sentence.format(objects=counted(part[0]), size=plain_size(part[1]))
            for name, sentence in _SENTENCES.items()
            if (part := self.parts[name])[0]
        ]
        if self.frozen_hidden:
            said.append("Objects set apart by gc.freeze() that no root reaches are not seen here.")
        if self.during_collection:
            said.append(
                "A collection was under way: what it had taken aside is counted only where "
                "something still refers to it."
            )
        return said

    def format(self, limit: int | None = LIMIT, columns: int = COLUMNS) -> str:
        """The table as text: Pympler's layout, in so many columns, limit rows of it."""
        rows = self.rows
        shown = rows if limit is None else rows[:limit]
        return "\n".join([*table_lines(self, shown, columns), *rest_line(rows[len(shown) :])])

    def print(self, limit: int | None = LIMIT, file: TextIO | None = None) -> None:
        print(self.format(limit), file=file)

    def __str__(self) -> str:
        return self.format()

    def __repr__(self) -> str:
        kind = "difference" if self.is_difference else "census"
        return f"<{kind} by {self.by}: {counted(self.count)}, {plain_size(self.bytes)}>"


_SENTENCES = {
    "unreached": "{objects} ({size}) are reached from no root: cycles that await the collector, "
    "or what C code holds.",
    "static": "{objects} lie in the image of the interpreter or a library: 0 bytes of heap.",
    "opaque": "{objects} ({size}) may hold more than their types tell.",
    "frozen": "{objects} ({size}) were set apart by gc.freeze().",
}


def census(by: str = "type", objects: Iterable[object] | None = None) -> Census:
    """All objects of this interpreter, counted by type, class, module, size, age or site.

    type: its name; class: the same, and instances' dicts by the class of the instance; module: of
    the class; size: powers of two; age: the collector's generation; site: the line that allocated
    the object, where tare.memory knows it. objects: only these, not what they hold.
    """
    return Census(by, objects)


def diff(
    before: Census | Snapshot | str | os.PathLike[str],
    after: Census | Snapshot | str | os.PathLike[str],
) -> Census:
    """The rows whose count or bytes differ, as differences.

    Each is a census, a snapshot, or a file with either. Raises tare.Error when one cannot be read,
    or was counted another way.
    """
    first, second = _load(before), _load(after)
    by = next((one.by for one in (first, second) if one.by), "type")
    return _counted_by(second, by).since(_counted_by(first, by))


def _load(source: Census | Snapshot | str | os.PathLike[str]) -> Census | Snapshot:
    """Asks what it is of Tare's first: to be asked about leaves marks in an abstract class."""
    if isinstance(source, (_heap.Census, _heap.Snapshot)):
        return source
    from tare.heap.snapshots import load

    return load(source)


def _counted_by(source: Census | Snapshot, by: str) -> Census:
    return source if isinstance(source, Census) else source.census(by)


# ---- text ----


def table_lines(of: Census, rows: list[Row], columns: int) -> list[str]:
    """Right-justified columns with a rule of = below their titles."""
    room = columns - COUNT_COLUMNS - SIZE_COLUMNS - 2 * len(" | ")
    names = [shorten(printable(row.key) or "(no name)", max(room, LEAST_NAME)) for row in rows]
    widest = max([LEAST_NAME, *(width(name) for name in names)])
    signed = of.is_difference
    title = WORDS.get(of.by, "")
    lines = [line(title, widest, "# objects", "total size")]
    lines.append(line("=" * widest, widest, "=" * COUNT_COLUMNS, "=" * SIZE_COLUMNS))
    for name, row in zip(names, rows, strict=True):
        count = f"{row.count:+d}" if signed else f"{row.count:d}"
        lines.append(line(name, widest, count, size_text(row.bytes, signed)))
    return lines


def line(name: str, widest: int, count: str, size: str) -> str:
    space = " " * (widest - width(name))
    return f"{space}{name} | {count:>{COUNT_COLUMNS}} | {size:>{SIZE_COLUMNS}}"


def rest_line(rows: list[Row]) -> list[str]:
    if not rows:
        return []
    count, size = sum(row.count for row in rows), sum(row.bytes for row in rows)
    return [f"and {len(rows):,} more rows: {counted(count)}, {plain_size(size)}"]


def size_text(amount: int, signed: bool = False) -> str:
    """ 179.69 KiB, or  12     B; with a sign where differences are shown."""
    sign = "+" if signed else ""
    for scale, unit in _UNITS:
        if abs(amount) >= scale:
            return f"{amount / scale:{sign}.2f} {unit}"
    return f"{amount:{sign}d}     B"


def plain_size(amount: int) -> str:
    return " ".join(size_text(amount).split())


def counted(number: int) -> str:
    return "1 object" if number == 1 else f"{number:,} objects"


def as_unicode(text: str) -> str:
    """JSON must be Unicode: what was no UTF-8 becomes U+FFFD."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
