"""Edits of source text, and the questions that must be asked before one is made."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Collection
from typing import NamedTuple

from tare.advising.facts import COMPREHENSIONS, FUNCTIONS, LOOPS, Facts, Loop, names_in
from tare.advising.model import Edit

ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.ListComp, ast.Dict,
         ast.Set, ast.SetComp, ast.DictComp)
READERS_OF_LOCALS = ("builtins.locals", "builtins.eval", "builtins.exec", "builtins.vars",
                     "builtins.dir")
MUTATORS = frozenset(
    "append extend insert pop popitem remove clear sort reverse update add discard setdefault "
    "appendleft popleft extendleft rotate fill resize put".split()
)


class Place(NamedTuple):
    line: int
    col: int


def start(facts: Facts, node: ast.AST) -> Place:
    return Place(node.lineno, facts.column(node.lineno, node.col_offset))


def end(facts: Facts, node: ast.AST) -> Place:
    return Place(node.end_lineno, facts.column(node.end_lineno, node.end_col_offset))


def replace(facts: Facts, node: ast.AST, text: str, last: ast.AST | None = None) -> Edit:
    """Instead of a node, or of all from it to the last one, a text."""
    return Edit(*start(facts, node), *end(facts, last or node), text)


def replace_whole(facts: Facts, statement: ast.stmt, text: str) -> Edit:
    """Instead of a statement of several lines, one; its comments go above that."""
    comments = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(facts.text(statement)).readline):
            if token.type == tokenize.COMMENT:
                comments.append(token.string)
    except (tokenize.TokenError, IndentationError):
        pass  # a part of a file may end in the middle of an indentation
    if not opens_line(facts, statement):
        comments = []
    between_lines = newline(facts) + indent(facts, statement)
    return replace(facts, statement, between_lines.join([*comments, text]))


def between(facts: Facts, first: Place, last: Place, text: str) -> Edit:
    return Edit(*first, *last, text)


def newline(facts: Facts) -> str:
    return "\r\n" if "\r\n" in facts.source else "\n"


def indent(facts: Facts, statement: ast.stmt) -> str:
    line = facts.lines[statement.lineno - 1]
    return line[: len(line) - len(line.lstrip())]


def opens_line(facts: Facts, statement: ast.stmt) -> bool:
    """Whether a line could be put before the statement."""
    line, col = start(facts, statement)
    text = facts.lines[line - 1]
    return not text[:col].strip() and not text[col:].startswith("elif")


def alone(facts: Facts, statement: ast.stmt) -> bool:
    """Whether a statement has its lines for itself."""
    line, col = end(facts, statement)
    rest = facts.lines[line - 1][col:].strip()
    return opens_line(facts, statement) and (not rest or rest.startswith("#"))


def add_before(facts: Facts, statement: ast.stmt, *lines: str) -> Edit | None:
    """Lines before a statement, as deep as it is."""
    if not opens_line(facts, statement):
        return None
    line = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
    space = indent(facts, statement)
    text = "".join(f"{space}{one}{newline(facts)}" for one in lines)
    return Edit(line, 0, line, 0, text)


def add_after(facts: Facts, statement: ast.stmt, *lines: str) -> Edit | None:
    """Lines after a statement that opens its own line, as deep as it is."""
    if not opens_line(facts, statement):
        return None
    line = statement.end_lineno
    at = len(facts.lines[line - 1])
    space = indent(facts, statement)
    return Edit(line, at, line, at, "".join(f"{newline(facts)}{space}{one}" for one in lines))


def drop(facts: Facts, statement: ast.stmt) -> Edit | None:
    """Without the lines of a statement; one that is all of its block stays."""
    if not alone(facts, statement) or len(facts.block(statement)) == 1:
        return None
    line = statement.end_lineno
    if line < len(facts.lines):
        return Edit(statement.lineno, 0, line + 1, 0, "")
    return Edit(statement.lineno, 0, line, len(facts.lines[line - 1]), "")


def complete(*edits: Edit | None) -> list[Edit] | None:
    """All of them, or None when one could not be made."""
    return None if None in edits else [edit for edit in edits if edit]


def operand(facts: Facts, node: ast.AST) -> str:
    """The text of an expression, with parentheses where x.y or x * y would take it apart."""
    text = facts.text(node)
    safe = isinstance(node, ATOMS) or (isinstance(node, ast.Constant) and isinstance(
        node.value, (str, bytes)) and "\n" not in text)
    return text if safe else f"({text})"


def element(facts: Facts, node: ast.AST) -> str:
    """The text of an expression as an argument or inside brackets."""
    text = facts.text(node)
    bare = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.GeneratorExp, ast.Tuple, ast.Starred)
    return f"({text})" if isinstance(node, bare) and not text.startswith("(") else text


def fresh(facts: Facts, wanted: str) -> str:
    """A name like the one wanted that the file does not use.

    All rewrites of a file may be made together: two that want the same name mean the same by it,
    or have the line in it.
    """
    used = {s for scope in facts.scopes.values() for s in (*scope.bindings, *scope.loads)}
    name, count = wanted, 1
    while name in used:
        count += 1
        name = f"{wanted}_{count}"
    return name


def imported(
    facts: Facts, module: str, name: str, before: int | None = None
) -> tuple[str, list[Edit]]:
    """How the file calls module.name, and the edit that imports it where it does not yet, or not
    before that line."""
    dotted = f"{module}.{name}"
    top = facts.scopes[facts.tree]
    for alias in facts.nodes(ast.alias):
        bound = alias.asname or alias.name.split(".")[0]
        statement = facts.parents[alias]
        known = alias in top.bindings.get(bound, ()) and len(top.bindings[bound]) == 1
        known = known and is_early(facts, statement, before)
        if not known or any(bound in s.bindings for s in facts.scopes.values() if s is not top):
            continue
        if isinstance(statement, ast.Import) and alias.name == module:
            return (f"{bound}.{name}" if alias.asname else dotted), []
        if isinstance(statement, ast.ImportFrom) and not statement.level:
            if f"{statement.module}.{alias.name}" == dotted:
                return bound, []
    own = fresh(facts, name)
    words = f"import {name}" if own == name else f"import {name} as {own}"
    return own, [Edit(*(first_line(facts), 0) * 2, f"from {module} {words}{newline(facts)}")]


def is_early(facts: Facts, statement: ast.stmt, before: int | None) -> bool:
    """Whether a statement of the module is always run, and before that line."""
    always = facts.parents.get(statement) is facts.tree
    return always and (before is None or statement.lineno < before)


def first_line(facts: Facts) -> int:
    """The line before which an import can be put."""
    line = 1
    while line <= len(facts.lines) and facts.lines[line - 1].startswith("#"):
        line += 1
    for at, statement in enumerate(facts.tree.body):
        text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not future and not (text and at == 0):
            break
        line = statement.end_lineno + 1
    return min(line, len(facts.lines))


# -- what may be done


def reads_locals(facts: Facts, node: ast.AST) -> bool:
    """Whether the function around a node looks at its own names, or its code is not all there."""
    around = facts.function(node) or facts.tree
    return any(
        isinstance(n, ast.Call) and facts.resolve(n.func) in READERS_OF_LOCALS
        for n in ast.walk(around)
    )


def uses(node: ast.AST, name: str) -> list[ast.Name]:
    return [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name]


def stores(node: ast.AST, *names: str) -> bool:
    """Whether one of the names is bound somewhere in a node."""
    for found in ast.walk(node):
        if isinstance(found, ast.Name) and not isinstance(found.ctx, ast.Load):
            if found.id in names:
                return True
        elif isinstance(found, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            if found.name in names:
                return True
        elif isinstance(found, (ast.Global, ast.Nonlocal)) and set(found.names) & set(names):
            return True
        elif isinstance(found, (ast.ExceptHandler, ast.MatchAs)) and found.name in names:
            return True
        elif isinstance(found, ast.alias) and (found.asname or found.name) in names:
            return True
    return False


def is_simple(node: ast.AST) -> bool:
    """A name, a constant, or attributes and items of such: evaluating it again does no harm."""
    if isinstance(node, (ast.Name, ast.Constant)):
        return True
    if isinstance(node, ast.Attribute):
        return is_simple(node.value)
    return isinstance(node, ast.Subscript) and is_simple(node.value) and is_simple(node.slice)


def is_plain(node: ast.AST) -> bool:
    """A constant or a name: its value may be asked for without need."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, (ast.Constant, ast.Name))


def same_text(a: ast.AST, b: ast.AST) -> bool:
    return ast.dump(a).replace("Store()", "Load()") == ast.dump(b).replace("Store()", "Load()")


def changes(facts: Facts, name: str, inside: ast.AST, handing: bool = True) -> bool:
    """Whether what a name holds may be changed in a part of the file: it is assigned, an item of
    it is, a method that changes it is called, or (handing) it is handed to somebody else."""
    return stores(inside, name) or mutates(facts, name, inside, handing)


def mutates(facts: Facts, name: str, inside: ast.AST, handing: bool = True) -> bool:
    """The same, but for assignments to the name itself."""
    for node in uses(inside, name):
        parent = facts.parents[node]
        if isinstance(parent, ast.Subscript) and parent.value is node:
            if not isinstance(parent.ctx, ast.Load):
                return True
        elif isinstance(parent, ast.Attribute):
            if parent.attr in MUTATORS or not isinstance(parent.ctx, ast.Load):
                return True
        elif handing and not only_reads(facts, node, parent):
            return True
    return False


READERS = frozenset(f"builtins.{name}" for name in (
    "len sum min max any all sorted list tuple set dict frozenset enumerate zip range str repr "
    "bool isinstance reversed map filter print iter").split())


def only_reads(facts: Facts, node: ast.AST, parent: ast.AST) -> bool:
    """Whether the use of a name cannot make another name for the same object."""
    if isinstance(parent, ast.Call):
        return facts.resolve(parent.func) in READERS
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is node
    return isinstance(parent, (ast.Compare, ast.If, ast.While, ast.UnaryOp, ast.BinOp, ast.Starred,
                               ast.FormattedValue, ast.Subscript))


def used_after(facts: Facts, loop: ast.stmt, *names: str) -> bool:
    """Whether a name that a loop binds is read outside of it, in the same function."""
    scope = facts.scope(loop)
    inside = set(map(id, ast.walk(loop)))
    for name in names:
        if scope.captured(name) or name in scope.foreign or scope.parent is None:
            return True
        for use in scope.loads.get(name, ()):
            if id(use) not in inside and not comprehended(facts, use):
                return True
    return False


def comprehended(facts: Facts, use: ast.Name) -> bool:
    """Whether a name is the target of a comprehension around it."""
    for parent in facts.ancestors(use):
        if isinstance(parent, COMPREHENSIONS):
            if any(use.id in names_in(g.target) for g in parent.generators):
                return True
        elif isinstance(parent, (ast.stmt, *FUNCTIONS)):
            return False
    return False


def suspends(node: ast.AST) -> bool:
    """Whether a part of a function waits or yields, or leaves a loop in it."""
    kinds = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.Break, ast.Continue,
             ast.Return)
    return any(isinstance(n, kinds) for n in ast.walk(node))


def guarded(facts: Facts, node: ast.AST) -> bool:
    """Whether an exception in a node could be caught in its own function, which goes on."""
    for parent in facts.ancestors(node):
        if isinstance(parent, FUNCTIONS):
            return False
        if isinstance(parent, ast.Try) and parent.handlers:
            return True
        if isinstance(parent, ast.With):
            names = [facts.resolve(getattr(i.context_expr, "func", i.context_expr))
                     for i in parent.items]
            if any(name.endswith("suppress") or not name for name in names):
                return True
    return False


class Gathering(NamedTuple):
    """name = empty; loop: only `uses` of it."""

    first: ast.Assign
    loop: Loop
    name: str


def gathering(
    facts: Facts, use: ast.Name, empty: Callable[[ast.expr], bool], allowed: Collection[ast.AST]
) -> Gathering | None:
    """The assignment before a loop to a name that the loop uses in the allowed places only.

    None as well when somebody else could see the name while the loop runs.
    """
    scope = facts.scope(use)
    name = use.id
    if facts.owner(name, use) is not scope or isinstance(scope.node, ast.ClassDef):
        return None
    if scope.captured(name) or reads_locals(facts, use) or guarded(facts, use):
        return None
    for loop in facts.loops(use):
        if any(found not in allowed for found in uses(loop, name)):
            return None
        first = last_assignment(facts, loop, name)
        if first is not None:
            fits = empty(first.value) and alone(facts, first) and opens_line(facts, loop)
            return Gathering(first, loop, name) if fits else None
        if any(uses(s, name) for s in facts.block(loop) if s is not loop):
            return None
    return None


def last_assignment(facts: Facts, statement: ast.stmt, name: str) -> ast.Assign | None:
    """`name = value` before a statement, in its block, with no use of the name between."""
    block = facts.block(statement)
    for earlier in reversed(block[: block.index(statement)]):
        if isinstance(earlier, ast.Assign) and len(earlier.targets) == 1:
            target = earlier.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                return earlier
        if uses(earlier, name):
            return None
    return None


def outermost(facts: Facts, node: ast.AST, steady: Callable[[Loop], bool]) -> ast.stmt:
    """The statement before which something could be computed once: the outermost loop around
    the node for which, and for all inside it, steady holds; or the node's own statement."""
    found: ast.stmt = facts.statement(node)
    for loop in facts.loops(node):
        if not steady(loop):
            break
        found = loop
    return found


def in_loop_or_comprehension(facts: Facts, node: ast.AST) -> bool:
    return facts.repeats(node)


def is_empty_list(node: ast.AST | None) -> bool:
    return isinstance(node, ast.List) and not node.elts


def is_truth(facts: Facts, node: ast.AST) -> bool:
    """Whether only the truth of an expression matters where it stands."""
    parent = facts.parents[node]
    if isinstance(parent, (ast.If, ast.While, ast.IfExp)):
        return parent.test is node
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    if isinstance(parent, ast.BoolOp):
        return is_truth(facts, parent)
    return facts.is_call(parent, "builtins.bool", 1)


def single_loop(node: ast.AST) -> bool:
    """A plain `for` with no else."""
    return isinstance(node, ast.For) and not node.orelse


def is_loop(node: ast.AST) -> bool:
    return isinstance(node, LOOPS)
