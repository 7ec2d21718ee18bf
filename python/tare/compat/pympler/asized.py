"""Asized: the size of an object, and of what is in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Asized:
    """Asized(size, flat, refs=(), name=None)

    size  bytes, with all that it refers to
    flat  of itself alone
    name  what it is called, or its repr
    refs  the Asized of each of those
    """

    __slots__ = ("flat", "name", "refs", "size")

    def __init__(
        self, size: int, flat: int, refs: Iterable[Asized] = (), name: str | None = None
    ) -> None:
        self.size = size
        self.flat = flat
        self.name = name
        self.refs = tuple(refs)

    def __str__(self) -> str:
        return (
            f"size {self.size!r}, flat {self.flat!r}, refs[{len(self.refs)}], name {self.name!r}"
        )

    def get(self, name: str, dflt: Any = None) -> Any:
        return next((ref for ref in self.refs if ref.name == name), dflt)

    def format(
        self,
        format: str = "%(name)s size=%(size)d flat=%(flat)d",
        depth: int = -1,
        order_by: str = "size",
        indent: str = "",
    ) -> str:
        """Lines of it, and of what is in it down to that depth; sorted by size, flat or name."""
        lines: list[str] = []
        waiting: list[tuple[Asized, int]] = [(self, 0)]
        while waiting:  # not recursive: it may be as deep as what was measured
            one, level = waiting.pop()
            values = {"size": one.size, "flat": one.flat, "name": one.name}
            lines.append(indent + "    " * level + format % values)
            if level != depth:
                inner = sorted(
                    one.refs, key=lambda ref: getattr(ref, order_by), reverse=order_by != "name"
                )
                waiting += [(ref, level + 1) for ref in reversed(inner)]
        return "\n".join(lines)
