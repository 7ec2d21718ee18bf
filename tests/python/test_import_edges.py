"""Files that know only who called whom: nothing is lost, and what is a guess is marked."""

import cProfile
import marshal
import pstats
import subprocess
import sys
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importing import UNEXPANDED, UNKNOWN, Found
from interpreters import foreign
from tare._profile import import_bytes

NS = 1_000_000_000
LEAST_SHARE = 1e-4
MOST_NODES = 200_000


def key(name):
    return ("work.py", 1, name)


def write(functions):
    """name: (nc, cc, own ns, cumulative ns, {caller: (nc, own ns, cumulative ns) or nc})"""
    return marshal.dumps({
        key(name): (cc, nc, own / NS, total / NS, {
            key(caller): edge if isinstance(edge, int) else (edge[0], edge[0], edge[1] / NS,
                                                             edge[2] / NS)
            for caller, edge in callers.items()
        })
        for name, (nc, cc, own, total, callers) in functions.items()
    })  # fmt: skip


def check_conserved(found, functions):
    """Each function, over all its nodes, and the whole, have exactly what the file says."""
    for metric, which in (("wall_ns", 2), ("calls", 0), ("inclusive_ns", 3),
                          ("primitive_calls", 1)):  # fmt: skip
        expected = {name: sums[which] for name, sums in functions.items() if sums[which]}
        assert found.functions(metric) == expected, metric
    assert found.total("wall_ns") == sum(sums[2] for sums in functions.values())
    assert set(found.functions("wall_ns")) <= set(functions)


# a and b both call c and d: what c and d call is divided by what they took for a and for b.
SHARED = {
    "main": (1, 1, 100, 1900, {}),
    "a": (1, 1, 0, 400, {"main": (1, 0, 400)}),
    "b": (1, 1, 0, 1400, {"main": (1, 0, 1400)}),
    "f": (2, 2, 200, 1800, {"a": (1, 100, 400), "b": (1, 100, 1400)}),
    "g": (16, 16, 1600, 1600, {"f": (16, 1600, 1600)}),
}


def test_two_callers_of_different_cost():
    found = Found(import_bytes(write(SHARED)))
    check_conserved(found, SHARED)
    assert found.paths("wall_ns") == {
        ("main",): 100,
        ("main", "a", "f"): 100,
        ("main", "a", "f", "g"): 300,
        ("main", "b", "f"): 100,
        ("main", "b", "f", "g"): 1300,
    }
    assert found.paths("calls")["main", "b", "f", "g"] == 13
    # f spent 400 for a and 1400 for b: of the 1600 in g no more than 1400 can be b's, or 400 a's.
    assert found.estimated() == set()
    certain = found.paths("certain_ns")
    assert certain["main", "a", "f", "g"] == 200
    assert certain["main", "b", "f", "g"] == 1200


def test_what_may_all_have_been_elsewhere_is_estimated():
    """f spent 400 for a and 1400 for b, and 300 of that in g: for whom, nobody knows."""
    functions = dict(SHARED, f=(2, 2, 1500, 1800, {"a": (1, 350, 400), "b": (1, 1150, 1400)}),
                     g=(16, 16, 300, 300, {"f": (16, 300, 300)}))  # fmt: skip
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert found.estimated() == {("main", "a", "f", "g"), ("main", "b", "f", "g")}


def test_what_nobody_and_somebody_called_is_at_the_root_too():
    functions = {
        "main": (1, 1, 10, 30, {}),
        "f": (3, 3, 45, 60, {"main": (1, 15, 20)}),
        "g": (3, 3, 15, 15, {"f": (3, 15, 15)}),
    }
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert found.paths("wall_ns") == {
        ("main",): 10,
        ("main", "f"): 15,
        ("main", "f", "g"): 5,
        ("f",): 30,
        ("f", "g"): 10,
    }
    assert found.estimated() == {("main", "f", "g"), ("f", "g")}


def test_two_roots_stand_side_by_side():
    functions = {
        "one": (1, 1, 10, 10, {}),
        "two": (1, 1, 20, 25, {}),
        "f": (1, 1, 5, 5, {"two": (1, 5, 5)}),
    }
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert set(found.paths("calls")) == {("one",), ("two",), ("two", "f")}
    assert found.estimated() == set()


def test_recursion_without_callees_is_one_node():
    functions = {
        "main": (1, 1, 1000, 101_000, {}),
        "f": (100, 1, 100_000, 100_000, {"main": (1, 1000, 100_000), "f": (99, 99_000, 99_000)}),
    }
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert found.paths("calls") == {("main",): 1, ("main", "f"): 1, ("main", "f", "f"): 99}
    assert found.estimated() == {("main", "f", "f")}


def test_recursion_ends_and_is_conserved():
    """Each level of f spends the same in a leaf."""
    functions = {
        "main": (1, 1, 0, 1_000_000, {}),
        "f": (10, 1, 0, 1_000_000, {"main": (1, 0, 1_000_000), "f": (9, 0, 900_000)}),
        "leaf": (10, 10, 1_000_000, 1_000_000, {"f": (10, 1_000_000, 1_000_000)}),
    }
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    paths = found.paths("wall_ns")
    levels = [paths["main", *["f"] * depth, "leaf"] for depth in range(1, 8)]
    assert levels == sorted(levels, reverse=True) and levels[0] < 1_000_000
    assert 8 < max(map(len, paths)) < 40
    unplaced = [amounts for node, amounts in found.amounts.items()
                if node and found.name(node) == UNEXPANDED]  # fmt: skip
    assert 0 < sum(amounts["unexpanded_ns"] for amounts in unplaced) < 2 * LEAST_SHARE * 1_000_000
    missing = sum(amounts["unexpanded_ns"] for amounts in unplaced)
    assert abs(paths[UNKNOWN, "leaf"] - missing) <= 2  # rounded, each for itself


def test_a_cycle_that_nothing_leads_into_has_an_entry():
    functions = {
        "ping": (10, 10, 600, 1000, {"pong": (10, 600, 900)}),
        "pong": (10, 10, 400, 900, {"ping": (10, 400, 900)}),
    }
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert all(path[0] in ("ping", UNKNOWN) for path in found.paths("calls"))
    # 100 of ping's time are in no call of pong's: somebody else began it.
    assert all(path in found.estimated() for path in found.paths("calls") if path != ("ping",))


def test_what_is_not_expanded_is_counted_and_said():
    """40 layers of 2 functions, each calling both below: 2^40 paths."""
    functions = {"main": (1, 1, 1, 161, {})}
    for layer in range(40):
        callers = ["main"] if layer == 0 else [f"a{layer - 1}", f"b{layer - 1}"]
        below = 2 * (40 - layer)
        for name in (f"a{layer}", f"b{layer}"):
            each = {caller: (1, 2 // len(callers), below // len(callers)) for caller in callers}
            functions[name] = (len(callers), len(callers), 2, below, each)
    functions["main"] = (1, 1, 1, 161, {})
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert found.profile.counts.nodes <= 2 * MOST_NODES + len(functions)
    assert any(path[0] == UNKNOWN for path in found.paths("wall_ns"))


CROWD = 460  # CROWD * CROWD > MOST_NODES


def make_hub(own, total):
    """Each of CROWD functions says that all of hub's time is its own; so do hub's callees."""
    functions = {f"from{index}": (1, 1, 0, total, {}) for index in range(CROWD)}
    pairs = {name: (1, 0, total) for name in functions}
    functions["hub"] = (CROWD, CROWD, 0, total, pairs)
    below = [f"to{index}" for index in range(CROWD)]
    functions |= {name: (CROWD, CROWD, 0, total, {"hub": (CROWD, 0, total)}) for name in below}
    functions["end"] = (CROWD, CROWD, own, total, {name: (1, 1, total) for name in below})
    return functions


def make_grid():
    """CROWD functions that nobody calls, each calling CROWD others, and these one more."""
    functions = {f"from{index}": (1, 1, 0, 0, {}) for index in range(CROWD)}
    pairs = {name: (1, 0, 0) for name in functions}
    below = [f"to{index}" for index in range(CROWD)]
    functions |= {name: (CROWD, CROWD, 0, 0, pairs) for name in below}
    functions["end"] = (CROWD, CROWD, 0, 0, {name: (1, 0, 0) for name in below})
    return functions


@pytest.mark.parametrize(
    "functions",
    [make_hub(5000, 10_000), make_hub(0, 10_000), make_grid()],
    ids=["contradictory", "without own time", "without time"],
)
def test_nodes_have_a_bound_whatever_the_file_says(functions):
    profile = import_bytes(write(functions))
    # Each may have a node (not expanded); and each function one below (path not known).
    assert profile.counts.nodes <= 2 * (MOST_NODES + len(functions)) + len(functions) + 2


def test_what_has_no_room_is_conserved():
    functions = make_hub(5000, 10_000)
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert (UNKNOWN, "end") in found.paths("wall_ns")
    assert any(path[-1] == UNEXPANDED for path in found.paths("unexpanded_ns"))


def test_what_is_too_small_is_not_guessed_below_a_known_path_either():
    """main is the only one of its kind; of f's calls of tiny nobody knows which were for a."""
    total = 100_000_000
    functions = {
        "main": (1, 1, 0, total, {}),
        "a": (1, 1, 0, total // 2, {"main": (1, 0, total // 2)}),
        "b": (1, 1, 0, total // 2, {"main": (1, 0, total // 2)}),
        "f": (2, 2, total - 10, total, {"a": (1, total // 2 - 5, total // 2),
                                        "b": (1, total // 2 - 5, total // 2)}),
        "tiny": (2, 2, 10, 10, {"f": (2, 10, 10)}),
    }  # fmt: skip
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert found.paths("wall_ns")[UNKNOWN, "tiny"] == 10
    assert ("main", "a", "f") not in found.estimated()


def test_bare_counts_of_the_module_profile():
    functions = {
        "main": (1, 1, 10, 90, {}),
        "other": (1, 1, 0, 20, {"main": 1}),
        "f": (4, 4, 80, 80, {"main": 3, "other": 1}),
    }
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert found.paths("wall_ns")["main", "f"] == 60
    assert found.paths("wall_ns")["main", "other", "f"] == 20


def test_cumulative_times_of_pairs_are_the_files():
    found = Found(import_bytes(write(SHARED)))
    below = defaultdict(int)
    for path, amount in found.paths("wall_ns").items():
        for caller, callee in zip(path, path[1:], strict=False):
            below[caller, callee] += amount
    for name, sums in SHARED.items():
        for caller, (_, _, total) in sums[4].items():
            assert below[caller, name] == total


# ---- any file, however wrong ----

NAMES = [f"f{index}" for index in range(7)]
small = st.integers(0, 5000)


@st.composite
def files(draw):
    """Numbers that need not agree with one another."""
    functions = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=7)):
        callers = draw(st.dictionaries(st.sampled_from(NAMES), st.tuples(small, small, small)))
        calls = draw(small)
        functions[name] = (calls, draw(st.integers(0, calls)), draw(small), draw(small), callers)
    return functions


@settings(max_examples=150, deadline=None)
@given(files())
def test_nothing_is_lost_or_made_up(functions):
    found = Found(import_bytes(write(functions)))
    check_conserved(found, functions)
    assert {name for path in found.paths("calls") for name in path} <= {*NAMES, UNKNOWN}
    for node, amounts in found.amounts.items():
        if node and found.name(node) == UNEXPANDED:
            assert amounts["unexpanded_ns"] > 0 and amounts["wall_ns"] == 0


class Truth:
    """A tree of calls that really was, and the sums that cProfile makes of it."""

    def __init__(self, numbers):
        self.numbers = numbers  # where chance comes from: any list will do
        self.paths = defaultdict(int)  # with all that was called
        self.functions = {}
        self.active = defaultdict(int)  # calls of a function, and of a pair, that are under way
        self.call(())

    def next(self, limit):
        return self.numbers.pop() % limit if self.numbers else 0

    def call(self, above):
        name = NAMES[self.next(len(NAMES))]
        caller = above[-1] if above else None
        calls, primitive, own, total, callers = self.functions.get(name, (0, 0, 0, 0, {}))
        self.functions[name] = (calls, primitive, own, total, callers)
        for each in (name, (caller, name)):
            self.active[each] += 1
        mine = 10 + self.next(1000)
        spent = mine
        for _ in range(self.next(4) if len(above) < 6 else 0):
            spent += self.call((*above, name))
        for each in (name, (caller, name)):
            self.active[each] -= 1
        outer = self.active[name] == 0
        calls, primitive, own, total, callers = self.functions[name]
        if caller:
            count, pair_own, pair_total = callers.get(caller, (0, 0, 0))
            pair_total += spent if self.active[caller, name] == 0 else 0
            callers[caller] = (count + 1, pair_own + mine, pair_total)
        self.functions[name] = (calls + 1, primitive + outer, own + mine,
                                total + (spent if outer else 0), callers)  # fmt: skip
        self.paths[(*above, name)] += spent
        return spent


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=120))
def test_paths_that_are_certain_really_were(numbers):
    truth = Truth(numbers)
    found = Found(import_bytes(write(truth.functions)))
    check_conserved(found, truth.functions)
    estimated = found.estimated()
    for path in found.paths("calls"):
        assert path in estimated or path in truth.paths
    for path, least in found.paths("certain_ns").items():
        assert truth.paths[path] >= least - len(numbers)  # rounded when written


# ---- files of the real modules ----

PROGRAM = """
def leaf(n):
    return sum(range(n))
def f(n):
    return leaf(n) + len([1, 2])
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def main():
    for i in range(20):
        f(50)
        f(5000)
    fib(11)
main()
"""


def read_truth(path):
    """What pstats says; the number of calls of the function and so on."""
    return pstats.Stats(str(path)).stats


def check_real(path):
    found = Found(import_bytes(path.read_bytes()))
    truth = read_truth(path)
    calls, own = defaultdict(int), defaultdict(int)
    for node, amounts in found.amounts.items():
        if node:
            frame = found.frames[found.frame_of[node]]
            place = (frame.file, frame.first_line, frame.qualname)
            calls[place] += amounts.get("calls", 0)
            own[place] += amounts.get("wall_ns", 0)
    for (file, line, name), (_, count, seconds, _, _) in truth.items():
        native = file == "~"
        shown = name.removeprefix("<built-in method ").removesuffix(">") if native else name
        if native and name.startswith("<method"):
            shown = name
        place = ("" if native else file, line, shown)
        if isinstance(name, str):
            assert calls[place] == count, place
            assert abs(own[place] - seconds * NS) < 1, place
    assert found.total("calls") == sum(sums[1] for sums in truth.values())
    return found


@pytest.mark.parametrize("module", ["cProfile", "profile"])
def test_files_of_this_interpreter(tmp_path, module):
    (tmp_path / "work.py").write_text(PROGRAM)
    command = [sys.executable, "-m", module, "-o", "x.prof", "work.py"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    found = check_real(tmp_path / "x.prof")
    assert found.functions("calls")["fib"] == 287
    assert found.functions("primitive_calls")["fib"] == 1


CPYTHONS = {name: path for name, path in foreign().items() if not name.startswith("pypy")}


@pytest.mark.parametrize("module", ["cProfile", "profile"])
@pytest.mark.parametrize("python", CPYTHONS.values(), ids=CPYTHONS)
def test_files_of_other_interpreters(tmp_path, python, module):
    (tmp_path / "work.py").write_text(PROGRAM)
    command = [python, "-m", module, "-o", "x.prof", "work.py"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    found = Found(import_bytes((tmp_path / "x.prof").read_bytes()))
    assert found.functions("calls")["fib"] == 287
    assert found.functions("calls")["leaf"] == 40
    assert found.functions("primitive_calls")["fib"] == 1
    assert found.meta["import.format"] == "pstats"


def test_a_large_file(tmp_path):
    """Thousands of functions on cycles of imports and calls."""
    path = tmp_path / "x.prof"
    code = "import argparse, asyncio, json, logging.config, tarfile, unittest.mock, xml.dom.minidom"
    command = [sys.executable, "-m", "cProfile", "-o", path, "-c", code]
    (tmp_path / "work.py").write_text(code)
    command[-2:] = [tmp_path / "work.py"]
    subprocess.run(command, check=True, capture_output=True)
    found = check_real(path)
    assert found.profile.is_trace


def test_versions_of_marshal():
    profiler = cProfile.Profile()
    profiler.runcall(lambda: [abs(number) for number in (3, 1, 2)])
    profiler.create_stats()
    for version in range(5):
        found = Found(import_bytes(marshal.dumps(profiler.stats, version)))
        assert found.functions("calls")["builtins.abs"] == 3


# ---- hostile ----


def test_a_reference_to_itself_is_refused():
    """A file of 15 bytes that ends CPython's own reader."""
    from tare.errors import CorruptError

    for data in (
        b"\xfb\xa9\x01\xbc\x01r\x01\x00\x00\x000",
        b"{\xa8\x01\x00\x00\x00r\x00\x00\x00\x00",
        b"{(\xff\xff\xff\x7f",
        b"{" + b")\x01" * 1000,
        b"",
        b"{",
    ):
        with pytest.raises(CorruptError):
            import_bytes(data, "pstats")


def test_one_dict_in_many_places_does_not_multiply():
    from tare.errors import CorruptError

    callers = b"\xfb" + b"".join(
        b"\xa9\x03z\x01fi\x01\x00\x00\x00z\x04%04d" % index + b"i\x01\x00\x00\x00"
        for index in range(500)
    ) + b"0"
    first = b")\x03z\x01fi\x01\x00\x00\x00z\x04base)\x05" + b"i\x01\x00\x00\x00" * 4 + callers
    more = b"".join(
        b")\x03z\x01fi\x01\x00\x00\x00z\x04g%03d" % index
        + b")\x05" + b"i\x01\x00\x00\x00" * 4 + b"r\x00\x00\x00\x00"
        for index in range(300)
    )
    with pytest.raises(CorruptError, match="more callers than bytes"):
        import_bytes(b"{" + first + more + b"0", "pstats")
