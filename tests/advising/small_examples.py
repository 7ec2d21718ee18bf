"""Examples for the small rules; see examples.py."""

from advising.examples import Examples, Speaks

EXAMPLES: dict[str, Examples] = {
    "max-of-two": Examples(
        [Speaks("""
def f(items):
    best = worst = 0
    for i, x in enumerate(items):
        best = max(best, items[i])  # <-
        worst = 2 * min(worst, x) - 1  # <-
    return best, worst
""", "ints"),
         Speaks("""
nan = float("nan")
def f(floats):
    out = []
    for x in [*floats, nan, 0.0, -0.0, True, 1]:
        for y in (nan, 1, 1.0, -0.0, 0):
            out.append(repr((max(x, y), min(x, y))))  # <-
    return out
""", "floats")],
        ["def f(a):\n    return max(a)\n", "def f(a, b, c):\n    return max(a, b, c)\n",
         "def f(a, b):\n    return max(a, b, key=abs)\n", "def f(a, b):\n    return max(a(), b)\n",
         "def f(a, b):\n    return max(a.x, b)\n"],
    ),
    "max-of-three": Examples(
        [Speaks("""
nan = float("nan")
def f(floats):
    out = []
    for x in [*floats, nan, 0.0, -0.0, True, 1]:
        for y in (nan, 1, 1.0, -0.0, 0):
            for z in (1, nan, -1.0, False):
                out.append(repr((max(x, y, z), min(z, y, x))))  # <-
    return out
""", "floats")],
        ["def f(a, b):\n    return max(a, b)\n", "def f(a, b, c):\n    return max(a, b, c())\n",
         "def f(a, b, c):\n    return max(a, b, *c)\n"],
    ),
    "yield-from": Examples(
        [Speaks("""
def g(items):
    yield 1
    for x in items:  # <-
        yield x
def f(items):
    return list(g(items))
""", "ints"),
         Speaks("""
def g(items):
    for x in items:  # <-
        yield x
    yield x
def f(items):
    return list(g(items))
""", "some", by_hand=True)],
        ["def g(x):\n    for y in x:\n        yield y + 1\n",
         "def g(x):\n    for y in x:\n        print(y)\n        yield y\n"],
    ),
    "comprehension-copy": Examples(
        [Speaks("def f(items):\n    return [x for x in items], {y for y in items}  # <-\n", "ints"),
         Speaks("def f(table):\n    return [(k, v) for k, v in table.items()] + "
                "[p for p in table.items()]  # <-\n", "table")],
        ["def f(x):\n    return [y for y in x if y]\n",
         "def f(x):\n    return [z for y in x for z in y]\n",
         "def f(x):\n    return [y.a for y in x]\n"],
    ),
    "copy-copy": Examples(
        [Speaks("import copy\ndef f(items):\n    items = list(items)\n"
                "    return copy.copy(items) + copy.copy(items + [1])  # <-\n", "ints"),
         Speaks("import copy\ndef f(items):\n    return copy.copy(items)  # <-\n", "ints",
                by_hand=True)],
        ["import copy\ndef f(x):\n    return copy.deepcopy(x)\n",
         "def f(x):\n    return x.copy()\n"],
    ),
    "remove-if-there": Examples(
        [Speaks("""
def f(items, others):
    left = set(items)
    for x in others:
        if x in left:  # <-
            left.remove(x)
    return left
""", "ints ints")],
        ["def f(left, x):\n    if x in left:\n        left.remove(x)\n",
         "def f(items, x):\n    left = set(items)\n    if x in left:\n        left.remove(x)\n"
         "        print(x)\n",
         "def f(items, x):\n    left = list(items)\n    if x in left:\n        left.remove(x)\n"],
    ),
    "print-lines": Examples(
        [Speaks("def f(words):\n    for w in words:\n        print(w)  # <-\n    return 1\n", "",
                by_hand=True)],
        ["def f(x):\n    print(x)\n", "def f(x):\n    for y in x:\n        print(y, flush=True)\n",
         "def f(x):\n    for y in x:\n        y += 1\n        print(y)\n"],
    ),
    "read-by-character": Examples(
        [Speaks("""
import io
def f(text):
    stream = io.StringIO(text)
    out = []
    while True:
        c = stream.read(1)  # <-
        if not c:
            return out
        out.append(c)
""", "text", by_hand=True)],
        ["def f(s):\n    while s.read(1):\n        pass\n",
         "import io\ndef f(t):\n    return io.StringIO(t).read(1)\n"],
    ),
    "class-in-function": Examples(
        [Speaks("""
from collections import namedtuple
def f(n):
    return tuple(namedtuple("P", "x y")(n, n))  # <-
""", "n", by_hand=True)],
        ["from collections import namedtuple\nP = namedtuple('P', 'x')\n"],
    ),
}  # fmt: skip
