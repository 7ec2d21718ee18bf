"""CPU-bound: loops, arithmetic, a dictionary; few calls. A fixed amount of work.

usage: loops.py ROUNDS
"""

import json
import sys
import time


def sieve(limit: int) -> int:
    composite = bytearray(limit)
    count = 0
    for number in range(2, limit):
        if not composite[number]:
            count += 1
            composite[number * number::number] = b"\1" * len(range(number * number, limit, number))
    return count


def collatz(limit: int) -> int:
    lengths = {1: 1}
    for start in range(2, limit):
        number, steps = start, 0
        while number not in lengths:
            number = number // 2 if number % 2 == 0 else 3 * number + 1
            steps += 1
        lengths[start] = steps + lengths[number]
    return max(lengths.values())


def main() -> None:
    wall_ns, cpu_ns = time.perf_counter_ns(), time.process_time_ns()
    for _ in range(int(sys.argv[1])):
        result = sieve(200_000), collatz(60_000)
    wall_ns, cpu_ns = time.perf_counter_ns() - wall_ns, time.process_time_ns() - cpu_ns
    print(json.dumps({"wall_ns": wall_ns, "cpu_ns": cpu_ns, "result": result}))


main()
