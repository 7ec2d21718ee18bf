"""TimeStamper: memory and time when functions begin and end; what `mprof` files hold."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import FunctionType
from typing import Any, TextIO

from tare.compat.memory_profiler.backends import MIB, meter
from tare.compat.wrapping import Wrapping

Stamp = tuple[float, float]  # MiB, and when


class TimeStamper:
    """TimeStamper(backend, include_children=False), a decorator."""

    def __init__(self, backend: str = "psutil", include_children: bool = False) -> None:
        self.backend = backend
        self.include_children = include_children
        self.functions: dict[Callable[..., Any], list[list[Stamp]]] = {}
        self.stack: dict[Callable[..., Any], list[int]] = {}  # how deep each call was
        self.current_stack_level = -1
        self._read = meter(backend, include_children=include_children)

    def __call__(self, func: Any = None, precision: int | None = None) -> Any:
        """precision is there for LineProfiler's sake, whose place it takes."""
        if func is None:
            return self
        if not callable(func):
            raise ValueError("Value must be callable")
        self.add_function(func)
        return _Stamped(self, func).wrap(func)

    def add_function(self, func: Callable[..., Any]) -> None:
        self.functions.setdefault(func, [])
        self.stack.setdefault(func, [])

    def timestamp(self, name: str = "<block>") -> AbstractContextManager[Any]:
        """A with block that is stamped under that name."""
        block = FunctionType((lambda: None).__code__, {}, name)
        block.__module__ = ""
        self.add_function(block)
        return _Stamped(self, block)

    def stamp(self) -> Stamp:
        return self._read() / MIB, time.time()

    def show_results(self, stream: TextIO | None = None) -> None:
        stream = sys.stdout if stream is None else stream
        for func, calls in self.functions.items():
            name = f"{func.__module__}.{func.__name__}"
            for stamps, level in zip(calls, self.stack[func], strict=True):
                if len(stamps) == 2:  # it has ended
                    (before, began), (after, end) = stamps
                    stream.write(
                        f"FUNC {name} {before:.4f} {began:.4f} {after:.4f} {end:.4f} {level}\n"
                    )


class _Stamped(Wrapping):
    def __init__(self, stamper: TimeStamper, func: Callable[..., Any]) -> None:
        self._stamper = stamper
        self._func = func
        self._open: list[list[Stamp]] = []

    def __enter__(self) -> None:
        stamper = self._stamper
        stamper.current_stack_level += 1
        stamper.stack[self._func].append(stamper.current_stack_level)
        self._open.append([stamper.stamp()])
        stamper.functions[self._func].append(self._open[-1])

    def __exit__(self, *exc_info: object) -> None:
        self._open.pop().append(self._stamper.stamp())
        self._stamper.current_stack_level -= 1
