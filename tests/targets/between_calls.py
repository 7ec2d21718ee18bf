"""Three equal pieces of work of some microseconds after every system call.

A sampler that comes when the program enters or leaves the kernel, or lets others run, sees
the call and the last piece, and never the first.

usage: between_calls.py [SECONDS]
"""

import os
import time

from truth import seconds, tell

COUNT = 100


def spin() -> None:
    x = 0
    for i in range(COUNT):
        x ^= i


def first() -> None:
    spin()


def second() -> None:
    spin()


def third() -> None:
    spin()


def between(times: int) -> None:
    for _ in range(times):
        os.getppid()
        first()
        second()
        third()


def main() -> None:
    end = time.perf_counter() + seconds(5)
    while time.perf_counter() < end:
        between(1000)
    tell(first=1, second=1, third=1)


main()
