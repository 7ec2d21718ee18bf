"""What the program would gain: its wall time, divided among those who ran."""

from __future__ import annotations

import json
import subprocess

import pytest

from comparing import Compared, expect_amount, expect_split
from measuring import Sampler, target

NAMES = ("f", "g", "tidy", "nap")


@pytest.mark.parametrize("method", ["processes", "threads"])
def test_program_time_is_divided_among_those_who_run(sampler: Sampler, python: str,
                                                     method: str) -> None:
    """Whatever runs beside it; that it adds up is checked in every file (view.py)."""
    def measure() -> Compared:
        run = sampler.run("run", target(python, "pool.py", method)).expect_success()
        measured = {name: run.view.total_ns(name, "program_ns") for name in NAMES}
        truth = {name: run.truth[name] for name in NAMES}
        wall_ns = run.view.program["wall_ns"]
        return ({**measured, "rest": wall_ns - sum(measured.values())},
                {**truth, "rest": wall_ns - sum(truth.values())})

    expect_split(3.0, measure)


@pytest.mark.parametrize(("method", "name"), [("processes", "f"), ("processes", "nap"),
                                              ("threads", "g")])
def test_the_gain_is_what_leaving_it_out_gains(sampler: Sampler, python: str, tare: list[str],
                                               method: str, name: str) -> None:
    def measure() -> tuple[int, int]:
        run = sampler.run("run", target(python, "pool.py", method)).expect_success()
        without = subprocess.run(target(python, "pool.py", method, name), check=True,
                                 capture_output=True).stdout
        shown = subprocess.run([*tare, "report", run.path, "--json"], check=True,
                               capture_output=True).stdout
        (row,) = [row for row in json.loads(shown)["functions"] if row["name"] == name]
        saved_ns = run.truth["wall"] - json.loads(without)["wall"]
        return row["program_ns"], saved_ns

    expect_amount(10, measure)


def test_one_thread_has_its_wall_time_as_program_time(sampler: Sampler, python: str) -> None:
    view = sampler.run("run", target(python, "split.py")).expect_success().view
    for entry in view.having("main"):
        assert entry.ns("program_ns") == entry.ns()


def test_a_thread_in_two_interpreters_has_one_part(sampler: Sampler, python: str) -> None:
    """Where it works, not where it waits to come back to; nor does it wait for its own GIL."""
    def measure() -> Compared:
        run = sampler.run("run", target(python, "subinterpreters.py"), rate=5_000)
        view = run.expect_success().view
        measured = {name: view.total_ns(name, "program_ns") for name in ("in_sub", "in_main")}
        measured["in_sub"] += view.self_ns("charge", "program_ns")  # on its way in and out
        truth = {name: run.truth[name] for name in measured}
        wall_ns = view.program["wall_ns"]
        return ({**measured, "rest": wall_ns - sum(measured.values()),
                 "GIL": view.total_ns("in_main", "wait_gil_ns")},
                {**truth, "rest": wall_ns - sum(truth.values())})

    expect_split(3.0, measure)
