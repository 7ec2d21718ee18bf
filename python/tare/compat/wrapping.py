"""Wrappers that hold a block open while what they wrap runs, and only then.

A wrapper is of the same kind as what it wraps. Generators and coroutines leave the block while they
are suspended, and get all that is sent and thrown into them.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any


class Wrapping:
    """Base of a reusable with block that can also be called, as a decorator."""

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, *exc_info: object) -> None:
        raise NotImplementedError

    def ended(self) -> None:
        """What was wrapped has returned; called outside of the block, and not when it raises."""

    def wrap(self, func: Any) -> Any:
        """A wrapper of the same kind. Classes, and what is not Python code, stay as they are."""
        if isinstance(func, (classmethod, staticmethod)):
            return type(func)(self.wrap(func.__func__))
        if isinstance(func, types.MethodType):
            return types.MethodType(self.wrap(func.__func__), func.__self__)
        if isinstance(func, (functools.partial, functools.partialmethod)):
            return type(func)(self.wrap(func.func), *func.args, **func.keywords)
        if isinstance(func, functools.cached_property):
            return functools.cached_property(self.wrap(func.func))
        if isinstance(func, property):
            return property(*(self.wrap(one) for one in (func.fget, func.fset, func.fdel)))
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
                result = func(*args, **kw)
            self.ended()
            return result

        return wrapper

    def _wrap_generator(self, func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def wrapper(*args: Any, **kw: Any) -> Generator[Any, Any, Any]:
            result = yield from self._drive(func(*args, **kw))
            self.ended()
            return result

        return wrapper

    def _wrap_coroutine(self, func: Callable[..., Any]) -> Callable[..., Any]:
        drive = types.coroutine(self._drive)

        @functools.wraps(func)
        async def wrapper(*args: Any, **kw: Any) -> Any:
            result = await drive(func(*args, **kw))
            self.ended()
            return result

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
                    self.ended()
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
