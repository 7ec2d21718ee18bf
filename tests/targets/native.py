"""Time in C functions and time in Python, both known.

usage: native.py [SECONDS]
"""

import time

from truth import Account, count_for, seconds, tell


def in_native(count: int) -> int:
    return sum(range(count))


def in_python(count: int) -> int:
    x = 0
    for i in range(count):
        x ^= i
    return x


def main() -> None:
    native_count = count_for(in_native, 2_000_000)
    python_count = count_for(in_python, 1_000_000)
    account = Account()
    end = time.perf_counter() + seconds(2)
    while time.perf_counter() < end:
        account.charge("in_native", in_native, native_count)
        account.charge("in_python", in_python, python_count)
    tell(**account.ns)


main()
