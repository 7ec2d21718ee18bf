"""Holds memory and sleeps, lets it go, then works: one after the other, each for a while.

usage: counters.py [MIB [SECONDS]]
"""

import mmap
import resource
import sys
import time

from truth import seconds, tell

PAGE_BYTES = mmap.PAGESIZE
PAUSES = 40


def hold(size_bytes: int, duration: float) -> None:
    """Touches every page, and gives up the CPU of its own will now and then."""
    with mmap.mmap(-1, size_bytes) as memory:
        for at in range(0, size_bytes, PAGE_BYTES):
            memory[at] = 1
        for _ in range(PAUSES):
            time.sleep(duration / PAUSES)


def work(duration: float) -> None:
    """So much CPU time, however long that takes."""
    end = time.process_time() + duration
    x = 0
    while time.process_time() < end:
        for i in range(1_000):
            x ^= i


def main() -> None:
    size_bytes = (int(sys.argv[1]) if len(sys.argv) > 1 else 64) << 20
    duration = seconds(0.6, 2)
    hold(size_bytes, duration)
    begin_unix_ns, begin_cpu_ns = time.time_ns(), time.process_time_ns()
    work(duration)
    end_unix_ns, end_cpu_ns = time.time_ns(), time.process_time_ns()
    used = resource.getrusage(resource.RUSAGE_SELF)
    tell(held_bytes=size_bytes, begin_unix_ns=begin_unix_ns, end_unix_ns=end_unix_ns,
         begin_cpu_ns=begin_cpu_ns, end_cpu_ns=end_cpu_ns, peak_bytes=used.ru_maxrss << 10,
         minor_faults=used.ru_minflt, voluntary=used.ru_nvcsw, involuntary=used.ru_nivcsw)


main()
