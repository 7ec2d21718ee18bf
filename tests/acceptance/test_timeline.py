"""What ran when, against a program that says when it did what."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

import pytest

from comparing import Compared, expect_once, expect_split
from measuring import Run, Sampler, target
from view import Stretch, View

MOST_POINTS = 1 << 14
PHASES = ("phase_a", "phase_b")


def lane(view: View, thread: str) -> list[Stretch]:
    (found,) = [stretches for labels, stretches in view.timelines()
                if labels["thread"].split()[1] == thread]
    return found


def phase_of(view: View, stretch: Stretch) -> str:
    return next((name for name in view.names(stretch.node) if name in PHASES), "")


def phases(view: View) -> list[tuple[str, int, int]]:
    """Of the main thread: which, from when, to when."""
    named = [(phase_of(view, stretch), stretch) for stretch in lane(view, "MainThread")]
    groups = itertools.groupby((one for one in named if one[0]), key=lambda one: one[0])
    found = [(name, [stretch for _name, stretch in members]) for name, members in groups]
    return [(name, members[0].begin_ns, members[-1].end_ns) for name, members in found]


@pytest.fixture(scope="module", params=[1_000, 20_000])
def run(request: pytest.FixtureRequest, sampler: Sampler, python: str) -> Run:
    command = target(python, "phases.py", 0.4)
    return sampler.run("run", command, rate=request.param).expect_success()


def test_phases_stand_in_their_order(run: Run) -> None:
    assert [name for name, _begin, _end in phases(run.view)] == ["phase_a", "phase_b", "phase_a"]


@pytest.fixture(params=[1_000, 20_000])
def again(request: pytest.FixtureRequest, sampler: Sampler, python: str) -> Callable[[], Run]:
    """Runs it once more."""
    command = target(python, "phases.py", 0.4)
    return lambda: sampler.run("run", command, rate=request.param).expect_success()


def test_phases_begin_when_they_began(again: Callable[[], Run]) -> None:
    """By the program's clock, within a twentieth of the run."""
    def check() -> None:
        run = again()
        created = run.view.number("created_unix_ns")
        bound = 0.05 * run.view.number("wall_ns")
        found = phases(run.view)
        for (_name, begin_ns, _end), true in zip(found, run.truth["begin_unix_ns"]):
            assert abs(begin_ns - (true - created)) < bound
        assert abs(found[-1][2] - (run.truth["end_unix_ns"] - created)) < bound

    expect_once(check)


@pytest.mark.parametrize("rate", [1_000, 20_000])
def test_shares_of_the_time_line(sampler: Sampler, python: str, rate: int) -> None:
    """At full resolution and thinned out: 3.2 s at 20 kHz are more points than there may be."""
    def measure() -> Compared:
        seconds = 0.8 if rate > 1_000 else 0.4
        run = sampler.run("run", target(python, "phases.py", seconds), rate=rate).expect_success()
        first, second, third = (end - begin for _name, begin, end in phases(run.view))
        begins = [*run.truth["begin_unix_ns"], run.truth["end_unix_ns"]]
        true = [end - begin for begin, end in itertools.pairwise(begins)]
        names = ("a", "b", "again")
        return dict(zip(names, (first, second, third))), dict(zip(names, true))

    expect_split(3, measure)


def test_a_thread_is_there_while_it_lives_and_waits(again: Callable[[], Run]) -> None:
    """The helper naps as long as the second phase lasts."""
    def check() -> None:
        run = again()
        (_first, (_name, begin_ns, end_ns), _third) = phases(run.view)
        stretches = lane(run.view, "helper")
        bound = 0.05 * run.view.number("wall_ns")
        assert abs(stretches[0].begin_ns - begin_ns) < bound
        assert abs(stretches[-1].end_ns - end_ns) < bound
        naps = [one for one in stretches if "nap" in run.view.names(one.node)]
        slept_ns = sum(one.end_ns - one.begin_ns for one in naps if one.waits)
        assert slept_ns > 0.9 * (end_ns - begin_ns)
        main = lane(run.view, "MainThread")
        spun = [one for one in main if "spin" in run.view.names(one.node)]
        waited_ns = sum(one.end_ns - one.begin_ns for one in spun if one.waits)
        assert waited_ns < 0.1 * sum(one.end_ns - one.begin_ns for one in spun)

    expect_once(check)


def test_the_time_line_adds_up_to_the_sums(sampler: Sampler, python: str) -> None:
    """As long as nothing was thinned out, to the nanosecond, but for where a thread was last:
    that stretch has no end in the file but the run's."""
    view = sampler.run("run", target(python, "phases.py", 0.2)).expect_success().view
    assert view.number("timeline.period_ns") == 1_000_000
    assert view.number("sampler.gap_count") == 0
    for labels, stretches in view.timelines():
        drawn: Counter[int] = Counter()
        for stretch in stretches:
            drawn[stretch.node] += stretch.end_ns - stretch.begin_ns
        last = stretches[-1].node if stretches[-1].end_ns == view.number("wall_ns") else None
        summed = {entry.node: entry.ns() for entry in view.entries if entry.labels == labels}
        assert drawn.keys() == summed.keys()
        assert {node: ns for node, ns in drawn.items() if node != last} == {
            node: ns for node, ns in summed.items() if node != last}


@pytest.mark.parametrize("rate", [1_000, 50_000])
def test_points_are_bounded(sampler: Sampler, python: str, rate: int) -> None:
    """However many looks there were; the period is a doubling of the schedule's."""
    view = sampler.run("run", target(python, "split.py", 2), rate=rate).expect_success().view
    period_ns = view.number("timeline.period_ns")
    doublings, rest = divmod(period_ns, 1_000_000_000 // rate)
    assert rest == 0 and doublings.bit_count() == 1
    assert view.timelines()
    for _labels, stretches in view.timelines():
        assert len(stretches) <= MOST_POINTS
        assert all(one.begin_ns % period_ns == 0 for one in stretches)


def test_processes_have_time_lines(sampler: Sampler, python: str) -> None:
    """Workers begin after their parent, and work while that waits."""
    view = sampler.run("run", target(python, "workers.py", 3, 0.5)).expect_success().view
    begins = {labels["process"]: stretches[0].begin_ns for labels, stretches in view.timelines()}
    (parent,) = [labels["process"] for labels, _stretches in view.timelines() if "main" in labels]
    assert len(begins) >= 4
    assert all(begins[parent] < begin for process, begin in begins.items() if process != parent)
    for labels, stretches in view.timelines():
        working = [one for one in stretches if "in_worker" in view.names(one.node)]
        assert all(one.begin_ns >= begins[labels["process"]] for one in working)
        assert (sum(one.end_ns - one.begin_ns for one in working) > 0.3e9) == (
            labels["process"] != parent)


def test_nameless_threads_have_none(sampler: Sampler, python: str) -> None:
    command = target(python, "crowd.py", 50, 0.5)
    view = sampler.run("run", command, flags=["--max-labels", "20"]).expect_success().view
    lanes = [labels["thread"] for labels, _stretches in view.timelines()]
    assert lanes and "(other threads)" not in lanes


def test_a_dump_has_no_order(sampler: Sampler, python: str, background) -> None:  # type: ignore
    process = background.start(target(python, "steady.py", 1))
    view = sampler.run("dump", [process.pid]).expect_success().view
    assert not view.timelines() and "timeline.period_ns" not in view.meta
