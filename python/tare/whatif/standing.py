"""How long a program that runs was ready and had no CPU, because the machine did something else.

    every 10 ms    thread     ran    stood in line        /proc/PID/task/TID/schedstat
                   1          4 ms   6 ms    -> the program lost 6 ms
                   2          0      0

The kernel books the time in line when a thread gets a CPU again, so it is summed up over a window
of some readings. In one process one thread holds the GIL, and others that stand in line would only
wait for that: what counts is the thread that lost most in a window. Processes run side by side: the
mean of those that did something counts. What a thread lost after its last reading is not known.
"""

from __future__ import annotations

import os

WINDOW = 10  # readings


class Line:
    """Of a process with all that it started. Cost of a reading: a file for each thread."""

    def __init__(self, pid: int) -> None:
        self.pids = [pid]
        self.known: dict[tuple[int, int], tuple[int, int]] = {}  # ran, stood, by thread
        self.window: dict[int, dict[int, int]] = {}  # stood, by process and thread; those that ran
        self.reading_count = 0
        self.past_ns = 0.0

    @property
    def lost_ns(self) -> float:
        lost = [max(stood.values()) for stood in self.window.values()]
        return self.past_ns + (sum(lost) / len(lost) if lost else 0.0)

    def read(self) -> None:
        if self.reading_count % WINDOW == 0:
            self.pids = [*self.pids[:1], *descendants(self.pids[0])]
            self.past_ns = self.lost_ns
            self.window = {}
        self.reading_count += 1
        for pid in self.pids:
            self._read_process(pid)

    def _read_process(self, pid: int) -> None:
        for tid in _list(f"/proc/{pid}/task"):
            now = _schedstat(pid, tid)
            before = self.known.get((pid, tid), (0, 0))
            if now <= before:
                continue
            self.known[pid, tid] = now
            stood = self.window.setdefault(pid, {})
            stood[tid] = stood.get(tid, 0) + max(0, now[1] - before[1])


def own_line_ns() -> int:
    """How long the calling thread has stood in line."""
    words = _words("/proc/thread-self/schedstat")
    return int(words[1]) if len(words) > 1 else 0


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
