"""Asizer: sizes of objects with all they refer to, added up, each object once."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any, TextIO

from tare import _heap
from tare.compat.pympler import printing
from tare.compat.pympler.asized import Asized
from tare.compat.pympler.referents import dict_refs, slot_refs
from tare.compat.pympler.wording import is_a, name_of, wrong_option

HEAP_TYPE = 1 << 9  # a type's flag: it was made by a program
UNLIMITED = 100  # steps, and any number that is not smaller: there is no stack to overflow
OPTIONS: dict[str, Any] = {
    "above": 1024,
    "align": 8,
    "clip": 80,
    "code": False,
    "cutoff": 10,
    "derive": False,
    "detail": 0,
    "frames": False,
    "ignored": True,
    "infer": False,
    "limit": 100,
    "stats": 0,
    "stream": None,
}
CHANGEABLE = ("above", "align", "code", "cutoff", "frames", "detail", "limit", "stats")


class Asizer(printing.Printer):
    """Asizer(**options); an object that was measured once adds nothing a second time.

    above   bytes above which the statistics list an object
    align   each object is rounded up to it, a power of two; less than 2: not
    clip    the longest repr in a name
    code    code objects too
    cutoff  how many large objects, or which per cent of types, the statistics have
    detail  how deep an Asized goes
    limit   how many steps it goes; 100 and more: all
    stats   which statistics to print, 1 to 3
    stream  where; default: stdout
    derive, frames, ignored and infer are there for others' sake
    """

    def __init__(self, **opts: Any) -> None:
        self._excluded_types: dict[type, int] = {}
        self.reset(**opts)

    def reset(self, **opts: Any) -> None:
        """Options as given or as they are at first, and nothing measured."""
        unknown = {name: value for name, value in opts.items() if name not in OPTIONS}
        if unknown:
            raise wrong_option("reset", KeyError, **unknown)
        self._options: dict[str, Any] = {**OPTIONS, **opts}
        self._check()
        self.clear()

    def set(self, **opts: Any) -> None:
        """Changes some options and keeps what was measured."""
        unknown = {name: value for name, value in opts.items() if name not in CHANGEABLE}
        if unknown:
            raise TypeError(f"set() has no option {', '.join(unknown)}")
        self._options.update((name, value) for name, value in opts.items() if value is not None)
        self._check()
        self._sizer.align = max(self.align, 1)
        self._sizer.code = self.code

    def _check(self) -> None:
        align, stats = self._options["align"], self._options["stats"]
        if align > 1 and align & (align - 1):
            raise wrong_option("set", align=align)
        if stats < 0:
            raise wrong_option("set", stats=stats)
        # A part behind the point is the cutoff.
        self._options["stats"] = int(stats)
        self._options["cutoff"] = round(stats % 1 * 100) or self._options["cutoff"]

    def clear(self) -> None:
        """Forgets what was measured."""
        self._sizer = _heap.Sizer(align=max(self.align, 1), code=self.code)
        self._awaited: set[int] = set()  # given, and not measured yet
        self._given_again: dict[int, int] = {}
        self._total = 0
        self.forget_statistics()
        self._excluded_types = dict.fromkeys(self._excluded_types, 0)

    # ---- measuring ----

    def asizeof(self, *objs: Any, **opts: Any) -> int:
        """Bytes of all together."""
        return sum(self.asizesof(*objs, **opts))

    def asizesof(self, *objs: Any, **opts: Any) -> tuple[int, ...]:
        """Of each; what two of them have counts for the first. 0 for one that was measured."""
        self.set(**opts)
        self.exclude_refs(*objs)
        with self._sizer:
            return tuple(self._measure(one) for one in objs)

    def asized(self, *objs: Any, **opts: Any) -> Any:
        """An Asized of each; of one, that."""
        self.set(**opts)
        self.exclude_refs(*objs)
        with self._sizer:
            found = tuple(self._measure_detailed(one) for one in objs)
        return found[0] if len(found) == 1 else found

    def add_each(self, objects: list[Any]) -> int:
        """Bytes of many objects, without what they refer to: for those that are all there are."""
        if self.stats > 0 or self._excluded_types:
            return self.asizeof(*objects)
        mask = max(self.align, 1) - 1
        size = sum(size + mask & ~mask for size in _heap.flats(objects))
        self._total += size
        return size

    def _is_new(self, obj: Any) -> bool:
        """Whether it was given and not measured yet."""
        if id(obj) in self._awaited:
            self._awaited.discard(id(obj))
            return True
        self._given_again[id(obj)] = self._given_again.get(id(obj), 0) + 1
        return False

    def _measure(self, obj: Any) -> int:
        if self._excluded_types or self.stats > 0:
            return self._measure_detailed(obj, 0).size
        if not self._is_new(obj):
            return 0
        limit = -1 if self.limit >= UNLIMITED else self.limit
        size: int = self._sizer.add(obj, limit=limit)
        self._total += size
        return size

    def _measure_detailed(self, obj: Any, detail: int | None = None) -> Asized:
        if not self._is_new(obj):
            return Asized(0, 0, name=name_of(obj, self.clip))
        found = _Walk(self, self.detail if detail is None else detail).run(obj)
        self._total += found.size
        return found

    # ---- what is not to be measured ----

    def exclude_objs(self, *objs: Any) -> None:
        """They are in no size, also when they are given."""
        for one in objs:
            self._sizer.skip(one)
            self._awaited.discard(id(one))

    def exclude_refs(self, *objs: Any) -> None:
        """They are in no other's size, until they are given themselves."""
        for one in objs:
            if not self._sizer.has(one):
                self._sizer.skip(one)
                self._awaited.add(id(one))

    def exclude_types(self, *objs: Any) -> None:
        """Types, or the types of objects: no object of them is in a size."""
        for one in objs:
            self._excluded_types.setdefault(one if isinstance(one, type) else type(one), 0)

    def is_excluded(self, obj: Any) -> bool:
        if type(obj) not in self._excluded_types:
            return False
        self._excluded_types[type(obj)] += 1
        return True

    # ---- what was found ----

    @property
    def total(self) -> int:
        """Bytes of all that was measured."""
        return self._total

    @property
    def sized(self) -> int:
        """How many objects were."""
        count: int = self._sizer.count
        return count

    @property
    def seen(self) -> int:
        """How often objects were met."""
        return self.sized + self._sizer.met_count + sum(self._given_again.values())

    @property
    def duplicate(self) -> int:
        """How many objects were met more than once."""
        count: int = self._sizer.met_again
        return count + len(self._given_again)

    @property
    def missed(self) -> int:
        """None: nothing can fail on the way."""
        return 0

    @property
    def excluded(self) -> tuple[type, ...]:
        return tuple(self._excluded_types)

    @property
    def excluded_count(self) -> int:
        return sum(self._excluded_types.values())

    # ---- options ----

    @property
    def above(self) -> int:
        return int(self._options["above"])

    @property
    def align(self) -> int:
        return int(self._options["align"])

    @property
    def clip(self) -> int:
        return int(self._options["clip"])

    @property
    def code(self) -> bool:
        return bool(self._options["code"])

    @property
    def cutoff(self) -> int:
        return int(self._options["cutoff"])

    @property
    def derive(self) -> bool:
        return bool(self._options["derive"])

    @property
    def detail(self) -> int:
        return int(self._options["detail"])

    @property
    def frames(self) -> bool:
        return bool(self._options["frames"])

    @property
    def ignored(self) -> bool:
        return bool(self._options["ignored"])

    @property
    def infer(self) -> bool:
        return bool(self._options["infer"])

    @property
    def limit(self) -> int:
        return int(self._options["limit"])

    @property
    def stats(self) -> int:
        return int(self._options["stats"])

    @property
    def stream(self) -> TextIO | None:
        stream: TextIO | None = self._options["stream"]
        return stream


class _Node:
    """An object on the way from the one given to what is deep inside."""

    __slots__ = ("flat", "is_open", "name", "obj", "parts", "refs", "size")

    def __init__(self, obj: Any, name: str) -> None:
        self.obj = obj
        self.name = name
        self.flat = self.size = 0
        self.is_open = False  # it is gone into
        self.parts: Iterator[tuple[str, Any]] = iter(())
        self.refs: list[Asized] = []


class _Attributes:
    """The attributes of an instance that has no __dict__ for them: no object, so no bytes."""

    __slots__ = ("values",)

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values


class _Walk:
    """Measures one object, for an Asized of so many levels, or for statistics of all."""

    def __init__(self, asizer: Asizer, detail: int) -> None:
        self._asizer = asizer
        self._sizer = asizer._sizer
        self._detail = detail
        self._limit = sys.maxsize if asizer.limit >= UNLIMITED else asizer.limit
        self._has_stats = asizer.stats > 0
        # Whether what is below the last level can be left to the sizer.
        self._is_plain = not (self._has_stats or asizer.excluded or asizer.limit < UNLIMITED)

    def run(self, obj: Any) -> Asized:
        root = self._open(obj, name_of(obj, self._asizer.clip), 0)
        stack = [root]
        while True:
            node, depth = stack[-1], len(stack)
            part = next(node.parts, None)
            if part is not None:
                inner = self._open(part[1], part[0], depth)
                if inner.size or inner.is_open or depth <= self._detail:
                    stack.append(inner)
                continue
            stack.pop()
            found = Asized(node.size, node.flat, node.refs, node.name)
            if self._has_stats and node.size > self._asizer.above:
                self._rank(node, stack)
            if not stack:
                return found
            stack[-1].size += node.size
            if depth - 1 <= self._detail:
                stack[-1].refs.append(found)

    def _open(self, obj: Any, name: str, depth: int) -> _Node:
        node = _Node(obj, name)
        if type(obj) is _Attributes:
            node.parts = iter(
                [(f"[V] {key}: {name_of(value)}", value) for key, value in obj.values.items()]
            )
        elif (is_a(obj, type) and depth > 0) or self._asizer.is_excluded(obj):
            pass
        elif depth > self._detail and self._is_plain:
            is_known = self._sizer.has(obj)
            node.size = (self._sizer.own(obj) or 0) if is_known else self._sizer.add(obj)
        else:
            self._enter(node, depth)
        return node

    def _enter(self, node: _Node, depth: int) -> None:
        own = self._sizer.own(node.obj, given=depth == 0)
        if own is None:
            return
        node.flat = node.size = own
        node.is_open = True
        if self._has_stats:
            self._asizer.profile(node.obj, own, depth)
        if depth >= self._limit:
            return
        if depth < self._detail:
            node.parts = self._parts(node.obj)
        else:
            node.parts = iter([("", part) for part in self._sizer.parts(node.obj)])

    def _parts(self, obj: Any) -> Iterator[tuple[str, Any]]:
        """As the sizer goes to them, with names for people."""
        parts = self._sizer.parts(obj)
        names: dict[int, list[str]] = {}
        if is_a(obj, dict):
            for name, ref in dict_refs(obj):
                names.setdefault(id(ref), []).append(name)
        elif not is_a(obj, (list, tuple, set, frozenset, types.FunctionType, type)):
            yield from self._instance_parts(obj, parts)
            return
        for part in parts:
            known = names.get(id(part))
            yield (known.pop(0) if known else name_of(part, self._asizer.clip)), part

    def _instance_parts(self, obj: Any, parts: list[Any]) -> Iterator[tuple[str, Any]]:
        if type(obj).__flags__ & HEAP_TYPE:
            yield "__class__", type(obj)
        names = {id(ref): name for name, ref in slot_refs(obj)}
        attributes = _heap.attributes(obj)
        if attributes is not None and not any(part is attributes for part in parts):
            yield "__dict__", _Attributes(attributes)
            inline = set(map(id, attributes.values()))
            parts = [part for part in parts if id(part) not in inline or id(part) in names]
        for part in parts:
            name = "__dict__" if part is attributes else names.get(id(part))
            yield name or name_of(part, self._asizer.clip), part

    def _rank(self, node: _Node, stack: list[_Node]) -> None:
        if type(node.obj) is not _Attributes:
            outer = (one.obj for one in reversed(stack) if type(one.obj) is not _Attributes)
            parent = next(outer, None)
            self._asizer.rank(node.obj, node.size, len(stack), id(parent) if stack else 0)
