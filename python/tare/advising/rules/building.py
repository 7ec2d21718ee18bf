"""Lists, strings and bytes that are built, or taken apart, piece by piece."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tare.advising.editing import (
    add_after,
    complete,
    drop,
    element,
    fresh,
    gathering,
    imported,
    is_empty_list,
    replace,
    replace_whole,
    single_loop,
    suspends,
    used_after,
    uses,
)
from tare.advising.facts import Facts, names_in, target_names
from tare.advising.model import BUILTIN, DIFFERS, LOOP, Edit, Match, Rule, functions

ONE_CLASS = "a subclass of list may do otherwise"


# -- insert(0, x)


def find_insert(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("insert", 2):
        where = call.args[0]
        owner = call.func.value
        first = isinstance(where, ast.Constant) and where.value == 0
        if first and facts.kind(owner) == "list" and facts.repeats(call):
            name = facts.label(owner)
            yield facts.match(INSERT_AT_0, call, (
                f"{name}.insert(0, ...) moves every item of the list each time: append, and "
                f"reverse {name} once after the loop"), size=f"len({name})")


def rewrite_insert(match: Match, source: str) -> list[Edit] | None:
    call, facts = match.node, match.facts
    owner = call.func.value
    if not isinstance(owner, ast.Name) or not isinstance(facts.parents[call], ast.Expr):
        return None
    if uses(call.args[1], owner.id):
        return None
    found = gathering(facts, owner, is_empty_list, {owner})
    if found is None:
        return None
    return complete(
        replace(facts, call, f"{owner.id}.append({element(facts, call.args[1])})"),
        add_after(facts, found.loop, f"{owner.id}.reverse()"),
    )


INSERT_AT_0 = Rule(
    id="insert-at-0",
    title="list.insert(0, x) in a loop -> append, then reverse once",
    why="Inserting at the front moves all items that are there, so n insertions cost n * n moves.",
    same=BUILTIN,
    differs=ONE_CLASS,
    pair=functions("items", "items = list(range(n))", """
        result = []
        for x in items:
            result.insert(0, x)
        """, """
        result = []
        for x in items:
            result.append(x)
        result.reverse()
        """),
    find=find_insert,
    rounds=True,
    rewrite=rewrite_insert,
    grows=True,
)


# -- pop(0)


def find_pop(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("pop", 1):
        owner, where = call.func.value, call.args[0]
        first = isinstance(where, ast.Constant) and where.value == 0
        often = facts.repeats(call) or isinstance(owner, ast.Attribute)
        if first and type(where.value) is int and facts.kind(owner) == "list" and often:
            name = facts.label(owner)
            yield facts.match(POP_0, call, (
                f"{name}.pop(0) moves all items that are left: make {name} a collections.deque "
                "and take with popleft()"), size=f"len({name})")
    for node in facts.nodes(ast.Delete):
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Subscript) and facts.repeats(node):
            first = isinstance(target.slice, ast.Constant) and target.slice.value == 0
            if first and facts.kind(target.value) == "list":
                name = facts.label(target.value)
                yield facts.match(POP_0, node, (
                    f"del {name}[0] moves all items that are left: make {name} a "
                    "collections.deque and use popleft()"), size=f"len({name})")


def rewrite_pop(match: Match, source: str) -> list[Edit] | None:
    """Only a list that is made here, and used in ways that a deque knows as well."""
    facts, call = match.facts, match.node
    if not isinstance(call, ast.Call) or not isinstance(call.func.value, ast.Name):
        return None
    name = call.func.value.id
    scope = facts.scope(call)
    bound = scope.bindings.get(name, [])
    values = [facts.parents[b] for b in bound]
    if scope.captured(name) or name in scope.foreign or scope.parent is None:
        return None
    if any(not isinstance(v, ast.Assign) or len(v.targets) != 1 for v in values):
        return None
    if any(facts.kind(v.value) != "list" for v in values):
        return None
    pops = []
    for use in scope.loads.get(name, ()):
        kind = use_of_queue(facts, use)
        if not kind:
            return None
        if kind == "pop":
            pops.append(facts.parents[facts.parents[use]])
    deque, edits = imported(facts, "collections", "deque")
    for value in values:
        text = "" if is_empty_list(value.value) else element(facts, value.value)
        edits.append(replace(facts, value.value, f"{deque}({text})"))
    for pop in pops:
        edits.append(replace(facts, pop, f"{name}.popleft()"))
    return edits


def use_of_queue(facts: Facts, use: ast.Name) -> str:
    """"pop", "other" when a deque does it too, or ""."""
    parent = facts.parents[use]
    if isinstance(parent, ast.Attribute):
        call = facts.parents[parent]
        if not isinstance(call, ast.Call) or call.func is not parent:
            return ""
        if parent.attr in ("append", "extend"):
            return "other"
        if parent.attr == "pop" and len(call.args) == 1 and not call.keywords:
            where = call.args[0]
            return "pop" if isinstance(where, ast.Constant) and where.value == 0 else ""
        return ""
    if isinstance(parent, (ast.While, ast.If)):
        return "other"
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        return "other"
    return "other" if facts.is_call(parent, "builtins.len", 1) else ""


POP_0 = Rule(
    id="pop-0",
    title="list.pop(0) -> collections.deque, popleft()",
    why="Taking the first item moves all others, so emptying a list so costs n * n moves.",
    same=BUILTIN,
    differs="a deque is no list: it has no slices, and is slow in its middle",
    pair=functions("items, deque", """
        from collections import deque
        items = list(range(n))
        """, """
        result = 0
        waiting = list(items)
        while waiting:
            result += waiting.pop(0)
        """, """
        result = 0
        waiting = deque(items)
        while waiting:
            result += waiting.popleft()
        """, sizes=(10, 100, 1000, 10000, 50000)),
    find=find_pop,
    rounds=True,
    rewrite=rewrite_pop,
    grows=True,
)


# -- s += piece

CONSTANT_TEXT = (str, bytes)


def is_constant(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, CONSTANT_TEXT)


def find_added(facts: Facts, kind: str) -> Iterator[tuple[ast.AugAssign, ast.expr, bool]]:
    """x += y in loops, where x is of the kind; and whether x is a name of the function's own."""
    for node in facts.nodes(ast.AugAssign):
        if not isinstance(node.op, ast.Add) or not facts.loops(node):
            continue
        if isinstance(node.target, (ast.Name, ast.Attribute)) and facts.kind(node.target) == kind:
            yield node, node.target, is_fast(facts, node.target)


def is_fast(facts: Facts, target: ast.AST) -> bool:
    """A plain local of a function: CPython then adds to a string in place when it can."""
    if not isinstance(target, ast.Name):
        return False
    scope = facts.scope(target)
    local = scope.parent is not None and not isinstance(scope.node, ast.ClassDef)
    return local and target.id not in scope.foreign and not scope.captured(target.id)


def resets(facts: Facts, node: ast.AugAssign) -> bool:
    """Whether the loop starts the string anew each time: it then stays short."""
    loop = facts.loops(node)[0]
    return any(
        isinstance(n, ast.Assign) and any(ast.dump(t) == ast.dump(node.target) for t in n.targets)
        for n in ast.walk(loop)
    )


def find_append(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node, target, fast in find_added(facts, "str"):
        if fast and not resets(facts, node):
            name = facts.label(target)
            yield facts.match(STR_APPEND, node, (
                f"{name} += ... adds to a string piece by piece: append the pieces to a list and "
                "join them after the loop"), size=f"pieces of {name}")


def find_slow_append(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node, target, fast in find_added(facts, "str"):
        if not fast and not resets(facts, node):
            name = facts.label(target)
            yield facts.match(STR_APPEND_COPY, node, (
                f"{name} += ... copies all of {name} each time, since it is no local name: append "
                "the pieces to a list and join them after the loop"), size=f"pieces of {name}")


def rewrite_append(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    if not isinstance(node.target, ast.Name) or uses(node.value, node.target.id):
        return None
    name = node.target.id
    adds = [n for n in facts.nodes(ast.AugAssign)
            if isinstance(n.op, ast.Add) and isinstance(n.target, ast.Name) and n.target.id == name]
    found = gathering(facts, node.target, is_constant, {n.target for n in adds})
    if found is None:
        return None
    inside = [n for n in adds if any(n is one for one in ast.walk(found.loop))]
    if any(facts.kind(n.value) not in ("str", "") for n in inside):
        return None
    parts = fresh(facts, f"{name}_parts")
    first = "" if found.first.value.value == "" else facts.text(found.first.value)
    joined = "''" if '"' not in facts.text(found.first.value) else '""'
    return complete(
        replace(facts, found.first, f"{parts} = [{first}]"),
        *(replace(facts, n, f"{parts}.append({element(facts, n.value)})") for n in inside),
        add_after(facts, found.loop, f"{name} = {joined}.join({parts})"),
    )


STR_APPEND = Rule(
    id="str-append",
    title="local s += piece in a loop -> list and join",
    why="Each += makes a string that is one piece longer; only sometimes can it be done in place.",
    same=BUILTIN,
    differs="what is no string raises TypeError after the loop, not in it",
    pair=functions("pieces", "pieces = ['w%d' % (i % 97) for i in range(n)]", """
        result = ''
        for piece in pieces:
            result += piece
        """, """
        parts = []
        for piece in pieces:
            parts.append(piece)
        result = ''.join(parts)
        """, sizes=(10, 100, 1000, 10000, 100000)),
    find=find_append,
    rounds=True,
    rewrite=rewrite_append,
)

STR_APPEND_COPY = Rule(
    id="str-append-copy",
    title="self.s += piece, or a global's, in a loop -> list and join",
    why="A string that is no local name is copied whole for each piece, n * n bytes in all.",
    same=BUILTIN,
    differs="who looks at the string before the loop ends sees none of it",
    pair=functions("pieces, Holder", """
        class Holder:
            pass
        pieces = ['w%d' % (i % 97) for i in range(n)]
        """, """
        holder = Holder()
        holder.text = ''
        for piece in pieces:
            holder.text += piece
        result = holder.text
        """, """
        holder = Holder()
        parts = []
        for piece in pieces:
            parts.append(piece)
        holder.text = ''.join(parts)
        result = holder.text
        """),
    find=find_slow_append,
    rounds=True,
    rewrite=rewrite_append,
    grows=True,
)


# -- s = piece + s


def find_prepend(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Assign):
        target, value = node.targets[0], node.value
        if len(node.targets) != 1 or not isinstance(value, ast.BinOp) or not facts.loops(node):
            continue
        added = isinstance(value.op, ast.Add) and isinstance(value.right, ast.Name)
        if added and isinstance(target, ast.Name) and value.right.id == target.id:
            if facts.kind(target) == "str" and not uses(value.left, target.id):
                yield facts.match(STR_PREPEND, node, (
                    f"{target.id} = ... + {target.id} copies the whole string each time: append "
                    "the pieces to a list and join them, reversed, after the loop"),
                    size=f"pieces of {target.id}")


def rewrite_prepend(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    target = node.targets[0]
    found = gathering(facts, target, is_constant, {target, node.value.right})
    if found is None:
        return None
    parts = fresh(facts, f"{target.id}_parts")
    first = "" if found.first.value.value == "" else facts.text(found.first.value)
    piece = element(facts, node.value.left)
    return complete(
        replace(facts, found.first, f"{parts} = [{first}]"),
        replace(facts, node, f"{parts}.append({piece})"),
        add_after(facts, found.loop, f"{target.id} = ''.join(reversed({parts}))"),
    )


STR_PREPEND = Rule(
    id="str-prepend",
    title="s = piece + s in a loop -> list and join(reversed)",
    why="The string is copied whole for each piece put before it, n * n bytes in all.",
    same=BUILTIN,
    differs="what is no string raises TypeError after the loop, not in it",
    pair=functions("pieces", "pieces = ['w%d' % (i % 97) for i in range(n)]", """
        result = ''
        for piece in pieces:
            result = piece + result
        """, """
        parts = []
        for piece in pieces:
            parts.append(piece)
        result = ''.join(reversed(parts))
        """),
    find=find_prepend,
    rounds=True,
    rewrite=rewrite_prepend,
    grows=True,
)


# -- bytes += piece


def find_bytes(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node, target, _ in find_added(facts, "bytes"):
        if not resets(facts, node):
            name = facts.label(target)
            yield facts.match(BYTES_APPEND, node, (
                f"{name} += ... copies all bytes each time: collect them in a bytearray"),
                size=f"pieces of {name}")


def rewrite_bytes(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    if not isinstance(node.target, ast.Name) or uses(node.value, node.target.id):
        return None
    name = node.target.id
    adds = {n.target for n in facts.nodes(ast.AugAssign)
            if isinstance(n.op, ast.Add) and isinstance(n.target, ast.Name) and n.target.id == name}
    found = gathering(facts, node.target, is_constant, adds)
    if found is None:
        return None
    first = facts.text(found.first.value) if found.first.value.value else ""
    return complete(
        replace(facts, found.first.value, f"bytearray({first})"),
        add_after(facts, found.loop, f"{name} = bytes({name})"),
    )


BYTES_APPEND = Rule(
    id="bytes-append",
    title="bytes += piece in a loop -> bytearray",
    why="Bytes are never added to in place: each += copies all that is there, n * n in all.",
    same=BUILTIN,
    differs="a bytearray takes lists of numbers as well, where bytes raise TypeError",
    pair=functions("pieces", "pieces = [b'w%d' % (i % 97) for i in range(n)]", """
        result = b''
        for piece in pieces:
            result += piece
        """, """
        buffer = bytearray()
        for piece in pieces:
            buffer += piece
        result = bytes(buffer)
        """),
    find=find_bytes,
    rounds=True,
    rewrite=rewrite_bytes,
    grows=True,
)


# -- list = list + [x]


def find_list_add(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Assign):
        target, value = node.targets[0], node.value
        if len(node.targets) != 1 or not isinstance(value, ast.BinOp) or not facts.loops(node):
            continue
        same = isinstance(value.op, ast.Add) and ast.unparse(value.left) == ast.unparse(target)
        if same and facts.kind(value.left) == "list" and not resets_list(facts, node):
            name = facts.label(target)
            yield facts.match(LIST_ADD, node, (
                f"{name} = {name} + ... copies the list each time: append or extend"),
                size=f"len({name})")


def resets_list(facts: Facts, node: ast.Assign) -> bool:
    loop = facts.loops(node)[0]
    target = ast.dump(node.targets[0])
    return any(
        isinstance(n, ast.Assign) and n is not node
        and any(ast.dump(t) == target for t in n.targets)
        for n in ast.walk(loop)
    )


def rewrite_list_add(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    target, value = node.targets[0], node.value
    if not isinstance(target, ast.Name) or uses(value.right, target.id):
        return None
    new = (ast.List, ast.ListComp)
    found = gathering(facts, target, lambda v: isinstance(v, new), {target, value.left})
    if found is None or facts.kind(value.right) != "list":
        return None
    if isinstance(value.right, ast.List) and len(value.right.elts) == 1:
        one = value.right.elts[0]
        if not isinstance(one, ast.Starred):
            return [replace(facts, node, f"{target.id}.append({element(facts, one)})")]
    return [replace(facts, node, f"{target.id}.extend({element(facts, value.right)})")]


LIST_ADD = Rule(
    id="list-add",
    title="items = items + [x] in a loop -> append",
    why="A sum of lists is a new list: each one copies all that was there, n * n items in all.",
    same=BUILTIN,
    differs="another name for the same list sees what is appended",
    pair=functions("items", "items = list(range(n))", """
        result = []
        for x in items:
            result = result + [x]
        """, """
        result = []
        for x in items:
            result.append(x)
        """),
    find=find_list_add,
    rounds=True,
    rewrite=rewrite_list_add,
    grows=True,
)


# -- sum(lists, [])


def find_sum_lists(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("builtins.sum"):
        if len(call.args) == 2 and not call.keywords and is_empty_list(call.args[1]):
            yield facts.match(SUM_LISTS, call, (
                "sum(..., []) copies the list for each one that it adds: use "
                "itertools.chain.from_iterable"), size=f"len({facts.label(call.args[0])})")


def rewrite_sum_lists(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    if isinstance(call.args[0], ast.Starred):
        return None
    chain, edits = imported(facts, "itertools", "chain")
    lists = element(facts, call.args[0])
    return [*edits, replace(facts, call, f"list({chain}.from_iterable({lists}))")]


SUM_LISTS = Rule(
    id="sum-lists",
    title="sum(lists, []) -> list(chain.from_iterable(lists))",
    why="Each sum of two lists is a new list, so n lists cost n * n copies.",
    same=BUILTIN,
    differs="tuples, strings and other iterables are taken apart, where sum raises TypeError",
    pair=functions("lists, chain", """
        from itertools import chain
        lists = [[i, i + 1, i + 2] for i in range(n)]
        """, "result = sum(lists, [])", "result = list(chain.from_iterable(lists))",
        sizes=(3, 10, 100, 1000), steps="1"),
    find=find_sum_lists,
    rewrite=rewrite_sum_lists,
    grows=True,
)


# -- for x in xs: items.append(x)


def appends(facts: Facts, loop: ast.AST) -> tuple[ast.Call, ast.expr | None] | None:
    """The append that is all a loop does, and the condition it is under."""
    if not single_loop(loop) or len(loop.body) != 1:
        return None
    body, test = loop.body[0], None
    if isinstance(body, ast.If) and not body.orelse and len(body.body) == 1:
        body, test = body.body[0], body.test
    call = body.value if isinstance(body, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    if call.func.attr != "append" or len(call.args) != 1 or call.keywords:
        return None
    listed = isinstance(call.func.value, ast.Name) and facts.kind(call.func.value) == "list"
    return (call, test) if listed and not isinstance(call.args[0], ast.Starred) else None


def copies(loop: ast.For, call: ast.Call, test: ast.expr | None) -> bool:
    item = call.args[0]
    target = loop.target
    return test is None and isinstance(item, ast.Name) and isinstance(target, ast.Name) and (
        item.id == target.id)


def find_copy_loop(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        found = appends(facts, loop)
        if found and copies(loop, *found):
            items = facts.label(loop.iter)
            yield facts.match(COPY_LOOP, loop, (
                f"the loop only appends each item: {found[0].func.value.id}.extend({items})"),
                size=f"len({items})", loop=loop)


def rewrite_copy_loop(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    call, _ = appends(facts, loop)
    name = call.func.value.id
    if used_after(facts, loop, loop.target.id) or name in names_in(loop.iter):
        return None
    return [replace_whole(facts, loop, f"{name}.extend({element(facts, loop.iter)})")]


COPY_LOOP = Rule(
    id="copy-loop",
    title="for x in xs: items.append(x) -> items.extend(xs)",
    why="The interpreter runs several steps for each item, where extend copies them in one.",
    same=BUILTIN,
    differs="when xs raises midway, the items before it may not be there",
    pair=functions("items", "items = list(range(n))", """
        result = []
        for x in items:
            result.append(x)
        """, """
        result = []
        result.extend(items)
        """, sizes=(3, 10, 100, 1000, 10000)),
    find=find_copy_loop,
    rewrite=rewrite_copy_loop,
    part=LOOP,
)


def find_append_loop(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        found = appends(facts, loop)
        if found and not copies(loop, *found):
            name = found[0].func.value.id
            yield facts.match(APPEND_LOOP, loop, (
                f"the loop only appends to {name}: a list comprehension does it"),
                size=f"len({facts.label(loop.iter)})", loop=loop)


def rewrite_append_loop(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    call, test = appends(facts, loop)
    owner = call.func.value
    if suspends(loop) or facts.function(loop) is None or loop.type_comment:
        return None
    found = gathering(facts, owner, is_empty_list, {owner})
    if found is None or found.loop is not loop or facts.before(loop) is not found.first:
        return None
    if used_after(facts, loop, *target_names(loop.target)):
        return None
    if any(isinstance(n, ast.Lambda) for n in ast.walk(loop)):
        return None
    parts = [element(facts, call.args[0]), "for", facts.text(loop.target), "in"]
    parts.append(condition(facts, loop.iter))
    if test is not None:
        parts += ["if", condition(facts, test)]
    text = f"{owner.id} = [{' '.join(parts)}]"
    if "\n" in text:
        return None
    return complete(drop(facts, found.first), replace_whole(facts, loop, text))


def condition(facts: Facts, node: ast.expr) -> str:
    """The text of an expression after `in` or `if` of a comprehension."""
    text = facts.text(node)
    weak = isinstance(node, (ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Tuple))
    return f"({text})" if weak and not text.startswith("(") else text


APPEND_LOOP = Rule(
    id="append-loop",
    title="for x in xs: items.append(f(x)) -> list comprehension",
    why="A comprehension looks up no method and appends in one step; what f costs stays the same.",
    same=BUILTIN,
    differs=ONE_CLASS,
    pair=functions("items", "items = list(range(n))", """
        result = []
        for x in items:
            result.append(x * 2)
        """, "result = [x * 2 for x in items]"),
    find=find_append_loop,
    rewrite=rewrite_append_loop,
    part=LOOP,
)


# -- b = b[k:]


def find_consume(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Assign):
        target, value = node.targets[0], node.value
        if len(node.targets) != 1 or not isinstance(target, (ast.Name, ast.Attribute)):
            continue
        if not isinstance(value, ast.Subscript) or not isinstance(value.slice, ast.Slice):
            continue
        rest = value.slice.lower is not None and not value.slice.upper and not value.slice.step
        negative = isinstance(value.slice.lower, ast.UnaryOp)
        if not rest or negative or ast.unparse(value.value) != ast.unparse(target):
            continue
        kind = facts.kind(target)
        in_while = any(isinstance(loop, ast.While) for loop in facts.loops(node)[:1])
        if kind in ("bytes", "str", "list") and in_while:
            name = facts.label(target)
            better = "a memoryview, whose slices copy nothing, or " if kind == "bytes" else ""
            yield facts.match(SLICE_CONSUME, node, (
                f"{name} = {name}[...:] copies all that is left each time: keep {better}an index "
                "that moves"), size=f"len({name})")


SLICE_CONSUME = Rule(
    id="slice-consume",
    title="data = data[k:] in a loop -> an index that moves, or memoryview",
    why="The rest is copied at each step, so taking all of it costs n * n bytes.",
    same=DIFFERS,
    differs="a memoryview is no bytes: it has other methods and other equality",
    pair=functions("source", "source = b'0123456789abcdef' * n", """
        data = source
        result = 0
        while data:
            result += data[0]
            data = data[16:]
        """, """
        data = memoryview(source)
        result = 0
        while data:
            result += data[0]
            data = data[16:]
        """),
    find=find_consume,
    rounds=True,
    grows=True,
    since=(3, 0),
)


RULES = (INSERT_AT_0, POP_0, STR_APPEND, STR_APPEND_COPY, STR_PREPEND, BYTES_APPEND, LIST_ADD,
         SUM_LISTS, COPY_LOOP, APPEND_LOOP, SLICE_CONSUME)
