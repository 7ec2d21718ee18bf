"""Who holds what: paths from modules, variables and the interpreter to an object.

Objects are looked at where they are and numbered; what is given back is text and numbers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tare import _heap
from tare.text import printable

SCHEMA = "tare.holders/1"
_MOST = 1 << 31  # C knows how many it gives
_UNREACHED = (
    "No module, no variable of another frame and nothing of the interpreter's leads to it: it is "
    "held by variables of the caller alone, by a cycle that the collector has not freed yet, or "
    "by C code."
)


class Step(NamedTuple):
    """One reference on a path: what it adds to the text, and the type of the object it leads to.

    node is the same number wherever the same object is met in one Holders; 0 stands for steps
    that are left out.
    """

    text: str
    type: str
    node: int


class Path(NamedTuple):
    """A way from a root to an object, or to count objects of a class.

    exact: the text is an expression that is the object. reached: it begins at a root; otherwise at
    an object that C code or a cycle holds. bytes are those of the objects themselves.
    """

    text: str
    exact: bool
    reached: bool
    count: int
    bytes: int
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return self.text


class Holders:
    """How something is held: its shortest paths, nearest first; of a class, most objects first."""

    def __init__(
        self, what: str, paths: list[Path], all_count: int, count: int, bytes_: int, grouped: bool
    ) -> None:
        self.what = what
        self.paths = paths
        self.all_count = all_count
        self.count = count
        self.bytes = bytes_
        self.grouped = grouped

    @property
    def reached(self) -> bool:
        """Whether a root leads to it."""
        return any(path.reached for path in self.paths)

    def __str__(self) -> str:
        lines = [self._headline()]
        if self.grouped:
            lines += self._table()
        else:
            lines += _draw(_grow([path.steps for path in self.paths]))
        hidden = self.all_count - len(self.paths)
        if hidden > 0 and self.paths:
            lines.append(f"and {hidden:,} more")
        if self.count and not self.reached:
            lines.append(_UNREACHED)
        return "\n".join(map(printable, lines))

    def _headline(self) -> str:
        if self.grouped:
            return f"{self.count:,} objects of {self.what}, {self.bytes:,} bytes of their own"
        things = "1 thing" if self.all_count == 1 else f"{self.all_count:,} things"
        return f"{self.what}, {self.bytes:,} bytes of its own, is held by {things}"

    def _table(self) -> list[str]:
        rows = [(f"{path.count:,}", f"{path.bytes:,}", path.text) for path in self.paths]
        rows.insert(0, ("objects", "bytes", "held as"))
        wide = [max(len(row[i]) for row in rows) for i in (0, 1)]
        return [f"{row[0]:>{wide[0]}}  {row[1]:>{wide[1]}}  {row[2]}" for row in rows]

    def __repr__(self) -> str:
        return f"<{len(self.paths):,} paths to {self.what}>"

    def to_dot(self) -> str:
        """The paths as a graph for Graphviz; the objects they share are drawn once."""
        nodes: dict[str, str] = {}
        edges: dict[tuple[str, str], str] = {}
        for number, path in enumerate(self.paths):
            before = ""
            for step in path.steps:
                name = f"n{step.node}" if step.node else f"left_out_{number}"
                nodes.setdefault(name, step.type or "...")
                if not before:
                    nodes[name] = f"{step.text}\n{step.type}"
                else:
                    edges.setdefault((before, name), step.text)
                before = name
        lines = ["digraph holders {", "    node [shape=box];"]
        lines += [f"    {name} [label={_quote(label)}];" for name, label in nodes.items()]
        lines += [f"    {a} -> {b} [label={_quote(label)}];" for (a, b), label in edges.items()]
        return "\n".join([*lines, "}", ""])

    def to_json(self, indent: int | None = None) -> str:
        import json

        return json.dumps(self.document(), indent=indent)

    def document(self) -> dict[str, object]:
        return {
            "schema": SCHEMA,
            "what": self.what,
            "all_count": self.all_count,
            "count": self.count,
            "bytes": self.bytes,
            "reached": self.reached,
            "paths": [
                {**path._asdict(), "steps": [step._asdict() for step in path.steps]}
                for path in self.paths
            ],
        }


def holders(what: Any, limit: int = 10, instances: bool | None = None) -> Holders:
    """How an object is held, or all objects of a class, and of those derived from it.

    Of an object, a shortest path through each of its nearest holders, limit at most and not more
    than 10,000. Of a class, the paths of its objects, without indices: those by which most are
    held. instances: whether a class stands for its objects, which it does unless that is False.

    The variable of the caller's by which it gave the object is no holder of it.
    """
    if instances is None:
        instances = issubclass(type(what), type)  # isinstance() asks the object
    name, rows, *counts = _heap.holders(what, bool(instances), _checked(limit))
    return Holders(name, _read(rows), *counts, grouped=bool(instances))


def retained(what: Any) -> int:
    """Bytes that go if the object goes: its own and those of what is reached through it alone."""
    return _heap.exclusive(what)


def exclusive(*objects: Any) -> int:
    """Bytes that go if all the objects go: of them, and of what is reached through them alone."""
    return _heap.exclusive(*objects)


def largest(limit: int = 10) -> list[Path]:
    """The objects with which most bytes go, each with its shortest path; bytes are what goes.

    At most 1,000.
    """
    return _read(_heap.largest(_checked(limit))[0])


def _read(rows: list[tuple[Any, ...]]) -> list[Path]:
    return [Path(*row[:5], tuple(Step(*step) for step in row[5])) for row in rows]


def _checked(limit: int) -> int:
    if limit < 0:
        raise ValueError(f"limit {limit!r}: it is a number of paths, not below 0")
    return min(limit, _MOST)


def _quote(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n") + '"'


class _Branch:
    """A part of the tree that is drawn: a step, and what goes on from there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.branches: dict[tuple[str, int], _Branch] = {}
        self.ends = False


def _grow(paths: list[tuple[Step, ...]]) -> _Branch:
    root = _Branch("")
    for steps in paths:
        at = root
        for step in steps:
            at = at.branches.setdefault((step.text, step.node), _Branch(step.text))
        at.ends = True
    return root


def _draw(root: _Branch) -> list[str]:
    """One line for each stretch without a fork; iterative, for paths are long."""
    lines = []
    todo = [(branch, 0) for branch in reversed(root.branches.values())]
    while todo:
        branch, depth = todo.pop()
        text = branch.text
        while len(branch.branches) == 1 and not branch.ends:
            (branch,) = branch.branches.values()
            text += branch.text
        lines.append("    " * (depth + 1) + text)
        todo += [(below, depth + 1) for below in reversed(branch.branches.values())]
    return lines
