"""Recursion DEPTH deep, with known work at the bottom and none elsewhere.

usage: recursion.py [DEPTH [SECONDS]]
"""

import sys
import time

from truth import seconds, tell


def bottom(duration: float) -> int:
    begin = time.perf_counter_ns()
    while time.perf_counter_ns() - begin < duration * 1e9:
        x = 0
        for i in range(5_000):
            x ^= i
    return time.perf_counter_ns() - begin


def down(left: int, duration: float) -> int:
    if left:
        return down(left - 1, duration)
    return bottom(duration)


def main() -> None:
    depth = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    sys.setrecursionlimit(depth + 1_000)
    spent_ns = down(depth - 1, seconds(0.6, 2))
    tell(depth=depth, bottom=spent_ns)


main()
