"""Ten programs of the kinds that people profile, timed by themselves under a profiler or none.

    python real.py [--under NAME] [--repeat N]        NAME: as in traced.py

They work on the standard library's own sources and on what is made of them; each has a fixed amount
of work, a few hundredths of a second. Prints one line of JSON: for each the least nanoseconds.
"""

import ast
import asyncio
import csv
import dataclasses
import difflib
import email
import heapq
import io
import json
import pickle
import re
import string
import sysconfig
import tokenize
from pathlib import Path

from traced import measure

FOLDER = Path(sysconfig.get_path("stdlib"))
TEXT = (FOLDER / "shutil.py").read_text(encoding="utf-8")
LINES = TEXT.splitlines()


def syntax_trees():
    """Parses a module and looks at every node."""
    names = [node.id for node in ast.walk(ast.parse(TEXT)) if isinstance(node, ast.Name)]
    return len(set(names))


def tokens():
    """Splits a module into tokens, in pure Python on 3.11."""
    return sum(1 for _ in tokenize.generate_tokens(io.StringIO(TEXT).readline))


def differences():
    """Compares two versions of a text."""
    changed = [line.upper() if i % 7 == 0 else line for i, line in enumerate(LINES[:150])]
    return len(list(difflib.unified_diff(LINES[:150], changed)))


def words():
    """Counts words with a regular expression."""
    counts = {}
    for word in re.findall(r"[A-Za-z_]\w*", TEXT):
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]


def documents():
    """Writes and reads JSON with a hook for each object."""
    rows = [{"line": i, "text": line, "words": line.split()} for i, line in enumerate(LINES)]
    return len(json.loads(json.dumps(rows, indent=1), object_hook=dict))


def tables():
    """Reads CSV into records and adds them up by key."""
    stream = io.StringIO()
    csv.writer(stream).writerows((i, i % 17, i * 0.5) for i in range(3_000))
    sums = {}
    for number, key, amount in csv.reader(stream.getvalue().splitlines()):
        sums[key] = sums.get(key, 0.0) + float(amount) * int(number)
    return len(sums)


@dataclasses.dataclass(order=True)
class Task:
    due: int
    name: str = dataclasses.field(compare=False)


def schedule():
    """A queue of objects that compare in Python."""
    queue = []
    for i in range(1_500):
        heapq.heappush(queue, Task(i * 7919 % 1_501, f"task {i}"))
    return [heapq.heappop(queue).due for _ in range(len(queue))][:3]


def messages():
    """Parses letters, and what their fields say."""
    letter = "".join(f"X-{name}: {name * 3}\n" for name in string.ascii_letters)
    letter = f"From: a@b.example\nTo: c@d.example\nSubject: s\n{letter}\n{TEXT[:2_000]}"
    return sum(len(email.message_from_string(letter).items()) for _ in range(12))


class Node:
    def __init__(self, value, below):
        self.value, self.below = value, below

    def total(self):
        return self.value + sum(node.total() for node in self.below)


def trees():
    """Objects that hold objects, copied through pickle and added up by recursion."""
    def grow(depth):
        return Node(depth, [grow(depth - 1) for _ in range(3)] if depth else [])

    return pickle.loads(pickle.dumps(grow(6))).total()


def tasks():
    """Coroutines that hand items to each other."""
    async def produce(queue):
        for i in range(1_000):
            await queue.put(i)
        await queue.put(None)

    async def consume(queue):
        count = 0
        while await queue.get() is not None:
            count += 1
        return count

    async def main():
        queue = asyncio.Queue(10)
        return (await asyncio.gather(produce(queue), consume(queue)))[1]

    return asyncio.run(main())


PROGRAMS = (syntax_trees, tokens, differences, words, documents, tables, schedule, messages, trees,
            tasks)


def once(program):
    """As one operation."""
    def run():
        program()
        return 1

    return run


if __name__ == "__main__":
    measure({program.__name__.replace("_", " "): once(program) for program in PROGRAMS}, repeat=3)
