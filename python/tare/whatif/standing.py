"""How long a program that runs was ready and had no CPU, because the machine did something else.

    every 10 ms    thread     ran    stood in line        /proc/PID/task/TID/schedstat
                   1          4 ms   6 ms    -> the program lost 6 ms
                   2          0      0

In one process one thread holds the GIL, and others that stand in line would only wait for that:
what counts is the thread that lost most since the last reading. Processes run side by side: the
mean of those that did something counts. What a thread lost after its last reading is not known.
"""

from __future__ import annotations

import os

CHILDREN_EACH = 5  # readings


class Line:
    """Of a process with all that it started. Cost of a reading: a file for each thread."""

    def __init__(self, pid: int) -> None:
        self.pids = [pid]
        self.known: dict[tuple[int, int], tuple[int, int]] = {}  # ran, stood, by thread
        self.lost_ns = 0.0
        self.reading_count = 0

    def read(self, passed_ns: int) -> None:
        """passed_ns: since the last reading."""
        if self.reading_count % CHILDREN_EACH == 0:
            self.pids = [*self.pids[:1], *descendants(self.pids[0])]
        self.reading_count += 1
        lost = [self._read_process(pid, passed_ns) for pid in self.pids]
        active = [ns for ns in lost if ns is not None]
        if active:
            self.lost_ns += sum(active) / len(active)

    def _read_process(self, pid: int, passed_ns: int) -> float | None:
        """What it lost; None when it did not want to run."""
        worked, most_ns = False, 0
        for tid in _list(f"/proc/{pid}/task"):
            now = _schedstat(pid, tid)
            before = self.known.get((pid, tid), (0, 0))
            self.known[pid, tid] = now
            worked = worked or now > before
            most_ns = max(most_ns, now[1] - before[1])
        return min(most_ns, passed_ns) if worked else None


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for tid in _list(f"/proc/{parent}/task"):
            children = [int(word) for word in _words(f"/proc/{parent}/task/{tid}/children")]
            found += children
            waiting += children
    return found


def _list(folder: str) -> list[int]:
    try:
        return [int(name) for name in os.listdir(folder)]
    except OSError:
        return []  # it has ended


def _schedstat(pid: int, tid: int) -> tuple[int, int]:
    words = _words(f"/proc/{pid}/task/{tid}/schedstat")
    return (int(words[0]), int(words[1])) if len(words) > 1 else (0, 0)


def _words(path: str) -> list[bytes]:
    try:
        with open(path, "rb", buffering=0) as stream:
            return stream.read(4096).split()
    except OSError:
        return []
