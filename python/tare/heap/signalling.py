"""Snapshots of a running program when a signal asks for one.

The program says that it will answer in a file that only exists in memory, which lies open as
long as the process lives: tare heap PID finds it among the process' files, and reads there which
signal to send and what has come of it. Nothing is left behind on any disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from types import FrameType

MEMORY_NAME = "tare-heap"  # of the file; /proc/PID/fd/N leads to "/memfd:tare-heap (deleted)"
MOST_BYTES = 1 << 16


class Announcement:
    """What the file in memory says: {"signal", "count", "path", "error"} of the last snapshot."""

    def __init__(self, signum: int, pattern: str) -> None:
        self.pattern = pattern
        self.state: dict[str, object] = {"signal": signum, "count": 0, "path": "", "error": ""}
        self.file = -1
        if hasattr(os, "memfd_create"):
            self.file = os.memfd_create(MEMORY_NAME)
            self.write()

    def write(self) -> None:
        """One call, at a fixed length: who reads meanwhile sees the old or the new state."""
        if self.file >= 0:
            text = json.dumps(self.state).encode("utf-8", "backslashreplace")[:MOST_BYTES]
            os.pwrite(self.file, text.ljust(MOST_BYTES), 0)

    def close(self) -> None:
        if self.file >= 0:
            os.close(self.file)
            self.file = -1


_announced: Announcement | None = None


def snapshot_on_signal(
    signum: int | None = None, path: str = "heap-{pid}-{n}.tare"
) -> object:
    """From now on the signal (SIGUSR2 unless another is named) writes a snapshot to a file.

    {pid} in path is the process', {n} counts its snapshots; a relative path begins where the
    program is now. Returns the handler that the signal had. tare heap PID sends the signal and
    shows the file. An error is a line on stderr: the program goes on. Only in the main thread.
    """
    global _announced
    chosen = signal.SIGUSR2 if signum is None else signal.Signals(signum)
    path.format(pid=0, n=0)
    pattern = os.path.join(os.getcwd().replace("{", "{{").replace("}", "}}"), path)
    previous = signal.signal(chosen, _take)
    _load_what_a_handler_needs()
    if _announced is None:
        os.register_at_fork(after_in_child=_announce_child)
    else:
        _announced.close()
    _announced = Announcement(int(chosen), pattern)
    return previous


def _announce_child() -> None:
    """The file in memory that a child has inherited is its parent's."""
    global _announced
    if _announced is None:
        return
    parents = _announced
    _announced = Announcement(int(str(parents.state["signal"])), parents.pattern)
    parents.close()


def _load_what_a_handler_needs() -> None:
    """So that the program is seen as it is, without modules that come by looking at it."""
    from tare.heap.snapshots import provenance

    provenance()


def _complain(error: str) -> None:
    """On stderr, which a daemon has closed or not at all."""
    with contextlib.suppress(Exception):
        if sys.stderr is not None:
            print(f"tare: {error}", file=sys.stderr)


def _take(_signum: int, _frame: FrameType | None) -> None:
    """Whatever goes wrong, the program that was interrupted does not meet it."""
    from tare.heap.snapshots import snapshot

    announced = _announced
    if announced is None:
        return
    count = int(str(announced.state["count"])) + 1
    path = announced.pattern.format(pid=os.getpid(), n=count)
    error = ""
    try:
        snapshot(path, overwrite=True)
    except Exception as failed:
        error = str(failed) or type(failed).__name__
        _complain(error)
    announced.state.update(count=count, path=path, error=error)
    announced.write()
