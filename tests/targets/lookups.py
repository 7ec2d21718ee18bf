"""The same calls of a C function by a name in a module and by a local name, plain and traced.

usage: lookups.py MODE [ROUNDS]

MODE  all: C functions heard too; python: not
"""

import math
import sys

import tare
from truth import tell, time_of

COUNT = 20_000


def module_name(count: int) -> float:
    y = 0.0
    for _ in range(count):
        y = math.sqrt(2.0)
    return y


def local_name(count: int) -> float:
    y = 0.0
    sqrt = math.sqrt
    for _ in range(count):
        y = sqrt(2.0)
    return y


FUNCTIONS = {function.__name__: function for function in (module_name, local_name)}


def main() -> None:
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    plain = dict.fromkeys(FUNCTIONS, 0)
    traced = dict.fromkeys(FUNCTIONS, 0)
    errors = dict.fromkeys(FUNCTIONS, 0)
    for _ in range(rounds):
        for name, function in FUNCTIONS.items():
            plain[name] += time_of(function, COUNT)
        for name, function in FUNCTIONS.items():
            with tare.trace(builtins=sys.argv[1] == "all") as trace:
                function(COUNT)
            for row in trace.functions():
                errors[name] += row.sums.error_ns
                if row.qualname == name:
                    traced[name] += row.sums.total_ns
    tell(plain=plain, traced=traced, errors=errors)


main()
