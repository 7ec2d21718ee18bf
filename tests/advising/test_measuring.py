"""Pairs are timed on the interpreter that is asked for, and what was found is kept."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from tare._stats import Estimate
from tare.advising import measuring
from tare.advising.catalogue import BY_ID
from tare.advising.measuring import Timer, Timing
from tare.advising.model import SAME, Pair, Rule
from tare.errors import Error

SPIN = "def spin(k):\n    for _ in range(k):\n        pass\n"


def rule_of(slow: str, fast: str, setup: str = SPIN, sizes=(10, 100, 1000)) -> Rule:
    return Rule("made-up", "a -> b", "Because.", SAME, "", Pair(setup, slow, fast, sizes),
                lambda tree, facts: iter(()))


def test_a_ratio_that_is_known_is_found(tmp_path: Path) -> None:
    """Twelve times the work, within a factor of two on a machine that does other things."""
    timer = Timer(sys.executable, str(tmp_path), seconds=0.1)
    timing = timer.time_pair(rule_of("spin(12 * n); result = 1", "spin(n); result = 1"), 1000)
    assert timing.problem == "" and 6 < timing.ratio.value < 24
    assert timing.a_ns > timing.b_ns > 0


def test_what_was_timed_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = rule_of("spin(3 * n); result = 1", "spin(n); result = 1")
    timer = Timer(sys.executable, str(tmp_path), seconds=0.1)
    first = timer.time_pair(rule, 100)
    timer.keep()
    monkeypatch.setattr(Timer, "measure", lambda *_: pytest.fail("it was kept"))
    assert Timer(sys.executable, str(tmp_path)).time_pair(rule, 100) == first


def test_another_n_pair_or_interpreter_is_timed_anew(tmp_path: Path, monkeypatch) -> None:
    measured = []
    monkeypatch.setattr(Timer, "measure", lambda self, rule, n: measured.append(n) or [2.0] * 5)
    rule = rule_of("result = 1", "result = 1")
    timer = Timer(sys.executable, str(tmp_path))
    timer.time_pair(rule, 10)
    timer.time_pair(rule, 10)
    timer.time_pair(rule, 20)
    timer.time_pair(rule_of("result = 2", "result = 2"), 10)
    assert measured == [10, 20, 10]
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    assert Timer(str(link), str(tmp_path)).identity != timer.identity


def test_two_that_keep_at_once_keep_both(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(Timer, "measure", lambda self, rule, n: [float(n)] * 5)
    rule = rule_of("result = 1", "result = 1")
    one, other = (Timer(sys.executable, str(tmp_path)) for _ in range(2))
    one.time_pair(rule, 10)
    other.time_pair(rule, 20)
    one.keep()
    other.keep()
    assert len(json.loads(Path(one.path).read_text())) == 2
    assert [name for name in os.listdir(tmp_path) if not name.endswith(".json")] == []


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"a": [1]}', '{"a": [1,2,3,4,NaN]}'])
def test_a_file_that_is_no_good_is_as_none(tmp_path: Path, monkeypatch, text: str) -> None:
    monkeypatch.setattr(Timer, "measure", lambda self, rule, n: [2.0] * 5)
    timer = Timer(sys.executable, str(tmp_path))
    Path(timer.path).write_text(text)
    again = Timer(sys.executable, str(tmp_path))
    assert again.known == {}
    again.time_pair(rule_of("result = 1", "result = 1"), 10)
    again.keep()
    assert len(json.loads(Path(timer.path).read_text())) == 1


def test_where_nothing_can_be_kept_nothing_is(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(Timer, "measure", lambda self, rule, n: [2.0] * 5)
    (tmp_path / "file").write_text("")
    timer = Timer(sys.executable, str(tmp_path / "file" / "folder"))
    assert timer.time_pair(rule_of("result = 1", "result = 1"), 10).ratio.value == 2.0
    timer.keep()


def test_the_folder_is_the_users(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert measuring.cache_folder() == str(tmp_path / "tare")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert measuring.cache_folder() == str(tmp_path / ".cache" / "tare")


def test_sides_that_differ_are_no_advice(tmp_path: Path) -> None:
    timer = Timer(sys.executable, str(tmp_path), seconds=0.1)
    timing = timer.time_pair(rule_of("result = 1", "result = 2"), 10)
    assert timing.problem.startswith("both ways differ on this interpreter") and not timer.known
    timer.keep()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("setup", ["import no_such_module", "import os; os._exit(3)", "1 / 0"])
def test_a_pair_that_does_not_run_is_said_in_one_line(tmp_path: Path, setup: str) -> None:
    timer = Timer(sys.executable, str(tmp_path), seconds=0.1)
    timing = timer.time_pair(rule_of("result = 1", "result = 1", setup), 10)
    assert timing.problem.startswith("it could not be timed here: ")
    assert "\n" not in timing.problem


def test_what_is_no_python_is_said(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho hello\n")
    fake.chmod(stat.S_IRWXU)
    for path in (str(fake), str(tmp_path / "none")):
        with pytest.raises(Error, match="is it a Python"):
            Timer(path, str(tmp_path))


@pytest.mark.parametrize(("pays_from", "wanted"), [(5, 10), (60, (50, 75)), (300, (250, 420)),
                                                   (5000, None)])
def test_the_crossover_is_found(tmp_path: Path, monkeypatch, pays_from, wanted) -> None:
    timer = Timer(sys.executable, str(tmp_path))

    def time_pair(rule: Rule, n: int) -> Timing:
        ratio = 2.0 if n >= pays_from else 0.5
        return Timing(Estimate(ratio, ratio * 0.9, ratio * 1.1), 1.0, 1.0)

    monkeypatch.setattr(timer, "time_pair", time_pair)
    found = timer.crossover(rule_of("result = 1", "result = 1"))
    if isinstance(wanted, tuple):
        assert wanted[0] <= found <= wanted[1] and found >= pays_from
    else:
        assert found == wanted


@pytest.mark.parametrize("name", ["insert-at-0", "deepcopy"])
def test_what_is_many_times_faster_is_found_so(tmp_path: Path, name: str) -> None:
    rule = BY_ID[name]
    timing = Timer(sys.executable, str(tmp_path), seconds=0.1).time_pair(rule, rule.pair.sizes[-1])
    assert timing.ratio.low > 3


def test_folklore_is_not_many_times_faster(tmp_path: Path) -> None:
    timer = Timer(sys.executable, str(tmp_path), seconds=0.1)
    assert timer.time_pair(BY_ID["bound-append"], 1000).ratio.low < 1.3
