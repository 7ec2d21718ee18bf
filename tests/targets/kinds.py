"""Calls of every kind, counted by cProfile and by what takes its place; tells both.

usage: kinds.py BUILTINS      0 or 1
"""

import cProfile
import collections
import json
import re
import sys

import tare.compat.cProfile
from truth import tell


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def even(n: int) -> bool:
    return n == 0 or odd(n - 1)


def odd(n: int) -> bool:
    return n != 0 and even(n - 1)


def numbers(count: int):
    for i in range(count):
        yield i


class Point:
    def __init__(self, x: int) -> None:
        self.x = x

    def get(self) -> int:
        return self.x

    @property
    def first(self) -> int:
        return self.get()

    @staticmethod
    def one() -> int:
        return 1

    @classmethod
    def made(cls) -> "Point":
        return cls(1)


def raises() -> None:
    raise ValueError


def catches() -> None:
    try:
        raises()
    except ValueError:
        pass
    try:
        len(3)  # type: ignore[arg-type]
    except TypeError:
        pass


def work() -> None:
    fib(10)
    even(9)
    list(numbers(5))
    sum(numbers(7))
    any(x > 2 for x in range(5))
    for i in range(5):
        _ = Point(i).first
        Point.one()
        Point.made()
    catches()
    sorted([3, 1, 2], key=lambda v: -v)
    found: dict = {}
    found.update(a=1)
    found.setdefault("b", []).append(found.get("a"))
    ",".join("x,y".split(","))
    json.loads(json.dumps({"a": [1, 2, {"b": None}]}))
    re.sub(r"\d", "x", "a1b2")
    collections.Counter("hello").most_common(1)
    max(len([1]), abs(2), key=int)
    dict.fromkeys([1])
    int.from_bytes(b"a", "big")


def counts(module, builtins: bool) -> dict[str, list]:
    profile = module.Profile(builtins=builtins)
    profile.enable()
    work()
    profile.disable()
    profile.create_stats()
    return {repr(key): [row[0], row[1], sorted((repr(caller), *numbers[:2])
                                               for caller, numbers in row[4].items())]
            for key, row in profile.stats.items()}


def main() -> None:
    work()  # what happens once happens now
    builtins = sys.argv[1] == "1"
    tell(truth=counts(cProfile, builtins), seen=counts(tare.compat.cProfile, builtins))


main()
