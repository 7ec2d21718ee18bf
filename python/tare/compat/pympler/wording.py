"""How asizeof words things: names of objects, numbers of bytes, errors."""

from __future__ import annotations

import types
from typing import Any


def clipped(obj: object, clip: int = 80) -> str:
    """Its repr, without its middle where it is longer than that; N/A when it has none."""
    try:
        text = repr(obj).replace("\n", "\\n")
    except Exception:
        return "N/A"
    half = clip // 2 - 2
    if len(text) <= clip or half <= 0:
        return text
    return f"{text[:half]}....{text[-half:]}"


def plain(obj: object, clip: int = 0) -> str:
    """Likewise without brackets and quotes: <class 'int'> is class int."""
    return clipped(obj, clip).strip("<>").replace("'", "")


NAMED = (
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.ModuleType,
)


def is_a(obj: object, types: type | tuple[type, ...]) -> bool:
    """Without asking the object, which may have a __class__ of its own making."""
    return issubclass(type(obj), types)


def name_of(obj: object, clip: int = 80) -> str:
    """As it is called, or looks."""
    if is_a(obj, NAMED):
        try:
            return str(obj.__name__)  # type: ignore[attr-defined]
        except Exception:  # a module may have none
            pass
    return clipped(obj, clip)


def plural(number: int) -> str:
    return "" if number == 1 else "s"


def or_larger_unit(size: float) -> str:
    """' or 1.5 KiB'; nothing for what is smaller."""
    if size < 1024:
        return ""
    unit = ""
    for unit in "KMGTPE":
        size /= 1024
        if size < 1024:
            break
    return f" or {size:.1f} {unit}iB"


def both_units(size: int) -> str:
    return f"{size}{or_larger_unit(size)}"


def percent(part: float, whole: float) -> str:
    return f"{part * 100 / whole:.0f}%" if whole > 0 else "n/a"


def words(options: dict[str, Any]) -> str:
    return ", ".join(sorted(f"{name}={value!r}" for name, value in options.items()))


def wrong_option(
    where: str, error: type[Exception] = ValueError, **options: Any
) -> Exception:
    return error(f"invalid option{plural(len(options))}: {where}({words(options)})")
