"""Numbers, and arrays of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tare.advising.editing import (
    imported,
    operand,
    replace,
    replace_whole,
    single_loop,
    used_after,
    uses,
)
from tare.advising.facts import Facts
from tare.advising.model import BUILTIN, DIFFERS, LOOP, Edit, Match, Rule, functions

NUMBERS = ("int", "float")
FLOATS = """
    import random
    rnd = random.Random(1)
    values = [rnd.random() for _ in range(n)]
    """
ROUNDING = "may differ in the last bit"


# -- x ** 2


def find_square(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.BinOp):
        two = isinstance(node.right, ast.Constant) and node.right.value == 2
        if isinstance(node.op, ast.Pow) and two and isinstance(node.left, ast.Name):
            yield facts.match(SQUARE, node, (
                f"{facts.label(node)} calls a general power: {node.left.id} * {node.left.id} is "
                "one multiplication"))


def rewrite_square(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    name = node.left.id
    return [replace(facts, node, f"({name} * {name})")]


SQUARE = Rule(
    id="square",
    title="x ** 2 -> x * x",
    why="A power is found by a function for any exponent, a product by one instruction.",
    same=DIFFERS,
    differs=f"floats {ROUNDING}",
    pair=functions("values", FLOATS, """
        result = 0.0
        for x in values:
            result += x ** 2
        """, """
        result = 0.0
        for x in values:
            result += (x * x)
        """, sizes=(1000,)),
    find=find_square,
    rewrite=rewrite_square,
)


# -- sqrt(x) < 1


def find_root(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
            continue
        limit = node.comparators[0]
        one = isinstance(limit, ast.Constant) and type(limit.value) in (int, float)
        if one and limit.value >= 0 and root_of(facts, node.left) is not None:
            yield facts.match(ROOT_COMPARED, node, (
                f"the root is only compared with {facts.label(limit)}: compare what is under it "
                "with the square"))


def root_of(facts: Facts, node: ast.AST) -> ast.expr | None:
    """What is under a root."""
    if facts.is_call(node, "math.sqrt", 1):
        return node.args[0]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        half = isinstance(node.right, ast.Constant) and node.right.value == 0.5
        return node.left if half else None
    return None


def rewrite_root(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    limit = node.comparators[0]
    if limit.value not in (0, 1) and type(limit.value) is not int:
        return None
    inner = root_of(facts, node.left)
    text = facts.text(inner)
    plain = isinstance(inner, (ast.BinOp, ast.Name, ast.Call, ast.Attribute, ast.Subscript))
    bits = isinstance(inner, ast.BinOp) and isinstance(inner.op, (ast.BitOr, ast.BitAnd))
    return [
        replace(facts, node.left, text if plain and not bits else f"({text})"),
        replace(facts, limit, repr(limit.value * limit.value)),
    ]


ROOT_COMPARED = Rule(
    id="root-compared",
    title="sqrt(x * x + y * y) < r -> x * x + y * y < r * r",
    why="The order of two numbers is that of their squares; the root costs a call.",
    same=DIFFERS,
    differs="by rounding, where both sides are nearly equal; a negative x raises nothing",
    pair=functions("values", FLOATS + "import math\n", """
        result = 0
        for x in values:
            if math.sqrt(x * x + x * x) < 1:
                result += 1
        """, """
        result = 0
        for x in values:
            if x * x + x * x < 1:
                result += 1
        """, sizes=(1000,)),
    find=find_root,
    rewrite=rewrite_root,
)


# -- bin(x).count("1")


def find_bits(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("count", 1):
        one = call.args[0]
        if isinstance(one, ast.Constant) and one.value == "1":
            if facts.is_call(call.func.value, "builtins.bin", 1):
                yield facts.match(BIT_COUNT, call, (
                    "the number is written out to count its ones: int.bit_count counts bits"))


def rewrite_bits(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    return [replace(facts, call, f"{operand(facts, call.func.value.args[0])}.bit_count()")]


BIT_COUNT = Rule(
    id="bit-count",
    title="bin(x).count('1') -> x.bit_count()",
    why="A string of all bits is made, and gone through, for one number.",
    same=BUILTIN,
    differs="a class with __index__ alone has no bit_count",
    pair=functions("items", "items = list(range(n))",
                   "result = [bin(x).count('1') for x in items]",
                   "result = [x.bit_count() for x in items]", sizes=(1000,)),
    find=find_bits,
    rewrite=rewrite_bits,
    since=(3, 10),
)


# -- NumPy

NUMPY_MATH = ("sqrt", "sin", "cos", "tan", "exp", "log", "log10", "log2", "floor", "ceil", "fabs",
              "hypot", "arctan2", "abs")
IN_MATH = ("sqrt", "sin", "cos", "tan", "exp", "fabs", "hypot")
ARRAY = """
    import numpy as np
    values = np.arange(n, dtype=float)
    """


def find_scalar(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls(*(f"numpy.{name}" for name in NUMPY_MATH)):
        if call.args and not call.keywords and all(facts.kind(a) in NUMBERS for a in call.args):
            yield facts.match(NUMPY_SCALAR, call, (
                f"{facts.label(call.func)} is made for arrays: for one number the function of math "
                "is quicker"))


def rewrite_scalar(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    name = facts.resolve(call.func).split(".")[1]
    if name not in IN_MATH:
        return None
    function, edits = imported(facts, "math", name)
    return [*edits, replace(facts, call.func, function)]


NUMPY_SCALAR = Rule(
    id="numpy-scalar",
    title="np.sqrt(number) -> math.sqrt(number)",
    why="NumPy looks for the type and shape of what it gets, and makes an object of its own.",
    same=DIFFERS,
    differs="gives a float, not a NumPy number; raises ValueError where NumPy gives nan",
    pair=functions("numbers, np, math", """
        import math
        import numpy as np
        numbers = [float(i) for i in range(n)]
        """, "result = [np.sqrt(x) for x in numbers]", "result = [math.sqrt(x) for x in numbers]",
        sizes=(1000,)),
    find=find_scalar,
    rewrite=rewrite_scalar,
)


def find_array_loop(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        if facts.kind(loop.iter) == "array" and not isinstance(loop.iter, ast.Call):
            name = facts.label(loop.iter)
            yield facts.match(ARRAY_LOOP, loop, (
                f"each item of {name} becomes an object of NumPy's: an operation on the whole "
                f"array is quickest; else loop over {name}.tolist()"),
                size=f"len({name})", loop=loop)


ARRAY_LOOP = Rule(
    id="array-loop",
    title="for x in array -> array.tolist(), or an operation on all of it",
    why="Taking an item out of an array makes an object, and its arithmetic is slow.",
    same=DIFFERS,
    differs="items are floats and ints, not numbers of NumPy; of two dimensions, lists",
    pair=functions("values", ARRAY, """
        result = 0.0
        for x in values:
            result += x * 2.0
        """, """
        result = 0.0
        for x in values.tolist():
            result += x * 2.0
        """),
    find=find_array_loop,
    part=LOOP,
)

GROWERS = ("numpy.append", "numpy.concatenate", "numpy.vstack", "numpy.hstack", "numpy.insert")


def find_array_append(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls(*GROWERS):
        parent = facts.parents[call]
        if not facts.loops(call) or not isinstance(parent, ast.Assign) or not call.args:
            continue
        name = parent.targets[0]
        first = call.args[0]
        parts = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]
        if isinstance(name, ast.Name) and any(uses(p, name.id) for p in parts):
            yield facts.match(ARRAY_APPEND, call, (
                f"{facts.label(call.func)} copies all of {name.id} each time: collect in a list, "
                "and make one array of it"), size=f"len({name.id})")


ARRAY_APPEND = Rule(
    id="array-append",
    title="a = np.append(a, x) in a loop -> list, then np.array",
    why="An array cannot grow: each append makes a new one, n * n numbers in all.",
    same=DIFFERS,
    differs="the type of the array is found from all items at once",
    pair=functions("n, np", "import numpy as np", """
        found = np.array([])
        for i in range(n):
            found = np.append(found, float(i))
        result = found.tolist()
        """, """
        found = []
        for i in range(n):
            found.append(float(i))
        result = np.array(found).tolist()
        """, sizes=(10, 100, 1000)),
    find=find_array_append,
    rounds=True,
    grows=True,
)


def find_array_sum(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.calls("builtins.sum", "builtins.max", "builtins.min"):
        if len(call.args) == 1 and not call.keywords and facts.kind(call.args[0]) == "array":
            name = facts.label(call.args[0])
            yield facts.match(ARRAY_SUM, call, (
                f"{call.func.id} takes each number out of {name} as an object: "
                f"{name}.{call.func.id}() stays in C"), size=f"len({name})")


def rewrite_array_sum(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    text = operand(facts, call.args[0])
    axis = "axis=0" if call.func.id == "sum" else ""
    return [replace(facts, call, f"{text}.{call.func.id}({axis})")]


ARRAY_SUM = Rule(
    id="array-sum",
    title="sum(array) -> array.sum(axis=0)",
    why="sum makes an object of each number, where the array adds them in C.",
    same=DIFFERS,
    differs=f"floats are added in another order, and {ROUNDING}",
    pair=functions("values", ARRAY, "result = float(sum(values))",
                   "result = float(values.sum(axis=0))", steps="1"),
    find=find_array_sum,
    rewrite=rewrite_array_sum,
    grows=True,
)


# -- for i in range(n): c[i] = a[i] + b[i]


def elementwise(facts: Facts, loop: ast.AST) -> ast.Assign | None:
    """The assignment that is all of a loop, of arithmetic with items at the index alone."""
    if not single_loop(loop) or not isinstance(loop.target, ast.Name) or len(loop.body) != 1:
        return None
    body = loop.body[0]
    ranged = isinstance(loop.iter, ast.Call) and facts.resolve(loop.iter.func) == "builtins.range"
    if not ranged or not isinstance(body, ast.Assign) or len(body.targets) != 1:
        return None
    index, target = loop.target.id, body.targets[0]
    if not is_item(facts, target, index) or not arithmetic(facts, body.value, index):
        return None
    return body if uses(body.value, index) else None


def is_item(facts: Facts, node: ast.AST, index: str) -> bool:
    """array[i]"""
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return False
    at = isinstance(node.slice, ast.Name) and node.slice.id == index
    return at and facts.kind(node.value) == "array"


def arithmetic(facts: Facts, node: ast.expr, index: str) -> bool:
    if is_item(facts, node, index) or isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.BinOp):
        plain = isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow))
        return plain and arithmetic(facts, node.left, index) and arithmetic(
            facts, node.right, index)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return arithmetic(facts, node.operand, index)
    return isinstance(node, ast.Name) and node.id != index and facts.kind(node) in NUMBERS


def find_vectorise(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        if elementwise(facts, loop):
            yield facts.match(VECTORISE, loop, (
                "the loop does arithmetic item by item: on slices of the arrays, NumPy does it in "
                "C"), size=facts.label(loop.iter.args[-1]), loop=loop)


class _Slices(ast.NodeTransformer):
    def __init__(self, index: str, part: str) -> None:
        self.index, self.part = index, part

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return ast.parse(f"{ast.unparse(node.value)}[{self.part}]", mode="eval").body


def rewrite_vectorise(match: Match, source: str) -> list[Edit] | None:
    """Of one argument of range: with more, a negative start would be another part."""
    facts, loop = match.facts, match.node
    body = elementwise(facts, loop)
    if len(loop.iter.args) != 1 or loop.iter.keywords:
        return None
    limit = loop.iter.args[0]
    known = facts.is_call(limit, "builtins.len", 1) or (
        isinstance(limit, ast.Constant) and type(limit.value) is int and limit.value >= 0)
    if not known or used_after(facts, loop, loop.target.id):
        return None
    slices = _Slices(loop.target.id, f":{facts.text(limit)}")
    parts = [ast.unparse(slices.visit(ast.parse(facts.text(p), mode="eval").body))
             for p in (body.targets[0], body.value)]
    return [replace_whole(facts, loop, " = ".join(parts))]


VECTORISE = Rule(
    id="vectorise",
    title="for i in range(n): c[i] = a[i] + b[i] -> c[:n] = a[:n] + b[:n]",
    why="Each item is made an object, added and stored by the interpreter, one after the other.",
    same=DIFFERS,
    differs="where an array is shorter, all raises and nothing is stored; its shape may spread",
    pair=functions("a, b, np", """
        import numpy as np
        a = np.arange(n, dtype=float)
        b = np.arange(n, dtype=float)
        """, """
        c = np.zeros(len(a))
        for i in range(len(a)):
            c[i] = a[i] * 2.0 + b[i]
        result = c.tolist()
        """, """
        c = np.zeros(len(a))
        c[:len(a)] = a[:len(a)] * 2.0 + b[:len(a)]
        result = c.tolist()
        """),
    find=find_vectorise,
    rewrite=rewrite_vectorise,
    part=LOOP,
    grows=True,
)


# -- three loops that multiply matrices


def find_matmul(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node in facts.nodes(ast.AugAssign):
        value = node.value
        loops = facts.loops(node)
        if len(loops) < 3 or not isinstance(node.op, ast.Add) or not isinstance(value, ast.BinOp):
            continue
        if not isinstance(value.op, ast.Mult):
            continue
        sides = [indices(side) for side in (value.left, value.right)]
        names = [getattr(loop, "target", None) for loop in loops[:3]]
        if not all(isinstance(name, ast.Name) for name in names) or not all(sides):
            continue
        k, j, i = (name.id for name in names)
        if sides in ([(i, k), (k, j)], [(k, j), (i, k)], [(i, j), (j, k)], [(j, k), (i, j)]):
            yield facts.match(MATMUL, node, (
                "three loops multiply two matrices: a @ b of NumPy does it in C"),
                size=facts.label(loops[0].iter), loop=loops[2])


def indices(node: ast.AST) -> tuple[str, str] | None:
    """(i, k) of a[i][k] or a[i, k]."""
    if not isinstance(node, ast.Subscript):
        return None
    if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        names = node.slice.elts
    elif isinstance(node.value, ast.Subscript):
        names = [node.value.slice, node.slice]
    else:
        return None
    if not all(isinstance(name, ast.Name) for name in names):
        return None
    return names[0].id, names[1].id


MATMUL = Rule(
    id="matmul-loops",
    title="three loops of c[i][j] += a[i][k] * b[k][j] -> a @ b",
    why="n * n * n steps of the interpreter, for what NumPy does in C with the caches in mind.",
    same=DIFFERS,
    differs=f"floats are added in another order, and {ROUNDING}; needs NumPy",
    pair=functions("a, b, n, np", """
        import numpy as np
        a = [[float(i + j) for j in range(n)] for i in range(n)]
        b = [[float(i * j) for j in range(n)] for i in range(n)]
        """, """
        result = [[0.0] * n for i in range(n)]
        for i in range(n):
            for j in range(n):
                for k in range(n):
                    result[i][j] += a[i][k] * b[k][j]
        """, """
        result = (np.array(a) @ np.array(b)).tolist()
        """, sizes=(2, 5, 10, 30), steps="n * n * n"),
    find=find_matmul,
    part=LOOP,
    grows=True,
    since=(3, 5),
)


# -- pandas


def find_iterrows(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        call = loop.iter
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            if call.func.attr == "iterrows" and not call.args:
                yield facts.match(ITERROWS, loop, (
                    "iterrows makes a Series of each row: itertuples is many times as quick, an "
                    "operation on columns more so"), size=f"len({facts.label(call.func.value)})",
                    loop=loop)


ITERROWS = Rule(
    id="iterrows",
    title="df.iterrows() -> df.itertuples(), or operations on columns",
    why="Each row becomes a Series, with an index and a type found for it.",
    same=DIFFERS,
    differs="a row is a tuple with attributes; types of its items stay those of the columns",
    pair=functions("frame", """
        import pandas
        frame = pandas.DataFrame({'a': list(range(n)), 'b': list(range(n))})
        """, """
        result = 0
        for _, row in frame.iterrows():
            result += int(row['a'] + row['b'])
        """, """
        result = 0
        for row in frame.itertuples():
            result += int(row.a + row.b)
        """, sizes=(10, 100)),
    find=find_iterrows,
    part=LOOP,
    callees=True,
)


RULES = (SQUARE, ROOT_COMPARED, BIT_COUNT, NUMPY_SCALAR, ARRAY_LOOP, ARRAY_APPEND, ARRAY_SUM,
         VECTORISE, MATMUL, ITERROWS)
