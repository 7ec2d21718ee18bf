"""Runs a program with `profile` among the builtins."""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import sys
from collections.abc import Iterator, Sequence
from runpy import run_module
from types import ModuleType
from typing import Any

_MISSING = object()


def exec_with_profiler(
    filename: str, profiler: Any, backend: str = "", passed_args: Sequence[str] = ()
) -> None:
    """A script, as __main__; backend is that of the profiler."""
    module = ModuleType("__main__")
    module.__file__ = filename
    vars(module)["profile"] = profiler
    sys.path.insert(0, os.path.dirname(os.path.abspath(filename)))
    sys.argv[:] = [filename, *passed_args]
    with io.open_code(os.path.abspath(filename)) as file:
        code = compile(file.read(), filename, "exec")
    with installed(profiler), _main(module):
        exec(code, vars(module))


def run_module_with_profiler(
    module: str, profiler: Any, backend: str = "", passed_args: Sequence[str] = ()
) -> None:
    sys.argv[:] = [module, *passed_args]
    with installed(profiler):
        run_module(module, run_name="__main__", init_globals={"profile": profiler}, alter_sys=True)


@contextlib.contextmanager
def installed(profiler: Any) -> Iterator[None]:
    """As builtins.profile."""
    names = vars(builtins)
    before = names.get("profile", _MISSING)
    names["profile"] = profiler
    try:
        yield
    finally:
        if before is _MISSING:
            names.pop("profile", None)
        else:
            names["profile"] = before


@contextlib.contextmanager
def _main(module: ModuleType) -> Iterator[None]:
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before
