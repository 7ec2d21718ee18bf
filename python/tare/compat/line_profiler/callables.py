"""Which functions there are in what is to be measured.

Scoping policies say what of a class or module is its own: 'exact' (its functions, no classes or
modules in it), 'children' (what is defined right in it), 'descendants' (also what is further
inside), 'siblings' (also what is beside it), 'none' (all that is found).
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tare.lining import wrapped_by

Policies = dict[str, str]
Scoping = str | Policies | None

POLICIES = ("exact", "children", "descendants", "siblings", "none")
DEFAULT_POLICIES = {"func": "siblings", "class": "siblings", "module": "exact"}
TYPE_PARAMETERS = "<generic parameters of"  # 3.12 and later
_PLAIN = (property, classmethod, staticmethod, types.MethodType)


def functions_of(thing: object) -> list[FunctionType]:
    """None for what is not written in Python. Raises TypeError for what cannot be called."""
    return list(_find(thing, set()))


def _find(thing: object, seen: set[int]) -> Iterator[FunctionType]:
    if id(thing) in seen or thing is None:
        return
    seen.add(id(thing))
    if isinstance(thing, FunctionType):
        yield thing
    elif isinstance(thing, type):
        yield from _find_in_class(thing, seen)
    elif isinstance(thing, _PLAIN) or hasattr(thing, "func"):
        for inner in wrapped_by(thing):
            yield from _find(inner, seen)
    elif not callable(thing):
        raise TypeError(f"func = {thing!r}: cannot get functions from {type(thing)} objects")
    elif isinstance(type(thing).__call__, FunctionType):
        yield from _find(type(thing).__call__, seen)


def _find_in_class(cls: type, seen: set[int]) -> Iterator[FunctionType]:
    """What it defines itself, not what it only has from elsewhere."""
    for value in vars(cls).values():
        try:
            found = [value] if isinstance(value, type) else list(_find(value, seen))
        except TypeError:
            continue
        for one in found:
            if not is_in_scope("children", cls, "func", one):
                continue
            yield from _find(one, seen) if isinstance(one, type) else [one]


# ---- what is whose ----


def policies_of(scoping: Scoping) -> Policies:
    """By what is found: func, class, module. Raises ValueError for what is no policy."""
    if scoping is None:
        return DEFAULT_POLICIES
    if isinstance(scoping, str):
        scoping = dict.fromkeys(DEFAULT_POLICIES, scoping)
    policies = {kind: str(scoping[kind]).lower() for kind in DEFAULT_POLICIES}
    for policy in policies.values():
        if policy not in POLICIES:
            raise ValueError(f"scoping policy {policy!r}: it is one of {', '.join(POLICIES)}")
    return policies


def is_in_scope(policy: str, namespace: type | ModuleType, kind: str, thing: Any) -> bool:
    if kind == "module":
        return isinstance(namespace, ModuleType) and _has_module(policy, namespace, thing)
    if policy == "none":
        return True
    if policy == "exact" and kind == "class":
        return False
    if isinstance(namespace, type):
        return _has_member(policy, namespace, thing)
    return _has_definition(policy, namespace, thing)


def _has_module(policy: str, module: ModuleType, other: ModuleType) -> bool:
    parent = module.__name__.rpartition(".")[0]
    name = other.__name__
    return {
        "exact": False,
        "children": name.rpartition(".")[0] == module.__name__,
        "descendants": name.startswith(module.__name__ + "."),
        "siblings": bool(parent) and name.startswith(parent + "."),
        "none": True,
    }[policy]


def _has_member(policy: str, cls: type, thing: Any) -> bool:
    if thing.__module__ != cls.__module__:
        return False
    if policy == "siblings":
        return True
    if policy == "descendants":
        return thing.__qualname__.startswith(cls.__qualname__ + ".")
    return thing.__qualname__ == f"{cls.__qualname__}.{thing.__name__}"


def _has_definition(policy: str, module: ModuleType, thing: Any) -> bool:
    """Siblings are in the same package."""
    home, name = thing.__module__ or "", module.__name__
    if policy in ("exact", "children") or home == name:
        return home == name
    if is_inside(home, name):
        return True
    parent = name.rpartition(".")[0]
    return policy == "siblings" and bool(parent) and is_inside(home, parent)


def is_inside(name: str, prefix: str) -> bool:
    """Whether a dotted name is that one, or begins with it."""
    return name == prefix or name.startswith(prefix + ".")


# ---- code ----


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """The functions and methods that a module's code defines; what is inside of them is theirs."""
    for inner in code.co_consts:
        if not isinstance(inner, CodeType):
            continue
        if not inner.co_flags & inspect.CO_NEWLOCALS or inner.co_name.startswith(TYPE_PARAMETERS):
            yield from codes_in(inner)  # the body of a class, or what a function is made in
        elif not inner.co_name.startswith("<"):
            yield inner


def lines_of(code: CodeType) -> set[int]:
    """Of what is inside too."""
    lines = {line for _, _, line in code.co_lines() if line is not None}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            lines |= lines_of(inner)
    return lines
