"""Histories: changes that were planted are found, others not made up; pages at any width."""

import io
import math
import random
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from tare.comparing import history
from tare.comparing.store import Measurement, Name, Saved
from tare.render import history as text
from tare.render import history_page
from tare.render.terminal import Screen

DAY_NS = 86_400 * 10**9
BEGIN_NS = 1_760_000_000 * 10**9
MS = 1e6


def saved(
    number: int,
    ns: float,
    spin_ns: float = 700_000,
    *,
    chance: random.Random | None = None,
    ratio: float = 1.0,
    **facts: object,
) -> Saved:
    """One of them, with ten processes that differ by 1 %, or not at all."""
    noise = [chance.gauss(0, 0.01) if chance else 0.0 for _ in range(10)]
    usual = Measurement(
        "b", "new.py:f", f"{number:040x}", False, False, "m1", "a machine", "CPython 3.11.7", "cpu",
        round(spin_ns), tuple(ns * math.exp(part) for part in noise),
    )  # fmt: skip
    b = usual._replace(**{key: fact for key, fact in facts.items() if key in usual._fields})
    a = usual._replace(side="a", label="v1.0", commit="a" * 40, pinned=bool(facts.get("pinned_a")))
    estimate = {"value": ratio, "low": ratio / 1.01, "high": ratio * 1.01}
    document = {"verdict": "faster", "ratio": estimate}
    return Saved(number, "parse", BEGIN_NS + number * DAY_NS, a, b, document)


def one_series(rows: list[Saved]) -> history.Series:
    (found,) = history.series_of("parse", rows)
    return found


def noisy(
    count: int, change_at: int, factor: float, seed: int, spin_factor: float = 1.0
) -> list[Saved]:
    """From change_at on factor times as long; from one to the next 1 % by chance."""
    chance = random.Random(seed)
    return [
        saved(
            number,
            40 * MS * (factor if number >= change_at else 1) * math.exp(chance.gauss(0, 0.01)),
            7e5 * (spin_factor if number >= change_at else 1) * math.exp(chance.gauss(0, 0.005)),
            chance=chance,
        )
        for number in range(count)
    ]


def test_planted_change_is_found_where_it_is() -> None:
    rounds, found_there, held = 60, 0, 0
    for seed in range(rounds):
        series = one_series(noisy(40, 22, 1.1, seed))
        if len(series.changes) == 1 and abs(series.changes[0].index - 22) <= 1:
            (change,) = series.changes
            found_there += 1
            held += change.ratio.low <= 1 / 1.1 <= change.ratio.high
            assert not change.is_machines
    assert found_there >= 0.9 * rounds
    assert held >= 0.85 * found_there  # a change that chance placed one off loosens it a little


def test_nothing_is_made_up() -> None:
    made_up = sum(bool(one_series(noisy(40, 40, 1.0, seed)).changes) for seed in range(100))
    assert made_up <= 5


@pytest.mark.parametrize(
    ("factor", "spin_factor", "is_machines"),
    [(1.2, 1.2, True), (1.2, 1.0, False), (1.2, 0.8, False), (1.2, 1.05, False), (0.8, 0.8, True)],
)
def test_change_of_the_machine(factor: float, spin_factor: float, is_machines: bool) -> None:
    (change,) = one_series(noisy(40, 20, factor, 3, spin_factor)).changes
    assert change.index == 20
    assert change.ratio.value == pytest.approx(1 / factor, rel=0.02)
    assert change.machine_ratio == pytest.approx(1 / spin_factor, rel=0.02)
    assert change.is_machines is is_machines


def test_unknown_speed_of_the_machine_explains_nothing() -> None:
    rows = [
        one._replace(b=one.b._replace(spin_ns=0)) for one in noisy(40, 20, 1.2, 3)
    ]
    (change,) = one_series(rows).changes
    assert (change.machine_ratio, change.is_machines) == (1.0, False)


def test_unlike_measurements_are_not_one_series() -> None:
    rows = [
        saved(1, MS), saved(2, MS, machine_id="m2"), saved(3, MS),
        saved(4, MS, interpreter="CPython 3.13.0"), saved(5, MS, clock="wall"), saved(6, MS),
        saved(7, MS, machine_id="m2"),
    ]  # fmt: skip
    found = history.series_of("parse", rows)
    keys = [(one.machine_id, one.interpreter[8:], one.clock, len(one.points)) for one in found]
    assert keys == [
        ("m2", "3.11.7", "cpu", 2), ("m1", "3.11.7", "cpu", 3), ("m1", "3.11.7", "wall", 1),
        ("m1", "3.13.0", "cpu", 1),
    ]  # fmt: skip


def test_against_one_revision_it_is_the_ratio() -> None:
    """In pairs: what the machine does to both is in neither."""
    rows = [saved(n, MS * (1 + n), pinned_a=True, ratio=1.25) for n in range(4)]
    series = one_series(rows)
    assert (series.kind, series.reference) == ("relative", "v1.0 (aaaaaaa)")
    assert [point.value.value for point in series.points] == pytest.approx([0.8] * 4)
    low, high = series.points[0].value[1:]
    assert (low, high) == pytest.approx((0.8 / 1.01, 0.8 * 1.01))
    assert series.changes == []
    rows[2] = rows[2]._replace(a=rows[2].a._replace(commit="b" * 40))
    assert one_series(rows).kind == "time"
    rows[2] = saved(2, MS, pinned_a=True)._replace(document={"verdict": "cannot tell"})
    assert one_series(rows).kind == "time"


def test_few_measurements() -> None:
    for count in (1, 2, 3):
        series = one_series([saved(n, MS) for n in range(count)])
        assert series.changes == []
        assert len(series.segments()) == 1
        assert "\n".join(page_lines(series, 80))


@pytest.mark.parametrize("values", [(), (5.0,), (0.0, 0.0, 0.0)])
def test_few_processes(values: tuple[float, ...]) -> None:
    rows = [saved(n, MS, values_ns=values or (1.0,)) for n in range(3)]
    assert page_lines(one_series(rows), 80)
    assert len(circles_of(one_series(rows))) == 3


def circles_of(series: history.Series) -> list[ElementTree.Element]:
    """The points in the picture, which must be XML."""
    picture = ElementTree.fromstring(history_page.picture(series))
    return [element for element in picture.iter() if element.tag.endswith("circle")]


def page_lines(series: history.Series, columns: int, encoding: str = "utf-8") -> list[str]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    screen = Screen(stream, "never")
    screen.columns = columns
    for line in text.page(screen, [series]):
        screen.console.print(line)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize("columns", [60, 80, 140])
@pytest.mark.parametrize("count", [5, 34, 400])
def test_page_fits(columns: int, count: int) -> None:
    lines = page_lines(one_series(noisy(count, count // 2, 1.3, 1, 1.3)), columns)
    most = max(columns, 80)  # narrower terminals wrap the table
    assert max(map(len, lines)) <= most, max(lines, key=len)
    assert sum(line.count("o") for line in lines[3:13]) >= min(count, 10)
    assert any("the last" in line for line in lines) is (count == 400)


def test_chart_shows_the_levels() -> None:
    """Two levels: the marks of the first half stand in other rows than those of the second."""
    lines = page_lines(one_series([saved(n, MS * (1 if n < 6 else 2)) for n in range(12)]), 80)
    chart = [line for line in lines if "o" in line and "─" in line]
    assert len(chart) == 2
    upper, lower = chart
    assert (upper.count("o"), lower.count("o")) == (6, 6)
    assert upper.index("o") > lower.rindex("o")
    joined = "\n".join(lines)
    assert "  1.00 ms  2.00 ms  2.00x slower" in joined


def test_ascii_page() -> None:
    lines = page_lines(one_series(noisy(30, 15, 1.3, 1)), 80, "ascii")
    assert any("1.30x slower" in line or "1.29x slower" in line for line in lines)


def test_hostile_names() -> None:
    rows = [saved(n, MS, label="\x1b[2J<script>&\u202e", machine="<b>\n") for n in range(3)]
    series = one_series(rows)._replace(name="</title><script>")
    lines = page_lines(series, 80)
    assert not any("\x1b" in line or "\u202e" in line for line in lines)
    page = history_page.page([series])
    assert "<script>" not in page and "<b>" not in page
    assert len(circles_of(series)) == 3
    assert "<script>" not in history_page.picture(series)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.count: dict[str, int] = {}
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


def test_page_has_every_measurement_and_loads_nothing() -> None:
    series = one_series(noisy(30, 15, 1.2, 1))
    tags = Tags()
    tags.feed(history_page.page([series, series]))
    assert (tags.count["svg"], tags.count["circle"], tags.count["tr"]) == (2, 60, 4)
    assert tags.sources == []


def test_higher_is_slower_in_the_picture() -> None:
    series = one_series([saved(n, MS * (1 + n)) for n in range(3)])
    heights = [float(circle.get("cy", "")) for circle in circles_of(series)]
    assert heights == sorted(heights, reverse=True) and len(set(heights)) == 3


def test_names() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    screen = Screen(stream, "never")
    names = [Name("pa rse", 12, BEGIN_NS, BEGIN_NS + DAY_NS), Name("x" * 150, 1, 0, 0)]
    lines = [line.plain for line in text.names_page(screen, names, "/p/.tare/history.sqlite")]
    assert "pa rse" in lines[2] and "12" in lines[2]
    assert max(map(len, lines)) <= screen.columns
    assert lines[-1] == "Next: tare compare --history 'pa rse'"
