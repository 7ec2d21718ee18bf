"""Values of known make, carried: runs in any interpreter, 2.7 and PyPy too.

    python foreign.py CARRYING.PY        prints a line of JSON: name -> what carry made of it
"""

from __future__ import print_function

import collections
import decimal
import fractions
import json
import sys

if sys.version_info[0] == 2:
    import imp

    carrying = imp.load_source("carrying", sys.argv[1])
else:
    import importlib.util

    spec = importlib.util.spec_from_file_location("carrying", sys.argv[1])
    carrying = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(carrying)


class Point(object):
    def __init__(self, x, y):
        self.x, self.y = x, y


class Slotted(object):
    __slots__ = ("a", "__hidden")

    def __init__(self):
        self.a, self.__hidden = 1, 2.5


class Cursed(object):
    @property
    def __dict__(self):
        raise RuntimeError("no")


Pair = collections.namedtuple("Pair", "left right")


def items():
    yield 1
    raise KeyError("gone")


def circle():
    inner = []
    outer = (inner, {"in": inner})
    inner.append(outer)
    return outer


def deep():
    made = 1.5
    for level in range(5000):
        made = (made,) if level % 2 else [made]
    return made


def raised():
    try:
        raise ValueError("bad", 3)
    except ValueError as error:
        return error


VALUES = {
    "none": None, "true": True, "int": 7, "long": 3 ** 100, "negative": -(3 ** 100),
    "edge": 2 ** 53 + 1, "tenth": 0.1, "third": 1 / 3.0, "smallest": 5e-324, "nan": float("nan"),
    "inf": float("-inf"), "zero": -0.0, "complex": complex(1.5, -0.0), "text": u"na\u00efve \ud800",
    "ascii": "plain", "bytes": b"\xff\x00", "list": [1, 2.5, "x", None], "floats": [0.1, 0.2, 0.3],
    "tuple": (1, (2, [3])), "set": {1, 2, 3}, "frozenset": frozenset([(1, 2)]),
    "dict": {"a": [1], (1, 2): {"b": None}}, "bytearray": bytearray(b"ab"), "point": Point(1, 2.5),
    "slotted": Slotted(), "cursed": Cursed(), "pair": Pair(1, "r"), "items": items(),
    "circle": circle(), "deep": deep(), "error": raised(), "decimal": decimal.Decimal("0.10"),
    "fraction": fractions.Fraction(1, 3), "deque": collections.deque([1, 2]), "type": Point,
    "shared": [[1]] * 2, "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
}

print(json.dumps({name: carrying.carry(value) for name, value in VALUES.items()}))
