"""What `kernprof -p` names: modules, packages with all in them, classes and functions.

They are imported and measured before the program runs; with --no-preimports only what the program
imports itself is. Where the program is named too, all of its functions are measured, and with
--prof-imports all that it imports. Its source is read for that, never rewritten.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import os
import pkgutil
import warnings
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from tare.compat.line_profiler.callables import codes_in, is_inside
from tare.compat.line_profiler.profiler import LineProfiler

_INIT = ".__init__"


class Program(NamedTuple):
    """What is to be run."""

    file: str
    source: bytes
    code: CodeType
    name: str  # as a module; empty for a script
    package: str  # that it is in


def find_script(name: str) -> str:
    """A file, here or in PATH. Raises FileNotFoundError."""
    if os.path.isfile(name):
        return name
    for folder in os.get_exec_path():
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f"Could not find script {name!r}")


def normalize(targets: list[str]) -> list[str]:
    """Files as absolute paths, the rest split at commas; an empty one clears what is before it."""
    found: dict[str, None] = {}
    for target in targets:
        if not target:
            found.clear()
            continue
        whole = _path(target)
        for name in [target] if whole else target.split(","):
            found[_path(name) or name] = None
    return list(found)


def _path(name: str) -> str | None:
    try:
        return os.path.abspath(find_script(name))
    except FileNotFoundError:
        return None


# ---- before the program runs ----


def measure_targets(
    profiler: LineProfiler, targets: list[str], program: Program, *, preimports: bool, imports: bool
) -> None:
    names, invalid = _dotted(targets, program)
    if preimports:
        if invalid:
            _warn(invalid)
        for name in names:
            _import_all(profiler, name)
    is_named = _is_named(targets, program)
    for imported in _imported_by(program) if (is_named and imports) or not preimports else ():
        if (is_named and imports) or any(is_inside(imported, name) for name in names):
            _measure(profiler, _resolve(imported))
    for code in codes_in(program.code) if is_named else ():
        profiler.add_code(code, always=True)


def _dotted(targets: list[str], program: Program) -> tuple[list[str], list[str]]:
    """As names of modules, without a script that is to be run; and what has no such name."""
    names, invalid = [], []
    for target in targets:
        if os.path.isabs(target) and os.path.exists(target):
            if program.name or not os.path.samefile(target, program.file):
                names.append(module_name(target))
        elif all(part.isidentifier() for part in target.split(".")):
            names.append(target)
        else:
            invalid.append(target)
    return names, sorted(set(invalid))


def module_name(path: str) -> str:
    """Under which a file can be imported, its folder's folders being packages."""
    folder, name = os.path.split(os.path.splitext(path)[0])
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, parent = os.path.split(folder)
        name = f"{parent}.{name}"
    return name


def _warn(invalid: list[str]) -> None:
    ending = "s" if len(invalid) > 1 else ""
    warnings.warn(
        f"{len(invalid)} profile-on-import target{ending} cannot be converted to dotted-path "
        f"form: {invalid!r}",
        stacklevel=3,
    )


def _is_named(targets: list[str], program: Program) -> bool:
    """Among the targets: by its path, its name, or a package that it is in."""
    for target in targets:
        if os.path.exists(target) and os.path.samefile(target, program.file):
            return True
        if program.name and is_inside(program.name, target):
            return True
    return False


def _import_all(profiler: LineProfiler, name: str) -> None:
    """A module; with what is in it, if it is a package and not named as PACKAGE.__init__."""
    found = _resolve(name.removesuffix(_INIT))
    if found is None:
        warnings.warn(f"1 import target cannot be resolved: {name!r}", stacklevel=3)
    _measure(profiler, found)
    if isinstance(found, ModuleType) and not name.endswith(_INIT):
        for inner in _modules_in(found):
            _measure(profiler, _resolve(inner))


def _modules_in(package: ModuleType) -> Iterator[str]:
    """Not those that run something when they are imported."""
    paths = getattr(package, "__path__", [])
    for module in pkgutil.walk_packages(paths, package.__name__ + ".", onerror=lambda _: None):
        own = module.name.rpartition(".")[2]
        if own.isidentifier() and own != "__main__":
            yield module.name


def _resolve(name: str) -> Any:
    """The module of that name, or what has it in a module; None when it cannot be imported."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return found
    return None


def _measure(profiler: LineProfiler, thing: Any) -> None:
    if isinstance(thing, ModuleType):
        profiler.add_module(thing, wrap=True)
    elif isinstance(thing, type):
        profiler.add_class(thing, wrap=True)
    elif thing is not None:
        with contextlib.suppress(TypeError):  # something imported that is no function
            profiler(thing)


# ---- what a program imports ----


def _imported_by(program: Program) -> Iterator[str]:
    """The dotted names of all, as its source has them outside of functions."""
    for node in _outside_functions(ast.parse(program.source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            home = _home(node, program.package)
            yield from (f"{home}.{alias.name}" for alias in node.names if alias.name != "*")


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for inner in ast.iter_child_nodes(node):
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield inner
            yield from _outside_functions(inner)


def _home(node: ast.ImportFrom, package: str) -> str:
    """The module that it is imported from, dots at its beginning resolved."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])
