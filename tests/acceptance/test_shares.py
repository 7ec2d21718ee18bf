"""Is the time where it was spent? Shares against what the targets measured themselves.

Bounds are in points of the whole, as the documentation promises them: 3 points.
"""

from __future__ import annotations

import signal
import time

import pytest

from comparing import Compared, expect_amount, expect_split
from measuring import Run, Sampler, target
from view import BUSY

POINTS = 3.0


def totals(run: Run, *names: str) -> Compared:
    return ({name: run.view.total_ns(name) for name in names},
            {name: run.truth[name] for name in names})


@pytest.mark.parametrize("rate", [1_000, 10_000])
def test_known_split(sampler: Sampler, python: str, rate: int) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "split.py"), rate=rate).expect_success()
        return totals(run, "small", "middle", "large")

    expect_split(POINTS, measure)


@pytest.mark.parametrize("rate", [1_000, 20_000])
def test_short_calls_against_a_loop(sampler: Sampler, python: str, rate: int) -> None:
    """Samples of 40 ns calls are the hard ones: dropping them would show here."""
    def measure() -> Compared:
        run = sampler.run("run", target(python, "halves.py"), rate=rate).expect_success()
        return totals(run, "calling", "looping")

    expect_split(POINTS, measure)


def test_turns_of_microseconds(sampler: Sampler, python: str) -> None:
    """What is easy to read does not win where it takes turns with what is not."""
    def measure() -> Compared:
        run = sampler.run("run", target(python, "interleaved.py")).expect_success()
        return ({name: sum(entry.ns() for entry in run.view.having("mixed")
                           if name in entry.names) for name in run.truth}, run.truth)

    expect_split(POINTS, measure)


def test_time_between_system_calls(sampler: Sampler, python: str) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "between_calls.py")).expect_success()
        return totals(run, "first", "second", "third")

    expect_split(POINTS, measure)


def test_native_against_python(sampler: Sampler, python: str) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "native.py"), rate=5_000).expect_success()
        view = run.view
        _totals, truth = totals(run, "in_native", "in_python")
        return {"in_native": view.total_ns("in_native", "native_ns"),
                "in_python": view.total_ns("in_python", "python_ns"),
                "python in native": view.total_ns("in_native", "python_ns"),
                "native in python": view.total_ns("in_python", "native_ns")}, truth

    expect_split(POINTS, measure)


def test_equal_lines_of_a_loop_without_calls(sampler: Sampler, python: str) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "lines.py"), rate=10_000).expect_success()
        by_line = run.view.line_ns("same")
        marked = {line for mark, line in run.truth["lines"].items() if mark.startswith("same")}
        by_line.pop(min(marked) - 1, None)  # the line of `for` has time of its own
        return ({str(line): ns for line, ns in by_line.items()},
                {str(line): sum(by_line.values()) // len(marked) for line in marked})

    expect_split(POINTS, measure)


def test_long_operations_by_line(sampler: Sampler, python: str) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "lines.py"), rate=10_000).expect_success()
        by_line = run.view.line_ns("known")
        marks = ["huge", "large", "medium"]
        return ({mark: by_line.get(run.truth["lines"][mark], 0) for mark in marks},
                {mark: run.truth["ns"][mark] for mark in marks})

    expect_split(POINTS, measure)


def test_two_threads(sampler: Sampler, python: str) -> None:
    """By the threads' own CPU clocks: only one of them runs at a time."""
    def measure() -> Compared:
        run = sampler.run("run", target(python, "threads.py"), rate=5_000).expect_success()
        names = ["burn_long", "burn_short"]
        threads = [{entry.labels["thread"] for entry in run.view.having(name)}
                   for name in names]
        assert [len(labels) for labels in threads] == [1, 1]
        assert threads[0] != threads[1]
        return ({name: run.view.total_ns(name, *BUSY) for name in names},
                {name: run.truth[name] for name in names})

    expect_split(POINTS, measure)


@pytest.mark.parametrize("name", ["burn_long", "burn_short"])
def test_the_other_thread_waits_for_the_gil(sampler: Sampler, python: str, name: str) -> None:
    """At least while it was blocked; at most also while it stood in line for a CPU."""
    run = sampler.run("run", target(python, "threads.py"), rate=5_000).expect_success()
    waiting_ns = run.view.total_ns(name, "wait_gil_ns")
    assert 0.85 * run.truth[f"{name} blocked"] <= waiting_ns
    assert waiting_ns <= 1.15 * run.truth[f"{name} without CPU"]


def test_garbage_collection(sampler: Sampler, python: str) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "collecting.py"), rate=5_000).expect_success()
        return ({"collect": run.view.total_ns("collect", "gc_ns"),
                 "working": run.view.total_ns("working", "python_ns", "native_ns"),
                 "collecting at work": run.view.total_ns("working", "gc_ns")},
                {name: run.truth[name] for name in ("collect", "working")})

    expect_split(POINTS, measure)


def test_the_program_shows_its_garbage_collection(sampler: Sampler, python: str) -> None:
    def measure() -> tuple[int, int]:
        run = sampler.run("run", target(python, "collecting.py"), rate=5_000).expect_success()
        return run.view.program["gc_ns"], run.truth["collect"]

    expect_amount(10, measure)


def test_sub_interpreters(sampler: Sampler, python: str) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "subinterpreters.py"), rate=5_000)
        return totals(run.expect_success(), "in_sub", "in_main")

    expect_split(POINTS, measure)


@pytest.mark.parametrize("account", ["weight", "states", "main thread"])
def test_the_whole_run_is_accounted_for(sampler: Sampler, python: str, account: str) -> None:
    """The ticks, the states of the program and the main thread's time all fill the run."""
    def measure() -> tuple[int, int]:
        view = sampler.run("run", target(python, "split.py")).expect_success().view
        filled = {
            "weight": view.number("sampler.weight") * 10**9 // view.number("sampler.rate_hz"),
            "states": view.program["wall_ns"],
            "main thread": sum(e.ns() for e in view.entries if e.labels.get("main")),
        }
        return filled[account], view.number("wall_ns")

    expect_amount(2, measure)


def test_a_suspended_sampler_leaves_a_gap_not_a_hot_line(sampler: Sampler, python: str) -> None:
    """Two seconds in which nobody looked are told as such and charged to no function."""
    def measure() -> Compared:
        measurement = sampler.start("run", target(python, "split.py", 4), rate=1_000)
        measurement.wait_for("tick")
        measurement.process.send_signal(signal.SIGSTOP)
        time.sleep(2)
        measurement.process.send_signal(signal.SIGCONT)
        run = measurement.end().expect_success()
        assert run.view.number("sampler.gap_count") >= 1
        assert run.view.number("sampler.gap_ns") >= 16 * 10**8
        return totals(run, "small", "middle", "large")

    expect_split(POINTS, measure)


def test_every_sample_is_counted_once(sampler: Sampler, python: str) -> None:
    view = sampler.run("run", target(python, "split.py"), rate=5_000).expect_success().view
    parts = sum(view.number(f"sampler.{part}_count") for part in ("proven", "prefix", "lost"))
    assert parts == view.number("sampler.sample_count")
    assert view.program["samples"] == view.number("sampler.tick_count")
    assert view.number("sampler.weight") >= view.number("sampler.tick_count")


def test_one_or_two_reads_a_sample(sampler: Sampler, python: str) -> None:
    """What stands for speed: system calls that read the target, per look at it.

    Repeated reads are left out: how many there are depends on what else the machine does.
    """
    view = sampler.run("run", target(python, "split.py"), rate=5_000).expect_success().view
    first_reads = view.number("sampler.read_count") - view.number("sampler.retry_count")
    looks = view.number("sampler.sample_count") + view.number("sampler.skipped_count")
    assert first_reads <= 2.5 * looks
