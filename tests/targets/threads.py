"""Two threads of known work, twice as much in one as in the other, and one that waits.

A thread that does not run has no GIL or no CPU. How long it was blocked, which here is for
the GIL alone, is its wall time less what the scheduler says that it ran or stood in line.

usage: threads.py [CPU_SECONDS_OF_THE_LONGER]
"""

import threading
import time
from collections.abc import Callable

from truth import seconds, tell, unblocked_ns

SPENT_NS: dict[str, int] = {}


def burn_long(limit_ns: int) -> None:
    while time.thread_time_ns() < limit_ns:
        x = 0
        for i in range(5_000):
            x ^= i


def burn_short(limit_ns: int) -> None:
    while time.thread_time_ns() < limit_ns:
        x = 0
        for i in range(5_000):
            x ^= i


def account(burn: Callable[[int], None], limit_ns: int) -> None:
    wall_ns, busy_ns = time.perf_counter_ns(), unblocked_ns()
    burn(limit_ns)
    wall_ns, busy_ns = time.perf_counter_ns() - wall_ns, unblocked_ns() - busy_ns
    SPENT_NS[burn.__name__] = time.thread_time_ns()
    SPENT_NS[f"{burn.__name__} without CPU"] = wall_ns - SPENT_NS[burn.__name__]
    SPENT_NS[f"{burn.__name__} blocked"] = max(0, wall_ns - busy_ns)


def main() -> None:
    limit_ns = int(seconds(1.6) * 1e9)
    workers = [
        threading.Thread(target=account, args=(burn_long, limit_ns), name="long"),
        threading.Thread(target=account, args=(burn_short, limit_ns // 2), name="short"),
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tell(**SPENT_NS)


main()
