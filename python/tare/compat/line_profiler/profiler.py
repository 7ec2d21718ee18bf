"""LineProfiler: which functions are measured, and when."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from types import CodeType, FunctionType, ModuleType
from typing import Any, TextIO, TypeVar

from tare.compat.line_profiler import measuring
from tare.compat.line_profiler.callables import (
    Scoping,
    functions_of,
    is_in_scope,
    policies_of,
)
from tare.compat.line_profiler.measuring import Key, Rows, Table, key_of
from tare.compat.line_profiler.stats import LineStats
from tare.compat.line_profiler.toml_config import Config

T = TypeVar("T")
Guard = Callable[[FunctionType], bool]

_UNIT = 1e-9


class LineProfiler:
    """LineProfiler(*functions)

    What it decorates stays the object it was, and is measured from then on. Functions that were
    only added are measured between enable() and disable(). Keywords of line_profiler's that choose
    how it traces have no effect.
    """

    def __init__(self, *functions: Any, **_: Any) -> None:
        self.functions: list[FunctionType] = []
        self.enable_count = 0
        self.last_time: dict[int, Any] = {}
        self._codes: dict[Key, CodeType] = {}  # in the order in which they came
        self._all_codes: dict[int, CodeType] = {}  # by id: code can be made again, under its key
        self._decorated: set[Key] = set()
        self._before: Table = {}  # of those that are measured now: what was counted by then
        self._counted: Table = {}  # when they were measured earlier
        self._paused: list[CodeType] = []
        self._at_fork: Table = {}
        self._enabled = False
        for function in functions:
            self.add_callable(function)

    # ---- what is measured ----

    def __call__(self, func: T) -> T:
        """A decorator, which returns what it is given. Raises TypeError for what is no callable."""
        self.add_callable(func)
        self._decorate(functions_of(func))
        return func

    def add_function(self, func: Any) -> None:
        if hasattr(func, "__wrapped__"):
            warnings.warn(
                "Adding a function with a `.__wrapped__` attribute. You may want to profile the "
                f"wrapped function by adding `{func.__name__}.__wrapped__` instead.",
                stacklevel=2,
            )
        func = getattr(func, "__func__", func)
        if not hasattr(func, "__code__"):
            warnings.warn(f"Could not extract a code object for {func!r}", stacklevel=2)
            return
        if func not in self.functions:
            self.functions.append(func)
        self.add_code(func.__code__)

    def add_code(self, code: CodeType, always: bool = False) -> None:
        """Code that is no function yet. always: measured from now on, as if it were decorated."""
        key = key_of(code)
        with measuring.lock:
            self._codes.setdefault(key, code)
            self._all_codes[id(code)] = code
            if always:
                self._decorated.add(key)
            if self._enabled or always:
                self._begin([code])

    def add_callable(
        self, func: object, guard: Guard | None = None, name: str | None = None
    ) -> int:
        """1 when a function was added; those are left out for which guard is true."""
        added = 0
        for function in functions_of(func):
            if not (guard or self._is_decorated)(function):
                self.add_function(function)
                added = 1
        return added

    def add_class(self, cls: type, *, scoping_policy: Scoping = None, wrap: bool = False) -> int:
        """How many members were added. wrap: as if they were decorated."""
        return self._add_namespace(cls, policies_of(scoping_policy), wrap, set())

    def add_module(
        self, mod: ModuleType, *, scoping_policy: Scoping = None, wrap: bool = False
    ) -> int:
        return self._add_namespace(mod, policies_of(scoping_policy), wrap, set())

    def _add_namespace(
        self, namespace: type | ModuleType, policies: dict[str, str], wrap: bool, seen: set[int]
    ) -> int:
        count = 0
        for value in list(vars(namespace).values()):
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, (type, ModuleType)):
                kind = "class" if isinstance(value, type) else "module"
                count += is_in_scope(policies[kind], namespace, kind, value) and bool(
                    self._add_namespace(value, policies, wrap, seen)
                )
            else:
                count += self._add_member(namespace, policies["func"], wrap, value)
        return count

    def _add_member(
        self, namespace: type | ModuleType, policy: str, wrap: bool, value: object
    ) -> int:
        def is_foreign(function: FunctionType) -> bool:
            known = self._is_decorated(function)
            return known or not is_in_scope(policy, namespace, "func", function)

        try:
            functions = [one for one in functions_of(value) if not is_foreign(one)]
        except TypeError:
            return 0
        added = self.add_callable(value, is_foreign)
        if wrap:
            self._decorate(functions)
        return added

    def _is_decorated(self, function: FunctionType) -> bool:
        return key_of(function.__code__) in self._decorated

    def _decorate(self, functions: Iterable[FunctionType]) -> None:
        for function in functions:
            self.add_code(function.__code__, always=True)

    # ---- when ----

    def _begin(self, codes: Iterable[CodeType]) -> None:
        codes = list(codes)
        if codes:
            measuring.join(self, codes)
            new = [code for code in codes if key_of(code) not in self._before]
            self._before.update(measuring.read(new) if new else {})

    def _end(self, codes: list[CodeType]) -> None:
        for key, rows in measuring.read(codes).items():
            found = measuring.difference(rows, self._before.pop(key))
            self._counted[key] = measuring.total(self._counted.get(key, {}), found)
        if not self._before:
            measuring.leave(self)

    def _measured(self) -> list[CodeType]:
        return [code for code in self._all_codes.values() if key_of(code) in self._before]

    def pause(self) -> None:
        """The measurement is about to end, though not for us."""
        self._paused = self._measured()
        self._end([self._codes[key] for key in self._before])

    def go_on(self) -> None:
        self._begin(self._paused)

    def remember(self) -> None:
        """A fork is about to be: what was counted by then is the child's too."""
        self._paused = self._measured()
        self._at_fork = self._rows()

    def go_on_in_child(self) -> None:
        self._counted, self._before = self._at_fork, {}
        self._begin(self._paused)

    def enable(self) -> None:
        """Measures all of its functions from now on."""
        with measuring.lock:
            self._enabled = True
            self._begin(self._all_codes.values())

    def disable(self) -> None:
        """Measures only what is decorated."""
        with measuring.lock:
            self._enabled = False
            kept = self._decorated
            self._end([self._codes[key] for key in self._before if key not in kept])

    def enable_by_count(self) -> None:
        with measuring.lock:
            if self.enable_count == 0:
                self.enable()
            self.enable_count += 1

    def disable_by_count(self) -> None:
        with measuring.lock:
            if self.enable_count > 0:
                self.enable_count -= 1
                if self.enable_count == 0:
                    self.disable()

    def __enter__(self) -> LineProfiler:
        self.enable_by_count()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.disable_by_count()

    def end(self) -> None:
        """Measures nothing any more, decorated or not."""
        with measuring.lock:
            self.enable_count, self._enabled = 0, False
            self._end([self._codes[key] for key in self._before])
            self._decorated.clear()

    # ---- running something ----

    def run(self, cmd: str | CodeType) -> LineProfiler:
        import __main__

        return self.runctx(cmd, __main__.__dict__, __main__.__dict__)

    def runctx(
        self, cmd: str | CodeType, globals: dict[str, Any], locals: dict[str, Any] | None
    ) -> LineProfiler:
        with self:
            exec(cmd, globals, locals)
        return self

    def runcall(self, func: Callable[..., T], /, *args: Any, **kw: Any) -> T:
        with self:
            return func(*args, **kw)

    # ---- what was measured ----

    def _rows(self) -> Table:
        with measuring.lock:
            now = measuring.read(self._codes[key] for key in self._before)
            found = {key: self._counted.get(key, {}) for key in self._codes}
            for key, rows in now.items():
                more = measuring.difference(rows, self._before[key])
                found[key] = measuring.total(found[key], more)
        return found

    def get_stats(self) -> LineStats:
        """All that was counted up to now, in nanoseconds."""
        return LineStats({key: _timings(rows) for key, rows in self._rows().items()}, _UNIT)

    @property
    def code_map(self) -> dict[CodeType, dict[int, dict[str, int]]]:
        """By code and line: lineno, nhits, total_time."""
        return {
            self._codes[key]: {
                line: {"lineno": line, "nhits": hits, "total_time": ns}
                for line, hits, ns in _timings(rows)
            }
            for key, rows in self._rows().items()
        }

    def dump_stats(self, filename: str | os.PathLike[str]) -> None:
        self.get_stats().to_file(filename)

    def print_stats(
        self,
        stream: TextIO | None = None,
        output_unit: float | None = None,
        stripzeros: bool = False,
        details: bool = True,
        summarize: bool = False,
        sort: bool = False,
        rich: bool = False,
        *,
        config: Config = None,
    ) -> None:
        self.get_stats().print(stream, output_unit, stripzeros, details, summarize, sort, rich,
                               config=config)


def _timings(rows: Rows) -> list[tuple[int, int, int]]:
    """Without lines that only went on in the time measured: line_profiler has no rows for them."""
    return [(line, hits, ns) for line, (hits, ns) in sorted(rows.items()) if hits]
