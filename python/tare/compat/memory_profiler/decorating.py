"""@profile: the table of a function, each time it has returned."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator
from typing import Any, TextIO

from tare.compat.memory_profiler.backends import OWN
from tare.compat.memory_profiler.lines import LineProfiler, show_results


class _OneCall(LineProfiler):
    """Of one call, which it shows at its end."""

    def __init__(self, backend: str, stream: TextIO | None, precision: int) -> None:
        super().__init__(backend=backend)
        self._stream = stream
        self._precision = precision

    def ended(self) -> None:
        show_results(self, self._stream, self._precision)


def profile(
    func: Callable[..., Any] | None = None,
    stream: TextIO | None = None,
    precision: int = 1,
    backend: str = OWN,
) -> Any:
    """Prints what each line of a function adds to memory, each time it has returned.

    stream     where it is printed; default: stdout
    precision  digits behind the point
    backend    "tare" has what is allocated and freed. "psutil", "psutil_pss", "psutil_uss" and
               "posix" have what the system says
    """
    if func is None:
        return functools.partial(profile, stream=stream, precision=precision, backend=backend)
    # Made now, for what is allocated from now on: freeing it is to be seen.
    _OneCall(backend, stream, precision).add_function(func)

    def measured() -> Any:
        return _OneCall(backend, stream, precision)(func)

    wrapper: Any
    if inspect.iscoroutinefunction(func):

        @functools.wraps(func)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            return await measured()(*args, **kwargs)

    elif inspect.isgeneratorfunction(func):

        @functools.wraps(func)
        def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            return (yield from measured()(*args, **kwargs))

    else:

        @functools.wraps(func)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return measured()(*args, **kwargs)

    return wrapper
