"""A function within a with block: it stays what it is, and so does what it returns and raises."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from typing import Any


def within(block: AbstractContextManager[Any], function: Callable[..., Any]) -> Any:
    """The same function, with the block entered in each of its calls, until it returns.

    Of generators and coroutines that is until they are exhausted, suspended or not.
    """
    wrapper: Any
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrapper(*args: Any, **named: Any) -> Any:
            with block:
                return await function(*args, **named)

    elif inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def wrapper(*args: Any, **named: Any) -> AsyncGenerator[Any, Any]:
            with block:
                async for value in function(*args, **named):
                    yield value

    elif inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def wrapper(*args: Any, **named: Any) -> Generator[Any, Any, Any]:
            with block:
                return (yield from function(*args, **named))

    else:

        @functools.wraps(function)
        def wrapper(*args: Any, **named: Any) -> Any:
            with block:
                return function(*args, **named)

    return wrapper
