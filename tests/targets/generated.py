"""Code objects made, run once and freed, so that addresses come back under other names.

The number in a name, in the file name and in the caller's name is always the same one,
and the first line follows from it.

usage: generated.py [SECONDS]
"""

import time

from truth import seconds, tell

MOST_LINES = 40


def make(number: int) -> str:
    return "\n" * (number % MOST_LINES) + f"""def made_{number}():
    for _ in range(40):
        part_{number}()
def part_{number}():
    x = 0
    for i in range({80 + number % 7}):
        x ^= i
made_{number}()
"""


def main() -> None:
    end = time.perf_counter() + seconds(2.5)
    number = 0
    while time.perf_counter() < end:
        exec(compile(make(number), f"<made {number}>", "exec"), {})
        number += 1
    tell(count=number, most_lines=MOST_LINES)


main()
