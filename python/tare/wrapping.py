"""A function within a block, each time it is called: what measures is entered and left around it.

It stays what it is (a function, a generator, a coroutine, an asynchronous generator), and so does
what is sent to it, thrown into it, returned and raised.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from typing import Any


def wrap(function: Callable[..., Any], block: AbstractContextManager[Any]) -> Any:
    """The same function; the block lasts until it returns."""
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
                generator = function(*args, **named)
                step = generator.__anext__()
                while True:  # as `yield from` does, which there is not
                    try:
                        value = await step
                    except StopAsyncIteration:
                        return
                    try:
                        sent = yield value
                    except GeneratorExit:
                        await generator.aclose()
                        raise
                    except BaseException as error:
                        step = generator.athrow(error)
                    else:
                        step = generator.asend(sent)

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
