"""One thread that is always 30 frames deep and works in steps of some microseconds.

usage: deep.py SECONDS
"""

import sys
import time


def step(count: int) -> int:
    x = 0
    for i in range(count):
        x ^= i
    return x


def work(duration: float) -> None:
    end = time.perf_counter() + duration
    while time.perf_counter() < end:
        for count in range(50, 250):
            step(count)


def down(left: int, duration: float) -> None:
    if left:
        down(left - 1, duration)
    else:
        work(duration)


print("ready", flush=True)
down(26, float(sys.argv[1]))  # with <module>, work and step: 30
