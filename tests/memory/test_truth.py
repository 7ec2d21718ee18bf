"""Blocks whose number, sizes and places arithmetic tells."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from measuring import Measurer

FILL = """
def fill(out):
    for i in range(len(out)):
        out[i] = object()
kept = [None] * 1000
fill(kept)
"""


@pytest.mark.parametrize("allocator", ["", "malloc", "debug", "pymalloc_debug", "malloc_debug"])
def test_objects_of_one_line(measurer: Measurer, allocator: str) -> None:
    environ = {"PYTHONMALLOC": allocator} if allocator else {}
    found = measurer.run(FILL, environ).expect_whole()
    line = found.line(3)
    assert line["alloc_count"] == line["live_count"] == 1000
    assert line["alloc_bytes"] == line["live_bytes"] == 16000
    assert line["freed_count"] == 0
    items = found.line(4)
    assert items["live_bytes"] >= 8000


def test_what_goes_is_freed_where_it_was_allocated(measurer: Measurer) -> None:
    found = measurer.run(FILL + "for i in range(400): kept[i] = None\n").expect_whole()
    line = found.line(3)
    assert (line["alloc_count"], line["freed_count"], line["live_count"]) == (1000, 400, 600)
    assert (line["freed_bytes"], line["live_bytes"]) == (6400, 9600)


def test_counters_are_the_sums_of_places(measurer: Measurer) -> None:
    found = measurer.run(FILL).expect_whole()
    counters = found.counters
    # Between the two, the program writes some text and forgets what it kept.
    assert abs(counters["alloc_bytes"] - found.total["alloc_bytes"]) < 20000
    assert counters["alloc_bytes"] == counters["live_bytes"] + counters["freed_bytes"]
    assert counters["alloc_count"] == counters["live_count"] + counters["freed_count"]
    assert counters["rss_bytes"] > 1 << 20
    assert counters["lost_count"] == 0


def test_a_list_that_grows_is_one_block(measurer: Measurer) -> None:
    found = measurer.run("""
import sys
grown = []
def grow():
    for _ in range(10000):
        grown.append(None)
grow()
print(sys.getsizeof(grown) - sys.getsizeof([]))
""").expect_whole()
    line = found.line(5)
    assert line["live_count"] == 1
    assert line["live_bytes"] == int(found.out.split()[0])
    assert line["alloc_count"] == line["freed_count"] + 1 > 20


def test_a_block_that_shrinks(measurer: Measurer) -> None:
    found = measurer.run("""
import sys
def shrink():
    b = bytearray(100000)
    del b[1000:]
    return b
kept = shrink()
""").expect_whole()
    assert found.line(3)["freed_bytes"] >= 100000
    assert found.line(4)["live_count"] == 1
    assert 1000 <= found.line(4)["live_bytes"] < 2000


def test_what_is_touched_in_part_counts_whole(measurer: Measurer) -> None:
    found = measurer.run("""
def take():
    return bytes(512 << 20)
kept = take()
""").expect_whole()
    assert found.line(2)["live_bytes"] == (512 << 20) + 33
    assert found.line(2)["live_count"] == 1
    assert found.counters["rss_bytes"] < 256 << 20


def test_the_peak_and_who_held_it(measurer: Measurer) -> None:
    found = measurer.run("""
def first():
    return bytearray(10 << 20)
def second():
    return bytearray(20 << 20)
def third():
    return bytearray(25 << 20)
a = first()
b = second()
del a, b
c = third()
del c
""").expect_whole()
    assert found.line(2)["peak_bytes"] == (10 << 20) + 1 + 56
    assert found.line(4)["peak_bytes"] == (20 << 20) + 1 + 56
    assert found.line(6)["peak_bytes"] == 0
    assert found.line(6)["alloc_bytes"] == (25 << 20) + 1 + 56
    assert 30 << 20 < found.number("peak_bytes") < 31 << 20


def test_temporary_blocks(measurer: Measurer) -> None:
    found = measurer.run("""
def waste():
    for _ in range(500):
        bytes(1000)
def use():
    for _ in range(500):
        a = bytes(1000)
        b = bytes(2000)
waste()
use()
""").expect_whole()
    assert found.line(3)["temporary_count"] == found.line(3)["alloc_count"] == 500
    assert found.line(3)["temporary_bytes"] == 500 * 1033
    assert found.line(6)["temporary_count"] == 0


def test_contexts_of_recursion_and_generators(measurer: Measurer) -> None:
    found = measurer.run("""
out = [None] * 100
def down(depth):
    if depth > 0:
        return down(depth - 1)
    out[0] = object()
def make(n):
    for i in range(n):
        yield object()
def use_one():
    out[1:4] = make(3)
def use_two():
    it = make(2)
    next(it)
    next(it)
    for _ in it: pass
for _ in range(7):
    down(3)
use_one()
use_two()
""").expect_whole()
    stacks = found.stacks()
    outer = "<module>:17"
    down = ("down:4",) * 3
    assert stacks[(outer, *down, "down:5")] == 7
    inner = [stack for stack in stacks if "down:5" in stack]
    assert inner == [(outer, *down, "down:5")]
    makes = {stack[-2]: stacks[stack] for stack in stacks if stack[-1] == "make:8"}
    assert makes == {"use_one:10": 3, "use_two:13": 1, "use_two:14": 1}


def test_the_same_callee_from_lines_in_turn(measurer: Measurer) -> None:
    found = measurer.run("""
out = [None]
def leaf():
    out[0] = object()
def mid():
    leaf()
def top():
    for _ in range(50):
        mid()
        mid(); leaf()
        leaf()
top()
""").expect_whole()
    leaves = {stack[1:]: count for stack, count in found.stacks().items() if stack[-1] == "leaf:3"}
    assert leaves == {
        ("top:8", "mid:5", "leaf:3"): 50,
        ("top:9", "mid:5", "leaf:3"): 50,
        ("top:9", "leaf:3"): 50,
        ("top:10", "leaf:3"): 50,
    }


def test_stacks_deeper_than_asked_for(measurer: Measurer) -> None:
    found = measurer.run("""
out = [None]
def down(depth):
    out[0] = object()
    if depth > 0:
        return down(depth - 1)
down(30)
def shallow():
    out[0] = object()
shallow()
""", depth=10).expect_whole()
    stacks = [stack for stack in found.stacks() if stack[-1] == "down:3"]
    for stack in stacks:
        assert set(stack[1:-1]) <= {"down:5"}
        assert stack[0] == "(deeper):0" or len(stack) <= 10
        assert stack[0] != "(deeper):0" or 5 <= len(stack) - 1 <= 10, stack
    assert sum(found.stacks()[stack] for stack in stacks) == 31
    assert len(stacks) < 31
    assert found.number("truncated_count") >= 20
    runner = 1  # frames of it are in the stack, too
    assert [len(s) for s in found.stacks() if s[-1] == "shallow:8"] == [1 + runner]


def test_code_that_comes_and_goes(measurer: Measurer) -> None:
    """Addresses of code objects are used again; what was known of them must not be."""
    found = measurer.run("""
out = [None]
def once(i):
    names = {}
    source = "\\n" * i + f"def made{i}(): out[0] = object()\\n" + f"out = None\\n"
    exec(compile(source, f"script-{i}.py", "exec"), names)
    made = names["made%d" % i]
    names["out"] = out
    made()
for i in range(300):
    once(i)
""").expect_whole()
    made = {stack[-1]: count for stack, count in found.stacks().items()
            if stack and stack[-1].startswith("made")}
    assert made == {f"made{i}:{i + 1}": 1 for i in range(300)}


def test_bookkeeping_of_a_block(measurer: Measurer) -> None:
    found = measurer.run("""
kept = [None] * 100000
for i in range(100000):
    kept[i] = object()
    if i > 1000 and i % 997 == 0:
        now = memory.counters()
        assert now["table_bytes"] <= 32 * now["block_count"], now
""").expect_whole()
    assert found.counters["table_bytes"] <= 32 * found.counters["block_count"]


def test_domains(measurer: Measurer) -> None:
    found = measurer.run(FILL).expect_whole()
    assert set(found.domains) <= {"raw", "mem", "obj", "native"}
    assert found.domains["obj"]["alloc_count"] >= 1000


def test_curves_show_the_peak(measurer: Measurer) -> None:
    found = measurer.run("""
import time
a = bytearray(50 << 20)
time.sleep(0.03)
del a
b = [object() for _ in range(1000)]
time.sleep(0.03)
c = [object() for _ in range(1000)]
""").expect_whole()
    series = {s.name: s for s in found.profile.series()}
    heap = series["heap_bytes"].amounts
    assert max(heap) == found.number("peak_bytes")
    assert heap[-1] < 10 << 20
    assert max(series["rss_bytes"].amounts) > 1 << 20


BODY = """    x = None
    for step in plan:
        if step == 0:
            x = object()
        elif step == 1:
            x = object()
        elif step == 2:
            exec("0")
        elif step[0] == "g":
            for _ in g(step[1]):
                pass
        else:
            (a if step[0] == "a" else b)(step[1])
"""
BODY_LINES = {0: 4, 1: 6, "g": 10, "a": 13, "b": 13}  # counted from the one with def as 0


def make_plan(chance: random.Random, depth: int) -> list:
    """What a function does: 0, 1 allocate at one of two lines, 2 makes and drops a code object."""
    steps: list = []
    for _ in range(chance.randrange(1, 7)):
        kind = chance.choice([0, 0, 1, 1, 2, "a", "b", "g"])
        if kind in ("a", "b", "g"):
            below = make_plan(chance, depth - 1) if depth else [0]
            steps += [[kind, below]] * chance.randrange(1, 3)
        else:
            steps += [kind] * chance.randrange(1, 3)
    return steps


FIRST_LINES = {"a": 2, "b": 17, "g": 32}


def expect_paths(name: str, plan: list, path: tuple[str, ...], found: Counter) -> None:
    for step in plan:
        if step == 2:
            continue
        kind = step if step in (0, 1) else step[0]
        here = (*path, f"{name}:{FIRST_LINES[name] + BODY_LINES[kind]}")
        if step in (0, 1):
            found[here] += 1
        else:
            expect_paths(kind, step[1], here, found)


@pytest.mark.parametrize("seed", [0, 3, 6])  # thousands of blocks each
def test_every_path_of_calls_at_random(measurer: Measurer, seed: int) -> None:
    plan = make_plan(random.Random(seed), 9)
    expected: Counter = Counter()
    expect_paths("a", plan, ("<module>:47",), expected)
    parts = [f"def {name}(plan):\n{BODY}\n" for name in "ab"]
    parts.append("def g(plan):\n" + BODY.replace("pass\n", "yield\n") + "\n")
    found = measurer.run(f"plan = {plan!r}\n{''.join(parts)}a(plan)\n").expect_whole()
    allocating = tuple(f"{name}:{FIRST_LINES[name] + BODY_LINES[kind]}"
                       for name in "abg" for kind in (0, 1))
    assert len(expected) > 20
    assert {stack: count for stack, count in found.stacks().items()
            if stack[-1] in allocating} == expected
