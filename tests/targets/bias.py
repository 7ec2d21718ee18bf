"""The same work with a call for each piece and without, plain and profiled in turns.

usage: bias.py MODE SHARE [ROUNDS]

MODE  all: by tare.trace; python: without C functions; cprofile: by cProfile
SHARE of the time, in per cent, that the half with calls has

Tells for both halves plain and traced nanoseconds, and the bound that tare.trace gives.
"""

import cProfile
import pstats
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


def run_both(counts: dict[str, int]) -> None:
    for name, half in HALVES.items():
        half(counts[name])


def by_tare(mode: str, counts: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Total time of each half and its bound."""
    with tare.trace(builtins=mode == "all") as trace:
        run_both(counts)
    sums = {row.qualname: row.sums for row in trace.functions()}
    errors = {"with_calls": sums["with_calls"].error_ns + sums["helper"].error_ns,
              "inline": sums["inline"].error_ns}
    return {name: (sums[name].total_ns, errors[name]) for name in HALVES}


def by_cprofile(counts: dict[str, int]) -> dict[str, tuple[int, int]]:
    with cProfile.Profile() as profile:
        run_both(counts)
    rows = {name: row for (_, _, name), row in pstats.Stats(profile).stats.items()}
    return {name: (round(1e9 * rows[name][3]), 0) for name in HALVES}


def main() -> None:
    mode, share = sys.argv[1], int(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    parts = {"with_calls": share, "inline": 100 - share}
    counts = {name: count_for(half, PIECE_NS * parts[name] // 50) for name, half in HALVES.items()}
    plain = dict.fromkeys(HALVES, 0)
    traced = dict.fromkeys(HALVES, 0)
    errors = dict.fromkeys(HALVES, 0)
    for _ in range(rounds):
        for name, half in HALVES.items():
            plain[name] += time_of(half, counts[name])
        found = by_cprofile(counts) if mode == "cprofile" else by_tare(mode, counts)
        for name, (total_ns, error_ns) in found.items():
            traced[name] += total_ns
            errors[name] += error_ns
    tell(plain=plain, traced=traced, errors=errors)


main()
