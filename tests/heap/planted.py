"""Structures that tests plant in a module of their own, so that a path to them begins with it."""

from __future__ import annotations

import sys
import types

MODULE = "planted_by_tests"


def plant(**names: object) -> types.ModuleType:
    """A fresh module, found in sys.modules, with those names."""
    module = types.ModuleType(MODULE)
    module.__dict__.update(names)
    sys.modules[MODULE] = module
    return module


def uproot() -> None:
    sys.modules.pop(MODULE, None)


def root(path: str) -> str:
    """The text of a path that goes on from the module like that."""
    return f"sys.modules['{MODULE}']{path}"
