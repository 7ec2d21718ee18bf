"""One heap of known make, and one question about it asked of one tool.

    python heaped.py TOOL QUESTION [--count N] [--file PATH]
    python heaped.py questions                  what each tool answers, as one line of JSON

The heap: N instances with three attributes, a dict of N numbers to texts, a list of N floats; about
eight objects for each of the N. A process answers one question, since some tools leave the heap
another than it was. Prints one line of JSON: CPU seconds of the first answer and of the quickest,
how far the resident set rose for the first, that answer, and what is wrong with it, where its truth
is known.
"""

import argparse
import gc
import io
import json
import os
import sys
import time

ENOUGH_SECONDS, MOST_TIMES = 1.0, 5
ADDED = 100


class P:
    def __init__(self, i):
        self.a = i + 1000
        self.b = str(i)
        self.c = (i,)


class Added:
    """What is new between two looks."""


class Needle:
    """Held by a dict in a list in a dict of this module: the chain that is to be found."""


def needle():
    return cache["k"][1]["deep"]


def build(count):
    global instances, texts, floats, cache
    instances = [P(i) for i in range(count)]
    texts = {i: str(i) * 3 for i in range(count)}
    floats = [float(i) for i in range(count)]
    cache = {"k": [None, {"deep": Needle()}]}


def add():
    global added
    added = [Added() for _ in range(ADDED)]


def settled(ask):
    """Two looks with nothing between them, when everything has been looked at before."""
    for _ in range(3):
        ask()
    return ask


class Nothing:
    """What the interpreter itself needs: one list of what it tracks, one collection, one scan."""

    def census(self, _file):
        return lambda: [len(gc.get_objects())]

    def collection(self, _file):
        return gc.collect

    def holders(self, _file):
        return lambda: len(gc.get_referrers(needle()))

    def deep_size(self, _file):
        """What the allocators were asked for while as many instances were made, of a class as
        new as theirs was: its first ones get more room for attributes."""
        import tracemalloc

        def count():
            made = [None] * len(instances)
            fresh = type("P", (), {"__init__": P.__init__})
            gc.collect()  # empties the free lists, from which blocks would come unseen
            tracemalloc.start()
            for i in range(len(made)):
                made[i] = fresh(i)
            asked = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            return asked + sys.getsizeof(instances)  # with the room that it has for more

        return count


class Pympler:
    def census(self, _file):
        from pympler import muppy, summary

        return lambda: self.shown(summary.summarize(muppy.get_objects()), "P")

    def shown(self, rows, name):
        from pympler import summary

        found = sum(row[1] for row in rows if row[0].rpartition(".")[2] == name)
        return found, "\n".join(summary.format_(rows))

    def deep_size(self, _file):
        from pympler import asizeof

        return lambda: asizeof.asizeof(instances)

    def diff(self, _file):
        from pympler import tracker

        changes = tracker.SummaryTracker()
        add()
        return lambda: self.shown(changes.diff(), "Added")

    def idle_diff(self, _file):
        from pympler import tracker

        changes = tracker.SummaryTracker()
        return settled(lambda: (changes.diff(), len(changes.diff()))[1])

    def holders(self, _file):
        from pympler import refbrowser

        def tree():
            stream = io.StringIO()
            refbrowser.StreamBrowser(needle(), maxdepth=4, repeat=False, stream=stream).print_tree()
            return stream.getvalue()

        return tree


class Guppy3:
    def __init__(self):
        import guppy

        self.heap = guppy.hpy()

    def shown(self, name):
        found = self.heap.heap()
        rows = list(found.bytype.partition.get_rows())
        count = sum(row.count for row in rows if row.name.rpartition(".")[2] == name)
        return count, str(found), len(rows)

    def census(self, _file):
        return lambda: self.shown("P")

    def deep_size(self, _file):
        return lambda: self.heap.iso(instances).domisize

    def diff(self, _file):
        self.heap.setrelheap()
        add()
        return lambda: self.shown("Added")

    def idle_diff(self, _file):
        return settled(lambda: (self.heap.setrelheap(), self.shown("Added")[2])[1])

    def holders(self, _file):
        return lambda: str(self.heap.iso(needle()).sp)

    def retained(self, _file):
        return lambda: self.heap.iso(texts).domisize


class Objgraph:
    def census(self, _file):
        import objgraph

        return lambda: [objgraph.typestats()["P"]]

    def diff(self, _file):
        import objgraph

        peak = {}
        objgraph.growth(peak_stats=peak)
        add()
        return lambda: [sum(row[2] for row in objgraph.growth(limit=None, peak_stats=peak)
                            if row[0] == "Added")]

    def idle_diff(self, _file):
        import objgraph

        def rows():
            peak = {}
            objgraph.growth(peak_stats=peak)
            return len(objgraph.growth(limit=None, peak_stats=peak))

        return settled(rows)

    def holders(self, _file):
        import objgraph

        return lambda: [type(one).__name__ for one in
                        objgraph.find_backref_chain(needle(), objgraph.is_proper_module)]


class Objsize:
    def deep_size(self, _file):
        import objsize

        return lambda: objsize.get_deep_size(instances)


class Tare:
    def __init__(self):
        import tare.heap

        self.heap = tare.heap

    def shown(self, found, name):
        count = sum(row.count for row in found.rows
                    if str(row.key).rpartition(".")[2] == name)
        return count, str(found)

    def census(self, _file):
        return lambda: self.shown(self.heap.census(), "P")

    def deep_size(self, _file):
        return lambda: self.heap.sizeof(instances)

    def diff(self, _file):
        before = self.heap.census()
        add()
        return lambda: self.shown(self.heap.diff(before, self.heap.census()), "Added")

    def idle_diff(self, _file):
        return settled(lambda: len(self.heap.diff(self.heap.census(), self.heap.census()).rows))

    def holders(self, _file):
        return lambda: str(self.heap.holders(needle()))

    def retained(self, _file):
        return lambda: self.heap.retained(texts)

    def snapshot(self, file):
        def write():
            self.heap.snapshot(file, overwrite=True)
            return os.path.getsize(file)

        return write


TOOLS = {"none": Nothing, "Pympler": Pympler, "guppy3": Guppy3, "objgraph": Objgraph,
         "objsize": Objsize, "tare": Tare}
QUESTIONS = ("deep_size", "census", "diff", "idle_diff", "holders", "retained", "snapshot",
             "collection")


def wrong(tool, question, answer, count):
    """What is wrong with an answer; "" if nothing is known to be."""
    if question == "census" and tool != "none" and answer[0] != count:
        return f"{answer[0]} of {count} instances"
    if question == "diff" and answer[0] != ADDED:
        return f"{answer[0]} of {ADDED} new ones"
    if question == "holders" and tool in ("tare", "guppy3") and "['k'][1]['deep']" not in answer:
        return "the chain is not there"
    return ""


def status_bytes(name):
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


def timed(ask):
    begin = time.process_time_ns()
    answer = ask()
    return (time.process_time_ns() - begin) / 1e9, answer


def ask_all(ask):
    """Asks until a second has gone, at least once."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # forgets the highest resident set
    before = status_bytes("VmRSS")
    first, answer = timed(ask)
    seconds, more = [first], status_bytes("VmHWM") - before
    while sum(seconds) < ENOUGH_SECONDS and len(seconds) < MOST_TIMES:
        seconds.append(timed(ask)[0])
    return {"first": first, "least": min(seconds), "more_bytes": more, "answer": answer}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool", choices=[*TOOLS, "questions"])
    parser.add_argument("question", choices=QUESTIONS, nargs="?")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--file")
    options = parser.parse_args()
    if options.tool == "questions":
        print(json.dumps({name: [one for one in QUESTIONS if hasattr(tool, one)]
                          for name, tool in TOOLS.items()}))
        return
    build(options.count)
    gc.collect()
    status_bytes("VmRSS")  # loads what reading it needs, before anything is looked at
    try:
        told = ask_all(getattr(TOOLS[options.tool](), options.question)(options.file))
        told["wrong"] = wrong(options.tool, options.question, told["answer"], options.count)
    except ImportError:
        told = {"failed": "not there"}
    except Exception as error:  # what a tool cannot do is a result
        told = {"failed": f"{type(error).__name__}: {error}"}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
