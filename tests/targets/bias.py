"""The same work with a call for each piece and without, plain and under tare.trace in turns.

usage: bias.py MODE SHARE [ROUNDS]

MODE  all: C functions heard too; python: not
SHARE of the time, in per cent, that the half with calls has

Tells for both halves plain and traced nanoseconds, and the bound that the trace gives.
"""

import sys

import tare
from truth import count_for, tell, time_of

PIECE_NS = 4_000_000


def helper(x: int) -> int:
    x = x * 3 % 7919
    x = x + 1
    return x


def with_calls(count: int) -> int:
    x = 1
    for _ in range(count):
        x = helper(x)
    return x


def inline(count: int) -> int:
    x = 1
    for _ in range(count):
        x = x * 3 % 7919
        x = x + 1
    return x


HALVES = {half.__name__: half for half in (with_calls, inline)}


def main() -> None:
    share = int(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    parts = {"with_calls": share, "inline": 100 - share}
    counts = {name: count_for(half, PIECE_NS * parts[name] // 50) for name, half in HALVES.items()}
    plain = dict.fromkeys(HALVES, 0)
    traced = dict.fromkeys(HALVES, 0)
    errors = dict.fromkeys(HALVES, 0)
    for _ in range(rounds):
        for name, half in HALVES.items():
            plain[name] += time_of(half, counts[name])
        with tare.trace(builtins=sys.argv[1] == "all") as trace:
            for name, half in HALVES.items():
                half(counts[name])
        rows = {row.qualname: row.sums for row in trace.functions()}
        for name in HALVES:
            traced[name] += rows[name].total_ns
            errors[name] += rows[name].error_ns
        errors["with_calls"] += rows["helper"].error_ns
    tell(plain=plain, traced=traced, errors=errors)


main()
