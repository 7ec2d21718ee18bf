"""What is known of a file without running it: scopes, what names hold, loops, imports.

A kind is the name of a built-in type ("list", "str", ...) or "" where it is not known. A name has
a kind when everything that is ever bound to it in its scope has that kind: a parameter without
annotation, a target of a loop or a `global` makes it unknown. Rules ask for kinds, so that
what they say of a list is not said of an array.

Each question walks what it needs once and keeps it: a file is asked by all rules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from tare.advising.kinds import annotated_kind, builtin_result, element_kind, method_result
from tare.advising.model import FUNCTION, LINE_END, LOOP, Match, Rule
from tare.text import shorten

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Loop = ast.For | ast.AsyncFor | ast.While
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Module)
MOST_LABEL = 40  # columns
MOST_ASKED = 500  # nodes for one question
SAME_AS_BEFORE = "="  # a binding keeps what the name had
ADDED = "+="  # and so does this one, unless it had a number
MARKS = (SAME_AS_BEFORE, ADDED)
NUMBERS = ("bool", "int", "float")


class Scope:
    """A module, class or function: what is bound in it, and the names it reads."""

    def __init__(self, node: ast.AST, parent: Scope | None) -> None:
        self.node = node
        self.parent = parent
        self.bindings: dict[str, list[ast.AST]] = {}
        self.foreign: set[str] = set()  # declared global or nonlocal
        self.loads: dict[str, list[ast.Name]] = {}
        self.inner: list[Scope] = []

    def bind(self, name: str, node: ast.AST) -> None:
        self.bindings.setdefault(name, []).append(node)

    def captured(self, name: str) -> bool:
        """Whether a function written inside this scope uses the name."""
        return any(name in s.loads or name in s.bindings or s.captured(name) for s in self.inner)


class Facts:
    """Of one file. Nodes are those of its tree, and no others."""

    def __init__(self, source: str, file: str = "<source>", tree: ast.Module | None = None) -> None:
        self.source = source
        self.file = file
        self.tree = tree if tree is not None else ast.parse(source, file)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.by_type: dict[type[ast.AST], list[ast.AST]] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        self._kinds: dict[ast.AST, str] = {}
        self._open: set[ast.AST] = set()  # whose kind is being asked
        self._names: dict[ast.AST, str] = {}
        self._circular = False
        self._asked = 0
        self._attributes: dict[ast.ClassDef, dict[str, list[ast.expr | None]]] = {}
        self._scan()

    # -- the tree

    def _scan(self) -> None:
        module = Scope(self.tree, None)
        self.scopes[self.tree] = module
        waiting: list[tuple[ast.AST, Scope]] = [(self.tree, module)]
        while waiting:
            node, scope = waiting.pop()
            self.by_type.setdefault(type(node), []).append(node)
            self._note(node, scope)
            # In the order of the source: what is waiting last is looked at first.
            for child in reversed(list(ast.iter_child_nodes(node))):
                self.parents[child] = node
                inner = scope
                if isinstance(child, (*FUNCTIONS, ast.ClassDef)):
                    inner = self.scopes[child] = Scope(child, scope)
                    scope.inner.append(inner)
                # Decorators and defaults belong to the scope around; what they read is kept with
                # the function, where it makes names unknown and never known.
                waiting.append((child, inner))

    def _note(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                scope.loads.setdefault(node.id, []).append(node)
            else:
                scope.bind(node.id, node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if scope.parent:
                scope.parent.bind(node.name, node)
        elif isinstance(node, ast.arg):
            scope.bind(node.arg, node)
        elif isinstance(node, ast.alias):
            scope.bind(node.asname or node.name.split(".")[0], node)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            scope.foreign.update(node.names)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            scope.bind(node.name, node)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.bind(node.rest, node)

    def nodes(self, *types: type[ast.AST]) -> Iterator[ast.AST]:
        """All nodes of these very types."""
        for one in types:
            yield from self.by_type.get(one, ())

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        while (found := self.parents.get(node)) is not None:
            yield found
            node = found

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that the node is part of, or it itself."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which it stands."""
        parent = self.parents[statement]
        for name in ("body", "orelse", "finalbody"):
            found = getattr(parent, name, None)
            if isinstance(found, list) and statement in found:
                return found
        return [statement]

    def before(self, statement: ast.stmt) -> ast.stmt | None:
        block = self.block(statement)
        at = block.index(statement)
        return block[at - 1] if at else None

    def after(self, statement: ast.stmt) -> list[ast.stmt]:
        block = self.block(statement)
        return block[block.index(statement) + 1 :]

    def function(self, node: ast.AST) -> Function | None:
        for found in self.ancestors(node):
            if isinstance(found, FUNCTIONS):
                return found
        return None

    def scope(self, node: ast.AST) -> Scope:
        """The innermost scope around a node; a comprehension is none."""
        if node in self.scopes:
            return self.scopes[node]
        return next(self.scopes[a] for a in self.ancestors(node) if a in self.scopes)

    def owner(self, name: str, node: ast.AST) -> Scope | None:
        """The scope whose name this is, as seen from a node; None: built in, or not found."""
        scope: Scope | None = self.scope(node)
        first = True
        while scope:
            visible = first or not isinstance(scope.node, ast.ClassDef)
            if visible and name in scope.bindings and name not in scope.foreign:
                return scope
            scope, first = scope.parent, False
        return None

    def loops(self, node: ast.AST) -> list[Loop]:
        """Loops whose body runs the node again and again, innermost first, in its function."""
        found: list[Loop] = []
        child = node
        for parent in self.ancestors(node):
            if isinstance(parent, (*FUNCTIONS, ast.ClassDef)):
                break
            if isinstance(parent, ast.While) and child not in parent.orelse:
                found.append(parent)
            elif isinstance(parent, (ast.For, ast.AsyncFor)) and child in parent.body:
                found.append(parent)
            child = parent
        return found

    def repeats(self, node: ast.AST) -> bool:
        """Whether a loop or a comprehension of the same function runs the node many times."""
        child = node
        for parent in self.ancestors(node):
            if isinstance(parent, (*FUNCTIONS, ast.ClassDef)):
                return False
            if isinstance(parent, ast.While) and child not in parent.orelse:
                return True
            if isinstance(parent, (ast.For, ast.AsyncFor)) and child in parent.body:
                return True
            if isinstance(parent, COMPREHENSIONS):
                first = parent.generators[0]
                if child is not first or not contains(first.iter, node):
                    return True
            child = parent
        return False

    def qualname(self, node: ast.AST) -> str:
        """Of the function around a node, as code objects call it."""
        parts: list[str] = []
        for found in (node, *self.ancestors(node)):
            if isinstance(found, FUNCTIONS):
                if parts:
                    parts.append("<locals>")
                parts.append(getattr(found, "name", "<lambda>"))
            elif isinstance(found, ast.ClassDef) and parts:
                parts.append(found.name)
        return ".".join(reversed(parts)) or "<module>"

    # -- names

    def resolve(self, node: ast.AST) -> str:
        """The dotted name behind an expression: "re.match", "builtins.len"; "" if not known."""
        if node not in self._names:
            self._names[node] = self._find_name(node)
        return self._names[node]

    def _find_name(self, node: ast.AST) -> str:
        if isinstance(node, ast.Attribute):
            base = self.resolve(node.value)
            return f"{base}.{node.attr}" if base and not base.startswith("builtins.") else ""
        if not isinstance(node, ast.Name):
            return ""
        owner = self.owner(node.id, node)
        if owner is None:
            return "" if self.has_star else f"builtins.{node.id}"
        bound = owner.bindings[node.id]
        if self.rebound(node.id) or len({self._imported(b) for b in bound}) != 1:
            return ""
        return self._imported(bound[0])

    def rebound(self, name: str) -> bool:
        """Whether a function assigns a name of the module by `global`."""
        return name in self._rebound

    @cached_property
    def _rebound(self) -> set[str]:
        return {name for s in self.scopes.values() for name in s.foreign if name in s.bindings}

    @cached_property
    def has_star(self) -> bool:
        return any(a.name == "*" for a in self.by_type.get(ast.alias, ()))

    def _imported(self, binding: ast.AST) -> str:
        statement = self.parents.get(binding)
        if isinstance(statement, ast.Import) and isinstance(binding, ast.alias):
            return binding.name if binding.asname else binding.name.split(".")[0]
        if isinstance(statement, ast.ImportFrom) and isinstance(binding, ast.alias):
            return f"{statement.module}.{binding.name}" if not statement.level else ""
        return ""

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """Calls of functions of these dotted names."""
        for node in self.by_type.get(ast.Call, ()):
            if self.resolve(node.func) in names:
                yield node

    def is_call(self, node: ast.AST | None, name: str, count: int | None = None) -> bool:
        """Whether it is a call of that function, with so many plain arguments and no other."""
        return (
            isinstance(node, ast.Call)
            and self.resolve(node.func) == name
            and (count is None or plain_arguments(node, count))
        )

    def methods(self, name: str, count: int | None = None) -> Iterator[ast.Call]:
        """Calls x.name(...), with so many plain arguments."""
        for node in self.by_type.get(ast.Call, ()):
            if isinstance(node.func, ast.Attribute) and node.func.attr == name:
                if count is None or plain_arguments(node, count):
                    yield node

    # -- kinds

    def kind(self, node: ast.AST | None) -> str:
        """Of an expression. What is assigned from itself keeps the kind it has from elsewhere."""
        found = self._ask_kind(node) if node is not None else ""
        return "" if found in MARKS else found

    def _ask_kind(self, node: ast.AST | None) -> str:
        if node is None:
            return ""
        if node in self._kinds:
            return self._kinds[node]
        if node in self._open:
            self._circular = True
            return SAME_AS_BEFORE
        self._asked = self._asked + 1 if self._open else 0
        if self._asked > MOST_ASKED:
            return ""
        self._open.add(node)
        found = self._find_kind(node)
        self._open.remove(node)
        # What was found inside a circle supposes what is asked: it is no answer to others.
        if not self._open or not self._circular:
            self._kinds[node] = found
        self._circular = self._circular and bool(self._open)
        return found

    def _find_kind(self, node: ast.AST) -> str:
        if isinstance(node, ast.Constant):
            return type(node.value).__name__ if node.value is not None else "None"
        if isinstance(node, ast.Name):
            return self._kind_of_name(node)
        if isinstance(node, ast.Attribute):
            return self._kind_of_attribute(node)
        if isinstance(node, ast.Call):
            return self._kind_of_call(node)
        if isinstance(node, ast.Subscript):
            kind = self._ask_kind(node.value)
            if isinstance(node.slice, ast.Slice):
                return kind if kind in ("list", "tuple", "str", "bytes", "bytearray") else ""
            return "str" if kind == "str" else ""
        if isinstance(node, ast.BinOp):
            left, right = self._ask_kind(node.left), self._ask_kind(node.right)
            return self._kind_of_operation(node.op, left, right)
        if isinstance(node, ast.IfExp):
            kind = self._ask_kind(node.body)
            return kind if kind == self._ask_kind(node.orelse) else ""
        if isinstance(node, ast.NamedExpr):
            return self._ask_kind(node.value)
        if isinstance(node, ast.UnaryOp):
            kind = self._ask_kind(node.operand)
            return "bool" if isinstance(node.op, ast.Not) else kind * (kind in ("int", "float"))
        if isinstance(node, ast.Compare):
            kinds = {self._ask_kind(node.left), *map(self._ask_kind, node.comparators)}
            return "bool" if kinds <= {"int", "float", "str"} else ""
        return KINDS_OF_DISPLAYS.get(type(node), "")

    def _kind_of_operation(self, op: ast.operator, left: str, right: str) -> str:
        sequences = ("list", "str", "bytes", "tuple")
        if left in MARKS or right in MARKS:
            return kind_of_circle(op, left, right)
        if left in NUMBERS and right in NUMBERS:
            return kind_of_numbers(op, left, right)
        if isinstance(op, ast.Add) and left in sequences:
            return left if right in ("", left) else ""  # all else raises
        if isinstance(op, ast.Add) and not left and right in ("str", "bytes"):
            return right  # an array and a list, though, are an array
        if isinstance(op, ast.Mod) and left in ("str", "bytes"):
            return left
        if isinstance(op, ast.Mult):
            return left if left in sequences else right if right in sequences else ""
        return left if left == right == "set" else ""

    def _kind_of_call(self, node: ast.Call) -> str:
        name = self.resolve(node.func)
        if name:
            return builtin_result(name)
        if isinstance(node.func, ast.Attribute):
            return method_result(self._ask_kind(node.func.value), node.func.attr)
        return ""

    def _kind_of_name(self, node: ast.Name) -> str:
        owner = self.owner(node.id, node)
        if owner is None or (owner.parent is None and self.rebound(node.id)):
            return ""
        if any(node.id in s.foreign for s in owner.inner):
            return ""
        if self._comprehended(node):
            return ""
        kinds = {self._kind_of_binding(b) for b in self._reaching(owner, node)}
        kinds.discard(SAME_AS_BEFORE)
        added = ADDED in kinds
        kinds.discard(ADDED)
        found = kinds.pop() if len(kinds) == 1 else SAME_AS_BEFORE if not kinds else ""
        return "" if added and found in NUMBERS else found

    def _reaching(self, owner: Scope, node: ast.Name) -> list[ast.AST]:
        """The bindings that a name can have here: none of those before an assignment that is
        always made on the way."""
        bound = owner.bindings[node.id]
        if owner is not self.scope(node) or len(bound) == 1:
            return bound
        here = (node.lineno, node.col_offset)
        last = (0, 0)
        for binding in bound:
            statement = self.parents.get(binding)
            if isinstance(statement, ast.Assign) and self.parents[statement] is owner.node:
                if (statement.end_lineno, statement.end_col_offset) <= here:
                    last = max(last, (statement.lineno, statement.col_offset))
        return [b for b in bound if (getattr(b, "lineno", 0), getattr(b, "col_offset", 0)) >= last]

    def _comprehended(self, node: ast.Name) -> bool:
        """Whether the name is a target of a comprehension around it: another name than outside."""
        for parent in self.ancestors(node):
            if isinstance(parent, COMPREHENSIONS):
                if any(node.id in target_names(g.target) for g in parent.generators):
                    return True
            elif isinstance(parent, ast.stmt):
                return False
        return False

    def _kind_of_binding(self, node: ast.AST) -> str:
        """What a binding gives its name, or one of MARKS."""
        if isinstance(node, ast.arg):
            return self._kind_of_argument(node)
        parent = self.parents.get(node)
        if isinstance(parent, ast.comprehension):
            return SAME_AS_BEFORE  # a scope of its own
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            return SAME_AS_BEFORE
        if isinstance(parent, ast.Assign) and node in parent.targets:
            return self._ask_kind(parent.value)
        if isinstance(parent, ast.AnnAssign):
            return annotated_kind(parent.annotation) or self._ask_kind(parent.value)
        if isinstance(parent, ast.NamedExpr):
            return self._ask_kind(parent.value)
        if isinstance(parent, ast.AugAssign):
            return self._kind_of_augmented(parent)
        if isinstance(parent, ast.withitem):
            kind = self._ask_kind(parent.context_expr)
            return kind if kind in ("file", "StringIO", "BytesIO") else ""
        if isinstance(parent, ast.For) and node is parent.target:
            return self._kind_of_element(parent.iter)
        if isinstance(parent, ast.Tuple) and any(
            isinstance(a, ast.comprehension) for a in self._targets_above(parent)
        ):
            return SAME_AS_BEFORE
        if isinstance(parent, ast.Tuple) and isinstance(self.parents[parent], ast.Assign):
            value = self.parents[parent].value
            if isinstance(value, ast.Tuple) and len(value.elts) == len(parent.elts):
                return self._ask_kind(value.elts[parent.elts.index(node)])
        return ""

    def _targets_above(self, node: ast.AST) -> Iterator[ast.AST]:
        for parent in self.ancestors(node):
            yield parent
            if isinstance(parent, (ast.stmt, ast.expr)) and not isinstance(
                parent, (ast.Tuple, ast.List, ast.Starred)
            ):
                return

    def _kind_of_argument(self, node: ast.arg) -> str:
        holder = self.parents[node]
        if isinstance(holder, ast.arguments):
            if node is holder.vararg:
                return "tuple"
            if node is holder.kwarg:
                return "dict"
        return annotated_kind(node.annotation)

    def _kind_of_augmented(self, node: ast.AugAssign) -> str:
        right = self._ask_kind(node.value)
        if isinstance(node.op, ast.Div):
            return "float" if right in ("int", "float") else ""
        # += of a list takes any iterable, += of a string a string only: neither changes the kind.
        return "float" if right == "float" else SAME_AS_BEFORE if right else ADDED

    def _kind_of_element(self, node: ast.AST) -> str:
        if isinstance(node, ast.Call):
            name = self.resolve(node.func)
            if name == "builtins.range":
                return "int"
            return element_kind(name)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)) and node.elts:
            kinds = {self._ask_kind(e) for e in node.elts}
            return kinds.pop() if len(kinds) == 1 else ""
        kind = self._ask_kind(node)
        return "str" if kind == "str" else "int" if kind in ("bytes", "bytearray", "range") else ""

    def _kind_of_attribute(self, node: ast.Attribute) -> str:
        """Of self.x: all that the class assigns to it."""
        owner = self.class_of_self(node.value)
        if owner is None:
            return ""
        if owner not in self._attributes:
            self._attributes[owner] = self._collect_attributes(owner)
        values = self._attributes[owner].get(node.attr, [])
        kinds = {self._ask_kind(v) for v in values}
        kinds.discard("None")
        return kinds.pop() if len(kinds) == 1 else ""

    def class_of_self(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose method's first parameter the name is."""
        function = self.function(node)
        if not isinstance(node, ast.Name) or function is None:
            return None
        first = function.args.args[:1]
        owner = self.parents.get(function)
        if first and first[0].arg == node.id and isinstance(owner, ast.ClassDef):
            return owner
        return None

    def class_of_method(self, function: ast.AST) -> ast.ClassDef | None:
        """The class that a function is written in, if it is a method."""
        owner = self.parents.get(function)
        return owner if isinstance(owner, ast.ClassDef) else None

    def _collect_attributes(self, owner: ast.ClassDef) -> dict[str, list[ast.expr | None]]:
        found: dict[str, list[ast.expr | None]] = {}
        for node in self.by_type.get(ast.Attribute, ()):
            if isinstance(node.ctx, ast.Load) or self.class_of_self(node.value) is not owner:
                continue
            parent = self.parents[node]
            if isinstance(parent, ast.AugAssign):
                continue
            plain = isinstance(parent, (ast.Assign, ast.AnnAssign))
            found.setdefault(node.attr, []).append(parent.value if plain else None)
        return found

    # -- matches

    def text(self, node: ast.AST) -> str:
        """The source of a node, as it is written; its lines end in "\n"."""
        lines = self.lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: self.column(node.end_lineno, node.end_col_offset)]
        lines[0] = lines[0][self.column(node.lineno, node.col_offset) :]
        return "\n".join(lines)

    def label(self, node: ast.AST) -> str:
        """The same for people: one line, and not a long one."""
        return shorten(" ".join(self.text(node).split()), MOST_LABEL)

    def column(self, line: int, byte_col: int) -> int:
        """The character at a byte of a line; ast counts bytes of UTF-8."""
        text = self.lines[line - 1]
        return byte_col if text.isascii() else len(text.encode()[:byte_col].decode())

    @cached_property
    def lines(self) -> list[str]:
        return LINE_END.split(self.source)

    def match(
        self, rule: Rule, node: ast.AST, message: str, size: str = "", loop: ast.AST | None = None
    ) -> Match:
        """What find yields. loop: the loop that makes n; otherwise the innermost around it."""
        around = self.loops(node)
        looped = loop or (around[0] if around else None)
        return Match(
            rule=rule,
            file=self.file,
            line=node.lineno,
            end_line=node.end_lineno or node.lineno,
            function=self.qualname(node),
            message=message,
            size_expr=size,
            node=node,
            facts=self,
            span=self._span(rule, node, looped),
            loop_line=looped.lineno if isinstance(looped, LOOPS) else 0,
        )

    def _span(self, rule: Rule, node: ast.AST, loop: ast.AST | None) -> tuple[int, int]:
        if rule.part == FUNCTION:
            wide = node if isinstance(node, FUNCTIONS) else self.function(node) or node
        elif rule.part == LOOP:
            wide = loop or node
        else:
            wide = node
        return wide.lineno, wide.end_lineno or wide.lineno


def kind_of_circle(op: ast.operator, left: str, right: str) -> str:
    """Of an operation on what the name had before, and something else."""
    mark, other = (left, right) if left in MARKS else (right, left)
    if other in MARKS:
        return ADDED if ADDED in (left, right) else SAME_AS_BEFORE
    if not isinstance(op, ast.Add):
        return other if other in NUMBERS and mark == SAME_AS_BEFORE else ""
    if other in NUMBERS:
        return other if mark == SAME_AS_BEFORE else ADDED
    return other or ADDED


def kind_of_numbers(op: ast.operator, left: str, right: str) -> str:
    if isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
        return "int" if "int" in (left, right) else "bool"
    if "float" in (left, right) or isinstance(op, ast.Div):
        return "float"
    return "" if isinstance(op, ast.Pow) else "int"


def contains(outer: ast.AST, node: ast.AST) -> bool:
    return any(found is node for found in ast.walk(outer))


def plain_arguments(call: ast.Call, count: int) -> bool:
    """Whether a call has so many arguments, none starred and none named."""
    starred = any(isinstance(a, ast.Starred) for a in call.args)
    return len(call.args) == count and not call.keywords and not starred


def target_names(target: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}


def names_in(*nodes: ast.AST | None) -> set[str]:
    return {n.id for node in nodes if node for n in ast.walk(node) if isinstance(n, ast.Name)}


KINDS_OF_DISPLAYS: dict[type[ast.AST], str] = {
    ast.List: "list",
    ast.ListComp: "list",
    ast.Tuple: "tuple",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.JoinedStr: "str",
    ast.GeneratorExp: "generator",
    ast.Lambda: "function",
}
