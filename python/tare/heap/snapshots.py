"""All objects of a process at one moment, as numbers and strings, here or in a file."""

from __future__ import annotations

import os
import platform
import sys
import time
from typing import NamedTuple

from tare import __version__, _heap
from tare.heap.counting import Census

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.heap.holding import Holders


class Holding(NamedTuple):
    """An object that keeps others alive: how it is held, and what goes if it goes."""

    path: str
    type: str
    bytes: int
    retained_bytes: int


class Snapshot(_heap.Snapshot):
    """Objects as they were, each with its type, its size and a shortest path to it.

    It is kept outside the Python heap and refers to nothing in it.
    """

    __slots__ = ()

    def census(self, by: str = "type") -> Census:
        """The objects counted by type, module or size, or as the census in it was."""
        return Census.of(self, by)

    def largest(self, limit: int = 10) -> list[Holding]:
        """What retains most, but for what does so by one thing that it holds."""
        return [Holding(*row) for row in self.list_largest(limit)]

    def holders(self, type_: str | type, limit: int = 10) -> Holders:
        """How the objects of a type were held, the most first: a class, or its name as in census().

        Paths that differ in an index alone are one. Objects of derived classes are not counted.
        """
        from tare.heap.holding import Holders, Path, Step

        name = type_ if isinstance(type_, str) else _heap.type_name(type_)
        rows, *counts = self.list_holders(name, max(limit, 0))
        paths = [
            Path(text, False, *row, tuple(Step(*step) for step in steps))
            for text, *row, steps in rows
        ]
        return Holders(name, paths, *counts, grouped=True)

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Writes it to a .tare file in one step: whole, or not at all."""
        self.write(path, overwrite, provenance())

    def __repr__(self) -> str:
        return f"<snapshot of {self.object_count:,} objects>"


def snapshot(path: str | os.PathLike[str] | None = None, overwrite: bool = False) -> Snapshot:
    """Every object of this interpreter now, with what holds it and what goes if it goes.

    path: where to save it too, for tare heap and tare.heap.load(); in one step, whole or not.
    """
    taken: Snapshot = Snapshot.take()
    if path is not None:
        taken.save(path, overwrite)
    return taken


def load(path: str | os.PathLike[str]) -> Snapshot:
    """The snapshot in a .tare file; tare.Error when there is none, or the file is damaged."""
    return Snapshot.load(path)


def provenance() -> dict[str, str]:
    """What a file says about where it comes from; the keys are those of other profiles."""
    return {
        "engine": "heap",
        "tare.version": __version__,
        "created_unix_ns": str(time.time_ns()),
        "target.pid": str(os.getpid()),
        "target.command": " ".join(sys.argv),
        "target.executable": sys.executable,
        "target.python": ".".join(map(str, sys.version_info[:3])),
        "host.name": platform.node(),
        "host.system": f"{platform.system()} {platform.release()}",
    }
