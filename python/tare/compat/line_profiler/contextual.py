"""What kernprof puts in the builtins without -l: cProfile as a decorator and a block."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import AsyncGenerator, Callable, Generator
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
        """A wrapper of the same kind. Classes, and what is not Python code, stay as they are."""
        if isinstance(func, (classmethod, staticmethod)):
            return type(func)(self(func.__func__))
        if isinstance(func, types.MethodType):
            return types.MethodType(self(func.__func__), func.__self__)
        if isinstance(func, (functools.partial, functools.partialmethod)):
            return type(func)(self(func.func), *func.args, **func.keywords)
        if isinstance(func, functools.cached_property):
            return functools.cached_property(self(func.func))
        if isinstance(func, property):
            return property(*(self(one) for one in (func.fget, func.fset, func.fdel)))
        return self._wrap(func) if isinstance(func, types.FunctionType) else func

    def _wrap(self, func: types.FunctionType) -> Any:
        if inspect.iscoroutinefunction(func):
            return self._wrap_coroutine(func)
        if inspect.isgeneratorfunction(func):
            return self._wrap_generator(func)
        if inspect.isasyncgenfunction(func):
            return self._wrap_async_generator(func)
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

    def _wrap_async_generator(self, func: Callable[..., Any]) -> Callable[..., Any]:
        drive = types.coroutine(self._drive)

        @functools.wraps(func)
        async def wrapper(*args: Any, **kw: Any) -> AsyncGenerator[Any, Any]:
            inner = func(*args, **kw)
            step = inner.asend(None)
            while True:
                try:
                    yielded = await drive(step)
                except StopAsyncIteration:
                    return
                try:
                    step = inner.asend((yield yielded))
                except GeneratorExit:
                    await inner.aclose()
                    raise
                except BaseException as error:
                    step = inner.athrow(error)

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
