"""Text: patterns, prefixes, formats, and how it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tare.advising.editing import (
    add_before,
    complete,
    element,
    fresh,
    is_early,
    is_simple,
    is_truth,
    operand,
    replace,
    replace_whole,
    same_text,
    single_loop,
    suspends,
    used_after,
    uses,
)
from tare.advising.facts import Facts, target_names
from tare.advising.model import BUILTIN, DIFFERS, LOOP, SAME, Edit, Match, Rule, functions

WORDS = "words = ['w%d' % (i % 97) for i in range(n)]"
RE_FUNCTIONS = ("compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "subn",
                "split")

# How many stand between pattern and flags, at least and at most.
ARGUMENTS = {"compile": (0, 0), "split": (1, 2), "sub": (2, 3), "subn": (2, 3)}


# -- re.match(pattern, ...)


def find_compile(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls(*(f"re.{name}" for name in RE_FUNCTIONS)):
        text = call.args and isinstance(call.args[0], ast.Constant)
        if text and isinstance(call.args[0].value, (str, bytes)) and facts.function(call):
            yield facts.match(COMPILE, call, (
                f"{facts.label(call.func)} looks its pattern up in a cache each time: compile it "
                "once, outside of the function"))


def rewrite_compile(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if not name or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    others = [facts.text(k) for k in call.keywords if k.arg != "flags"]
    flags = [facts.text(k.value) for k in call.keywords if k.arg == "flags"]
    rest = [element(facts, a) for a in call.args[1:]]
    least, most = ARGUMENTS.get(name, (1, 1))
    flags += rest[most:]
    if not least <= len(rest) <= most + 1 or not compiles(facts, call, flags):
        return None
    rest = rest[:most]
    top = next(s for s in facts.tree.body if any(n is call for n in ast.walk(s)))
    if not is_imported_before(facts, call.func.value, top):
        return None
    pattern = fresh(facts, f"_PATTERN_{call.lineno}_{call.col_offset}")
    module = facts.text(call.func.value)
    arguments = ", ".join([facts.text(call.args[0]), *flags])
    used = pattern if name == "compile" else f"{pattern}.{name}({', '.join([*rest, *others])})"
    return complete(
        add_before(facts, top, f"{pattern} = {module}.compile({arguments})"),
        replace(facts, call, used),
    )


def is_imported_before(facts: Facts, module: ast.expr, top: ast.stmt) -> bool:
    """Whether the module is known by that name where its pattern is to be compiled."""
    owner = facts.owner(module.id, module) if isinstance(module, ast.Name) else None
    if owner is None or owner.parent is not None:
        return False
    statements = [facts.parents[binding] for binding in owner.bindings[module.id]]
    return len(statements) == 1 and is_early(facts, statements[0], top.lineno)


def compiles(facts: Facts, call: ast.Call, flags: list[str]) -> bool:
    """Whether compiling earlier raises nothing, and the flags are known there."""
    if any(not re.fullmatch(r"[\w.| ]*", flag) for flag in flags):
        return False
    if flags and not all("." in part for part in re.split(r"\s*\|\s*", flags[0])):
        return False
    try:
        re.compile(call.args[0].value)
    except re.error:
        return False
    return "\n" not in facts.text(call.args[0])


COMPILE = Rule(
    id="re-compile",
    title="re.match(pattern, s) -> pattern compiled once",
    why="The module's functions look up a compiled pattern for each call.",
    same=SAME,
    differs="",
    pair=functions("words, re, compiled", f"""
        import re
        compiled = re.compile(r'w(\\d+)')
        {WORDS}
        """, """
        result = 0
        for w in words:
            if re.match(r'w(\\d+)', w):
                result += 1
        """, """
        result = 0
        for w in words:
            if compiled.match(w):
                result += 1
        """, sizes=(1000,)),
    find=find_compile,
    rewrite=rewrite_compile,
    callees=True,
)


# -- a pattern without anything special

PLAIN = re.compile(r"[\w \-:;,<>=!@%&/'\"~`]+", re.A)


def literal(node: ast.AST) -> str | None:
    """The text that a pattern matches and nothing else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if PLAIN.fullmatch(node.value) else None
    return None


def regex_call(facts: Facts, call: ast.Call) -> tuple[str, ast.expr, list[ast.expr]] | None:
    """The function, pattern and other arguments of re.f(p, ...) or of a compiled P.f(...)."""
    if call.keywords or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    name = facts.resolve(call.func)
    if name.startswith("re.") and call.args:
        return name[3:], call.args[0], call.args[1:]
    if not isinstance(call.func, ast.Attribute) or facts.kind(call.func.value) != "Pattern":
        return None
    owner = call.func.value
    scope = facts.owner(owner.id, owner) if isinstance(owner, ast.Name) else None
    bound = scope.bindings[owner.id] if scope else []
    made = getattr(facts.parents[bound[0]], "value", None) if len(bound) == 1 else None
    if facts.is_call(made, "re.compile", 1) and not facts.rebound(owner.id):
        return call.func.attr, made.args[0], call.args
    return None


def find_prefix(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.nodes(ast.Call):
        found = regex_call(facts, call)
        if not found or found[0] not in ("match", "search") or len(found[2]) != 1:
            continue
        if literal(found[1]) and is_truth(facts, call):
            better = "startswith" if found[0] == "match" else "in"
            yield facts.match(RE_LITERAL, call, (
                f"the pattern {facts.label(found[1])} has nothing special in it: {better} does "
                "the same"))


def rewrite_prefix(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    name, pattern, (text,) = regex_call(facts, call)
    if name == "match":
        return [replace(facts, call, f"{operand(facts, text)}.startswith({facts.text(pattern)})")]
    return [replace(facts, call, f"({facts.text(pattern)} in {operand(facts, text)})")]


RE_LITERAL = Rule(
    id="re-literal",
    title="re.match('abc', s) -> s.startswith('abc')",
    why="A regular expression is run for what a method of strings does.",
    same=BUILTIN,
    differs="what is no string raises AttributeError, not TypeError",
    pair=functions("words, compiled", f"""
        import re
        compiled = re.compile('w1')
        {WORDS}
        """, """
        result = 0
        for w in words:
            if compiled.match(w):
                result += 1
        """, """
        result = 0
        for w in words:
            if w.startswith('w1'):
                result += 1
        """, sizes=(1000,)),
    find=find_prefix,
    rewrite=rewrite_prefix,
)


def find_sub(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.nodes(ast.Call):
        found = regex_call(facts, call)
        if found and found[0] == "sub" and len(found[2]) == 2 and literal(found[1]):
            new = found[2][0]
            if isinstance(new, ast.Constant) and isinstance(new.value, str):
                if "\\" not in new.value:
                    yield facts.match(RE_REPLACE, call, (
                        f"the pattern {facts.label(found[1])} has nothing special in it: "
                        "str.replace does the same"))


def rewrite_sub(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    _, pattern, (new, text) = regex_call(facts, call)
    arguments = f"{facts.text(pattern)}, {facts.text(new)}"
    return [replace(facts, call, f"{operand(facts, text)}.replace({arguments})")]


RE_REPLACE = Rule(
    id="re-replace",
    title="re.sub('a', 'b', s) -> s.replace('a', 'b')",
    why="A regular expression is run, and its matches put together, for what replace does.",
    same=BUILTIN,
    differs="what is no string raises AttributeError, not TypeError",
    pair=functions("text, compiled", f"""
        import re
        compiled = re.compile('w1')
        {WORDS}
        text = ' '.join(words)
        """, "result = compiled.sub('X', text)", "result = text.replace('w1', 'X')", steps="1"),
    find=find_sub,
    rewrite=rewrite_sub,
)


# -- s[:2] == "ab"


def find_slice(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Compare):
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            if sliced(node):
                yield facts.match(SLICE_PREFIX, node, (
                    f"{facts.label(node.left)} makes a string to be compared: {sliced(node)} "
                    "makes none"))


def sliced(node: ast.Compare) -> str:
    """startswith or endswith for s[:2] == "ab" or s[-2:] == "ab"; "" for others."""
    part, text = node.left, node.comparators[0]
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str) or not text.value:
        return ""
    if not isinstance(part, ast.Subscript) or not isinstance(part.slice, ast.Slice):
        return ""
    lower, upper = part.slice.lower, part.slice.upper
    if part.slice.step or (lower is None) == (upper is None):
        return ""
    length = len(text.value)
    if upper is not None and ast.unparse(upper) == str(length):
        return "startswith"
    return "endswith" if lower is not None and ast.unparse(lower) == f"-{length}" else ""


def rewrite_slice(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    if facts.kind(node.left.value) != "str":
        return None
    call = f"{operand(facts, node.left.value)}.{sliced(node)}({facts.text(node.comparators[0])})"
    return [replace(facts, node, call if isinstance(node.ops[0], ast.Eq) else f"(not {call})")]


SLICE_PREFIX = Rule(
    id="slice-prefix",
    title="s[:2] == 'ab' -> s.startswith('ab')",
    why="A slice is a new string; before 3.13 it is made quicker than the method is called.",
    same=BUILTIN,
    differs="what has slices and is no string has no startswith",
    pair=functions("words", WORDS, """
        result = 0
        for w in words:
            if w[:2] == 'w1':
                result += 1
        """, """
        result = 0
        for w in words:
            if w.startswith('w1'):
                result += 1
        """, sizes=(1000,)),
    find=find_slice,
    rewrite=rewrite_slice,
)


# -- a.startswith(x) or a.startswith(y)


def find_startswith(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.BoolOp):
        if isinstance(node.op, ast.Or) and prefixes(node):
            yield facts.match(STARTSWITH_OR, node, (
                f"{node.values[0].func.attr} is called for each: it takes a tuple of them"))


def prefixes(node: ast.BoolOp) -> list[ast.expr]:
    """The arguments of a.startswith(x) or a.startswith(y) or ...; none for anything else."""
    found: list[ast.expr] = []
    for value in node.values:
        call = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
        if not call or value.func.attr not in ("startswith", "endswith") or value.keywords:
            return []
        if len(value.args) != 1 or not isinstance(value.args[0], (ast.Constant, ast.Name)):
            return []
        if not same_text(value.func, node.values[0].func) or not is_simple(value.func.value):
            return []
        found.append(value.args[0])
    return found


def rewrite_startswith(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    if not all(isinstance(p, ast.Constant) for p in prefixes(node)):
        return None
    texts = ", ".join(facts.text(p) for p in prefixes(node))
    return [replace(facts, node, f"{facts.text(node.values[0].func)}(({texts}))")]


STARTSWITH_OR = Rule(
    id="startswith-or",
    title="s.startswith(a) or s.startswith(b) -> s.startswith((a, b))",
    why="A method is looked up and called for each, where one call tries them all.",
    same=BUILTIN,
    differs="a class with a startswith of its own may take no tuple",
    pair=functions("words", WORDS, """
        result = 0
        for w in words:
            if w.startswith('a') or w.startswith('b') or w.startswith('w9'):
                result += 1
        """, """
        result = 0
        for w in words:
            if w.startswith(('a', 'b', 'w9')):
                result += 1
        """, sizes=(1000,)),
    find=find_startswith,
    rewrite=rewrite_startswith,
)


# -- formats

PERCENT = re.compile(r"%[sdr]|%%")


def percent_parts(facts: Facts, node: ast.AST) -> list[tuple[str, ast.expr | None]] | None:
    """Text and values of "..." % (a, b) with nothing but %s, %r and %d of integers."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mod):
        return None
    if not isinstance(node.left, ast.Constant) or not isinstance(node.left.value, str):
        return None
    if isinstance(node.right, ast.Tuple):
        values = list(node.right.elts)
    elif facts.kind(node.right) in ("str", "int", "float"):
        values = [node.right]
    else:
        return None
    text = node.left.value
    if len(re.findall("%", text)) != sum(len(m) if m == "%%" else 1 for m in PERCENT.findall(text)):
        return None
    parts: list[tuple[str, ast.expr | None]] = []
    at = 0
    for found in PERCENT.finditer(text):
        parts.append((text[at : found.start()], None))
        at = found.end()
        if found[0] == "%%":
            parts.append(("%", None))
        elif not values:
            return None
        else:
            value = values.pop(0)
            if found[0] == "%d" and facts.kind(value) != "int":
                return None
            parts.append(("!r" if found[0] == "%r" else "", value))
    return [*parts, (text[at:], None)] if not values else None


def brace_parts(facts: Facts, node: ast.AST) -> list[tuple[str, ast.expr | None]] | None:
    """The same for "{} {}".format(a, b)."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr != "format" or node.keywords or not isinstance(node.func.value, ast.Constant):
        return None
    text = node.func.value.value
    if not isinstance(text, str) or re.search(r"[{}]", text.replace("{}", "")):
        return None
    pieces = text.split("{}")
    if len(pieces) != len(node.args) + 1 or any(isinstance(a, ast.Starred) for a in node.args):
        return None
    parts: list[tuple[str, ast.expr | None]] = [(pieces[0], None)]
    for piece, value in zip(pieces[1:], node.args, strict=True):
        parts += [("", value), (piece, None)]
    return parts


def f_string(parts: list[tuple[str, ast.expr | None]]) -> str | None:
    """None where the values cannot be written inside quotes on any Python that has f-strings."""
    texts = []
    for text, value in parts:
        if value is None:
            texts.append(repr(text)[1:-1].replace("{", "{{").replace("}", "}}"))
            if repr(text)[0] == '"' or "'" in text:
                return None
        else:
            code = ast.unparse(value)
            if re.search(r"['\"\\\n]|^\{", code) or isinstance(value, (ast.Lambda, ast.Yield)):
                return None
            texts.append("{" + code + text + "}")
    return f"f'{''.join(texts)}'"


def find_format(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Call):
        parts = brace_parts(facts, node)
        if parts and any(value for _, value in parts):
            yield facts.match(FORMAT, node, (
                "format reads its text each time: an f-string is taken apart by the compiler"))


def find_percent(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.BinOp):
        parts = percent_parts(facts, node)
        # The compiler makes an f-string itself of "%s" % (x,), of what is no tuple it cannot.
        if not parts or isinstance(node.right, ast.Tuple) and "%d" not in node.left.value:
            continue
        if any(value for _, value in parts):
            yield facts.match(PERCENT_FORMAT, node, (
                "% reads its format each time: an f-string is taken apart by the compiler"))


def rewrite_format(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    if any(isinstance(a, ast.JoinedStr) for a in facts.ancestors(node)):
        return None
    text = f_string(percent_parts(facts, node) or brace_parts(facts, node))
    return [replace(facts, node, text)] if text else None


FORMAT = Rule(
    id="str-format",
    title="'{}-{}'.format(a, b) -> f-string",
    why="The format is read for each use, where the compiler reads an f-string once.",
    same=SAME,
    differs="",
    pair=functions("items", "items = list(range(n))", """
        result = []
        for x in items:
            result.append('{}-{}'.format(x, 'a'))
        """, """
        result = []
        for x in items:
            result.append(f'{x}-{"a"}')
        """, sizes=(1000,)),
    find=find_format,
    rewrite=rewrite_format,
    since=(3, 6),
)

PERCENT_FORMAT = Rule(
    id="percent-format",
    title="'%d-%s' % (a, b) -> f-string",
    why="The format is read for each use, where the compiler reads an f-string once.",
    same=BUILTIN,
    differs="a class with a __format__ of its own may be written otherwise",
    pair=functions("items", "items = list(range(n))", """
        result = []
        for x in items:
            result.append('%d-%s' % (x, 'a'))
        """, """
        result = []
        for x in items:
            result.append(f'{x}-{"a"}')
        """, sizes=(1000,)),
    find=find_percent,
    rewrite=rewrite_format,
    since=(3, 6),
)


# -- "".join(generator)


def find_join(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("join", 1):
        if isinstance(call.args[0], ast.GeneratorExp) and facts.kind(call.func.value) == "str":
            yield facts.match(JOIN_GENERATOR, call, (
                "join makes a list of the generator first: a list comprehension is that list"))


def rewrite_join(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    generator = call.args[0]
    text = facts.text(generator)
    if any(isinstance(n, (ast.Await, ast.Yield)) for n in ast.walk(generator)):
        return None
    if any(g.is_async for g in generator.generators):
        return None
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    return [replace(facts, generator, f"([{inner}])")]


JOIN_GENERATOR = Rule(
    id="join-generator",
    title="''.join(f(x) for x in xs) -> ''.join([f(x) for x in xs])",
    why="join goes through its argument twice, so it makes a list of a generator, item by item.",
    same=SAME,
    differs="",
    pair=functions("words", WORDS, "result = ' '.join(w for w in words)",
                   "result = ' '.join([w for w in words])", steps="1"),
    find=find_join,
    rewrite=rewrite_join,
)


# -- write for each line


def write_of(loop: ast.AST) -> ast.Call | None:
    if not single_loop(loop) or len(loop.body) != 1 or not isinstance(loop.body[0], ast.Expr):
        return None
    call = loop.body[0].value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    plain = call.func.attr == "write" and len(call.args) == 1 and not call.keywords
    return call if plain and not isinstance(call.args[0], ast.Starred) else None


def find_write(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        call = write_of(loop)
        if call is not None:
            name = facts.label(call.func.value)
            yield facts.match(WRITE_LINES, loop, (
                f"{name}.write is called for each piece: join them, and write once"),
                size=f"len({facts.label(loop.iter)})", loop=loop)


def rewrite_write(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    call = write_of(loop)
    owner = call.func.value
    if facts.kind(owner) not in ("file", "StringIO") or not isinstance(owner, ast.Name):
        return None
    if suspends(loop) or used_after(facts, loop, *target_names(loop.target)):
        return None
    piece = call.args[0]
    if facts.kind(piece) != "str" or uses(piece, owner.id) or uses(loop.iter, owner.id):
        return None
    if any(isinstance(n, ast.Call) for n in ast.walk(piece)):
        return None  # which could print, or write to the same file
    text = (f"{owner.id}.write(''.join([{element(facts, piece)} for {facts.text(loop.target)} in "
            f"{facts.text(loop.iter)}]))")
    return [replace_whole(facts, loop, text)] if "\n" not in text else None


WRITE_LINES = Rule(
    id="write-lines",
    title="for x in xs: f.write(x) -> f.write(''.join(xs))",
    why="Each call of write is looked up, checked and put into a buffer by itself.",
    same=DIFFERS,
    differs="all is in memory first; when something raises midway, nothing is written",
    pair=functions("words, StringIO", f"""
        from io import StringIO
        {WORDS}
        """, """
        out = StringIO()
        for w in words:
            out.write(w + '\\n')
        result = out.getvalue()
        """, """
        out = StringIO()
        out.write(''.join([w + '\\n' for w in words]))
        result = out.getvalue()
        """),
    find=find_write,
    rewrite=rewrite_write,
    part=LOOP,
    since=(3, 0),
)


# -- paths


def find_path(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.BinOp):
        if isinstance(node.op, ast.Div) and facts.kind(node.left) == "Path":
            if facts.repeats(node):
                yield facts.match(PATH_DIV, node, (
                    f"{facts.label(node)} makes an object of Python's for each path: os.path.join "
                    "makes a string"))


PATH_DIV = Rule(
    id="path-join",
    title="str(path / name) in a loop -> os.path.join(path, name)",
    why="Each / makes a Path, which takes the names apart and puts them together in Python.",
    same=DIFFERS,
    differs="a string has no methods of a Path; dots and double slashes stay as they are",
    pair=functions("words, base, join", f"""
        from os.path import join
        from pathlib import Path
        base = Path('a')
        {WORDS}
        """, "result = [str(base / w) for w in words]", "result = [join('a', w) for w in words]",
        sizes=(100,)),
    find=find_path,
    callees=True,
    since=(3, 4),
)


def find_join_path(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("os.path.join"):
        if facts.repeats(call) and len(call.args) >= 2:
            yield facts.match(OS_PATH_JOIN, call, (
                "os.path.join looks at each character's meaning, in Python: where the parts are "
                "plain names, an f-string with os.sep does"))


OS_PATH_JOIN = Rule(
    id="os-path-join",
    title="os.path.join(a, b) in a loop -> f'{a}/{b}'",
    why="join is a Python function that asks of each part whether it is absolute.",
    same=DIFFERS,
    differs="where b is absolute, or a is empty or ends in a slash",
    pair=functions("words, join", f"""
        from os.path import join
        {WORDS}
        """, "result = [join('a', 'b', w) for w in words]", "result = [f'a/b/{w}' for w in words]",
        sizes=(1000,)),
    find=find_join_path,
    callees=True,
    since=(3, 6),
)


# -- json.dumps(indent=...)


def find_indent(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("json.dumps", "json.dump"):
        given = [k.value for k in call.keywords if k.arg == "indent"]
        if given and not (isinstance(given[0], ast.Constant) and given[0].value is None):
            yield facts.match(JSON_INDENT, call, (
                "indented output is put together in Python on many versions: without indent it is "
                "done in C, and smaller"))


JSON_INDENT = Rule(
    id="json-indent",
    title="json.dumps(x, indent=2) -> json.dumps(x)",
    why="With an indent the encoder in C is left for the one in Python.",
    same=DIFFERS,
    differs="the output has no line breaks; what it says is the same",
    pair=functions("table, json", """
        import json
        table = {'k%d' % i: [i, i + 1] for i in range(n)}
        """, "result = json.dumps(table, indent=2)[0]", "result = json.dumps(table)[0]", steps="1"),
    find=find_indent,
    callees=True,
)


RULES = (COMPILE, RE_LITERAL, RE_REPLACE, SLICE_PREFIX, STARTSWITH_OR, FORMAT, PERCENT_FORMAT,
         JOIN_GENERATOR,
         WRITE_LINES, PATH_DIV, OS_PATH_JOIN, JSON_INDENT)
