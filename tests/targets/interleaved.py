"""Turns of a few microseconds: a loop without calls, then calls of some 40 ns.

What each turn takes is measured in between, from one clock read to the next. The two alternate
faster than a stack can be read twice, so a sampler that waits for a moment that is easy to
read sees more of the loop than there is.

usage: interleaved.py [SECONDS]
"""

import time

from truth import seconds, tell

TURNS = 500


def quiet() -> None:
    x = 0
    for i in range(60):
        x ^= i


def tiny() -> None:
    return None


def busy() -> None:
    for _ in range(40):
        tiny()


def mixed() -> None:
    for _ in range(TURNS):
        quiet()
        busy()


def timed(truth: dict[str, int]) -> None:
    for _ in range(TURNS):
        begin = time.perf_counter_ns()
        quiet()
        middle = time.perf_counter_ns()
        busy()
        end = time.perf_counter_ns()
        truth["quiet"] += middle - begin
        truth["busy"] += end - middle


def main() -> None:
    truth = {"quiet": 0, "busy": 0}
    stop = time.perf_counter() + seconds(4)
    while time.perf_counter() < stop:
        timed(truth)
        mixed()
        mixed()
    tell(**truth)


main()
