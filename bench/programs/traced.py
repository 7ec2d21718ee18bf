"""Small programs of one kind of event each, timed by themselves under a profiler or none.

    python traced.py [--under NAME] [--repeat N]

NAME: none, cProfile, yappi-wall, yappi-cpu, viztracer, pyinstrument.

Prints one line of JSON: for each program the least nanoseconds per operation. The profiler is on
while a program runs; one that was started from outside is on all the time.
"""

import argparse
import json
import time


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def run_fib():
    fib(25)
    return 242_785


def run_c_calls():
    items = []
    push = items.append
    for i in range(100_000):
        push(i)
        abs(i)
    return 200_000


class Point:
    def __init__(self, x):
        self.x = x

    def get(self):
        return self.x


def run_objects():
    for i in range(50_000):
        Point(i).get()
    return 50_000


def count(n):
    yield from range(0)
    for i in range(n):
        yield i


def run_generator():
    for _ in count(100_000):
        pass
    return 100_000


def run_loop():
    total = 0
    for i in range(300_000):
        total += i * i
    return 300_000


PROGRAMS = {"fib": run_fib, "C calls": run_c_calls, "objects": run_objects,
            "generator": run_generator, "no calls": run_loop}


def switches(name):
    """What turns the profiler on and off."""
    if name == "cProfile":
        import cProfile

        profile = cProfile.Profile()
        return profile.enable, profile.disable
    if name.startswith("yappi"):
        import yappi

        yappi.set_clock_type(name.partition("-")[2])
        return lambda: yappi.start(builtins=True), yappi.stop
    if name == "viztracer":
        import viztracer

        tracer = viztracer.VizTracer(verbose=0)
        return lambda: (tracer.clear(), tracer.start()), tracer.stop
    if name == "pyinstrument":
        import pyinstrument

        profiler = pyinstrument.Profiler()
        return lambda: (profiler.reset(), profiler.start()), profiler.stop
    return lambda: None, lambda: None


def measure(programs, repeat):
    """Each program returns how many operations it has done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--under", default="none")
    parser.add_argument("--repeat", type=int, default=repeat)
    options = parser.parse_args()
    on, off = switches(options.under)
    least = {}
    for _ in range(options.repeat):
        for name, program in programs.items():
            on()
            begin = time.perf_counter_ns()
            operations = program()
            taken = time.perf_counter_ns() - begin
            off()
            least[name] = min(least.get(name, 1e9), taken / operations)
    print(json.dumps(least))


if __name__ == "__main__":
    measure(PROGRAMS, repeat=5)
