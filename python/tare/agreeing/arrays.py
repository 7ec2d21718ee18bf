"""Arrays: those of numbers go to the walk in C as they are, by the buffer protocol.

NumPy is not imported: a value that is an array of its has loaded it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from tare._same import BUFFER, ITEMS, WORDS

MOST_TOLD = 1000  # elements that differ, of an array that has no buffer of numbers


def has_numbers(value: Any) -> bool:
    """Whether it exports its memory, as array.array and ctypes do."""
    try:
        memoryview(value).release()
    except (TypeError, BufferError, ValueError):
        return False
    return True


def find_answer(value: Any) -> Callable[..., Any] | None:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if isinstance(value, numpy.ma.MaskedArray):
        return same_masked
    if isinstance(value, numpy.ndarray):
        return same_arrays
    if isinstance(value, numpy.dtype):
        return lambda kinds, left, right: None if left == right else f"{left} against {right}"
    if isinstance(value, numpy.generic) and not isinstance(value, (str, bytes)):
        return same_scalars
    return None


def as_arrays(left: Any, right: Any) -> tuple[Any, ...] | None:
    """Types do not count: two of which at least one is an array, both as arrays."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not any(isinstance(value, numpy.ndarray) for value in (left, right)):
        return None
    if any(isinstance(value, (str, bytes, dict, set)) for value in (left, right)):
        return None
    pair = [numpy.asarray(value) for value in (left, right)]
    return (ITEMS, *pair)


def same_arrays(kinds: Any, left: Any, right: Any) -> Any:
    if left.shape != right.shape:
        return f"shape {left.shape} against {right.shape}"
    if (kinds.rule.strict or left.dtype.kind not in "iufc") and kinds.rule.types is not False:
        if left.dtype.newbyteorder("=") != right.dtype.newbyteorder("="):
            return f"dtype {left.dtype} against {right.dtype}"
    if left.dtype.names is not None:
        return same_records(left, right)
    if left.dtype.kind in "biufc" and right.dtype.kind in "biufc":
        return (BUFFER, *(exportable(one) for one in (left, right)))
    if left.dtype.hasobject or right.dtype.hasobject:
        return (ITEMS, left.item(), right.item()) if left.ndim == 0 else (
            ITEMS, list(left), list(right))
    return same_elements(kinds, left, right)


def exportable(array: Any) -> Any:
    """NumPy gives no long doubles away whose byte order is named."""
    if array.dtype.char in "gG" and array.dtype.byteorder != "=":
        return array.astype(array.dtype.newbyteorder("="))
    return array


def same_records(left: Any, right: Any) -> Any:
    if left.dtype.names != right.dtype.names:
        return f"fields {left.dtype.names} against {right.dtype.names}"
    return (WORDS, *({f"[{name!r}]": one[name] for name in left.dtype.names}
                     for one in (left, right)))


def same_elements(kinds: Any, left: Any, right: Any) -> Any:
    """Dates and text, which are equal or not."""
    import numpy

    unequal = numpy.asarray(left != right)
    if left.dtype.kind in "mM" and right.dtype.kind == left.dtype.kind and kinds.rule.nan_equal:
        unequal = unequal & ~(numpy.isnat(left) & numpy.isnat(right))
    places = numpy.argwhere(unequal)
    if not len(places):
        return int(left.size)
    if left.ndim == 0:
        return (WORDS, *({"": one.tobytes() if one.dtype.kind == "V" else str(one)}
                         for one in (left, right)))
    steps = {str(place.tolist()): tuple(place) for place in places[:MOST_TOLD]}
    return (WORDS, *({step: str(one[place]) for step, place in steps.items()}
                     for one in (left, right)))


def same_masked(kinds: Any, left: Any, right: Any) -> Any:
    """What is masked is no value."""
    import numpy

    if left.shape != right.shape:
        return f"shape {left.shape} against {right.shape}"
    if left.dtype.names is not None:
        return same_records(left, right)
    hidden = [numpy.ma.getmaskarray(one) for one in (left, right)]
    data = [numpy.where(mask, numpy.zeros((), one.dtype), numpy.asarray(one.data))
            for one, mask in zip((left, right), hidden, strict=True)]
    return (WORDS, *({".mask": mask, "": values}
                     for mask, values in zip(hidden, data, strict=True)))


def same_scalars(kinds: Any, left: Any, right: Any) -> Any:
    if left.dtype.kind in "biufc" and right.dtype.kind in "biufc":
        return BUFFER, left, right
    import numpy

    return same_arrays(kinds, numpy.asarray(left), numpy.asarray(right))
