"""Calls that could be fewer, cheaper, or none."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tare.advising.editing import (
    add_after,
    add_before,
    between,
    complete,
    drop,
    end,
    imported,
    indent,
    is_simple,
    opens_line,
    replace,
    start,
    stores,
)
from tare.advising.facts import FUNCTIONS, Facts, names_in
from tare.advising.model import BUILTIN, DIFFERS, FUNCTION, SAME, Edit, Match, Rule, functions

PURE = frozenset(f"builtins.{name}" for name in (
    "abs all any bin bool chr complex divmod enumerate float format hash hex int isinstance len "
    "max min oct ord pow range repr reversed round str sum tuple zip sorted").split()) | {
    f"math.{name}" for name in (
        "sqrt sin cos tan asin acos atan atan2 exp log log2 log10 floor ceil fabs hypot gcd "
        "factorial comb perm pow fsum isqrt prod degrees radians trunc").split()}
MUTABLE = ("list", "dict", "set", "bytearray", "generator", "deque", "array", "defaultdict",
           "Counter", "OrderedDict")


# -- functions whose results could be kept


def is_pure(facts: Facts, function: ast.FunctionDef) -> bool:
    """Whether what a function gives depends on its arguments only, and it does nothing else.

    Methods are not: who calls one may have changed the object.
    """
    arguments = function.args
    if facts.class_of_method(function) or function.decorator_list or arguments.kwonlyargs:
        return False
    if arguments.vararg or arguments.kwarg or not arguments.args or arguments.defaults:
        return False
    module = facts.scopes[facts.tree]
    for node in ast.walk(function):
        if isinstance(node, (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Await,
                             ast.Import, ast.ImportFrom, ast.Try, ast.With, ast.Raise,
                             ast.ClassDef, ast.Lambda)) or (
                isinstance(node, ast.FunctionDef) and node is not function):
            return False
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            if not isinstance(node.ctx, ast.Load) or not reads_no_state(facts, node):
                return False
        if isinstance(node, ast.Call) and not is_pure_call(facts, function, node):
            return False
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            owner = facts.owner(node.id, node)
            if owner is module and not is_constant_name(facts, node, function):
                return False
            if owner not in (None, module, facts.scopes[function]):
                return False
    returned = [n.value for n in ast.walk(function) if isinstance(n, ast.Return)]
    return bool(returned) and all(value and cannot_change(facts, value) for value in returned)


def cannot_change(facts: Facts, value: ast.expr) -> bool:
    """Whether a result may be shared. A sum of unknown things may be a list: they are numbers in
    what is_pure lets through, or made of its arguments."""
    if isinstance(value, ast.IfExp):
        return cannot_change(facts, value.body) and cannot_change(facts, value.orelse)
    kind = facts.kind(value)
    if isinstance(value, ast.Name):
        owner = facts.owner(value.id, value)
        bound = owner.bindings[value.id] if owner else []
        given = bool(bound) and all(isinstance(b, ast.arg) for b in bound)
        return given or kind in ("int", "float", "str", "bool")
    return kind not in MUTABLE


def reads_no_state(facts: Facts, node: ast.AST) -> bool:
    """An attribute of a module, or an item of what cannot change."""
    if isinstance(node, ast.Attribute):
        return facts.resolve(node) in PURE or facts.resolve(node) in ("math.pi", "math.e")
    return facts.kind(node.value) in ("str", "bytes", "tuple")


def is_pure_call(facts: Facts, function: ast.FunctionDef, call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name) and call.func.id == function.name:
        return True
    return facts.resolve(call.func) in PURE


def is_constant_name(facts: Facts, node: ast.Name, function: ast.FunctionDef) -> bool:
    """A name of the module: the function itself, a module, or a constant assigned once."""
    if node.id == function.name or facts.resolve(node):
        return True
    bound = facts.scopes[facts.tree].bindings[node.id]
    value = getattr(facts.parents[bound[0]], "value", None)
    return len(bound) == 1 and not facts.rebound(node.id) and isinstance(value, ast.Constant)


def own_calls(function: ast.FunctionDef) -> list[ast.Call]:
    return [
        n for n in ast.walk(function)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == function.name
    ]


def overlaps(facts: Facts, function: ast.FunctionDef) -> bool:
    """Two calls of itself or more, with arguments reckoned from its own: fib(n - 1), fib(n - 2).

    Those that walk a tree call themselves too, but never twice with the same.
    """
    calls = own_calls(function)
    parameters = {a.arg for a in function.args.args}
    return len(calls) >= 2 and all(
        all(isinstance(a, (ast.BinOp, ast.Name, ast.Constant)) for a in call.args)
        and any(isinstance(a, ast.BinOp) and names_in(a) & parameters for a in call.args)
        for call in calls
    )


def find_recursion(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.FunctionDef):
        if overlaps(facts, node) and is_pure(facts, node):
            yield facts.match(CACHE_RECURSION, node, (
                f"{node.name} calls itself with the same arguments again and again: "
                "functools.lru_cache keeps the results"), size=node.args.args[0].arg)


def rewrite_cached(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    if facts.scope(facts.parents[node]).parent is not None:
        return None
    cache, edits = imported(facts, "functools", "lru_cache", before=node.lineno)
    made = complete(add_before(facts, node, f"@{cache}(maxsize=None)"))
    return made and edits + made


CACHE_RECURSION = Rule(
    id="cache-recursion",
    title="f(n - 1) + f(n - 2) -> functools.lru_cache",
    why="The same results are computed again and again, a number of times that grows as 1.6 ** n.",
    same=DIFFERS,
    differs="arguments must be hashable; all results stay in memory",
    pair=functions("n, fib, make", """
        from functools import lru_cache
        def fib(k):
            return k if k < 2 else fib(k - 1) + fib(k - 2)
        def make():
            @lru_cache(maxsize=None)
            def kept(k):
                return k if k < 2 else kept(k - 1) + kept(k - 2)
            return kept
        """, "result = fib(n)", "result = make()(n)", sizes=(3, 5, 10, 15, 18), steps="1"),
    find=find_recursion,
    rewrite=rewrite_cached,
    part=FUNCTION,
    callees=True,
    grows=True,
)


def find_pure(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    loops = (ast.For, ast.While, ast.GeneratorExp, ast.ListComp)
    for node in facts.nodes(ast.FunctionDef):
        works = any(isinstance(n, loops) for n in ast.walk(node))
        if works and not own_calls(node) and is_called_often(facts, node) and is_pure(facts, node):
            yield facts.match(CACHE_PURE, node, (
                f"what {node.name} gives depends on its arguments only: where they come again, "
                "functools.lru_cache keeps the results"))


def is_called_often(facts: Facts, function: ast.FunctionDef) -> bool:
    return any(
        isinstance(c.func, ast.Name) and c.func.id == function.name and facts.repeats(c)
        for c in facts.nodes(ast.Call)
    )


CACHE_PURE = Rule(
    id="cache-pure",
    title="a pure function, called with the same again -> functools.lru_cache",
    why="A result that was computed once is looked up from then on, where arguments come again.",
    same=DIFFERS,
    differs="arguments must be hashable; all results stay in memory; 1 and 1.0 are one",
    pair=functions("n, f, make", """
        from functools import lru_cache
        def f(k):
            total = 0
            for i in range(k % 50):
                total += i * k
            return total
        def make():
            return lru_cache(maxsize=None)(f)
        """, """
        result = 0
        for i in range(n):
            result += f(i // 2)
        """, """
        result = 0
        kept = make()
        for i in range(n):
            result += kept(i // 2)
        """, sizes=(1000,)),
    find=find_pure,
    rewrite=rewrite_cached,
    part=FUNCTION,
    callees=True,
)


# -- deepcopy


def find_deepcopy(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("copy.deepcopy"):
        if call.args:
            what = facts.label(call.args[0])
            yield facts.match(DEEPCOPY, call, (
                f"deepcopy walks all of {what} in Python: where what it holds cannot change, "
                "its copy() is enough; else copy what changes"), size=f"items in {what}")


DEEPCOPY = Rule(
    id="deepcopy",
    title="copy.deepcopy(flat) -> flat.copy()",
    why="deepcopy looks at each object, asks what it is, and remembers it, all in Python.",
    same=DIFFERS,
    differs="copy() shares what it holds: right only where that is never changed",
    pair=functions("table, deepcopy", """
        from copy import deepcopy
        table = {'k%d' % i: i for i in range(n)}
        """, "result = deepcopy(table)", "result = table.copy()", sizes=(3, 10, 100, 1000),
        steps="1"),
    find=find_deepcopy,
    callees=True,
)


# -- strptime

ISO = {"%Y-%m-%d": "date", "%Y-%m-%dT%H:%M:%S": "", "%Y-%m-%d %H:%M:%S": "",
       "%Y-%m-%dT%H:%M:%S.%f": "", "%Y-%m-%d %H:%M:%S.%f": "", "%Y-%m-%dT%H:%M": "",
       "%Y-%m-%d %H:%M": ""}


def find_strptime(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("datetime.datetime.strptime"):
        if len(call.args) == 2 and not call.keywords and isinstance(call.args[1], ast.Constant):
            if call.args[1].value in ISO:
                yield facts.match(STRPTIME, call, (
                    "strptime reads its format each time, in Python: fromisoformat reads this one "
                    "in C"))


def rewrite_strptime(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    owner = facts.text(call.func.value)
    return [replace(facts, call, f"{owner}.fromisoformat({facts.text(call.args[0])})")]


STRPTIME = Rule(
    id="strptime-iso",
    title="datetime.strptime(s, '%Y-%m-%d') -> datetime.fromisoformat(s)",
    why="strptime takes the format apart and matches a regular expression, all in Python.",
    same=DIFFERS,
    differs="fromisoformat takes other ISO forms too, and no single digits such as 2026-1-5",
    pair=functions("texts, datetime", """
        from datetime import datetime
        texts = ['2026-11-22T10:11:%02d' % (i % 60) for i in range(n)]
        """, "result = [datetime.strptime(t, '%Y-%m-%dT%H:%M:%S') for t in texts]",
        "result = [datetime.fromisoformat(t) for t in texts]", sizes=(100,)),
    find=find_strptime,
    rewrite=rewrite_strptime,
    callees=True,
    since=(3, 7),
)


# -- log.debug(f"...")

LEVELS = ("debug", "info")


def find_log(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.nodes(ast.Call):
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr not in LEVELS:
            continue
        if not call.args or not is_formatted(call.args[0]):
            continue
        logs = facts.kind(function.value) == "Logger" or facts.resolve(function) in (
            "logging.debug", "logging.info")
        if logs:
            yield facts.match(LOG_FORMAT, call, (
                "the message is put together also when it is not logged: hand its parts to "
                f"{function.attr}, with %s"))


def is_formatted(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(v, ast.FormattedValue) for v in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and node.func.attr == "format" and isinstance(node.func.value, ast.Constant)
    )


def rewrite_log(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    message = call.args[0]
    if not isinstance(message, ast.JoinedStr) or len(call.args) != 1 or call.keywords:
        return None
    text, parts = "", []
    for value in message.values:
        if isinstance(value, ast.Constant):
            text += value.value.replace("%", "%%")
            continue
        if value.format_spec is not None or value.conversion not in (-1, 115, 114):
            return None
        if not is_simple(value.value):
            return None
        text += "%r" if value.conversion == 114 else "%s"
        parts.append(ast.unparse(value.value))
    return [replace(facts, message, f"{text!r}, {', '.join(parts)}")]


LOG_FORMAT = Rule(
    id="log-format",
    title='log.debug(f"{x}") -> log.debug("%s", x)',
    why="An f-string is put together before the logger is asked, which mostly throws it away.",
    same=BUILTIN,
    differs="what is logged is made to text when it is written, not before",
    pair=functions("log, big, n", """
        import logging
        log = logging.getLogger('tare.pair')
        log.setLevel(logging.WARNING)
        big = list(range(20))
        """, """
        for i in range(n):
            log.debug(f'value {big}')
        result = None
        """, """
        for i in range(n):
            log.debug('value %s', big)
        result = None
        """, sizes=(100,)),
    find=find_log,
    rewrite=rewrite_log,
    since=(3, 6),
)


# -- with suppress(E)


def find_suppress(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.With):
        item = node.items[0]
        call = item.context_expr
        single = len(node.items) == 1 and item.optional_vars is None
        if single and isinstance(call, ast.Call) and call.args and not call.keywords:
            if facts.resolve(call.func) == "contextlib.suppress":
                yield facts.match(SUPPRESS, node, (
                    "an object is made, entered and left each time: try and except cost next to "
                    "nothing"))


def rewrite_suppress(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    call = node.items[0].context_expr
    if not opens_line(facts, node) or node.body[0].lineno == node.lineno:
        return None
    if any(isinstance(a, ast.Starred) for a in call.args):
        return None
    texts = [facts.text(a) for a in call.args]
    caught = texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
    head = between(facts, start(facts, node), end(facts, call), "try")
    step = indent(facts, node.body[0])[len(indent(facts, node)):]
    return complete(head, add_after(facts, node, f"except {caught}:", f"{step}pass"))


SUPPRESS = Rule(
    id="suppress",
    title="with suppress(E): ... -> try: ... except E: pass",
    why="suppress is a class: it is made, and two methods of it called, each time.",
    same=SAME,
    differs="",
    pair=functions("table, keys, suppress", """
        from contextlib import suppress
        table = {i: i for i in range(n)}
        keys = list(range(n))
        """, """
        result = 0
        for k in keys:
            with suppress(KeyError):
                result += table[k]
        """, """
        result = 0
        for k in keys:
            try:
                result += table[k]
            except KeyError:
                pass
        """, sizes=(1000,)),
    find=find_suppress,
    rewrite=rewrite_suppress,
    callees=True,
)


# -- lambda x: f(x)


def find_wrapper(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Lambda):
        call = node.body
        parameters = [a.arg for a in node.args.args]
        plain = not (node.args.vararg or node.args.kwarg or node.args.kwonlyargs
                     or node.args.defaults or node.args.posonlyargs)
        if not parameters or not plain or not isinstance(call, ast.Call) or call.keywords:
            continue
        if [getattr(a, "id", None) for a in call.args] != parameters:
            continue
        if is_steady(facts, call.func) and isinstance(facts.parents[node], (ast.Call, ast.keyword)):
            yield facts.match(LAMBDA_WRAPPER, node, (
                f"the lambda only calls {facts.label(call.func)}: hand that over itself"))


def is_steady(facts: Facts, function: ast.AST) -> bool:
    """Whether a name stands for the same function all the time."""
    if facts.resolve(function):
        return True
    if not isinstance(function, ast.Name):
        return False
    owner = facts.owner(function.id, function)
    bound = owner.bindings[function.id] if owner else []
    single = len(bound) == 1 and isinstance(bound[0], ast.FunctionDef)
    return single and not facts.rebound(function.id)


def rewrite_wrapper(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    return [replace(facts, node, facts.text(node.body.func))]


LAMBDA_WRAPPER = Rule(
    id="lambda-wrapper",
    title="lambda x: f(x) -> f",
    why="A lambda that only calls is one more call of a Python function each time.",
    same=BUILTIN,
    differs="where f is replaced later, the lambda would have seen it",
    pair=functions("items", "items = list(range(n))", "result = list(map(lambda x: abs(x), items))",
                   "result = list(map(abs, items))", sizes=(1000,)),
    find=find_wrapper,
    rewrite=rewrite_wrapper,
    callees=True,
)


# -- a tiny function called in a loop


def tiny_body(facts: Facts, function: ast.AST) -> ast.expr | None:
    """The expression that is all of a function of the module with plain parameters, each used
    once at most."""
    if not isinstance(function, ast.FunctionDef) or function.decorator_list:
        return None
    arguments = function.args
    if (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults
            or arguments.posonlyargs):
        return None
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        return None
    value = body[0].value
    small = sum(1 for _ in ast.walk(value)) <= 16
    banned = (ast.Lambda, ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.ListComp,
              ast.GeneratorExp, ast.SetComp, ast.DictComp, ast.Call, ast.JoinedStr)
    plain = not any(isinstance(n, banned) for n in ast.walk(value))
    parameters = {a.arg for a in arguments.args}
    return value if small and plain and names_in(value) <= parameters else None


def find_inline(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.nodes(ast.Call):
        if not isinstance(call.func, ast.Name) or call.keywords or not facts.repeats(call):
            continue
        function = inlined(facts, call)
        if function is not None and all(is_simple(a) for a in call.args):
            yield facts.match(INLINE, call, (
                f"{function.name} only gives an expression: written here, it costs no call"))


def inlined(facts: Facts, call: ast.Call) -> ast.FunctionDef | None:
    owner = facts.owner(call.func.id, call)
    if owner is None or owner.parent is not None or facts.rebound(call.func.id):
        return None
    bound = owner.bindings[call.func.id]
    if len(bound) != 1 or tiny_body(facts, bound[0]) is None:
        return None
    fits = len(call.args) == len(bound[0].args.args)
    return bound[0] if fits and not any(isinstance(a, ast.Starred) for a in call.args) else None


class _Substitute(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values[node.id]


def rewrite_inline(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    function = inlined(facts, call)
    values = dict(zip((a.arg for a in function.args.args), call.args, strict=True))
    copied = ast.parse(ast.unparse(tiny_body(facts, function)), mode="eval").body
    text = ast.unparse(_Substitute(values).visit(copied))
    return [replace(facts, call, f"({text})")]


INLINE = Rule(
    id="inline-helper",
    title="a function of one expression, called in a loop -> the expression",
    why="The call costs more than what the function does.",
    same=BUILTIN,
    differs="who replaces the function, as tests do, changes nothing here",
    pair=functions("items, helper", """
        items = list(range(n))
        def helper(x):
            return x * 2 + 1
        """, """
        result = 0
        for x in items:
            result += helper(x)
        """, """
        result = 0
        for x in items:
            result += (x * 2 + 1)
        """, sizes=(1000,)),
    find=find_inline,
    rewrite=rewrite_inline,
    callees=True,
)


# -- a property that only returns


def find_property(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.FunctionDef):
        decorators = [facts.resolve(d) for d in node.decorator_list]
        if decorators != ["builtins.property"] or not isinstance(facts.parents[node], ast.ClassDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        if len(body) != 1 or not isinstance(body[0], ast.Return):
            continue
        value = body[0].value
        plain = isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name)
        if plain and node.args.args and value.value.id == node.args.args[0].arg:
            yield facts.match(PROPERTY, node, (
                f"the property {node.name} only returns {facts.label(value)}: a plain attribute "
                "costs no call"))


PROPERTY = Rule(
    id="trivial-property",
    title="@property that returns self._x -> the attribute x",
    why="Each look at the property is a call of a Python function.",
    same=DIFFERS,
    differs="an attribute can be assigned from outside",
    pair=functions("holder, n", """
        class Holder:
            def __init__(self):
                self._p = 1
                self.v = 1
            @property
            def p(self):
                return self._p
        holder = Holder()
        """, """
        result = 0
        for i in range(n):
            result += holder.p
        """, """
        result = 0
        for i in range(n):
            result += holder.v
        """, sizes=(1000,)),
    find=find_property,
    part=FUNCTION,
)


# -- import in a function


def find_import(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Import, ast.ImportFrom):
        around = facts.function(node)
        if isinstance(around, FUNCTIONS) and not isinstance(facts.parents[node], ast.Try):
            yield facts.match(IMPORT, node, (
                f"{facts.label(node)} looks the module up each time: import it "
                "once, at the top of the file"))


def rewrite_import(match: Match, source: str) -> list[Edit] | None:
    """Out of the loops around, in the same function: further up it might import in a circle."""
    facts, node = match.facts, match.node
    loops = facts.loops(node)
    names = [a.asname or a.name.split(".")[0] for a in node.names]
    if not loops or "*" in names or facts.block(node)[0] is not node:
        return None
    if facts.parents[node] not in loops or stores_again(facts, node, loops[0], names):
        return None
    return complete(add_before(facts, loops[0], facts.text(node)), drop(facts, node))


def stores_again(facts: Facts, node: ast.stmt, loop: ast.AST, names: list[str]) -> bool:
    return any(stores(n, *names) for n in ast.walk(loop)
               if isinstance(n, ast.stmt) and n is not loop and n is not node)


IMPORT = Rule(
    id="import-in-function",
    title="import in a function or loop -> at the top",
    why="An import that is done already still looks up the module and binds a name.",
    same=DIFFERS,
    differs="modules that import each other may need it late; the module is loaded at once",
    pair=functions("n", "", """
        result = 0
        for i in range(n):
            import math
            result += 1
        """, """
        import math
        result = 0
        for i in range(n):
            result += 1
        """, sizes=(1000,)),
    find=find_import,
    rewrite=rewrite_import,
)


# -- dict(), list()

DISPLAYS = {"builtins.dict": "{}", "builtins.list": "[]", "builtins.tuple": "()"}


def find_display(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls(*DISPLAYS):
        if not call.args and not call.keywords:
            better = DISPLAYS[facts.resolve(call.func)]
            yield facts.match(DISPLAY, call, (
                f"{facts.label(call)} looks up a name and calls a type: {better} does neither"))


def rewrite_display(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    return [replace(facts, call, DISPLAYS[facts.resolve(call.func)])]


DISPLAY = Rule(
    id="empty-display",
    title="dict(), list() -> {}, []",
    why="The name is looked up, and the type called, where a display is one instruction.",
    same=SAME,
    differs="",
    pair=functions("n", "", """
        for i in range(n):
            result = dict()
            result = list()
        """, """
        for i in range(n):
            result = {}
            result = []
        """, sizes=(1000,)),
    find=find_display,
    rewrite=rewrite_display,
)


# -- isinstance(x, A) or isinstance(x, B)


def find_isinstance(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.BoolOp):
        if isinstance(node.op, ast.Or) and len(node.values) >= 2:
            same = all(facts.is_call(v, "builtins.isinstance", 2) for v in node.values)
            if same and len({ast.dump(v.args[0]) for v in node.values}) == 1:
                if is_simple(node.values[0].args[0]):
                    yield facts.match(ISINSTANCE, node, (
                        "isinstance is called for each class: it takes a tuple of them"))


def rewrite_isinstance(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    classes = [v.args[1] for v in node.values]
    if any(isinstance(c, ast.Tuple) for c in classes):
        return None
    texts = ", ".join(facts.text(c) for c in classes)
    what = facts.text(node.values[0].args[0])
    return [replace(facts, node, f"isinstance({what}, ({texts}))")]


ISINSTANCE = Rule(
    id="isinstance-chain",
    title="isinstance(x, A) or isinstance(x, B) -> isinstance(x, (A, B))",
    why="One call instead of several, though a tuple is slower to go through.",
    same=BUILTIN,
    differs="all classes are looked up, where the first could be enough",
    pair=functions("words", "words = ['w%d' % i for i in range(n)]", """
        result = 0
        for w in words:
            if isinstance(w, int) or isinstance(w, float) or isinstance(w, str):
                result += 1
        """, """
        result = 0
        for w in words:
            if isinstance(w, (int, float, str)):
                result += 1
        """, sizes=(1000,)),
    find=find_isinstance,
    rewrite=rewrite_isinstance,
    folklore=True,
)


RULES = (CACHE_RECURSION, CACHE_PURE, DEEPCOPY, STRPTIME, LOG_FORMAT, SUPPRESS, LAMBDA_WRAPPER,
         INLINE, PROPERTY, IMPORT, DISPLAY, ISINSTANCE)
