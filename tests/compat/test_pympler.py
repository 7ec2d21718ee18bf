"""tare.compat.pympler in the place of Pympler."""

from __future__ import annotations

import collections
import functools
import gc
import io
import itertools
import queue
import random
import re
import subprocess
import sys
import textwrap
import weakref
from typing import Any

import pytest

from tare import _heap
from tare.compat.pympler import asizeof, muppy, summary, tracker

DATA_BYTES = 100 * 6000


class Plain:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Node:
    def __init__(self, next: Node | None) -> None:
        self.next = next
        self.text = "n" * 600


def make_data() -> list[str]:
    return [str(i) + "d" * 6000 for i in range(100)]


def run(text: str) -> str:
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(text)], capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---- asizeof ----

SHAPES = {
    "list subclass": lambda data: type("L", (list,), {})(data),
    "tuple subclass": lambda data: type("T", (tuple,), {})(data),
    "set subclass": lambda data: type("S", (set,), {})(data),
    "deque": collections.deque,
    "partial": lambda data: functools.partial(print, data),
    "chain": itertools.chain,
    "values of a dict": lambda data: dict(enumerate(data)).values(),
    "queue": lambda data: fill(queue.Queue(), data),
    "exception": lambda data: attach(ValueError(), data),
    "default": lambda data: default_of(data),
    "bound method": lambda data: Plain(data=data).__init__,
    "generator": lambda data: (one for one in data),
    "closure": lambda data: lambda: data,
    "plain": lambda data: Plain(data=data),
}


def fill(into: queue.Queue, data: list[str]) -> queue.Queue:
    for one in data:
        into.put(one)
    return into


def attach(error: ValueError, data: list[str]) -> ValueError:
    error.payload = data  # type: ignore[attr-defined]
    return error


def default_of(data: list[str]) -> Any:
    def function(a: list[str] = data) -> list[str]:
        return a

    return function


@pytest.mark.parametrize("shape", SHAPES)
def test_what_an_object_holds_is_in_its_size(shape: str) -> None:
    holder = SHAPES[shape](make_data())
    size = asizeof.asizeof(holder)
    assert DATA_BYTES < size < DATA_BYTES * 1.06
    assert sum(ref.size for ref in asizeof.asized(holder, detail=1).refs) > DATA_BYTES
    assert asizeof.asized(holder, detail=3).size == size


def test_what_an_object_does_not_hold_is_not() -> None:
    big = Plain(data=make_data())
    assert asizeof.asizeof(weakref.ref(big)) < 200
    assert asizeof.asizeof(memoryview(bytes(600_000))) > 600_000
    assert asizeof.asizeof(42) == asizeof.asizeof("a") == asizeof.asizeof(None) == 0


def test_depth_is_no_limit() -> None:
    chain = None
    for _ in range(100_000):
        chain = Node(chain)
    assert asizeof.asizeof(chain) > 100_000 * 80
    assert asizeof.asizeof(chain, limit=10) < 20_000
    sizes = [asizeof.asizeof([[["deep" * 9]]], limit=limit) for limit in range(5)]
    assert sizes[0] < sizes[1] < sizes[2] < sizes[3] == sizes[4]
    while chain is not None:  # not recursively
        chain = chain.next


def test_sizes_are_rounded_up() -> None:
    text = "x" * 1001
    exact = asizeof.asizeof(text, align=1)
    assert exact == sys.getsizeof(text) and exact % 8 != 0
    assert asizeof.asizeof(text) == (exact + 7) // 8 * 8
    assert asizeof.asizeof([text, text], align=64) % 64 == 0
    assert asizeof.flatsize(text, align=16) == (exact + 15) // 16 * 16


def test_what_two_have_counts_for_the_first() -> None:
    data = make_data()
    first, second = [data], [data]
    sizes = asizeof.asizesof(first, second, first)
    assert sizes[0] > DATA_BYTES > 100 > sizes[1] > 0 and sizes[2] == 0
    assert asizeof.asizeof(first, second) == sum(sizes)
    sizer = asizeof.Asizer()
    assert sizer.asizeof(second) == sizes[0] and sizer.asizeof(first) == sizes[1]
    assert sizer.total == sum(sizes) and sizer.asizeof(first) == 0
    cycle: list[Any] = [first]
    cycle.append(cycle)
    assert asizeof.asizeof(cycle) == sizes[0] + asizeof.flatsize(cycle)


def test_exclusions() -> None:
    data = make_data()
    sizer = asizeof.Asizer()
    sizer.exclude_objs(data)
    assert sizer.asizeof([data]) < 100 and sizer.asizeof(data) == 0
    sizer = asizeof.Asizer()
    sizer.exclude_types(str)
    assert sizer.asizeof([data]) < 2000 and sizer.excluded == (str,)
    sizer.reset()
    sizer.exclude_refs(data)
    assert sizer.asizeof([data]) < 100 and sizer.asizeof(data) < 2000


def test_options_are_checked() -> None:
    with pytest.raises(KeyError, match=r"invalid option: reset\(foo=1\)"):
        asizeof.asizeof([1], foo=1)
    with pytest.raises(ValueError, match=r"invalid option: set\(align=3\)"):
        asizeof.asizeof([1], align=3)
    with pytest.raises(ValueError, match=r"invalid option: set\(stats=-1\)"):
        asizeof.asizeof([1], stats=-1)
    with pytest.raises(ValueError, match=r"invalid option: asizeof\(all=3\)"):
        asizeof.asizeof(all=3)


def test_the_same_where_pympler_is_right() -> None:
    theirs = pytest.importorskip("pympler.asizeof", reason="Pympler is not installed")
    names = [f"name {i}" for i in range(5000, 5020)]
    things = [
        [10**6 + i for i in range(50)], tuple(names), dict(zip(names, map(float, range(20)))),
        {name: [name] for name in names}, frozenset(names), [[[name]] for name in names],
        names, bytes(1000), bytearray(1003), 2**300, 1.5 + 2.25j, range(10**6, 10**7)]
    for thing in things:
        if not isinstance(thing, range):  # whose ends it leaves out
            assert asizeof.asizeof(thing) == theirs.asizeof(thing), thing
        for function in ("itemsize", "flatsize"):
            assert getattr(asizeof, function)(thing) == getattr(theirs, function)(thing), thing


def test_names_of_what_is_inside() -> None:
    class Slots:
        __slots__ = ("one", "__two")

        def __init__(self) -> None:
            self.one, self.__two = ["x" * 100], ["y" * 200]

    thing = {"k": ["a" * 50], (1, 2): "b" * 80}
    names = [ref.name for ref in asizeof.asized(thing, detail=1).refs]
    assert names.count("[K] k") == 1 and f"[V] k: {['a' * 50]!r}" in names
    assert "[K] (1, 2)" in names and f"[V] (1, 2): {'b' * 80!r}"[:40] in "\n".join(names)
    lines = asizeof.asized(Node(None), detail=1).format("%(name)s", order_by="name").splitlines()
    assert lines[1:] == ["    __class__", "    __dict__"]
    found = asizeof.asized(Slots(), detail=1)
    assert {ref.name for ref in found.refs} == {"__class__", "one", "_Slots__two"}
    assert found.get("one").size > 100 and found.get("nothing") is None


def test_statistics_are_worded_as_pymplers() -> None:
    stream = io.StringIO()
    thing = [Plain(a=1), Plain(a=2), "x" * 3000]
    size = asizeof.asizeof(thing, stats=2, stream=stream)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "" and lines[1].startswith("asizeof(([<") and "stats=2" in lines[1]
    assert re.fullmatch(rf" +{size} bytes or \d\.\d KiB", lines[2])
    words = [re.sub(r"^ *[+\d]+ ", "", line) for line in lines[3:10]]
    assert words == ["byte aligned", "byte sizeof(void*)", "object given", "objects sized",
                     "objects seen", "objects ranked", "objects missed"]
    assert re.fullmatch(r" +2 largest objects \(of 2 over 1024 bytes or 1\.0 KiB\)", lines[13])
    assert re.fullmatch(rf" *{size} bytes or \d\.\d KiB: class list: \[.*\] leng \d!?, ix 0",
                        lines[14])
    assert re.fullmatch(r" *30[45]\d bytes or 3\.0 KiB: class str: 'x+\.{4}x+' leng 3001!, ix 1 "
                        r"\(at 1\), pix 0", lines[15])
    assert re.fullmatch(r" +\d profiles:  total \(% of grand total\), average, and largest flat "
                        r"size:  largest object", lines[17])


# ---- nothing is changed, nothing is kept ----


def test_nothing_is_changed() -> None:
    """No __dict__ is made for an instance, no property is asked."""
    output = run("""
        from tare.compat.pympler import asizeof, muppy, summary
        class Plain:
            def __init__(self): self.a, self.b = [1], "x" * 100
        class Sly:
            @property
            def __dict__(self): print("asked")
            @property
            def __class__(self): print("asked")
            def __sizeof__(self): print("asked")
            def __getattr__(self, name): print("asked", name)
            def __len__(self): print("asked")
            def __repr__(self): raise RuntimeError
        one = Plain()
        before = asizeof.asizeof(one)
        for detail in range(4):
            asizeof.asized(one, detail=detail)
        asizeof.asizeof(one, stats=0.1, limit=3)
        list(asizeof.refs(one)), asizeof.named_refs(one), asizeof.leng(one)
        print(asizeof.asizeof(one) == before)
        one.__dict__
        print(asizeof.asizeof(one) > before)
        sly = Sly()
        asizeof.asizeof(sly), asizeof.asized(sly, detail=2).name
        """)
    lines = output.splitlines()
    assert lines[:2] == ["True", "True"]
    assert lines[2:] == []


def test_nothing_is_kept_alive() -> None:
    sizer, summaries = asizeof.Asizer(), tracker.SummaryTracker()
    objects = tracker.ObjectTracker()
    one = Plain(a=[1], b={})
    known = weakref.ref(one)
    sizer.asizeof(one, stats=2)
    found = asizeof.asized(one, detail=3)
    summaries.store_summary("x")
    summaries.diff()
    objects.get_diff()
    del one
    assert known() is None and found.size > 0


def test_attributes_without_a_dict() -> None:
    class Own(dict):
        pass

    class Many:
        def __init__(self) -> None:
            for i in range(40):
                setattr(self, f"a{i}", i)

    one = Plain(a=1)
    assert _heap.attributes(one) == {"a": 1} and one.__dict__ == {"a": 1}
    assert _heap.attributes(one) is one.__dict__
    assert _heap.attributes(Many()) == {f"a{i}": i for i in range(40)}
    assert _heap.attributes([]) is None and _heap.attributes(object()) is None
    assert not _heap.attributes(Own(a=1)) and not _heap.attributes(Plain())
    node = Node(None)
    del node.next
    assert _heap.attributes(node) == {"text": "n" * 600}


# ---- the Sizer beneath ----


def test_a_sizer_counts_each_thing_once() -> None:
    data, sizer = make_data(), _heap.Sizer()
    own = sizer.own(data)
    assert own == _heap.flat(data) and sizer.own(data) is None
    assert sizer.own(data, given=True) == own
    assert sorted(map(id, sizer.parts(data))) == sorted(map(id, data))
    rest = sum(_heap.flats(data))
    assert sizer.add([data, data[0]]) == _heap.flat([1, 2]) + _heap.flat(data[0])
    fresh = _heap.Sizer()
    assert fresh.add(data) == own + rest and fresh.count == 101
    assert fresh.met_again == 0 and fresh.add([data]) == _heap.flat([1])
    assert fresh.met_again == fresh.met_count == 1
    fresh.skip(one := [1])
    assert fresh.has(one) and not fresh.has([2])


def test_a_sizer_agrees_with_sizeof() -> None:
    rng = random.Random(5)
    things: list[Any] = [str(i) * 9 for i in range(1000, 1100)]
    for _ in range(400):
        picked = rng.choices(things, k=rng.randrange(5))
        things.append(make_one(rng, picked))
    for thing in rng.sample(things, 100):
        assert _heap.Sizer().add(thing) == _heap.sizeof(thing)
        with _heap.Sizer() as sizer:
            total, waiting = 0, [thing]
            while waiting:
                own = sizer.own(one := waiting.pop())
                if own is not None:
                    total += own
                    waiting += sizer.parts(one)
        assert total == _heap.sizeof(thing)


def make_one(rng: random.Random, picked: list[Any]) -> Any:
    kind = rng.randrange(5)
    if kind == 0:
        return list(picked)
    if kind == 1:
        return tuple(picked)
    if kind == 2:
        return Plain(**{f"a{i}": one for i, one in enumerate(picked)})
    if kind == 3:
        return functools.partial(print, *picked)
    return {f"k{i}": one for i, one in enumerate(picked)}


def test_a_sizers_options() -> None:
    function = default_of(["x" * 500])
    plain, with_code = _heap.Sizer().add(function), _heap.Sizer(code=True).add(function)
    assert with_code > plain > 500
    sizer = _heap.Sizer(align=64)
    assert sizer.add(["x"] * 3) % 64 == 0 and sizer.align == 64
    for bad in 0, 3, -8:
        with pytest.raises(ValueError, match="it is a power of two"):
            sizer.align = bad
        with pytest.raises(ValueError, match="it is a power of two"):
            _heap.Sizer(align=bad)
    with pytest.raises(TypeError):
        sizer.add()


def test_types_may_come_and_go() -> None:
    """In a with block too, in which what is known of them is kept."""
    with _heap.Sizer() as sizer:
        for i in range(300):
            cls = type(f"C{i}", (), {"__slots__": ("a",) * (i % 2)})
            one = cls()
            assert sizer.own(one, given=True) == _heap.flat(one)
            del cls, one
            gc.collect() if i % 100 == 0 else None
    known = weakref.ref(type("C", (), {}))
    with sizer:
        sizer.own(known()())
    gc.collect()
    assert known() is None


# ---- muppy and summary ----


def test_all_objects_are_found() -> None:
    """Also what the collector does not track, and variables of running functions."""

    def inner() -> list[Any]:
        local, buffer = b"l" * 50_000_000, bytearray(40_000_000)
        objects = muppy.get_objects()
        return [id(local) in map(id, objects), id(buffer) in map(id, objects)]

    nested = ((("inner", 12345),),)
    holder = {"untracked": {"a": 10**9}, "nested": nested}
    assert inner() == [True, True]
    objects = muppy.get_objects()
    ids = set(map(id, objects))
    assert len(ids) == len(objects)
    for one in (holder, holder["untracked"], holder["untracked"]["a"], nested, nested[0],
                nested[0][0], Plain, Plain.__init__.__code__):
        assert id(one) in ids


def test_within_the_collector() -> None:
    """From its callbacks and from finalisers of what it has found."""
    output = run("""
        import gc
        from tare import _heap
        from tare.compat.pympler import asizeof, summary
        counts = []
        class Cycle:
            def __init__(self): self.me, self.more = self, [self]
            def __del__(self):
                counts.append(len(_heap.objects())); asizeof.asizeof(self)
        def look(phase, info):
            counts.append(len(_heap.objects())); summary.summarize(_heap.objects())
        gc.callbacks.append(look)
        for _ in range(20):
            Cycle()
            gc.collect()
        print(len(counts), min(counts) > 5000)
        """)
    assert output == "60 True\n"


def test_half_built_objects_are_not_handed_out() -> None:
    seen = []

    def watch() -> Any:
        for i in range(100):
            if i == 50:
                seen.extend(one for one in _heap.objects() if type(one) is tuple)
            yield i

    whole = tuple(watch())
    assert len(whole) == 100 and seen
    for one in seen:
        assert len(list(one)) == len(one)


def test_tables_are_the_same() -> None:
    theirs = pytest.importorskip("pympler.summary", reason="Pympler is not installed")
    rng = random.Random(1)
    for _ in range(50):
        rows = [[f"type{i}" * rng.randrange(1, 5), rng.randrange(-5, 10**6),
                 rng.choice([0, 1, 1024, 1025, -3, 10**5, 10**9, 10**13])]
                for i in range(rng.randrange(1, 30))]
        for sort in "size", "#":
            for order in "ascending", "descending":
                assert list(summary.format_(rows, 10, sort, order)) == \
                    list(theirs.format_(rows, 10, sort, order))
        left, right = rows[: len(rows) // 2 + 3], rows[len(rows) // 3:]
        assert sorted(summary.get_diff(left, right)) == sorted(theirs.get_diff(left, right))
    with pytest.raises(ValueError, match="invalid sort"):
        list(summary.format_([], sort="x"))
    with pytest.raises(ValueError, match="invalid order"):
        list(summary.format_([], order="x"))


def test_objects_are_called_as_pympler_calls_them() -> None:
    theirs = pytest.importorskip("pympler.summary", reason="Pympler is not installed")
    for one in ({}, [], set(), (), "x", 1, Plain(), Plain, run, sys, sys._getframe(), None,
                collections.deque(), re.compile("x"), lambda: 0):
        for verbosity in range(4):
            assert summary._repr(one, verbosity) == theirs._repr(one, verbosity)
    things = ["x" * 50, "y" * 60, 2.5, [1, 2], {"a": 1}, run]
    assert sorted(summary.summarize(things)) == sorted(theirs.summarize(things))


def test_filters_and_referents() -> None:
    texts = [" " * i for i in range(2, 1000)]
    kept = muppy.filter([*texts, 1], Type=str, min=100, max=200)
    assert all(100 < sys.getsizeof(one) < 200 for one in kept) and len(kept) > 50
    assert muppy.get_size(texts) == sum(map(sys.getsizeof, texts))
    assert muppy.sort(texts[::-1]) == texts
    inner = ["in"]
    assert muppy.get_referents([inner, inner]) == [inner]
    assert sorted(map(str, muppy.get_referents([inner], level=9))) == ["['in']", "in"]
    left, right = [inner, texts], [texts, kept]
    assert muppy.get_diff(left, right) == {"+": [kept], "-": [inner]}


# ---- trackers ----

TRACKED = """
    from tare.compat.pympler import tracker
    class Planted: pass
    def of(rows, name):
        return [row[1] for row in rows if row[0].endswith(name)]
    """


def test_an_idle_program_has_no_differences() -> None:
    """Also where summaries are stored. Variables and the list of results are there before."""
    output = run(TRACKED + """
    found, i, summaries = [None] * 6, 0, None
    summaries = tracker.SummaryTracker()
    while i < 6:
        found[i] = summaries.diff() or None
        i += 1
    print(found)
    summaries.store_summary("a")
    summaries.diff()
    found, i = [None] * 6, 0
    while i < 6:
        found[i] = summaries.diff() or None
        i += 1
    print(found)
    """)
    assert output.splitlines() == ["[None, None, None, None, None, None]"] * 2


def test_planted_objects_are_found() -> None:
    output = run(TRACKED + """
    summaries = tracker.SummaryTracker()
    kept = [Planted() for _ in range(100)]
    print(of(summaries.diff(), "Planted"))
    del kept[:30]
    print(of(summaries.diff(), "Planted"))
    summaries.store_summary("a")
    kept += [Planted() for _ in range(7)]
    print(of(summaries.diff(summary1=summaries.summaries["a"]), "Planted"))
    print(list(summaries.summaries), of(summaries.diff(), "Planted"))
    try:
        summaries.diff(summary2=[])
    except ValueError as error:
        print(error)
    kept += [Planted() for _ in range(5)]
    summaries.print_diff()
    """)
    lines = output.splitlines()
    assert lines[:5] == ["[100]", "[-30]", "[7]", "['a'] []",
                         "You cannot provide summary2 without summary1."]
    assert re.fullmatch(r" +types \|   # objects \|   total size", lines[5])
    assert re.search(r"^ +__main__.Planted \|           5 \| +\d+ +B$", output, re.MULTILINE)


def test_objects_that_come_and_go() -> None:
    output = run(TRACKED + """
    objects = tracker.ObjectTracker()
    kept = [Planted() for _ in range(10)]
    diff = objects.get_diff()
    print(sum(type(one) is Planted for one in diff["+"]))
    del diff
    one = kept[0]
    diff = objects.get_diff(ignore=(one,))
    print(sum(type(x) is Planted for x in diff["+"]))
    del diff, kept, one
    diff = objects.get_diff()
    print(sum(gone.name == "__main__.Planted" for gone in diff["-"]))
    text = objects.format_diff()
    print(text[0], "Removed objects:" in text)
    """)
    assert output.splitlines() == ["10", "0", "9", "Added objects: True"]
