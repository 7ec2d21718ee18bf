"""The exports: what other programs read must be valid, and must add up to the profile.

The json export is the truth here (test_format.py proves it against the file); the others are
compared with it by adding up stacks, which is not how they are written.
"""

import io
import json
import os
import pstats
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

HOSTILE_COUNT = 16
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
LOAD_PSTATS = """
import json, pstats, sys
stats = pstats.Stats(sys.argv[1], stream=open("/dev/null", "w", encoding="utf-8"))
stats.sort_stats("cumtime").print_stats().print_callers().print_callees()
print(json.dumps([[key, value[:4], list(value[4].items())] for key, value in stats.stats.items()]))
"""


@pytest.fixture(scope="module")
def written(c_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    subprocess.run([c_build / "tests" / "core" / "make_profile", "write", folder], check=True)
    return folder


def load_tables(written: Path, name: str) -> dict:
    return json.loads((written / f"{name}.json").read_bytes())


def stacks(tables: dict, metric: str) -> list[tuple[int, list[int], int]]:
    """Label set, frames from the root, amount: of every value that belongs to a stack."""
    column = [row["name"] for row in tables["metrics"]].index(metric)
    found = []
    for node, label_set, which, amount in tables["values"]:
        path = []
        while node != 0:
            node, frame = tables["nodes"][node]
            path.insert(0, frame)
        if which == column and path and amount:
            found.append((label_set, path, amount))
    return found


# ---- json ----


@pytest.mark.parametrize("extension", ["json", "speedscope.json", "collapsed.txt"])
def test_text_is_clean(written: Path, extension: str) -> None:
    for name in ("known", "hostile", "tangled"):
        text = (written / f"{name}.{extension}").read_bytes().decode()  # strict UTF-8
        assert not CONTROLS.search(text)
        assert text.endswith("\n")


@pytest.mark.parametrize("extension", ["json", "speedscope.json"])
def test_json_may_stand_in_a_script_element(written: Path, extension: str) -> None:
    assert "<" not in (written / f"hostile.{extension}").read_text()


def test_json_has_the_known_profile(written: Path) -> None:
    tables = load_tables(written, "known")
    assert tables["schema"] == "tare.profile/1"
    assert tables["meta"] == {"target.command": "python main.py", "wall_ns": "15000000"}
    assert tables["label_sets"] == [
        {},
        {"process": "41 app", "thread": "41 MainThread", "main": "1"},
        {"process": "41 app", "thread": "42 pool-0"},
    ]
    assert tables["functions"][1] == {
        "name": "parse", "qualname": "Reader.parse", "file": "/srv/reader.py", "first_line": 10,
        "kind": "python",
    }  # fmt: skip
    assert [function["kind"] for function in tables["functions"]] == [
        "python", "python", "python", "native", "python", "synthetic",
    ]  # fmt: skip
    assert tables["nodes"][:3] == [[None, None], [0, 0], [1, 1]]
    assert tables["series"] == [
        {"name": "rss_bytes", "unit": "bytes", "label_set": 1,
         "points": [[1000, 4096], [2000, 12288]]},
        {"name": "balance", "unit": "bytes", "label_set": 1,
         "points": [[2000, -(2**63)], [2000, 2**63 - 1]]},
    ]  # fmt: skip


# ---- collapsed ----

COLLAPSED = """\
process 41 app, thread 41 MainThread;<module> (/srv/main.py:3);Reader.parse (/srv/reader.py:12) 15
process 41 app, thread 41 MainThread;<module> (/srv/main.py:3);Reader.parse (/srv/reader.py:14) 2
process 41 app, thread 41 MainThread;<module> (/srv/main.py:4);fib (/srv/main.py:31) 1
process 41 app, thread 41 MainThread;<module> (/srv/main.py:4);FIB;fib (/srv/main.py:31) 7
process 41 app, thread 41 MainThread;<module> (/srv/main.py:4);FIB;fib (/srv/main.py:31);PARSE 3
process 41 app, thread 42 pool-0;Worker.run (/srv/worker.py:7) 4
process 41 app, thread 42 pool-0;Worker.run (/srv/worker.py:7);sleep 6
process 41 app, thread 42 pool-0;(overflow) 1
""".replace("FIB", "fib (/srv/main.py:31);fib (/srv/main.py:32)").replace(
    "PARSE", "Reader.parse (/srv/reader.py:12)"
)


def test_collapsed_has_the_known_stacks(written: Path) -> None:
    expected = re.sub(r"(\d+)\n", r"\g<1>000000\n", COLLAPSED)
    assert (written / "known.collapsed.txt").read_text() == expected


def test_collapsed_is_one_line_per_stack_whatever_the_names(written: Path) -> None:
    lines = (written / "hostile.collapsed.txt").read_text().splitlines()
    assert len(lines) == HOSTILE_COUNT
    for line in lines:
        stack, amount = line.rsplit(" ", 1)
        assert amount == "1000000"
        assert len(stack.split(";")) == 2
    semicolon = r"semi\u003bcolon 12"
    assert lines[4] == f"thread {semicolon};{semicolon} ({semicolon}:4) 1000000"
    assert lines[2].startswith(r"thread line\u000abreak\u000d\u000a;line\u000abreak")
    assert lines[3].startswith('thread quote" back\\\\slash;')


def test_collapsed_adds_up(written: Path) -> None:
    lines = (written / "tangled.collapsed.txt").read_text().splitlines()
    expected = stacks(load_tables(written, "tangled"), "wall_ns")
    assert [int(line.rsplit(" ", 1)[1]) for line in lines] == [row[2] for row in expected]
    assert [line.count(";") for line in lines] == [len(row[1]) for row in expected]
    assert len(set(line.rsplit(" ", 1)[0] for line in lines)) == len(lines)


# ---- speedscope ----


def check_speedscope(document: dict) -> None:
    """The required parts of https://www.speedscope.app/file-format-schema.json."""
    assert document["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    assert isinstance(document["name"], str) and isinstance(document["exporter"], str)
    for frame in document["shared"]["frames"]:
        assert isinstance(frame["name"], str)
        assert isinstance(frame.get("file", ""), str) and isinstance(frame.get("line", 0), int)
        assert frame.keys() <= {"name", "file", "line", "col"}
    for profile in document["profiles"]:
        assert profile["type"] == "sampled" and isinstance(profile["name"], str)
        assert profile["unit"] in ("none", "nanoseconds", "bytes")
        assert len(profile["samples"]) == len(profile["weights"])
        assert profile["endValue"] - profile["startValue"] == sum(profile["weights"])
        places = {place for sample in profile["samples"] for place in sample}
        assert places <= set(range(len(document["shared"]["frames"])))


@pytest.mark.parametrize("name", ["known", "hostile", "tangled"])
def test_speedscope_follows_its_schema(written: Path, name: str) -> None:
    check_speedscope(json.loads((written / f"{name}.speedscope.json").read_bytes()))


def test_speedscope_has_the_known_threads(written: Path) -> None:
    document = json.loads((written / "known.speedscope.json").read_bytes())
    assert document["name"] == "python main.py"
    frames = document["shared"]["frames"]
    assert frames[1] == {"name": "Reader.parse", "file": "/srv/reader.py", "line": 10}
    first, second = document["profiles"]
    assert first["name"] == "process 41 app, thread 41 MainThread"
    assert first["unit"] == "nanoseconds"
    assert first["samples"] == [[0, 1], [0, 1], [0, 2], [0, 2, 2, 2], [0, 2, 2, 2, 1]]
    assert first["weights"] == [15000000, 2000000, 1000000, 7000000, 3000000]
    assert second["name"] == "process 41 app, thread 42 pool-0"
    assert second["samples"] == [[4], [4, 3], [5]]
    assert second["weights"] == [4000000, 6000000, 1000000]


def test_speedscope_adds_up(written: Path) -> None:
    tables = load_tables(written, "tangled")
    (profile,) = json.loads((written / "tangled.speedscope.json").read_bytes())["profiles"]
    expected = stacks(tables, "wall_ns")
    assert profile["weights"] == [amount for _, _, amount in expected]
    assert profile["samples"] == [
        [tables["frames"][frame][0] for frame in path] for _, path, _ in expected
    ]


# ---- pstats ----


def interpreters() -> list[str]:
    named = os.environ.get("TARE_TEST_PYTHONS", "")
    return [path for path in named.split(":") if path] or [sys.executable]


def load_pstats(path: Path) -> dict:
    return pstats.Stats(str(path), stream=io.StringIO()).stats


def expected_pstats(tables: dict) -> dict:
    """Each stack adds to every function and every pair on it, once."""
    keys = [
        (row["file"], row["first_line"], row["name"]) if row["kind"] == "python"
        else ("~", 0, row["name"])
        for row in tables["functions"]
    ]  # fmt: skip
    sums: dict = defaultdict(Counter)
    for metric in ("samples", "wall_ns"):
        for _, path, amount in stacks(tables, metric):
            names = [keys[tables["frames"][frame][0]] for frame in path]
            pairs = list(zip(names, names[1:], strict=False))
            for name in set(names):
                sums[name][f"total {metric}"] += amount
            for pair in set(pairs):
                sums[pair][f"total {metric}"] += amount
            sums[names[-1]][f"self {metric}"] += amount
            if pairs:
                sums[pairs[-1]][f"self {metric}"] += amount
    result = {}
    for key, row in sums.items():
        samples = row["self samples"], row["total samples"]
        times = row["self wall_ns"] / 1e9, row["total wall_ns"] / 1e9
        if isinstance(key[0], str):
            result.setdefault(key, [None, {}])[0] = (*samples, *times)
        else:
            caller, callee = key
            result.setdefault(callee, [None, {}])[1][caller] = (*samples[::-1], *times)
    return {key: (*numbers, callers) for key, (numbers, callers) in result.items()}


@pytest.mark.parametrize("name", ["known", "tangled"])
def test_pstats_adds_up(written: Path, name: str) -> None:
    expected = expected_pstats(load_tables(written, name))
    assert load_pstats(written / f"{name}.pstats") == expected


def test_pstats_has_the_known_functions(written: Path) -> None:
    module = ("/srv/main.py", 1, "<module>")
    fib = ("/srv/main.py", 30, "fib")
    parse = ("/srv/reader.py", 10, "parse")
    run = ("/srv/worker.py", 5, "run")
    sleep = ("~", 0, "<built-in function sleep>")
    assert load_pstats(written / "known.pstats") == {
        module: (0, 28, 0.0, 0.028, {}),
        fib: (8, 11, 0.008, 0.011, {module: (11, 1, 0.001, 0.011), fib: (10, 7, 0.007, 0.01)}),
        parse: (20, 20, 0.02, 0.02, {module: (17, 17, 0.017, 0.017), fib: (3, 3, 0.003, 0.003)}),
        run: (4, 10, 0.004, 0.01, {}),
        sleep: (6, 6, 0.006, 0.006, {run: (6, 6, 0.006, 0.006)}),
        ("~", 0, "(overflow)"): (1, 1, 0.001, 0.001, {}),
    }


def test_pstats_of_a_trace_has_real_calls(written: Path) -> None:
    """fib recurses, even and odd call each other, len is a C function, rows a generator."""
    main, fib, work = ("a.py", 1, "main"), ("a.py", 5, "fib"), ("a.py", 40, "work")
    rows, even, odd = ("b.py", 9, "rows"), ("b.py", 20, "even"), ("b.py", 30, "odd")
    length = ("~", 0, "<built-in method len>")
    assert load_pstats(written / "trace.pstats") == {
        main: (1, 1, 0.003, 0.014, {}),
        fib: (2, 8, 0.008, 0.008, {
            main: (1, 1, 0.001, 0.005), fib: (6, 4, 0.006, 0.006), work: (1, 1, 0.001, 0.003),
        }),
        length: (4, 4, 0.001, 0.001, {main: (4, 4, 0.001, 0.001), fib: (0, 0, 0.0, 0.0)}),
        rows: (1, 1, 0.002, 0.002, {main: (1, 1, 0.002, 0.002)}),
        even: (1, 2, 0.002, 0.003, {main: (1, 1, 0.001, 0.003), odd: (1, 1, 0.001, 0.001)}),
        odd: (1, 1, 0.001, 0.002, {even: (1, 1, 0.001, 0.002)}),
        work: (2, 2, 0.004, 0.007, {}),
    }  # fmt: skip
    stats = pstats.Stats(str(written / "trace.pstats"), stream=io.StringIO())
    assert (stats.total_calls, stats.prim_calls) == (19, 12)
    assert stats.total_tt == pytest.approx(0.021)


def test_pstats_keeps_hostile_names_as_text(written: Path) -> None:
    tables = load_tables(written, "hostile")
    names = [function["name"] for function in tables["functions"]]
    loaded = load_pstats(written / "hostile.pstats")
    assert [name for _, _, name in loaded] == names
    assert [file for file, _, _ in loaded] == names
    assert names[10] == "\ufffd\ufffd latin \ufffd"


@pytest.mark.parametrize("python", interpreters())
@pytest.mark.parametrize("name", ["known", "hostile", "tangled", "trace"])
def test_pstats_can_be_printed(written: Path, python: str, name: str) -> None:
    path = written / f"{name}.pstats"
    done = subprocess.run(
        [python, "-c", LOAD_PSTATS, path], capture_output=True, text=True, check=True
    )
    expected = load_pstats(path)
    assert json.loads(done.stdout) == json.loads(
        json.dumps([[key, value[:4], list(value[4].items())] for key, value in expected.items()])
    )


def test_profile_without_stacks_gives_no_pstats_file(written: Path) -> None:
    assert not (written / "empty.pstats").exists()
