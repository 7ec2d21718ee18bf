"""tare.compare and comparing.statements, with programs of known truth."""

import os
import random
import time

import pytest

import tare
from tare.comparing import statements
from tare.errors import Error

SECONDS = 1.5


def spin(count):
    for _ in range(count):
        pass
    return 0


def test_twice_the_work_takes_twice_the_time():
    """Ranges of the same kind of numbers; what a call costs is a thousandth."""
    found = tare.compare(lambda: spin(40_000), lambda: spin(20_000), seconds=3, processes=8)
    assert found.verdict == "faster" and found.how == "forks"
    assert found.ratio.low < 2.06 and found.ratio.high > 1.94
    assert found.ratio.high / found.ratio.low < 1.3
    assert len(found.processes) <= 8 and found.agreement.same


def test_statements_of_twice_the_work():
    found = statements("", "for _ in range(20000): pass", "for _ in range(10000): pass",
                       seconds=3)  # fmt: skip
    assert found.verdict == "faster" and found.how == "together"
    assert found.ratio.low < 2.06 and found.ratio.high > 1.94
    orders = {process.order for process in found.processes}
    assert orders == {"AB", "BA"}
    assert len({process.hash_seed for process in found.processes}) == len(found.processes)
    assert len({process.env_bytes for process in found.processes}) > 1


def test_a_planted_tenth_is_found_and_has_its_sign():
    found = statements("", "for _ in range(11000): pass", "for _ in range(10000): pass",
                       seconds=4)  # fmt: skip
    assert found.ratio.low < 1.12 and found.ratio.high > 1.08
    assert found.verdict in ("faster", "cannot tell")


def test_a_program_against_itself():
    """Each of three may be called different in one case of twenty, for no fault."""
    code = "for _ in range(10000): pass"
    verdicts = [statements("", code, code, seconds=1).verdict for _ in range(3)]
    assert sum(verdict in ("faster", "slower") for verdict in verdicts) < 3


@pytest.mark.parametrize(
    ("a", "b", "same_of"),
    [
        ("result = sum(L)", "result = 499500 + len(L) - 1000", "result"),
        ("sum(L)", "499500 + len(L) - 1000", None),
        ("x = 1; y = sum(L)", "y = 499500; z = 3", "result"),  # what both bind: y
        ("L.append(3)", "x = L", "L"),  # of the setup, afterwards
    ],
)
def test_what_is_compared(a, b, same_of):
    setup = "L = list(range(1000))"
    same = statements(setup, a, a, same_of=same_of, processes=2)
    other = statements(setup, a, b, same_of=same_of, processes=2)
    assert same.agreement.same is True
    assert other.agreement.same is (same_of != "L") and (other.ratio is None) == (same_of == "L")


def test_names_of_loops_are_no_results():
    found = statements("", "for i in (1, 2): s = 3", "for i in (2, 1): s = 3", processes=2)
    assert found.agreement.same is True


def test_nothing_in_common_is_said():
    found = statements("L = [3, 1, 2]", "L.sort()", "x = sorted(L)", processes=2)
    assert found.agreement.same is None and "no name in common" in found.agreement.words
    assert any("changes L of the setup" in note for note in found.agreement.notes)


def test_what_the_setup_binds_is_global_and_may_be_bound_again():
    setup = "total = 0\ndef add(n): return total + n"
    found = statements(setup, "total += 1\nresult = add(2)", "result = add(2)", processes=2)
    assert found.agreement.same is True  # add sees the module's total


def test_a_rule_says_what_agrees():
    a, b = "result = 1.0", "result = 1.0000001"
    assert statements("", a, b, processes=2).verdict == "different results"
    same = tare.close(rtol=1e-6)
    assert statements("x = 2", f"{a} * x", f"{b} * x", processes=2, same=same).agreement.same


def test_a_monte_carlo_result_agrees_within_its_error():
    def pi(seed):
        chance = random.Random(seed)
        hits = sum(chance.random() ** 2 + chance.random() ** 2 < 1 for _ in range(4000))
        return 4 * hits / 4000

    same = tare.close(samples=4000, scale=4)
    found = tare.compare(lambda: pi(1), lambda: pi(2), same=same, seconds=0.5)
    assert found.agreement.same and pi(1) != pi(2)


def test_the_first_difference_has_its_path():
    found = tare.compare(lambda: {"a": [1, 2.5]}, lambda: {"a": [1, 2.0]})
    assert found.verdict == "different results" and found.ratio is None
    assert found.agreement.difference["path"] == "result['a'][1]"
    assert (found.agreement.difference["left"], found.agreement.difference["right"]) == (
        "2.5",
        "2.0",
    )


def test_what_changes_its_arguments_gets_new_ones_each_time():
    def drain(items):
        count = 0
        while items:
            items.pop()
            count += 1
        return count

    found = tare.compare(drain, drain, (list(range(1000)),), seconds=SECONDS)
    assert found.agreement.same and any("changed" in note for note in found.agreement.notes)
    assert found.a_ns.value > 4_000  # ns: an empty list would take a tenth of a µs


def test_a_generator_is_read_to_its_end():
    def count(n):
        yield from range(n)

    found = tare.compare(count, count, (20_000,), seconds=SECONDS)
    assert found.a_ns.value > 50_000 and any("generator" in note for note in found.notes)


def test_this_process_notices_nothing(capfd):
    seen = []

    def noisy():
        print("heard")
        seen.append(os.getpid())
        return 1

    before = set(os.listdir("/proc/self/fd"))
    tare.compare(noisy, noisy, seconds=0.5)
    assert not seen and capfd.readouterr() == ("", "")
    assert set(os.listdir("/proc/self/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize(
    ("f", "part"),
    [
        (lambda x: x, "give arguments"),
        (lambda: 1 / 0, "nothing to time: both raise ZeroDivisionError"),
        (lambda: time.sleep(60), "took longer than 0.5 s"),
        (lambda: os.kill(os.getpid(), 9), "killed by SIGKILL"),
        (lambda: os._exit(3), "exited with 3"),
    ],
)
def test_what_cannot_be_timed_is_one_line(f, part):
    with pytest.raises(Error) as caught:
        tare.compare(f, f, timeout=0.5)
    assert part in str(caught.value) and "\n" not in str(caught.value)


def test_what_raises_later_is_one_line():
    calls = []

    def third():
        calls.append(1)
        if len(calls) > 2:
            raise KeyError("late")

    with pytest.raises(Error, match="raised KeyError: 'late'"):
        tare.compare(third, third)


def test_one_that_raises_differs():
    found = tare.compare(lambda: 1, lambda: 1 / 0)
    assert found.verdict == "different results" and "raised" in found.agreement.words


def test_coroutines_are_refused():
    async def f():
        return 1

    with pytest.raises(Error, match="coroutine function"):
        tare.compare(f, f)
