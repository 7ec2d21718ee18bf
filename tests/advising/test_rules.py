"""Each rule speaks where it should, is quiet where it should be, and changes no result."""

from __future__ import annotations

import ast
import copy
import random

import pytest

from tare.advising.catalogue import BY_ID, RULES
from tare.advising.facts import Facts
from tare.advising.model import DIFFERS, Edit, Match, apply_edits
from advising import examples, more_examples, small_examples
from advising.examples import GIVEN, Speaks

EXAMPLES = {**examples.EXAMPLES, **more_examples.EXAMPLES, **small_examples.EXAMPLES}
SPEAKS = [(name, at) for name, one in EXAMPLES.items() for at in range(len(one.speaks))]
QUIET = [(name, at) for name, one in EXAMPLES.items() for at in range(len(one.quiet))]
ROUNDS = 15
MARK = "  # <-"
STAYS = ("import-in-function",)  # out of the loop, but in the function still
NUMPY = ("numpy", "pandas")

BEFORE = "def untouched_before(x):\n    return [y + 1 for y in x]\n\n\n"
AFTER = "\n\ndef untouched_after(x):\n    return {y: 'é' for y in x}  # stays\n"


def matches(name: str, code: str) -> list[Match]:
    facts = Facts(code, "example.py")
    return list(BY_ID[name].find(facts.tree, facts))


def framed(code: str) -> str:
    return BEFORE + code.lstrip("\n") + AFTER


def edits_of(match: Match, code: str) -> list[Edit] | None:
    return match.rule.edits(match, code)


def load(code: str) -> dict[str, object]:
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(code, "example.py", "exec"), names)
    return names


def outcome(names: dict[str, object], arguments: list[object]) -> tuple[str, object, object]:
    own = copy.deepcopy(arguments)
    try:
        value = names["f"](*own)
    except Exception as error:  # what it raises is its result
        return "raises", type(error), own
    return "gives", value, own


def arguments_for(given: str, seed: int) -> list[object]:
    rnd = random.Random(seed)
    return [GIVEN[word](rnd) for word in given.split()]


def test_every_rule_has_examples() -> None:
    assert sorted(EXAMPLES) == sorted(rule.id for rule in RULES)
    assert len(BY_ID) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_a_person_needs(rule) -> None:
    assert rule.title.count("->") == 1 and len(rule.title) <= 80
    assert rule.why.endswith(".") and rule.why[:-1].count(". ") == 0 and len(rule.why) <= 100
    assert bool(rule.differs) == (rule.same != "same")
    assert all(n <= m for n, m in zip(rule.pair.sizes, rule.pair.sizes[1:]))


@pytest.mark.parametrize(("name", "at"), SPEAKS)
def test_speaks_on_its_line(name: str, at: int) -> None:
    code = framed(EXAMPLES[name].speaks[at].code)
    wanted = [n for n, line in enumerate(code.splitlines(), 1) if line.endswith("# <-")]
    found = matches(name, code)
    assert sorted({match.line for match in found}) == wanted
    for match in found:
        assert match.rule is BY_ID[name] and match.span[0] <= match.line <= match.span[1]
        assert match.message and "\n" not in match.message


@pytest.mark.parametrize(("name", "at"), QUIET)
def test_is_quiet(name: str, at: int) -> None:
    code = EXAMPLES[name].quiet[at]
    ast.parse(code)
    assert matches(name, framed(code)) == []


@pytest.mark.parametrize(("name", "at"), SPEAKS)
def test_rewritten_code_does_the_same(name: str, at: int) -> None:
    example: Speaks = EXAMPLES[name].speaks[at]
    if "numpy" in example.code:
        pytest.importorskip("numpy")
    code = framed(example.code.replace(MARK, ""))
    found = matches(name, code)
    made = [edits for match in found if (edits := edits_of(match, code))]
    assert bool(made) != example.by_hand
    old = load(code)
    for edits in made:
        new = load(apply_edits(code, edits))
        for seed in range(ROUNDS if example.given else 1):
            given = arguments_for(example.given, seed)
            assert outcome(new, given) == outcome(old, given), (given, apply_edits(code, edits))


@pytest.mark.parametrize(("name", "at"), SPEAKS)
def test_a_rewrite_touches_nothing_else(name: str, at: int) -> None:
    code = framed(EXAMPLES[name].speaks[at].code.replace(MARK, ""))
    for match in matches(name, code):
        edits = edits_of(match, code)
        if not edits:
            continue
        new = apply_edits(code, edits)
        ast.parse(new)
        assert new != code
        assert BEFORE in new and AFTER in new
        assert name in STAYS or no_longer(name, match, new)


def no_longer(name: str, match: Match, new: str) -> bool:
    """What was found is gone: fewer matches than before, or none in the rewritten function."""
    return len(matches(name, new)) < len(matches(name, match.facts.source))


def test_what_is_said_is_one_short_line() -> None:
    code = """
def f(items, names):
    known = list(items)
    for x in items:
        if x in ("one", "two", "three", "four", "five", "six", "seven", "eight",
                 "nine", "ten", "eleven", "twelve"):
            known.insert(0, x)
    return sum([name for name in names
                for _ in range(3)], [])
"""
    for name in ("in-constants", "insert-at-0", "sum-lists"):
        (match,) = matches(name, code)
        assert "\n" not in match.message + match.size_expr and len(match.message) < 160


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_rewrites_keep_the_ends_of_lines(ending: str) -> None:
    code = framed(EXAMPLES["insert-at-0"].speaks[0].code).replace("\n", ending)
    match = matches("insert-at-0", code)[0]
    new = apply_edits(code, match.rule.edits(match, code))
    assert new.count(ending) == new.count("\n") == code.count("\n") + 1


def test_columns_count_characters() -> None:
    code = "def f(d, k):\n    d = dict(d)\n    return 'äöü€𝄞', k in d.keys(), 'é'\n"
    match = matches("in-keys", code)[0]
    new = apply_edits(code, match.rule.edits(match, code))
    assert new == code.replace("d.keys()", "d")


def test_a_rewrite_keeps_comments_and_what_is_beside_it() -> None:
    code = """
def f(words):
    # collected
    text = ''  # all of it
    for w in words:  # each
        text += w  # one more
    # done
    return text
"""
    match = matches("str-append", code)[0]
    new = apply_edits(code, match.rule.edits(match, code))
    assert [line.partition("#")[2] for line in new.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in code.splitlines() if "#" in line]
    assert "    text = ''.join(text_parts)\n    # done\n" in new


def test_comments_of_a_loop_that_goes_stay() -> None:
    code = """
def f(items):
    out = []
    for x in items:  # each
        # twice
        out.append(x * 2)  # so
    return out
"""
    match = matches("append-loop", code)[0]
    new = apply_edits(code, match.rule.edits(match, code))
    assert new == """
def f(items):
    # each
    # twice
    out = [x * 2 for x in items]  # so
    return out
"""


def test_names_that_are_taken_are_not_used() -> None:
    code = """
def f(words):
    text_parts = 1
    text = ''
    for w in words:
        text += w
    return text, text_parts
"""
    match = matches("str-append", code)[0]
    new = apply_edits(code, match.rule.edits(match, code))
    assert load(new)["f"](["a", "b"]) == ("ab", 1)


def test_an_import_goes_below_the_docstring_and_futures() -> None:
    code = '''#!/usr/bin/env python
"""About."""

from __future__ import annotations

import os


def f(items):
    waiting = list(items)
    while waiting:
        waiting.pop(0)
'''
    match = matches("pop-0", code)[0]
    new = apply_edits(code, match.rule.edits(match, code))
    assert "annotations\nfrom collections import deque\n" in new
    load(new)["f"]([1, 2])


@pytest.mark.parametrize("statement", ["import collections", "from collections import deque",
                                       "import collections as c",
                                       "from collections import deque as queue"])
def test_an_import_that_is_there_is_used(statement: str) -> None:
    code = f"""{statement}
def f(items):
    waiting = list(items)
    while waiting:
        waiting.pop(0)
    return len(waiting)
"""
    match = matches("pop-0", code)[0]
    new = apply_edits(code, match.rule.edits(match, code))
    assert new.count("import") == 1
    assert load(new)["f"]([1, 2]) == 0


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        apply_edits("abc\n", [Edit(1, 0, 1, 2, "x"), Edit(1, 1, 1, 3, "y")])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_both_sides_of_a_pair_give_the_same(rule) -> None:
    for n in rule.pair.sizes[:3]:
        names: dict[str, object] = {}
        try:
            exec(rule.pair.setup_at(n), names)
        except ImportError as error:
            if error.name in NUMPY:
                pytest.skip(str(error))
            raise
        results = []
        for side in (rule.pair.slow, rule.pair.fast, rule.pair.slow):
            names.pop("result", None)
            exec(side, names)
            results.append(names["result"])
        assert results[0] == results[1] == results[2]
        assert rule.pair.steps_at(n) >= 1


def test_what_differs_is_said() -> None:
    assert all(rule.differs for rule in RULES if rule.same == DIFFERS)


def test_rewrites_of_one_file_can_be_made_together() -> None:
    code = """
import re
def f(words, left, right):
    rows = list(right)
    out = []
    for a, b in left:
        for c, d in rows:
            if a == c:
                out.append(d)
        for e, g in rows:
            if b == g:
                out.append(e)
    known = sorted(out)
    found = [x for x in out if x in known and x + 1 in known]
    text = ""
    for w in words:
        if re.match("w.$", w):
            text += w
        elif re.match("a", w):
            text += "-"
    return out, found, text
"""
    facts = Facts(code)
    made = [edits for rule in RULES for match in rule.find(facts.tree, facts)
            if (edits := match.rule.edits(match, code))
            and rule.id in ("nested-join", "in-list", "str-append", "re-compile")]
    assert len(made) == 8
    new = load(apply_edits(code, [edit for edits in made for edit in edits]))
    old = load(code)
    for seed in range(ROUNDS):
        given = arguments_for("words keyed keyed", seed)
        assert outcome(new, given) == outcome(old, given)
