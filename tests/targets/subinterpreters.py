"""Known work in a sub-interpreter, and as much in the main one.

usage: subinterpreters.py [SECONDS]
"""

import time

from truth import Account, seconds, tell

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

INNER = """
def in_sub(count):
    x = 0
    for i in range(count):
        x ^= i
in_sub(400_000)
"""


def in_main(count: int) -> None:
    x = 0
    for i in range(count):
        x ^= i


def main() -> None:
    sub = interpreters.create()
    account = Account()
    end = time.perf_counter() + seconds(2)
    while time.perf_counter() < end:
        account.charge("in_sub", interpreters.run_string, sub, INNER)
        account.charge("in_main", in_main, 400_000)
    interpreters.destroy(sub)
    tell(**account.ns)


main()
