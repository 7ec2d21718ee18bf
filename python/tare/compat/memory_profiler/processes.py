"""How much memory processes take, as the system says; run as a program, again and again.

    python processes.py PID INTERVAL METRIC CHILDREN

writes a line "ready", then looks at the process at once, every INTERVAL seconds, and a last time
when its input ends. Then it writes a line for each look: bytes, and the time. It is a process of
its own because a thread would have to wait for the program that it looks at.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterator

PAGE = os.sysconf("SC_PAGE_SIZE")
ROLLUP = {"pss": ("Pss:",), "uss": ("Private_Clean:", "Private_Dirty:", "Private_Hugetlb:")}
METRICS = ("rss", *ROLLUP)

Look = tuple[int, float]  # bytes, and when


def memory_bytes(pid: int, metric: str = "rss", *, children: bool = False) -> int:
    """Zero for a process that has ended. Raises OSError when the system does not tell.

    rss    what lies in memory
    pss    of what is shared with other processes, its share
    uss    what is shared with none
    """
    total = _of_one(pid, metric)
    if children:
        total += sum(size for _, size in children_bytes(pid, metric))
    return total


def children_bytes(pid: int, metric: str = "rss") -> Iterator[tuple[int, int]]:
    """The pid and bytes of each process that it has started, and that these have.

    Not of the one that asks: where that is a child, it was started to look.
    """
    for child in set(_descendants(pid)) - {os.getpid()}:
        try:
            yield child, _of_one(child, metric)
        except OSError:  # it has ended, or is somebody else's
            continue


def peak_bytes() -> int:
    """The most that this process has ever had in memory."""
    return _kibibytes("/proc/self/status", ("VmHWM:",))


def _of_one(pid: int, metric: str) -> int:
    if metric == "rss":
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as stream:
            return int(stream.read(256).split()[1]) * PAGE
    return _kibibytes(f"/proc/{pid}/smaps_rollup", ROLLUP[metric])


def _kibibytes(path: str, fields: tuple[str, ...]) -> int:
    with open(path, encoding="ascii", errors="replace") as stream:
        return sum(int(line.split()[1]) << 10 for line in stream if line.startswith(fields))


def _descendants(pid: int) -> Iterator[int]:
    waiting = [pid]
    while waiting:
        for child in _children(waiting.pop()):
            yield child
            waiting.append(child)


def _children(pid: int) -> list[int]:
    """Of all of its threads."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as stream:
                found += map(int, stream.read().split())
    except OSError:  # it has just ended
        pass
    return found


class Reader:
    """Reads one process's resident bytes as cheaply as can be: its file stays open."""

    def __init__(self, pid: int) -> None:
        self._file = os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)

    def read(self) -> int:
        return int(os.pread(self._file, 256, 0).split()[1]) * PAGE

    def __del__(self) -> None:
        os.close(self._file)


# ---- as a program ----


def poll(look: Callable[[], Look], interval: float) -> list[Look]:
    looks = [look()]
    while not select.select([0], [], [], interval)[0]:
        looks.append(look())
    looks.append(look())
    return looks


def main() -> None:
    pid, interval, metric, children = sys.argv[1:]

    def look() -> Look:
        try:
            size = memory_bytes(int(pid), metric, children=children == "1")
        except OSError:
            size = 0
        return size, time.time()

    print("ready", flush=True)
    for size, when in poll(look, float(interval)):
        print(size, when)


if __name__ == "__main__":
    main()
