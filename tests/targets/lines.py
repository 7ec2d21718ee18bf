"""Two loops without a Python call whose time by line is known.

same: eight lines that do the same and so take the same time.
known: three lines, each one long multiplication, timed one by one in between; the least
time of each counts, as the others were interrupted.

usage: lines.py [SECONDS]
"""

import time

from truth import Account, count_for, line_of, seconds, tell, time_of

HUGE = 7 ** 2_000
LARGE = 7 ** 1_500
MEDIUM = 7 ** 1_000


def same(count: int) -> int:
    x = 1
    for _ in range(count):
        x = (x * 3 + 7) & 65_535  # same 1
        x = (x * 3 + 7) & 65_535  # same 2
        x = (x * 3 + 7) & 65_535  # same 3
        x = (x * 3 + 7) & 65_535  # same 4
        x = (x * 3 + 7) & 65_535  # same 5
        x = (x * 3 + 7) & 65_535  # same 6
        x = (x * 3 + 7) & 65_535  # same 7
        x = (x * 3 + 7) & 65_535  # same 8
    return x


def known(count: int) -> None:
    huge, large, medium = HUGE, LARGE, MEDIUM
    for _ in range(count):
        x = huge * huge  # huge
        x = large * large  # large
        x = medium * medium  # medium
    del x


def repeat(number: int, count: int) -> None:
    for _ in range(count):
        x = number * number
    del x


def main() -> None:
    same_count = count_for(same, 1_000_000)
    known_count = count_for(known, 1_000_000)
    account = Account()
    least: dict[str, int] = {}
    end = time.perf_counter() + seconds(3)
    while time.perf_counter() < end:
        account.charge("same", same, same_count)
        account.charge("known", known, known_count)
        for name, number in (("huge", HUGE), ("large", LARGE), ("medium", MEDIUM)):
            spent_ns = time_of(lambda count: repeat(number, count), known_count // 4)
            least[name] = min(spent_ns, least.get(name, spent_ns))
    marks = [f"same {i}" for i in range(1, 9)] + ["huge", "large", "medium"]
    tell(ns=account.ns | least, lines={mark: line_of(__file__, mark) for mark in marks})


main()
