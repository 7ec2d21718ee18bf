"""Small programs that allocate, each of its own kind, timed by themselves; they check what they do.

    python allocating.py [set|lines|blocks]

Started alone or under a memory profiler, which is on all the time. Prints one line of JSON: for
each program the least CPU nanoseconds an operation. CPU time is that of the whole process, so a
thread that the profiler added counts too. "blocks" has bytes instead: the most that a live block
took of the resident set beside its own bytes, looked at while half a million were made.
"""

import argparse
import builtins
import json
import pickle
import random
import re
import string
import sys
import time

DEEP = 500
BLOCKS = 500_000
CALLS = 4  # of a program, as one measurement
ENOUGH_NS, MOST_TIMES = 200_000_000, 5


def documents():
    """JSON is made, written and read."""
    rows = [{"id": i, "name": f"row {i}", "tags": ["a", str(i % 7)], "share": i / 7, "none": None}
            for i in range(600)]
    again = json.loads(json.dumps({"rows": rows}))
    assert again["rows"] == rows
    return 1


class Packet:
    def __init__(self, kind, hops):
        self.kind, self.hops, self.below = kind, hops, None


class Device:
    """Takes packets from a queue, works on them, and hands them to the next device."""

    def __init__(self, name):
        self.name, self.queue, self.next, self.done = name, [], None, 0

    def run(self):
        if not self.queue:
            return False
        packet = self.queue.pop(0)
        self.done += 1
        if packet.hops > 0:
            again = Packet(packet.kind, packet.hops - 1)
            again.below = packet.kind
            self.next.queue.append(again)
        return True


def scheduler():
    """Objects that hand each other new objects, in the manner of an operating system."""
    ring = [Device(f"device {i}") for i in range(6)]
    for device, following in zip(ring, ring[1:] + ring[:1]):
        device.next = following
    for i in range(30):
        ring[i % 6].queue.append(Packet(i % 3, 99))
    while any([device.run() for device in ring]):
        pass
    assert sum(device.done for device in ring) == 3_000
    return 1


def bodies():
    """Three bodies that attract each other: floats and little else."""
    places = [[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]
    speeds = [[0.0, 0.0], [0.0, 1.0], [-0.7, 0.0]]
    masses = [1.0, 1e-3, 1e-3]
    for _ in range(1_200):
        for i in range(3):
            for j in range(i):
                dx, dy = places[i][0] - places[j][0], places[i][1] - places[j][1]
                pull = 0.001 / (dx * dx + dy * dy) ** 1.5
                for one, other, sign in ((i, j, -1.0), (j, i, 1.0)):
                    speeds[one][0] += sign * dx * masses[other] * pull
                    speeds[one][1] += sign * dy * masses[other] * pull
        for place, speed in zip(places, speeds):
            place[0] += 0.001 * speed[0]
            place[1] += 0.001 * speed[1]
    drift = sum(mass * speed[0] for mass, speed in zip(masses, speeds))
    assert abs(drift - masses[2] * -0.7) < 1e-12
    return 1


def spectral():
    """A norm of a matrix that is computed anew at each use: ints, floats, generators."""
    def row(i, vector):
        return sum(vector[j] / ((i + j) * (i + j + 1) // 2 + i + 1) for j in range(len(vector)))

    def column(i, vector):
        return sum(vector[j] / ((i + j) * (i + j + 1) // 2 + j + 1) for j in range(len(vector)))

    u = [1.0] * 30
    for _ in range(6):
        v = [column(i, [row(k, u) for k in range(30)]) for i in range(2)] + u[2:]
        u = [row(i, v) for i in range(30)]
        top = max(u)
        u = [one / top for one in u]
    assert max(u) == 1.0 and min(u) > 0
    return 1


WORDS = " ".join(f"word{i % 97}, name_{i}@host{i % 13}.example" for i in range(2_500))


def expressions():
    """Regular expressions: matches, groups, substitution, splitting."""
    found = re.findall(r"(\w+)@(\w+)\.example", WORDS)
    assert len(found) == 2_500 and found[13] == ("name_13", "host0")
    plain = re.sub(r"name_(\d+)", lambda match: match[1], WORDS)
    assert len(re.split(r",\s*", plain)) == 2_501
    return 1


def grow(depth, width):
    return [grow(depth - 1, width) for _ in range(width)] if depth else []


def count(tree):
    return 1 + sum(count(one) for one in tree)


def recursion():
    """Deep and wide calls, with an object for each."""
    assert count(grow(9, 2)) == 1_023

    def down(n):
        return (n, down(n - 1)) if n else None

    for _ in range(6):
        chain, length = down(DEEP), 0
        while chain:
            length, chain = length + 1, chain[1]
        assert length == DEEP
    return 1


def texts():
    """Strings are put together, cut, joined and formatted."""
    text, parts = "", []
    for i in range(3_000):
        text += f"{i:05d};"
        parts.append(text[-6:-1].upper() + str(i))
    assert len(text) == 18_000 and len("".join(parts)) == 3_000 * 5 + 10_890
    assert text.split(";")[:-1] == [f"{i:05d}" for i in range(3_000)]
    return 1


def churn():
    """Dicts and lists that come, grow and go."""
    chance = random.Random(1)
    live = {}
    for i in range(4_000):
        live[chance.randrange(500)] = {"number": i, "items": [i, [i + 1], (i, i + 2)]}
        if i % 3 == 0:
            live.pop(chance.randrange(500), None)
    assert all(value["items"][1][0] == value["number"] + 1 for value in live.values())
    return 1


class Record:
    def __init__(self, number):
        self.number, self.name, self.pair = number, f"record {number}", (number, number / 3)


def pickling():
    """Objects are written and read back."""
    records = [Record(i) for i in range(1_200)]
    again = pickle.loads(pickle.dumps(records))
    assert [one.__dict__ for one in again] == [one.__dict__ for one in records]
    return 1


PAGE = string.Template("<h1>$title</h1><p class='$kind'>$text</p>\n")


def templates():
    """Pages are made from a template and from formats."""
    rows = []
    for i in range(700):
        head = PAGE.substitute(title=f"Page {i}", kind="abc"[i % 3], text="text " * (i % 5))
        cells = "".join(f"<td>{i * j:>6,}</td>" for j in range(5))
        rows.append(f"{head}<tr>{cells}</tr>")
    page = "\n".join(rows)
    assert page.count("<h1>") == 700 and page.count("<td>") == 3_500
    return 1


def loop():
    for i in range(20_000):
        x = [None, i]
    assert x == [None, 19_999]
    return 20_000


def deep(depth):
    return deep(depth - 1) if depth > 1 else loop()


def loop_deep():
    """The same at the end of many calls."""
    return deep(DEEP)


def lines():
    """A loop of two lines that allocates next to nothing."""
    total = 0
    for i in range(2_000):
        total += i
    assert total == 1_999_000
    return 4_000


SET = {"JSON": documents, "scheduler": scheduler, "floats": bodies, "spectral": spectral,
       "regex": expressions, "recursion": recursion, "strings": texts, "churn": churn,
       "pickle": pickling, "templates": templates, "depth 500": loop_deep}
LOOPS = {"[None, i], depth 1": loop, f"[None, i], depth {DEEP}": loop_deep}


def resident_bytes():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def blocks():
    """One block for each of many objects, into a list that is there before."""
    held = [object()] * BLOCKS
    own_bytes = sys.getsizeof(held[0])
    before, most = resident_bytes(), 0.0
    for i in range(BLOCKS):
        held[i] = object()
        if i >= BLOCKS // 4 and i % (BLOCKS // 20) == 0:
            most = max(most, (resident_bytes() - before) / i - own_bytes)
    return {"bytes": most}


def measure(programs):
    """Each again until a fifth of a second has gone."""
    least = {}
    for name, program in programs.items():
        spent, times = 0, 0
        while not times or spent < ENOUGH_NS and times < MOST_TIMES:
            begin = time.process_time_ns()
            operations = sum(program() for _ in range(CALLS))
            taken = time.process_time_ns() - begin
            least[name] = min(least.get(name, float("inf")), taken / operations)
            spent, times = spent + taken, times + 1
    return least


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("set", "lines", "blocks"), nargs="?", default="set")
    what = parser.parse_args().what
    sys.setrecursionlimit(4 * DEEP)
    if what == "blocks":
        told = blocks()
    elif what == "lines":
        # Some line profilers put their decorator among the builtins.
        decorate = getattr(builtins, "profile", lambda function: function)
        told = measure({"lines": decorate(lines)})
    else:
        told = measure({**SET, **LOOPS})
    print(json.dumps(told))


if __name__ == "__main__":
    main()
