"""Counters over time, the peaks and the sums, against what a program knows of itself."""

from __future__ import annotations

import os

import pytest

from measuring import Background, Run, Sampler, target

MIB = 1 << 20
TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
PER_PROCESS = ("rss_bytes", "swap_bytes", "user_ns", "system_ns", "major_faults", "minor_faults",
               "switches_voluntary", "switches_involuntary")

Points = list[tuple[int, int]]  # ns since the start, amount


@pytest.fixture(scope="module")
def run(sampler: Sampler, python: str) -> Run:
    return sampler.run("run", target(python, "counters.py", 64, 0.6)).expect_success()


def only(run: Run, name: str) -> Points:
    ((_owner, points),) = run.view.series(name)
    return points


def at(points: Points, time_ns: float) -> float:
    """Between two points on the line from one to the other."""
    before = max((point for point in points if point[0] <= time_ns), default=points[0])
    after = min((point for point in points if point[0] > time_ns), default=points[-1])
    if after[0] <= before[0]:
        return before[1]
    part = (time_ns - before[0]) / (after[0] - before[0])
    return before[1] + part * (after[1] - before[1])


def test_every_series_goes_from_start_to_end(run: Run) -> None:
    wall_ns = run.view.number("wall_ns")
    for name in (*PER_PROCESS, "machine_idle_ns"):
        points = only(run, name)
        times = [time_ns for time_ns, _amount in points]
        assert times == sorted(times) and times[0] < 0.1 * wall_ns, name
        assert times[-1] > 0.9 * wall_ns, name
        assert len(points) >= 8, name
        assert all(amount >= 0 for _time, amount in points), name


def test_memory(run: Run) -> None:
    """It rises by what is held and falls again; the peak is the highest there was."""
    held = run.truth["held_bytes"]
    amounts = [amount for _time, amount in only(run, "rss_bytes")]
    least, most = min(amounts), max(amounts)
    assert 0.9 * held <= most - least <= held + 64 * MIB
    assert amounts[-1] <= most - 0.9 * held
    peak = run.view.number("memory.peak_rss_bytes")
    assert most <= peak <= most + 16 * MIB
    assert 0.95 <= peak / run.truth["peak_bytes"] <= 1.05


def test_cpu_time_rises_with_the_work(run: Run) -> None:
    """Over the part that works, as fast as the program's own clock; hardly while it sleeps."""
    cpu = [(time_ns, user + system) for (time_ns, user), (_time, system)
           in zip(only(run, "user_ns"), only(run, "system_ns"))]
    created = run.view.number("created_unix_ns")
    begin, end = (run.truth[f"{which}_unix_ns"] - created for which in ("begin", "end"))
    worked = run.truth["end_cpu_ns"] - run.truth["begin_cpu_ns"]
    assert abs((at(cpu, end) - at(cpu, begin)) / worked - 1) < 0.25
    assert abs(cpu[-1][1] - run.truth["end_cpu_ns"]) < 0.1e9 + 2 * TICK_NS
    assert abs(run.view.number("cpu_ns") - run.truth["end_cpu_ns"]) < 0.1e9


@pytest.mark.parametrize("name, key", [
    ("minor_faults", "minor_faults"), ("switches_voluntary", "voluntary"),
    ("switches_involuntary", "involuntary"),
])
def test_what_is_counted_never_falls_and_ends_with_the_truth(run: Run, name: str,
                                                             key: str) -> None:
    amounts = [amount for _time, amount in only(run, name)]
    assert amounts == sorted(amounts)
    assert run.truth[key] <= amounts[-1] <= run.truth[key] + 500


def test_faults_of_the_pages_that_were_touched(run: Run) -> None:
    amounts = [amount for _time, amount in only(run, "minor_faults")]
    pages = run.truth["held_bytes"] // os.sysconf("SC_PAGESIZE")
    assert amounts[-1] - amounts[0] >= min(pages, run.truth["minor_faults"]) / 2
    assert run.view.number("faults.minor") >= amounts[-1]


def test_nothing_was_swapped_that_was_not(run: Run) -> None:
    assert run.view.number("memory.peak_swap_bytes") == max(
        amount for _time, amount in only(run, "swap_bytes"))


def test_memory_pressure_where_the_system_tells_it(run: Run) -> None:
    points = run.view.series("memory_pressure")[0][1]
    assert bool(points) == os.path.exists("/proc/pressure/memory")
    assert all(0 <= amount <= 10_000 for _time, amount in points)


def test_a_short_program_has_more_than_its_start(sampler: Sampler, python: str) -> None:
    run = sampler.run("run", [python, "-S", "-E", "-c", "x = list(range(200_000))"])
    for name in ("user_ns", "minor_faults"):
        points = only(run, name)
        assert len(points) >= 2 and points[-1][0] > 0.5 * run.view.number("wall_ns")
    faults = [amount for _time, amount in only(run, "minor_faults")]
    assert faults[-1] >= faults[0] + 500


@pytest.mark.parametrize("flags", [["--duration", "0.25"], []])
def test_the_last_point_of_what_was_attached_to(sampler: Sampler, python: str,
                                                background: Background,
                                                flags: list[str]) -> None:
    """At the end of the measurement; the target may be there still, or have ended."""
    process = background.start(target(python, "steady.py", 0.7))
    run = sampler.run("attach", [process.pid], flags=flags).expect_success()
    points = only(run, "user_ns")
    assert points[-1][0] > 0.8 * run.view.number("wall_ns")
    assert points[-1][1] > points[0][1]
