"""Objects by type: rows of a name, a count and bytes, and their table.

    summary.print_(summary.summarize(muppy.get_objects()))
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tare import _heap

Row = list[Any]  # name, count, bytes

TITLES = ["types", "# objects", "total size"]
SCALES = ("B", "KB", "MB", "GB", "TB", "EB")


def _by_type(one: Any) -> str:
    return str(type(one))


# What objects of a type are called, more and more of it. By default their type alone.
representations: dict[type, list[Callable[[Any], str]]] = {
    types.FrameType: [
        lambda frame: f"frame (codename: {frame.f_code.co_name})",
        lambda frame: (
            f"frame (codename: {frame.f_code.co_name}, codeline: {frame.f_code.co_firstlineno})"
        ),
        lambda frame: (
            f"frame (codename: {frame.f_code.co_name}, filename: {frame.f_code.co_filename}, "
            f"codeline: {frame.f_code.co_firstlineno})"
        ),
    ],
    types.FunctionType: [
        lambda function: f"function ({function.__name__})",
        lambda function: f"function ({function.__module__}.{function.__name__})",
    ],
    types.ModuleType: [
        lambda module: "module({})".format(vars(module).get("__name__", "nameless")),
    ],
    dict: [_by_type, lambda a: f"dict, len={len(a)}"],
    list: [_by_type, lambda a: f"list, len={len(a)}"],
    set: [_by_type, lambda a: f"set, len={len(a)}"],
}

_CLASS = re.compile(r"^<(?:type|class) '(\S+)'>$")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def summarize(objects: Iterable[Any]) -> list[Row]:
    """Each object by itself, without what it refers to."""
    objects = list(objects)
    rows: dict[str, Row] = {}
    for name, size in zip(names_of(objects), _heap.flats(objects), strict=True):
        row = rows.setdefault(name, [name, 0, 0])
        row[1] += 1
        row[2] += size
    return list(rows.values())


def names_of(objects: Iterable[Any]) -> Iterator[str]:
    """What each is counted as; found once for a type whose objects all have one name."""
    known: dict[type, str] = {}
    for one in objects:
        name = known.get(type(one))
        if name is None:
            name = _repr(one)
            if representations.get(type(one), [_by_type])[0] is _by_type:
                known[type(one)] = name
        yield name


def get_diff(left: Iterable[Row], right: Iterable[Row]) -> list[Row]:
    """What there is more of on the right; what is the same on both sides has a row of zeros."""
    rows = {name: [name, -count, -size] for name, count, size in left}
    for name, count, size in right:
        row = rows.setdefault(name, [name, 0, 0])
        row[1] += count
        row[2] += size
    return list(rows.values())


def format_(
    rows: Iterable[Row], limit: int = 15, sort: str = "size", order: str = "descending"
) -> Iterator[str]:
    """The lines of a table, sorted by 'size', '#' or 'type'."""
    columns = ["type", "#", "size"]
    orders = ["ascending", "descending"]
    if sort not in columns:
        raise ValueError(f"invalid sort, should be one of{columns}")
    if order not in orders:
        raise ValueError(f"invalid order, should be one of{orders}")
    column = columns.index(sort)
    ordered = sorted(rows, key=lambda row: row[column], reverse=order == "descending")
    shown = [(name, count, size_text(size)) for name, count, size in ordered[:limit]]
    return _lines([tuple(TITLES), *shown])


def _lines(rows: list[tuple[Any, ...]]) -> Iterator[str]:
    widths = [max(len(str(cell)) for cell in column) + 2 for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        yield " | ".join(str(cell).rjust(width) for cell, width in zip(row, widths, strict=True))
        if number == 0:
            yield " | ".join("=" * width for width in widths)


def print_(
    rows: Iterable[Row], limit: int = 15, sort: str = "size", order: str = "descending"
) -> None:
    for line in format_(rows, limit=limit, sort=sort, order=order):
        print(line)


def size_text(size: float) -> str:
    """What is negative stays in bytes."""
    if size <= 1024:
        return f"{size:4d}     {SCALES[0]}"
    scale = 0
    while size > 1024 and scale < len(SCALES) - 1:
        size /= 1024
        scale += 1
    return f"{size:7.2f} {SCALES[scale]}"


def _repr(o: Any, verbosity: int = 1) -> str:
    """What an object is counted as: by its type, and with its name where that says more."""
    names = representations.get(type(o)) if verbosity > 0 else None
    text = names[min(verbosity, len(names)) - 1](o) if names else str(type(o))
    return _CLASS.sub(r"\1", _ADDRESS.sub("", text))


# ---- for those who keep summaries ----


def _traverse(summary: list[Row], function: Callable[..., Any], *args: Any) -> None:
    """Calls it for the summary, its rows and what is in them."""
    for one in (summary, *summary, *(item for row in summary for item in row)):
        function(one, *args)


def _subtract(summary: list[Row], o: Any) -> list[Row]:
    """Takes one object out."""
    name = _repr(o)
    for row in summary:
        if row[0] == name:
            break
    else:
        row = [name, 0, 0]
        summary.append(row)
    row[1] -= 1
    row[2] -= _heap.flat(o)
    return summary


def _sweep(summary: list[Row]) -> list[Row]:
    """Without rows of zeros."""
    return [row for row in summary if row[1] != 0 or row[2] != 0]
