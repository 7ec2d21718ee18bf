"""The measurement that all LineProfilers of a process share.

It begins with the first function that is to be measured, and ends when no profiler wants any. In a
measurement that is there already, of `tare lines` or tare.lines, they take part, and go on in one
of their own when that ends. Each keeps what was counted before it wanted a function, and shows the
difference.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import weakref
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Protocol

from tare import _trace, lining
from tare._profile import decode
from tare.compat.line_profiler.callables import lines_of
from tare.errors import Error

Key = tuple[str, int, str]  # file, first line, qualified name
Rows = dict[int, tuple[int, int]]  # by line: hits, nanoseconds
Table = dict[Key, Rows]


MODULE = "<module>"  # as code that is not in a function is called

lock = threading.RLock()


class User(Protocol):
    """A profiler, and what it does where one measurement gives way to another."""

    def pause(self) -> None: ...
    def go_on(self) -> None: ...
    def remember(self) -> None: ...
    def go_on_in_child(self) -> None: ...


_users: weakref.WeakSet[User] = weakref.WeakSet()
_is_ours = False


def key_of(code: CodeType) -> Key:
    return code.co_filename, code.co_firstlineno, code.co_qualname


def join(user: User, codes: Iterable[CodeType]) -> None:
    """Measures these codes from now on. Error when calls are being traced."""
    global _is_ours
    if not _trace.active():
        _trace.start(lines=True)
        _is_ours = True
    _watch_forks()
    for code in codes:
        if not _trace.measure_lines(code):
            raise Error("measure lines: calls are being traced; end that first")
    _users.add(user)


def leave(user: User) -> None:
    global _is_ours
    _users.discard(user)
    if _is_ours and not _users and not lining.has_guests():
        _is_ours = False
        if _trace.active():
            _trace.stop()


@contextlib.contextmanager
def _around_end() -> Iterator[None]:
    with lock:
        users = list(_users)
        for user in users:
            user.pause()
        try:
            yield
        finally:
            for user in users:
                user.go_on()


lining.around_end.append(_around_end)


@functools.cache
def _watch_forks() -> None:
    """After the engine's own: in a child it has forgotten everything before we begin again."""
    os.register_at_fork(
        before=_before_fork, after_in_parent=lock.release, after_in_child=_after_in_child
    )


def _before_fork() -> None:
    lock.acquire()
    for user in list(_users):
        user.remember()


def _after_in_child() -> None:
    try:
        for user in list(_users):
            user.go_on_in_child()
    finally:
        lock.release()


def read(codes: Iterable[CodeType]) -> Table:
    """What was counted of these up to now."""
    if not _trace.active():
        return {}
    table = decode(_trace.snapshot()).line_table()
    blocks = {
        (block.file, block.first_line, block.qualname): {
            row.line: (row.hits, row.inclusive_ns) for row in block.rows
        }
        for block in table
    }
    return {key_of(code): _rows_of(code, blocks) for code in codes}


def _rows_of(code: CodeType, blocks: Table) -> Rows:
    """A function inside of one that is measured too has its lines in that one's table."""
    file, first_line, name = key = key_of(code)
    if key in blocks:
        return blocks[key]
    lines = lines_of(code)
    for (outer_file, outer_line, outer_name), rows in blocks.items():
        inside = outer_name == MODULE or name.startswith(outer_name + ".")
        if inside and outer_file == file and outer_line <= first_line:
            return {line: counted for line, counted in rows.items() if line in lines}
    return {}


def difference(rows: Rows, earlier: Rows) -> Rows:
    found = {}
    for line, (hits, ns) in rows.items():
        known_hits, known_ns = earlier.get(line, (0, 0))
        found[line] = max(hits - known_hits, 0), max(ns - known_ns, 0)
    return found


def total(rows: Rows, more: Rows) -> Rows:
    summed = dict(rows)
    for line, (hits, ns) in more.items():
        known_hits, known_ns = summed.get(line, (0, 0))
        summed[line] = known_hits + hits, known_ns + ns
    return summed
