"""Sorting more than is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tare.advising.editing import (
    element,
    imported,
    replace,
    same_text,
    uses,
)
from tare.advising.facts import Facts
from tare.advising.model import BUILTIN, DIFFERS, LINE, Edit, Match, Rule, functions

RANDOM = """
    import random
    rnd = random.Random(1)
    values = [rnd.random() for _ in range(n)]
    """


def sorted_call(facts: Facts, node: ast.AST) -> ast.Call | None:
    """A call of sorted with one iterable and at most a key."""
    if not isinstance(node, ast.Call) or facts.resolve(node.func) != "builtins.sorted":
        return None
    plain = len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)
    return node if plain and all(k.arg == "key" for k in node.keywords) else None


def arguments(facts: Facts, call: ast.Call) -> str:
    parts = [element(facts, call.args[0]), *(facts.text(k) for k in call.keywords)]
    return ", ".join(parts)


def find_sorted_first(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Subscript):
        call = sorted_call(facts, node.value)
        if call and ast.unparse(node.slice) in ("0", "-1") and isinstance(node.ctx, ast.Load):
            better = "min" if ast.unparse(node.slice) == "0" else "max"
            yield facts.match(SORTED_FIRST, node, (
                f"all is sorted for one item: {better} goes through it once"),
                size=f"len({facts.label(call.args[0])})")


def rewrite_sorted_first(match: Match, source: str) -> list[Edit] | None:
    """Of equal items min takes the first, as sorted does; max does not take the last."""
    facts, node = match.facts, match.node
    call = sorted_call(facts, node.value)
    first = ast.unparse(node.slice) == "0"
    if not first and call.keywords:
        return None
    return [replace(facts, node, f"{'min' if first else 'max'}({arguments(facts, call)})")]


SORTED_FIRST = Rule(
    id="sorted-first",
    title="sorted(xs)[0] -> min(xs)",
    why="Sorting orders all items, where finding the least looks at each once.",
    same=DIFFERS,
    differs="with NaN; max takes the first of equals; an empty xs raises ValueError",
    pair=functions("values", RANDOM, "result = sorted(values)[0]", "result = min(values)",
                   steps="1"),
    find=find_sorted_first,
    rewrite=rewrite_sorted_first,
    grows=True,
)


def find_sorted_few(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Subscript):
        call, part = sorted_call(facts, node.value), node.slice
        if not call or not isinstance(part, ast.Slice) or part.lower or part.step:
            continue
        if isinstance(part.upper, ast.Constant) and type(part.upper.value) is int:
            if 0 < part.upper.value <= 20:
                yield facts.match(SORTED_FEW, node, (
                    f"all is sorted for {part.upper.value} items: heapq.nsmallest keeps only "
                    "those"), size=f"len({facts.label(call.args[0])})")


def rewrite_sorted_few(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    call = sorted_call(facts, node.value)
    nsmallest, edits = imported(facts, "heapq", "nsmallest")
    text = f"{nsmallest}({node.slice.upper.value}, {arguments(facts, call)})"
    return [*edits, replace(facts, node, text)]


SORTED_FEW = Rule(
    id="sorted-few",
    title="sorted(xs)[:k] -> heapq.nsmallest(k, xs)",
    why="Sorting orders all items, where a heap of k of them looks at each once.",
    same=BUILTIN,
    differs="with NaN",
    pair=functions("values, nsmallest", RANDOM + "from heapq import nsmallest\n",
                   "result = sorted(values)[:5]", "result = nsmallest(5, values)", steps="1"),
    find=find_sorted_few,
    rewrite=rewrite_sorted_few,
    grows=True,
)


# -- items.append(x), items.sort()


def find_append_sort(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("sort", 0):
        owner, statement = call.func.value, facts.parents[call]
        if not isinstance(statement, ast.Expr) or not facts.repeats(call):
            continue
        before = facts.before(statement)
        added = before.value if isinstance(before, ast.Expr) else None
        if isinstance(added, ast.Call) and isinstance(added.func, ast.Attribute):
            one = added.func.attr == "append" and len(added.args) == 1 and not added.keywords
            if one and same_text(added.func.value, owner):
                name = facts.label(owner)
                yield facts.match(APPEND_SORT, call, (
                    f"{name} is sorted again for each item: bisect.insort puts it in its place"),
                    size=f"len({name})")


def rewrite_append_sort(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    statement = facts.parents[call]
    before = facts.before(statement)
    owner = call.func.value
    if not isinstance(owner, ast.Name) or uses(before.value.args[0], owner.id):
        return None
    if facts.kind(owner) != "list" or not starts_empty(facts, owner):
        return None
    insort, edits = imported(facts, "bisect", "insort")
    text = f"{insort}({owner.id}, {element(facts, before.value.args[0])})"
    return [*edits, replace(facts, before, text, statement)]


def starts_empty(facts: Facts, name: ast.Name) -> bool:
    """Whether a list is empty before, so that it is in order: nothing else may add to it."""
    scope = facts.scope(name)
    bound = scope.bindings.get(name.id, [])
    values = [getattr(facts.parents[b], "value", None) for b in bound]
    empty = [isinstance(v, ast.List) and not v.elts for v in values]
    adders = [
        use for use in scope.loads.get(name.id, ())
        if isinstance(facts.parents[use], ast.Attribute)
        and facts.parents[use].attr in ("append", "insert", "extend", "reverse")
    ]
    return bool(empty) and all(empty) and len(adders) == 1 and not scope.captured(name.id)


APPEND_SORT = Rule(
    id="append-sort",
    title="items.append(x); items.sort() in a loop -> bisect.insort",
    why="Sorting looks at all items again, though one of them is new.",
    same=BUILTIN,
    differs="with items that cannot all be compared, such as NaN",
    pair=functions("values, insort", RANDOM + "from bisect import insort\n", """
        result = []
        for x in values:
            result.append(x)
            result.sort()
        """, """
        result = []
        for x in values:
            insort(result, x)
        """, sizes=(10, 100, 1000)),
    find=find_append_sort,
    rounds=True,
    rewrite=rewrite_append_sort,
    grows=True,
)


# -- m = min(items), items.remove(m)


def find_min_remove(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("remove", 1):
        owner, item = call.func.value, call.args[0]
        loops = facts.loops(call)
        if not loops or not isinstance(item, ast.Name):
            continue
        for node in ast.walk(loops[0]):
            if not isinstance(node, ast.Assign) or len(node.targets) != 1:
                continue
            value = node.value
            least = isinstance(value, ast.Call) and facts.resolve(value.func) == "builtins.min"
            if least and same_text(node.targets[0], item) and value.args and same_text(
                    value.args[0], owner):
                name = facts.label(owner)
                yield facts.match(MIN_REMOVE, call, (
                    f"the least of {name} is looked for, and then its place, in all of it: "
                    "heapq keeps it in front"), size=f"len({name})")
                break


MIN_REMOVE = Rule(
    id="min-remove",
    title="m = min(items); items.remove(m) -> heapq.heappop",
    why="Each step goes through all items twice; a heap finds the least in log n steps.",
    same=DIFFERS,
    differs="of equal items another may come first; the list is in another order meanwhile",
    pair=functions("values, heapify, heappop", RANDOM + "from heapq import heapify, heappop\n", """
        waiting = list(values)
        result = []
        while waiting:
            least = min(waiting)
            waiting.remove(least)
            result.append(least)
        """, """
        waiting = list(values)
        heapify(waiting)
        result = []
        while waiting:
            result.append(heappop(waiting))
        """, sizes=(3, 10, 100, 1000)),
    find=find_min_remove,
    rounds=True,
    grows=True,
)


# -- keys


def find_cmp(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("functools.cmp_to_key"):
        yield facts.match(CMP_TO_KEY, call, (
            "a comparison is called for each pair that sort looks at: give it a key, called once "
            "for each item"))


CMP_TO_KEY = Rule(
    id="cmp-to-key",
    title="sort(key=cmp_to_key(f)) -> sort(key=g)",
    why="Sorting n items compares them about n * log n times, each a call of a Python function.",
    same=DIFFERS,
    differs="the key must order as the comparison does",
    pair=functions("values, by, cmp_to_key", RANDOM + """
    from functools import cmp_to_key
    def by(a, b):
        return (a > b) - (a < b)
    """, "result = sorted(values, key=cmp_to_key(by))", "result = sorted(values)", steps="1"),
    find=find_cmp,
    callees=True,
    part=LINE,
)

SORTERS = ("builtins.sorted", "builtins.min", "builtins.max", "itertools.groupby")


def find_lambda_key(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.keyword):
        if node.arg != "key" or not lambda_getter(node.value):
            continue
        call = facts.parents[node]
        method = isinstance(call.func, ast.Attribute) and call.func.attr == "sort"
        if method or facts.resolve(call.func) in SORTERS:
            yield facts.match(LAMBDA_KEY, node.value, (
                f"{facts.label(node.value)} is a call of a Python function for each item: "
                f"operator.{lambda_getter(node.value)[0]} is one in C"))


def lambda_getter(node: ast.AST) -> tuple[str, str] | None:
    """The function of operator, and its argument, that does what a lambda does."""
    if not isinstance(node, ast.Lambda) or len(node.args.args) != 1 or node.args.defaults:
        return None
    if node.args.vararg or node.args.kwarg or node.args.kwonlyargs or node.args.posonlyargs:
        return None
    name, body = node.args.args[0].arg, node.body
    if isinstance(body, ast.Subscript) and isinstance(body.value, ast.Name):
        key = body.slice
        if isinstance(key, ast.UnaryOp):
            key = key.operand
        if body.value.id == name and isinstance(key, ast.Constant):
            return "itemgetter", ast.unparse(body.slice)
    if isinstance(body, ast.Attribute) and isinstance(body.value, ast.Name):
        if body.value.id == name and not body.attr.startswith("__"):
            return "attrgetter", repr(body.attr)
    return None


def rewrite_lambda_key(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    function, argument = lambda_getter(node)
    name, edits = imported(facts, "operator", function)
    return [*edits, replace(facts, node, f"{name}({argument})")]


LAMBDA_KEY = Rule(
    id="lambda-key",
    title="key=lambda t: t[1] -> operator.itemgetter(1)",
    why="A lambda is a call of a Python function for each item; itemgetter is none.",
    same=BUILTIN,
    differs="names of a class that begin with two underscores are another matter",
    pair=functions("pairs, itemgetter", RANDOM + """
    from operator import itemgetter
    pairs = list(enumerate(values))
    """, "result = sorted(pairs, key=lambda t: t[1])", "result = sorted(pairs, key=itemgetter(1))",
        steps="1"),
    find=find_lambda_key,
    rewrite=rewrite_lambda_key,
    callees=True,
)


# -- list(x)[0]


def find_list_first(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Subscript):
        first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
        call = node.value
        if first and isinstance(node.ctx, ast.Load) and facts.is_call(call, "builtins.list", 1):
            yield facts.match(LIST_FIRST, node, (
                f"{facts.label(call)} is made for its first item: next(iter(...)) takes it"),
                size=f"len({facts.label(call.args[0])})")


def rewrite_list_first(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    return [replace(facts, node, f"next(iter({element(facts, node.value.args[0])}))")]


LIST_FIRST = Rule(
    id="list-first",
    title="list(xs)[0] -> next(iter(xs))",
    why="All items are copied for one of them.",
    same=DIFFERS,
    differs="an empty xs raises StopIteration, not IndexError; an iterator is not used up",
    pair=functions("table", "table = {i: i for i in range(n)}", "result = list(table)[0]",
                   "result = next(iter(table))", steps="1"),
    find=find_list_first,
    rewrite=rewrite_list_first,
    grows=True,
)


RULES = (SORTED_FIRST, SORTED_FEW, APPEND_SORT, MIN_REMOVE, CMP_TO_KEY, LAMBDA_KEY, LIST_FIRST)
