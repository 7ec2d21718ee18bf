"""Files of other tools, and our own exports read back: the same sums."""

import gzip
import json
import os
import pstats
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from builder import WORKER, Builder
from importing import Found
from tare._profile import decode, import_bytes, import_formats
from tare.errors import CorruptError, LimitError, UnsupportedError, UsageError
from tare.importing import load_any

MS = 1_000_000
NAMES = [format.name for format in import_formats()]


def read(text, format=None):
    data = text.encode() if isinstance(text, str) else text
    return Found(import_bytes(data, format))


def read_json(document):
    return read(json.dumps(document))


# ---- our own exports ----


def sampled():
    main = ("main", "main.py", 1, 3)
    built = Builder().program(python_ns=15 * MS)
    built.sample([main, ("Reader.parse", "read.py", 10, 12)], ns=5 * MS)
    built.sample([main, ("Reader.parse", "read.py", 10, 14)], ns=3 * MS)
    built.sample([main, ("fib", "main.py", 30, 31), ("fib", "main.py", 30, 32)], ns=2 * MS)
    built.sample([main, ("sleep", "", 0, 0, "native")], "native_ns", 4 * MS)
    built.sample([("run; it\\", "work er.py", 7, 9)], ns=1 * MS, labels=WORKER)
    return decode(built.encode())


def sums(found, metric, unlabelled=False):
    """(labels, path) -> amount."""
    tree = defaultdict(int)
    for node, label_set, name, amount in found.profile.values():
        if node and name == metric:
            labels = tuple(sorted(
                (key, value) for key, value in found.labels[label_set].items() if key != "main"
            ))  # fmt: skip
            tree[() if unlabelled else labels, found.path(node)] += amount
    return dict(tree)


def test_collapsed_comes_back():
    before = sampled()
    found = read(before.export("collapsed"), "collapsed")
    assert sums(found, "samples") == sums(Found(before), "wall_ns")
    frames = {(frame.qualname, frame.file, frame.line) for frame in found.frames}
    assert ("Reader.parse", "read.py", 14) in frames
    assert ("run; it\\", "work er.py", 9) in frames
    assert {frame.kind for frame in found.frames if frame.qualname == "sleep"} == {"native"}
    assert read(before.export("collapsed")).meta["import.format"] == "collapsed"


def test_speedscope_comes_back():
    before = sampled()
    found = read(before.export("speedscope"))
    assert found.meta["import.format"] == "speedscope"
    assert sums(found, "wall_ns") == sums(Found(before), "wall_ns")
    assert sums(found, "native_ns") == sums(Found(before), "native_ns")
    assert found.meta["target.command"] == "python work.py"
    assert found.profile.summary().wall_ns == 15 * MS


def test_pstats_comes_back():
    built = Builder()
    built.call([("main", "work.py", 1)], self_ns=5 * MS)
    built.call([("main", "work.py", 1), ("f", "work.py", 9)], calls=7, self_ns=70 * MS)
    built.call(
        [("main", "work.py", 1), ("f", "work.py", 9), ("time.sleep", "", 0, 0, "native")],
        calls=7, self_ns=14 * MS,
    )  # fmt: skip
    before = decode(built.encode())
    found = read(before.export("pstats"))
    assert found.meta["import.format"] == "pstats"
    for metric in ("calls", "wall_ns"):
        assert found.paths(metric) == Found(before).paths(metric)
    assert found.estimated() == set()
    assert found.profile.export("pstats") == before.export("pstats")


def test_lprof_comes_back():
    built = Builder()
    built.hit(("f", "work.py", 1), 2, hits=3, self_ns=300)
    built.hit(("f", "work.py", 1), 3, hits=4, self_ns=400, inclusive_ns=900)
    built.begun(("never", "work.py", 9))
    before = decode(built.encode())
    found = read(before.export("lprof"))
    assert found.profile.is_lines
    assert found.profile.export("lprof") == before.export("lprof")
    (function, never) = found.profile.line_table()
    assert [(row.line, row.hits, row.inclusive_ns) for row in function.rows] == [
        (2, 3, 300), (3, 4, 900),
    ]  # fmt: skip
    assert never.qualname == "never" and not never.rows


# ---- collapsed ----


def test_collapsed_of_other_tools():
    found = read(
        "# py-spy\nmain (a b/app.py:9);parse (app.py:3) 3\nmain (a b/app.py:9) 4\n"
        "main (a b/app.py:9);malloc 1\n\n"
    )
    assert found.paths("samples") == {("main",): 4, ("main", "parse"): 3, ("main", "malloc"): 1}
    assert [(frame.qualname, frame.file, frame.line, frame.kind) for frame in found.frames] == [
        ("main", "a b/app.py", 9, "python"),
        ("parse", "app.py", 3, "python"),
        ("malloc", "", 0, "native"),
    ]
    assert found.profile.metrics[0].name == "samples"
    assert "unit" in found.meta["import.note"]


@pytest.mark.parametrize("name", ["C:\\work\\u003b", "C:\\user", "\\u0041.py", "\\\\host\\dir"])
def test_collapsed_keeps_backslashes_that_are_no_escapes(name):
    found = read(f"{name};f 2\nx 1\n")
    assert found.paths("samples") == {(name, "f"): 2, ("x",): 1}


def test_collapsed_undoes_escapes_without_any_label():
    assert read("a\\u003bb;f\\\\g 2\n").paths("samples") == {("a;b", "f\\g"): 2}


@pytest.mark.parametrize("text", ["hello there\nthis is text\n", "main;f\nmain;g\n", "x\n"])
def test_text_is_not_taken_for_stacks(text):
    with pytest.raises(UnsupportedError):
        read(text)
    with pytest.raises(CorruptError):
        read(text, "collapsed")


# ---- speedscope ----

FRAMES = [
    {"name": "main", "file": "app.py", "line": 9},
    {"name": "parse", "file": "app.py", "line": 20},
    {"name": "malloc"},
]


def scope(*profiles, frames=FRAMES, **more):
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "profiles": list(profiles),
        "shared": {"frames": frames},
        **more,
    }


def evented(events, unit="seconds", name="x"):
    return {
        "type": "evented", "name": name, "unit": unit, "startValue": 0, "endValue": 1,
        "events": [{"type": kind, "frame": frame, "at": at} for kind, frame, at in events],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "scale"),
    [("nanoseconds", 1), ("microseconds", 1000), ("milliseconds", MS), ("seconds", 1000 * MS)],
)
def test_speedscope_units_of_time(unit, scale):
    found = read_json(scope({
        "type": "sampled", "name": "x", "unit": unit, "weights": [1, 2, 0.5],
        "samples": [[0], [0, 1], [0, 2]],
    }))  # fmt: skip
    half = round(0.5 * scale) if scale > 1 else 1
    assert found.paths("wall_ns") == {
        ("main",): scale, ("main", "parse"): 2 * scale, ("main", "malloc"): half,
    }  # fmt: skip
    assert found.paths("native_ns") == {("main", "malloc"): half}
    assert found.amounts[0]["samples"] == 3
    assert found.profile.summary().wall_ns == 3 * scale + half


@pytest.mark.parametrize(("unit", "metric"), [("nanoseconds", "wall_ns"), ("none", "samples"),
                                              ("bytes", "alloc_bytes")])  # fmt: skip
def test_speedscope_samples_without_a_stack_are_kept(unit, metric):
    sample = {"type": "sampled", "name": "x", "samples": [[0], [], []], "weights": [3, 4, 5]}
    found = read_json(scope({**sample, "unit": unit}))
    assert found.paths(metric) == {("main",): 3, ("(no stack)",): 9}
    assert {frame.kind for frame in found.frames if frame.qualname == "(no stack)"} == {"synthetic"}


def test_speedscope_without_time_and_of_bytes():
    sample = {"type": "sampled", "name": "x", "samples": [[0], [0, 1]], "weights": [3, 4]}
    assert read_json(scope({**sample, "unit": "none"})).total("samples") == 7
    found = read_json(scope({**sample, "unit": "bytes"}))
    assert found.functions("alloc_bytes") == {"main": 3, "parse": 4}
    assert found.profile.metrics[0].unit == "bytes"


def test_speedscope_events_are_calls():
    found = read_json(scope(evented([
        ("O", 0, 0.1), ("O", 1, 0.3), ("C", 1, 0.35), ("O", 1, 0.4), ("O", 2, 0.4),
        ("C", 2, 0.6), ("C", 1, 0.6), ("C", 0, 1.1),
    ])))  # fmt: skip
    assert found.paths("calls") == {("main",): 1, ("main", "parse"): 2,
                                    ("main", "parse", "malloc"): 1}  # fmt: skip
    assert found.paths("wall_ns") == {("main",): 750 * MS, ("main", "parse"): 50 * MS,
                                      ("main", "parse", "malloc"): 200 * MS}  # fmt: skip
    assert found.profile.is_trace and found.profile.calls().sums.self_ns == 1000 * MS


def test_speedscope_profiles_are_threads():
    sample = {"type": "sampled", "unit": "nanoseconds", "samples": [[0]], "weights": [5]}
    found = read_json(scope({**sample, "name": "MainThread"}, {**sample, "name": "worker"}))
    assert sums(found, "wall_ns") == {
        ((("thread", "MainThread"),), ("main",)): 5,
        ((("thread", "worker"),), ("main",)): 5,
    }
    assert found.meta["thread_count"] == "2"


@pytest.mark.parametrize(
    ("stacks", "count"),
    [
        ("main 1\n", None),
        ("process 1 a;f 1\nprocess 2 b;f 1\nprocess 3 c;f 1\n", None),
        ("thread 1 a;f 1\nthread 1 a;g 1\n", "1"),
        ("thread 1 a;f 1\nthread 2 b;f 1\nmain 1\n", "2"),
        ("process 1 a, thread x;f 1\nprocess 2 b, thread x;f 1\nprocess 2 b;f 1\n", "2"),
    ],
)
def test_threads_are_counted_and_nothing_else(stacks, count):
    assert read(stacks, "collapsed").meta.get("thread_count") == count


def test_json_text_is_undone():
    frames = [{"name": "f\u00e9\U0001f600\n\"\\/\t", "file": "x.py"}]
    sample = {"type": "sampled", "unit": "none", "name": "", "samples": [[0]], "weights": [1]}
    for ascii_only in (True, False):
        text = json.dumps(scope(sample, frames=frames), ensure_ascii=ascii_only)
        assert read(text).frames[0].qualname == frames[0]["name"]
    lone = json.dumps(scope(sample, frames=[{"name": "\ud83d!", "file": "x.py"}]))
    assert read(lone).frames[0].qualname == "\ufffd!"


@pytest.mark.parametrize(
    "broken",
    [
        scope(),
        scope(evented([("O", 0, 1), ("C", 1, 2)])),
        scope(evented([("C", 0, 1)])),
        scope(evented([("O", 0, 2), ("C", 0, 1)])),
        scope(evented([("O", 9, 2)])),
        scope({"type": "sampled", "name": "", "unit": "none", "samples": [[0]], "weights": []}),
        scope({"type": "sampled", "name": "", "unit": "none", "samples": [[9]], "weights": [1]}),
        scope({"type": "sampled", "name": "", "unit": "none", "samples": [[0]], "weights": [-1]}),
        scope({"type": "sampled", "name": "", "unit": "none", "samples": 1, "weights": [1]}),
        {"$schema": "speedscope", "shared": [], "profiles": [{}]},
        {"$schema": "speedscope", "shared": {"frames": [1]}, "profiles": [{}]},
    ],
)
def test_broken_speedscope(broken):
    with pytest.raises(CorruptError, match="read a speedscope file"):
        read_json(broken)


# ---- importtime ----


def test_importtime_of_this_interpreter():
    command = [sys.executable, "-X", "importtime", "-c", "import json.tool, email.mime.text"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows = [line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:")]
    rows = [(int(own.split(":")[1]), int(all_), name) for own, all_, name in rows[1:]]
    found = read("starting\n" + done.stderr + "ended with warnings\n")
    assert found.total("wall_ns") == 1000 * sum(row[0] for row in rows)
    assert found.total("calls") == len(rows)
    depth = Counter(len(name) - len(name.lstrip(" ")) for _, _, name in rows)
    mine = Counter()
    for path, count in found.paths("calls").items():
        mine[2 * len(path) - 1] += count
    assert mine == depth
    below = defaultdict(int)
    for path, ns in found.paths("wall_ns").items():
        below[path[0]] += ns
    for _, cumulative, name in rows:
        if not name.startswith("  "):
            assert abs(below[name.strip()] // 1000 - cumulative) <= len(rows)


def test_importtime_by_hand():
    found = read("""\
import time: self [us] | cumulative | imported package
import time:        10 |         10 |     c
import time:        20 |         30 |   b
DEBUG something else | with | bars
import time:         5 |          5 |   c
import time:       100 |        135 | a
import time: cached    | cached     | b
import time:         7 |          7 | z
""")
    assert found.paths("wall_ns") == {
        ("a", "b", "c"): 10_000, ("a", "b"): 20_000, ("a", "c"): 5_000, ("a",): 100_000,
        ("z",): 7_000,
    }  # fmt: skip
    assert ("b",) not in found.paths("calls") and found.total("calls") == 5


# ---- lprof ----


def test_lprof_of_line_profiler(tmp_path):
    line_profiler = pytest.importorskip("line_profiler")

    def work(rows):
        total = 0
        for row in rows:
            total += row
        return total

    profiler = line_profiler.LineProfiler(work)
    profiler.runcall(work, range(100))
    profiler.dump_stats(tmp_path / "x.lprof")
    stats = profiler.get_stats()
    found = Found(load_any(tmp_path / "x.lprof")[0])
    (function,) = found.profile.line_table()
    ((file, line, name), timings), = stats.timings.items()
    assert (function.file, function.first_line, function.qualname) == (file, line, name)
    assert [(row.line, row.hits, row.inclusive_ns) for row in function.rows] == [
        (line, hits, round(time * stats.unit * 1e9)) for line, hits, time in timings
    ]


class LineStats:
    """As line_profiler's, which is pickled by its name."""

    def __init__(self):
        self.timings, self.unit = {("w.py", 3, "f"): [(4, 2, 10)]}, 1e-6


@pytest.mark.parametrize("protocol", range(6))
def test_lprof_is_found_by_its_bytes(protocol):
    import pickle

    assert read(pickle.dumps(LineStats(), protocol)).meta["import.format"] == "lprof"


@pytest.mark.parametrize(
    "text",
    ["main;LineStats.load 3\nmain 4\n", "LineStats 1\n", "class LineStats: 1\n"],
)
def test_what_only_names_line_stats_is_no_lprof(text):
    assert read(text).meta["import.format"] == "collapsed"


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_any_protocol(protocol):
    import pickle

    data = {"timings": {("w.py", 3, "K.f"): [(4, 2, 10), (5, 2**40, 2**40)], ("w.py", 9, "g"): []},
            "unit": 1e-6}  # fmt: skip
    found = read(pickle.dumps(data, protocol), "lprof")
    (function, _) = found.profile.line_table()
    assert [(row.line, row.hits, row.self_ns) for row in function.rows] == [
        (4, 2, 10_000), (5, 2**40, 2**40 * 1000),
    ]  # fmt: skip


class Evil:
    def __reduce__(self):
        return (Path("/tmp/tare-import-must-not-touch").touch, ())


def test_pickles_are_never_run(tmp_path):
    import pickle

    data = {"timings": {("w.py", 3, "f"): [(4, 2, Evil())]}, "unit": 1e-6, "x": [Evil()]}
    with pytest.raises(CorruptError):
        read(pickle.dumps(data), "lprof")
    assert not Path("/tmp/tare-import-must-not-touch").exists()


# ---- callgrind ----

CALLGRIND = """\
# callgrind format
version: 1
creator: by hand
cmd: python work.py
positions: line
events: Calls ns
summary: 5 1000

fl=(1) work.py
fn=(1) main
1 1 100
cfn=(2) f
calls=2 10
+2 2 500
cfi=(2) lib.py
cfn=(3) g
calls=1 5
* 1 400

fn=(2)
10 2 200
cfi=(2)
cfn=(3)
calls=3 5
-4 3 300
fe=(1)

fl=(2)
fn=(3)
5 4 700
"""


def test_callgrind():
    found = read(CALLGRIND)
    assert found.meta["import.format"] == "callgrind"
    assert found.paths("wall_ns") == {
        ("main",): 100, ("main", "f"): 200, ("main", "g"): 400, ("main", "f", "g"): 300,
    }  # fmt: skip
    assert found.paths("calls") == {("main", "f"): 2, ("main", "g"): 1, ("main", "f", "g"): 3}
    assert found.functions("Calls") == {"main": 1, "f": 2, "g": 4}
    assert found.functions("inclusive_ns") == {"main": 1000, "f": 500, "g": 700}
    assert found.estimated() == set()
    assert found.paths("certain_ns") == {("main", "g"): 400, ("main", "f", "g"): 300}
    assert found.meta["target.command"] == "python work.py"


def test_callgrind_without_time():
    found = read(CALLGRIND.replace("events: Calls ns", "events: Dr Ir"))
    assert found.functions("Dr") == {"main": 1, "f": 2, "g": 4}
    assert found.functions("Ir") == {"main": 100, "f": 200, "g": 700}
    assert found.total("wall_ns") == 0


def test_callgrind_in_other_units():
    found = read(CALLGRIND.replace("events: Calls ns", "events: Memory Time_(10ns)"))
    assert found.functions("wall_ns") == {"main": 1000, "f": 2000, "g": 7000}


@pytest.mark.parametrize(
    "text",
    [
        "events: ns\n",
        "events: ns\n1 2\n",
        "events: ns\nfn=f\ncalls=1 2\n",
        "events: ns\nfn=(7)\n1 2\n",
        "fn=f\nevents: ns\n1 2\n",
        "events: ns\nfn=f\n1 x\n",
        "events: ns\nfn=f\nwhat\n",
        "events: ns ns\nevents: ns\nfn=f\n1 1\n",
        "events: " + "x " * 99 + "\nfn=f\n1 1\n",
    ],
)
def test_broken_callgrind(text):
    with pytest.raises(CorruptError, match="read a callgrind file"):
        read(text, "callgrind")


# ---- pprof ----


def varint(number):
    number &= 2**64 - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(*fields):
    return b"".join(field(number, value) for number, value in fields)


def packed(*numbers):
    return b"".join(map(varint, numbers))


STRINGS = ["", "samples", "count", "wall", "nanoseconds", "main", "app.py", "parse", "inlined",
           "thread", "MainThread", "alloc_space", "bytes", "inuse_objects", "libc.so"]  # fmt: skip


def pprof(*samples, more=()):
    at = STRINGS.index
    return message(
        (1, message((1, at("samples")), (2, at("count")))),
        (1, message((1, at("wall")), (2, at("nanoseconds")))),
        (1, message((1, at("alloc_space")), (2, at("bytes")))),
        (1, message((1, at("inuse_objects")), (2, at("count")))),
        *((2, sample) for sample in samples),
        (4, message((1, 1), (4, message((1, 1), (2, 9))))),
        (4, message((1, 2), (4, message((1, 3), (2, 5))), (4, message((1, 2), (2, 20))))),
        (4, message((1, 3), (3, 0x7F00))),
        (5, message((1, 1), (2, at("main")), (4, at("app.py")), (5, 8))),
        (5, message((1, 2), (2, at("parse")), (4, at("app.py")), (5, 18))),
        (5, message((1, 3), (2, at("inlined")), (4, at("app.py")))),
        *((6, text) for text in STRINGS),
        *more,
    )


def test_pprof():
    label = message((1, STRINGS.index("thread")), (2, STRINGS.index("MainThread")))
    number = message((1, STRINGS.index("bytes")), (3, 16))
    found = read(pprof(
        message((1, packed(2, 1)), (2, packed(3, 3000, 64, 1)), (3, label)),
        message((1, 3), (1, 1), (2, 1), (2, 500), (2, 0), (2, 0), (3, number)),
    ))  # fmt: skip
    assert found.meta["import.format"] == "pprof"
    assert found.paths("wall_ns") == {("main", "parse", "inlined"): 3000, ("main", "0x7f00"): 500}
    assert found.paths("samples") == {("main", "parse", "inlined"): 3, ("main", "0x7f00"): 1}
    assert found.functions("alloc_bytes") == {"inlined": 64}
    assert found.functions("inuse_objects") == {"inlined": 1}
    assert found.functions("native_ns") == {"0x7f00": 500}
    assert found.labels == [{}, {"thread": "MainThread"}, {"bytes": "16"}]
    assert found.meta["thread_count"] == "1"
    frames = {(frame.qualname, frame.first_line, frame.line) for frame in found.frames}
    assert {("main", 8, 9), ("parse", 18, 20), ("inlined", 0, 5)} <= frames


def test_pprof_samples_without_a_stack_are_kept():
    sample, bare = message((1, 1), (2, packed(1, 20, 0, 0))), message((2, packed(2, 40, 5, 6)))
    found = read(pprof(sample, bare))
    assert found.paths("wall_ns") == {("main",): 20, ("(no stack)",): 40}
    assert found.paths("samples") == {("main",): 1, ("(no stack)",): 2}
    assert found.functions("alloc_bytes") == {"(no stack)": 5}
    assert found.functions("inuse_objects") == {"(no stack)": 6}


@pytest.mark.parametrize(
    "sample",
    [
        message((1, packed(9)), (2, packed(1, 1, 1, 1))),
        message((1, packed(1)), (2, packed(1))),
        message((1, packed(1)), (2, packed(1, 1, 1, 1, 1))),
        message((1, packed(1)), (2, packed(1, -5, 1, 1))),
        message((1, b"\x80"), (2, packed(1, 1, 1, 1))),
    ],
)
def test_broken_pprof(sample):
    with pytest.raises(CorruptError, match="read a pprof file"):
        read(pprof(sample), "pprof")


def test_inlined_lines_do_not_multiply():
    many = [(4, message((1, 1), (2, line))) for line in range(2000)]
    with pytest.raises(CorruptError, match="larger than its bytes"):
        read(pprof(message((1, packed(*[9] * 5000)), (2, packed(1, 1, 1, 1))),
                   more=[(4, message((1, 9), *many))]))  # fmt: skip


# ---- any file ----


@pytest.mark.parametrize("name", NAMES)
def test_empty_and_short_files(name):
    for data in (b"", b"\0", b"{", b"[", b"\n", b"(", b"\x80\x05.", b"}", b"0"):
        with pytest.raises(CorruptError):
            import_bytes(data, name)


def test_what_is_known():
    assert NAMES == ["pstats", "lprof", "speedscope", "callgrind", "importtime", "pprof",
                     "collapsed"]  # fmt: skip
    with pytest.raises(UsageError, match="no format x"):
        import_bytes(b"", "x")


def test_load_any(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(sampled().export("speedscope"))
    profile, name = load_any(path)
    assert name == "speedscope" and profile.meta["import.file"] == str(path)
    path.write_bytes(gzip.compress(path.read_bytes()) + gzip.compress(b"\n"))
    assert load_any(path)[1] == "speedscope"
    path.write_bytes(Builder().program(python_ns=1).encode())
    assert load_any(path)[1] == "tare"
    path.write_bytes(gzip.compress(b"x" * 1000)[:-20])
    with pytest.raises(CorruptError, match="inflate"):
        load_any(path)
    path.write_bytes(b"\x1f\x8b" + b"\0" * 100)
    with pytest.raises(CorruptError, match="inflate"):
        load_any(path)


TEXT = b"main;f 3\n"


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(TEXT) + b"\0" * 1000,
        gzip.compress(TEXT) + b"\0" * 512 + gzip.compress(TEXT),
        gzip.compress(b"") + gzip.compress(TEXT),
        b"".join(gzip.compress(bytes([byte])) for byte in TEXT),
        gzip.compress(TEXT * 300_000, 9),
        gzip.compress(os.urandom(3 << 20), 0) + gzip.compress(TEXT),
    ],
    ids=["padded", "padded between", "empty part", "many parts", "dense", "sparse"],
)
def test_gzip_of_any_make(data):
    from tare.importing import inflate

    assert inflate(data) == gzip.decompress(data)


class Counted(bytes):
    """Counts the bytes that are copied out of it."""

    copied = 0

    def __getitem__(self, place):
        found = super().__getitem__(place)
        Counted.copied += len(found)
        return found


def test_many_small_parts_are_not_copied_again_and_again():
    from tare.importing import inflate

    parts = 5000
    data = Counted(gzip.compress(b"x") * parts)
    assert inflate(data) == b"x" * parts
    assert Counted.copied < 16 * len(data)


def test_what_inflates_too_far_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tare.importing.MOST_BYTES", 1 << 21)
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"\0" * (1 << 22)))
    with pytest.raises(LimitError, match="inflates to more"):
        load_any(path)
    path.write_bytes(b"\0" * ((1 << 21) + 1))
    with pytest.raises(LimitError, match="larger than"):
        load_any(path)


# ---- the command ----


def test_import_and_report(tare, folder):
    path = folder / "x.prof"
    path.write_bytes(decode(Builder().call([("main",)], self_ns=5 * MS).encode()).export("pstats"))
    done = tare("import", "x.prof")
    assert (done.returncode, done.stdout, done.stderr) == (0, "x.tare\n", "")
    again = tare("import", "x.prof")
    assert again.returncode == 2 and "add --overwrite" in again.stderr
    assert tare("import", "x.prof", "-f", "-q").stdout == ""
    shown = tare("report", "x.tare")
    assert shown.returncode == 0, shown.stderr
    assert "1 function call in 0.005" in shown.stdout
    assert "Imported from x.prof, pstats. A pstats file has" in " ".join(shown.stdout.split())
    assert "forked" not in shown.stdout
    back = tare("export", "x.tare", "--to", "pstats", "-o", "y.prof")
    assert back.returncode == 0
    assert pstats.Stats(str(folder / "y.prof")).total_calls == 1


def test_report_of_sampled_times(tare, folder):
    (folder / "x.json").write_bytes(sampled().export("speedscope"))
    assert tare("import", "x.json").stdout == "x.tare\n"
    shown = tare("report", "x.tare").stdout
    assert "15 ms of all threads together, mostly running Python (73.3%). 2 threads" in shown
    assert "Reader.parse" in shown and "53.3%" in shown
    assert "Imported from x.json, speedscope." in shown


def test_report_of_lines_and_of_events(tare, folder):
    built = Builder().hit(("f", "work.py", 1), 2, hits=3, self_ns=300)
    (folder / "x.lprof").write_bytes(decode(built.encode()).export("lprof"))
    assert tare("import", "x.lprof").stdout == "x.tare\n"
    shown = tare("report", "x.tare").stdout
    assert "3 lines begun" in shown and "wall time" not in shown
    (folder / "y.json").write_text(json.dumps(scope(evented([("O", 0, 0), ("C", 0, 1)]))))
    assert tare("import", "y.json").stdout == "y.tare\n"
    assert "1 function call in 1.000" in tare("report", "y.tare").stdout


@pytest.mark.parametrize("flags", [[], ["--tree"], ["--threads"], ["--json"], ["--lines"]])
def test_report_without_times_says_so(tare, folder, flags):
    (folder / "x.txt").write_text("main;f 3\nmain 4\n")
    assert tare("import", "x.txt").stdout == "x.tare\n"
    shown = tare("report", "x.tare", *flags)
    assert shown.returncode == 2
    assert shown.stderr == (
        "tare: report x.tare: it has no times, only samples, and reports are of time; another tool "
        "shows them: tare export x.tare --to speedscope --metric samples\n"
    )
    done = tare("export", "x.tare", "--to", "speedscope", "--metric", "samples")
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.prof"], "read missing.prof: No such file or directory; check the name"),
        (["junk"], "import junk: it is in no format that Tare knows; if it is one of these, say "
                   "tare import junk --from pstats|"),
        (["junk", "--from", "x"], "no format x; known are pstats|"),
        (["junk", "--from", "pstats"], "leave out --from, or give a whole file"),
        (["own.tare"], "it is a .tare file already; see tare report own.tare"),
        (["."], "read .: it is not a regular file; "),
        (["fifo"], "read fifo: it is not a regular file; write it to a file first"),
        (["fifo", "--from", "pstats"], "read fifo: it is not a regular file"),
        (["/dev/zero"], "read /dev/zero: it is not a regular file"),
        (["cut.gz"], "import cut.gz: inflate the file: it is cut short; give a whole file"),
    ],
)  # fmt: skip
def test_mistakes(tare, folder, arguments, words):
    (folder / "junk").write_bytes(b"nothing that anyone knows")
    (folder / "cut.gz").write_bytes(gzip.compress(b"main 1\n")[:-3])
    os.mkfifo(folder / "fifo")  # nobody writes: reading would wait
    (folder / "own.tare").write_bytes(Builder().program(python_ns=1).encode())
    done = tare("import", *arguments)
    assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1


def test_formats_are_listed(tare):
    done = tare("import")
    assert [line.split()[0] for line in done.stdout.splitlines()] == NAMES


@pytest.mark.parametrize(
    ("file", "name"),
    [("x.prof", "x.tare"), ("a/y.pb.gz", "y.tare"), ("callgrind.out.12", "callgrind.out.12.tare"),
     ("z.speedscope.json", "z.tare"), ("log.txt", "log.tare"), (".prof", ".prof.tare")],
)  # fmt: skip
def test_names(file, name):
    from tare.cli.import_ import default_path

    assert default_path(file) == name
