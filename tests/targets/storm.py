"""COUNT short children, forked a few at a time; LEFT of them are never reaped.

usage: storm.py [COUNT [LEFT]]
"""

import os
import sys
import time

from truth import tell


def child_work() -> None:
    x = 0
    for i in range(20_000):
        x ^= i


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    left = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    begin = time.perf_counter_ns()
    for number in range(count):
        child = os.fork()
        if child == 0:
            child_work()
            os._exit(0)
        if number >= left:
            os.waitpid(child, 0)
    tell(count=count, ns=time.perf_counter_ns() - begin)


main()
