"""tare.lines: how often the lines of a function run, and how long they take.

    @tare.lines                 with tare.lines(f, g) as m:
    def work(): ...                 work()
                                m.print()

A decorated function stays the very object it was: its code is listened to, nothing is wrapped. It
is measured from then on, in all threads; what was found is printed on stderr when the program ends,
or is in the file of the `tare lines` that runs it.

TARE_LINES=0 in the environment switches the decorator off.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from types import CodeType, TracebackType
from typing import Any, TextIO, TypeVar, overload

from tare import _trace
from tare._profile import Profile, decode, load
from tare.errors import Error

T = TypeVar("T")

_lock = threading.Lock()
_decorated: dict[int, CodeType] = {}  # by id, what decorators want in each measurement
_outermost: Lines | None = None  # the block that began the measurement under way
_printing = False  # at the end of the program
_guests: set[Lines] = set()  # blocks in a measurement that was there already

# What also measures lines, and goes on when a measurement ends: entered before, left after.
around_end: list[Callable[[], AbstractContextManager[None]]] = []


class Lines:
    """What lines(f, g) gives: a block."""

    def __init__(
        self, codes: list[CodeType], output: str | os.PathLike[str] | None, clock: str
    ) -> None:
        if clock not in ("wall", "cpu"):
            raise ValueError(f"clock {clock!r}: it is 'wall' or 'cpu'")
        self._codes = codes
        self._output = None if output is None else os.path.abspath(output)
        self._cpu_clock = clock == "cpu"
        self._before: Profile | None = None  # of a measurement that was there already
        self._profile: Profile | None = None

    def __enter__(self) -> Lines:
        global _outermost
        with _lock:
            self._profile = self._before = None
            if _trace.active():
                if self._output is not None:
                    raise Error("measure lines: a measurement is on already; leave out the output")
                self._add()
                self._before = decode(_trace.snapshot())
                _guests.add(self)
            else:
                self._begin()
                _outermost = self
        return self

    def _begin(self) -> None:
        _start(self._output, self._cpu_clock)
        try:
            self._add()
        except Error:
            _stop(self._output)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        global _outermost
        with _lock:
            if not _trace.active():  # it has ended for others, or we are a child of a fork
                _guests.discard(self)
            elif _outermost is self:
                _outermost = None
                self._profile = _stop(self._output)
            elif self in _guests:
                self._end_as_guest()

    def _end_as_guest(self) -> None:
        _guests.discard(self)
        assert self._before is not None
        self._profile = decode(_trace.snapshot())
        self._profile.subtract(self._before)

    def _add(self) -> None:
        for code in self._codes:
            if not _trace.measure_lines(code):
                raise Error(
                    f"measure lines of {code.co_qualname}: calls are being traced, which has to "
                    "end first, or its lines are too many"
                )

    @property
    def profile(self) -> Profile:
        """After the block has ended. Within another measurement, of the block's time alone."""
        if self._profile is None:
            raise Error("read lines: the block has not ended; leave it first")
        return self._profile

    def print(self, file: TextIO | None = None) -> None:
        """The tables that tare report prints, on stderr."""
        print_lines(self.profile, self._output, file)


def print_lines(profile: Profile, path: str | None, file: TextIO | None = None) -> None:
    from tare.render.layout import show
    from tare.render.lines_tables import overview
    from tare.render.report import Report
    from tare.render.terminal import Screen

    report = Report(profile, path or "lines.tare")
    screen = Screen(file or sys.stderr, "auto")
    lines = overview(screen, report, report.line_functions(), [])
    show(screen, lines if path else lines[:-2])  # no file, no next command


def _start(output: str | None, cpu_clock: bool) -> None:
    _trace.start(
        output,
        lines=True,
        cpu_clock=cpu_clock,
        overwrite=True,
        command=" ".join(sys.argv),
    )
    for code in _decorated.values():
        _trace.measure_lines(code)


def _stop(output: str | None) -> Profile:
    for guest in list(_guests):  # what they have measured up to now is theirs
        guest._end_as_guest()
    with contextlib.ExitStack() as others:
        for around in around_end:
            others.enter_context(around())
        data = _trace.stop()
    return load(output) if output is not None else decode(data)


def has_guests() -> bool:
    """Whether a block would be cut off if the measurement ended now."""
    return bool(_guests)


def _begin_child() -> None:
    """After a fork: another thread may have had the lock, and nothing is measured any more."""
    global _lock, _outermost
    _lock = threading.Lock()
    if not _trace.active():
        _outermost = None
        _guests.clear()


os.register_at_fork(after_in_child=_begin_child)

# ---- decorated functions ----


def _decorate(thing: object) -> None:
    """A measurement of the whole program begins with the first of them."""
    global _printing
    codes = list(codes_of(thing))
    if os.environ.get("TARE_LINES") == "0":
        return
    with _lock:
        _decorated.update((id(code), code) for code in codes)
        if _trace.active():
            for code in codes:
                _trace.measure_lines(code)
            return
        _start(None, False)
        if not _printing:
            _printing = True
            atexit.register(_print_at_end)


def _print_at_end() -> None:
    with _lock:
        if not _trace.active():
            return
        profile = _stop(None)
    print_lines(profile, None)


# ---- what has code ----


def codes_of(thing: object) -> Iterator[CodeType]:
    """The code of a function or of what wraps one, of all functions of a class or module.

    TypeError when there is none.
    """
    found = list(_find_codes(thing, set()))
    if not found:
        raise TypeError(f"measure lines of {thing!r}: it has no Python code")
    yield from found


def _find_codes(thing: object, seen: set[int]) -> Iterator[CodeType]:
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, CodeType):
        yield thing
    elif isinstance(thing, types.FunctionType):
        yield thing.__code__
        yield from _find_codes(getattr(thing, "__wrapped__", None), seen)
    elif isinstance(thing, type):
        for value in vars(thing).values():
            if not isinstance(value, type) or value.__module__ == thing.__module__:
                yield from _find_codes(value, seen)
    elif isinstance(thing, types.ModuleType):
        for value in vars(thing).values():
            if getattr(value, "__module__", None) == thing.__name__:
                yield from _find_codes(value, seen)
    else:
        for inner in wrapped_by(thing):
            yield from _find_codes(inner, seen)


def wrapped_by(thing: object) -> Iterable[object]:
    if isinstance(thing, property):
        return (thing.fget, thing.fset, thing.fdel)
    if isinstance(thing, (classmethod, staticmethod, types.MethodType)):
        return (thing.__func__,)
    if isinstance(thing, (functools.partial, functools.partialmethod, functools.cached_property)):
        return (thing.func,)
    return (getattr(thing, "__wrapped__", None),)


@overload
def lines(thing: T, /) -> T: ...
@overload
def lines(
    *things: object, output: str | os.PathLike[str] | None = None, clock: str = "wall"
) -> Lines: ...
def lines(
    *things: object, output: str | os.PathLike[str] | None = None, clock: str = "wall"
) -> Any:
    """Measures lines: of a decorated function, or of several things in a with block.

    With one function, method, class, property, partial: a decorator, which returns it. With
    several, with a list, a module or nothing: a block that measures these, and what is decorated.

    output    the file to write, replaced when it exists; without it the profile is in memory alone
    clock     "cpu" counts CPU time beside wall time

    Raises TypeError for what has no Python code, tare.Error when no measurement can begin.
    """
    if len(things) == 1 and not isinstance(things[0], (list, tuple, types.ModuleType)):
        _decorate(things[0])
        return things[0]
    wanted = [inner for thing in things for inner in _unpack(thing)]
    return Lines([code for thing in wanted for code in codes_of(thing)], output, clock)


def _unpack(thing: object) -> Iterable[object]:
    return thing if isinstance(thing, (list, tuple)) else (thing,)
