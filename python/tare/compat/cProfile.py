"""cProfile's interface, with Tare's tracer behind it.

    import tare.compat.cProfile as cProfile
    python -m tare.compat.cProfile [-o FILE] [-s SORT] [-m MODULE | SCRIPT] [ARG]...

Counts are the same. Times have the cost of measuring taken out, all threads are seen, and with
classes=True also the calls of classes. docs/compat.md says what else is different.
"""

from __future__ import annotations

import importlib.machinery
import io
import marshal
import os
import pstats
import runpy
import sys
from collections.abc import Callable, Mapping
from optparse import OptionParser
from types import ClassMethodDescriptorType, CodeType, MethodDescriptorType
from typing import Any, NamedTuple, TypeVar

from tare import _trace
from tare._profile import CallSums, Called, Profile as _Recorded, decode
from tare.errors import Error

__all__ = ["Profile", "run", "runctx"]

T = TypeVar("T")
Label = tuple[str, int, str]
Numbers = tuple[int, int, float, float]

_OWN_FILE = __file__
_DISABLE = "<method 'disable' of '_lsprof.Profiler' objects>"  # what ends each profile there
_NS = 1e9


class Code(NamedTuple):
    """What a function is known by, under the names that a code object has for it."""

    co_filename: str
    co_firstlineno: int
    co_name: str


class SubEntry(NamedTuple):
    """One callee of a function, as far as that function called it."""

    code: Code | str
    callcount: int
    reccallcount: int
    totaltime: float
    inlinetime: float


class Entry(NamedTuple):
    """One function: as _lsprof has them, times in seconds."""

    code: Code | str
    callcount: int
    reccallcount: int
    totaltime: float
    inlinetime: float
    calls: list[SubEntry] | None


class _Cost:
    """A sum over several measurements."""

    __slots__ = ("calls", "primitive", "self_ns", "total_ns")

    def __init__(self) -> None:
        self.calls = self.primitive = self.self_ns = self.total_ns = 0

    def add(self, sums: CallSums) -> None:
        """A resumption of a generator is a call here."""
        self.calls += sums.calls + sums.resumes
        self.primitive += sums.primitive_calls + sums.resumes
        self.self_ns += sums.self_ns
        self.total_ns += sums.total_ns

    @property
    def numbers(self) -> Numbers:
        """callcount, reccallcount, totaltime, inlinetime."""
        return self.calls, self.calls - self.primitive, self.total_ns / _NS, self.self_ns / _NS


class Profile:
    """Profile(timer=None, timeunit=None, subcalls=True, builtins=True, *, classes=False)

    timer     tells the time, as a float of seconds or, with timeunit, as a whole number of them
    timeunit  seconds in a whole number that timer tells
    subcalls  keep who called whom
    builtins  C functions too
    classes   and what is called but is no function, classes above all: cProfile does not
              know them. 3.12 and later
    """

    def __init__(
        self,
        timer: Callable[[], float] | None = None,
        timeunit: float | None = None,
        subcalls: bool = True,
        builtins: bool = True,
        *,
        classes: bool = False,
    ) -> None:
        if timer is not None and not callable(timer):
            raise TypeError(f"timer {timer!r}: it must be callable")
        self._timer = timer
        self._timer_unit = timeunit or 0.0
        self._subcalls = subcalls
        self._builtins = builtins
        self._classes = classes
        self._enabled = False
        self.stats: dict[Label, tuple[int, int, float, float, dict[Label, Numbers]]] = {}
        self.clear()

    def clear(self) -> None:
        """Forgets all that was measured."""
        self._functions: dict[Code | str, _Cost] = {}
        self._pairs: dict[tuple[Code | str, Code | str], _Cost] = {}

    # ---- measuring ----

    def enable(self, subcalls: bool = True, builtins: bool = True) -> None:
        """Measures from now on. ValueError: another profiler does already."""
        if self._enabled:
            return
        self._subcalls = self._subcalls and bool(subcalls)
        self._builtins = self._builtins and bool(builtins)
        try:
            _trace.start(
                builtins=self._builtins,
                profiler=self,
                timer=self._timer,
                timer_unit=self._timer_unit,
                classes=self._classes,
            )
        except Error as error:
            raise ValueError(f"Another profiling tool is already active: {error}") from None
        self._enabled = True

    def disable(self) -> None:
        """Measures no more, until it is enabled again."""
        if not self._enabled:
            return
        self._enabled = False
        try:
            recorded = _trace.stop()
        except Error as error:  # its own timer tried to
            self._enabled = _trace.active()
            raise RuntimeError(str(error)) from None
        self._add(decode(recorded))

    def _add(self, recorded: _Recorded) -> None:
        calls = recorded.calls()
        codes: dict[int, Code | str] = {}
        for row in calls.functions():
            if row.file == _OWN_FILE or row.kind not in ("python", "native"):
                continue
            code = codes[row.id] = _code_of(row)
            self._functions.setdefault(code, _Cost()).add(row.sums)
        for pair in calls.pairs() if self._subcalls else []:
            if pair.caller in codes and pair.callee in codes:
                key = codes[pair.caller], codes[pair.callee]
                self._pairs.setdefault(key, _Cost()).add(pair.sums)

    def __enter__(self) -> Profile:
        self.enable()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.disable()

    def __del__(self) -> None:
        if getattr(self, "_enabled", False):
            self.disable()

    # ---- running something ----

    def run(self, cmd: str | CodeType) -> Profile:
        import __main__

        return self.runctx(cmd, __main__.__dict__, __main__.__dict__)

    def runctx(
        self,
        cmd: str | CodeType,
        globals: dict[str, Any],
        locals: Mapping[str, Any] | None,
    ) -> Profile:
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(self, func: Callable[..., T], /, *args: Any, **kw: Any) -> T:
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    # ---- what was measured ----

    def getstats(self) -> list[Entry]:
        """Of all functions; without subcalls, calls is None. What is measured now is not in it."""
        calls: dict[Code | str, list[SubEntry]] = {}
        for (caller, callee), cost in self._pairs.items():
            calls.setdefault(caller, []).append(SubEntry(callee, *cost.numbers))
        return [
            Entry(code, *cost.numbers, calls.get(code)) for code, cost in self._functions.items()
        ]

    def create_stats(self) -> None:
        """Ends the measurement and sets stats."""
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self) -> None:
        """Sets stats, as pstats reads them: of a measurement under way up to now."""
        if self._enabled:
            self.disable()
            self.enable()
        callers: dict[Code | str, dict[Label, Numbers]] = {code: {} for code in self._functions}
        for (caller, callee), cost in self._pairs.items():
            calls, recursive, total, own = cost.numbers
            callers[callee][label(caller)] = calls, calls - recursive, own, total
        self.stats = {}
        for code, cost in self._functions.items():
            calls, recursive, total, own = cost.numbers
            self.stats[label(code)] = calls - recursive, calls, own, total, callers[code]

    def print_stats(self, sort: Any = -1) -> None:
        keys = sort if isinstance(sort, tuple) else (sort,)
        pstats.Stats(self).strip_dirs().sort_stats(*keys).print_stats()

    def dump_stats(self, file: str | os.PathLike[str]) -> None:
        with open(file, "wb") as stream:
            self.create_stats()
            marshal.dump(self.stats, stream)


def label(code: Code | str) -> Label:
    """The key that pstats has for it; C functions sort at the end."""
    return ("~", 0, code) if isinstance(code, str) else tuple(code)


def _code_of(row: Called) -> Code | str:
    if row.kind == "python":
        return Code(row.file, row.first_line, row.qualname.rpartition(".")[2])
    return _words(row.qualname)


def _words(qualname: str) -> str:
    """As cProfile says it: <built-in method M.F>, <method 'F' of 'T' objects>."""
    if qualname == "tare._trace.stop":
        return _DISABLE
    owner, member = _find(qualname.split("."))
    name = qualname.rpartition(".")[2]
    if isinstance(member, type):
        return repr(member)
    if isinstance(member, ClassMethodDescriptorType):
        return f"<built-in method {name}>"
    if isinstance(member, MethodDescriptorType):
        return repr(member)
    if isinstance(owner, type):
        return f"<method {name!r} of {owner.__name__!r} objects>"
    return f"<built-in method {qualname}>"


def _find(parts: list[str]) -> tuple[object, object]:
    """What has that name, and what has it as a member, without running any code for it."""
    for end in range(len(parts) - 1, 0, -1):
        owner: object = None
        member: object = sys.modules.get(".".join(parts[:end]))
        for part in parts[end:]:
            owner, member = member, getattr(member, "__dict__", {}).get(part)
        if owner is not None:
            return owner, member
    return None, None


# ---- the module's functions ----


def _finish(profile: Profile, filename: str | None, sort: Any) -> None:
    if filename is not None:
        profile.dump_stats(filename)
    else:
        profile.print_stats(sort)


def run(statement: str | CodeType, filename: str | None = None, sort: Any = -1) -> None:
    """Runs a statement in __main__, and prints its statistics, or writes them to a file."""
    profile = Profile()
    try:
        profile.run(statement)
    except SystemExit:
        pass
    finally:
        _finish(profile, filename, sort)


def runctx(
    statement: str | CodeType,
    globals: dict[str, Any],
    locals: Mapping[str, Any] | None,
    filename: str | None = None,
    sort: Any = -1,
) -> None:
    """Likewise with variables of one's own."""
    profile = Profile()
    try:
        profile.runctx(statement, globals, locals)
    except SystemExit:
        pass
    finally:
        _finish(profile, filename, sort)


def _main_code(args: list[str], is_module: bool) -> tuple[str | CodeType, dict[str, Any]]:
    if is_module:
        code = "run_module(modname, run_name='__main__')"
        return code, {"run_module": runpy.run_module, "modname": args[0]}
    sys.path.insert(0, os.path.dirname(args[0]))
    with io.open_code(args[0]) as file:
        compiled = compile(file.read(), args[0], "exec")
    spec = importlib.machinery.ModuleSpec("__main__", None, origin=args[0])
    names = {
        "__spec__": spec,
        "__file__": args[0],
        "__name__": "__main__",
        "__package__": None,
        "__cached__": None,
    }
    return compiled, names


def main() -> None:
    parser = OptionParser(
        usage="python -m tare.compat.cProfile [-o output_file_path] [-s sort] "
        "[-m module | scriptfile] [arg] ..."
    )
    parser.allow_interspersed_args = False
    parser.add_option("-o", "--outfile", help="Save stats to <outfile>")
    parser.add_option(
        "-s",
        "--sort",
        default=2 if sys.version_info >= (3, 13) else -1,
        choices=sorted(pstats.Stats.sort_arg_dict_default),
        help="Sort order when printing to stdout, based on pstats.Stats class",
    )
    parser.add_option("-m", dest="module", action="store_true", help="Profile a library module")
    options, args = parser.parse_args()
    if not args:
        parser.print_usage()
        sys.exit(2)
    sys.argv[:] = args
    output = os.path.abspath(options.outfile) if options.outfile is not None else None
    try:
        code, names = _main_code(args, options.module)
        runctx(code, names, None, output, options.sort)
    except BrokenPipeError as error:
        sys.stdout = None  # type: ignore[assignment]
        sys.exit(error.errno)


if __name__ == "__main__":
    main()
