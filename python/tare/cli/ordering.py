"""Which rows a table shows, in which order: --sort and --limit of tare report.

A trace takes what pstats takes: its sort keys, and its restrictions one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

from tare.cli.options import trace_order
from tare.text import standard_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import AllocRow, Called, LineFunction, Row
    from tare.heap import Row as CensusRow


class Named(Protocol):
    """A row of any table of functions or lines."""

    @property
    def qualname(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def first_line(self) -> int: ...
    @property
    def kind(self) -> str: ...


AnyRow = TypeVar("AnyRow", bound=Named)

def place(row: Named) -> str:
    """What a pattern is looked for in."""
    line = getattr(row, "line", 0) or row.first_line
    return standard_name(row.qualname, row.file, line, row.kind)


SAMPLED: dict[str, Callable[[Row], tuple[Any, ...]]] = {
    "self": lambda row: (-row.self_ns, -row.total_ns),
    "total": lambda row: (-row.total_ns, -row.self_ns),
    "native": lambda row: (-row.self_native_ns, -row.self_ns),
    "wait": lambda row: (-row.self_wait_ns, -row.self_ns),
    "name": lambda row: (row.qualname, row.file, row.first_line, row.line),
    "file": lambda row: (row.file, row.line or row.first_line, row.qualname),
}


# The keys are those of tare heap; of differences the largest come first, either way.
CENSUS: dict[str, Callable[[CensusRow], tuple[Any, ...]]] = {
    "bytes": lambda row: (-abs(row.bytes), -abs(row.count), row.key),
    "allocated": lambda row: (-abs(row.allocated_bytes), -abs(row.count), row.key),
    "count": lambda row: (-abs(row.count), -abs(row.bytes), row.key),
    "name": lambda row: (row.key,),
}


# The keys are those of options.LINE_SORT_KEYS; what is equal comes by its place.
LINED: dict[str, Callable[[LineFunction], tuple[Any, ...]]] = {
    "total": lambda row: (-row.inclusive_ns, -row.self_ns, place(row)),
    "self": lambda row: (-row.self_ns, -row.inclusive_ns, place(row)),
    "calls": lambda row: (-row.calls, -row.inclusive_ns, place(row)),
    "suspended": lambda row: (-row.suspended_ns, -row.inclusive_ns, place(row)),
    "cpu": lambda row: (-row.cpu_ns, -row.inclusive_ns, place(row)),
    "name": lambda row: (row.qualname, row.file, row.first_line),
    "file": lambda row: (row.file, row.first_line, row.qualname),
}


# The keys are those of options.MEMORY_SORT_KEYS.
ALLOCATED: dict[str, Callable[[AllocRow], tuple[Any, ...]]] = {
    "peak": lambda row: (-row.own.peak_bytes, -row.total.peak_bytes, place(row)),
    "live": lambda row: (-row.own.live_bytes, -row.total.live_bytes, place(row)),
    "allocated": lambda row: (-row.own.alloc_bytes, -row.total.alloc_bytes, place(row)),
    "freed": lambda row: (-row.own.freed_bytes, -row.total.freed_bytes, place(row)),
    "blocks": lambda row: (-row.own.alloc_count, -row.total.alloc_count, place(row)),
    "temporary": lambda row: (-row.own.temporary_bytes, -row.total.temporary_bytes, place(row)),
    "name": lambda row: (row.qualname, row.file, row.first_line, row.line),
    "file": lambda row: (row.file, row.line or row.first_line, row.qualname),
}


def file_of(row: Called) -> str:
    """As in pstats, what has no file comes last."""
    return row.file or "~"


class Order(NamedTuple):
    words: str  # those of pstats
    key: Callable[[Called], Any]


TRACED = {
    "calls": Order("call count", lambda row: -row.sums.calls),
    "pcalls": Order("primitive call count", lambda row: -row.sums.primitive_calls),
    "time": Order("internal time", lambda row: -row.sums.self_ns),
    "cumulative": Order("cumulative time", lambda row: -row.sums.total_ns),
    "resumes": Order("resumptions", lambda row: -row.sums.resumes),
    "suspended": Order("time suspended", lambda row: -row.sums.suspended_ns),
    "cpu": Order("CPU time", lambda row: -row.sums.cpu_ns),
    "file": Order("file name", file_of),
    "line": Order("line number", lambda row: row.first_line),
    "name": Order("function name", lambda row: row.qualname),
    "nfl": Order("name/file/line", lambda row: (row.qualname, file_of(row), row.first_line)),
    "stdname": Order("standard name", place),
}


def trace_orders(keys: str) -> list[Order]:
    """What the words of --sort say, the most important first."""
    return [TRACED[trace_order(word)] for word in keys.split(",")]


def sort_called(rows: Iterable[Called], orders: list[Order]) -> list[Called]:
    """Rows that are equal in all of it come by their standard name."""
    return sorted(rows, key=lambda row: (*(order.key(row) for order in orders), place(row)))


def reduce_rows(rows: list[AnyRow], limits: Iterable[str]) -> tuple[list[AnyRow], list[str]]:
    """Each limit applied to what the one before left; and what each of them did, in words."""
    notes = []
    for limit in limits:
        before = len(rows)
        if limit.isdecimal():
            rows = rows[: int(limit)]
        elif is_fraction(limit):
            rows = rows[: max(1, int(len(rows) * float(limit) + 0.5))]
        else:
            rows = [row for row in rows if matches(row, limit)]
        if len(rows) < before:
            notes.append(f"List reduced from {before} to {len(rows)} due to restriction <{limit}>")
    return rows, notes


def is_fraction(text: str) -> bool:
    try:
        return 0 < float(text) <= 1
    except ValueError:
        return False


def matches(row: Named, pattern: str) -> bool:
    """A function's own name, or a pattern found in FILE:LINE(NAME)."""
    if row.qualname == pattern:
        return True
    try:
        compiled = re.compile(pattern)
    except re.error:
        compiled = re.compile(re.escape(pattern))
    return compiled.search(place(row)) is not None


def find_rows(rows: list[AnyRow], wanted: str) -> list[AnyRow]:
    """Those with exactly that name; without any, those that fit."""
    exact = [row for row in rows if row.qualname == wanted]
    return exact or [row for row in rows if matches(row, wanted)]


def row_limit(limits: Iterable[str]) -> int | None:
    """The last whole number among the limits."""
    numbers = [int(limit) for limit in limits if limit.isdecimal()]
    return numbers[-1] if numbers else None
