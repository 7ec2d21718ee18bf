"""Data frames: labels, names, order and types count, then values column by column.

pandas is not imported: a value that is a frame of its has loaded it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from tare._same import ITEMS, WORDS


def find_answer(value: Any) -> Callable[..., Any] | None:
    pandas = sys.modules.get("pandas")
    if pandas is None or not hasattr(pandas, "DataFrame"):
        return None
    if isinstance(value, pandas.DataFrame):
        return same_frames
    if isinstance(value, pandas.Series):
        return same_series
    if isinstance(value, pandas.Index):
        return same_indices
    if isinstance(value, pandas.api.extensions.ExtensionArray):
        return same_extension_arrays
    if value is pandas.NA or value is pandas.NaT:
        return lambda kinds, left, right: (
            None if kinds.rule.nan_equal else "NA agrees with nothing")
    return None


def same_frames(kinds: Any, left: Any, right: Any) -> Any:
    if left.shape != right.shape:
        return f"shape {left.shape} against {right.shape}"
    return (WORDS, *({".columns": one.columns, ".index": one.index, **columns_of(one)}
                     for one in (left, right)))


def columns_of(frame: Any) -> dict[str, Any]:
    """By name; by number too where a name is there twice."""
    names = list(frame.columns)
    keys = [f"[{name!r}]" if names.count(name) == 1 else f"[{name!r}] (column {number})"
            for number, name in enumerate(names)]
    return {key: values_of(frame.iloc[:, number]) for number, key in enumerate(keys)}


def values_of(series: Any) -> Any:
    """A NumPy array where the values are one."""
    numpy = sys.modules["numpy"]
    return series.to_numpy() if isinstance(series.dtype, numpy.dtype) else series.array


def same_series(kinds: Any, left: Any, right: Any) -> Any:
    return (WORDS, *({".name": one.name, ".index": one.index, "": values_of(one)}
                     for one in (left, right)))


def same_indices(kinds: Any, left: Any, right: Any) -> Any:
    if len(left) != len(right):
        return f"{len(left):,} labels against {len(right):,}"
    if kinds.rule.types is not False and left.dtype != right.dtype:
        return f"dtype {left.dtype} against {right.dtype}"
    return (WORDS, *({".names": list(one.names), "": list(one)} for one in (left, right)))


def same_extension_arrays(kinds: Any, left: Any, right: Any) -> Any:
    if kinds.rule.types is not False and left.dtype != right.dtype:
        return f"dtype {left.dtype} against {right.dtype}"
    return ITEMS, list(left), list(right)
