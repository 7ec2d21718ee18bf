"""Tests of tare._heap: sizes and references against known truth."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def build(name: str, folder: Path) -> ModuleType:
    """The extension module in the C file of that name beside this."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    found = shutil.which(compiler) or shutil.which("cc") or pytest.skip("no C compiler")
    library = folder / f"{name}.so"
    source = Path(__file__).with_name(f"{name}.c")
    include = sysconfig.get_paths()["include"]
    subprocess.run(
        [found, "-O1", "-fPIC", "-shared", f"-I{include}", source, "-o", library], check=True
    )
    spec = importlib.util.spec_from_file_location(name, library)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def hook(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """What allocators were asked for."""
    return build("hook", tmp_path_factory.mktemp("hook"))


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """A type that holds what it tells nobody of."""
    return build("odd", tmp_path_factory.mktemp("odd"))


@pytest.fixture
def no_garbage() -> None:
    """The cycles that other tests have left go now, not between two counts."""
    gc.collect()


Record = Callable[[Callable[[], Any]], tuple[Any, set[tuple[int, int]]]]


@pytest.fixture(scope="session")
def record(hook: ModuleType) -> Record:
    """Calls make(); returns what that returns and the blocks (address, bytes) it has left."""

    def record_it(make: Callable[[], Any]) -> tuple[Any, set[tuple[int, int]]]:
        callbacks = list(gc.callbacks)
        gc.callbacks.clear()  # Hypothesis has one that keeps the time collections take
        gc.freeze()  # they are quicker so
        try:
            made, blocks = hook.record(make)
        finally:
            gc.unfreeze()
            gc.callbacks.extend(callbacks)
        return made, set(blocks)

    return record_it
