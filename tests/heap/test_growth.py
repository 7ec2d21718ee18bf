"""Steps in which containers grow, against the interpreter's own rule and sizes."""

from __future__ import annotations

import collections
import json
import sys
from xml.etree import ElementTree

import pytest

import tare.heap
from tare.heap.growing import EIGHTHS, ROWS, Growth, Step, byte_ticks, growth, size, ticks

SVG = "{http://www.w3.org/2000/svg}"


def grow_list(n: int) -> list[tuple[int, int]]:
    """What Objects/listobject.c says: an eighth more and six, in fours."""
    slots, steps = 0, [(0, sys.getsizeof([]))]
    for items in range(1, n + 1):
        if items > slots:
            slots = (items + (items >> 3) + 6) & ~3
            steps.append((items, sys.getsizeof([]) + 8 * slots))
    return steps


def test_a_list_grows_as_its_source_says() -> None:
    assert growth(list, 5000).steps == grow_list(5000)


@pytest.mark.parametrize("factory", [list, set, dict, bytearray, collections.deque])
def test_every_size_is_what_the_interpreter_says(factory: type) -> None:
    found = growth(factory, 300)
    container = factory()
    assert found.points[0] == (0, sys.getsizeof(container))
    for items, amount in found.points[1:]:
        if factory is dict:
            container[items] = items
        elif factory is set:
            container.add(items)
        else:
            container.append(items & 0xFF)
        assert amount == sys.getsizeof(container)
    assert len(found.points) == 301


def test_what_append_returns_is_the_container_from_then_on() -> None:
    found = growth(str, 10, lambda text, item: text + "x")
    assert found.points[:2] == [(0, 0), (1, 0)]  # these two the interpreter has anyway
    assert found.points[2:] == [(n, sys.getsizeof("x" * n)) for n in range(2, 11)]
    assert found.resize_count == 9


def test_items_are_not_counted() -> None:
    assert growth(list, 100, lambda items, n: items.append(b"x" * 10_000)).steps == grow_list(100)


def test_size_at_any_number_of_items() -> None:
    found = growth(list, 1000)
    assert [found.at(items) for items, _ in found.points] == [amount for _, amount in found.points]


def test_nothing_put_in() -> None:
    found = growth(dict, 0)
    assert found.points == [(0, sys.getsizeof({}))]
    assert "never grew" in str(found) and found.bytes_per_item == 0
    ElementTree.fromstring(found.to_svg())


@pytest.mark.parametrize(("n", "factory"), [(-1, list), (5, tuple), (5, int)])
def test_what_cannot_grow_is_said(n: int, factory: type) -> None:
    with pytest.raises((ValueError, TypeError), match="growth"):
        growth(factory, n)


def test_bars_are_as_high_as_the_sizes() -> None:
    found = Growth("box", 3, [Step(0, 12), Step(2, 24)])
    lines = found.draw(80).splitlines()
    assert lines[1].startswith("24 B ┤")
    bars = [[EIGHTHS.index(c) for c in line.split("┤")[1].ljust(4)] for line in lines[1 : ROWS + 1]]
    heights = [sum(row[i] for row in bars) for i in range(4)]
    assert heights == [48, 48, 96, 96]


@pytest.mark.parametrize("columns", [10, 80, 140])
def test_the_picture_fits(columns: int) -> None:
    for found in (growth(list, 100_000), growth(set, 7), growth(list, 0)):
        for unicode in (True, False):
            drawn = found.draw(columns, unicode=unicode)
            assert max(map(len, drawn.splitlines()[1:])) <= max(columns, 40)
            assert unicode or drawn.isascii()


def test_the_svg_has_the_steps() -> None:
    found = Growth("box", 4, [Step(0, 10), Step(2, 40)])
    root = ElementTree.fromstring(found.to_svg())
    line = root.find(f"{SVG}polyline").get("points").split()
    x, y = zip(*(map(float, point.split(",")) for point in line))
    assert len(line) == 4 and x[1] == x[2] == (x[0] + x[3]) / 2
    base = 320 - 40
    assert (base - y[0]) * 4 == pytest.approx(base - y[3], abs=0.1)


def test_the_page_loads_nothing_and_trusts_no_name() -> None:
    hostile = Growth("<script>alert(1)</script>", 2, [Step(0, 8), Step(1, 16), Step(2, 8)])
    page = hostile.to_html()
    assert "<script" not in page and "src=" not in page and "href=" not in page
    assert "<td>-8</td>" in page and "<td>+8</td>" in page


def test_json() -> None:
    document = json.loads(growth(list, 10).to_json())
    assert document["schema"] == "tare.growth/1"
    assert [tuple(step.values()) for step in document["steps"]] == grow_list(10)


def test_it_is_part_of_tare_heap() -> None:
    assert tare.heap.growth is growth


@pytest.mark.parametrize("most", [0, 1, 2, 3, 9, 10, 77, 1000, 85 << 20])
def test_ticks_are_few_and_round(most: int) -> None:
    for found in (ticks(most), byte_ticks(most)):
        assert found[0] == 0 and found[-1] <= most and len(found) <= 7
        assert len({b - a for a, b in zip(found, found[1:])}) <= 1


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0 B"), (83, "83 B"), (1536, "1.5 KiB"), (1 << 30, "1 GiB")]
)
def test_sizes(amount: int, text: str) -> None:
    assert size(amount) == text
