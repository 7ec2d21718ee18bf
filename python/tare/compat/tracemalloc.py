"""tracemalloc's interface, with Tare's allocation tracker behind it.

    import tare.compat.tracemalloc as tracemalloc

Frames, tracebacks, filters and statistics are the standard library's own; so are the files that
dump() writes. What is counted together is kept together, so that statistics of a million blocks
take milliseconds. docs/compat.md says what is different.
"""

from __future__ import annotations

import functools
import linecache
import os
import pickle
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pickle import Unpickler
from tracemalloc import (
    BaseFilter,
    DomainFilter,
    Filter,
    Frame,
    Snapshot as _Theirs,
    Statistic,
    StatisticDiff,
    Trace,
    Traceback,
    _Traces,
)
from typing import Any

from tare import _memory

__all__ = [
    "BaseFilter",
    "DomainFilter",
    "Filter",
    "Frame",
    "Snapshot",
    "Statistic",
    "StatisticDiff",
    "Trace",
    "Traceback",
    "clear_traces",
    "get_object_traceback",
    "get_traceback_limit",
    "get_traced_memory",
    "get_tracemalloc_memory",
    "is_tracing",
    "linecache",
    "reset_peak",
    "start",
    "stop",
    "take_snapshot",
]

MAX_FRAMES = 65535
MOST_KNOWN = 256  # frames that are looked at, whatever is asked for
UNKNOWN = ("<unknown>", 0)

Frames = tuple[tuple[str, int], ...]  # the innermost first
RawTrace = tuple[int, int, Frames, int | None]  # domain, bytes, frames, how many there were

_limit = 1
_is_ours = False  # the measurement under way


# ---- tracing ----


def start(nframe: int = 1) -> None:
    """Traces from now on, up to nframe frames each. Raises tare.Error where Tare measures memory
    already."""
    global _is_ours, _limit
    if not 1 <= nframe <= MAX_FRAMES:
        raise ValueError(f"the number of frames must be in range [1; {MAX_FRAMES}]")
    if is_tracing():
        return
    _memory.start(depth=_depth(nframe))
    _limit, _is_ours = nframe, True
    _watch_forks()


def _depth(nframe: int) -> int:
    """Of what is deeper the tracker keeps half, at least."""
    return min(2 * nframe, MOST_KNOWN)


def stop() -> None:
    """Traces no more, and forgets all traces."""
    global _is_ours
    if is_tracing():
        _memory.stop()
    _is_ours = False


@functools.cache
def _watch_forks() -> None:
    """Told after Tare itself, which has begun to measure before."""
    os.register_at_fork(after_in_child=_go_on_in_child)


def _go_on_in_child() -> None:
    """A fork's child traces too, from then on."""
    if _is_ours and not _memory.active():
        _memory.start(depth=_depth(_limit))


def is_tracing() -> bool:
    return _is_ours and _memory.active()


def clear_traces() -> None:
    """Forgets what was allocated up to now."""
    if is_tracing():
        _memory.stop()
        _memory.start(depth=_depth(_limit))


def reset_peak() -> None:
    if is_tracing():
        _memory.reset_peak()


def get_traceback_limit() -> int:
    return _limit


def get_traced_memory() -> tuple[int, int]:
    """Bytes now, and at the most."""
    if not is_tracing():
        return 0, 0
    counters = _memory.counters()
    return counters["live_bytes"], counters["peak_bytes"]


def get_tracemalloc_memory() -> int:
    """Bytes that tracing takes itself."""
    return _memory.counters()["table_bytes"] if is_tracing() else 0


def get_object_traceback(obj: object) -> Traceback | None:
    """Where it was allocated; None when that was not traced."""
    from tare import _heap

    if not is_tracing():
        return None
    found = None
    for address, size in _heap.blocks(obj):
        if address <= id(obj) < address + size:
            found = _memory.find(address)
    if found is None:
        return None
    return Traceback(_known((file, line) for _, file, line in found[2] if file))


def take_snapshot() -> Snapshot:
    if not is_tracing():
        raise RuntimeError(
            "the tracemalloc module must be tracing memory allocations to take a snapshot"
        )
    return Snapshot(_get_traces(), get_traceback_limit())


def _get_traces() -> list[RawTrace]:
    """Of each block that is there; those that are alike are one and the same."""
    traces: list[RawTrace] = []
    known: dict[Frames, Frames] = {}
    for size, count, total, frames in _memory.traces() if is_tracing() else ():
        frames = _known(frames)
        traces += [(0, size, known.setdefault(frames, frames), total)] * count
    return traces


def _known(frames: Iterable[tuple[str, int]]) -> Frames:
    """As many as are wanted; where no Python code ran there is one, as there."""
    return tuple(frames)[:_limit] or (UNKNOWN,)


# ---- snapshots ----


class Snapshot(_Theirs):
    """Snapshot(traces, traceback_limit), traces as _get_traces() has them."""

    traces: Any

    def dump(self, filename: str | os.PathLike[str]) -> None:
        """Writes a file that tracemalloc.Snapshot.load reads too."""
        theirs = _Theirs([], self.traceback_limit)
        vars(theirs).update(vars(self))
        with open(filename, "wb") as file:
            pickle.dump(theirs, file, pickle.HIGHEST_PROTOCOL)

    @staticmethod
    def load(filename: str | os.PathLike[str]) -> Snapshot:
        """Reads a file of either's. Raises UnpicklingError when it is anything else."""
        with open(filename, "rb") as file:
            theirs = _SnapshotReader(file).load()
        if not isinstance(theirs, _Theirs):
            raise pickle.UnpicklingError(f"{os.fspath(filename)} holds no snapshot of tracemalloc")
        snapshot = Snapshot([], theirs.traceback_limit)
        vars(snapshot).update(vars(theirs))
        return snapshot

    def filter_traces(self, filters: Sequence[Any]) -> Snapshot:
        """Those that one of the inclusive filters matches, and all of the exclusive ones."""
        traces = self.traces._traces
        distinct = _Theirs([trace for trace, _ in _counted(traces)], self.traceback_limit)
        kept = {id(trace) for trace in distinct.filter_traces(filters).traces._traces}
        left = [trace for trace in traces if id(trace) in kept]
        return Snapshot(left, self.traceback_limit)

    def _group_by(self, key_type: str, cumulative: bool) -> dict[Traceback, Statistic]:
        """What statistics() and compare_to() are made of."""
        if key_type not in ("traceback", "filename", "lineno"):
            raise ValueError(f"unknown key_type: {key_type!r}")
        if cumulative and key_type == "traceback":
            raise ValueError(f"cumulative mode cannot by used with key type {key_type!r}")
        sizes: Counter[Frames] = Counter()
        counts: Counter[Frames] = Counter()
        for (_, size, frames, _), count in _counted(self.traces._traces):
            for key in _keys(frames, key_type, cumulative):
                sizes[key] += size * count
                counts[key] += count
        grouped = ((Traceback(key), key) for key in sizes)
        return {found: Statistic(found, sizes[key], counts[key]) for found, key in grouped}


def _counted(traces: list[RawTrace]) -> Iterator[tuple[RawTrace, int]]:
    """Each with how often it is there, by identity: comparing them is what takes long."""
    by_id = dict(zip(map(id, traces), traces, strict=True))
    return ((by_id[key], count) for key, count in Counter(map(id, traces)).items())


def _keys(frames: Frames, key_type: str, cumulative: bool) -> Iterator[Frames]:
    if key_type == "traceback":
        yield frames
        return
    for file, line in frames if cumulative else frames[:1]:
        yield ((file, line if key_type == "lineno" else 0),)


class _SnapshotReader(Unpickler):
    """A snapshot is data: a pickle of anything else is refused, not run."""

    def find_class(self, module: str, name: str) -> Any:
        for cls in (_Theirs, _Traces):
            if (module, name) == (cls.__module__, cls.__name__):
                return cls
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a snapshot of tracemalloc")
