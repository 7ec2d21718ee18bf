"""Sizes of objects with all they refer to.

    asizeof(*objs)          bytes of all together
    asizesof(*objs)         of each
    asized(*objs, detail=1) of each and of what is in it
    Asizer                  adds up from call to call
"""

from __future__ import annotations

from typing import Any

from tare.compat.pympler.asized import Asized
from tare.compat.pympler.asizer import Asizer
from tare.compat.pympler.muppy import get_objects
from tare.compat.pympler.referents import (
    basicsize,
    flatsize,
    itemsize,
    leng,
    named_refs,
    refs,
)
from tare.compat.pympler.wording import wrong_option

__all__ = [
    "Asized",
    "Asizer",
    "adict",
    "amapped",
    "asized",
    "asizeof",
    "asizesof",
    "basicsize",
    "flatsize",
    "itemsize",
    "leng",
    "named_refs",
    "refs",
]

_mapped_percent = 1.0


def asizeof(*objs: Any, **opts: Any) -> int:
    """Bytes of all of them together, each thing once; options are those of Asizer.

    all=True, and no objects: everything that is alive.
    """
    is_all = opts.pop("all", None)
    if is_all not in (None, False, True):
        raise wrong_option("asizeof", all=is_all)
    sizer = Asizer(**opts)
    if objs:
        size = sizer.asizeof(*objs)
    elif is_all:
        size = sizer.add_each(get_objects())
    else:
        return 0
    sizer.print_stats(objs, opts)
    return size


def asizesof(*objs: Any, **opts: Any) -> tuple[int, ...]:
    """Of each: what two of them have counts for the first."""
    sizer = Asizer(**opts)
    sizes = sizer.asizesof(*objs)
    if objs:
        sizer.print_stats(objs, opts, sizes=sizes)
    return sizes


def asized(*objs: Any, **opts: Any) -> Any:
    """An Asized of each, with what is in it down to the level detail; of one object, that."""
    sizer = Asizer(**opts)
    found = sizer.asized(*objs)
    if objs:
        sizer.print_stats(objs, opts, sized=found)
    return found


def adict(*classes: Any) -> bool:
    """Whether all are classes that look like dicts. What they hold is measured anyway."""
    wanted = ("items", "keys", "values", "get", "__len__")
    return all(
        isinstance(one, type) and all(callable(getattr(one, name, None)) for name in wanted)
        for one in classes
    )


def amapped(percentage: float | None = None) -> float:
    """Sets how much of a numpy.memmap is taken to be in memory, and returns what it was.

    It is in no size: mapped files are no part of the heap.
    """
    global _mapped_percent
    before = _mapped_percent
    if percentage is not None:
        _mapped_percent = float(max(0, min(100, percentage)))
    return before
