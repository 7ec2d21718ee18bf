"""Is waiting named as what it is? One function of tests/targets/waits.py per kind.

How long a function waited is its own account: the wall time between entering and leaving
for kinds that only wait, the time that it was blocked for those that also work (the disk).
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from pathlib import Path

import pytest

from comparing import expect_amount
from measuring import Background, Run, Sampler, target
from view import WAITS

PLAIN = {
    "sleep": "wait_sleep_ns", "lock": "wait_lock_ns", "condition": "wait_lock_ns",
    "queue": "wait_lock_ns", "join": "wait_lock_ns", "socket": "wait_socket_ns",
    "accept": "wait_socket_ns", "poll": "wait_poll_ns", "select": "wait_poll_ns",
    "epoll": "wait_poll_ns", "pipe": "wait_pipe_ns", "terminal": "wait_terminal_ns",
    "child": "wait_child_ns", "signal": "wait_other_ns",
}
BLOCKED = {"direct": "wait_disk_ns", "fsync": "wait_disk_ns", "paging": "wait_paging_ns"}


@pytest.mark.parametrize("kind", PLAIN)
def test_waiting_is_named(waits_run: Run, kind: str) -> None:
    view = waits_run.expect_success().view
    true_ns = waits_run.truth[f"wait_{kind}"]["wall_ns"]
    measured = {metric: view.total_ns(f"wait_{kind}", metric) for metric in WAITS}
    assert 0.85 * true_ns <= measured[PLAIN[kind]] <= 1.1 * true_ns, measured
    others = sum(measured.values()) - measured[PLAIN[kind]]
    assert others <= 0.05 * true_ns, measured


def blocked_truth(run: Run, kind: str) -> int:
    truth = run.expect_success().truth.get(f"wait_{kind}")
    if truth is None or truth["blocked_ns"] < 0.2 * truth["wall_ns"]:
        pytest.skip(f"no real disk behind the build folder: {truth}")
    return truth["blocked_ns"]


@pytest.mark.parametrize("kind", BLOCKED)
def test_waiting_for_the_disk_is_named(waits_run: Run, sampler: Sampler, python: str,
                                       disk_folder: Path, kind: str) -> None:
    """Real reads and writes of a tenth of a millisecond: most of the blocked part must be found.

    Not all is: where the disk is another program of the same machine (a virtual one), it takes the
    sampler's CPU just then, and the sampler looks when the wait is over.
    """
    runs = itertools.chain([waits_run], (
        sampler.run("run", target(python, "waits.py", 0.4, disk_folder, kind))
        for _ in itertools.count()))

    def measure() -> tuple[int, int]:
        run = next(runs)
        true_ns = blocked_truth(run, kind)
        measured = {metric: run.view.total_ns(f"wait_{kind}", metric) for metric in WAITS}
        others = sum(measured.values()) - measured[BLOCKED[kind]]
        assert others <= 0.1 * true_ns, measured
        return measured[BLOCKED[kind]], true_ns

    expect_amount(25, measure)


def test_the_program_waits_as_its_main_thread(waits_run: Run) -> None:
    """While all threads wait, the program is in the state of the main one."""
    program = waits_run.expect_success().view.program
    for metric in ("wait_sleep_ns", "wait_lock_ns", "wait_socket_ns", "wait_poll_ns",
                   "wait_pipe_ns", "wait_terminal_ns", "wait_child_ns"):
        kinds = [f"wait_{kind}" for kind, named in PLAIN.items() if named == metric]
        true_ns = sum(waits_run.truth[kind]["wall_ns"] for kind in kinds)
        assert 0.85 * true_ns <= program[metric] <= 1.1 * true_ns, metric


def test_waiting_is_not_cpu_time(waits_run: Run) -> None:
    view = waits_run.expect_success().view
    for kind in PLAIN:
        busy_ns = view.total_ns(f"wait_{kind}", "python_ns", "native_ns")
        assert busy_ns <= 0.1 * view.total_ns(f"wait_{kind}")


def test_stopped_by_a_signal(sampler: Sampler, python: str, background: Background) -> None:
    """SIGSTOP from elsewhere: the time is shown as stopped, not as the line it stood on."""
    def measure() -> tuple[int, int]:
        process = background.start(target(python, "steady.py", 1.2))
        measurement = sampler.start("attach", [process.pid])
        measurement.wait_for("python")
        time.sleep(0.2)
        begin = time.monotonic_ns()
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(0.8)
        os.kill(process.pid, signal.SIGCONT)
        stopped_ns = time.monotonic_ns() - begin
        view = measurement.end().expect_success().view
        return view.total_ns("steady", "wait_stopped_ns"), stopped_ns

    expect_amount(10, measure)
