"""Python called from C, and every other way a frame can come and go.

The truth is the set of legal pairs (caller, callee) below `main`, and each case's time.

usage: callbacks.py [SECONDS]
"""

import functools
import re
import sys
import time
import weakref

from truth import Account, seconds, tell


def burn() -> int:
    x = 0
    for i in range(60):
        x ^= i
    return x


def key_of(item: int) -> int:
    return burn() + item


def case_sorted() -> None:
    sorted([5, 3, 1, 4, 2], key=key_of)


def mapped(item: int) -> int:
    return burn() + item


def case_map() -> None:
    for _ in map(mapped, range(5)):
        pass


def replaced(match: re.Match[str]) -> str:
    burn()
    return match.group()


LETTER = re.compile("a")


def case_regex() -> None:
    LETTER.sub(replaced, "aaaaa")


class Point:
    def __init__(self) -> None:
        self.x = burn()


def case_init() -> None:
    for _ in range(5):
        Point()


def nest(left: int) -> int:
    if left == 0:
        return burn()
    return next(map(nest, [left - 1]))


def case_nest() -> None:
    nest(20)


def thrower(left: int) -> None:
    if left:
        thrower(left - 1)
    burn()
    raise KeyError(left)


def case_raise() -> None:
    for _ in range(5):
        try:
            thrower(5)
        except KeyError:
            burn()


def case_comprehension() -> None:
    [burn() for _ in range(5)]


INNER = "def in_exec():\n    return burn()\nin_exec(); in_exec(); in_exec()\n"
COMPILED = compile(INNER, "<exec'd>", "exec")


def case_exec() -> None:
    exec(COMPILED, {"burn": burn})


class Managed:
    def __enter__(self) -> None:
        burn()

    def __exit__(self, *details: object) -> None:
        burn()

    @property
    def size(self) -> int:
        return burn()

    def __lt__(self, other: object) -> bool:
        return burn() < 0

    def __getattr__(self, name: str) -> int:
        return burn()


def case_protocols() -> None:
    managed = Managed()
    with managed:
        burn()
    managed.size
    managed.absent
    max(managed, Managed())


class Dying:
    def __del__(self) -> None:
        burn()


def on_death(reference: object) -> None:
    burn()


def case_death() -> None:
    for _ in range(3):
        dying = Dying()
        watched = weakref.ref(dying, on_death)
        del dying
        del watched


def wrapped_by_partial(item: int) -> int:
    return burn() + item


def case_partial() -> None:
    for _ in range(5):
        functools.partial(wrapped_by_partial, 1)()


CASES = [case_sorted, case_map, case_regex, case_init, case_nest, case_raise,
         case_comprehension, case_exec, case_protocols, case_death, case_partial]

EDGES = [
    ("case_sorted", "key_of"), ("key_of", "burn"),
    ("case_map", "mapped"), ("mapped", "burn"),
    ("case_regex", "replaced"), ("replaced", "burn"),
    ("case_init", "__init__"), ("__init__", "burn"),
    ("case_nest", "nest"), ("nest", "nest"), ("nest", "burn"),
    ("case_raise", "thrower"), ("thrower", "thrower"), ("thrower", "burn"),
    ("case_raise", "burn"),
    ("case_exec", "<module>"), ("<module>", "in_exec"), ("in_exec", "burn"),
    ("case_protocols", "__enter__"), ("__enter__", "burn"), ("case_protocols", "burn"),
    ("case_protocols", "__exit__"), ("__exit__", "burn"),
    ("case_protocols", "size"), ("size", "burn"),
    ("case_protocols", "__getattr__"), ("__getattr__", "burn"),
    ("case_protocols", "__lt__"), ("__lt__", "burn"),
    ("case_death", "__del__"), ("__del__", "burn"),
    ("case_death", "on_death"), ("on_death", "burn"),
    ("case_partial", "wrapped_by_partial"), ("wrapped_by_partial", "burn"),
]


def main() -> None:
    edges = list(EDGES)
    if sys.version_info < (3, 12):
        edges += [("case_comprehension", "<listcomp>"), ("<listcomp>", "burn")]
    else:
        edges += [("case_comprehension", "burn")]
    account = Account()
    end = time.perf_counter() + seconds(3)
    while time.perf_counter() < end:
        for case in CASES:
            account.charge(case.__name__, repeat, case)
    tell(ns=account.ns, edges=edges + [("repeat", case.__name__) for case in CASES])


def repeat(case: object) -> None:
    for _ in range(20):
        case()  # type: ignore[operator]


main()
