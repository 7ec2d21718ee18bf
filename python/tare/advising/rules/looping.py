"""Loops: indices, counters, and what is done in each round though once would do."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tare.advising.editing import (
    add_before,
    alone,
    changes,
    complete,
    drop,
    element,
    fresh,
    is_truth,
    last_assignment,
    operand,
    replace,
    replace_whole,
    same_text,
    single_loop,
    stores,
    used_after,
    uses,
)
from tare.advising.facts import Facts, names_in
from tare.advising.model import BUILTIN, DIFFERS, LOOP, SAME, Edit, Match, Rule, functions

SEQUENCES = ("list", "tuple", "str", "bytes")
ITEMS = "items = list(range(n))"
LEFT_OUT = "a class of one's own may have items and no order of them"


# -- list(map(lambda x: ..., xs))


def find_map(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("builtins.list", "builtins.set"):
        if len(call.args) != 1 or call.keywords:
            continue
        inner = call.args[0]
        if facts.is_call(inner, "builtins.map", 2) or facts.is_call(inner, "builtins.filter", 2):
            if plain_lambda(inner.args[0]):
                yield facts.match(MAP_LAMBDA, call, (
                    f"{inner.func.id} calls the lambda for each item: a comprehension has its "
                    "expression inside"), size=f"len({facts.label(inner.args[1])})")


def plain_lambda(node: ast.AST) -> bool:
    if not isinstance(node, ast.Lambda):
        return False
    given = node.args
    other = (given.vararg or given.kwarg or given.kwonlyargs or given.defaults
             or given.posonlyargs)
    return len(given.args) == 1 and not other


def rewrite_map(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    inner = call.args[0]
    function, items = inner.args
    name, body = function.args.args[0].arg, facts.text(function.body)
    if any(isinstance(n, (ast.Lambda, ast.NamedExpr)) for n in ast.walk(function.body)):
        return None
    if isinstance(items, ast.Starred) or class_level(facts, call):
        return None
    over = comprehended_iter(facts, items)
    if inner.func.id == "map":
        body = f"({body})" if isinstance(function.body, ast.Tuple) and body[0] != "(" else body
        text = f"{body} for {name} in {over}"
    else:
        test = f"({body})" if isinstance(function.body, (ast.IfExp, ast.Tuple)) else body
        text = f"{name} for {name} in {over} if {test}"
    opening, closing = "[]" if call.func.id == "list" else "{}"
    return [replace(facts, call, f"{opening}{text}{closing}")]


def class_level(facts: Facts, node: ast.AST) -> bool:
    """Whether a comprehension would stand in a class body, whose names it does not see."""
    return isinstance(facts.scope(node).node, ast.ClassDef)


def comprehended_iter(facts: Facts, node: ast.expr) -> str:
    text = facts.text(node)
    weak = isinstance(node, (ast.IfExp, ast.Lambda, ast.NamedExpr))
    return f"({text})" if weak and not text.startswith("(") else text


MAP_LAMBDA = Rule(
    id="map-lambda",
    title="list(map(lambda x: e, xs)) -> [e for x in xs]",
    why="Each item costs a call of the lambda, where a comprehension only has its expression.",
    same=BUILTIN,
    differs="a lambda that is kept sees its names later",
    pair=functions("items", ITEMS, "result = list(map(lambda x: x + 1, items))",
                   "result = [x + 1 for x in items]", steps="1"),
    find=find_map,
    rewrite=rewrite_map,
    callees=True,
)


# -- folklore on comprehensions


def comprehension_call(facts: Facts, call: ast.Call) -> ast.ListComp | None:
    """The list comprehension that is all a call is given."""
    one = len(call.args) == 1 and not call.keywords
    return call.args[0] if one and isinstance(call.args[0], ast.ListComp) else None


def unbracketed(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    text = facts.text(call.args[0])
    return [replace(facts, call.args[0], f"({text[1:-1].strip()})")]


def find_any(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("builtins.any", "builtins.all"):
        if comprehension_call(facts, call):
            yield facts.match(ANY_LIST, call, (
                f"{call.func.id} gets a list of all answers, though one may be enough: a generator "
                "stops there"))


ANY_LIST = Rule(
    id="any-list",
    title="any([f(x) for x in xs]) -> any(f(x) for x in xs)",
    why="The list is made whole before any looks at it; a generator stops at the first hit.",
    same=DIFFERS,
    differs="what f does besides is not done for the items after the first hit",
    pair=functions("items, half", ITEMS + "\nhalf = n // 2",
                   "result = any([x == half for x in items])",
                   "result = any(x == half for x in items)", steps="1"),
    find=find_any,
    rewrite=unbracketed,
)


def find_sum(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("builtins.sum", "builtins.min", "builtins.max"):
        if comprehension_call(facts, call):
            yield facts.match(SUM_LIST, call, (
                f"{call.func.id} needs no list: a generator saves its memory"))


SUM_LIST = Rule(
    id="sum-list",
    title="sum([f(x) for x in xs]) -> sum(f(x) for x in xs)",
    why="No list is made; but a generator is resumed for each item, which mostly costs more.",
    same=BUILTIN,
    differs="an exception comes after some items are summed",
    pair=functions("items", ITEMS, "result = sum([x * x for x in items])",
                   "result = sum(x * x for x in items)", steps="1"),
    find=find_sum,
    rewrite=unbracketed,
    folklore=True,
)


def find_len(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("builtins.len"):
        found = comprehension_call(facts, call)
        if found and any(g.ifs for g in found.generators):
            yield facts.match(LEN_LIST, call, (
                "a list is made to be counted: sum(1 for ...) makes none"))


LEN_LIST = Rule(
    id="len-list",
    title="len([x for x in xs if c]) -> sum(1 for x in xs if c)",
    why="No list is made; but a generator is resumed for each item, which mostly costs more.",
    same=SAME,
    differs="",
    pair=functions("items", ITEMS, "result = len([x for x in items if x & 1])",
                   "result = sum(1 for x in items if x & 1)", steps="1"),
    find=find_len,
    folklore=True,
)


def find_str_comprehension(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.ListComp):
        generator = node.generators[0]
        plain = len(node.generators) == 1 and not generator.ifs and not generator.is_async
        if plain and isinstance(node.elt, ast.Call) and len(node.elt.args) == 1:
            one = node.elt
            if not one.keywords and same_text(one.args[0], generator.target):
                if facts.resolve(one.func) in ("builtins.str", "builtins.int", "builtins.float"):
                    yield facts.match(COMPREHENSION_MAP, node, (
                        f"each item costs a look-up of {one.func.id}: map looks it up once"))


def rewrite_comprehension(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    items = element(facts, node.generators[0].iter)
    return [replace(facts, node, f"list(map({node.elt.func.id}, {items}))")]


COMPREHENSION_MAP = Rule(
    id="comprehension-map",
    title="[str(x) for x in xs] -> list(map(str, xs))",
    why="map calls without looking names up; but the interpreter calls a known type quicker.",
    same=SAME,
    differs="",
    pair=functions("items", ITEMS, "result = [str(x) for x in items]",
                   "result = list(map(str, items))", steps="1"),
    find=find_str_comprehension,
    rewrite=rewrite_comprehension,
    folklore=True,
)


# -- for i in range(len(items))


def indexed(facts: Facts, loop: ast.AST) -> ast.Name | None:
    """The sequence of: for i in range(len(items))."""
    if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name):
        return None
    if not facts.is_call(loop.iter, "builtins.range", 1):
        return None
    length = loop.iter.args[0]
    if facts.is_call(length, "builtins.len", 1) and isinstance(length.args[0], ast.Name):
        return length.args[0]
    return None


def index_uses(facts: Facts, loop: ast.For, name: str) -> tuple[list[ast.Subscript], int]:
    """items[i] in the body, and how often i is used otherwise."""
    index = loop.target.id
    reads, other = [], 0
    for statement in loop.body:
        for use in uses(statement, index):
            parent = facts.parents[use]
            item = isinstance(parent, ast.Subscript) and parent.slice is use
            if item and isinstance(parent.value, ast.Name) and parent.value.id == name:
                reads.append(parent)
            else:
                other += 1
    return reads, other


def find_range_len(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        items = indexed(facts, loop)
        if items is None or facts.kind(items) not in SEQUENCES:
            continue
        reads, other = index_uses(facts, loop, items.id)
        changed = any(changes(facts, items.id, s) or stores(s, loop.target.id) for s in loop.body)
        if reads and not other and not changed:
            yield facts.match(RANGE_LEN, loop, (
                f"{loop.target.id} is only used as an index of {items.id}: loop over {items.id} "
                "itself"), size=f"len({items.id})", loop=loop)


def rewrite_range_len(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    items = indexed(facts, loop)
    reads, _ = index_uses(facts, loop, items.id)
    scope = facts.scope(loop)
    if facts.owner(items.id, loop) is not scope or scope.captured(items.id):
        return None
    if used_after(facts, loop, loop.target.id):
        return None
    item = fresh(facts, f"{items.id}_{loop.target.id}")
    return [
        replace(facts, loop.target, item),
        replace(facts, loop.iter, items.id),
        *(replace(facts, read, item) for read in reads),
    ]


RANGE_LEN = Rule(
    id="range-len",
    title="for i in range(len(xs)): xs[i] -> for x in xs",
    why="Each round makes a number and looks an item up, where the loop could give the item.",
    same=BUILTIN,
    differs=LEFT_OUT,
    pair=functions("items", ITEMS, """
        result = 0
        for i in range(len(items)):
            result += items[i]
        """, """
        result = 0
        for x in items:
            result += x
        """),
    find=find_range_len,
    rewrite=rewrite_range_len,
    part=LOOP,
)


def find_range_enumerate(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        items = indexed(facts, loop)
        if items is not None and facts.kind(items) in SEQUENCES:
            reads, other = index_uses(facts, loop, items.id)
            changed = any(changes(facts, items.id, s) for s in loop.body)
            if reads and other and not changed:
                yield facts.match(RANGE_ENUMERATE, loop, (
                    f"{items.id}[{loop.target.id}] looks up what enumerate({items.id}) gives"),
                    size=f"len({items.id})", loop=loop)


RANGE_ENUMERATE = Rule(
    id="range-enumerate",
    title="for i in range(len(xs)): i, xs[i] -> for i, x in enumerate(xs)",
    why="enumerate gives index and item; but it makes a pair, which mostly costs as much.",
    same=BUILTIN,
    differs=LEFT_OUT,
    pair=functions("items", ITEMS, """
        result = 0
        for i in range(len(items)):
            result += i * items[i]
        """, """
        result = 0
        for i, x in enumerate(items):
            result += i * x
        """),
    find=find_range_enumerate,
    part=LOOP,
    folklore=True,
)


# -- while i < n


def counted(facts: Facts, loop: ast.AST) -> tuple[str, ast.expr] | None:
    """The name and the limit of: while i < limit: ...; i += 1, where nothing else changes them."""
    if not isinstance(loop, ast.While) or loop.orelse or len(loop.body) < 2:
        return None
    test, last = loop.test, loop.body[-1]
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(
            test.ops[0], ast.Lt) or not isinstance(test.left, ast.Name):
        return None
    name, limit = test.left.id, test.comparators[0]
    step = isinstance(last, ast.AugAssign) and isinstance(last.op, ast.Add) and isinstance(
        last.value, ast.Constant) and last.value.value == 1 and type(last.value.value) is int
    if not step or not isinstance(last.target, ast.Name) or last.target.id != name:
        return None
    body = ast.Module(loop.body[:-1], [])
    if stores(body, name) or any(isinstance(n, ast.Continue) for n in ast.walk(body)):
        return None
    return (name, limit) if is_steady(facts, limit, loop) else None


def is_steady(facts: Facts, limit: ast.expr, loop: ast.AST) -> bool:
    """An integer that a loop does not change: a constant, a name, or the length of a name."""
    if isinstance(limit, ast.Name):
        local = facts.owner(limit.id, limit) is facts.scope(limit)
        return local and facts.kind(limit) == "int" and not stores(loop, limit.id)
    if facts.is_call(limit, "builtins.len", 1) and isinstance(limit.args[0], ast.Name):
        items = limit.args[0]
        local = facts.owner(items.id, items) is facts.scope(items)
        known = local and facts.kind(items) in SEQUENCES
        return known and not any(changes(facts, items.id, s) for s in loop.body)
    return isinstance(limit, ast.Constant) and type(limit.value) is int


def find_while(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.While):
        found = counted(facts, loop)
        if found:
            yield facts.match(WHILE_COUNTER, loop, (
                f"{found[0]} is compared and added to by hand: for {found[0]} in range(...) does "
                "both"), size=facts.label(found[1]), loop=loop)


def rewrite_while(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    name, limit = counted(facts, loop)
    scope = facts.scope(loop)
    if facts.kind(loop.test.left) != "int" or name in scope.foreign or scope.captured(name):
        return None
    if scope.parent is None or used_after(facts, loop, name) and not restarts(facts, loop, name):
        return None
    last = loop.body[-1]
    head = replace(facts, loop.test, f"{name} in range({name}, {facts.text(limit)})")
    head = type(head)(loop.lineno, head.start_col - len("while "), head.end_line, head.end_col,
                      f"for {head.text}")
    line = facts.lines[loop.lineno - 1]
    if line[head.start_col : head.start_col + 6] != "while ":
        return None
    return complete(head, drop(facts, last)) if alone(facts, last) else None


def restarts(facts: Facts, loop: ast.While, name: str) -> bool:
    """Whether the only reader of the name outside is the statement `name = constant` before."""
    inside = set(map(id, ast.walk(loop)))
    return all(id(use) in inside for use in facts.scope(loop).loads.get(name, ()))


WHILE_COUNTER = Rule(
    id="while-counter",
    title="while i < n: ...; i += 1 -> for i in range(n)",
    why="Comparing and adding are steps of the interpreter, where range does both in C.",
    same=BUILTIN,
    differs="i ends at n - 1, not at n",
    pair=functions("n", "", """
        result = 0
        i = 0
        while i < n:
            result += i
            i += 1
        """, """
        result = 0
        i = 0
        for i in range(i, n):
            result += i
        """),
    find=find_while,
    rewrite=rewrite_while,
    part=LOOP,
)


# -- while i < len(items)


def find_len_while(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.While):
        for call in ast.walk(loop.test):
            if not facts.is_call(call, "builtins.len", 1) or not isinstance(call.args[0], ast.Name):
                continue
            items = call.args[0]
            steady = not any(changes(facts, items.id, s) for s in loop.body)
            if steady and facts.kind(items) in SEQUENCES and not counted(facts, loop):
                yield facts.match(LEN_WHILE, loop, (
                    f"len({items.id}) is asked in each round, and stays the same: ask once"),
                    size=f"len({items.id})", loop=loop)
                break


def rewrite_len_while(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    call = next(c for c in ast.walk(loop.test) if facts.is_call(c, "builtins.len", 1)
                and isinstance(c.args[0], ast.Name)
                and not any(changes(facts, c.args[0].id, s) for s in loop.body))
    name = call.args[0].id
    scope = facts.scope(loop)
    if facts.owner(name, loop) is not scope or scope.captured(name):
        return None
    length = fresh(facts, f"{name}_length")
    return complete(add_before(facts, loop, f"{length} = len({name})"),
                    replace(facts, call, length))


LEN_WHILE = Rule(
    id="len-in-while",
    title="while i < len(xs) -> n = len(xs); while i < n",
    why="len is looked up and called in each round.",
    same=BUILTIN,
    differs="where the loop makes xs longer or shorter by another name",
    pair=functions("items", ITEMS, """
        result = 0
        i = 0
        while i < len(items):
            result += 1
            i += 2
        """, """
        result = 0
        i = 0
        length = len(items)
        while i < length:
            result += 1
            i += 2
        """, steps="max(1, n // 2)"),
    find=find_len_while,
    rewrite=rewrite_len_while,
    part=LOOP,
)


# -- total = 0; for x in xs: total += x


def summed(loop: ast.AST) -> ast.Name | None:
    if not single_loop(loop) or len(loop.body) != 1 or not isinstance(loop.target, ast.Name):
        return None
    body = loop.body[0]
    added = isinstance(body, ast.AugAssign) and isinstance(body.op, ast.Add)
    if added and isinstance(body.target, ast.Name) and isinstance(body.value, ast.Name):
        if body.value.id == loop.target.id != body.target.id:
            return body.target
    return None


def find_hand_sum(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        total = summed(loop)
        if total is not None and starts_as_number(facts, total, loop):
            yield facts.match(HAND_SUM, loop, (
                f"the loop only adds up: sum({facts.label(loop.iter)}, {total.id})"),
                size=f"len({facts.label(loop.iter)})", loop=loop)


def starts_as_number(facts: Facts, total: ast.Name, loop: ast.For) -> bool:
    first = last_assignment(facts, loop, total.id)
    return first is not None and facts.kind(first.value) in ("int", "float")


def rewrite_hand_sum(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    total = summed(loop)
    if used_after(facts, loop, loop.target.id) or total.id in names_in(loop.iter):
        return None
    items = element(facts, loop.iter)
    return [replace_whole(facts, loop, f"{total.id} = sum({items}, {total.id})")]


HAND_SUM = Rule(
    id="hand-sum",
    title="for x in xs: total += x -> total = sum(xs, total)",
    why="sum adds in C, without a step of the interpreter for each item.",
    same=DIFFERS,
    differs="from 3.12 on, sum of floats is rounded better than adding one by one",
    pair=functions("items", ITEMS, """
        result = 0
        for x in items:
            result += x
        """, """
        result = 0
        result = sum(items, result)
        """),
    find=find_hand_sum,
    rewrite=rewrite_hand_sum,
    part=LOOP,
)


# -- len(x) == 0


def find_len_zero(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Compare):
        if len(node.ops) != 1 or not facts.is_call(node.left, "builtins.len", 1):
            continue
        other = node.comparators[0]
        zero = isinstance(other, ast.Constant) and type(other.value) is int and other.value == 0
        if zero and isinstance(node.ops[0], (ast.Eq, ast.Gt, ast.NotEq)) and is_truth(facts, node):
            if facts.kind(node.left.args[0]) in (*SEQUENCES, "dict", "set", "deque"):
                name = facts.label(node.left.args[0])
                yield facts.match(LEN_ZERO, node, (
                    f"len is looked up and called to know whether {name} is empty: {name} itself "
                    "says so"))


def rewrite_len_zero(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    what = operand(facts, node.left.args[0])
    text = f"(not {what})" if isinstance(node.ops[0], ast.Eq) else what
    return [replace(facts, node, text)]


LEN_ZERO = Rule(
    id="len-zero",
    title="if len(xs) == 0 -> if not xs",
    why="len is looked up and called, and a number compared, for what one instruction asks.",
    same=BUILTIN,
    differs="a class may have a truth of its own",
    pair=functions("items, n", ITEMS, """
        result = 0
        for i in range(n):
            if len(items) == 0:
                result += 1
        """, """
        result = 0
        for i in range(n):
            if not items:
                result += 1
        """, sizes=(1000,)),
    find=find_len_zero,
    rewrite=rewrite_len_zero,
)


def find_chain(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.BoolOp):
        if not isinstance(node.op, ast.And) or len(node.values) != 2:
            continue
        first, second = node.values
        if all(isinstance(v, ast.Compare) and len(v.ops) == 1 for v in node.values):
            same = same_text(first.comparators[0], second.left)
            if same and isinstance(second.left, ast.Name):
                yield facts.match(CHAIN, node, (
                    f"{second.left.id} is read twice: a < x < b reads it once"))


CHAIN = Rule(
    id="chained-comparison",
    title="a < x and x < b -> a < x < b",
    why="x is read once; but keeping it between the two comparisons costs as much.",
    same=SAME,
    differs="",
    pair=functions("items", ITEMS, """
        result = 0
        for x in items:
            if 10 < x and x < 500:
                result += 1
        """, """
        result = 0
        for x in items:
            if 10 < x < 500:
                result += 1
        """),
    find=find_chain,
    folklore=True,
)


RULES = (MAP_LAMBDA, ANY_LIST, SUM_LIST, LEN_LIST, COMPREHENSION_MAP, RANGE_LEN, RANGE_ENUMERATE,
         WHILE_COUNTER, LEN_WHILE, HAND_SUM, LEN_ZERO, CHAIN)
