"""All objects of the process, as a list, and what can be asked of lists of objects."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from tare import _heap
from tare.compat.pympler import summary

HAVE_GC = 1 << 14  # a type's flag: its objects may refer to others


def get_objects(remove_dups: bool = True, include_frames: bool = False) -> list[Any]:
    """All that is alive, in no order, each once.

    Also what the collector does not track, variables of running functions, and frozen objects.
    include_frames  frame objects too: whoever keeps the list then keeps their variables
    remove_dups     is there for others' sake
    """
    gc.collect()
    return [one for one in _heap.objects() if include_frames or type(one) is not FrameType]


def get_size(objects: Iterable[Any]) -> int:
    """Bytes of each by itself, without what it refers to."""
    return sum(_heap.flats(list(objects)))


def get_diff(left: list[Any], right: list[Any]) -> dict[str, list[Any]]:
    """'+': what is on the right only; '-': what is on the left only. By identity."""
    return {"+": _without(right, left), "-": _without(left, right)}


def _without(objects: list[Any], others: list[Any]) -> list[Any]:
    known = set(map(id, others))
    return [one for one in objects if id(one) not in known]


def sort(objects: Iterable[Any]) -> list[Any]:
    """The smallest first."""
    objects = list(objects)
    sizes = dict(zip(map(id, objects), _heap.flats(objects), strict=True))
    return sorted(objects, key=lambda one: sizes[id(one)])


def filter(
    objects: Iterable[Any], Type: type | None = None, min: int = -1, max: int = -1
) -> list[Any]:
    """Those of the type, larger than min bytes and smaller than max."""
    if min > max > -1:
        raise ValueError("minimum must be smaller than maximum")
    objects = [one for one in objects if Type is None or isinstance(one, Type)]
    return [
        one
        for one, size in zip(objects, _heap.flats(objects), strict=True)
        if (min < 0 or size > min) and (max < 0 or size < max)
    ]


def get_referents(object: Any, level: int = 1) -> list[Any]:
    """What it refers to, and what these do, in so many steps; each once."""
    found: dict[int, Any] = {}
    latest = [object]
    for _ in range(level):
        latest = [one for one in gc.get_referents(*latest) if id(one) not in found]
        latest = list({id(one): one for one in latest}.values())
        if not latest:
            break
        found.update((id(one), one) for one in latest)
    return list(found.values())


def print_summary() -> None:
    """All objects, by type."""
    from tare.compat.pympler.tracker import summarize_all

    summary.print_(summarize_all())


def _get_usage(function: Callable[..., Any], *args: Any) -> list[summary.Row] | None:
    """What there is more of after a call of it, its second one. None: nothing."""
    from tare.compat.pympler.tracker import SummaryTracker

    tracker = SummaryTracker()
    function(*args)
    tracker.diff()
    function(*args)
    return tracker.diff() or None


def _is_containerobject(o: Any) -> bool:
    return bool(type(o).__flags__ & HAVE_GC)


def _remove_duplicates(objects: Iterable[Any]) -> list[Any]:
    return list({id(one): one for one in objects}.values())
