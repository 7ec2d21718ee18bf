"""Many threads, many processes, many functions: bounded, counted, still right."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

from comparing import Compared, expect_amount, expect_split
from measuring import Measurement, Run, Sampler, target
from view import BUSY

MIB = 1 << 20


def test_a_thousand_threads(sampler: Sampler, python: str) -> None:
    run = sampler.run("run", target(python, "crowd.py", 1_000), rate=100).expect_success()
    view = run.view
    assert view.number("thread_count") >= 1_001
    waiting = {entry.labels["thread"] for entry in view.having("idle")}
    assert len(waiting) == 1_000
    asleep_ns = view.total_ns("idle", "wait_lock_ns")
    assert asleep_ns >= 0.95 * view.total_ns("idle")


def test_the_work_beside_a_thousand_threads(sampler: Sampler, python: str) -> None:
    def measure() -> tuple[int, int]:
        run = sampler.run("run", target(python, "crowd.py", 1_000), rate=100).expect_success()
        return run.view.total_ns("busy"), run.truth["busy"]

    expect_amount(10, measure)


def test_threads_started_and_ended_quickly(sampler: Sampler, python: str) -> None:
    def measure() -> Compared:
        run = sampler.run("run", target(python, "churn.py"), rate=5_000).expect_success()
        view = run.view
        for entry in view.having("quick"):
            assert "MainThread" not in entry.labels["thread"] and "main" not in entry.labels
        for entry in view.having("in_main"):
            assert "quick" not in entry.labels["thread"]
        assert len({entry.labels["thread"] for entry in view.having("quick")}) >= 100
        names = ["quick", "in_main"]
        return ({name: view.total_ns(name, *BUSY) for name in names},
                {name: run.truth[name] for name in names})

    expect_split(5, measure)


def test_a_storm_of_short_children(sampler: Sampler, python: str) -> None:
    """200 children of a few milliseconds, 20 of them never reaped: nobody spins or leaks."""
    run = sampler.run("run", target(python, "storm.py", 200, 20)).expect_success()
    view = run.view
    assert run.truth["count"] == 200
    assert view.program["wall_ns"] <= 1.02 * view.number("wall_ns")
    assert 1 <= view.number("process_count") <= 201
    of_parent = [entry for entry in view.entries
                 if entry.labels["process"].split()[0] == view.meta["target.pid"]]
    assert sum(entry.ns() for entry in of_parent) <= 1.02 * view.number("wall_ns")


def test_zombies_are_no_work(sampler: Sampler, python: str) -> None:
    """A child that is never reaped has no samples after its end, only between fork and exec."""
    run = sampler.run("run", target(python, "endings.py", "quiet_children", 1)).expect_success()
    zombie = run.out.split()[-1].decode()
    of_zombie = [entry for entry in run.view.entries
                 if entry.labels["process"].split()[0] == zombie]
    assert sum(entry.ns() for entry in of_zombie) < 0.1 * run.view.number("wall_ns")
    assert not run.said("error") and not run.said("warning"), "noise about what is no Python"


def test_stacks_beyond_the_limit_overflow(sampler: Sampler, python: str,
                                          tare: list[str]) -> None:
    """Nodes stop at the limit; no time is lost, and how much has no place is said."""
    command = target(python, "many.py", 2_000, 1)
    run = sampler.run("run", command, flags=["--max-nodes", "40"]).expect_success()
    view = run.view
    assert len(view.decoded.nodes) == 40
    overflow = [entry for entry in view.entries if entry.names == ["(overflow)"]]
    count = sum(entry.amounts["samples"] for entry in overflow)
    assert count == view.number("sampler.overflow_count") > 0
    assert sum(entry.amounts["samples"] for entry in view.entries) >= view.number(
        "sampler.sample_count")
    shown = subprocess.run([*tare, "report", run.path], capture_output=True, check=True).stdout
    assert b"beyond the limit on distinct stacks, shown as (overflow)" in b" ".join(shown.split())


def test_no_overflow_without_need(sampler: Sampler, python: str) -> None:
    view = sampler.run("run", target(python, "split.py", 0.3)).expect_success().view
    assert view.number("sampler.overflow_count") == 0
    assert "(overflow)" not in {frame.name for frame in view.frames}


def test_threads_beyond_the_limit_share_a_name(sampler: Sampler, python: str) -> None:
    """The main thread keeps its own; samples of the others are all there."""
    command = target(python, "crowd.py", 50, 0.5)
    view = sampler.run("run", command, flags=["--max-labels", "20"]).expect_success().view
    assert len(view.label_sets) <= 21
    other = {"process": "(other processes)", "thread": "(other threads)"}
    assert [entry for entry in view.having("idle") if entry.labels == other]
    assert {entry.labels["thread"].split()[1] for entry in view.having("busy")} == {"MainThread"}
    assert sum(entry.amounts["samples"] for entry in view.entries) >= view.number(
        "sampler.sample_count")


def test_one_label_set_for_each_thread(sampler: Sampler, python: str) -> None:
    command = target(python, "crowd.py", 50, 0.5)
    view = sampler.run("run", command).expect_success().view
    assert len(view.label_sets) <= 51 + 20, [*view.label_sets]
    named = {labels["thread"] for labels in view.label_sets if "thread" in labels}
    assert len([name for name in named if "Thread-" in name]) == 50


def test_processes_beyond_the_limit_share_their_series(sampler: Sampler, python: str) -> None:
    command = target(python, "workers.py", 6, 0.5)
    view = sampler.run("run", command, flags=["--max-traced", "3"]).expect_success().view
    owners = [name for name, _points in view.series("rss_bytes")]
    assert len(owners) == 4 and len(set(owners)) == 4
    assert owners[-1] == "(other processes)"
    for name in ("user_ns", "minor_faults"):
        for _owner, points in view.series(name):
            amounts = [amount for _time, amount in points]
            assert amounts == sorted(amounts)


class Memory:
    """The most memory that the tool has had, seen from outside."""

    def __init__(self, measurement: Measurement) -> None:
        self.peak_bytes = 0
        self._status = Path(f"/proc/{measurement.process.pid}/status")
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        try:
            while True:
                text = self._status.read_text()
                if "VmHWM:" not in text:
                    return
                self.peak_bytes = int(text.partition("VmHWM:")[2].split()[0]) << 10
                time.sleep(0.05)
        except (FileNotFoundError, ProcessLookupError):
            return


def measure_memory(sampler: Sampler, words: list[str], rate: int) -> tuple[Run, int]:
    measurement = sampler.start("run", words, rate=rate)
    memory = Memory(measurement)
    run = measurement.end().expect_success()
    return run, memory.peak_bytes


def test_a_hundred_thousand_functions(sampler: Sampler, python: str) -> None:
    """Memory follows distinct stacks, not samples or functions; no time is lost."""
    run, peak_bytes = measure_memory(sampler, target(python, "many.py", 100_000, 4), 10_000)
    assert len({frame.name for frame in run.view.frames}) >= 100
    assert 0 < peak_bytes < 128 * MIB
    assert abs(run.view.total_ns("under") / run.truth["under"] - 1) < 0.1
    for frame in run.view.frames:
        if frame.name.startswith("f") and frame.name[1:].isdecimal():
            assert frame.first_line == int(frame.name[1:]) + 1


def test_memory_does_not_grow_with_samples(sampler: Sampler, python: str) -> None:
    _short, short_bytes = measure_memory(sampler, target(python, "split.py", 1), 1_000)
    _long, long_bytes = measure_memory(sampler, target(python, "split.py", 3), 20_000)
    assert long_bytes <= short_bytes + 4 * MIB


def test_files_do_not_grow_with_samples(sampler: Sampler, python: str) -> None:
    short = sampler.run("run", target(python, "split.py", 1), rate=1_000).expect_success()
    long = sampler.run("run", target(python, "split.py", 3), rate=20_000).expect_success()
    assert long.path.stat().st_size <= short.path.stat().st_size + 256 * 1024
