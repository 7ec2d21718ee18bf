"""What an object consists of and refers to, in asizeof's terms."""

from __future__ import annotations

import array
import gc
import types
import weakref
from collections.abc import Iterator
from typing import Any

from tare import _heap
from tare.compat.pympler.wording import clipped, is_a, plain, wrong_option

GC_HEAD_BYTES = 16
HAVE_GC = 1 << 14
DIGIT_BITS = 30
ITEM_BYTES: dict[type, int] = {dict: 24, set: 16, frozenset: 16, list: 8, str: 1, bytearray: 1}
GROWING = (list, dict, set, frozenset, bytearray)  # may have room for more items than they have
OWN_ITEMS = (array.array, memoryview)  # of a size of each one's own

Named = tuple[str, Any]

# Attributes, by type; of subclasses too.
ATTRIBUTES: list[tuple[type | tuple[type, ...], tuple[str, ...]]] = [
    (types.FrameType, ("f_back", "f_code", "f_locals")),
    (types.TracebackType, ("tb_frame", "tb_lasti", "tb_lineno", "tb_next")),
    (types.CodeType, ("co_consts", "co_names", "co_varnames", "co_filename", "co_name", "co_code")),
    (
        types.FunctionType,
        ("__doc__", "__name__", "__code__", "__closure__", "__defaults__", "__kwdefaults__"),
    ),
    (types.MethodType, ("__doc__", "__name__", "__func__", "__self__")),
    (type, ("__doc__", "__mro__", "__name__", "__dict__")),
    (types.CellType, ("cell_contents",)),
    (types.GeneratorType, ("gi_frame", "gi_code")),
    (types.ModuleType, ("__dict__",)),
    (property, ("__doc__", "fget", "fset", "fdel")),
    ((enumerate, reversed), ("__doc__",)),
    (BaseException, ("args", "filename", "lineno", "msg", "text")),
]
FIELDS = ("st_", "f_")  # of what os.stat and os.statvfs return
PLAIN = (str, bytes, bytearray, int, float, complex, type(None), range, slice, array.array)


def basicsize(obj: Any, **opts: Any) -> int:
    """Of its type, with what the collector keeps before it."""
    cls = type(obj)
    return cls.__basicsize__ + (GC_HEAD_BYTES if cls.__flags__ & HAVE_GC else 0)


def itemsize(obj: Any, **opts: Any) -> int:
    if is_a(obj, OWN_ITEMS):
        return obj.itemsize
    for cls, size in ITEM_BYTES.items():
        if is_a(obj, cls):
            return size
    return type(obj).__itemsize__


def leng(obj: Any, **opts: Any) -> int | None:
    """How many items there is room for; None for what has none."""
    if is_a(obj, bool):
        return None
    if is_a(obj, int):
        return max((obj.bit_length() + DIGIT_BITS - 1) // DIGIT_BITS, 1)
    if is_a(obj, str):
        return str.__len__(obj) + 1
    length = own_length(obj)
    if type(obj) in GROWING and length is not None:
        return max((_heap.flat(obj) - basicsize(obj)) // itemsize(obj), length)
    return length


def own_length(obj: Any) -> int | None:
    """len() of what is built in, whatever a subclass has made of it."""
    for cls in (tuple, bytes, *OWN_ITEMS, *GROWING, str):
        if is_a(obj, cls):
            return cls.__len__(obj)
    return None


def flatsize(obj: Any, align: int = 0, **opts: Any) -> int:
    """Bytes of it alone, rounded up to align, a power of two."""
    size = _heap.flat(obj)
    if align < 2:
        return size
    if align & (align - 1):
        raise wrong_option("flatsize", align=align)
    return (size + align - 1) & -align


def refs(obj: Any, **opts: Any) -> Iterator[Any]:
    return (ref for _, ref in _all_refs(obj))


def named_refs(obj: Any, **opts: Any) -> list[Named]:
    """Those that have a name; items of lists, tuples and sets have none."""
    return [(name, ref) for name, ref in _all_refs(obj) if name]


def _all_refs(obj: Any) -> Iterator[Named]:
    if is_a(obj, dict):
        yield from dict_refs(obj)
    elif is_a(obj, (list, tuple, set, frozenset)) and type(obj).__module__ != "os":
        yield from (("", item) for item in list(obj))
    elif is_a(obj, weakref.ref):
        if obj() is not None:
            yield "", obj()
    elif not is_a(obj, PLAIN):
        yield from _attribute_refs(obj)


def dict_refs(obj: dict[Any, Any]) -> Iterator[Named]:
    for key, value in list(dict.items(obj)):
        name = plain(key)
        yield f"[K] {name}", key
        yield f"[V] {name}: {clipped(value)}", value


def _attribute_refs(obj: Any) -> Iterator[Named]:
    names = next((names for cls, names in ATTRIBUTES if is_a(obj, cls)), None)
    if type(obj).__module__ == "os" and is_a(obj, tuple):
        names = tuple(name for name in dir(obj) if name.startswith(FIELDS))
    if names is None:
        yield from instance_refs(obj)
        return
    for name in names:
        try:
            yield name, getattr(obj, name)
        except Exception:  # not there, or not to be had
            continue


def instance_refs(obj: Any) -> Iterator[Named]:
    """Its class, its attributes as a dict, and its slots. No __dict__ is made for it."""
    yield "__class__", type(obj)
    attributes = _heap.attributes(obj)
    if attributes is not None:
        yield "__dict__", attributes
    yield from slot_refs(obj)
    if not attributes and not hasattr(type(obj), "__slots__"):
        yield from (("", ref) for ref in gc.get_referents(obj) if not isinstance(ref, type))


def slot_refs(obj: Any) -> Iterator[Named]:
    """By the descriptors of its classes, which no code of the program's can be."""
    for cls in type(obj).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, types.MemberDescriptorType):
                try:
                    yield name, member.__get__(obj)
                except (AttributeError, TypeError):  # it has no value
                    continue
