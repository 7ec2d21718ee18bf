"""Where the numbers come from: what memory_profiler calls backends, and Tare's own."""

from __future__ import annotations

import os
from collections.abc import Callable

from tare.compat.memory_profiler import processes

MIB = float(1 << 20)
OWN = "tare"
METRIC_OF = {"psutil": "rss", "psutil_pss": "pss", "psutil_uss": "uss", "posix": "rss"}
BACKENDS = (OWN, *METRIC_OF, "tracemalloc")


def choose_backend(new_backend: str | None = None) -> str:
    """What memory_usage takes: resident memory unless something else is named."""
    backend = "psutil" if new_backend is None else new_backend
    if backend not in METRIC_OF:
        known = ", ".join(METRIC_OF)
        raise ValueError(f"backend {backend!r}: for a process it is one of {known}")
    return backend


def meter(backend: str, *, include_children: bool = False) -> Callable[[], int]:
    """What gives the bytes of this process, now.

    tare         what the interpreter's allocators have handed out since the first meter was made,
                 on top of the memory that was resident then
    tracemalloc  the same without that
    the others   as the system has it, whether touched by the line that allocated it or later
    """
    if backend in (OWN, "tracemalloc"):
        return _heap_meter(has_base=backend == OWN)
    if backend not in METRIC_OF:
        raise ValueError(f"backend {backend!r}: it is one of {', '.join(BACKENDS)}")
    metric = METRIC_OF[backend]
    if metric == "rss" and not include_children:
        return processes.Reader(os.getpid()).read
    return lambda: processes.memory_bytes(os.getpid(), metric, children=include_children)


def _heap_meter(*, has_base: bool) -> Callable[[], int]:
    from tare import _memory

    if not _memory.active():
        _memory.start(depth=1)
    live_bytes = _memory.live_bytes
    base = 0
    if has_base:
        base = processes.memory_bytes(os.getpid()) - live_bytes()

    def read() -> int:
        return base + live_bytes()

    return read
