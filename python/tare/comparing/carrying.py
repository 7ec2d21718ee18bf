"""Values from one interpreter to another, as JSON text: carry there, uncarry here.

Plain Python that runs in 2.7, 3.x and PyPy: it is imported in interpreters that know nothing of
Tare, by its file's name, and imports what every one of them has.

    {"tare": 1, "root": VALUE, "nodes": [NODE, ...]}

    VALUE   null, true, "text", 12        as they are; whole numbers up to 2^53
            ["f", "0.1"], ["i", "1..."]   float by its repr, larger whole number
            ["b", BASE64], ["c", RE, IM]  bytes; complex
            ["@", 3]                      node 3: what may be large, shared or part of itself
    NODE    ["list", [VALUE...]]  tuple, set, frozenset likewise     ["dict", [KEY, VALUE...]]
            ["floats", BASE64]            a list of floats; ["bytearray", BASE64]
            ["decimal", "0.1"]            ["fraction", "1/3"]
            ["array", "f8", SHAPE, BASE64]      NumPy's, of plain numbers, little-endian
            ["object", TYPE, STEPS, [VALUE...]]      anything else, by what it is made of

Nothing recurses, so depth has no bound. Of an object the type's name and its parts are carried: it
comes back as a Carried, which tare.agreeing compares by both. What Python 2 calls str is text when
it is ASCII, else bytes.
"""

import base64
import itertools
import json
import struct
import sys

MOST_ITEMS = 100000  # of an iterator, which may have no end
EXACT_INTEGER = 1 << 53
_NUMBERS = ("decimal", "_decimal", "_pydecimal", "fractions")

if sys.version_info[0] == 2:
    text_type, integer_types, native_bytes = unicode, (int, long), True  # noqa: F821
else:
    text_type, integer_types, native_bytes = str, (int,), False


class Carried(object):
    """What an object of another interpreter was: its type's name, and parts by step of a path."""

    def __init__(self, type_name, parts):
        self.type_name = type_name
        self.parts = parts

    def __repr__(self):
        """Not of what is deeper: it may be this one again."""
        shown = []
        for step, part in list(self.parts.items())[:4]:
            inner = repr(part) if _plain(part) is not None else "<%s>" % type(part).__name__
            shown.append("%s=%s" % (step.lstrip("."), inner) if step else inner)
        return "%s(%s)" % (self.type_name, ", ".join(shown))


# ---- there ----


def carry(value):
    """The value as text. Iterators in it are used up, the first MOST_ITEMS items of them."""
    carrier = _Carrier()
    root = carrier.put(value)
    carrier.finish()
    return json.dumps({"tare": 1, "root": root, "nodes": carrier.nodes}, separators=(",", ":"))


class _Carrier(object):
    def __init__(self):
        self.nodes = []
        self._numbers = {}  # id -> node
        self._held = []  # what has a number, so that nothing else gets its id
        self._waiting = []

    def put(self, value):
        """The VALUE for it; what has parts gets a node, which is filled later."""
        plain = _plain(value)
        if plain is not None:
            return plain[0]
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self.nodes)
            self.nodes.append(None)
            self._held.append(value)
            self._waiting.append((number, value))
        return ["@", number]

    def finish(self):
        while self._waiting:
            number, value = self._waiting.pop()
            self.nodes[number] = self._node(value)

    def _node(self, value):
        kind = type(value)
        if kind is list and value and all(type(item) is float for item in value):
            return ["floats", _base64(struct.pack("<%dd" % len(value), *value))]
        if kind in (list, tuple, set, frozenset):
            return [kind.__name__, [self.put(item) for item in value]]
        if kind is dict:
            return ["dict", [self.put(one) for pair in list(value.items()) for one in pair]]
        if kind is bytearray:
            return ["bytearray", _base64(bytes(value))]
        if kind.__name__ in ("Decimal", "Fraction") and kind.__module__ in _NUMBERS:
            return [kind.__name__.lower(), str(value)]
        if _is_plain_array(value):
            data = value.astype("<" + value.dtype.str[1:]).tobytes()
            return ["array", value.dtype.str[1:], list(value.shape), _base64(data)]
        name, parts = _parts(value)
        return ["object", name, [step for step, _ in parts],
                [self.put(part) for _, part in parts]]


def _base64(data):
    return base64.b64encode(data).decode("ascii")


def _plain(value):
    """The VALUE in a tuple, of what has no parts; None for anything else."""
    kind = type(value)
    if value is None or kind is bool or kind is text_type:
        return (value,)
    if kind in integer_types:
        small = -EXACT_INTEGER <= value <= EXACT_INTEGER
        return (value,) if small else (["i", "%x" % value],)
    if kind is float:
        return (["f", repr(value)],)
    if kind is complex:
        return (["c", repr(value.real), repr(value.imag)],)
    if kind is bytes:
        if native_bytes:
            try:
                return (value.decode("ascii"),)
            except UnicodeDecodeError:
                pass
        return (["b", _base64(value)],)
    return None


def _parts(value):
    """Type's name and (step, part)s. Objects' own code may raise: then that is all there is."""
    name = type(value).__name__
    try:
        for known, parts in _KNOWN:
            if known(value):
                return parts(value)
        return name, _attributes(value) or [("", _as_text(value))]
    except Exception as error:
        return name, [(": looking into it raised ", type(error).__name__)]


def _as_text(value):
    """repr, unless that is nothing but where the object lies."""
    return None if " at 0x" in repr(value) else repr(value)


def _attributes(value):
    own = getattr(value, "__dict__", None)
    found = dict(own) if isinstance(own, dict) else {}
    for base in type(value).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            if slot.startswith("__") and not slot.endswith("__"):
                slot = "_%s%s" % (base.__name__.lstrip("_"), slot)
            if slot not in ("__dict__", "__weakref__") and hasattr(value, slot):
                found[slot] = getattr(value, slot)
    return [(".%s" % name, found[name]) for name in sorted(found)]


def _enum_parts(value):
    return type(value).__name__, [(".name", value.name)]


def _exception_parts(error):
    own = [(step, part) for step, part in _attributes(error) if step != ".__notes__"]
    return type(error).__name__, [(".args", tuple(error.args))] + own


def _named_parts(value):
    """Classes and functions."""
    return type(value).__name__, [(".__name__", value.__name__)]


def _range_parts(value):
    return "range", list(zip((".start", ".stop", ".step"), value.__reduce__()[1]))


def _iterator_parts(iterator):
    items = []
    try:
        items.extend(itertools.islice(iterator, MOST_ITEMS))
    except Exception as error:
        items.append(error)
    return type(iterator).__name__, [("", items)]


def _record_parts(value):
    return type(value).__name__, [(".%s" % name, item) for name, item in zip(value._fields, value)]


def _is_record(value):
    return isinstance(value, tuple) and isinstance(getattr(value, "_fields", None), tuple)


def _deque_parts(value):
    return "deque", [("", list(value))]


def _ordered_parts(value):
    return "OrderedDict", [(".keys()", list(value)), ("", dict(value))]


def _is_ordered(value):
    return type(value).__name__ == "OrderedDict" and isinstance(value, dict)


def _is_deque(value):
    return type(value).__name__ == "deque" and type(value).__module__ in ("collections",
                                                                          "_collections")


def _array_parts(value):
    return "array", [(".typecode", value.typecode), ("", value.tolist())]


def _is_array(value):
    return type(value).__name__ == "array" and hasattr(value, "typecode")


def _is_range(value):
    return type(value).__name__ in ("range", "xrange")


def _is_iterator(value):
    kind = type(value)
    return hasattr(kind, "__iter__") and (hasattr(kind, "__next__") or hasattr(kind, "next"))


def _subclass_parts(base):
    def parts(value):
        return type(value).__name__, [("", base(value))] + _attributes(value)

    return parts


def _numpy_parts(value):
    name = type(value).__name__
    if not hasattr(value, "dtype") or not hasattr(value, "tolist"):
        return name, [("", _as_text(value))]
    if not hasattr(value, "__array_finalize__"):
        return name, [("", value.item())]
    return name, [(".dtype", str(value.dtype)), (".shape", tuple(value.shape)),
                  ("", value.tolist())]


def _is_plain_array(value):
    return _is_of("numpy")(value) and type(value).__name__ == "ndarray" and value.size > 0 and (
        value.dtype.str[1:] in _CASTS)


def _pandas_parts(value):
    name = type(value).__name__
    if name == "DataFrame":
        columns = [("[%r]" % (column,), value.iloc[:, number].tolist())
                   for number, column in enumerate(value.columns)]
        return name, [(".columns", value.columns.tolist()), (".index", value.index.tolist()),
                      (".dtypes", [str(one) for one in value.dtypes])] + columns
    if name == "Series":
        return name, [(".name", value.name), (".index", value.index.tolist()),
                      (".dtype", str(value.dtype)), ("", value.tolist())]
    return name, [("", value.tolist() if hasattr(value, "tolist") else _as_text(value))]


def _is_of(package):
    return lambda value: str(type(value).__module__).split(".")[0] == package


def _is_instance(*bases):
    return lambda value: isinstance(value, bases)


# Of NumPy's types by their kind and size: what memoryview calls them.
_CASTS = {"f8": "d", "f4": "f", "i8": "q", "i4": "i", "i2": "h", "i1": "b",
          "u8": "Q", "u4": "I", "u2": "H", "u1": "B"}

_KNOWN = [
    (_is_of("numpy"), _numpy_parts),
    (_is_of("pandas"), _pandas_parts),
    (_is_instance(BaseException), _exception_parts),
    (_is_instance(type), _named_parts),
    (lambda value: hasattr(value, "__code__"), _named_parts),
    (lambda value: hasattr(type(value), "__members__"), _enum_parts),
    (_is_array, _array_parts),
    (_is_deque, _deque_parts),
    (_is_record, _record_parts),
    (_is_ordered, _ordered_parts),
    (_is_range, _range_parts),
    (_is_iterator, _iterator_parts),
] + [
    (_is_instance(base), _subclass_parts(base))
    for base in (list, tuple, set, frozenset, dict, text_type, bytes, float) + integer_types
]


# ---- here ----


def uncarry(text):
    """The value that was carried, objects as Carried. ValueError for any other text."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("tare") != 1:
        raise ValueError("uncarry: no text that carry has made")
    rebuilt = _Rebuilt(document["nodes"])
    return rebuilt.value(document["root"])


class _Rebuilt(object):
    """First what can change, empty, so that others may hold it; then what cannot, the innermost
    first; then what is in the former. What refers to itself does so through something that can
    change, so the second step ends."""

    def __init__(self, nodes):
        self._nodes = nodes
        self._made = [_shell(node) for node in nodes]
        for number in range(len(nodes)):
            if self._made[number] is None:
                self._build(number)
        for node, made in zip(nodes, self._made):
            self._fill(node, made)

    def value(self, given):
        if not isinstance(given, list):
            return given
        tag = given[0]
        if tag == "@":
            return self._made[given[1]]
        if tag == "f":
            return float(given[1])
        if tag == "i":
            return int(given[1], 16)
        if tag == "c":
            return complex(float(given[1]), float(given[2]))
        return base64.b64decode(given[1])

    def _build(self, number):
        waiting = [number]
        while waiting:
            tag, items = self._nodes[waiting[-1]]
            missing = [item[1] for item in items
                       if isinstance(item, list) and item[0] == "@" and self._made[item[1]] is None]
            if missing:
                waiting.extend(missing)
                continue
            kind = tuple if tag == "tuple" else frozenset
            self._made[waiting.pop()] = kind(self.value(item) for item in items)

    def _fill(self, node, made):
        tag = node[0]
        if tag == "list":
            made.extend(self.value(item) for item in node[1])
        elif tag == "set":
            made.update(self.value(item) for item in node[1])
        elif tag == "dict":
            values = [self.value(item) for item in node[1]]
            made.update(zip(values[::2], values[1::2]))
        elif tag == "object":
            made.parts.update(zip(node[2], (self.value(part) for part in node[3])))


def _shell(node):
    """The object for a node, empty where it can be filled; None for what cannot change."""
    tag = node[0]
    if tag in ("list", "set", "dict"):
        return {"list": list, "set": set, "dict": dict}[tag]()
    if tag == "object":
        return Carried(node[1], {})
    if tag == "floats":
        data = base64.b64decode(node[1])
        return list(struct.unpack("<%dd" % (len(data) // 8), data))
    if tag == "bytearray":
        return bytearray(base64.b64decode(node[1]))
    if tag == "decimal":
        from decimal import Decimal

        return Decimal(node[1])
    if tag == "fraction":
        from fractions import Fraction

        return Fraction(node[1])
    if tag == "array":
        return memoryview(base64.b64decode(node[3])).cast(_CASTS[node[1]], node[2])
    return None
