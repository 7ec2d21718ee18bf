"""COUNT different functions, each called in turn from a few different depths.

usage: many.py [COUNT [SECONDS]]
"""

import sys
import time
import types
from collections.abc import Callable

from truth import seconds, tell


def pattern() -> int:
    x = 0
    for i in range(100):
        x ^= i
    return x


def make(count: int) -> list[Callable[[], int]]:
    return [types.FunctionType(
        pattern.__code__.replace(co_name=f"f{i}", co_qualname=f"f{i}", co_firstlineno=i + 1),
        {}) for i in range(count)]


def under(depth: int, functions: list[Callable[[], int]]) -> None:
    if depth:
        return under(depth - 1, functions)
    for function in functions:
        function()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    functions = make(count)
    end = time.perf_counter() + seconds(4, 2)
    turn = 0
    begin = time.perf_counter_ns()
    while time.perf_counter() < end:
        under(turn % 10, functions)
        turn += 1
    tell(count=count, turns=turn, under=time.perf_counter_ns() - begin)


main()
