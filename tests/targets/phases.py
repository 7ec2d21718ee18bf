"""Two phases, the first of them twice: a, b, a, as 1 : 2 : 1; tells when each began.

A helper naps as long as the second phase lasts, and ends with it.

usage: phases.py [SECONDS_OF_A_QUARTER]
"""

import threading
import time
from collections.abc import Callable

from truth import seconds, tell

BEGIN_UNIX_NS: list[int] = []


def spin(end_ns: int) -> None:
    while time.perf_counter_ns() < end_ns:
        for _ in range(500):
            pass


def phase_a(end_ns: int) -> None:
    spin(end_ns)


def phase_b(end_ns: int) -> None:
    helper = threading.Thread(target=nap, args=((end_ns - time.perf_counter_ns()) / 1e9,),
                              name="helper")
    helper.start()
    spin(end_ns)
    helper.join()


def nap(duration: float) -> None:
    time.sleep(duration)


def last(phase: Callable[[int], None], duration_ns: float) -> None:
    BEGIN_UNIX_NS.append(time.time_ns())
    phase(time.perf_counter_ns() + int(duration_ns))


def main() -> None:
    quarter_ns = seconds(0.4) * 1e9
    last(phase_a, quarter_ns)
    last(phase_b, 2 * quarter_ns)
    last(phase_a, quarter_ns)
    tell(begin_unix_ns=BEGIN_UNIX_NS, end_unix_ns=time.time_ns())


main()
