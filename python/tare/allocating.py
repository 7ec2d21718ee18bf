"""tare.memory: what a block of code or a function allocates, holds, and had at most.

    with tare.memory() as m:            @tare.memory
        work()                          def work(): ...
    print(m.net_bytes, m.peak_bytes)

Every block of memory that the interpreter's allocators give out in the meantime is counted, in all
threads, in the bytes that were asked for. One measurement at a time keeps stacks: a block within
another one has its own figures, and its profile is the outer one's. What is held of before, and
then freed, is counted apart: its size is not known.
"""

from __future__ import annotations

import inspect
import os
import sys
import threading
from array import array
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any, TextIO, TypeVar, overload

from tare import _memory
from tare._profile import AllocRow, Profile, decode, load
from tare.errors import Error
from tare.wrapping import wrap

F = TypeVar("F", bound=Callable[..., Any])

KIB = 1 << 10
HIGH_WATER = b"VmHWM:"
_INDEX = {name: index for index, name in enumerate(_memory.COUNTERS)}
HIGH = _INDEX["high_bytes"]

_lock = threading.Lock()
_open: list[Memory] = []  # blocks that are under way, the oldest first
_ours = False  # whether the measurement under way was begun here
_status = bytearray(4096)  # more than there are
_scratch = array("Q", bytes(8 * len(_memory.COUNTERS)))


def _begin_child() -> None:
    """After a fork: another thread may have had the lock, and nothing is measured any more."""
    global _lock, _ours
    _lock = threading.Lock()
    if not _memory.active():
        _open.clear()
        _ours = False


os.register_at_fork(after_in_child=_begin_child)


class Memory:
    """What memory() gives: a block, or a decorator."""

    def __init__(
        self,
        sample_bytes: int = 0,
        output: str | os.PathLike[str] | None = None,
        native: bool = False,
        lines: bool = False,
    ) -> None:
        if not 0 <= sample_bytes <= 1 << 40:
            raise ValueError(f"sample_bytes {sample_bytes!r}: it is 0 for all, or a mean distance")
        self._sample_bytes = sample_bytes
        self._output = None if output is None else os.path.abspath(output)
        self._native = native
        self._lines = lines
        self._echo = False  # only where it decorates
        self._code: CodeType | None = None  # of the decorated function
        self._depth = 0
        self._outer: Memory | None = None
        self._profile: Profile | None = None
        self._high = array("Q", [0])
        self._process_peak_bytes = 0  # when it began; and when it ended:
        self._rss_peak_bytes = 0
        self._before = array("Q", bytes(8 * len(_memory.COUNTERS)))
        self._after = array("Q", self._before)

    # ---- as a block ----

    def __enter__(self) -> Memory:
        _lock.acquire()  # with would hold a method, which would be in the peak
        try:
            first = self._depth == 0
            if first:
                self._begin()
            self._depth += 1
        finally:
            _lock.release()
        if first:
            _memory.read(self._before)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _memory.read(self._after)
        with _lock:
            self._depth -= 1
            if self._depth > 0 or self not in _open:  # in a child of a fork
                return
            self._end()
        if self._echo:
            self.print_stats()

    def _begin(self) -> None:
        self._profile = self._outer = None
        self._process_peak_bytes = process_peak_bytes()
        if _memory.active():
            if self._output is not None:
                raise Error("measure memory: a measurement is on already; leave out the output")
            self._outer = _open[0] if _open else None
            _open.append(self)
        else:
            _open.append(self)  # first, for it takes memory
            self._start()
        _keep_highest()
        self._high[0] = 0

    def _start(self) -> None:
        global _ours
        try:
            _memory.start(
                self._output,
                sample_bytes=self._sample_bytes,
                native=self._native,
                overwrite=True,
                command=" ".join(sys.argv),
            )
        except Error:
            _open.remove(self)
            raise
        _ours = True

    def _end(self) -> None:
        global _ours
        self._rss_peak_bytes = process_peak_bytes()
        _open.remove(self)
        self._high[0] = max(self._high[0], self._after[HIGH])  # without what leaving took
        _keep_highest()
        if _ours and not _open:
            _ours = False
            data = _memory.stop()
        elif self._outer is None and _ours:  # others, which came later, go on
            data = _memory.snapshot()
        else:
            return
        self._profile = decode(data) if data is not None else load(self._output or "")
        for other in _open:
            if other._outer is self:
                other._profile = self._profile

    # ---- as a decorator ----

    def __call__(self, function: F) -> F:
        """The same function, measured in each of its calls, until it returns."""
        if isinstance(function, (staticmethod, classmethod)):
            return type(function)(self(function.__func__))  # type: ignore[return-value]
        self._echo = True
        self._code = getattr(inspect.unwrap(function), "__code__", None)
        return wrap(function, self)  # type: ignore[no-any-return]

    # ---- what was measured ----

    def _was(self, name: str, counters: array[int]) -> int:
        if self._depth > 0 or not any(self._after):
            raise Error("read memory: the block has not ended; leave it first")
        return counters[_INDEX[name]]

    def _grown(self, name: str) -> int:
        return self._was(name, self._after) - self._was(name, self._before)

    @property
    def before_bytes(self) -> int:
        """Held when the block began, of what was allocated since measuring began: 0 when that was
        with the block."""
        return self._was("live_bytes", self._before)

    @property
    def after_bytes(self) -> int:
        """Held when it ended, likewise."""
        return self._was("live_bytes", self._after)

    @property
    def peak_bytes(self) -> int:
        """The most that was held in the meantime, likewise."""
        return max(self._was("live_bytes", self._after), self._high[0])

    @property
    def net_bytes(self) -> int:
        """after_bytes - before_bytes: below 0 when more was freed than allocated."""
        return self._grown("live_bytes")

    @property
    def alloc_bytes(self) -> int:
        return self._grown("alloc_bytes")

    @property
    def alloc_count(self) -> int:
        return self._grown("alloc_count")

    @property
    def freed_bytes(self) -> int:
        return self._grown("freed_bytes")

    @property
    def freed_count(self) -> int:
        return self._grown("freed_count")

    @property
    def unknown_freed_count(self) -> int:
        """Blocks freed that were there before measuring began; their size is not known."""
        return self._grown("unknown_freed_count")

    @property
    def rss_before_bytes(self) -> int:
        """What the process had of the machine's memory."""
        return self._was("rss_bytes", self._before)

    @property
    def rss_after_bytes(self) -> int:
        return self._was("rss_bytes", self._after)

    @property
    def rss_peak_bytes(self) -> int | None:
        """The most in the meantime; None when the process had more at some time before, and so
        nobody knows."""
        after_bytes, highest = self._was("rss_bytes", self._after), self._rss_peak_bytes
        return max(highest, after_bytes) if highest > self._process_peak_bytes else None

    @property
    def profile(self) -> Profile:
        """After the block has ended; of a block within another one, after that has."""
        if self._profile is not None:
            return self._profile
        if self._outer is not None:
            return self._outer.profile
        if not _ours and _memory.active():
            raise Error("read memory: the whole program is measured; its file has the profile")
        raise Error("read memory: the block has not ended; leave it first")

    def lines(self) -> list[AllocRow]:
        """By what they held at the peak, the most first."""
        return self.profile.allocations().lines()

    def save(self, path: str | os.PathLike[str], overwrite: bool = True) -> None:
        """The profile as a .tare file, for tare report and tare view."""
        self.profile.save(path, overwrite=overwrite)

    def print_stats(self, file: TextIO | None = None) -> None:
        """Before, after, peak and net; with lines=True the lines of the decorated function."""
        from tare.render.layout import show, wrapped
        from tare.render.memory_lines import code_lines, figures
        from tare.render.memory_tables import unheard
        from tare.render.report import Report
        from tare.render.terminal import Screen

        screen = Screen(file or sys.stderr, "auto")
        said = figures(screen, self, self._code)
        if self._profile is not None:
            report = Report(self._profile, self._output or "memory.tare")
            said += wrapped(screen, unheard(report), "dim")
            if self._lines and self._code is not None:
                said += code_lines(screen, report, self._code)
        show(screen, said)

    print = print_stats


def process_peak_bytes() -> int:
    """The most that the process ever had of the machine's memory; 0 when nobody says.

    getrusage has what the process had that started it, before it became this program. Read to where
    there is room, for blocks around count what this takes; hence under the lock."""
    try:
        descriptor = os.open("/proc/self/status", os.O_RDONLY)
    except OSError:
        return 0
    try:
        os.readv(descriptor, [_status])
    finally:
        os.close(descriptor)
    start = _status.find(HIGH_WATER)
    if start < 0:
        return 0
    return int(_status[start + len(HIGH_WATER) : _status.index(b"k", start)]) * KIB


def _keep_highest() -> None:
    """Each block under way has the highest since it began; it is looked for anew from here on.

    In arrays that are there: an integer that is kept would count in the blocks around."""
    _memory.read(_scratch)
    for block in _open:
        block._high[0] = max(block._high[0], _scratch[HIGH])
    _memory.reset_high()


@overload
def memory(function: F, /) -> F: ...
@overload
def memory(
    *,
    sample_bytes: int = 0,
    output: str | os.PathLike[str] | None = None,
    native: bool = False,
    lines: bool = False,
) -> Memory: ...
def memory(
    function: Callable[..., Any] | None = None,
    /,
    *,
    sample_bytes: int = 0,
    output: str | os.PathLike[str] | None = None,
    native: bool = False,
    lines: bool = False,
) -> Any:
    """Counts what is allocated: in a with block, or by a function while it runs.

    sample_bytes  look at one block in so many bytes, at random, instead of all: cheaper, and all
                  amounts are estimates
    output        the file to write, replaced when it exists; without it the profile is in memory
    native        what C libraries ask of malloc too, where the process was started for that
    lines         of a decorated function: print its lines too

    As a decorator it prints before, after, peak and net on stderr each time the function has
    returned. Raises tare.Error when no measurement can begin.
    """
    if function is not None:
        return Memory()(function)
    return Memory(sample_bytes, output, native, lines)
