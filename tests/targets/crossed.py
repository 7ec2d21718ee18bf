"""Many short calls whose legal stacks are known exactly.

main calls, by turns: DEPTH + 1 times `deep`, then a0 -> b0; a1 -> b1; half as many
times `deep`, then a2 -> b2; a3 -> b3. Any other stack is one that never existed: two
moments read as one. A round takes some microseconds, about as long as a remote read.

usage: crossed.py [DEPTH [SECONDS]]
"""

import sys
import time
from collections.abc import Callable

from truth import line_of, seconds, tell


def b0() -> int:
    return 0


def b1() -> int:
    return 1


def b2() -> int:
    return 2


def b3() -> int:
    return 3


def a0() -> int:
    return b0()  # a0 calls b0


def a1() -> int:
    return b1()  # a1 calls b1


def a2() -> int:
    return b2()  # a2 calls b2


def a3() -> int:
    return b3()  # a3 calls b3


def deep(left: int, then: Callable[[], int]) -> int:
    if left:
        return deep(left - 1, then)  # deep calls deep
    return then()  # deep calls then


def main(depth: int, duration: float) -> None:
    half = depth // 2
    end = time.perf_counter() + duration
    rounds = 0
    while time.perf_counter() < end:
        for _ in range(1_000):
            deep(depth, a0)  # main calls deep, a0
            a1()  # main calls a1
            deep(half, a2)  # main calls deep, a2
            a3()  # main calls a3
        rounds += 1_000
    marks = [
        "a0 calls b0", "a1 calls b1", "a2 calls b2", "a3 calls b3",
        "deep calls deep", "deep calls then",
        "main calls deep, a0", "main calls a1", "main calls deep, a2", "main calls a3",
        "module calls main",
    ]
    tell(depth=depth, half=half, rounds=rounds,
         lines={mark: line_of(__file__, mark) for mark in marks})


depth_asked = int(sys.argv[1]) if len(sys.argv) > 1 else 10
main(depth_asked, seconds(2, 2))  # module calls main
