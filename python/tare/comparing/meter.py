"""What the kernel says happened to this thread: switches, faults, waiting for a processor.

Runs in the measured process, whatever interpreter that is: Python 2.7 and later, PyPy, the
standard library alone. One reading is two system calls, some microseconds: outside of what the
clocks bracket it disturbs a block of 4 ms by less than 0.5 %.
"""

import os

try:
    import resource
except ImportError:
    resource = None

THREAD = 1  # RUSAGE_THREAD of Linux, which old versions do not name
UNKNOWN = -1
# The thread's CPU time, its waiting for a processor (both ns) and how often it was given one.
SCHEDULING = "/proc/thread-self/schedstat"


class Meter(object):
    """Of the thread that makes it."""

    def __init__(self):
        self.who = find_who()
        try:
            self.scheduling = os.open(SCHEDULING, os.O_RDONLY)
        except OSError:
            self.scheduling = None

    def read(self):
        """(nvcsw, nivcsw, minflt, majflt, run_delay_ns), all of them growing; -1: not known."""
        counts = (UNKNOWN,) * 4
        if self.who is not None:
            used = resource.getrusage(self.who)
            counts = (used.ru_nvcsw, used.ru_nivcsw, used.ru_minflt, used.ru_majflt)
        return counts + (self.run_delay_ns(),)

    def run_delay_ns(self):
        if self.scheduling is None:
            return UNKNOWN
        os.lseek(self.scheduling, 0, os.SEEK_SET)
        fields = os.read(self.scheduling, 100).split()
        return int(fields[1]) if len(fields) == 3 else UNKNOWN

    def close(self):
        if self.scheduling is not None:
            os.close(self.scheduling)
            self.scheduling = None


def find_who():
    """The thread where the system counts for threads, else the process; None without either."""
    if resource is None:
        return None
    try:
        resource.getrusage(THREAD)
    except (ValueError, OSError, resource.error):
        return resource.RUSAGE_SELF
    return THREAD


def between(before, after):
    """What happened between two readings."""
    return tuple(
        UNKNOWN if UNKNOWN in (first, then) else then - first
        for first, then in zip(before, after)
    )
