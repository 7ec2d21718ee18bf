"""Calls: results, exceptions, output, arguments that were changed; and that nobody notices."""

from __future__ import annotations

import functools
import logging
import operator
import os
import subprocess
import sys
import warnings
from typing import Any

import pytest

from tare.agreeing import Agreement, close, compare_outcomes, compare_text, run


def agree(f: Any, g: Any, *args: Any, rule: Any = None, **kwargs: Any) -> Agreement:
    return compare_outcomes(run(f, args, kwargs), run(g, args, kwargs), rule)


def test_results_that_agree() -> None:
    found = agree(sorted, lambda values: list(sorted(values)), [3, 1, 2])
    assert found.same and found.count == 3 and found.notes == ()


def test_results_that_do_not() -> None:
    found = agree(lambda: {"x": [1.0, 2.0]}, lambda: {"x": [1.0, 2.5]})
    assert not found.same and found.difference.path == "result['x'][1]"


def test_rounding_is_the_rule_s_matter() -> None:
    def forwards(values: list[float]) -> float:
        return functools.reduce(operator.add, values)  # sum() takes care of what is rounded off

    def backwards(values: list[float]) -> float:
        return functools.reduce(operator.add, reversed(values))

    values = [1 / n for n in range(1, 1000)]
    assert not agree(forwards, backwards, values).same
    found = agree(forwards, backwards, values, rule=close(rtol=1e-12))
    assert found.same and 0 < found.worst_ulp < 100


def fail(error: BaseException) -> Any:
    def failing() -> None:
        raise error

    return failing


def test_exceptions_are_results() -> None:
    assert agree(fail(KeyError("a")), fail(KeyError("a"))).same
    assert agree(fail(SystemExit(3)), fail(SystemExit(3))).same
    found = agree(fail(KeyError("a")), fail(KeyError("b")))
    assert found.difference.path == "exception.args[0]"
    assert agree(fail(KeyError("a")), fail(ValueError("a"))).difference.path == "exception"
    found = agree(fail(KeyError("a")), lambda: 5)
    assert (found.difference.left, found.difference.right) == ("raised KeyError('a')", "5")


def test_an_interrupt_goes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        run(fail(KeyboardInterrupt()))
    print("still here")


def test_an_exception_holds_no_frames() -> None:
    assert run(fail(KeyError("a"))).exception.__traceback__ is None


# ---- what is printed ----


def test_all_that_is_printed_is_caught(capfd: pytest.CaptureFixture[str]) -> None:
    def noisy() -> None:
        print("from Python")
        sys.stdout.buffer.write(b"bytes \xff\n")
        os.write(1, b"from C\n")
        subprocess.run(["echo", "from a child"], check=True)
        print("an error", file=sys.stderr)
        os.write(sys.stderr.fileno(), b"another\n")

    print("before", flush=True)
    outcome = run(noisy)
    print("after")
    assert outcome.stdout == "from Python\nbytes \udcff\nfrom C\nfrom a child\n"
    assert outcome.stderr == "an error\nanother\n"
    assert capfd.readouterr() == ("before\nafter\n", "")


def test_streams_are_put_back_as_they_were() -> None:
    before = sys.stdout, sys.stderr, os.fstat(1), os.fstat(2), len(os.listdir("/proc/self/fd"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(print, ("x",))
        run(fail(ValueError()))
        run(lambda: setattr(sys, "stdout", None))
    assert (sys.stdout, sys.stderr, os.fstat(1), os.fstat(2),
            len(os.listdir("/proc/self/fd"))) == before


def test_who_keeps_the_stream_writes_where_he_would_have(capfd: Any) -> None:
    handlers = []

    def configure() -> None:
        handlers.append(logging.StreamHandler())

    run(configure)
    handlers[0].emit(logging.makeLogRecord({"msg": "later"}))
    assert capfd.readouterr().err == "later\n"


EARLY = """
import ctypes, sys
from tare.agreeing import run
early, libc = sys.stdout, ctypes.CDLL(None)
def noisy():
    early.write("through the old one\\n")
    libc.puts(b"through C's own")
print("before")
outcome = run(noisy)
assert sorted(outcome.stdout.splitlines()) == ["through C's own", "through the old one"], outcome
"""


def test_who_has_a_stream_already_is_heard() -> None:
    command = [sys.executable, "-c", EARLY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("before\n", "")


def test_closed_descriptors_stay_closed() -> None:
    code = ("import os, sys; from tare.agreeing import run; os.close(1)\n"
            "assert run(print, ('x',)).stdout == 'x\\n'\n"
            "try: os.fstat(1)\nexcept OSError: sys.exit(5)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode in (5, 120), done.stderr  # 120: the interpreter could not flush


def test_output_that_differs_is_a_difference() -> None:
    found = agree(lambda: print("a\nb 1.0"), lambda: print("a\nb 2.0"))
    assert found.difference.path == "stdout, line 2"
    assert found.difference.left == r"'b 1.0\n'"
    found = agree(lambda: None, lambda: print("x", file=sys.stderr))
    assert found.difference.path == "stderr, line 1" and found.difference.left == "nothing"


# ---- arguments ----


def test_arguments_are_copied_for_each_side() -> None:
    values = [3, 1, 2]
    found = agree(list.sort, list.sort, values)
    assert found.same and values == [3, 1, 2]
    assert found.notes == ("args[0] is changed by the call",)


def test_arguments_that_are_changed_in_two_ways() -> None:
    def rising(values: list[int], *, log: dict[str, int]) -> None:
        values.sort()
        log["n"] = 1

    def falling(values: list[int], *, log: dict[str, int]) -> None:
        values.sort(reverse=True)
        log["n"] = 2

    found = agree(rising, falling, [1, 2], log={})
    assert found.difference.path == "args[0][0]"
    assert found.notes == ("args[0] is changed by the call", "kwargs['log'] is changed by the call")


def test_a_change_on_one_side_alone_is_a_difference() -> None:
    found = agree(sorted, lambda values: values.sort() or list(values), [2, 1])
    assert not found.same and found.difference.path == "args[0][0]"


def test_what_arguments_share_their_copies_share() -> None:
    shared: list[int] = []

    def append(one: list[int], other: list[int]) -> int:
        one.append(1)
        return len(other)

    assert run(append, (shared, shared)).value == 1 and shared == []


def test_arguments_that_cannot_be_copied_are_said_to_be_unchecked() -> None:
    def items() -> Any:
        yield 1

    found = run(next, (items(),))
    assert found.value == 1 and found.mutated == ()
    (words,) = found.unchecked
    assert words.startswith("args[0]: a generator cannot be copied (TypeError)")
    assert "not checked" in compare_outcomes(found, found).notes[0]


def test_an_iterator_is_not_used_up_by_looking_at_it() -> None:
    iterator = iter([1, 2, 3])
    outcome = run(sum, (iterator,))
    assert outcome.value == 6 and outcome.unchecked
    assert next(iterator) == 1


def test_arguments_that_are_not_as_their_copies() -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            return self is other

    outcome = run(lambda odd: 1, (Odd(),))
    assert outcome.mutated == () and "its own copy" in outcome.unchecked[0]


# ---- text ----


def test_numbers_in_text_are_compared_by_the_rule() -> None:
    left = "step 1: 0.10000000001 s, v3.11.7, 0xff, x1\nsum -1e3\n"
    right = "step 1: 0.1 s, v3.11.7, 0xff, x1\nsum -1000.0\n"
    assert not compare_text(left, right).same
    assert compare_text(left, right, close(rtol=1e-6)).same
    for changed in (right.replace("v3.11.7", "v3.11.8"), right.replace("0xff", "0xfe"),
                    right.replace("x1\n", "x2\n"), right.replace("sum", "sun"),
                    right.replace("-1000", "1000"), right + "more\n", right[:-1]):
        assert not compare_text(left, changed, close(rtol=1e-6)).same


def test_lines_are_counted_and_the_worst_is_named() -> None:
    left = "".join(f"{n} {n / 7}\n" for n in range(10))
    right = "".join(f"{n} {n / 7 + (0.001 if n == 5 else 1e-9 * n)}\n" for n in range(10))
    found = compare_text(left, right, close(rtol=1e-2, atol=1e-6))
    assert found.same and found.count == 10 and found.worst_path == "stdout, line 6"
    found = compare_text(left, right, close(rtol=1e-6))
    assert found.difference.path == "stdout, line 6" and found.difference.differing == 1
