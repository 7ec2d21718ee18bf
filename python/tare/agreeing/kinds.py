"""What the walk in C asks of values that are no plain containers or numbers.

Kinds.expand(left, right) answers in one of these:

    None                   they agree: one value
    a count                so many values, and they agree
    text                   why they do not agree
    (style, left, right)   look at these instead: containers (ITEMS, ATTRIBUTES or WORDS say what
                           their keys are called in a path), or any other pair of values
    (GAP, agrees, absolute, relative)    two numbers, and how far apart they are

Which function answers follows from the type, and is found once for each in a comparison.
"""

from __future__ import annotations

import array
import dataclasses
import enum
import functools
import itertools
import sys
import types
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Any

from tare._same import ATTRIBUTES, BUFFER, ITEMS, WORDS
from tare.agreeing import arrays, frames, numbers
from tare.agreeing.rules import Rule

Told = None | int | str | tuple[Any, ...]
Answer = Callable[["Kinds", Any, Any], Told]

MOST_ITEMS = 100_000  # of an iterator, which may have no end
WORD_BYTES = tuple.__itemsize__
HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: written in Python, or as if


class Kinds:
    """Answers for one comparison; notes: what was compared only in part.

    using_up: whether iterators are asked for their items, which then are gone.
    """

    def __init__(self, rule: Rule, using_up: bool = True) -> None:
        self.rule = rule
        self.using_up = using_up
        self.notes: list[str] = []
        self._answers: dict[type, Answer] = {}

    def expand(self, left: Any, right: Any) -> Told:
        kind = type(left)
        try:
            if kind is not type(right) and not are_alike(kind, type(right)):
                return unlike(self, left, right)
            answer = self._answers.get(kind)
            if answer is None:
                answer = self._answers[kind] = find_answer(kind, left)
            return answer(self, left, right)
        except (Exception, SystemExit) as error:  # the program's own __eq__ and the like
            return f"comparing them raised {type(error).__name__}: {first_line(error)}"

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)


def first_line(error: BaseException) -> str:
    from tare.text import printable

    try:
        return printable(str(error).partition("\n")[0])[:120]
    except Exception:
        return "whose text raised too"


def are_alike(left: type, right: type) -> bool:
    """Classes of the same name that two modules define are one class in two versions of it."""
    written = left.__flags__ & right.__flags__ & HEAP_TYPE
    return bool(written) and left.__qualname__ == right.__qualname__


def name_of(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else (
        f"{kind.__module__}.{kind.__qualname__}")


# ---- two types ----


def unlike(kinds: Kinds, left: Any, right: Any) -> Told:
    rule = kinds.rule
    if not rule.strict and not is_truth(left) and not is_truth(right):
        if numbers.is_number(left) and numbers.is_number(right):
            return numbers.compare(rule, left, right)
    if rule.types is False:
        if is_truth(left) and is_truth(right):
            return None if bool(left) == bool(right) else ""
        pair = arrays.as_arrays(left, right) or as_lists(left, right)
        if pair is not None:
            return pair
    return f"{name_of(type(left))} against {name_of(type(right))}"


def is_truth(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_") and (
        type(value).__module__ == "numpy")


def as_lists(left: Any, right: Any) -> Told:
    items = [list_of(value) for value in (left, right)]
    return None if None in items else (ITEMS, *items)


def list_of(value: Any) -> list[Any] | None:
    if isinstance(value, (list, tuple, range, deque)):
        return list(value)
    if hasattr(value, "tolist") and hasattr(value, "__len__"):
        return list(value.tolist())
    return None


# ---- one type ----


def find_answer(kind: type, value: Any) -> Answer:
    found = _BY_TYPE.get(kind)
    if found is None:
        found = arrays.find_answer(value) or frames.find_answer(value) or numbers.find_answer(value)
    return found or _find_by_nature(kind, value)


def _find_by_nature(kind: type, value: Any) -> Answer:
    for base, answer in _BY_BASE:
        if isinstance(value, base):
            return answer
    if is_carried(value):
        return same_carried
    if has_made_eq(kind):
        return same_fields
    if has_own_eq(kind, object):
        return same_by_eq
    if hasattr(kind, "__next__") and hasattr(kind, "__iter__"):
        return same_items_to_come
    if arrays.has_numbers(value):
        return same_buffers
    return by_attributes(kind)


def has_own_eq(kind: type, base: type) -> bool:
    return kind.__eq__ is not base.__eq__


def has_made_eq(kind: type) -> bool:
    """An __eq__ that a decorator made of the fields, which are then looked at one by one."""
    code = getattr(kind.__eq__, "__code__", None)
    file = getattr(code, "co_filename", "")
    fields = dataclasses.is_dataclass(kind) or hasattr(kind, "__attrs_attrs__")
    return fields and file.startswith("<")


def same_fields(kinds: Kinds, left: Any, right: Any) -> Told:
    if dataclasses.is_dataclass(left):
        names = [field.name for field in dataclasses.fields(left) if field.compare]
    else:
        names = [field.name for field in type(left).__attrs_attrs__ if field.eq]
    return (ATTRIBUTES, *({name: getattr(one, name) for name in names} for one in (left, right)))


def same_by_eq(kinds: Kinds, left: Any, right: Any) -> Told:
    one_way, other_way = truth_of(left == right), truth_of(right == left)
    if one_way is not other_way:
        return f"a == b is {one_way} and b == a is {other_way}, by __eq__ of {name_of(type(left))}"
    return None if one_way else f"unequal by __eq__ of {name_of(type(left))}"


def truth_of(answer: Any) -> bool:
    if isinstance(answer, bool):
        return answer
    return bool(answer.all()) if hasattr(answer, "all") else bool(answer)


def same_items_to_come(kinds: Kinds, left: Any, right: Any) -> Told:
    if not kinds.using_up:
        return "what is to come cannot be seen without using it up"
    items = [items_of(kinds, one) for one in (left, right)]
    return (ITEMS, *items)


def items_of(kinds: Kinds, iterator: Iterator[Any]) -> list[Any]:
    items: list[Any] = []
    try:
        items.extend(itertools.islice(iterator, MOST_ITEMS))
    except Exception as error:
        items.append(error)
    if len(items) == MOST_ITEMS and next(iterator, items) is not items:
        kinds.note(f"{name_of(type(iterator))}: only the first {MOST_ITEMS:,} items were compared")
    return items


def same_buffers(kinds: Kinds, left: Any, right: Any) -> Told:
    return BUFFER, left, right


def members_of(kind: type) -> dict[str, Any]:
    """Its slots, by name."""
    return {
        name: member
        for base in kind.__mro__
        if base.__flags__ & HEAP_TYPE
        for name, member in base.__dict__.items()
        if type(member) is types.MemberDescriptorType
    }


def attributes_of(value: Any, members: dict[str, Any]) -> dict[str, Any]:
    """__dict__ and slots, without __getattr__."""
    own = getattr(value, "__dict__", None)
    if not members:
        return own if isinstance(own, dict) else {}
    found = dict(own) if isinstance(own, dict) else {}
    for name, member in members.items():
        try:
            found[name] = member.__get__(value)
        except AttributeError:
            continue  # a slot that holds nothing
    return found


def by_attributes(kind: type) -> Answer:
    members = members_of(kind)
    if has_hidden_state(kind, len(members)):
        return same_reduced

    def answer(kinds: Kinds, left: Any, right: Any) -> Told:
        others = members if type(right) is kind else members_of(type(right))
        return ATTRIBUTES, attributes_of(left, members), attributes_of(right, others)

    return answer


def has_hidden_state(kind: type, slot_count: int) -> bool:
    """Whether there is more in an object than slots, dictionary and weak references."""
    known = object.__basicsize__ + (slot_count + 2) * WORD_BYTES
    return kind.__basicsize__ > known or kind.__itemsize__ > 0


def same_reduced(kinds: Kinds, left: Any, right: Any) -> Told:
    """What can be copied says what it is made of."""
    if left is right:
        return None
    try:
        pair = [one.__reduce_ex__(2) for one in (left, right)]
    except TypeError:
        return f"{name_of(type(left))} cannot be looked into, and has no __eq__ of its own"
    return (WORDS, *({".__reduce__()": made} for made in pair))


def with_attributes(content: Callable[[Any], Any]) -> Answer:
    """Of a class that is a kind of list, text, ...: what it is, and what attributes it has."""

    def answer(kinds: Kinds, left: Any, right: Any) -> Told:
        pair = content(left), content(right)
        more = [attributes_of(one, members_of(type(one))) for one in (left, right)]
        if not any(more):
            return (ITEMS, *pair)
        return (WORDS, *({"": inner, **{f".{name}": value for name, value in own.items()}}
                         for inner, own in zip(pair, more, strict=True)))

    return answer


def unless_own_eq(base: type, content: Callable[[Any], Any]) -> Answer:
    plain = with_attributes(content)

    def answer(kinds: Kinds, left: Any, right: Any) -> Told:
        if has_own_eq(type(left), base):
            return same_by_eq(kinds, left, right)
        return plain(kinds, left, right)

    return answer


def same_tuple(kinds: Kinds, left: Any, right: Any) -> Told:
    if has_own_eq(type(left), tuple):
        return same_by_eq(kinds, left, right)
    names = getattr(left, "_fields", None)
    if names is not None and names == getattr(right, "_fields", None):
        return (ATTRIBUTES, *(dict(zip(names, tuple.__iter__(one), strict=True))
                              for one in (left, right)))
    return _tuple_with_attributes(kinds, left, right)


_tuple_with_attributes = with_attributes(lambda value: tuple(tuple.__iter__(value)))


def same_set(kinds: Kinds, left: Any, right: Any) -> Told:
    """What is in one of them alone; numbers that are only close find each other in order."""
    left_only, right_only = set.difference(set(left), right), set.difference(set(right), left)
    if not left_only and not right_only:
        return same_types(kinds, left, right)
    if len(left_only) == len(right_only) and all(
            isinstance(one, (int, float)) for one in (*left_only, *right_only)):
        return ITEMS, sorted(left_only, key=float), sorted(right_only, key=float)
    return f"{words_of(left_only)} on the left side only, {words_of(right_only)} on the right"


def same_types(kinds: Kinds, left: Any, right: Any) -> Told:
    """Of equal sets: 1, 1.0 and True are one element."""
    types_of = {item: type(item) for item in right} if kinds.rule.strict else {}
    for item in left if kinds.rule.strict else ():
        if type(item) is not types_of[item] and not are_alike(type(item), types_of[item]):
            return f"{item!r} is {name_of(type(item))} against {name_of(types_of[item])}"
    return max(1, len(left))


def words_of(items: set[Any]) -> str:
    from tare.agreeing.showing import shown

    if not items:
        return "nothing"
    first = shown(min(items, key=repr) if len(items) < 1000 else next(iter(items)))
    return first if len(items) == 1 else f"{first} and {len(items) - 1:,} more"


def same_ordered(kinds: Kinds, left: Any, right: Any) -> Told:
    if list(left) != list(right):
        return "keys come in another order" if left.keys() == right.keys() else (
            ITEMS, dict(left), dict(right))
    return ITEMS, dict(left), dict(right)


def same_exception(kinds: Kinds, left: Any, right: Any) -> Told:
    own = [{name: value for name, value in vars(one).items() if name != "__notes__"}
           for one in (left, right)]
    return (ATTRIBUTES, *({"args": one.args, **more}
                          for one, more in zip((left, right), own, strict=True)))


def same_function(kinds: Kinds, left: Any, right: Any) -> Told:
    codes = [getattr(one, "__code__", None) for one in (left, right)]
    if left == right or left.__qualname__ == right.__qualname__ and None not in codes and (
            codes[0].co_code == codes[1].co_code):
        return None
    return "two functions"


def same_type(kinds: Kinds, left: Any, right: Any) -> Told:
    return None if left is right or are_alike(left, right) else "two classes"


def same_member(kinds: Kinds, left: Any, right: Any) -> Told:
    if left is right or left.name == right.name and left.name is not None:
        return None
    return None if left.name is right.name and left.value == right.value else "two members"


def is_carried(value: Any) -> bool:
    carrying = sys.modules.get("tare.comparing.carrying")
    return carrying is not None and isinstance(value, carrying.Carried)


def same_carried(kinds: Kinds, left: Any, right: Any) -> Told:
    if left.type_name != right.type_name:
        return f"{left.type_name} against {right.type_name}"
    return WORDS, left.parts, right.parts


_list_answer = unless_own_eq(list, lambda value: list(list.__iter__(value)))
_dict_answer = unless_own_eq(dict, dict.copy)

_BY_TYPE: dict[type, Answer] = {
    object: lambda kinds, left, right: None,  # there is nothing in it
    set: same_set,
    frozenset: same_set,
    deque: with_attributes(list),
    OrderedDict: same_ordered,
    Counter: lambda kinds, left, right: (ITEMS, dict(left), dict(right)),
    range: same_by_eq,
    array.array: same_buffers,
    memoryview: same_buffers,
    types.FunctionType: same_function,
    types.BuiltinFunctionType: same_by_eq,
    types.MethodType: lambda kinds, left, right: (
        ATTRIBUTES, *({"__self__": one.__self__, "__func__": one.__func__}
                      for one in (left, right))),
    types.ModuleType: lambda kinds, left, right: (
        None if left.__name__ == right.__name__ else "two modules"),
    functools.partial: lambda kinds, left, right: (
        ATTRIBUTES, *({"func": one.func, "args": one.args, "keywords": one.keywords}
                      for one in (left, right))),
    type(NotImplemented): lambda kinds, left, right: None,
    type(Ellipsis): lambda kinds, left, right: None,
    type({}.keys()): lambda kinds, left, right: (ITEMS, set(left), set(right)),
    type({}.values()): lambda kinds, left, right: (ITEMS, list(left), list(right)),
    type({}.items()): lambda kinds, left, right: (ITEMS, dict(left), dict(right)),
}

# In this order: an enumeration may be one of numbers.
_BY_BASE: tuple[tuple[type, Answer], ...] = (
    (type, same_type),
    (enum.Enum, same_member),
    (BaseException, same_exception),
    (str, unless_own_eq(str, lambda value: str.__str__(value))),
    (bytes, unless_own_eq(bytes, lambda value: bytes.__add__(value, b""))),
    (bytearray, unless_own_eq(bytearray, lambda value: bytearray.copy(value))),
    (tuple, same_tuple),
    (list, _list_answer),
    (dict, _dict_answer),
    (set, unless_own_eq(set, lambda value: set(set.__iter__(value)))),
    (frozenset, unless_own_eq(frozenset, lambda value: set(frozenset.__iter__(value)))),
)
