"""Clocks that mean the same thing on every platform, in whole nanoseconds.

    wall_ns()        time that has passed, whatever ran. Never goes back
    cpu_ns()         CPU time of this process, all threads, user and system
    thread_cpu_ns()  CPU time of the calling thread

Only differences mean something. What Linux on x86-64 charges for a call, and the smallest step it
shows: wall_ns 0.05 us and 1 ns; cpu_ns and thread_cpu_ns, which are system calls, 0.3-0.6 us and
1 ns (`python -m timeit -s 'from tare.clock import wall_ns' 'wall_ns()'`). time.time() is none of
them: it is set, and can go back.
"""

from time import perf_counter_ns as wall_ns
from time import process_time_ns as cpu_ns
from time import thread_time_ns as thread_cpu_ns

__all__ = ["cpu_ns", "thread_cpu_ns", "wall_ns"]
