"""Three functions with known shares of the time: about 10, 30 and 60 per cent.

usage: split.py [SECONDS]
"""

import time

from truth import Account, count_for, seconds, tell


def small(count: int) -> int:
    total = 0
    for i in range(count):
        total += i & 7
    return total


def middle(count: int) -> int:
    total = 1
    for i in range(count):
        total = (total * 3 + i) & 1023
    return total


def large(count: int) -> int:
    total = 0
    for i in range(count):
        if i % 3:
            total ^= i
    return total


def main() -> None:
    parts = [(small, 100_000), (middle, 300_000), (large, 600_000)]
    counts = {work: count_for(work, ns) for work, ns in parts}
    account = Account()
    end = time.perf_counter() + seconds(2)
    while time.perf_counter() < end:
        for work, count in counts.items():
            account.charge(work.__name__, work, count)
    tell(**account.ns)


main()
