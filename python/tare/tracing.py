"""tare.trace: every call of a block of code or of a function, counted exactly.

    with tare.trace() as t:             @tare.trace
        work()                          def work(): ...
    t.print()

All threads are counted while it lasts, those that were there before too. One measurement at a time:
a block within another one, also in another thread, belongs to the outer one and has its profile.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO, TypeVar, overload

from tare import _trace
from tare._profile import Called, Profile, decode, load
from tare.errors import Error
from tare.wrapping import wrap

F = TypeVar("F", bound=Callable[..., Any])

_lock = threading.Lock()
_outermost: Trace | None = None


def _begin_child() -> None:
    """After a fork: another thread may have had the lock."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_begin_child)


class Trace:
    """What trace() gives: a block, or a decorator."""

    def __init__(
        self,
        output: str | os.PathLike[str] | None,
        builtins: bool,
        clock: str,
        durations: bool,
        echo: bool,
    ) -> None:
        if clock not in ("wall", "cpu"):
            raise ValueError(f"clock {clock!r}: it is 'wall' or 'cpu'")
        self._output = None if output is None else os.path.abspath(output)
        self._builtins = builtins
        self._cpu_clock = clock == "cpu"
        self._durations = durations
        self._echo = echo
        self._outer: Trace | None = None
        self._depth = 0
        self._profile: Profile | None = None

    # ---- as a block ----

    def __enter__(self) -> Trace:
        global _outermost
        with _lock:
            self._depth += 1
            if self._depth > 1:
                return self
            if _outermost is None and not _trace.active():
                self._begin()
                _outermost = self
            else:
                self._outer = _outermost
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        global _outermost
        with _lock:
            self._depth -= 1
            if self._depth > 0 or _outermost is not self:
                return
            _outermost = None
            if not _trace.active():  # in a child of a fork, which is not measured
                return
            self._end()
        if self._echo:
            self.print()

    def _begin(self) -> None:
        self._outer = self._profile = None
        _trace.start(
            self._output,
            builtins=self._builtins,
            cpu_clock=self._cpu_clock,
            durations=self._durations,
            overwrite=True,
            command=" ".join(sys.argv),
        )

    def _end(self) -> None:
        data = _trace.stop()
        self._profile = decode(data) if self._output is None else load(self._output)

    # ---- as a decorator ----

    def __call__(self, function: F) -> F:
        """The same function, measured in each of its calls, until it returns."""
        return wrap(function, self)  # type: ignore[no-any-return]

    # ---- what was measured ----

    @property
    def profile(self) -> Profile:
        """After the block has ended; of a block within another one, after that has."""
        if self._profile is not None:
            return self._profile
        if self._outer is not None:
            return self._outer.profile
        raise Error("read a trace: it has not ended; leave its with block first")

    def functions(self) -> list[Called]:
        """By their own time, the most first; C functions among them."""
        return self.profile.calls().functions()

    def print(self, limit: int | None = 20, file: TextIO | None = None) -> None:
        """The table that tare report prints, on stderr; limit None: all functions."""
        from tare.render.layout import show
        from tare.render.report import Report
        from tare.render.terminal import Screen
        from tare.render.trace_tables import overview

        report = Report(self.profile, self._output or "trace.tare")
        screen = Screen(file or sys.stderr, "auto")
        lines = overview(screen, report, report.called(), most=limit)
        show(screen, lines if self._output else lines[:-2])  # no file, no next command


@overload
def trace(function: F, /) -> F: ...
@overload
def trace(
    *,
    output: str | os.PathLike[str] | None = None,
    builtins: bool = True,
    clock: str = "wall",
    durations: bool = False,
) -> Trace: ...
def trace(
    function: Callable[..., Any] | None = None,
    /,
    *,
    output: str | os.PathLike[str] | None = None,
    builtins: bool = True,
    clock: str = "wall",
    durations: bool = False,
) -> Any:
    """Counts every call: of a with block, or of a function while it runs.

    output    the file to write, replaced when it exists; without it the profile is in memory alone
    builtins  C functions too; without them it is cheaper, on 3.11 much cheaper
    clock     "cpu" counts CPU time beside wall time
    durations time each call too, for Called.durations: a tenth dearer

    As a bare decorator it prints the table on stderr each time the function has returned.
    Raises tare.Error when no measurement can begin.
    """
    if function is not None:
        return Trace(None, True, "wall", False, echo=True)(function)
    return Trace(output, builtins, clock, durations, echo=False)
