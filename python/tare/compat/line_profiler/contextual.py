"""What kernprof puts in the builtins without -l: cProfile as a decorator and a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tare.compat.cProfile import Profile
from tare.compat.wrapping import Wrapping


class ContextualProfile(Wrapping, Profile):
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
        return self.wrap(func)
