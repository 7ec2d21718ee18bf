"""Is the time of child processes found, and told apart from their parent's?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comparing import expect_amount
from measuring import Sampler, target

BY_SCRIPT = ["subprocess", "fork", "two-levels"]  # the others run -c
METHODS = ["subprocess", "fork", "spawn", "forkserver", "two-levels"]


@pytest.mark.parametrize("method", METHODS)
def test_time_of_a_child(sampler: Sampler, python: str, method: str) -> None:
    def measure() -> tuple[int, int]:
        run = sampler.run("run", target(python, "children.py", method)).expect_success()
        view = run.view
        (label,) = {entry.labels["process"] for entry in view.having("child_work")}
        assert label.split()[0] == str(run.truth["pid"])
        assert label.split()[0] != view.meta["target.pid"]
        assert label.split(" ", 1)[1] == ("children.py" if method in BY_SCRIPT else Path(
            os.path.realpath(python)).name)
        return view.total_ns("child_work"), run.truth["child_work"]

    expect_amount(10, measure)


@pytest.mark.parametrize("method", METHODS)
def test_a_forked_child_does_not_double_its_parent(sampler: Sampler, python: str,
                                                   method: str) -> None:
    """Meanwhile the parent waits: the program never shows more time than has passed."""
    view = sampler.run("run", target(python, "children.py", method)).expect_success().view
    assert view.program["wall_ns"] <= 1.02 * view.number("wall_ns")
    parent = [entry for entry in view.having("main")
              if entry.labels["process"].split()[0] == view.meta["target.pid"]]
    assert sum(entry.ns() for entry in parent) <= 1.02 * view.number("wall_ns")


def test_no_children_when_none_are_wanted(sampler: Sampler, python: str) -> None:
    run = sampler.run("run", target(python, "children.py", "fork"), flags=["--no-children"])
    view = run.expect_success().view
    assert view.total_ns("child_work") == 0
    assert {entry.labels["process"].split()[0] for entry in view.entries} == {
        view.meta["target.pid"]}


def test_exec_of_another_python(sampler: Sampler, python: str) -> None:
    """The same process becomes another program: its functions are found as well."""
    def measure() -> tuple[int, int]:
        run = sampler.run("run", target(python, "children.py", "exec")).expect_success()
        assert str(run.truth["pid"]) == run.view.meta["target.pid"]
        return run.view.total_ns("child_work"), run.truth["child_work"]

    expect_amount(10, measure)


def test_cpu_time_of_all_processes(sampler: Sampler, python: str) -> None:
    """By the system's own account, which does not depend on samples."""
    run = sampler.run("run", target(python, "children.py", "fork")).expect_success()
    assert run.view.number("cpu_ns") >= run.truth["child_cpu"]
    assert run.view.number("process_count") == 2
