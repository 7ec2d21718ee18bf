"""Call-heavy: little but calls of some 50 ns. A fixed amount of work.

usage: calls.py ROUNDS
"""

import json
import sys
import time


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def main() -> None:
    wall_ns, cpu_ns = time.perf_counter_ns(), time.process_time_ns()
    for _ in range(int(sys.argv[1])):
        result = fib(25)
    wall_ns, cpu_ns = time.perf_counter_ns() - wall_ns, time.process_time_ns() - cpu_ns
    print(json.dumps({"wall_ns": wall_ns, "cpu_ns": cpu_ns, "result": result}))


main()
