"""Half the time in calls of some 40 ns, half in a loop without a call.

A sampler that drops what it could not read in time sees too little of the calls.

usage: halves.py [SECONDS]
"""

import time

from truth import Account, count_for, seconds, tell


def tiny() -> None:
    pass


def calling(count: int) -> None:
    for _ in range(count):
        tiny()
        tiny()
        tiny()
        tiny()


def looping(count: int) -> int:
    x = 0
    for i in range(count):
        x ^= i
    return x


def main() -> None:
    calling_count = count_for(calling, 500_000)
    looping_count = count_for(looping, 500_000)
    account = Account()
    end = time.perf_counter() + seconds(2)
    while time.perf_counter() < end:
        account.charge("calling", calling, calling_count)
        account.charge("looping", looping, looping_count)
    tell(**account.ns)


main()
