"""A known share of the time in the garbage collector.

usage: collecting.py [SECONDS]
"""

import gc
import time

from truth import Account, count_for, seconds, tell


def working(count: int) -> None:
    x = 0
    for i in range(count):
        x ^= i


def collect() -> None:
    gc.collect()


def main() -> None:
    gc.disable()
    kept = [[i] for i in range(100_000)]
    count = count_for(working, 10_000_000)
    account = Account()
    end = time.perf_counter() + seconds(2)
    while time.perf_counter() < end:
        account.charge("collect", collect)
        account.charge("working", working, count)
    tell(kept=len(kept), **account.ns)


main()
