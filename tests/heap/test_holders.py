"""Who holds what: planted structures whose paths are known, and what the paths evaluate to."""

from __future__ import annotations

import asyncio
import collections
import enum
import functools
import gc
import json
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tare
from heap.planted import MODULE, plant, root, uproot


class Thing:
    """What is looked for. Nothing else in the process refers to one."""


class Slotted:
    __slots__ = ("__weakref__", "_Slotted__hidden", "open")


@pytest.fixture(autouse=True)
def soil() -> Iterator[None]:
    yield
    uproot()
    gc.collect()  # cycles of one test are not to be counted by the next


def planted(what: object, limit: int = 10) -> list[tare.heap.Path]:
    """The paths that begin in the planted module; a test's own variables are holders too."""
    paths = tare.heap.holders(what, limit).paths
    return [path for path in paths if path.text.startswith(f"sys.modules['{MODULE}']")]


def texts(what: object) -> list[str]:
    return [path.text for path in planted(what)]


def the_path(what: object) -> str:
    """Of what has one path alone; when it is an expression, it is the object."""
    (path,) = planted(what)
    assert path.reached
    if path.exact:
        assert eval(path.text, {"sys": sys}) is what
    return path.text


def test_an_attribute_of_a_module():
    thing = Thing()
    plant(thing=thing)
    assert the_path(thing) == root(".thing")


@pytest.mark.parametrize(
    ("build", "path"),
    [
        (lambda t: [0, t], "[1]"),
        (lambda t: (0, 1, t), "[2]"),
        (lambda t: {"key": t}, "['key']"),
        (lambda t: {b"\x00'": t}, "[b'\\x00\\'']"),
        (lambda t: {-7: t}, "[-7]"),
        (lambda t: {10**30: t}, f"[{hex(10**30)}]"),
        (lambda t: {2.5: t}, "[2.5]"),
        (lambda t: {None: t}, "[None]"),
        (lambda t: {True: t}, "[True]"),
        (lambda t: {(1, ("a", b"b"), None): t}, "[(1, ('a', b'b'), None)]"),
        (lambda t: {(): t}, "[()]"),
        (lambda t: {(1,): t}, "[(1,)]"),
        (lambda t: {"it's": t}, '["it\'s"]'),
        (lambda t: {"\n\x1b\u200b\ud800é": t}, "['\\n\\x1b\\u200b\\ud800é']"),
        (lambda t: collections.deque([0, t]), "[1]"),
        (lambda t: collections.OrderedDict(a=t), "['a']"),
        (lambda t: collections.defaultdict(int, a=t), "['a']"),
        (lambda t: functools.partial(print, 0, t), ".args[1]"),
        (lambda t: functools.partial(print, end=t), ".keywords['end']"),
        (lambda t: slice(0, t), ".stop"),
        (lambda t: property(t.__class__.__init__, doc=t), ".__doc__"),
        (lambda t: staticmethod(t), ".__func__"),
        (lambda t: classmethod(t), ".__func__"),
        (lambda t: ValueError(t), ".args[0]"),
        (lambda t: types_method(t), ".__self__"),
    ],
)
def test_each_container_names_what_it_holds(build: Callable[[Thing], object], path: str):
    thing = Thing()
    plant(x=build(thing))
    assert the_path(thing) == root(".x" + path)
    assert planted(thing)[0].exact


def types_method(thing: Thing) -> object:
    import types

    return types.MethodType(print, thing)


def test_a_key_is_told_from_a_value():
    thing = Thing()
    plant(x={thing: 0})
    assert the_path(thing) == root(f".x<key of type {__name__}.Thing>")


def test_a_key_of_a_type_of_the_programs_is_named_by_it():
    thing = Thing()

    class Colour(enum.Enum):
        RED = 1

    plant(x={Colour.RED: thing, int: [thing]})
    at = f"test_a_key_of_a_type_of_the_programs_is_named_by_it.<locals>.Colour>]"
    assert texts(thing) == [
        root(f".x[<key of type {__name__}.{at}"),
        root(".x[<class int>][0]"),
    ]


def test_an_item_of_a_set():
    thing = Thing()
    plant(x={thing, 1}, y=frozenset([thing]))
    assert texts(thing) == [root(".x<item>"), root(".y<item>")]


class Plain:
    pass


def test_an_attribute_of_an_instance_in_each_of_its_shapes():
    for change in (
        lambda x: None,
        lambda x: x.__dict__,
        lambda x: setattr(x, "__dict__", dict(x.__dict__)),
        lambda x: [setattr(x, f"more_{i}", i) for i in range(40)],
        lambda x: delattr(x, "other"),
    ):
        thing = Thing()
        x = Plain()
        x.other = 1
        x.thing = thing
        change(x)
        plant(x=x)
        del x
        assert the_path(thing) == root(".x.thing")


def test_asking_makes_no_dict():
    thing, x = Thing(), Plain()
    x.thing = thing
    before = sys.getsizeof(x), tare._heap.flat(x)
    found = [tare.heap.holders(thing), tare.heap.holders(x), tare.heap.largest()]
    assert [path.text for path in found[0].paths][0].endswith(", x.thing")
    assert (sys.getsizeof(x), tare._heap.flat(x)) == before


def test_slots_private_ones_too():
    first, second = Thing(), Thing()
    x = Slotted()
    x.open, x._Slotted__hidden = first, second
    plant(x=x)
    del x
    assert the_path(first) == root(".x.open")
    assert the_path(second) == root(".x._Slotted__hidden")


def test_subclasses_of_containers_hold_both_ways():
    class L(list):
        pass

    class T(tuple):
        pass

    class D(dict):
        pass

    for make, path in ((lambda t: L([t]), "[0]"), (lambda t: T([t]), "[0]"),
                       (lambda t: D(a=t), "['a']")):
        inside, beside = Thing(), Thing()
        x = make(inside)
        x.beside = beside
        plant(x=x)
        del x
        assert the_path(inside) == root(".x" + path)
        assert the_path(beside) == root(".x.beside")


def test_an_attribute_that_its_class_hides_is_asked_for_in_its_dict():
    class Hides:
        @property
        def thing(self) -> None:
            raise AssertionError("asked for")

    thing, x = Thing(), Hides()
    x.__dict__["thing"] = thing
    x.__dict__["no name"] = x.__dict__["class"] = [thing]
    plant(x=x)
    del x
    assert texts(thing) == [
        root(".x.__dict__['thing']"),
        root(".x.__dict__['no name'][0]"),
    ]
    assert all(eval(text, {"sys": sys}) is thing for text in texts(thing))


def test_classes_and_functions():
    things = [Thing() for _ in range(7)]
    names = "first default kw closed annotation attribute note".split()
    known = dict(zip(names, things, strict=True))

    def make(closed: Thing) -> type:
        class C:
            first = known["first"]

            def method(self, default=known["default"], *, kw=known["kw"]):
                return closed

            method.attribute = known["attribute"]

        return C

    C = make(known["closed"])
    plant(C=C)
    del C
    place = {id(thing): name for name, thing in known.items()}
    del known, names
    expected = {
        "first": ".C.first",
        "default": ".C.method.__defaults__[0]",
        "kw": ".C.method.__kwdefaults__['kw']",
        "closed": ".C.method.__closure__[0].cell_contents",
        "attribute": ".C.method.attribute",
    }
    for thing in things[:4] + things[5:6]:
        found = texts(thing)
        assert found[0] == root(expected[place[id(thing)]])
        assert eval(found[0], {"sys": sys}) is thing


def test_descriptors_of_a_class_are_asked_for_in_its_dict():
    thing = Thing()

    class C:
        held = staticmethod(thing)

    plant(C=C)
    del C
    assert the_path(thing) == root(".C.__dict__['held'].__func__")


def test_exceptions_hold_frames_and_variables():
    thing = Thing()

    def fail(inner: Thing) -> None:
        raise ValueError

    try:
        fail(thing)
    except ValueError as error:
        plant(error=error)
    ours = sys._getframe()
    path = texts(thing)
    assert root(".error.__traceback__.tb_next.tb_frame.f_locals['inner']") in path
    del ours


def test_generators_and_coroutines_hold_their_variables():
    def generate(inner: Thing) -> Iterator[int]:
        yield 1

    def generate_with_cell(inner: Thing) -> Iterator[Callable[[], Thing]]:
        yield lambda: inner

    async def wait(inner: Thing) -> None:
        await asyncio.sleep(0)

    things = [Thing() for _ in range(3)]
    running = generate(things[0])
    with_cell = generate_with_cell(things[1])
    coroutine = wait(things[2])
    next(running)
    next(with_cell)
    coroutine.send(None)
    plant(g=running, h=with_cell, c=coroutine)
    del running, with_cell, coroutine
    expected = [".g.gi_frame.f_locals['inner']", ".h.gi_frame.f_locals['inner']",
                ".c.cr_frame.f_locals['inner']"]
    for thing, path in zip(things, expected, strict=True):
        found = texts(thing)
        assert found == [root(path)]
        assert eval(found[0], {"sys": sys}) is thing
    sys.modules[MODULE].c.close()


def test_the_callback_of_a_weak_reference_but_not_what_it_refers_to():
    thing, target = Thing(), Thing()
    thing.__class__ = type("Callable", (Thing,), {"__call__": lambda self, r: None})
    plant(x=weakref.ref(target, thing))
    assert root(".x.__callback__") in texts(thing)
    assert not any(text.startswith("sys.modules") for text in texts(target))


def test_other_frames_hold_by_their_variables():
    thing = Thing()

    def hold(mine: Thing) -> list[str]:
        mine = [mine]
        return ask()

    def ask() -> list[str]:
        return [path.text for path in tare.heap.holders(thing).paths]

    found = hold(thing)
    assert any(".hold:" in text and text.endswith(", mine[0]") for text in found)


def test_another_thread_is_named():
    thing = Thing()
    ready, done = threading.Event(), threading.Event()

    def hold(mine: Thing) -> None:
        ready.set()
        done.wait()

    line = hold.__code__.co_firstlineno + 2

    worker = threading.Thread(target=hold, args=(thing,), name="holding thread")
    worker.start()
    ready.wait()
    try:
        paths = tare.heap.holders(thing).paths
        assert any(path.text.startswith("thread holding thread, ") for path in paths)
        assert any(path.text.endswith(".hold:{}, mine".format(line)) for path in paths)
    finally:
        done.set()
        worker.join()


def test_the_variable_that_asks_is_no_holder():
    thing = Thing()
    found = tare.heap.holders(thing)
    assert found.paths == [] and not found.reached
    assert "cycle that the collector has not freed" in str(found)
    other = [thing]
    (path,) = tare.heap.holders(thing).paths
    assert path.text.endswith(", other[0]") and path.reached


def test_what_is_given_and_not_kept():
    found = tare.heap.holders([1, 2])
    assert found.paths == [] and found.all_count == 0 and found.count == 1
    assert tare.heap.holders(10**40).count == 1


def test_a_cycle_is_not_reached():
    gc.disable()
    try:
        thing = Thing()
        thing.partner = Thing()
        thing.partner.partner = thing
        thing.partner.list = [1]
        partner = weakref.ref(thing.partner)
        listed = thing.partner.list
        del thing
        found = tare.heap.holders(listed)
        assert [path.reached for path in found.paths] == [False]
        assert found.paths[0].text.startswith(f"<unreached {__name__}.Thing>")
        assert found.paths[0].text.endswith(".list")
        assert partner() is not None
    finally:
        gc.enable()


def test_no_path_leads_through_the_object_itself():
    """child refers back, and is reached in a second, longer way that does not use the object."""
    thing, child = Thing(), Thing()
    thing.child, child.parent = child, thing
    plant(x=thing, deep={"a": [[child]]})
    del child
    assert texts(thing) == [root(".x"), root(".deep['a'][0][0].parent")]
    del sys.modules[MODULE].deep
    assert texts(thing) == [root(".x")]


def test_nearest_first_and_no_more_than_asked_for():
    thing = Thing()
    plant(c=[[[thing]]], a=[thing], b=[[thing]])
    assert texts(thing) == [root(".a[0]"), root(".b[0][0]"), root(".c[0][0][0]")]
    found = tare.heap.holders(thing, limit=2)
    assert [path.text for path in found.paths] == [root(".a[0]"), root(".b[0][0]")]
    assert found.all_count == 3
    assert str(found).endswith("and 1 more")
    assert tare.heap.holders(thing, limit=0).paths == []


def test_a_million_steps_are_shown_by_their_ends():
    thing = link = Thing()
    for _ in range(10**6):
        link = (link,)
    plant(x=link)
    del link
    (path,) = tare.heap.holders(thing).paths
    assert path.text.startswith(root(".x[0][0]")) and path.text.endswith("[0][0][0]")
    assert "steps" in path.text and len(path.text) < 1000 and not path.exact
    assert len(path.steps) < 100
    gone = sum(int(step.text.split()[1]) for step in path.steps if step.node == 0)
    assert gone + len(path.steps) - 1 == 10**6 + 4
    link = sys.modules[MODULE].__dict__.pop("x")
    while isinstance(link, tuple):
        (link,) = link


# ---- classes ----


def test_the_objects_of_a_class_are_grouped_by_how_they_are_held():
    plant(
        pool=[Thing() for _ in range(50)],
        by_name={str(i): Thing() for i in range(40)},
        few={"a": Thing(), "b": [Thing(), Thing()]},
    )
    found = tare.heap.holders(Thing)
    assert [(path.text, path.count) for path in found.paths] == [
        (root(".pool[*]"), 50),
        (root(".by_name[*]"), 40),
        (root(".few['b'][*]"), 2),
        (root(".few['a']"), 1),
    ]
    assert found.count == 93
    assert found.bytes == sum(path.bytes for path in found.paths)
    assert found.bytes == sum(
        tare._heap.flat(thing) for thing in gc.get_objects() if type(thing) is Thing
    )
    assert not any(path.exact for path in found.paths)
    assert len(tare.heap.holders(Thing, limit=1).paths) == 1


def test_derived_classes_count_and_others_do_not():
    class Derived(Thing):
        pass

    plant(x=[Derived(), Thing()], y=[Plain()])
    assert tare.heap.holders(Thing).count == 2
    assert tare.heap.holders(Derived).count == 1
    assert tare.heap.holders(Derived, instances=False).count == 1


def test_a_class_itself():
    class Lonely:
        pass

    plant(x=Lonely)
    found = tare.heap.holders(Lonely, instances=False)
    assert root(".x") in [path.text for path in found.paths]
    assert tare.heap.holders(Lonely).count == 0


class Node:
    def __init__(self, left: Node | None = None, right: Node | None = None) -> None:
        self.left, self.right = left, right


def test_what_holds_its_like_is_one_line():
    """A tree has as many paths as leaves, a list of links as many as links."""
    level = [Node() for _ in range(64)]
    while len(level) > 1:
        level = [Node(*level[i : i + 2]) for i in range(0, len(level), 2)]
    plant(tree=level.pop(), chain=None)
    chain = None
    for _ in range(10**5):
        chain = Node(chain)
    plant(tree=sys.modules[MODULE].tree, chain=chain)
    del chain
    found = tare.heap.holders(Node)
    assert {(path.text, path.count) for path in found.paths} == {
        (root(".tree"), 1),
        (root(".tree..."), 126),
        (root(".chain"), 1),
        (root(".chain..."), 10**5 - 1),
    }
    link = sys.modules[MODULE].chain
    uproot()
    while link:
        link.left, link = None, link.left


def test_a_step_that_repeats_itself_is_cut():
    link: Any = Thing()
    for _ in range(1000):
        link = [link, Thing()]
    plant(x=link)
    del link
    found = tare.heap.holders(Thing)
    assert found.count == 1001
    assert {path.text for path in found.paths} == {root(".x[*]"), root(".x[*]...")}


# ---- as text ----


def test_the_tree_shows_shared_stretches_once():
    thing = Thing()
    plant(cache={"k": [thing], "l": (thing,)}, other=thing)
    assert str(tare.heap.holders(thing)) == "\n".join(
        [
            f"{__name__}.Thing, {tare._heap.flat(thing)} bytes of its own, is held by 3 things",
            f"    sys.modules['{MODULE}']",
            "        .other",
            "        .cache",
            "            ['k'][0]",
            "            ['l'][0]",
        ]
    )


def test_dot_and_json():
    thing = Thing()
    plant(cache={'"quoted"\\': [thing]}, other=thing)
    found = tare.heap.holders(thing)
    dot = found.to_dot()
    assert dot.startswith("digraph") and dot.count(f'label="{__name__}.Thing"') == 1
    assert '\\"quoted\\"\\\\\\\\' in dot
    document = json.loads(found.to_json())
    assert document["schema"] == "tare.holders/1"
    assert [path["text"] for path in document["paths"]] == [path.text for path in found.paths]
    assert "".join(step["text"] for step in document["paths"][1]["steps"]) == found.paths[1].text


def test_nothing_is_kept():
    thing = Thing()
    plant(x=[thing])
    gone = weakref.ref(thing)
    count = sys.getrefcount(thing)
    found = [tare.heap.holders(thing), tare.heap.holders(Thing), tare.heap.largest()]
    assert sys.getrefcount(thing) == count
    del thing
    uproot()
    assert gone() is None and len(found) == 3


# ---- hostile objects ----


class Hostile:
    """Whatever is asked of it, it fails the test."""

    def fail(self, *_: object) -> Any:
        raise AssertionError("code of the program's ran")

    __repr__ = __str__ = __eq__ = __getattribute__ = __getitem__ = __iter__ = __len__ = fail
    __sizeof__ = __dir__ = __bool__ = __reduce__ = fail
    __class__ = property(fail)
    __dict__ = property(fail)

    armed = False

    def __hash__(self) -> int:
        if Hostile.armed:
            raise AssertionError("code of the program's ran")
        return 7


class HostileMeta(type):
    def fail(cls, *_: object) -> Any:
        raise AssertionError("code of the program's ran")

    __getattribute__ = __repr__ = __instancecheck__ = __subclasscheck__ = fail
    __module__ = property(fail)
    __name__ = property(fail)
    __mro__ = property(fail)
    __dict__ = property(fail)


def test_hostile_objects_are_not_asked():
    thing, keyed, hostile = Thing(), Hostile(), Hostile()
    meta = HostileMeta("Meta", (), {})
    plant(x={keyed: [thing]}, y=meta)
    Hostile.armed = True
    try:
        assert texts(thing) == [root(f".x[<key of type {__name__}.Hostile>][0]")]
        object.__setattr__(hostile, "thing", thing)
        plant(x=hostile)
        (path,) = tare.heap.holders(thing).paths
        assert path.text.endswith(", hostile.thing") and not path.exact
        assert tare.heap.holders(hostile).count == 1
        assert tare.heap.holders(Hostile).count == 2
        assert tare.heap.holders(meta, instances=False).count == 1
        assert tare.heap.retained(hostile) > 0
        assert tare.heap.largest(10**5)
    finally:
        Hostile.armed = False


def test_the_exception_being_handled_stays():
    plant(x={10**5000: Thing(), float("inf"): [Thing()]})
    try:
        raise KeyError("mine")
    except KeyError as error:
        for thing in [x for x in gc.get_objects() if type(x) is Thing]:
            assert tare.heap.holders(thing).count == 1
        assert sys.exc_info()[1] is error


def test_inside_a_collection_and_a_finaliser():
    found = []

    class Finalised:
        def __del__(self) -> None:
            found.extend(texts(kept))

    def callback(phase: str, info: dict[str, int]) -> None:
        found.extend(texts(kept))

    kept = Thing()
    plant(x=[kept])
    cycle = Finalised()
    cycle.own = cycle
    del cycle
    gc.callbacks.append(callback)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(callback)
    assert len(found) >= 3 and set(found) == {root(".x[0]")}


# ---- any structure ----

_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary(),
                    st.floats(allow_nan=False, allow_infinity=False))
_KEYS = st.one_of(_LEAVES, st.tuples(_LEAVES, _LEAVES))
_SHAPES = st.recursive(
    st.just("here"),
    lambda inner: st.one_of(
        st.tuples(st.just("list"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("tuple"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("deque"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("dict"), st.dictionaries(_KEYS, inner, min_size=1, max_size=3)),
        st.tuples(st.just("object"),
                  st.dictionaries(st.text(min_size=1), inner, min_size=1, max_size=3)),
    ),
    max_leaves=12,
)


def build(shape: Any, things: list[Thing]) -> object:
    if shape == "here":
        things.append(Thing())
        return things[-1]
    kind, parts = shape
    if kind == "dict":
        return {key: build(part, things) for key, part in parts.items()}
    if kind == "object":
        made = Plain()
        for name, part in parts.items():
            made.__dict__[name] = build(part, things)
        return made
    return {"list": list, "tuple": tuple, "deque": collections.deque}[kind](
        build(part, things) for part in parts
    )


@settings(max_examples=20, deadline=None)
@given(_SHAPES)
def test_a_path_that_is_an_expression_is_the_object(shape: Any):
    things: list[Thing] = []
    plant(x=build(shape, things))
    for thing in things[:2]:
        (path,) = planted(thing)
        short = len(path.text) < 80  # longer keys are cut
        assert path.exact or not short
        if path.exact:
            assert eval(path.text, {"sys": sys}) is thing
    uproot()


_EVERYTHING = """
import gc, sys, json, collections, functools, decimal, logging, tare
exact = 0
for thing in gc.get_objects()[::7]:
    if type(thing) in (dict, list, type, type(len), type(json.dumps)) and exact < 80:
        for path in tare.heap.holders(thing, 2, False).paths:
            if path.exact:
                assert eval(path.text, {"sys": sys}) is thing, path.text
                exact += 1
print(exact)
"""


def test_what_the_standard_library_has_is_where_its_paths_say():
    ran = subprocess.run([sys.executable, "-c", _EVERYTHING], capture_output=True, text=True)
    assert ran.stderr == "" and int(ran.stdout) >= 80


# ---- words that are no Unicode ----


def test_a_class_named_by_bytes_that_are_no_utf_8():
    """As names of files have them; a lone surrogate of another sort is told, and not the same."""
    for word, told, escaped in (
        ("m\udcff", "m\udcff", r"m\udcff"), ("\ud800", "\udced\udca0\udc80", r"\ud800"),
    ):  # fmt: skip
        made = type("Made", (), {"__module__": "module", "__qualname__": word})
        plant(one=made(), **{f"name{word}": made()})
        taken = tare.heap.snapshot()
        assert f"module.{told}" in {row.key for row in tare.heap.census().rows}
        assert taken.holders(made).count == 2
        assert taken.holders(f"module.{told}").count == 2
        held = tare.heap.holders(made)
        assert root(f".__dict__['name{escaped}']") in {path.text for path in held.paths}
        uproot()


def test_a_thread_whose_long_name_is_cut_within_a_character():
    for start in range(4):
        held = Thing()
        ready, stop = threading.Event(), threading.Event()

        def keep(
            _given: Thing, ready: threading.Event = ready, stop: threading.Event = stop
        ) -> None:
            ready.set()
            stop.wait()

        name = "x" * start + "\U0001f40d" * 40
        thread = threading.Thread(target=keep, args=(held,), name=name)
        thread.start()
        ready.wait()
        try:
            texts = [path.text for path in tare.heap.holders(held).paths]
        finally:
            stop.set()
            thread.join()
        assert any(text.startswith(f"thread {name[:10]}") for text in texts)
