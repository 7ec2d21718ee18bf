"""Two results of known make and whether they agree, asked of Tare and of its peers.

    python agreeing.py COUNT

Prints one line of JSON: question -> tool -> CPU seconds, the least of several times.

"equal" are copies; of "close" every number is off by a part in 10^10, which all are told to allow.
A tool that says they differ, or cannot be asked, has null.
"""

import array
import json
import sys
import time

RTOL = 1e-9
ENOUGH_SECONDS, MOST_TIMES = 0.5, 7


def asked_of_tare(left, right):
    import tare

    return tare.close(left, right, rtol=RTOL)


def asked_of_numpy(left, right):
    import numpy

    numpy.testing.assert_allclose(left, right, rtol=RTOL)
    return True


def asked_of_pytest(left, right):
    import pytest

    return left == pytest.approx(right, rel=RTOL)


def asked_of_equality(left, right):
    return bool(left == right)


TOOLS = {"tare": asked_of_tare, "numpy.testing": asked_of_numpy, "pytest.approx": asked_of_pytest,
         "==": asked_of_equality}


def off(number):
    return number * (1 + 1e-10)


def made(count):
    """By question: two values, and the tools that can be asked."""
    floats = [1 + i / 3 for i in range(count)]
    other = list(map(off, floats))
    every = tuple(TOOLS)
    yield "list, equal", floats, [number + 0.0 for number in floats], every
    yield "list, close", floats, other, every[:3]
    yield "array, equal", array.array("d", floats), array.array("d", floats), ("tare", "==")
    yield "array, close", array.array("d", floats), array.array("d", other), ("tare",)
    try:
        import numpy
    except ImportError:
        return
    yield "NumPy array, equal", numpy.array(floats), numpy.array(floats), every[:3]
    yield "NumPy array, close", numpy.array(floats), numpy.array(other), every[:3]
    yield from made_nested(floats, other)


def made_nested(floats, other):
    """Of dicts in a list, which the others do not look into."""
    pairs = [[{"id": i, "name": f"n{i}", "xy": (x, x)} for i, x in enumerate(values)]
             for values in (floats[: len(floats) // 5], other[: len(floats) // 5])]
    yield "nested, close", *pairs, ("tare",)


def least_seconds(ask, left, right):
    least, spent, times = None, 0.0, 0
    while times < MOST_TIMES and (times == 0 or spent < ENOUGH_SECONDS):
        begin = time.process_time()
        try:
            if not ask(left, right):
                return None
        except (AssertionError, TypeError):
            return None
        took = time.process_time() - begin
        least = took if least is None else min(least, took)
        spent, times = spent + took, times + 1
    return least


def main(count):
    found = {}
    for question, left, right, tools in made(count):
        for name in tools:  # loaded before it is measured
            try:
                TOOLS[name]([1.0], [1.0])
            except ImportError:
                continue
            seconds = least_seconds(TOOLS[name], left, right)
            found.setdefault(question, {})[name] = seconds
    print(json.dumps(found))


main(int(sys.argv[1]))
