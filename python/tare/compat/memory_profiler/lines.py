"""LineProfiler: what each line of a function adds to memory."""

from __future__ import annotations

import inspect
import linecache
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FrameType
from typing import Any, TextIO

from tare.compat.memory_profiler.backends import MIB, OWN, meter
from tare.compat.wrapping import Wrapping

Row = tuple[float, float, int]  # increment and most, in MiB, and how often it ran
Lines = Iterable[tuple[int, Row | None]]
Tracer = Callable[[FrameType, str, Any], Any]

ROW = "{0:>6} {1:>12} {2:>12}  {3:>10}   {4:<}"
TITLES = ("Line #", "Mem usage", "Increment", "Occurrences", "Line Contents")


class CodeMap(dict[CodeType, dict[int, Row]]):
    """The rows of each function, by line. What is written inside it shares its rows.

    items() has what can be shown: for each function that ran its file, and all of its lines with
    their rows or None.
    """

    def __init__(self, include_children: bool = False, backend: str = OWN) -> None:
        self.include_children = include_children
        self.backend = backend
        self._outer: list[tuple[CodeType, range]] = []

    def add(self, code: CodeType, toplevel_code: CodeType | None = None) -> None:
        if code in self:
            return
        if toplevel_code is None:
            lines = _lines_of(code)
            if lines is None:
                print(f"ERROR: Could not find file {code.co_filename}", file=sys.stderr)
                return
            self._outer.append((code, lines))
            self[code] = {}
        else:
            self[code] = self[toplevel_code]
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                self.add(inner, toplevel_code or code)

    def items(self) -> Iterator[tuple[str, Lines]]:  # type: ignore[override]
        for code, lines in self._outer:
            rows = self[code]
            if rows:
                yield code.co_filename, [(line, rows.get(line)) for line in lines]


def _lines_of(code: CodeType) -> range | None:
    """None when there is no source to show beside the numbers."""
    try:
        source, first = inspect.getsourcelines(code)
    except (OSError, IndexError, SyntaxError):
        return None
    return range(first, first + len(source))


class LineProfiler(Wrapping):
    """LineProfiler(backend="tare", include_children=False, max_mem=None)

    A decorator, and a with block in which what was decorated is measured however it is called.

    backend           "tare": what is allocated less what is freed, exactly. Those of
                      memory_profiler have what the system says, to a page, and late
    include_children  with the processes that it has started; not with "tare"
    max_mem           MiB above which it stops in the debugger, and measures no lines
    """

    def __init__(self, **kw: Any) -> None:
        self.backend: str = kw.get("backend") or OWN
        self.max_mem: float | None = kw.get("max_mem")
        include_children = kw.get("include_children", False)
        self.code_map = CodeMap(include_children, self.backend)
        self._read = meter(self.backend, include_children=include_children)
        self._states = _States()

    # ---- what is measured ----

    def __call__(self, func: Any = None, precision: int = 1) -> Any:
        """precision is taken where the table is printed."""
        if func is None:
            return self
        self.add_function(func)
        return self.wrap(func)

    def add_function(self, func: Any) -> None:
        inner = inspect.unwrap(getattr(func, "__func__", func))
        code = getattr(inner, "__code__", None)
        if isinstance(code, CodeType):
            self.code_map.add(code)
        else:
            warnings.warn(
                f"Could not extract a code object for the object {func!r}", stacklevel=2
            )

    # ---- when ----

    @property
    def enable_count(self) -> int:
        """In this thread: each is measured by itself."""
        return self._states.count

    def enable_by_count(self) -> None:
        if self._states.count == 0:
            self.enable()
        self._states.count += 1

    def disable_by_count(self) -> None:
        if self._states.count > 0:
            self._states.count -= 1
            if self._states.count == 0:
                self.disable()

    def __enter__(self) -> LineProfiler:
        self.enable_by_count()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.disable_by_count()

    def enable(self) -> None:
        self._states.outer = sys.gettrace()
        sys.settrace(self._trace if self.max_mem is None else self._watch)

    def disable(self) -> None:
        sys.settrace(self._states.outer)
        self._states.running.clear()

    def runctx(self, cmd: Any, globals: Any, locals: Any) -> LineProfiler:
        with self:
            exec(cmd, globals, locals)
        return self

    # ---- what happens ----

    def _trace(self, frame: FrameType, event: str, arg: Any) -> Tracer | None:
        """Called when a function begins or goes on, and whoever traced before is told too."""
        outer = self._states.outer
        rows = self.code_map.get(frame.f_code)
        if rows is None:
            return outer and outer(frame, event, arg)
        before = frame.f_trace
        is_resumed = isinstance(before, _Running) and before.profiler is self
        running = before if is_resumed else _Running(self, rows)
        running.begin(frame, outer and outer(frame, event, arg))
        return running

    def _watch(self, frame: FrameType, event: str, arg: Any) -> Tracer | None:
        if frame.f_code not in self.code_map:
            return None
        mib = self._read() / MIB
        if event not in ("line", "return") or mib < (self.max_mem or 0):
            return self._watch
        from pdb import Pdb

        sys.stdout.write(
            f"Current memory {mib:.2f} MiB exceeded the maximum of {self.max_mem:.2f} MiB\n"
            "Stepping into the debugger \n"
        )
        debugger = Pdb()
        debugger.set_trace(frame)
        return debugger.trace_dispatch


class _States(threading.local):
    """Of each thread."""

    def __init__(self) -> None:
        self.count = 0
        self.outer: Tracer | None = None  # who traced before
        self.running: list[_Running] = []  # measured functions, the innermost last
        self.last = 0  # bytes, when the innermost one's line began or went on


class _Running:
    """A call of a measured function: the trace function of its frame.

    What changes between two events is its line's that runs in the innermost measured function, so
    that all increments together are what memory has grown by. What reading and writing it takes
    itself is in no line: memory is read again before the program goes on.
    """

    __slots__ = ("line", "profiler", "rows", "theirs")

    def __init__(self, profiler: LineProfiler, rows: dict[int, Row]) -> None:
        self.profiler = profiler
        self.rows = rows
        self.line = 0  # none yet

    def begin(self, frame: FrameType, theirs: Tracer | None) -> None:
        read, states = self.profiler._read, self.profiler._states
        now = read()
        if states.running:
            states.running[-1].add(now - states.last, now, 0)
        states.running.append(self)
        self.theirs = theirs
        if self.line == 0:
            self.line = frame.f_lineno
            if self.line not in self.rows:  # what was there before is shown as the first line's
                self.add(now, now, 0)
        states.last = read()

    def __call__(self, frame: FrameType, event: str, arg: Any) -> _Running:
        if self.theirs is not None:
            self.theirs = self.theirs(frame, event, arg)
        if event in ("line", "return"):
            read, states = self.profiler._read, self.profiler._states
            now = read()
            self.add(now - states.last, now, 1)
            if event == "line":
                self.line = frame.f_lineno
            elif self in states.running:
                del states.running[states.running.index(self) :]
            states.last = read()
        return self

    def add(self, change: int, now: int, times: int) -> None:
        increment, most, count = self.rows.get(self.line, (0.0, 0.0, 0))
        row = increment + change / MIB, max(most, now / MIB), count + times
        self.rows[self.line] = row


def show_results(prof: LineProfiler, stream: TextIO | None = None, precision: int = 1) -> None:
    """The table of each function that ran; on stdout."""
    stream = sys.stdout if stream is None else stream
    header = ROW.format(*TITLES)
    for filename, lines in prof.code_map.items():
        source = linecache.getlines(filename)
        stream.write(f"Filename: {filename}\n\n")
        stream.write(header + "\n")
        stream.write("=" * len(header) + "\n")
        for line, row in lines:
            text = source[line - 1] if line <= len(source) else "\n"
            stream.write(ROW.format(line, *_cells(row, precision), text))
        stream.write("\n\n")


def _cells(row: Row | None, precision: int) -> tuple[str, str, str]:
    if row is None:
        return "", "", ""
    increment, most, count = row
    width = precision + 4
    return f"{most:{width}.{precision}f} MiB", f"{increment:{width}.{precision}f} MiB", str(count)
