"""Threads that live about a millisecond, one after the other, beside a main thread that works.

usage: churn.py [SECONDS]
"""

import threading
import time

from truth import seconds, tell

SPENT_NS = [0]


def quick() -> None:
    begin = time.thread_time_ns()
    x = 0
    for i in range(20_000):
        x ^= i
    SPENT_NS[0] += time.thread_time_ns() - begin


def in_main() -> None:
    x = 0
    for i in range(20_000):
        x ^= i


def main() -> None:
    end = time.perf_counter() + seconds(2)
    count = 0
    main_ns = 0
    while time.perf_counter() < end:
        worker = threading.Thread(target=quick, name=f"quick-{count}")
        worker.start()
        worker.join()
        count += 1
        begin = time.thread_time_ns()
        in_main()
        main_ns += time.thread_time_ns() - begin
    tell(count=count, quick=SPENT_NS[0], in_main=main_ns)


main()
