"""Small programs with decorated functions, timed by themselves under a line profiler or none.

    python lined.py [--under none|tare|line_profiler] [--repeat N]

Prints one line of JSON: for each program the least nanoseconds per operation.
"""

import sys
import threading

from traced import measure


def tight(n):
    for x in range(n):
        y = x
    return y


def helper(n):
    total = 0
    for i in range(n):
        total += i
    return total


def outer(n):
    for _ in range(n):
        helper(1000)


def tiny(x):
    return x + 1


def numeric(a, b):
    c = a + b
    d = c * a
    e = d.sum()
    f = d - e
    return f.max()


def run_tight():
    tight(200_000)
    return 400_000


def run_callee():
    outer(500)
    return 500


def run_tiny():
    for i in range(20_000):
        tiny(i)
    return 20_000


def run_numeric():
    for _ in range(2_000):
        numeric(A, B)
    return 2_000


def run_threads():
    threads = [threading.Thread(target=tight, args=(50_000,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 400_000


def decorator(name):
    if name == "tare":
        import tare

        return tare.lines
    if name == "line_profiler":
        from line_profiler import LineProfiler

        return LineProfiler()
    return lambda function: function


PROGRAMS = {"tight loop, a line": run_tight, "unprofiled callee, a call": run_callee,
            "tiny function, a call": run_tiny, "threads, a line": run_threads}
try:
    import numpy

    A, B = numpy.arange(100.0), numpy.ones(100)
    PROGRAMS["5 NumPy calls, a call"] = run_numeric
except ImportError:
    pass


if __name__ == "__main__":
    under = sys.argv[sys.argv.index("--under") + 1] if "--under" in sys.argv else "none"
    decorate = decorator(under)
    tight, outer, tiny, numeric = map(decorate, (tight, outer, tiny, numeric))
    measure(PROGRAMS, repeat=5)
