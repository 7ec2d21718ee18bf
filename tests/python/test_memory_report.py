"""tare report and tare export of a profile of memory whose every number is known."""

import json
import re

import pytest
from builder import NS

MIB = 1 << 20
APP = "/srv/project/app.py"
MODULE = ("<module>", APP, 1, 30)
KINDS = {"domain": "obj"}
AMOUNTS = ("peak", "live", "allocated", "freed", "blocks", "temporary")


@pytest.fixture
def builder(make):
    """load holds most at the peak, decode allocates most, cache keeps something."""
    moments = {
        "peak": {"live_bytes": 100 * MIB, "peak_bytes": 112 * MIB, "arena_bytes": 60 * MIB,
                 "arena_used_bytes": 50 * MIB, "malloc_used_bytes": 50 * MIB, "own_bytes": MIB,
                 "malloc_free_bytes": 4 * MIB, "file_bytes": 8 * MIB, "rss_bytes": 120 * MIB},
        "end": {"live_bytes": 4 * MIB, "arena_bytes": 32 * MIB, "arena_used_bytes": 2 * MIB,
                "rss_bytes": 50 * MIB},
    }
    meta = {f"memory__{moment}__{part}": str(amount)
            for moment, parts in moments.items() for part, amount in parts.items()}
    built = (
        make(wall_ns=str(2 * NS), **meta)
        .allocated([MODULE, ("load", APP, 10, 12)], (1000, 80 * MIB), (1000, 80 * MIB),
                   (1000, 80 * MIB), KINDS)
        .allocated([MODULE, ("load", APP, 10, 13), ("decode", APP, 20, 21)], (5000, 200 * MIB),
                   (5000, 200 * MIB), (700, 28 * MIB), KINDS, temporary_bytes=50 * MIB,
                   temporary_count=2000)
        .allocated([MODULE, ("cache", APP, 5, 6)], (10, 6 * MIB), (4, 2 * MIB), (8, 4 * MIB),
                   {"domain": "raw"})
    )
    points = [(index * NS // 10, amount * MIB)
              for index, amount in enumerate([1, 20, 112, 112, 60, 60, 60, 30, 4, 4])]
    built.add_series("heap_bytes", "bytes", 0, points)
    built.add_series("rss_bytes", "bytes", 0, [(time, 120 * MIB) for time, _ in points])
    return built


@pytest.fixture
def file(builder, saved):
    return saved(builder, "memory.tare")


def report(tare, path, *options, columns=100, code=0):
    done = tare("report", path, *options, env={"COLUMNS": str(columns)})
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_at_a_glance(tare, file, columns):
    said = report(tare, file, columns=columns)
    assert all(len(line) <= columns for line in said.splitlines())
    assert "112 MiB held at the peak, 4 MiB at the end; 286 MiB in 6,010 blocks" in (
        " ".join(said.split()))
    order = ["Memory over time", "Heap against RSS", "Held at the peak", "Allocated",
             "Held at the end", "Next: tare report memory.tare --callers load"]
    assert sorted(order, key=said.index) == order
    peak = said[said.index("Held at the peak") :].splitlines()
    assert re.match(r" +80 MiB  71\.4% +1,000  ", peak[2])
    assert re.match(r" +28 MiB  25\.0% +700  ", peak[3])
    end = said[said.index("Held at the end") :].splitlines()
    assert re.match(r" +4 MiB  100\.0% +6  ", end[2])


def test_the_parts_add_up_to_rss(tare, file):
    rows = {}
    for line in report(tare, file).splitlines():
        found = re.match(r"  +(\S.*?)  +(-?[\d.]+ MiB|not known)  +(-?[\d.]+ MiB|not known)$", line)
        if found:
            rows[found[1]] = found[2], found[3]
    assert rows["free in these arenas"] == ("10 MiB", "30 MiB")
    assert rows["malloc, in use"] == ("49 MiB", "not known")
    assert rows["Tare's own tables"][0] == "1 MiB"
    assert rows["the rest: stacks, other maps"] == ("-2 MiB", "not known")
    assert rows["= resident (RSS)"] == ("120 MiB", "50 MiB")
    said = report(tare, file)
    assert "Asked when 89.3% of the peak were held" in said
    assert "30 MiB of the arenas are free" in said


def test_the_chart_shows_the_peak(tare, file):
    """The highest of each part of the time; what was there stays until there is something else."""
    lines = report(tare, file, columns=80).splitlines()
    start = lines.index(next(line for line in lines if line.startswith("Memory over time")))
    rows = [line.ljust(80)[12:] for line in lines[start + 1 : start + 6]]
    heights = ["".join(row[column] for row in rows) for column in range(64)]
    assert max(column.count("█") for column in heights) >= 4
    assert heights[0].strip("· ") and not heights[0].startswith("█")
    assert "120 MiB" in lines[start + 1] and "0 bytes" in lines[start + 5]
    assert lines[start + 6].split() == ["0", "s", "2", "s"]


@pytest.mark.parametrize("key,first", [
    ("peak", "load"), ("allocated", "decode"), ("freed", "decode"), ("blocks", "decode"),
    ("temporary", "decode"), ("live", "cache"), ("name", "<module>"), ("file", "<module>"),
])
def test_orders(tare, file, key, first):
    rows = report(tare, file, "--sort", key).splitlines()
    assert first in rows[3]
    header = [title for title in rows[2].split() if title in AMOUNTS]
    assert header[:6] == list(AMOUNTS)


def test_lines(tare, file):
    rows = report(tare, file, "--lines", "--sort", "allocated", "--limit", "2").splitlines()
    assert f"{APP}:21" in rows[4] and "200 MiB" in rows[4]
    assert f"{APP}:12" in rows[5]


def test_who_called_whom(tare, file):
    callers = report(tare, file, "--callers", "decode")
    assert re.search(r"28 MiB +25\.0% +load +", callers)
    callees = report(tare, file, "--callees", "load", "--sort", "allocated")
    assert re.search(r"200 MiB +69\.9% +decode +", callees)
    tree = report(tare, file, "--tree").splitlines()
    assert re.match(r" +100\.0% +112 MiB +<module> ", tree[3])
    assert re.match(r" +96\.4% +108 MiB +80 MiB +├─load ", tree[4])
    kinds = report(tare, file, "--threads")
    assert "domain obj" in kinds and "domain raw" in kinds


def test_json(tare, file):
    document = json.loads(report(tare, file, "--json", "--sort", "allocated", "--limit", "1"))
    assert document["schema"] == "tare.report/1"
    (row,) = document["functions"]
    assert row["name"] == "decode"
    assert row["own"]["alloc_bytes"] == row["total"]["freed_bytes"] == 200 * MIB
    assert document["memory"]["peak_bytes"] == 112 * MIB
    assert document["memory"]["tree"][0]["total_bytes"] == 112 * MIB
    assert document["measurement"]["peak.rss_bytes"] == 120 * MIB


@pytest.mark.parametrize("options,said", [
    (["--sort", "self"], "of memory, no --sort self"),
    (["--target", "3"], "--target is for sampled profiles"),
    (["--lines", "--tree"], "--lines does not go with --tree"),
    (["--callers", "nobody"], "nobody"),
])
def test_what_does_not_fit(tare, file, options, said):
    complaint = report(tare, file, *options, code=2)
    assert complaint.count("\n") == 1 and said in complaint


def test_the_keys_of_memory_are_no_others(tare, saved, make):
    sampled = saved(make().sample([MODULE]).program(python_ns=NS), "sampled.tare")
    assert "--sort peak is for memory" in report(tare, sampled, "--sort", "peak", code=2)


def test_hostile_names(tare, saved, make):
    bad = "\x1b[2Jname\nof"
    path = saved(make().allocated([(bad, bad, 1, 1)], (1, 10), peak=(1, 10)), "bad.tare")
    for options in ([], ["--lines"], ["--tree"], ["--callers", "name"], ["--threads"]):
        said = report(tare, path, *options)
        assert "\x1b" not in said
        assert "name\\nof" in said or "--threads" in options


def test_one_that_was_cut_off(tare, builder, saved):
    path = saved(builder, "cut.tare", complete=False)
    done = tare("report", path)
    assert done.returncode == 4
    assert "as of the last write" in done.stdout and "The file ends before" in done.stdout


def test_exports_what_was_held_at_the_peak(tare, file):
    done = tare("export", file, "--to", "collapsed", "-o", "-")
    amounts = sorted(int(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines())
    assert amounts == [4 * MIB, 28 * MIB, 80 * MIB]
