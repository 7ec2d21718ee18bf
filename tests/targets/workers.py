"""COUNT child processes at once, each of which works for SECONDS of CPU time.

usage: workers.py [COUNT [SECONDS]]
"""

import os
import sys
import time

from truth import seconds, tell


def in_worker(duration: float) -> None:
    while time.process_time() < duration:
        x = 0
        for i in range(5_000):
            x ^= i


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    duration = seconds(0.5, 2)
    begin = time.perf_counter_ns()
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            in_worker(time.process_time() + duration)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    tell(pids=children, ns=time.perf_counter_ns() - begin)


main()
