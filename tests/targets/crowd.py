"""COUNT threads that wait while the main thread works.

usage: crowd.py [COUNT [SECONDS]]
"""

import sys
import threading
import time

from truth import seconds, tell


def idle(done: threading.Event) -> None:
    done.wait()


def busy(duration: float) -> int:
    begin = time.perf_counter_ns()
    while time.perf_counter_ns() - begin < duration * 1e9:
        x = 0
        for i in range(5_000):
            x ^= i
    return time.perf_counter_ns() - begin


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    threading.stack_size(1 << 18)
    done = threading.Event()
    crowd = [threading.Thread(target=idle, args=(done,)) for _ in range(count)]
    for thread in crowd:
        thread.start()
    busy_ns = busy(seconds(2, 2))
    done.set()
    for thread in crowd:
        thread.join()
    tell(count=count, busy=busy_ns)


main()
