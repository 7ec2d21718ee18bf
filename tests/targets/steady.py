"""Works until SECONDS have passed, after saying that it is ready; prints a checksum.

usage: steady.py [SECONDS]
"""

import time

from truth import seconds, tell


def steady(duration: float) -> int:
    begin = time.perf_counter_ns()
    x = 0
    while time.perf_counter_ns() - begin < duration * 1e9:
        for i in range(5_000):
            x ^= i
    return x


print("ready", flush=True)
tell(checksum=steady(seconds(1.5)))
