"""What is looked up in each round of a loop, though it stays the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tare.advising.editing import add_before, complete, fresh, mutates, replace, stores, uses
from tare.advising.facts import Facts, names_in, target_names
from tare.advising.model import BUILTIN, DIFFERS, Edit, Match, Rule, functions

ITEMS = "items = list(range(n))"


# -- items.append, math.sqrt, self.x looked up in each round


def find_bound_append(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("append", 1):
        owner = call.func.value
        if isinstance(owner, ast.Name) and facts.kind(owner) == "list" and facts.loops(call):
            yield facts.match(BOUND_APPEND, call, (
                f"{owner.id}.append is looked up in each round: bind it to a name before"))


BOUND_APPEND = Rule(
    id="bound-append",
    title="xs.append(x) in a loop -> append = xs.append before it",
    why="The look-up is done once; but the interpreter does it for free where it is called.",
    same=BUILTIN,
    differs="where xs becomes another list in the loop",
    pair=functions("items", ITEMS, """
        result = []
        for x in items:
            result.append(x)
        """, """
        result = []
        append = result.append
        for x in items:
            append(x)
        """),
    find=find_bound_append,
    rounds=True,
    folklore=True,
)


def find_module_attribute(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    seen = set()
    for call in facts.nodes(ast.Call):
        function = call.func
        if not isinstance(function, ast.Attribute) or not facts.loops(call):
            continue
        name = facts.resolve(function)
        place = (name, facts.loops(call)[-1])
        if name.startswith(("math.", "random.", "operator.", "struct.")) and place not in seen:
            seen.add(place)
            yield facts.match(MODULE_ATTRIBUTE, call, (
                f"{facts.label(function)} is looked up in two steps in each round: bind it to a "
                "name before the loop"))


def rewrite_module_attribute(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    loop = facts.loops(call)[-1]
    if facts.function(call) is None:
        return None
    name = facts.resolve(call.func)
    local = fresh(facts, name.replace(".", "_"))
    same = [c.func for c in ast.walk(loop)
            if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute)
            and facts.resolve(c.func) == name and facts.function(c) is facts.function(call)]
    return complete(
        add_before(facts, loop, f"{local} = {facts.text(call.func)}"),
        *(replace(facts, f, local) for f in same),
    )


MODULE_ATTRIBUTE = Rule(
    id="module-attribute",
    title="math.sqrt(x) in a loop -> sqrt = math.sqrt before it",
    why="A global and its attribute are looked up in each round; a local name is not.",
    same=BUILTIN,
    differs="where the function of the module is replaced while the loop runs",
    pair=functions("items", "import math\nitems = [float(i) for i in range(n)]", """
        result = 0.0
        for x in items:
            result += math.sqrt(x)
        """, """
        result = 0.0
        sqrt = math.sqrt
        for x in items:
            result += sqrt(x)
        """),
    find=find_module_attribute,
    rounds=True,
    rewrite=rewrite_module_attribute,
)


def find_global(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    module = facts.scopes[facts.tree]
    seen = set()
    for node in facts.nodes(ast.Name):
        if not isinstance(node.ctx, ast.Load) or node.id not in module.bindings:
            continue
        if facts.function(node) is None or not facts.loops(node) or facts.rebound(node.id):
            continue
        parent = facts.parents[node]
        called = isinstance(parent, (ast.Call, ast.Attribute)) and node in (
            getattr(parent, "func", None), getattr(parent, "value", None))
        place = (node.id, facts.loops(node)[-1])
        if not called and facts.owner(node.id, node) is module and place not in seen:
            seen.add(place)
            yield facts.match(GLOBAL_NAME, node, (
                f"the global {node.id} is looked up in each round: a local name is quicker"))


def rewrite_global(match: Match, source: str) -> list[Edit] | None:
    """Only of a name that is assigned once, when the module is loaded."""
    facts, node = match.facts, match.node
    loop = facts.loops(node)[-1]
    if len(facts.scopes[facts.tree].bindings[node.id]) != 1:
        return None
    local = fresh(facts, f"local_{node.id}")
    return complete(
        add_before(facts, loop, f"{local} = {node.id}"),
        *(replace(facts, use, local) for use in uses(loop, node.id)
          if facts.function(use) is facts.function(node) and loop in facts.loops(use)),
    )


GLOBAL_NAME = Rule(
    id="global-name",
    title="a global name in a loop -> a local one",
    why="Globals are looked up in a dict; but since 3.11 the interpreter remembers where.",
    same=BUILTIN,
    differs="where the global is assigned while the loop runs",
    pair=functions("items", ITEMS + "\nLIMIT = 3", """
        result = 0
        for x in items:
            result += LIMIT
        """, """
        result = 0
        limit = LIMIT
        for x in items:
            result += limit
        """),
    find=find_global,
    rewrite=rewrite_global,
    rounds=True,
    folklore=True,
)


def find_self_attribute(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    seen = set()
    for node in facts.nodes(ast.Attribute):
        loops = facts.loops(node)
        if not isinstance(node.ctx, ast.Load) or not loops or not facts.class_of_self(node.value):
            continue
        parent = facts.parents[node]
        if isinstance(parent, ast.Call) and parent.func is node:
            continue
        place = (node.attr, loops[-1])
        stored = any(
            isinstance(n, ast.Attribute) and n.attr == node.attr and not isinstance(
                n.ctx, ast.Load) for n in ast.walk(loops[-1])
        )
        if place not in seen and not stored:
            seen.add(place)
            yield facts.match(SELF_ATTRIBUTE, node, (
                f"{facts.label(node)} is looked up in each round: a local name is quicker"))


def rewrite_self_attribute(match: Match, source: str) -> list[Edit] | None:
    """Only where the loop hands self to nobody, who might assign it."""
    facts, node = match.facts, match.node
    loop = facts.loops(node)[-1]
    owner, same = node.value.id, []
    for use in uses(loop, owner):
        parent = facts.parents[use]
        called = isinstance(parent, ast.Attribute) and isinstance(facts.parents[parent], ast.Call)
        if not isinstance(parent, ast.Attribute) or (called and facts.parents[parent].func is
                                                     parent):
            return None
        if parent.attr == node.attr and loop in facts.loops(parent):
            same.append(parent)
    if not is_always_there(facts, node):
        return None
    local = fresh(facts, f"{owner}_{node.attr}")
    return complete(add_before(facts, loop, f"{local} = {facts.text(node)}"),
                    *(replace(facts, use, local) for use in same))


def is_always_there(facts: Facts, node: ast.Attribute) -> bool:
    """Whether __init__ assigns the attribute, whatever happens, and it is nothing of the class: a
    property does something each time."""
    owner = facts.class_of_self(node.value)
    if owner is None or owner.bases or node.attr in facts.scopes[owner].bindings:
        return False
    return any(
        isinstance(target, ast.Attribute) and target.attr == node.attr
        and facts.class_of_self(target.value) is owner
        for function in owner.body
        if isinstance(function, ast.FunctionDef) and function.name == "__init__"
        for statement in function.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
    )


SELF_ATTRIBUTE = Rule(
    id="self-attribute",
    title="self.x in a loop -> x = self.x before it",
    why="An attribute is looked up in each round; but since 3.11 that is nearly as quick.",
    same=DIFFERS,
    differs="where the loop, or what it calls, assigns self.x",
    pair=functions("items, holder", ITEMS + """
class Holder:
    def __init__(self):
        self.k = 3
holder = Holder()
""", """
        result = 0
        for x in items:
            result += x * holder.k
        """, """
        result = 0
        k = holder.k
        for x in items:
            result += x * k
        """),
    find=find_self_attribute,
    rewrite=rewrite_self_attribute,
    rounds=True,
    folklore=True,
)


# -- rows[i][j]


def find_row(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for inner in facts.nodes(ast.For):
        outer = next(iter(facts.loops(inner)), None)
        if not isinstance(outer, ast.For) or not isinstance(outer.target, ast.Name):
            continue
        rows = row_uses(facts, inner, outer.target.id)
        for text, found in rows.items():
            yield facts.match(ROW, found[0], (
                f"{text} is looked up in each round of the inner loop, and stays the same: give "
                "it a name before"), loop=inner)


def row_uses(facts: Facts, inner: ast.For, index: str) -> dict[str, list[ast.Subscript]]:
    """rows[i] in rows[i][j] of the inner loop, for each of rows, where none of it changes."""
    found: dict[str, list[ast.Subscript]] = {}
    nested = [n for n in ast.walk(inner) if isinstance(n, ast.For) and n is not inner]
    if stores(inner, index) or nested:
        return {}
    inner_names = target_names(inner.target)
    for statement in inner.body:
        for node in ast.walk(statement):
            if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Subscript):
                continue
            row = node.value
            plain = isinstance(row.value, ast.Name) and isinstance(row.slice, ast.Name)
            if plain and row.slice.id == index and inner_names & names_in(node.slice):
                found.setdefault(facts.text(row), []).append(row)
    return {text: rows for text, rows in found.items()
            if facts.kind(rows[0].value) in ("list", "tuple", "array")
            and not any(stores(s, rows[0].value.id) or replaced(s, rows[0]) for s in inner.body)}


def replaced(statement: ast.stmt, row: ast.Subscript) -> bool:
    return any(
        isinstance(n, ast.Subscript) and not isinstance(n.ctx, ast.Load)
        and isinstance(n.value, ast.Name) and n.value.id == row.value.id
        for n in ast.walk(statement)
    )


def rewrite_row(match: Match, source: str) -> list[Edit] | None:
    facts, row = match.facts, match.node
    inner = facts.loops(row)[0]
    name = row.value.id
    scope = facts.scope(row)
    found = row_uses(facts, inner, row.slice.id).get(facts.text(row))
    if not found or facts.owner(name, row) is not scope or scope.captured(name):
        return None
    if any(mutates(facts, name, s, handing=False) for s in inner.body if s not in found):
        if any(isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
               and isinstance(n.func.value, ast.Name) and n.func.value.id == name
               for n in ast.walk(inner)):
            return None
    local = fresh(facts, f"{name}_{row.slice.id}")
    return complete(add_before(facts, inner, f"{local} = {facts.text(row)}"),
                    *(replace(facts, r, local) for r in found))


ROW = Rule(
    id="row-in-loop",
    title="rows[i][j] in the loop over j -> row = rows[i] before it",
    why="The row is looked up again for each of its items.",
    same=BUILTIN,
    differs="where the inner loop has no rounds, rows[i] is looked up all the same",
    pair=functions("rows, n", "rows = [[i * j for j in range(n)] for i in range(n)]", """
        result = 0
        for i in range(n):
            for j in range(n):
                result += rows[i][j]
        """, """
        result = 0
        for i in range(n):
            row = rows[i]
            for j in range(n):
                result += row[j]
        """, sizes=(5, 10, 100), steps="n * n"),
    find=find_row,
    rounds=True,
    rewrite=rewrite_row,
)


RULES = (BOUND_APPEND, MODULE_ATTRIBUTE, GLOBAL_NAME, SELF_ATTRIBUTE, ROW)
