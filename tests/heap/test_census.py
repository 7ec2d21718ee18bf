"""Censuses: planted objects are found in the number planted, and nothing else changes."""

from __future__ import annotations

import gc
import inspect
import json
import sys
import threading

import pytest

import tare
import tare.heap
from tare import _heap
from tare.heap import census, diff

pytestmark = pytest.mark.usefixtures("no_garbage")


class Plain:
    def __init__(self, number: int) -> None:
        self.number = number


class Slotted:
    __slots__ = ("number",)


class Holder:
    """Holds on to what it is told to."""


def row(of: tare.heap.Census, key: str) -> tare.heap.Row:
    found = [row for row in of.rows if row.key == key]
    assert len(found) <= 1
    return found[0] if found else tare.heap.Row(key, 0, 0, 0)


def changes(before: tare.heap.Census, after: tare.heap.Census) -> dict[str, int]:
    return {row.key: row.count for row in diff(before, after).rows}


def name(of: type) -> str:
    return f"{of.__module__}.{of.__qualname__}"


# ---- what is planted ----


def test_instances_are_found_in_the_number_planted():
    before = census()
    planted = [Plain(number + 10**6) for number in range(1000)]
    slotted = [Slotted() for _ in range(500)]
    change = diff(before, census())
    assert row(change, name(Plain)).count == 1000
    assert row(change, name(Slotted)).count == 500
    assert row(change, "int").count >= 1000
    assert row(change, name(Plain)).bytes == sum(_heap.flat(one) for one in planted)
    assert row(change, name(Slotted)).bytes == sum(_heap.flat(one) for one in slotted)


@pytest.mark.parametrize(
    "make",
    [
        lambda number: float(number),
        lambda number: f"text {number}",
        lambda number: bytes(str(number + 1000), "ascii"),
        lambda number: 10**20 + number,
        lambda number: complex(number, 1),
    ],
)
def test_atoms_that_no_collector_tracks(make):
    before = census()
    planted = [make(number) for number in range(700)]
    assert not any(map(gc.is_tracked, planted))
    found = row(diff(before, census()), type(planted[0]).__qualname__)
    assert found.count == 700
    assert found.bytes == sum(_heap.flat(one) for one in planted)


def test_tuples_and_dicts_of_atoms():
    gc.collect()
    before = census()
    tuples = [(number, str(number)) for number in range(300)]
    gc.collect()
    dicts = [{"a": float(number)} for number in range(200)]
    change = diff(before, census())
    assert row(change, "tuple").count == len(tuples)
    assert row(change, "dict").count == len(dicts)


def test_a_large_buffer_counts_with_its_owner():
    before = census()
    large = bytearray(40 << 20)
    assert row(diff(before, census()), "bytearray").bytes == _heap.flat(large) > 40 << 20


def test_growth_of_one_object_shows_as_bytes():
    grown: list[int] = []
    before = census()
    grown.extend(range(256, 256 + 10000))
    found = row(diff(before, census()), "list")
    assert found.count == 0
    assert found.bytes >= 80000


def test_garbage_is_counted_and_said_to_be():
    gc.collect()
    gc.disable()
    try:
        before = census()
        for _ in range(50):
            cycle = [Plain(1)]
            cycle.append(cycle)
        del cycle
        after = census()
    finally:
        gc.enable()
    assert changes(before, after) == {name(Plain): 50, "list": 50}
    assert after.parts["unreached"][0] - before.parts["unreached"][0] == 100
    assert any("reached from no root" in sentence for sentence in after.sentences())
    gc.collect()
    assert not {name(Plain), "list"} & set(changes(before, census()))


def test_static_objects_have_no_bytes():
    found = census(objects=[None, True, (), "", 5, int])
    assert found.count == 6
    assert found.bytes == 0
    assert found.parts["static"][0] == 6


# ---- idle ----


def test_an_idle_program_has_no_differences():
    before = None
    for _ in range(5):
        after = census()
        if before is not None:
            assert diff(before, after).rows == []
            assert str(diff(before, after)).count("\n") == 1
        before = after


def test_snapshots_of_an_idle_program_have_no_differences():
    """A snapshot tells of no snapshot, itself included, and of no census."""
    taken = [tare.heap.snapshot() for _ in range(2)]
    taken.append(tare.heap.snapshot())
    counted = census()
    taken.append(tare.heap.snapshot())
    assert diff(taken[2], taken[3]).rows == []
    assert not {name(type(one)) for one in (taken[0], counted)} & {
        row.key for row in taken[3].census().rows
    }


def test_each_way_of_counting_is_still():
    for by in ("type", "class", "module", "size"):
        assert diff(census(by), census(by)).rows == [], by


def test_what_was_counted_is_not_counted():
    before = census()
    kept = tuple(census() for _ in range(3))
    change = diff(before, census())
    assert {row.key for row in change.rows} <= {"tuple"}
    assert len(kept) == 3


def test_idle_in_a_loop_as_prompts_have_it():
    code = compile("_ = tare.heap.census()", "<input>", "exec")
    names: dict[str, object] = {"tare": tare}
    for _ in range(3):
        exec(code, names)
    before = names["_"]
    exec(code, names)
    assert diff(before, names["_"]).rows == []


def test_idle_with_threads_that_wait():
    stop, ready = threading.Event(), threading.Barrier(4)

    def wait() -> None:
        ready.wait()
        stop.wait()

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    ready.wait()
    while any("Event.wait" not in stack for stack in map(stack_of, threads)):
        pass
    try:
        before = census()
        assert diff(before, census()).rows == []
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def stack_of(thread: threading.Thread) -> list[str]:
    frame, names = sys._current_frames().get(thread.ident), []
    while frame is not None:
        names.append(frame.f_code.co_qualname)
        frame = frame.f_back
    return names


# ---- ways of counting ----


def test_modules_are_those_of_classes():
    before = census("module")
    planted = [Plain(10**6 + number) for number in range(100)]
    change = diff(before, census("module"))
    assert row(change, __name__).count == len(planted)


def test_sizes_are_powers_of_two():
    before = census("size")
    planted = [bytes(5000) for _ in range(100)]
    found = row(diff(before, census("size")), "up to 8 KiB")
    assert found.count == 100
    assert found.bytes == sum(map(_heap.flat, planted))


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the interpreter does not tell")
def test_ages_are_generations():
    gc.collect()
    gc.disable()
    try:
        planted = [[] for _ in range(1000)]
        young = row(census("age"), "generation 0").count
        gc.collect(0)
        older = row(census("age"), "generation 1").count
    finally:
        gc.enable()
    assert young >= len(planted) and older >= len(planted)
    assert row(census("age"), "not tracked by the collector").count > 1000


def test_by_class_a_dict_belongs_to_its_instance():
    before = census("class")
    planted = [Plain(10**6 + number) for number in range(100)]
    for one in planted:
        one.__dict__  # noqa: B018 - makes it
    change = diff(before, census("class"))
    assert row(change, name(Plain)).count == 100
    assert row(change, f"dict of {name(Plain)}").count == 100
    assert row(change, "dict").count == 0


def test_sites_are_lines_that_allocated():
    with tare.memory():
        planted = [Plain(10**6 + number) for number in range(500)]
        line = inspect.currentframe().f_lineno - 1
        rows = census("site").rows
    here = [one for one in rows if f"{__file__}:{line}" in one.key]
    assert sum(one.count for one in here) >= 500
    assert planted


def test_only_what_is_given():
    given = [Plain(1), Plain(2), "text" * len(__name__), "test" * len(__name__)]
    found = census(objects=given)
    assert {one.key: one.count for one in found.rows} == {name(Plain): 2, "str": 2}
    assert found.bytes == sum(map(_heap.flat, given))
    assert census(objects=[]).rows == []
    assert census(objects=iter([given, given])).count == 1


def test_unknown_ways_are_refused():
    with pytest.raises(ValueError, match="count by colour: there is type"):
        census("colour")
    with pytest.raises(tare.Error, match="one is by type, the other by size"):
        diff(census(), census("size"))
    nothing = diff(census(), census())
    with pytest.raises(tare.Error, match="a difference itself"):
        diff(nothing, census())


def test_two_classes_of_one_name_share_a_row():
    def make() -> type:
        class Same:
            pass

        return Same

    first, second = make(), make()
    found = census(objects=[first(), second(), second()])
    assert [one.count for one in found.rows] == [3]


# ---- hostile objects ----


class Liar:
    """Raises wherever code of a class could run."""

    armed = False

    def __getattribute__(self, name: str) -> object:
        if Liar.armed:
            raise AssertionError(name)
        return object.__getattribute__(self, name)

    def __sizeof__(self) -> int:
        raise AssertionError

    def __repr__(self) -> str:
        raise AssertionError

    def __hash__(self) -> int:
        if Liar.armed:
            raise AssertionError
        return 1

    def __eq__(self, other: object) -> bool:
        if Liar.armed:
            raise AssertionError
        return self is other


class Meta(type):
    def __getattribute__(cls, name: str) -> object:
        if Liar.armed:
            raise AssertionError(name)
        return type.__getattribute__(cls, name)

    def __subclasses__(cls) -> list[type]:
        raise AssertionError

    def mro(cls) -> list[type]:
        return type.mro(cls)


def test_nothing_of_the_program_runs():
    strange = Meta("Strange", (), {Liar(): 1, "__module__": 7})
    held = {Liar(): [strange(), strange()]}
    Liar.armed = True
    try:
        found = census()
    finally:
        Liar.armed = False
    assert len(held) == 1
    assert row(found, "Strange").count == 2
    assert row(found, name(Liar)).count == 2


def test_names_that_are_no_utf_8():
    odd = type("Odd \u20ac \U0001f600", (), {"__module__": "m\udcff"})
    odd.__qualname__ = "Odder \udc80 \u20ac \U0001f600"
    found = census(objects=[odd()])
    assert found.count == 1
    assert "Odder \\x" in found.format()
    assert "\u20ac \U0001f600" in found.format()
    json.loads(found.to_json())


# ---- text and JSON ----


def test_the_table_has_pymplers_layout():
    given = [Plain(1) for _ in range(1000)]
    lines = str(census(objects=given)).split("\n")
    assert lines[0].split(" | ") == [
        f"{'types':>{len(name(Plain))}}",
        "  # objects",
        "  total size",
    ]
    assert set(lines[1]) == {"=", " ", "|"}
    assert lines[2].startswith(f"{name(Plain)} |        1000 |")
    assert lines[2].endswith("KiB")
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize("columns", [80, 140])
def test_lines_are_no_wider_than_they_may_be(columns):
    long = type("A" * 300, (), {})
    text = census(objects=[long(), *[type(f"T{n}", (), {})() for n in range(30)]]).format(
        columns=columns
    )
    assert max(map(len, text.split("\n"))) <= columns
    assert "and 16 more rows" in text


def test_differences_have_signs():
    planted = [Plain(1)]
    before = census()
    planted += [Plain(2), Plain(3)]
    text = str(diff(before, census()))
    assert " +2 | " in text
    del planted[:]
    after = census()
    assert " -3 | " in str(diff(before, after)) or " -1 | " in str(diff(before, after))


def test_json_has_all_rows():
    found = census()
    document = json.loads(found.to_json())
    assert document["schema"] == "tare.census/1"
    assert document["count"] == found.count == sum(one["count"] for one in document["rows"])
    assert document["bytes"] == found.bytes == sum(one["bytes"] for one in document["rows"])
    assert set(document["parts"]) == {"unreached", "static", "opaque", "frozen"}


def test_allocated_bytes_are_not_less():
    found = census()
    assert found.allocated_bytes >= found.bytes > 0
    assert all(one.allocated_bytes >= one.bytes for one in found.rows)


# ---- files ----


def test_a_census_is_saved_and_compared(tmp_path):
    first, second = tmp_path / "first.tare", tmp_path / "second.tare"
    planted = [Plain(number + 10**6) for number in range(10)]
    before = census()
    before.save(first)
    planted += [Plain(number + 10**6) for number in range(20)]
    after = census()
    after.save(second)
    assert tare.heap.load(first).census().rows == before.rows
    assert tare.heap.load(first).census().parts == before.parts
    assert diff(first, second).rows == diff(before, after).rows
    assert row(diff(str(first), after), name(Plain)).count == 20
    assert tare.heap.load(first).meta["target.python"] == ".".join(
        map(str, sys.version_info[:3])
    )
    with pytest.raises(tare.Error, match="exists"):
        after.save(first)
    after.save(first, overwrite=True)
    assert tare.heap.load(first).census().rows == after.rows
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_files_that_are_none_are_refused(tmp_path):
    file = tmp_path / "x.tare"
    with pytest.raises(tare.Error, match="No such file"):
        tare.heap.load(file)
    file.write_bytes(b"no .tare file")
    with pytest.raises(tare.Error, match=r"not a \.tare file"):
        tare.heap.load(file)
    with pytest.raises(tare.Error, match="a difference has no file"):
        diff(census(), census()).save(tmp_path / "y.tare")
