"""Examples for the rules on order, loops, calls, text and numbers; see examples.py."""

from advising.examples import Examples, Speaks

EXAMPLES: dict[str, Examples] = {
    "sorted-first": Examples(
        [Speaks("def f(items):\n    return sorted(items)[0]  # <-\n", "some"),
         Speaks("def f(items):\n    return sorted(items, key=lambda x: -x % 4)[0]  # <-\n", "some"),
         Speaks("def f(items):\n    return sorted(x + 1 for x in items)[-1]  # <-\n", "some"),
         Speaks("def f(items):\n    return sorted(items, key=abs)[-1]  # <-\n", "some",
                by_hand=True)],
        ["def f(x):\n    return sorted(x)[1]\n",
         "def f(x):\n    return sorted(x, reverse=True)[0]\n",
         "def sorted(x):\n    return x\ndef f(x):\n    return sorted(x)[0]\n"],
    ),
    "sorted-few": Examples(
        [Speaks("def f(items):\n    return sorted(items)[:3]  # <-\n", "ints"),
         Speaks("def f(items):\n    return sorted(items, key=abs)[:2]  # <-\n", "ints")],
        ["def f(x, k):\n    return sorted(x)[:k]\n", "def f(x):\n    return sorted(x)[1:3]\n",
         "def f(x):\n    return sorted(x)[:100]\n"],
    ),
    "append-sort": Examples(
        [
            Speaks("""
def f(items):
    out = []
    for x in items:
        out.append(x)
        out.sort()  # <-
    return out
""", "ints"),
            Speaks("""
def f(items):
    out = list(items)
    for x in items:
        out.append(x)
        out.sort()  # <-
    return out
""", "ints", by_hand=True),
        ],
        ["def f(x):\n    out = []\n    for i in x:\n        out.append(i)\n    out.sort()\n",
         "def f(x):\n    out = []\n    for i in x:\n        out.append(i)\n"
         "        out.sort(reverse=True)\n"],
    ),
    "min-remove": Examples(
        [Speaks("""
def f(items):
    waiting = list(items)
    out = []
    while waiting:
        least = min(waiting)
        waiting.remove(least)  # <-
        out.append(least)
    return out
""", "ints", by_hand=True)],
        ["def f(x, y):\n    while x:\n        m = min(y)\n        x.remove(m)\n",
         "def f(x):\n    m = min(x)\n    x.remove(m)\n"],
    ),
    "cmp-to-key": Examples(
        [Speaks("""
from functools import cmp_to_key
def f(items):
    return sorted(items, key=cmp_to_key(lambda a, b: b - a))  # <-
""", "ints", by_hand=True)],
        ["def f(x):\n    return sorted(x, key=cmp_to_key(g))\n"],
    ),
    "lambda-key": Examples(
        [Speaks("def f(pairs):\n    return sorted(pairs, key=lambda p: p[1])  # <-\n", "pairs"),
         Speaks("import operator\ndef f(pairs):\n    pairs = list(pairs)\n"
                "    pairs.sort(key=lambda p: p[-1])  # <-\n    return pairs\n", "pairs"),
         Speaks("def f(floats):\n    return max(floats, key=lambda x: x.real)  # <-\n",
                "positive")],
        ["def f(x):\n    return sorted(x, key=lambda p: p[1] + 1)\n",
         "def f(x, i):\n    return sorted(x, key=lambda p: p[i])\n",
         "def f(x):\n    return work(x, key=lambda p: p[1])\n"],
    ),
    "list-first": Examples(
        [Speaks("def f(table):\n    return list(table.items())[0] if table else 0  # <-\n",
                "table")],
        ["def f(t):\n    return list(t)[1]\n", "def f(t):\n    return list()[0]\n"],
    ),
    "map-lambda": Examples(
        [Speaks("def f(items):\n    return list(map(lambda x: x + 1, items))  # <-\n", "ints"),
         Speaks("def f(items):\n    return list(map(lambda x: (x, 1), reversed(items)))  # <-\n",
                "ints"),
         Speaks("def f(items):\n    return list(filter(lambda x: x > 3, items))  # <-\n", "ints"),
         Speaks("def f(items):\n    return set(map(lambda x: x % 3, items))  # <-\n", "ints")],
        ["def f(x):\n    return list(map(str, x))\n", "def f(x):\n    return map(lambda y: y, x)\n",
         "def f(x, z):\n    return list(map(lambda a, b: a, x, z))\n"],
    ),
    "any-list": Examples(
        [Speaks("def f(items):\n    return any([x > 3 for x in items])  # <-\n", "ints"),
         Speaks("def f(items):\n    return all([x != 3\n                for x in items])\n".replace(
             "all([x != 3\n", "all([x != 3  # <-\n"), "ints")],
        ["def f(x):\n    return any(y > 3 for y in x)\n", "def f(x):\n    return any(x)\n"],
    ),
    "sum-list": Examples(
        [Speaks("def f(items):\n    return sum([x * x for x in items])  # <-\n", "ints")],
        ["def f(x):\n    return sum(y for y in x)\n", "def f(x):\n    return sum([1, 2])\n"],
    ),
    "len-list": Examples(
        [Speaks("def f(items):\n    return len([x for x in items if x > 3])  # <-\n", "ints",
                by_hand=True)],
        ["def f(x):\n    return len([y for y in x])\n", "def f(x):\n    return len(x)\n"],
    ),
    "comprehension-map": Examples(
        [Speaks("def f(items):\n    return [str(x) for x in items]  # <-\n", "ints")],
        ["def f(x):\n    return [str(y) for y in x if y]\n",
         "def f(x):\n    return [g(y) for y in x]\n",
         "def f(x):\n    return [str(y + 1) for y in x]"],
    ),
    "range-len": Examples(
        [Speaks("""
def f(items):
    items = list(items)
    total = 0
    for i in range(len(items)):  # <-
        total += items[i] * 2 + items[i]
    return total
""", "ints"),
         Speaks("""
def f(items):
    items = list(items)
    total = 0
    for i in range(len(items)):  # <-
        total += items[i]
    return total, i
""", "some", by_hand=True)],
        ["def f(x):\n    for i in range(len(x)):\n        print(x[i])\n",
         "def f(x):\n    x = list(x)\n    for i in range(len(x)):\n        x[i] = x[i] + 1\n",
         "def f(x):\n    x = list(x)\n    for i in range(len(x)):\n        print(i, x[i])\n",
         "def f(x):\n    x = list(x)\n    for i in range(len(x)):\n        g(x)\n"
         "        print(x[i])\n"],
    ),
    "range-enumerate": Examples(
        [Speaks("""
def f(items):
    items = list(items)
    out = []
    for i in range(len(items)):  # <-
        out.append((i, items[i]))
    return out
""", "ints", by_hand=True)],
        ["def f(x):\n    x = list(x)\n    for i in range(len(x)):\n        print(x[i])\n"],
    ),
    "while-counter": Examples(
        [Speaks("""
def f(items):
    items = list(items)
    total = 0
    i = 0
    while i < len(items):  # <-
        total += items[i] * i
        i += 1
    return total
""", "ints"),
         Speaks("""
def f(n):
    out = []
    limit = int(n)
    i = 1
    while i < limit:  # <-
        if i == 7:
            break
        out.append(i)
        i += 1
    return out
""", "n"),
         Speaks("""
def f(n):
    limit = int(n)
    i = 0
    while i < limit:  # <-
        n += i
        i += 1
    return n, i
""", "n", by_hand=True)],
        ["def f(n):\n    i = 0\n    while i < n:\n        i += 1\n        i += 1\n",
         "def f(n):\n    i = 0\n    while i < 10:\n        if n:\n            continue\n"
         "        i += 1\n",
         "def f(x):\n    x = list(x)\n    i = 0\n    while i < len(x):\n        x.append(1)\n"
         "        i += 1\n"],
    ),
    "len-in-while": Examples(
        [Speaks("""
def f(items):
    items = list(items)
    total = 0
    i = 0
    while i < len(items):  # <-
        total += items[i]
        i += 2
    return total
""", "ints")],
        ["def f(x):\n    x = list(x)\n    while len(x) > 3:\n        x.pop()\n",
         "def f(x):\n    i = 0\n    while i < len(x):\n        i += 2\n"],
    ),
    "hand-sum": Examples(
        [Speaks("""
def f(items):
    total = 1
    for x in items:  # <-
        total += x
    return total
""", "ints"),
         Speaks("""
def f(items):
    total = 1
    for x in items:  # <-
        total += x
    return total, x
""", "some", by_hand=True)],
        ["def f(x):\n    t = ''\n    for y in x:\n        t += y\n",
         "def f(x, t):\n    for y in x:\n        t += y\n",
         "def f(x):\n    t = 0\n    for y in x:\n        t += y * 2\n"],
    ),
    "bound-append": Examples(
        [Speaks("""
def f(items):
    out = []
    for x in items:
        if x:
            out.append(x)  # <-
    return out
""", "ints", by_hand=True)],
        ["def f(x):\n    out = []\n    out.append(1)\n",
         "def f(x, out):\n    for y in x:\n        out.append(y)\n"],
    ),
    "module-attribute": Examples(
        [Speaks("""
import math
def f(items):
    total = 0.0
    for x in items:
        for y in items:
            total += math.hypot(x, y)  # <-
    return total, math.hypot(1, 2)
""", "ints")],
        ["import math\ndef f(x):\n    return math.sqrt(x)\n",
         "def f(x, math):\n    for y in x:\n        math.sqrt(y)\n"],
    ),
    "global-name": Examples(
        [Speaks("""
LIMIT = 3
def f(items):
    total = 0
    for x in items:
        total += LIMIT  # <-
        total -= LIMIT % 2
    return total
""", "ints"),
         Speaks("""
LIMIT = 3
LIMIT = 4
def f(items):
    total = 0
    for x in items:
        total += LIMIT  # <-
    return total
""", "ints", by_hand=True)],
        ["LIMIT = 3\ndef f(x):\n    return LIMIT\n",
         "def g():\n    pass\ndef f(x):\n    for y in x:\n        g()\n"],
    ),
    "self-attribute": Examples(
        [Speaks("""
class Kept:
    def __init__(self):
        self.k = 3
    def add(self, items):
        total = 0
        for x in items:
            total += x * self.k  # <-
        return total
def f(items):
    return Kept().add(items)
""", "ints"),
         Speaks("""
class Kept:
    def __init__(self, n=0):
        if n:
            self.k = 3
    def add(self, items):
        total = 0
        for x in items:
            total += x and self.k  # <-
        return total
def f(n):
    return Kept(n).add([n])
""", "n", by_hand=True),
         Speaks("""
class Kept:
    def __init__(self):
        self.k = 3
    def grow(self):
        self.k += 1
        return 1
    def add(self, items):
        total = 0
        for x in items:
            total += x * self.k * self.grow()  # <-
        return total
def f(items):
    return Kept().add(items)
""", "ints", by_hand=True)],
        ["class A:\n    def g(self, x):\n        for y in x:\n            self.k = self.k + 1\n",
         "class A:\n    def g(self, x):\n        return self.k\n"],
    ),
    "row-in-loop": Examples(
        [Speaks("""
def f(square):
    rows = list(square)
    total = 0
    for i in range(4):
        for j in range(4):
            total += rows[i][j]  # <-
            rows[i][j] = total
    return total, rows
""", "square")],
        ["def f(rows):\n    for i in range(4):\n        for j in range(4):\n"
         "            print(rows[i][j])\n",
         "def f(x):\n    rows = list(x)\n    for i in range(4):\n        for j in range(4):\n"
         "            rows[i] = rows[i][j]\n"],
    ),
    "len-zero": Examples(
        [Speaks("""
def f(items):
    items = list(items)
    if len(items) == 0:  # <-
        return "none"
    return "some" if len(items) > 0 and items[0] else "zero"  # <-
""", "ints")],
        ["def f(x):\n    return 1 if len(x) == 0 else 2\n",
         "def f(x):\n    x = list(x)\n    return len(x) == 0\n",
         "def f(x):\n    x = list(x)\n    if len(x) == 1:\n        pass\n"],
    ),
    "chained-comparison": Examples(
        [Speaks("def f(n):\n    return 1 < n and n < 7  # <-\n", "n", by_hand=True)],
        ["def f(n, m):\n    return 1 < n and m < 7\n"],
    ),
    "cache-recursion": Examples(
        [Speaks("""
def fib(n):  # <-
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
def f(n):
    return fib(n)
""", "n"),
         Speaks("""
import math
def ways(n, k):  # <-
    return 1 if k == 0 or n <= k else ways(n - 1, k - 1) + ways(n - 1, k)
def f(n, k):
    return ways(n, k), math.comb(max(n, k), k)
""", "n n"),
         Speaks("""
def fib(n):  # <-
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def f(n):
    return fib(n), functools.reduce(max, [n, 1])
import functools
""", "n")],
        ["def size(node):\n    return 1 + size(node.left) + size(node.right)\n",
         "def f(n):\n    return 1 if n < 2 else n * f(n - 1)\n",
         "def f(n):\n    print(n)\n    return n if n < 2 else f(n - 1) + f(n - 2)\n",
         "seen = []\ndef f(n):\n    seen.append(n)\n    return n if n < 2 else f(n-1) + f(n-2)\n",
         "def f(n):\n    return [n] if n < 2 else [*f(n - 1), *f(n - 2)]\n"],
    ),
    "cache-pure": Examples(
        [Speaks("""
def is_prime(n):  # <-
    for d in range(2, n):
        if n % d == 0:
            return False
    return n > 1
def f(items):
    return [is_prime(x) for x in items]
""", "ints")],
        ["def g(n):\n    return [i for i in range(n)]\ndef f(x):\n    return [g(y) for y in x]\n",
         "import time\ndef g(n):\n    for i in range(n):\n        pass\n    return time.time()\n"
         "def f(x):\n    return [g(y) for y in x]\n",
         "class A:\n    def g(self, n):\n        return sum(i for i in range(n))\n",
         "def g(n):\n    return sum(i for i in range(n))\ng(3)\n"],
    ),
    "deepcopy": Examples(
        [Speaks("import copy\ndef f(table):\n    return copy.deepcopy(table)  # <-\n", "table",
                by_hand=True),
         Speaks("from copy import deepcopy as dc\ndef f(table):\n    return dc(table)  # <-\n",
                "table", by_hand=True)],
        ["import copy\ndef f(x):\n    return copy.copy(x)\n",
         "def deepcopy(x):\n    return x\ndeepcopy(1)\n"],
    ),
    "strptime-iso": Examples(
        [Speaks("""
from datetime import datetime
def f(dates):
    return [datetime.strptime(d, "%Y-%m-%d") for d in dates]  # <-
""", "dates"),
         Speaks("""
import datetime as dt
def f(dates):
    return [dt.datetime.strptime(d + " 10:11:12", "%Y-%m-%d %H:%M:%S") for d in dates]  # <-
""", "dates")],
        ["from datetime import datetime\ndef f(d):\n    return datetime.strptime(d, '%d/%m/%Y')\n",
         "import time\ndef f(d):\n    return time.strptime(d, '%Y-%m-%d')\n"],
    ),
    "log-format": Examples(
        [Speaks("""
import logging
log = logging.getLogger("tare.example")
def f(words):
    for w in words:
        log.debug(f"100% of {w!r} and {w}")  # <-
    return words
""", "words"),
         Speaks("""
import logging
def f(words):
    for w in words:
        logging.debug("at %s" % w)  # <-
    return words
""", "words", by_hand=True)],
        ["import logging\ndef f(w):\n    logging.debug('%s', w)\n",
         "import logging\ndef f(w):\n    logging.error(f'{w}')\n",
         "def f(log, w):\n    log.debug(f'{w}')\n"],
    ),
    "suppress": Examples(
        [Speaks("""
from contextlib import suppress
def f(table, keys):
    total = 0
    for k in keys:
        with suppress(KeyError):  # <-
            total += table[k]
            total += 1
    return total
""", "table ints"),
         Speaks("""
import contextlib
def f(items):
    out = []
    for x in items:
        with contextlib.suppress(ZeroDivisionError, ValueError):  # <-
            out.append(1 // x)
    return out
""", "ints")],
        ["def f(x, suppress):\n    with suppress(KeyError):\n        x[1]\n",
         "def f(x):\n    with open(x):\n        pass\n"],
    ),
    "lambda-wrapper": Examples(
        [Speaks("def f(items):\n    return sorted(items, key=lambda x: abs(x))  # <-\n", "ints"),
         Speaks("def g(a):\n    return -a\ndef f(items):\n"
                "    return list(map(lambda a: g(a), items))  # <-\n", "ints")],
        ["def f(x):\n    return sorted(x, key=lambda a: abs(a + 1))\n",
         "def f(x, g):\n    return sorted(x, key=lambda a: g(a))\n",
         "def f(x):\n    return sorted(x, key=lambda a, b=1: abs(a))\n"],
    ),
    "inline-helper": Examples(
        [Speaks("""
def twice(x, y):
    "Doubles."
    return x * 2 - y
def f(items):
    total = 0
    for x in items:
        total -= twice(x, total) * 3  # <-
    return total
""", "ints")],
        ["def g(x):\n    return len(x)\ndef f(x):\n    for y in x:\n        g(y)\n",
         "def g(x):\n    return x * 2\ndef f(x):\n    return g(x)\n",
         "def g(x):\n    return x * K\ndef f(x):\n    for y in x:\n        g(y)\n",
         "def g(x):\n    return x * 2\ndef f(x):\n    for y in x:\n        g(y())\n"],
    ),
    "trivial-property": Examples(
        [Speaks("""
class Kept:
    def __init__(self, x):
        self._x = x
    @property
    def x(self):  # <-
        return self._x
def f(n):
    return Kept(n).x
""", "n", by_hand=True)],
        ["class A:\n    @property\n    def x(self):\n        return self._x + 1\n",
         "class A:\n    def x(self):\n        return self._x\n"],
    ),
    "import-in-function": Examples(
        [Speaks("""
def f(items):
    total = 0
    for x in items:
        import math  # <-
        total += math.floor(x)
    return total
""", "ints"),
         Speaks("def f(n):\n    import math  # <-\n    return math.sqrt(n)\n", "n", by_hand=True)],
        ["import math\n", "def f():\n    try:\n        import json\n    except ImportError:\n"
         "        pass\n"],
    ),
    "empty-display": Examples(
        [Speaks("def f(n):\n    return dict(), list(), tuple()  # <-\n", "n")],
        ["def f(x):\n    return dict(x), list(x), dict(a=1)\n",
         "def list():\n    pass\ndef f(x):\n    return list()\n"],
    ),
    "isinstance-chain": Examples(
        [Speaks("def f(n):\n    return isinstance(n, str) or isinstance(n, int)  # <-\n", "n")],
        ["def f(n, m):\n    return isinstance(n, str) or isinstance(m, int)\n",
         "def f(n):\n    return isinstance(n, str) and isinstance(n, int)\n"],
    ),
    "re-compile": Examples(
        [Speaks("""
import re
def f(words):
    return [bool(re.match(r"w(\\d+)", w)) for w in words]  # <-
""", "words"),
         Speaks("""
import re
def f(words):
    return [re.sub("W", "x", w, flags=re.I) for w in words]  # <-
""", "words"),
         Speaks("""
import re
class A:
    @staticmethod
    def g(w):
        return re.split(",| ", w, 1) + re.findall("w.", w, re.S)  # <-
def f(words):
    return [A.g(w) for w in words]
""", "words"),
         Speaks("""
import re
def f(words):
    found = re.compile("[wa]", re.A | re.I)  # <-
    return [bool(found.match(w)) for w in words]
""", "words"),
         Speaks("""
def f(words):
    import re
    return [bool(re.match("[wa]", w)) for w in words]  # <-
""", "words", by_hand=True),
         Speaks("""
def f(words):
    return [bool(re.match("[wa]", w)) for w in words]  # <-
import re
""", "words", by_hand=True),
         Speaks("""
try:
    import re
except ImportError:
    re = None
def f(words):
    return [bool(re.match("[wa]", w)) for w in words]
""".replace("except ImportError:\n    re = None", "finally:\n    pass").replace(
             "in words]\n", "in words]  # <-\n"), "words", by_hand=True)],
        ["import re\ndef f(p, s):\n    return re.match(p, s)\n",
         "import re\nx = re.match('a', 'b')\n",
         "def f(re, s):\n    return re.match('a', s)\n"],
    ),
    "re-literal": Examples(
        [Speaks("""
import re
def f(words):
    return [w for w in words if re.match("w1", w)]  # <-
""", "words"),
         Speaks("""
import re
FOUND = re.compile("w1")
def f(words):
    return [w for w in words if not FOUND.search(w)]  # <-
""", "words")],
        ["import re\ndef f(w):\n    return re.match('w1', w)\n",
         "import re\ndef f(w):\n    if re.match('w.', w):\n        pass\n",
         "import re\nP = re.compile('a', re.I)\ndef f(w):\n    if P.match(w):\n        pass\n"],
    ),
    "re-replace": Examples(
        [Speaks("import re\ndef f(text):\n    return re.sub('w1', '-', text)  # <-\n", "text")],
        ["import re\ndef f(t):\n    return re.sub('w.', '-', t)\n",
         "import re\ndef f(t):\n    return re.sub('w', r'\\\\g<0>', t)\n",
         "import re\ndef f(t):\n    return re.sub('w', '-', t, 1)\n"],
    ),
    "slice-prefix": Examples(
        [Speaks("""
def f(word):
    word = str(word)
    return word[:2] == "w1", word[-1:] != "0"  # <-
""", "word"),
         Speaks("def f(w):\n    return w[:2] == 'w1'  # <-\n", "word", by_hand=True)],
        ["def f(w):\n    return w[:3] == 'w1'\n", "def f(w):\n    return w[1:] == 'w1'\n",
         "def f(w, x):\n    return w[:2] == x\n"],
    ),
    "startswith-or": Examples(
        [Speaks("def f(w):\n    return w.startswith('w') or w.startswith('a')  # <-\n", "word")],
        ["def f(w, v):\n    return w.startswith('w') or v.startswith('a')\n",
         "def f(w):\n    return w.startswith('w') and w.startswith('a')\n",
         "def f(w):\n    return w.startswith('w') or w.endswith('a')\n"],
    ),
    "str-format": Examples(
        [Speaks("def f(n, word):\n    return '{} is {}; 100%'.format(word, n + 1)  # <-\n",
                "n word"),
         Speaks("def f(n, t):\n    return '{}'.format(t.get('a'))  # <-\n", "n table",
                by_hand=True)],
        ["def f(n):\n    return '{0:>3}'.format(n)\n",
         "def f(n):\n    return '{{}} {a}'.format(a=n)\n",
         "def f(n, s):\n    return s.format(n)\n"],
    ),
    "percent-format": Examples(
        [Speaks("def f(items):\n    return ['%d%% %s' % (i, x) for i, x in "
                "enumerate(items)]\n".replace("(i, x) for i, x in enumerate(items)]",
                                              "(len(items), x) for x in items]  # <-"), "ints"),
         Speaks("def f(word):\n    return 'is %s' % str(word)  # <-\n", "word")],
        ["def f(n):\n    return '%d' % n\n", "def f(n, m):\n    return '%s %s' % (n, m)\n",
         "def f(n):\n    return '%5d' % (n,)\n", "def f(n):\n    return n % 3\n"],
    ),
    "join-generator": Examples(
        [Speaks("def f(words):\n    return ', '.join(w + '!' for w in words)  # <-\n", "words"),
         Speaks("def f(words):\n    return ''.join((w for w in words if w))  # <-\n", "words")],
        ["def f(x):\n    return ''.join(x)\n", "def f(x, s):\n    return s.join(y for y in x)\n"],
    ),
    "write-lines": Examples(
        [Speaks("""
import io
def f(words):
    out = io.StringIO()
    for w in words:  # <-
        out.write(w + "\\n")
    return out.getvalue()
""", "words"),
         Speaks("""
def f(words):
    class Out:
        def __init__(self):
            self.seen = []
        def write(self, text):
            self.seen.append(text)
    out = Out()
    for w in words:  # <-
        out.write(w)
    return out.seen
""", "words", by_hand=True)],
        ["def f(x, out):\n    for y in x:\n        out.write(y)\n        out.flush()\n",
         "def f(x, out):\n    out.write(x)\n"],
    ),
    "path-join": Examples(
        [Speaks("""
from pathlib import PurePath
def f(words):
    base = PurePath("a")
    return [str(base / w) for w in words]  # <-
""", "words", by_hand=True)],
        ["def f(a, words):\n    return [a / w for w in words]\n",
         "from pathlib import Path\ndef f(w):\n    return Path('a') / w\n"],
    ),
    "os-path-join": Examples(
        [Speaks("""
import os.path
def f(words):
    return [os.path.join("a", w) for w in words]  # <-
""", "words", by_hand=True)],
        ["import os\ndef f(w):\n    return os.path.join('a', w)\n",
         "def f(ws):\n    return [','.join(w) for w in ws]\n"],
    ),
    "json-indent": Examples(
        [Speaks("import json\ndef f(table):\n    return json.dumps(table, indent=2)  # <-\n",
                "table", by_hand=True)],
        ["import json\ndef f(t):\n    return json.dumps(t)\n",
         "import json\ndef f(t):\n    return json.dumps(t, indent=None)\n"],
    ),
    "square": Examples(
        [Speaks("def f(n):\n    return -n ** 2 + 3 * n ** 2  # <-\n", "n"),
         Speaks("def f(items):\n    return [x ** 2 for x in items]  # <-\n", "ints")],
        ["def f(n):\n    return n ** 3\n", "def f(n):\n    return (n + 1) ** 2\n"],
    ),
    "root-compared": Examples(
        [Speaks("import math\ndef f(xs):\n"
                "    return [math.sqrt(x * x + 1) <= 2 for x in xs]  # <-\n",
                "floats"),
         Speaks("def f(xs):\n    return [(x * x + x) ** 0.5 < 1 for x in xs]  # <-\n", "positive"),
         Speaks("import math\ndef f(xs):\n    return [math.sqrt(x) > 1.5 for x in xs]  # <-\n",
                "positive", by_hand=True)],
        ["import math\ndef f(x, y):\n    return math.sqrt(x) < y\n",
         "import math\ndef f(x):\n    return math.sqrt(x) < -1\n"],
    ),
    "bit-count": Examples(
        [Speaks("def f(number):\n"
                "    return bin(number).count('1') + bin(-number).count('1')  # <-\n",
                "number")],
        ["def f(n):\n    return bin(n).count('0')\n", "def f(n):\n    return hex(n).count('1')\n"],
    ),
    "numpy-scalar": Examples(
        [Speaks("""
import numpy as np
def f(n):
    total = 0.0
    for i in range(n):
        total += np.sqrt(i)  # <-
    return total
""", "n"),
         Speaks("""
import numpy as np
def f(n):
    return [float(np.floor(i / 2)) for i in (1, 2)] + [np.floor(2.5)]  # <-
""", "n", by_hand=True)],
        ["import numpy as np\ndef f(x):\n    return np.sqrt(x)\n",
         "import numpy as np\ndef f(n):\n    return np.sqrt(np.arange(n))\n"],
    ),
    "array-loop": Examples(
        [Speaks("""
import numpy as np
def f(n):
    total = 0.0
    values = np.arange(n)
    for x in values:  # <-
        total += x
    return total
""", "n", by_hand=True)],
        ["def f(x):\n    for y in x:\n        print(y)\n"],
    ),
    "array-append": Examples(
        [Speaks("""
import numpy as np
def f(items):
    found = np.array([])
    for x in items:
        found = np.append(found, x)  # <-
    return found.tolist()
""", "ints", by_hand=True),
         Speaks("""
import numpy
def f(items):
    found = numpy.zeros(1)
    for x in items:
        found = numpy.concatenate([found, [x]])  # <-
    return found.tolist()
""", "ints", by_hand=True)],
        ["import numpy as np\ndef f(a, b):\n    return np.append(a, b)\n",
         "import numpy as np\ndef f(a):\n    for x in a:\n        b = np.append(x, 1)\n"],
    ),
    "array-sum": Examples(
        [Speaks("""
import numpy as np
def f(n):
    values = np.ones((n, 2))
    return list(sum(values)) if n else 0  # <-
""", "n"),
         Speaks("import numpy as np\ndef f(some):\n    values = np.array(some)\n"
                "    return int(max(values)) + int(min(values))  # <-\n", "some")],
        ["def f(x):\n    return sum(x)\n", "import numpy as np\ndef f(x):\n    return np.sum(x)\n"],
    ),
    "vectorise": Examples(
        [Speaks("""
import numpy as np
def f(positive, n):
    a = np.array(positive)
    b = np.ones(len(a))
    scale = float(n)
    for i in range(len(a)):  # <-
        b[i] = a[i] * scale - b[i] / 2
    return b.tolist()
""", "positive n")],
        ["import numpy as np\ndef f(n):\n    a = np.zeros(n)\n    for i in range(1, n):\n"
         "        a[i] = a[i - 1] + 1\n",
         "def f(a, b):\n    for i in range(len(a)):\n        b[i] = a[i]\n"],
    ),
    "matmul-loops": Examples(
        [Speaks("""
def f(a):
    c = [[0] * 4 for _ in range(4)]
    for i in range(4):
        for j in range(4):
            for k in range(4):
                c[i][j] += a[i][k] * a[k][j]  # <-
    return c
""", "square", by_hand=True)],
        ["def f(a, c):\n    for i in range(4):\n        for j in range(4):\n"
         "            for k in range(4):\n                c[i][j] += a[i][k] * a[i][k]\n",
         "def f(a, c):\n    for i in range(4):\n        for k in range(4):\n"
         "            c[i] += a[i][k] * a[k][i]\n"],
    ),
    "iterrows": Examples(
        [Speaks("def f(n):\n    return n\ndef g(df):\n    for i, row in df.iterrows():  # <-\n"
                "        print(row)\n", "n", by_hand=True)],
        ["def g(df):\n    for row in df.itertuples():\n        print(row)\n"],
    ),
}  # fmt: skip
