"""Small things that hot lines are full of: built-in functions, copies, pieces one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tare.advising.editing import (
    element,
    is_simple,
    operand,
    replace,
    replace_whole,
    same_text,
    single_loop,
    used_after,
)
from tare.advising.facts import Facts
from tare.advising.model import BUILTIN, DIFFERS, LOOP, SAME, Edit, Match, Rule, functions

ITEMS = "items = list(range(n))"


# -- max(a, b)


def find_of_two(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("builtins.max", "builtins.min"):
        two = len(call.args) == 2 and not call.keywords
        if two and all(is_cheap(a) for a in call.args) and not_arrays(facts, call):
            yield facts.match(OF_TWO, call, (
                f"{call.func.id} of two is a call that goes through its arguments: a comparison "
                "does it in place"))


def is_cheap(node: ast.expr) -> bool:
    """What may be evaluated twice; an attribute may be a property."""
    attributes = any(isinstance(n, ast.Attribute) for n in ast.walk(node))
    return is_simple(node) and not attributes


def not_arrays(facts: Facts, call: ast.Call) -> bool:
    return all(facts.kind(a) != "array" for a in call.args)


def rewrite_of_two(match: Match, source: str) -> list[Edit] | None:
    """Of equal ones the first, as max and min do; and so with NaN."""
    facts, call = match.facts, match.node
    first, second = (facts.text(a) for a in call.args)
    sign = ">" if call.func.id == "max" else "<"
    return [replace(facts, call, f"({second} if {second} {sign} {first} else {first})")]


OF_TWO = Rule(
    id="max-of-two",
    title="max(a, b) -> b if b > a else a",
    why="A function is looked up and called, and looks at its arguments as it would at many.",
    same=SAME,
    differs="",
    pair=functions("items", ITEMS, """
        result = 0
        for x in items:
            result = max(result, x)
        """, """
        result = 0
        for x in items:
            result = (x if x > result else result)
        """, sizes=(1000,)),
    find=find_of_two,
    rewrite=rewrite_of_two,
)


def find_of_three(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("builtins.max", "builtins.min"):
        if len(call.args) == 3 and not call.keywords:
            if all(isinstance(a, (ast.Name, ast.Constant)) for a in call.args):
                yield facts.match(OF_THREE, call, (
                    f"{call.func.id} of three is a call that goes through its arguments: two "
                    "comparisons do it in place"))


def rewrite_of_three(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    first, second, third = (facts.text(a) for a in call.args)
    sign = ">" if call.func.id == "max" else "<"
    best = f"({second} if {second} {sign} {first} else {first})"
    return [replace(facts, call, f"({third} if {third} {sign} {best} else {best})")]


OF_THREE = Rule(
    id="max-of-three",
    title="max(a, b, c) -> comparisons in place",
    why="A function is looked up and called, and looks at its arguments as it would at many.",
    same=SAME,
    differs="",
    pair=functions("items", ITEMS, """
        result = 0
        for x in items:
            y = x - 2
            result = max(y, result, x)
        """, """
        result = 0
        for x in items:
            y = x - 2
            result = (x if x > (result if result > y else y) else (result if result > y else y))
        """, sizes=(1000,)),
    find=find_of_three,
    rewrite=rewrite_of_three,
)


# -- for x in xs: yield x


def find_yield(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        if single_loop(loop) and len(loop.body) == 1 and yields_target(loop):
            items = facts.label(loop.iter)
            yield facts.match(YIELD_FROM, loop, (
                f"each item is resumed for by hand: yield from {items}"),
                size=f"len({items})", loop=loop)


def yields_target(loop: ast.For) -> bool:
    body = loop.body[0]
    one = body.value if isinstance(body, ast.Expr) else None
    plain = isinstance(one, ast.Yield) and isinstance(one.value, ast.Name)
    return plain and isinstance(loop.target, ast.Name) and one.value.id == loop.target.id


def rewrite_yield(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    if isinstance(facts.function(loop), ast.AsyncFunctionDef):
        return None
    if used_after(facts, loop, loop.target.id):
        return None
    return [replace_whole(facts, loop, f"yield from {element(facts, loop.iter)}")]


YIELD_FROM = Rule(
    id="yield-from",
    title="for x in xs: yield x -> yield from xs",
    why="The interpreter hands the items on itself; but that mostly costs as much as the loop.",
    same=DIFFERS,
    differs="what is sent or thrown into the generator reaches xs",
    pair=functions("generators, items", ITEMS + """
def loop(items):
    for x in items:
        yield x
def whole(items):
    yield from items
generators = (loop, whole)
""", "result = sum(generators[0](items))", "result = sum(generators[1](items))"),
    find=find_yield,
    rewrite=rewrite_yield,
    part=LOOP,
    folklore=True,
)


# -- [x for x in xs]


def find_copied(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.ListComp, ast.SetComp):
        generator = node.generators[0]
        single = len(node.generators) == 1 and not generator.ifs and not generator.is_async
        if single and isinstance(node.elt, ast.Name) and same_text(node.elt, generator.target):
            name = type_of(node)
            yield facts.match(COMPREHENSION_COPY, node, (
                f"the comprehension only copies {facts.label(generator.iter)}: {name}(...) does it "
                "in C"), size=f"len({facts.label(generator.iter)})")


def type_of(node: ast.ListComp | ast.SetComp) -> str:
    return "list" if isinstance(node, ast.ListComp) else "set"


def rewrite_copied(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    name = type_of(node)
    if facts.owner(name, node) is not None or facts.has_star:
        return None
    return [replace(facts, node, f"{name}({element(facts, node.generators[0].iter)})")]


COMPREHENSION_COPY = Rule(
    id="comprehension-copy",
    title="[x for x in xs] -> list(xs)",
    why="The interpreter takes and appends each item, where list copies them in one step.",
    same=BUILTIN,
    differs="list asks xs for its length first",
    pair=functions("items", ITEMS, "result = [x for x in items]", "result = list(items)",
                   sizes=(3, 10, 100, 1000, 10000), steps="1"),
    find=find_copied,
    rewrite=rewrite_copied,
)


# -- copy.copy(x)

COPIED = ("list", "dict", "set", "deque", "bytearray", "defaultdict", "OrderedDict", "Counter")


def find_copy(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("copy.copy"):
        if len(call.args) == 1 and not call.keywords:
            what = facts.label(call.args[0])
            yield facts.match(COPY, call, (
                f"copy.copy asks in Python how {what} is copied: where that is a list, a dict or "
                "a set, its method copy() is the way"), size=f"len({what})")


def rewrite_copy(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    if facts.kind(call.args[0]) not in COPIED:
        return None
    return [replace(facts, call, f"{operand(facts, call.args[0])}.copy()")]


COPY = Rule(
    id="copy-copy",
    title="copy.copy(items) -> items.copy()",
    why="copy.copy is a Python function that looks the type up in tables of ways to copy.",
    same=BUILTIN,
    differs="a class may have a __copy__ of its own",
    pair=functions("items, copy", "from copy import copy\n" + ITEMS, "result = copy(items)",
                   "result = items.copy()", sizes=(3, 10, 100, 1000), steps="1"),
    find=find_copy,
    rewrite=rewrite_copy,
    callees=True,
    since=(3, 3),
)


# -- if x in found: found.remove(x)


def find_remove(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.If):
        test = node.test
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or node.orelse:
            continue
        if not isinstance(test.ops[0], ast.In) or len(node.body) != 1:
            continue
        call = node.body[0].value if isinstance(node.body[0], ast.Expr) else None
        removes = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and (
            call.func.attr == "remove" and len(call.args) == 1 and not call.keywords)
        if removes and same_text(call.func.value, test.comparators[0]):
            if same_text(call.args[0], test.left) and facts.kind(call.func.value) == "set":
                yield facts.match(DISCARD, node, (
                    f"{facts.label(call.func.value)} is asked twice: discard removes what is "
                    "there, and only that"))


def rewrite_remove(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    call = node.body[0].value
    if not is_simple(call.args[0]) or facts.text(node).startswith("elif"):
        return None
    text = f"{facts.text(call.func.value)}.discard({facts.text(call.args[0])})"
    return [replace_whole(facts, node, text)]


DISCARD = Rule(
    id="remove-if-there",
    title="if x in s: s.remove(x) -> s.discard(x)",
    why="The item is hashed and looked up twice.",
    same=BUILTIN,
    differs="a subclass of set may do otherwise",
    pair=functions("items", ITEMS, """
        left = set(items)
        for x in items:
            if x in left:
                left.remove(x)
        result = len(left)
        """, """
        left = set(items)
        for x in items:
            left.discard(x)
        result = len(left)
        """, sizes=(1000,)),
    find=find_remove,
    rewrite=rewrite_remove,
)


# -- print for each line, read by the character


def find_print(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("builtins.print"):
        statement = facts.parents[call]
        if facts.loops(call) and isinstance(statement, ast.Expr):
            flushed = any(k.arg == "flush" for k in call.keywords)
            if not flushed and len(facts.block(statement)) == 1:
                yield facts.match(PRINT_LINES, call, (
                    "print puts each line together and writes it by itself: join the lines, and "
                    "write once"))


PRINT_LINES = Rule(
    id="print-lines",
    title="print(x) for each line -> one write of them joined",
    why="print writes each argument, separator and end on its own, and looks up where to.",
    same=DIFFERS,
    differs="all is in memory first; when something raises midway, nothing is printed",
    pair=functions("words, StringIO", """
        from io import StringIO
        words = ['w%d' % (i % 97) for i in range(n)]
        """, """
        out = StringIO()
        for w in words:
            print(w, file=out)
        result = out.getvalue()
        """, """
        out = StringIO()
        out.write(''.join([w + '\\n' for w in words]))
        result = out.getvalue()
        """),
    find=find_print,
    since=(3, 0),
)


def find_read(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("read", 1):
        one = isinstance(call.args[0], ast.Constant) and call.args[0].value == 1
        if one and facts.repeats(call) and facts.kind(call.func.value) in (
                "file", "StringIO", "BytesIO"):
            yield facts.match(READ_ONE, call, (
                f"{facts.label(call)} is a call for each character: read many, and go through "
                "them"))


READ_ONE = Rule(
    id="read-by-character",
    title="f.read(1) in a loop -> f.read(), and a loop over that",
    why="Each character costs a call of a method that is made for many.",
    same=DIFFERS,
    differs="all of the file is in memory; another reader of it finds it read",
    pair=functions("text, StringIO", """
        from io import StringIO
        text = u'abcde' * n
        """, """
        stream = StringIO(text)
        result = 0
        while True:
            c = stream.read(1)
            if not c:
                break
            result += c == u'a'
        """, """
        stream = StringIO(text)
        result = 0
        for c in stream.read():
            result += c == u'a'
        """, sizes=(1000,), steps="5 * n"),
    find=find_read,
)


# -- classes made in functions

MAKERS = ("collections.namedtuple", "typing.NamedTuple", "dataclasses.make_dataclass", "enum.Enum")


def find_class(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls(*MAKERS):
        if facts.function(call) is not None:
            yield facts.match(CLASS_IN_FUNCTION, call, (
                f"{facts.label(call.func)} writes and compiles a class each time: make it once, "
                "at the top of the file"))


CLASS_IN_FUNCTION = Rule(
    id="class-in-function",
    title="namedtuple(...) in a function -> once, at the top",
    why="A class is made, and its code compiled, for each call of the function.",
    same=DIFFERS,
    differs="all objects are of one class, where each call had its own",
    pair=functions("namedtuple, Point, n", """
        from collections import namedtuple
        Point = namedtuple('Point', 'x y')
        """, """
        for i in range(n):
            P = namedtuple('Point', 'x y')
            result = tuple(P(i, i))
        """, """
        for i in range(n):
            result = tuple(Point(i, i))
        """, sizes=(10,)),
    find=find_class,
    callees=True,
)


RULES = (OF_TWO, OF_THREE, YIELD_FROM, COMPREHENSION_COPY, COPY, DISCARD, PRINT_LINES, READ_ONE,
         CLASS_IN_FUNCTION)
