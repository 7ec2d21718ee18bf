"""Advice is given where it is hot and pays, at the sizes the program has, and nowhere else.

Times of pairs are made up, so that what must come out is known; sizes are found by counting real
lines, which is exact.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tare
from tare._stats import Estimate
from tare.advising import finding, heat
from tare.advising.catalogue import BY_ID
from tare.advising.facts import Facts
from tare.advising.finding import advise, grid, hot_matches, unread_files
from tare.advising.heat import Heat
from tare.advising.measuring import Timing
from tare.advising.model import Advice, Match, Rule

PROGRAM = """\
import re


def build(n):
    out = []
    for i in range(n):
        out.insert(0, i)
    return out


def look(items, wanted):
    known = list(items)
    count = 0
    for x in wanted:
        if x in known:
            count += 1
    return count


def read(words):
    found = 0
    for w in words:
        if re.match(r"w(\\d+)", w):
            found += 1
    return found


def main():
    for _ in range(3):
        build(3000)
    look(range(40), range(50))
    read(["w%d" % i for i in range(20)])


main()
"""
LINES = {"insert-at-0": 7, "in-list": 15, "re-compile": 23}
SECOND = 1_000_000_000


class Pairs:
    """A timer that measures nothing: slow takes this long for a step at n, fast that long."""

    def __init__(self, slow: Callable[[int], float], fast: Callable[[int], float] = lambda n: 10.0,
                 version: tuple[int, int] = (3, 11), spread: float = 0.02,
                 problem: str = "") -> None:
        self.slow, self.fast, self.version = slow, fast, version
        self.spread, self.problem = spread, problem
        self.asked: list[tuple[str, int]] = []

    def time_pair(self, rule: Rule, n: int) -> Timing:
        self.asked.append((rule.id, n))
        steps = rule.pair.steps_at(n)
        ratio = self.slow(n) / self.fast(n)
        interval = Estimate(ratio, ratio * (1 - self.spread), ratio * (1 + self.spread))
        return Timing(interval, self.slow(n) * steps, self.fast(n) * steps, self.problem)

    def crossover(self, rule: Rule) -> int | None:
        paying = [n for n in rule.pair.sizes if self.slow(n) > self.fast(n)]
        return paying[0] if paying else None

    def keep(self) -> None:
        pass


class Known:
    """A profile: the lines of one file have known shares, and hits where these are given."""

    def __init__(self, file: str, shares: dict[int, float], hits: dict[int, int] | None = None,
                 rounds: int | None = None) -> None:
        self.file, self.shares, self.hits, self.rounds = file, shares, hits or {}, rounds
        self.whole_ns = SECOND
        self.meta: dict[str, str] = {}

    def files(self) -> dict[str, float]:
        return {self.file: sum(self.shares.values())}

    def heat_of(self, match: Match) -> Heat:
        first, last = match.span
        share = sum(self.shares.get(line, 0.0) for line in range(first, last + 1))
        return Heat(Estimate(share, share * 0.9, share * 1.1), self.hits.get(match.line),
                    self.rounds)


class Empty:
    is_memory = False
    meta: dict[str, str] = {}


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return os.path.realpath(path)


def weighed(monkeypatch: pytest.MonkeyPatch, known: Known, timer: Pairs, rule: str,
            size: int | None = None) -> Advice:
    monkeypatch.setattr(finding, "profiled", lambda profile: known)
    found = advise([Empty()], sys.executable, size=size, timer=timer)
    return next(advice for advice in found if advice.rule.id == rule)


# -- silence


def test_where_it_is_cold_nothing_is_timed(program, monkeypatch) -> None:
    timer = Pairs(lambda n: 1000.0)
    advice = weighed(monkeypatch, Known(program, {1: 0.9, 7: 0.001}), timer, "insert-at-0")
    assert advice.match.cold and advice.silent == "0.1 % of the time is spent there"
    assert timer.asked == []


def test_where_it_is_hot_and_pays_it_is_said(program, monkeypatch) -> None:
    timer = Pairs(lambda n: 10.0 + n)
    advice = weighed(monkeypatch, Known(program, {7: 0.5}, rounds=990), timer, "insert-at-0")
    assert advice.silent == "" and advice.size == 990
    assert advice.ratio.value == pytest.approx(101)
    assert advice.gain.value == pytest.approx(0.5 * (1 - 1 / 101))
    assert advice.gain.low < advice.gain.value < advice.gain.high <= 0.5 * 1.1


@pytest.mark.parametrize("cost", [9.0, 10.0, 10.1])
def test_what_does_not_pay_is_silent(program, monkeypatch, cost: float) -> None:
    timer = Pairs(lambda n: cost)
    advice = weighed(monkeypatch, Known(program, {7: 0.5}, rounds=990), timer, "insert-at-0")
    assert "does not pay" in advice.silent
    over = weighed(monkeypatch, Known(program, {7: 0.5}), timer, "insert-at-0")
    assert "does not pay" in over.silent and len(over.speedups) == len(over.rule.pair.sizes)


def test_a_gain_too_small_is_silent(program, monkeypatch) -> None:
    timer = Pairs(lambda n: 12.0)
    advice = weighed(monkeypatch, Known(program, {7: 0.05}, rounds=100), timer, "insert-at-0")
    assert "less than 1 %" in advice.silent and 0 < advice.gain.value < 0.01


def test_what_this_python_has_not_is_silent(program, monkeypatch) -> None:
    timer = Pairs(lambda n: 100.0, version=(3, 5))
    source = Path(program)
    source.write_text("def f(w):\n    return '{}'.format(w)\n")
    advice = weighed(monkeypatch, Known(program, {2: 0.9}), timer, "str-format")
    assert "needs Python 3.6" in advice.silent and timer.asked == []


def test_a_pair_that_cannot_be_timed_is_silent(program, monkeypatch) -> None:
    timer = Pairs(lambda n: 100.0, problem="it could not be timed here: no module")
    advice = weighed(monkeypatch, Known(program, {7: 0.5}), timer, "insert-at-0")
    assert advice.silent == "it could not be timed here: no module"


# -- sizes


def test_a_size_that_is_not_known_is_from_where_it_pays(program, monkeypatch) -> None:
    timer = Pairs(lambda n: n / 10)  # as long as fast at 100
    advice = weighed(monkeypatch, Known(program, {7: 0.5}), timer, "insert-at-0")
    assert advice.silent == "" and advice.size is None
    assert advice.crossover == 1000
    assert [n for n, _ in advice.speedups] == [10, 100, 1000, 10000]
    assert advice.ratio.low == pytest.approx(10, rel=0.05)
    assert advice.ratio.high == pytest.approx(100, rel=0.05)


def test_a_size_that_is_asked_for_is_used(program, monkeypatch) -> None:
    timer = Pairs(lambda n: n / 10)
    known = Known(program, {7: 0.5}, rounds=9000)
    assert weighed(monkeypatch, known, timer, "insert-at-0", size=50).silent
    assert weighed(monkeypatch, known, timer, "insert-at-0", size=5000).size == 5000


def test_a_size_follows_from_what_a_run_of_the_line_costs(program, monkeypatch) -> None:
    timer = Pairs(lambda n: 15.0 * n)  # a look-up in a list of n
    hits = 100_000
    known = Known(program, {15: 0.75}, hits={15: hits})  # 7 500 ns each: n is 500
    advice = weighed(monkeypatch, known, timer, "in-list")
    assert advice.size == pytest.approx(500, rel=0.05)
    assert advice.hits == hits


def test_hits_bound_the_gain(program, monkeypatch) -> None:
    """A line hot for other reasons: its pattern ran a thousand times and saves 1 us each."""
    timer = Pairs(lambda n: 1010.0)
    known = Known(program, {23: 0.9}, hits={23: 1000})
    advice = weighed(monkeypatch, known, timer, "re-compile")
    assert advice.gain.value == pytest.approx(1000 * 1000 / SECOND)
    assert "less than 1 %" in advice.silent


@pytest.mark.parametrize(("n", "wanted"), [(0, 1), (1, 1), (3, 2), (4, 5), (7, 5), (8, 10),
                                           (300, 200), (990, 1000), (15_000, 20_000)])
def test_sizes_are_rounded(n: int, wanted: int) -> None:
    assert grid(n) == wanted


def test_a_cheap_pattern_is_a_part_of_its_line() -> None:
    code = "import re\ndef f(w, g):\n    return g(g(g(w + w + w + w))), re.match('a.', w)\n"
    facts = Facts(code)
    match = next(BY_ID["re-compile"].find(facts.tree, facts))
    assert 0.1 < heat.pattern_part(match) < 0.6
    alone = Facts("import re\ndef f(w):\n    re.match('a.', w)\n")
    whole = next(BY_ID["re-compile"].find(alone.tree, alone))
    assert heat.pattern_part(whole) == 1.0


# -- real profiles


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("counted")
    path = folder / "program.py"
    path.write_text(PROGRAM)
    os.utime(path, (1e9, 1e9))
    made = {"file": os.path.realpath(path)}
    for command in ("lines", "trace", "run"):
        out = folder / f"{command}.tare"
        subprocess.run([sys.executable, "-m", "tare", command, "-q", "-o", out, path], check=True)
        made[command] = tare.load(out)
    return made


def by_rule(matches: list[Match]) -> dict[str, Match]:
    return {match.rule.id: match for match in matches}


def test_lines_know_hits_and_rounds(counted) -> None:
    facts = finding.read_facts(counted["file"])
    matches = by_rule(finding.find_matches(facts))
    profile = heat.profiled(counted["lines"])
    assert {name: matches[name].line for name in LINES} == LINES
    insert = profile.heat_of(matches["insert-at-0"])
    assert (insert.hits, insert.rounds) == (9000, 3000)
    assert profile.heat_of(matches["in-list"]).hits == 50
    assert profile.heat_of(matches["re-compile"]).hits == 20
    assert 0 < insert.share.low <= insert.share.value <= insert.share.high <= 1


def test_a_trace_knows_the_calls_of_a_match(counted) -> None:
    facts = finding.read_facts(counted["file"])
    matches = by_rule(finding.find_matches(facts))
    profile = heat.profiled(counted["trace"])
    insert = profile.heat_of(matches["insert-at-0"])
    assert (insert.hits, insert.rounds) == (9000, 3000)
    assert profile.heat_of(matches["re-compile"]).hits == 20
    inside = profile.heat_of(matches["in-list"]).share
    assert inside.low == 0 and 0 < inside.value <= inside.high


def test_shares_come_from_what_was_sampled_and_counts_from_what_counted(counted) -> None:
    both = finding.Profiles([counted["lines"], counted["run"]])
    assert isinstance(both.timed, heat.SampledProfile)
    facts = finding.read_facts(counted["file"])
    match = by_rule(finding.find_matches(facts))["insert-at-0"]
    assert both.heat_of(match).hits == 9000
    assert both.heat_of(match).share == both.timed.heat_of(match).share


def test_a_file_that_was_changed_is_not_looked_at(counted) -> None:
    assert unread_files([counted["lines"]]) == []
    os.utime(counted["file"], (4e9, 4e9))
    try:
        assert [one.why for one in unread_files([counted["lines"]])] == [
            "it was changed after the measurement"]
        assert hot_matches([counted["lines"]]) == []
    finally:
        os.utime(counted["file"], (1e9, 1e9))
    assert hot_matches([counted["lines"]]) != []


def test_only_what_lies_under_the_paths_is_looked_at(counted) -> None:
    folder = os.path.dirname(counted["file"])
    assert hot_matches([counted["lines"]], paths=[folder])
    assert hot_matches([counted["lines"]], paths=[folder + "/other"]) == []
