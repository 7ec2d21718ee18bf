"""Each experiment: its variants come to the same, and it finds something."""

import os
import sys

import pytest

from tare.comparing.driving import CompareError
from tare.lab import running
from tare.lab.catalogue import BY_NAME, EXPERIMENTS
from tare.lab.experiments import profiled
from tare.lab.measuring import Effort, Lab
from tare.lab.model import Experiment, Finding, Variant
from tare.render.lab import shown


OWN_NAMES = ("many_calls", "cProfile", "tare trace")


@pytest.mark.parametrize("name", BY_NAME)
def test_finds_something(direct, name):
    finding = BY_NAME[name].measure(direct)
    assert finding.lessons and finding.tables
    assert finding.agreed or name == "growth"  # which times nothing
    for table in finding.tables:
        assert all(len(row) == len(table.heads) for row in table.rows)
        assert all(isinstance(shown(value), str) for row in table.rows for value in row)
    for lesson in finding.lessons:
        assert lesson[0] == lesson[0].upper() or lesson.startswith(OWN_NAMES)
        assert lesson.endswith(".") and not lesson.endswith("..")


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
def test_code_that_is_shown_is_short_and_is_python(experiment):
    for variant in experiment.code:
        compile(variant.code, variant.label, "exec")
        lines = variant.code.split("\n")
        assert len(lines) <= 20 and max(map(len, lines)) <= 76


def test_sizes_keep_the_ends():
    with Lab(sys.executable, Effort(1.0, None, 3, 5_000), os.environ) as lab:
        assert lab.sizes(10, 100, 1_000, 2_000, 10_000) == [10, 1_000, 2_000]
        assert lab.sizes(10_000) == [10_000]


def test_without_numpy_and_pypy_it_says_so(direct):
    direct.pypy = None
    direct.has_module = lambda name: False
    notes = " ".join(BY_NAME["pi"].measure(direct).notes)
    assert "NumPy is not installed" in notes and "no pypy3" in notes
    assert any("no pypy3" in note for note in BY_NAME["strings"].measure(direct).notes)


def test_what_cannot_be_measured_does_not_stop_the_others(direct):
    def fail(lab):
        raise CompareError("the machine fell over; pick it up")

    bad = Experiment("bad", "Bad", "?", "?", (), fail)
    good = Experiment("good", "Good", "?", "?", (), lambda lab: Finding([], [], ["Yes."], []))
    session = running.run(direct, [bad, good], "CPython 3", False)
    assert [result.trouble for result in session.results] == [
        "the machine fell over; pick it up",
        "",
    ]


def test_sides_that_differ_are_never_timed():
    with Lab(sys.executable, Effort(0.1, 1, 1, 10), os.environ) as lab:
        with pytest.raises(CompareError, match="do not come to the same"):
            lab.compare(Variant("one", "result = [1, 2]"), Variant("two", "result = [1, 3]"))


def test_profiler_that_sees_another_sum_is_refused(direct):
    path = direct.write("wrong.py", "print('[{\"many_calls\": 1, \"no_calls\": 1}, 1.0, 2.0]')\n")
    with pytest.raises(CompareError, match="do not come to the same"):
        profiled.time_of(direct, path, 10, "time")


def test_a_profiled_program_that_fails_is_one_line(direct):
    path = direct.write("fails.py", "raise SystemExit('no such luck')\n")
    with pytest.raises(CompareError, match="exited with 1: no such luck"):
        profiled.time_of(direct, path, 10, "time")
