"""What kernprof puts in the builtins without -l: cProfile as a decorator and a block."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Generator
from typing import Any

from tare.compat.cProfile import Profile


class ContextualProfile(Profile):
    """A Profile that is enabled while any of its functions or blocks runs."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.enable_count = 0

    def enable_by_count(self, subcalls: bool = True, builtins: bool = True) -> None:
        if self.enable_count == 0:
            self.enable(subcalls=subcalls, builtins=builtins)
        self.enable_count += 1

    def disable_by_count(self) -> None:
        if self.enable_count > 0:
            self.enable_count -= 1
            if self.enable_count == 0:
                self.disable()

    def __enter__(self) -> ContextualProfile:
        self.enable_by_count()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.disable_by_count()

    def runctx(self, cmd: Any, globals: Any, locals: Any) -> ContextualProfile:
        """Counted, lest a decorated function ends the measurement when it returns."""
        with self:
            exec(cmd, globals, locals)
        return self

    def runcall(self, func: Callable[..., Any], /, *args: Any, **kw: Any) -> Any:
        with self:
            return func(*args, **kw)

    def __call__(self, func: Any) -> Any:
        """A wrapper of a function; classes are measured in a block only."""
        if isinstance(func, (classmethod, staticmethod)):
            return type(func)(self(func.__func__))
        if not isinstance(func, types.FunctionType):
            return func
        if inspect.iscoroutinefunction(func):
            return self._wrap_coroutine(func)
        if inspect.isgeneratorfunction(func):
            return self._wrap_generator(func)
        return self._wrap_function(func)

    def _wrap_function(self, func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def wrapper(*args: Any, **kw: Any) -> Any:
            with self:
                return func(*args, **kw)

        return wrapper

    def _wrap_generator(self, func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def wrapper(*args: Any, **kw: Any) -> Generator[Any, Any, Any]:
            return (yield from self._drive(func(*args, **kw)))

        return wrapper

    def _wrap_coroutine(self, func: Callable[..., Any]) -> Callable[..., Any]:
        drive = types.coroutine(self._drive)

        @functools.wraps(func)
        async def wrapper(*args: Any, **kw: Any) -> Any:
            return await drive(func(*args, **kw))

        return wrapper

    def _drive(self, inner: Any) -> Generator[Any, Any, Any]:
        """Enabled while it runs, not while it is suspended; all that is sent or thrown gets in."""
        step: Callable[[], Any] = functools.partial(inner.send, None)
        while True:
            try:
                with self:
                    yielded = step()
            except StopIteration as end:
                return end.value
            try:
                step = functools.partial(inner.send, (yield yielded))
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as error:
                step = functools.partial(inner.throw, error)
