"""Dicts that are asked twice for what they could be asked once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tare.advising.editing import (
    changes,
    element,
    fresh,
    is_plain,
    is_simple,
    operand,
    replace,
    same_text,
    uses,
)
from tare.advising.facts import Facts
from tare.advising.model import BUILTIN, DIFFERS, LINE, LOOP, Edit, Match, Rule, functions

DICTS = ("dict", "Counter", "OrderedDict")
ONE_DICT = "a mapping of one's own may answer its methods otherwise"
WORDS = "words = ['w%d' % (i % 97) for i in range(n)]"


# -- d.setdefault(k, []).append(v), if k not in d: d[k] = []


def find_setdefault(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("setdefault", 2):
        if isinstance(call.args[1], (ast.List, ast.Dict)) and empty_display(call.args[1]):
            name = facts.label(call.func.value)
            if facts.kind(call.func.value) in ("dict", ""):
                yield facts.match(SETDEFAULT, call, (
                    f"{name}.setdefault makes an empty container each time, mostly in vain: make "
                    f"{name} a collections.defaultdict"))


def empty_display(node: ast.List | ast.Dict) -> bool:
    return not (node.elts if isinstance(node, ast.List) else node.keys)


SETDEFAULT = Rule(
    id="setdefault",
    title="d.setdefault(k, []).append(v) -> collections.defaultdict(list)",
    why="A container is made for each call, and a method looked up, also when the key is there.",
    same=DIFFERS,
    differs="reading d[k] of a missing key then adds it; the type is a subclass of dict",
    pair=functions("words, defaultdict", f"""
        from collections import defaultdict
        {WORDS}
        """, """
        result = {}
        for w in words:
            result.setdefault(w, []).append(w)
        """, """
        result = defaultdict(list)
        for w in words:
            result[w].append(w)
        result = dict(result)
        """),
    find=find_setdefault,
)


def find_not_in_set(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.If):
        test = node.test
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or node.orelse:
            continue
        if not isinstance(test.ops[0], ast.NotIn) or len(node.body) != 1:
            continue
        body = node.body[0]
        if not isinstance(body, ast.Assign) or len(body.targets) != 1:
            continue
        target, value = body.targets[0], body.value
        empty = isinstance(value, (ast.List, ast.Dict)) and empty_display(value)
        if not empty or not isinstance(target, ast.Subscript):
            continue
        same = same_text(target.value, test.comparators[0])
        if same and same_text(target.slice, test.left):
            name = facts.label(target.value)
            yield facts.match(NOT_IN_SET, node, (
                f"{name} is asked for the key before each use: make {name} a "
                "collections.defaultdict"))


NOT_IN_SET = Rule(
    id="if-not-in-set",
    title="if k not in d: d[k] = [] -> collections.defaultdict(list)",
    why="The key is looked up once more for each use of the dict.",
    same=DIFFERS,
    differs="reading d[k] of a missing key then adds it; the type is a subclass of dict",
    pair=functions("words, defaultdict", f"""
        from collections import defaultdict
        {WORDS}
        """, """
        result = {}
        for w in words:
            if w not in result:
                result[w] = []
            result[w].append(w)
        """, """
        result = defaultdict(list)
        for w in words:
            result[w].append(w)
        result = dict(result)
        """),
    find=find_not_in_set,
)


# -- d[k] if k in d else default


def looked_up(facts: Facts, test: ast.AST, found: ast.AST) -> ast.expr | None:
    """d, of `k in d` and d[k]."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(
            test.ops[0], ast.In):
        return None
    mapping = test.comparators[0]
    if not isinstance(found, ast.Subscript) or not same_text(found.value, mapping):
        return None
    fits = same_text(found.slice, test.left) and is_simple(mapping) and is_simple(test.left)
    return mapping if fits and facts.kind(mapping) in (*DICTS, "defaultdict", "") else None


def find_in_get(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.IfExp):
        mapping = looked_up(facts, node.test, node.body)
        if mapping is not None and is_plain(node.orelse):
            yield facts.match(IN_GET, node, in_get_words(facts, mapping))
    for node in facts.nodes(ast.If):
        if in_get_parts(facts, node) is not None:
            yield facts.match(IN_GET, node, in_get_words(facts, node.test.comparators[0]))


def in_get_words(facts: Facts, mapping: ast.expr) -> str:
    return f"{facts.label(mapping)} is asked twice for the same key: get asks once"


def in_get_parts(facts: Facts, node: ast.If) -> tuple[ast.expr, ast.expr] | None:
    """The target and the default of: if k in d: x = d[k], else: x = default."""
    if len(node.body) != 1 or len(node.orelse) != 1:
        return None
    one, other = node.body[0], node.orelse[0]
    if not isinstance(one, ast.Assign) or not isinstance(other, ast.Assign):
        return None
    if len(one.targets) != 1 or len(other.targets) != 1:
        return None
    same = same_text(one.targets[0], other.targets[0]) and is_simple(one.targets[0])
    plain = is_plain(other.value)
    if same and plain and looked_up(facts, node.test, one.value) is not None:
        return one.targets[0], other.value
    return None


def rewrite_in_get(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    mapping = node.test.comparators[0]
    if facts.kind(mapping) not in (*DICTS, "defaultdict"):
        return None
    default = node.orelse if isinstance(node, ast.IfExp) else in_get_parts(facts, node)[1]
    get = f"{facts.text(mapping)}.get({element(facts, node.test.left)}, {facts.text(default)})"
    if isinstance(node, ast.IfExp):
        return [replace(facts, node, get)]
    if facts.text(node).startswith("elif"):
        return None
    return [replace(facts, node, f"{facts.text(node.body[0].targets[0])} = {get}")]


IN_GET = Rule(
    id="in-then-item",
    title="d[k] if k in d else x -> d.get(k, x)",
    why="The key is hashed and looked up twice.",
    same=BUILTIN,
    differs=ONE_DICT,
    pair=functions("table, keys", """
        table = {i: i for i in range(n)}
        keys = list(range(n))
        """, """
        result = 0
        for k in keys:
            result += table[k] if k in table else 0
        """, """
        result = 0
        for k in keys:
            result += table.get(k, 0)
        """, sizes=(1000,)),
    find=find_in_get,
    rewrite=rewrite_in_get,
)


# -- k in d.keys()


def find_in_keys(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Compare):
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            call = node.comparators[0]
            if is_method(call, "keys"):
                yield facts.match(IN_KEYS, node, (
                    f"{facts.label(call)} makes a view for each question: ask "
                    f"{facts.label(call.func.value)} itself"))


def is_method(call: ast.AST, name: str) -> bool:
    return (
        isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        and call.func.attr == name and not call.args and not call.keywords
    )


def rewrite_in_keys(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node.comparators[0]
    if facts.kind(call.func.value) not in (*DICTS, "defaultdict"):
        return None
    return [replace(facts, call, operand(facts, call.func.value))]


IN_KEYS = Rule(
    id="in-keys",
    title="k in d.keys() -> k in d",
    why="keys() makes a view that is asked once and thrown away.",
    same=BUILTIN,
    differs=ONE_DICT,
    pair=functions("table, keys", """
        table = {i: i for i in range(n)}
        keys = list(range(n))
        """, """
        result = 0
        for k in keys:
            if k in table.keys():
                result += 1
        """, """
        result = 0
        for k in keys:
            if k in table:
                result += 1
        """, sizes=(1000,)),
    find=find_in_keys,
    rewrite=rewrite_in_keys,
)


# -- for k in d: d[k]


def items_read(facts: Facts, loop: ast.For) -> list[ast.Subscript]:
    """d[k] in the body of: for k in d; none when d or k may change in it."""
    name, target = loop.iter, loop.target
    if not isinstance(name, ast.Name) or not isinstance(target, ast.Name):
        return []
    found = []
    for statement in loop.body:
        if changes(facts, name.id, statement) or any(
                not isinstance(u.ctx, ast.Load) for u in uses(statement, target.id)):
            return []
        for node in ast.walk(statement):
            if isinstance(node, ast.Subscript) and same_text(node.value, name):
                if same_text(node.slice, target):
                    found.append(node)
    return found


def find_keys_loop(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        if facts.kind(loop.iter) in DICTS and items_read(facts, loop):
            name = facts.label(loop.iter)
            yield facts.match(KEYS_LOOP, loop, (
                f"{name}[{facts.label(loop.target)}] looks up the key that the loop is at: loop "
                f"over {name}.items()"), size=f"len({name})", loop=loop)


def rewrite_keys_loop(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    scope = facts.scope(loop)
    name = loop.iter.id
    if facts.owner(name, loop) is not scope or scope.captured(name):
        return None
    key = loop.target.id
    value = fresh(facts, f"{key}_value")
    return [
        replace(facts, loop.target, f"{key}, {value}"),
        replace(facts, loop.iter, f"{name}.items()"),
        *(replace(facts, node, value) for node in items_read(facts, loop)),
    ]


KEYS_LOOP = Rule(
    id="keys-then-item",
    title="for k in d: d[k] -> for k, v in d.items()",
    why="The key is hashed and looked up again, though the loop stands at its value.",
    same=BUILTIN,
    differs=ONE_DICT,
    pair=functions("table", "table = {i: i for i in range(n)}", """
        result = 0
        for k in table:
            result += table[k]
        """, """
        result = 0
        for k, v in table.items():
            result += v
        """),
    find=find_keys_loop,
    rewrite=rewrite_keys_loop,
    part=LOOP,
)


# -- for k, _ in d.items()


def unused_half(facts: Facts, loop: ast.For) -> int:
    """0 or 1: which of key and value is never read; -1: both are."""
    target = loop.target
    if not isinstance(target, ast.Tuple) or len(target.elts) != 2:
        return -1
    if not all(isinstance(e, ast.Name) for e in target.elts):
        return -1
    scope = facts.scope(loop)
    unread = [e.id not in scope.loads and not scope.captured(e.id) for e in target.elts]
    return unread.index(True) if unread.count(True) == 1 and scope.parent else -1


def find_items_unused(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        if is_method(loop.iter, "items") and unused_half(facts, loop) >= 0:
            name = facts.label(loop.iter.func.value)
            better = f"{name}.values()" if unused_half(facts, loop) == 0 else name
            yield facts.match(ITEMS_UNUSED, loop, (
                f"half of {name}.items() is not used: loop over {better}"),
                size=f"len({name})", loop=loop)


def rewrite_items_unused(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    owner = loop.iter.func.value
    if facts.kind(owner) not in (*DICTS, "defaultdict"):
        return None
    half = unused_half(facts, loop)
    kept = loop.target.elts[1 - half]
    text = operand(facts, owner) + (".values()" if half == 0 else "")
    return [replace(facts, loop.target, kept.id, loop.target),
            replace(facts, loop.iter, text)]


ITEMS_UNUSED = Rule(
    id="items-unused",
    title="for k, _ in d.items() -> for k in d",
    why="A pair is made and taken apart for each item, and half of it thrown away.",
    same=BUILTIN,
    differs=ONE_DICT,
    pair=functions("table", "table = {i: i for i in range(n)}", """
        result = 0
        for k, _ in table.items():
            result += k
        """, """
        result = 0
        for k in table:
            result += k
        """),
    find=find_items_unused,
    rewrite=rewrite_items_unused,
    part=LOOP,
)


# -- try: x = d[k], except KeyError: x = default


def caught(facts: Facts, node: ast.Try) -> tuple[ast.Assign, ast.expr] | None:
    """The assignment, and the default, of a `try` that does no more."""
    if len(node.body) != 1 or len(node.handlers) != 1 or node.orelse or node.finalbody:
        return None
    handler, one = node.handlers[0], node.body[0]
    if handler.type is None or facts.resolve(handler.type) != "builtins.KeyError" or handler.name:
        return None
    if len(handler.body) != 1:
        return None
    other = handler.body[0]
    if not isinstance(one, ast.Assign) or not isinstance(other, ast.Assign):
        return None
    if len(one.targets) != 1 or len(other.targets) != 1 or not isinstance(one.targets[0], ast.Name):
        return None
    value = one.value
    plain = isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name) and isinstance(
        value.slice, (ast.Name, ast.Constant))
    default = is_plain(other.value)
    if plain and default and same_text(one.targets[0], other.targets[0]):
        return one, other.value
    return None


def find_key_error(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Try):
        found = caught(facts, node)
        if found and facts.kind(found[0].value.value) in (*DICTS, ""):
            yield facts.match(KEY_ERROR, node, (
                f"a missing key of {facts.label(found[0].value.value)} costs an exception: get "
                "with a default costs none"))


def rewrite_key_error(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    one, default = caught(facts, node)
    item = one.value
    if facts.kind(item.value) not in ("dict", "OrderedDict"):
        return None
    text = f"{facts.text(item.value)}.get({facts.text(item.slice)}, {facts.text(default)})"
    return [replace(facts, node, f"{facts.text(one.targets[0])} = {text}")]


KEY_ERROR = Rule(
    id="key-error",
    title="try: x = d[k], except KeyError: x = default -> d.get(k, default)",
    why="An exception that is raised and caught costs as much as many look-ups.",
    same=BUILTIN,
    differs=ONE_DICT + "; it pays where keys are missing",
    pair=functions("table, keys", """
        table = {i: i for i in range(n)}
        keys = list(range(0, 2 * n, 2))
        """, """
        result = 0
        for k in keys:
            try:
                x = table[k]
            except KeyError:
                x = 0
            result += x
        """, """
        result = 0
        for k in keys:
            x = table.get(k, 0)
            result += x
        """, sizes=(1000,)),
    find=find_key_error,
    rewrite=rewrite_key_error,
    part=LINE,
)


RULES = (SETDEFAULT, NOT_IN_SET, IN_GET, IN_KEYS, KEYS_LOOP, ITEMS_UNUSED, KEY_ERROR)
