"""Functions with hostile names, each of which works for a while.

usage: names.py [SECONDS]
"""

import time
import types
from collections.abc import Callable

from truth import seconds, tell

NAMES = {
    "nul": "before\0after",
    "newline": "one\ntwo\r\nthree",
    "escape": "\x1b[31mred\x1b]0;title\x07\x1b[2J",
    "long": "n" * 10_240,
    "long wide": "\N{PILE OF POO}" * 2_560,
    "right to left": "abc\u202edcba\u2066x",
    "latin": "caf\xe9",
    "two bytes": "\u0416\u65e5\u672c",
    "four bytes": "\U0001f40d snake",
    "surrogate": "lone \udc80 half",
    "empty": "",
    "separators": "a;b c:1 (2)\t\"'\\",
    "markup": "<script>alert(1)</script>&amp;[bold]x[/bold]",
}


def pattern(duration: float, now: Callable[[], float]) -> None:
    end = now() + duration
    while now() < end:
        x = 0
        for i in range(2_000):
            x ^= i


def main() -> None:
    duration = seconds(2) / len(NAMES)
    for name in NAMES.values():
        code = pattern.__code__.replace(co_name=name, co_qualname="q." + name,
                                        co_filename="f/" + name)
        types.FunctionType(code, {"range": range})(duration, time.perf_counter)
    tell(names=list(NAMES.values()))


main()
