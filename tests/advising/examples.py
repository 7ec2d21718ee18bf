"""For each rule: code where it speaks, code where it must not, and what the code is called with.

A line where a match begins ends in "# <-". Code where it speaks defines f, which is called with
what GIVEN makes of the words in `given`; a rewritten copy must do the same. by_hand: the rule
leaves this one to a person.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple


class Speaks(NamedTuple):
    code: str
    given: str = ""
    by_hand: bool = False


class Examples(NamedTuple):
    speaks: list[Speaks]
    quiet: list[str]


def ints(rnd: random.Random) -> list[int]:
    return [rnd.randrange(-9, 20) for _ in range(rnd.choice([0, 1, 2, 3, 10, 40]))]


def words(rnd: random.Random) -> list[str]:
    letters = ["w1", "w2", "a", "", "ab", "w1w1", "é", "x y", "-3", "100%", "{}", "#tag", "w10"]
    return [rnd.choice(letters) for _ in range(rnd.choice([0, 1, 2, 5, 30]))]


GIVEN: dict[str, Callable[[random.Random], object]] = {
    "ints": ints,
    "words": words,
    "n": lambda rnd: rnd.choice([0, 1, 2, 5, 12]),
    "number": lambda rnd: rnd.choice([0, 1, 2, 3, 7, 12, 255, 256, 1023]),
    "floats": lambda rnd: [rnd.uniform(-5, 5) for _ in range(rnd.choice([0, 1, 20]))],
    "positive": lambda rnd: [rnd.uniform(0, 5) for _ in range(rnd.choice([0, 1, 20]))],
    "some": lambda rnd: [rnd.randrange(9) for _ in range(rnd.choice([1, 2, 3, 20]))],
    "bytes": lambda rnd: [bytes([rnd.randrange(256)]) * rnd.randrange(3) for _ in range(7)],
    "text": lambda rnd: " ".join(words(rnd)),
    "word": lambda rnd: rnd.choice(["w1", "w2", "a", "", "ab", "w10", "GET", "POST"]),
    "table": lambda rnd: {k: rnd.randrange(99) for k in ints(rnd)},
    "lists": lambda rnd: [ints(rnd) for _ in range(rnd.choice([0, 1, 5]))],
    "pairs": lambda rnd: [(x, rnd.randrange(3)) for x in ints(rnd)],
    "keyed": lambda rnd: [(rnd.randrange(5), x) for x in ints(rnd)],
    "square": lambda rnd: [[rnd.randrange(9) for _ in range(4)] for _ in range(4)],
    "dates": lambda rnd: [f"20{rnd.randrange(10, 60)}-0{rnd.randrange(1, 10)}-1{rnd.randrange(9)}"
                          for _ in range(5)],
}  # fmt: skip

EXAMPLES: dict[str, Examples] = {
    "insert-at-0": Examples(
        [
            Speaks("""
def f(items):
    out = []
    for x in items:
        out.insert(0, x)  # <-
    return out
""", "ints"),
            Speaks("""
def f(items):
    out = []
    n = 0
    while n < len(items):
        if items[n] == 3:
            break
        if items[n] > 5:
            out.insert(0, (items[n], n))  # <-
        n += 1
    else:
        n = -1
    return out, n
""", "ints"),
            Speaks("""
def f(items):
    out = []
    for x in items:
        out.insert(0, x)  # <-
        if len(out) > 3:
            break
    return out
""", "ints", by_hand=True),
            Speaks("""
class Kept:
    def __init__(self):
        self.items = []
def f(items):
    out = list(items)
    for x in items:
        out.insert(0, x)  # <-
    return out
""", "ints", by_hand=True),
            Speaks("""
def f(items):
    out = []
    try:
        for x in items:
            out.insert(0, 1 // x)  # <-
    except ZeroDivisionError:
        pass
    return out
""", "ints", by_hand=True),
            Speaks("""
def f(items):
    out = []
    def look():
        return len(out)
    seen = []
    for x in items:
        out.insert(0, x)  # <-
        seen.append(look())
    return out, seen
""", "ints", by_hand=True),
        ],
        [
            "def f(out, x):\n    for i in x:\n        out.insert(0, i)\n",
            "def f(x):\n    out = []\n    out.insert(0, x)\n    return out\n",
            "def f(x):\n    out = []\n    for i in x:\n        out.insert(1, i)\n",
            "from collections import deque\ndef f(x):\n    out = deque()\n    for i in x:\n"
            "        out.insert(0, i)\n",
        ],
    ),
    "pop-0": Examples(
        [
            Speaks("""
def f(items):
    waiting = list(items)
    total = []
    while waiting:
        x = waiting.pop(0)  # <-
        total.append(x)
        if x > 15:
            waiting.append(x - 9)
        if len(waiting) > 60:
            break
    return total
""", "ints"),
            Speaks("""
from collections import OrderedDict
def f(items):
    waiting = []
    for x in items:
        waiting.append(x)
    out = []
    for _ in items:
        if not waiting:
            break
        out.append(waiting.pop(0))  # <-
    return out
""", "ints"),
            Speaks("""
def f(items):
    waiting = list(items)
    while waiting:
        if waiting[-1] == waiting.pop(0):  # <-
            break
    return waiting
""", "ints", by_hand=True),
            Speaks("""
def f(items):
    waiting = list(items)
    count = 0
    while len(waiting) > 1:
        del waiting[0]  # <-
        count += 1
    return count
""", "ints", by_hand=True),
        ],
        [
            "def f(waiting):\n    while waiting:\n        waiting.pop(0)\n",
            "def f(items):\n    x = list(items)\n    while x:\n        x.pop()\n",
            "def f(items):\n    x = list(items)\n    return x.pop(0)\n",
        ],
    ),
    "str-append": Examples(
        [
            Speaks("""
def f(words):
    text = ""
    for w in words:
        text += w  # <-
    return text
""", "words"),
            Speaks("""
def f(words):
    text = 'start: '
    for i, w in enumerate(words):
        if not w:
            continue
        text += w + ", "  # <-
        if i > 3:
            text += "..."  # <-
            break
    return text
""", "words"),
            Speaks("""
def f(words):
    text = ""
    for w in words:
        text += w  # <-
        if len(text) > 5:
            break
    return text
""", "words", by_hand=True),
        ],
        [
            "def f(words):\n    n = 0\n    for w in words:\n        n += w\n    return n\n",
            "def f(words):\n    for w in words:\n        text = ''\n        text += w\n",
            "def f(words, text):\n    for w in words:\n        text += w\n    return text\n",
            "def f(words):\n    text = ''\n    text += words[0]\n    return text\n",
        ],
    ),
    "str-append-copy": Examples(
        [
            Speaks("""
class Page:
    def __init__(self):
        self.text = ""
    def add(self, words):
        for w in words:
            self.text += w  # <-
def f(words):
    page = Page()
    page.add(words)
    return page.text
""", "words", by_hand=True),
            Speaks("""
words = ["a", "b"] * 3
text = ""
for w in words:
    text += w  # <-
def f():
    return text
""", by_hand=True),
            Speaks("""
words = ["a", "b"] * 3
text = ""
for w in words:
    text += w  # <-
kept = text
def f():
    return kept
"""),
        ],
        [
            "class A:\n    def add(self, w):\n        self.text = ''\n        self.text += w\n",
            "class A:\n    n = 0\n    def add(self, ws):\n        for w in ws:\n            "
            "self.n += w\n",
        ],
    ),
    "str-prepend": Examples(
        [
            Speaks("""
def f(words):
    text = ""
    for w in words:
        text = w + text  # <-
    return text
""", "words"),
            Speaks("""
def f(n):
    digits = "."
    while n:
        n, digit = divmod(n, 2)
        digits = str(digit) + digits  # <-
    return digits
""", "number"),
        ],
        [
            "def f(ns):\n    n = 0\n    for m in ns:\n        n = m + n\n    return n\n",
            "def f(ws):\n    t = ''\n    for w in ws:\n        t = w + 'x'\n    return t\n",
        ],
    ),
    "bytes-append": Examples(
        [
            Speaks("""
def f(pieces):
    data = b""
    for piece in pieces:
        data += piece  # <-
        data += b"-"  # <-
    return data
""", "bytes"),
            Speaks("""
def f(pieces):
    data = b"x"
    for piece in pieces:
        data += piece  # <-
    return data, len(data), type(data)
""", "bytes"),
        ],
        [
            "def f(pieces):\n    data = bytearray()\n    for p in pieces:\n        data += p\n",
            "def f(pieces, data):\n    for p in pieces:\n        data += p\n",
        ],
    ),
    "list-add": Examples(
        [
            Speaks("""
def f(items):
    out = []
    for x in items:
        out = out + [x * 2]  # <-
    return out
""", "ints"),
            Speaks("""
def f(items):
    out = [0]
    for x in items:
        out = out + list(range(x))  # <-
    return out
""", "ints"),
            Speaks("""
def f(items):
    out = []
    old = []
    for x in items:
        old = out
        out = out + [x]  # <-
    return out, old
""", "ints", by_hand=True),
        ],
        [
            "def f(items):\n    n = 0\n    for x in items:\n        n = n + x\n    return n\n",
            "def f(items):\n    for x in items:\n        out = []\n        out = out + [x]\n",
            "def f(items):\n    out = []\n    out = out + [1]\n    return out\n",
        ],
    ),
    "sum-lists": Examples(
        [Speaks("def f(lists):\n    return sum(lists, [])  # <-\n", "lists"),
         Speaks("def f(lists):\n    return sum((x[:2] for x in lists), [])  # <-\n", "lists")],
        ["def f(x):\n    return sum(x, 0)\n", "def sum(a, b):\n    pass\nsum(1, [])\n"],
    ),
    "copy-loop": Examples(
        [
            Speaks("""
def f(items):
    out = [0]
    for x in items:  # <-
        out.append(x)
    return out
""", "ints"),
            Speaks("""
def f(items):
    out = []
    for x in items:  # <-
        out.append(x)
    return out, x
""", "some", by_hand=True),
        ],
        [
            "def f(items, out):\n    for x in items:\n        out.append(x)\n",
            "def f(items):\n    out = []\n    for x in items:\n        out.append(x + 1)\n",
            "def f(items):\n    out = []\n    for x in items:\n        print(x)\n"
            "        out.append(x)\n",
        ],
    ),
    "append-loop": Examples(
        [
            Speaks("""
def f(items):
    out = []
    for x in items:  # <-
        out.append(x * 2)
    return out
""", "ints"),
            Speaks("""
def f(pairs):
    out = []
    for a, b in pairs:  # <-
        if a > b or b == 2:
            out.append((a, b))
    return out
""", "pairs"),
            Speaks("""
def f(items):
    out = []
    for x in items:  # <-
        out.append(len(out) + x)
    return out
""", "ints", by_hand=True),
        ],
        [
            "def f(items):\n    out = []\n    for x in items:\n        out.append(x)\n",
            "def f(items):\n    out = []\n    for x in items:\n        x += 1\n"
            "        out.append(x)\n",
            "def f(items):\n    out = set()\n    for x in items:\n        out.add(x)\n",
        ],
    ),
    "slice-consume": Examples(
        [
            Speaks("""
def f(words):
    data = "".join(words).encode()
    count = 0
    while data:
        count += data[0]
        data = data[2:]  # <-
    return count
""", "words", by_hand=True),
        ],
        [
            "def f(data):\n    while data:\n        data = data[2:]\n",
            "def f():\n    data = b'abc'\n    data = data[1:]\n",
            "def f():\n    data = b'abc'\n    while data:\n        data = data[:-1]\n",
        ],
    ),
    "in-list": Examples(
        [
            Speaks("""
def f(items, wanted):
    known = list(items)
    count = 0
    for x in wanted:
        if x in known:  # <-
            count += 1
    return count
""", "ints ints"),
            Speaks("""
def f(items, wanted):
    known = list(items)
    known.append(3)
    return [x for x in wanted if x not in known]  # <-
""", "ints ints"),
            Speaks("""
def f(items, wanted):
    known = sorted(items)
    found = []
    for y in range(3):
        for x in wanted:
            while x in known:  # <-
                found.append(x)
                x += y + 1
        known.append(y)
    return found
""", "ints ints"),
            Speaks("""
KNOWN = [str(i) for i in range(5)]
def f(words):
    return [w in KNOWN for w in words]  # <-
""", "words", by_hand=True),
        ],
        [
            "def f(known, xs):\n    return [x in known for x in xs]\n",
            "def f(xs):\n    known = {1, 2}\n    return [x in known for x in xs]\n",
            "def f(xs):\n    known = [1, 2, 3]\n    return [x in known for x in xs]\n",
            "def f(items, x):\n    known = list(items)\n    return x in known\n",
            "def f(xs):\n    text = 'abc'\n    return [x in text for x in xs]\n",
        ],
    ),
    "in-constants": Examples(
        [Speaks("def f(w):\n    return w in ['GET', 'POST', 'PUT']  # <-\n", "word"),
         Speaks("def f(n):\n    return [i for i in range(n) if i not in (1, 3, 5)]  # <-\n", "n")],
        ["def f(w):\n    return w in ['GET', 'POST']\n",
         "def f(w, a):\n    return w in ['GET', 'POST', a]\n",
         "def f(w):\n    return w in ['GET', 1, None]\n"],
    ),
    "dedupe-by-list": Examples(
        [
            Speaks("""
def f(items):
    out = []
    for x in items:
        if x not in out:  # <-
            out.append(x)
    return out
""", "ints"),
            Speaks("""
def f(items):
    seen = []
    twice = []
    for x in items:
        if x not in seen:  # <-
            seen.append(x)
        else:
            twice.append(x)
    return twice
""".replace("        else:\n            twice.append(x)\n", "        twice.append(x)\n"),
                "ints", by_hand=True),
        ],
        [
            "def f(items):\n    out = set()\n    for x in items:\n        if x not in out:\n"
            "            out.add(x)\n",
            "def f(items, out):\n    for x in items:\n        if x not in out:\n"
            "            out.append(x)\n",
        ],
    ),
    "nested-join": Examples(
        [
            Speaks("""
def f(left, right):
    rows = list(right)
    out = []
    for a in left:
        for b in rows:  # <-
            if a[0] == b[0]:
                out.append((a, b))
    return out
""", "keyed keyed"),
            Speaks("""
def f(left, right):
    rows = tuple(right)
    out = []
    for key, a in left:
        for other, b in rows:  # <-
            if other == key and b != a:
                out.append((key, a, b))
                break
    return out
""", "keyed keyed"),
            Speaks("""
def f(left, right):
    out = []
    for a in left:
        for b in right:  # <-
            if a[0] == b[0]:
                out.append((a, b))
    return out
""", "keyed keyed", by_hand=True),
        ],
        [
            "def f(a):\n    for x in a:\n        for y in x:\n            if x[0] == y[0]:\n"
            "                print(x)\n",
            "def f(a, b):\n    for x in a:\n        for y in b:\n            if x < y:\n"
            "                print(x)\n",
            "def f(a, b):\n    for x in a:\n        for y in b:\n            if y == 3:\n"
            "                print(x)\n",
        ],
    ),
    "count-in-loop": Examples(
        [
            Speaks("""
def f(items):
    items = list(items)
    return {x: items.count(x) for x in set(items)}  # <-
""", "ints"),
            Speaks("""
def f(words):
    words = sorted(words)
    best = 0
    for w in words:
        if words.count(w) > best:  # <-
            best = words.count(w)  # <-
    return best
""", "words"),
        ],
        [
            "def f(items, x):\n    items = list(items)\n    return items.count(x)\n",
            "def f(text):\n    text = str(text)\n    return [text.count(c) for c in 'abc']\n",
            "def f(items):\n    return [items.count(x) for x in items]\n",
        ],
    ),
    "index-in-loop": Examples(
        [
            Speaks("""
def f(items):
    order = sorted(items)
    return [order.index(x) for x in items]  # <-
""", "ints", by_hand=True),
        ],
        [
            "def f(items):\n    return [items.index(x) for x in items]\n",
            "def f(items):\n    xs = list(items)\n    for x in items:\n        xs.append(x)\n"
            "        print(xs.index(x))\n",
        ],
    ),
    "counting-loop": Examples(
        [
            Speaks("""
def f(words):
    counts = {}
    for w in words:  # <-
        counts[w] = counts.get(w, 0) + 1
    return counts, list(counts), type(counts)
""", "words"),
            Speaks("""
def f(words):
    counts = {}
    for w in words:  # <-
        counts[len(w)] = counts.get(len(w), 0) + 1
    return counts, list(counts)
""", "words"),
        ],
        [
            "def f(words):\n    c = {}\n    for w in words:\n        c[w] = c.get(w, 0) + 2\n",
            "def f(words):\n    c = {}\n    for w in words:\n        c[w] = c.get(w, 1) + 1\n",
        ],
    ),
    "setdefault": Examples(
        [Speaks("""
def f(pairs):
    groups = {}
    for a, b in pairs:
        groups.setdefault(b, []).append(a)  # <-
    return groups
""", "pairs", by_hand=True)],
        ["def f(d, k):\n    d.setdefault(k, 0)\n", "def f(d, k):\n    d.setdefault(k)\n"],
    ),
    "if-not-in-set": Examples(
        [Speaks("""
def f(pairs):
    groups = {}
    for a, b in pairs:
        if b not in groups:  # <-
            groups[b] = []
        groups[b].append(a)
    return groups
""", "pairs", by_hand=True)],
        ["def f(d, k):\n    if k not in d:\n        d[k] = 3\n",
         "def f(d, e, k):\n    if k not in d:\n        e[k] = []\n"],
    ),
    "in-then-item": Examples(
        [
            Speaks("""
def f(table, keys):
    table = dict(table)
    return [table[k] if k in table else None for k in keys]  # <-
""", "table ints"),
            Speaks("""
def f(table, keys):
    table = dict(table)
    out = []
    for k in keys:
        if k in table:  # <-
            x = table[k]
        else:
            x = -1
        out.append(x)
    return out
""", "table ints"),
            Speaks("""
def f(table, k):
    if k is None:
        x = 1
    elif k in table:  # <-
        x = table[k]
    else:
        x = 0
    return x
""", "table number", by_hand=True),
        ],
        [
            "def f(d, k):\n    return d[k] if k in d else work()\n",
            "def f(d, e, k):\n    return d[k] if k in e else 0\n",
            "def f(k):\n    d = [1, 2]\n    return d[k] if k in d else 0\n",
        ],
    ),
    "in-keys": Examples(
        [Speaks("""
def f(table, keys):
    table = dict(table)
    return [k in table.keys() for k in keys]  # <-
""", "table ints"),
         Speaks("def f(t, k):\n    return k not in t.keys()  # <-\n", "table number",
                by_hand=True)],
        ["def f(t, k):\n    return k in t\n", "def f(t, k):\n    return k in t.values()\n"],
    ),
    "keys-then-item": Examples(
        [
            Speaks("""
def f(table):
    table = dict(table)
    total = 0
    for k in table:  # <-
        total += table[k] * k
    return total
""", "table"),
        ],
        [
            "def f(t):\n    for k in t:\n        print(t[k])\n",
            "def f(x):\n    t = dict(x)\n    for k in t:\n        t[k] = t[k] + 1\n",
            "def f(x):\n    t = dict(x)\n    for k in t:\n        g(t)\n        print(t[k])\n",
            "def f(x):\n    t = dict(x)\n    for k in t:\n        print(k)\n",
        ],
    ),
    "items-unused": Examples(
        [
            Speaks("""
def f(table):
    table = dict(table)
    out = []
    for k, _ in table.items():  # <-
        out.append(k)
    return out
""", "table"),
            Speaks("""
def f(table):
    table = dict(table)
    total = 0
    for key, value in table.items():  # <-
        total += value
    return total
""", "table"),
            Speaks("""
def f(table):
    return_value = []
    for key, value in table.items():  # <-
        return_value.append(value)
    return return_value
""", "table", by_hand=True),
        ],
        ["def f(t):\n    for k, v in t.items():\n        print(k, v)\n",
         "def f(t):\n    for k, v in t.items():\n        pass\n"],
    ),
    "key-error": Examples(
        [
            Speaks("""
def f(table, keys):
    table = dict(table)
    out = []
    for k in keys:
        try:  # <-
            x = table[k]
        except KeyError:
            x = None
        out.append(x)
    return out
""", "table ints"),
        ],
        [
            "def f(t, k):\n    try:\n        x = t[k]\n    except Exception:\n        x = 0\n",
            "def f(t, k):\n    try:\n        x = t[k]\n    except KeyError:\n        x = make()\n",
            "def f(t, k):\n    try:\n        x = t[k[0]]\n    except KeyError:\n        x = 0\n",
        ],
    ),
}
