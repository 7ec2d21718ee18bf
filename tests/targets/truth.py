"""How a target tells the truth about itself.

A target measures what it does with its own clock and prints it as one JSON object, the
last line of its standard output. The tests compare a profile with that, never with an
assumption about how fast the machine is.
"""

import json
import sys
import time
from collections.abc import Callable


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def count_for(work: Callable[[int], object], target_ns: int) -> int:
    """The argument with which work takes about target_ns; at least 64."""
    count = 64
    while True:
        spent_ns = min(time_of(work, count) for _ in range(3))
        if spent_ns > 200_000:
            return max(64, count * target_ns // spent_ns)
        count *= 2


def time_of(work: Callable[[int], object], count: int) -> int:
    begin = time.perf_counter_ns()
    work(count)
    return time.perf_counter_ns() - begin


def unblocked_ns() -> int:
    """Time that this thread has run or waited for a CPU."""
    with open("/proc/thread-self/schedstat", encoding="ascii") as file:
        ran_ns, delayed_ns, _count = map(int, file.read().split())
    return ran_ns + delayed_ns


class Account:
    """Wall time by name."""

    def __init__(self) -> None:
        self.ns: dict[str, int] = {}

    def charge(self, name: str, work: Callable[..., object], *args: object) -> None:
        begin = time.perf_counter_ns()
        work(*args)
        self.ns[name] = self.ns.get(name, 0) + time.perf_counter_ns() - begin


def seconds(default: float, position: int = 1) -> float:
    return float(sys.argv[position]) if len(sys.argv) > position else default


def line_of(file: str, mark: str) -> int:
    """The number of the only line of file that ends in the comment `# mark`."""
    with open(file, encoding="utf-8") as lines:
        found = [i for i, line in enumerate(lines, 1) if line.rstrip().endswith("# " + mark)]
    (line,) = found
    return line
