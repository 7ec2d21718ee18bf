"""tare report and tare export of a trace: as cProfile and pstats would say it.

pstats itself is the truth where it has an opinion: it reads our export of the same trace.
"""

import cProfile
import fcntl
import io
import json
import os
import pstats
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from builder import NS, WORKER

MS = NS // 1000
APP, NET = "/srv/project/app.py", "/usr/lib/python3.12/json/net.py"
MODULE = ("<module>", APP, 1)
FIB, ROWS = ("fib", APP, 12), ("rows", APP, 40)
PARSE, FETCH = ("parse", NET, 30), ("fetch", NET, 10)
LEN = ("<built-in method builtins.len>", "", 0, 0, "native")
HEADER = "ncalls  tottime  percall  cumtime  percall  filename:lineno(function)"


@pytest.fixture
def builder(make):
    """No two functions are equal in any number, so that every order is the only one."""
    return (
        make()
        .call([MODULE], 1, 30 * MS, raw_ns=31 * MS)
        .call([MODULE, FIB], 3, 1 * MS, raw_ns=4 * MS, durations=[(25, 3)])
        .call([MODULE, FIB, FIB], 177, 59 * MS, raw_ns=236 * MS, durations=[(9, 170), (12, 7)])
        .call([MODULE, PARSE], 20, 40 * MS, raw_ns=60 * MS, cpu_ns=39 * MS)
        .call([MODULE, PARSE, LEN], 400, 5 * MS, raw_ns=9 * MS)
        .call([MODULE, ROWS], 2, 8 * MS, raw_ns=10 * MS, resumes=5000, suspended_ns=2400 * MS)
        .call([FETCH], 50, 80 * MS, raw_ns=82 * MS, labels=WORKER)
        .call([FETCH, LEN], 100, 2 * MS, raw_ns=3 * MS, labels=WORKER)
    )


@pytest.fixture
def file(builder, saved):
    return saved(builder, "trace.tare")


@pytest.fixture
def sampled(make, saved):
    builder = make().sample([("main", APP, 1, 5)], ns=NS).program(python_ns=NS)
    return saved(builder, "sampled.tare")


@pytest.fixture
def stats(tare, file, folder):
    """The same trace as pstats reads it."""
    assert tare("export", file, "--to", "pstats", "-o", "x.pstats").returncode == 0
    return pstats.Stats(str(folder / "x.pstats"), stream=io.StringIO())


def rows_of(text):
    """The rows of the table of functions, as lists of words; durations are two words."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.split()[:1] == ["ncalls"]) + 1
    rows = []
    for line in lines[start:]:
        if not re.match(r" +\d+(/\d+)?  ", line):
            break
        rows.append(re.split("  +", line.strip()))
    return rows


def names_of(text):
    """Of each row the name that pstats would print."""
    return [re.sub(r".*\((.*)\)$", r"\1", row[-1]) for row in rows_of(text)]


def name_in_pstats(function):
    name = function[2]
    return "{" + name[1:-1] + "}" if function[:2] == ("~", 0) else name


# ---- layout ----


def test_the_layout_is_that_of_cprofile(tare, file):
    done = tare("report", file, env={"COLUMNS": "80"})
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "python work.py"
    assert lines[1] == "753 function calls (576 primitive calls) in 0.225 seconds"
    assert "  Ordered by: internal time" in lines
    assert HEADER in done.stdout
    assert rows_of(done.stdout) == [
        ["50", "0.080", "1.60 ms", "0.082", "1.64 ms", "stdlib/json/net.py:10(fetch)"],
        ["180/3", "0.060", "333 µs", "0.060", "20 ms", "/srv/project/app.py:12(fib)"],
        ["20", "0.040", "2 ms", "0.045", "2.25 ms", "stdlib/json/net.py:30(parse)"],
        ["1", "0.030", "30 ms", "0.143", "143 ms", "/srv/project/app.py:1(<module>)"],
        ["2", "0.008", "4 ms", "0.008", "4 ms", "/srv/project/app.py:40(rows)"],
        ["500", "0.007", "14 µs", "0.007", "14 µs", "{built-in method builtins.len}"],
    ]


def test_the_header_is_that_of_pstats(tare, file, stats):
    stats.print_stats()
    (said,) = re.findall(r"\d+ function calls .*", stats.stream.getvalue())
    assert said == "753 function calls (576 primitive calls) in 0.225 seconds"
    assert said in tare("report", file).stdout


def test_without_recursion_no_primitive_calls_are_named(tare, make, saved):
    path = saved(make().call([MODULE], 1200, NS))
    assert "\n1,200 function calls in 1.000 seconds" in tare("report", path).stdout


def test_circumstances_stand_beside_where_there_is_room(tare, file, make, saved):
    wide = tare("report", file, env={"COLUMNS": "140"}).stdout.splitlines()
    assert wide[1].endswith("in 0.225 seconds. Python 3.12.1, 1 process, 2 threads")
    bare = make().call([MODULE], 1, NS)
    bare.meta = {"target.mode": "trace"}
    lines = tare("report", saved(bare)).stdout.splitlines()
    assert lines[:2] == ["unknown command", "1 function call in 1.000 seconds"]


def test_short_traces_have_more_digits(tare, make, saved):
    path = saved(make().call([MODULE], 1, 20_000).call([MODULE, FIB], 5, 1_000))
    shown = tare("report", path).stdout
    assert "6 function calls in 0.000021 seconds" in shown
    assert rows_of(shown)[1][:5] == ["5", "0.000001", "200 ns", "0.000001", "200 ns"]


def test_cpu_time_has_its_column_where_it_was_measured(tare, file, make, saved):
    wide = tare("report", file, env={"COLUMNS": "110"}).stdout
    row = next(row for row in rows_of(wide) if "parse" in row[-1])
    assert "suspended    cpu  filename" in wide and row[5] == "0.039"
    asked = tare("report", file, "--sort", "cpu", env={"COLUMNS": "80"}).stdout
    assert "Ordered by: CPU time" in asked and names_of(asked)[0] == "parse"
    assert rows_of(asked)[0][5] == "0.039"
    bare = saved(make().call([MODULE], 1, NS), "bare.tare")
    assert " cpu " not in tare("report", bare, env={"COLUMNS": "140"}).stdout


def test_generators_have_columns_where_there_is_room(tare, file):
    wide = tare("report", file, env={"COLUMNS": "100"}).stdout
    assert "percall  resumes  suspended    cpu  filename" in wide
    row = next(row for row in rows_of(wide) if "rows" in row[-1])
    assert row[5:7] == ["5000", "2.400"]
    narrow = tare("report", file, env={"COLUMNS": "99"}).stdout
    assert "suspended  " not in narrow
    assert "  More columns: --sort resumes, --sort suspended, --sort cpu\n" in narrow
    asked = tare("report", file, "--sort", "suspended", env={"COLUMNS": "80"}).stdout
    assert "percall  suspended  " in asked and rows_of(asked)[0][5] == "2.400"


def test_threads_are_split(tare, file, make, saved):
    shown = tare("report", file).stdout
    assert "603    0.143  63.6%  100 MainThread (main)\n" in shown
    assert "150    0.082  36.4%  101 Thread-1\n" in shown
    one = saved(make().call([MODULE], 1, NS), "one.tare")
    assert "Threads" not in tare("report", one).stdout
    view = tare("report", file, "--threads").stdout
    assert "150    0.082  36.4%  101 Thread-1\n" in view and "rows" not in view


def test_many_threads_are_cut_and_processes_named(tare, make, saved):
    builder = make()
    for number in range(12):
        labels = {"process": f"{number % 2} python", "thread": f"{number} worker"}
        builder.call([MODULE], 1, NS + number, labels=labels)
    path = saved(builder)
    shown = tare("report", path).stdout
    assert shown.count(" worker") == 8 and "  4 more threads: --threads\n" in shown
    assert "thread     process" in shown and "11 worker  1 python" in shown
    assert tare("report", path, "--threads").stdout.count(" worker") == 12


def test_cost_of_measuring_is_said(tare, file, make, saved):
    said = " ".join(tare("report", file).stdout.split())
    taken = "Measuring took 210 ms of the 435 ms measured (48.3%); it is taken out of all times."
    assert taken in said
    bare = saved(make().call([MODULE], 1, NS), "bare.tare")
    assert "Measuring" not in tare("report", bare).stdout


def test_how_far_times_may_be_off(tare, make, saved):
    """As a part of the time; nothing where it is no matter, and no number that means nothing."""
    builder = make().call([MODULE], 1, 30 * MS, error_ns=3 * MS).call([FIB], 9, 20 * MS)
    builder.call([PARSE], 9, 10 * MS, error_ns=MS // 20).call([ROWS], 9, 4 * MS, error_ns=3 * MS)
    path = saved(builder)
    shown = tare("report", path).stdout
    header = next(line.split() for line in shown.splitlines() if "ncalls" in line)
    assert header == HEADER.replace("tottime", "tottime ±").split()
    assert [row[2] for row in rows_of(shown)] == ["10%", "2.22 ms", "<1%", "?"]
    said = " ".join(shown.split())
    assert "± is what tottime may be off by, for the cost taken out. ?: more than half" in said
    assert "±" in tare("report", path, "--callers", "rows").stdout
    assert "±" not in tare("report", path, env={"COLUMNS": "60"}).stdout
    small = make().call([MODULE], 1, 30 * MS, error_ns=MS // 5)
    assert "±" not in tare("report", saved(small, "small.tare")).stdout
    assert "more than half" not in tare("report", path, "--limit", "2").stdout


def test_losses_are_said(tare, make, saved):
    meta = {"lost_count": "3", "failed_count": "1", "fork_count": "1"}
    meta |= {"node_limit": "5000", "path_count": "5000"}
    builder = make(**{f"trace__{key}": value for key, value in meta.items()})
    shown = tare("report", saved(builder.call([MODULE], 1, NS))).stdout
    assert "  4 calls, names or writes lost.\n  1 forked process not traced.\n" in shown
    assert "  There were more paths than 5,000; the rest is in (overflow).\n" in shown
    meta |= {"lost_count": "0", "failed_count": "0", "fork_count": "0", "path_count": "4999"}
    builder.meta |= {f"trace.{key}": value for key, value in meta.items()}
    shown = tare("report", saved(builder)).stdout
    assert " lost." not in shown and "not traced" not in shown and "overflow" not in shown


def test_rows_are_twenty_unless_told(tare, make, saved):
    builder = make().call([MODULE], 1, NS)
    for number in range(52):
        builder.call([MODULE, (f"f_{number}", "f.py", number + 1)], 1, number)
    path = saved(builder)
    shown = tare("report", path).stdout
    assert len(rows_of(shown)) == 20 and "  33 more rows: --limit N\n" in shown
    shown = tare("report", path, "--limit", "1.0").stdout
    assert len(rows_of(shown)) == 53 and "more row" not in shown


def test_next_command_is_given_and_works(tare, file, folder):
    last = tare("report", "trace.tare").stdout.splitlines()[-1]
    assert last == "Next: tare report trace.tare --callers fetch"
    assert tare(*last.split()[2:]).returncode == 0


# ---- order ----

PSTATS_KEYS = sorted(pstats.Stats.sort_arg_dict_default)


@pytest.mark.parametrize("key", [*PSTATS_KEYS, "file"])
def test_each_key_of_pstats_orders_as_in_pstats(tare, file, stats, key):
    shown = tare("report", file, "--sort", key, env={"COLUMNS": "140"}).stdout
    stats.sort_stats(key)
    if stats.sort_type == "file name":  # which leaves open what comes first in a file
        files = [row[-1].rpartition(":")[0].rpartition("/")[2] for row in rows_of(shown)]
        assert files == ["app.py"] * 3 + ["net.py"] * 2 + [""]
    else:
        assert names_of(shown) == [name_in_pstats(function) for function in stats.fcn_list]
    assert f"  Ordered by: {stats.sort_type}\n" in shown


def test_each_prefix_of_pstats_is_one_of_ours(stats):
    from tare.cli.ordering import trace_orders

    for prefix, (_, words) in stats.get_sort_arg_defs().items():
        (order,) = trace_orders(prefix)
        assert order.words == words, prefix


def test_prefixes_and_several_keys(tare, file):
    shown = tare("report", file, "--sort", "cum").stdout
    assert "Ordered by: cumulative time\n" in shown and names_of(shown)[0] == "<module>"
    shown = tare("report", file, "--sort", "file,nc", env={"COLUMNS": "140"}).stdout
    assert "Ordered by: file name, call count\n" in shown
    assert names_of(shown)[:4] == ["fib", "rows", "<module>", "fetch"]


def test_words_of_sampled_profiles_are_understood(tare, file):
    assert "Ordered by: internal time" in tare("report", file, "--sort", "self").stdout
    assert "Ordered by: cumulative time" in tare("report", file, "--sort", "total").stdout
    assert "Ordered by: resumptions" in tare("report", file, "--sort", "resumes").stdout


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("n", "'n' could be name, ncalls, nfl"),
        ("", "'' is none of self, total, native, wait, name, file, peak, live, allocated, freed, "),
        ("fastest", "'fastest' is none of"),
        ("calls,x", "'x' is none of"),
    ],
)
def test_keys_that_mean_nothing_are_refused(tare, file, key, said):
    done = tare("report", file, "--sort", key)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"argument --sort: {said}" in done.stderr


# ---- restrictions ----


@pytest.mark.parametrize(
    "limits",
    [
        ("2",),
        ("0",),
        ("99",),
        ("0.5",),
        ("0.4",),
        ("app",),
        ("net", "1"),
        ("1", "net"),
        ("0.5", "app", "1"),
        (r"app\.py:12\(fib\)",),
        ("built-in",),
    ],
)
def test_limits_reduce_as_pstats_does(tare, file, stats, limits):
    arguments = [word for limit in limits for word in ("--limit", limit)]
    restrictions = [
        int(limit) if limit.isdigit() else float(limit) if limit[0] == "0" else limit
        for limit in limits
    ]
    _, expected = stats.sort_stats("time").get_print_list(restrictions)
    done = tare("report", file, *arguments, env={"COLUMNS": "140"})
    if not expected:
        assert done.returncode == 2
        assert done.stderr == f"tare: report {file}: no function fits; --limit 1.0 shows all\n"
        return
    assert names_of(done.stdout) == [name_in_pstats(function) for function in expected]


def test_each_limit_says_what_it_did(tare, file):
    shown = tare("report", file, "--limit", "net", "--limit", "1").stdout
    assert "  List reduced from 6 to 2 due to restriction <net>\n" in shown
    assert "  List reduced from 2 to 1 due to restriction <1>\n" in shown
    assert "List reduced" not in tare("report", file, "--limit", "99").stdout


@pytest.mark.parametrize("limit", ["\u00b2", "99999999999999999999", "1e-9", "nan", "inf"])
def test_strange_limits_are_no_traceback(tare, file, sampled, limit):
    for path in (file, sampled):
        for view in ([], ["--tree"]):
            done = tare("report", path, "--limit", limit, *view)
            assert done.returncode in (0, 2) and done.stderr.count("\n") == done.returncode // 2


def test_a_pattern_that_is_none_is_taken_as_it_stands(tare, file):
    assert names_of(tare("report", file, "--limit", "(fib").stdout) == ["fib"]


# ---- callers, callees, tree ----


def test_callers(tare, file):
    shown = tare("report", file, "--callers", "fib").stdout
    assert "/srv/project/app.py:12(fib)  was called by\n" in shown
    assert rows_of(shown) == [
        ["3", "0.001", "333 µs", "0.060", "20 ms", "/srv/project/app.py:1(<module>)"],
        ["177", "0.059", "333 µs", "0.059", "333 µs", "/srv/project/app.py:12(fib)"],
    ]
    top = rows_of(tare("report", file, "--callers", "fetch").stdout)
    assert top == [["50", "0.080", "1.60 ms", "0.082", "1.64 ms", "(nothing traced)"]]


def test_callees(tare, file):
    shown = tare("report", file, "--callees", "<module>", env={"COLUMNS": "99"}).stdout
    assert "/srv/project/app.py:1(<module>)  called\n" in shown
    assert [(row[0], row[-1].rsplit(":", 1)[-1]) for row in rows_of(shown)] == [
        ("3", "12(fib)"),
        ("20", "30(parse)"),
        ("2", "40(rows)"),
    ]
    assert "  nothing traced\n" in tare("report", file, "--callees", "rows").stdout
    done = tare("report", file, "--callees", "nobody")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no function fits nobody" in done.stderr


def test_callers_agree_with_pstats(tare, file, stats):
    for function, (*_, callers) in stats.stats.items():
        name = function[2]
        rows = rows_of(tare("report", file, "--callers", name, env={"COLUMNS": "99"}).stdout)
        found = {re.sub(r".*\((.*)\)$", r"\1", row[-1]): row[0] for row in rows}
        found.pop("nothing traced", None)
        assert found == {
            name_in_pstats(caller): str(nc) if nc == cc else f"{nc}/{cc}"
            for caller, (nc, cc, _, _) in callers.items()
        }, name


def tree_of(text):
    return [line.split() for line in text.splitlines() if re.match(r" +\d+\.\d%", line)]


def test_tree(tare, file):
    shown = tare("report", file, "--tree").stdout
    assert "calls with less than 1% are left out" in shown
    assert [row[:5] for row in tree_of(shown)] == [
        ["63.6%", "0.143", "0.030", "1", "<module>"],
        ["26.7%", "0.060", "0.001", "3", "├─fib"],
        ["26.2%", "0.059", "0.059", "177", "│"],
        ["20.0%", "0.045", "0.040", "20", "├─parse"],
        ["2.2%", "0.005", "0.005", "400", "│"],
        ["3.6%", "0.008", "0.008", "2", "└─rows"],
        ["36.4%", "0.082", "0.080", "50", "fetch"],
    ]


def test_deep_trees_branch_only_where_there_is_a_choice(tare, make, saved):
    chain = [(name, APP, line) for line, name in enumerate("abcdef", 1)]
    builder = make().call(chain, 1, NS).call([*chain[:3], ("x", APP, 50)], 1, 2 * NS)
    builder.call([*chain[:3], ("x", APP, 50), ("y", APP, 60)], 1, NS).call([FETCH], 1, NS)
    builder.call([*chain[:3], ("x", APP, 50), ("z", APP, 70)], 1, 3 * NS)
    header, *lines = tare("report", saved(builder), "--tree").stdout.splitlines()[2:]
    begin, end = header.index("call "), header.index("file:line")
    assert [line[begin:end].rstrip() for line in lines] == [
        "a",
        "└─b",
        "  c",
        "  ├─x",
        "  │ ├─z",
        "  │ └─y",
        "  └─d",
        "    e",
        "    f",
        "fetch",
    ]


def test_deep_stacks_keep_their_names(tare, make, saved):
    chain = [(f"function_{number}", APP, number) for number in range(2000)]
    builder = make()
    for depth in range(1, 60):  # two calls at each level, so that each branches
        builder.call(chain[:depth], 1, NS).call([*chain[:depth], FETCH], 1, NS)
    builder.call(chain, 1, NS)
    for columns in (60, 80, 140):
        env = {"COLUMNS": str(columns)}
        shown = tare("report", saved(builder), "--tree", "--limit", "3000", env=env).stdout
        assert max(map(len, shown.splitlines())) <= columns
        assert all(f"n_{number} " in shown for number in range(2000))


def test_tree_limit_keeps_the_hottest(tare, file):
    shown = tare("report", file, "--tree", "--limit", "3").stdout
    assert [row[4] for row in tree_of(shown)] == ["<module>", "└─fib", "fetch"]
    assert "  5 more rows: --limit N\n" in shown
    assert len(tree_of(tare("report", file, "--tree", "--limit", "99").stdout)) == 8


def test_only_one_view_and_no_table_flags(tare, file):
    assert "different views" in tare("report", file, "--tree", "--threads").stderr
    done = tare("report", file, "--callers", "fib", "--sort", "calls")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


# ---- durations ----


def test_verbose_shows_how_long_calls_took(tare, file):
    shown = tare("report", file, "-v", env={"COLUMNS": "140"}).stdout
    assert "each less than that, by a factor of 2 at most" in shown
    (row,) = [line for line in shown.splitlines() if "<512 ns" in line]
    assert re.split("  +", row) == [
        "", "180", "<512 ns", "<512 ns", "<33.6 ms", "<33.6 ms", "/srv/project/app.py:12(fib)",
    ]  # fmt: skip
    assert "percall  resumes  suspended    cpu  measured  filename" in shown
    assert "measured  filename" not in tare("report", file, "-v", env={"COLUMNS": "119"}).stdout
    assert "Durations" not in tare("report", file).stdout


def test_verbose_says_when_there_are_none(tare, make, saved):
    path = saved(make().call([MODULE], 1, NS))
    said = tare("report", path, "-v").stdout
    assert "no durations of single calls: tare trace --durations" in said


# ---- what makes no sense ----


@pytest.mark.parametrize("arguments", [["--lines"], ["--target", "2"], ["--sort=wait"]])
def test_what_is_for_sampled_profiles_is_refused_for_traces(tare, file, arguments):
    done = tare("report", file, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    flag = arguments[0].replace("=", " ")
    said = f"tare: report {file}: {flag} is for sampled profiles, this is a trace; "
    assert done.stderr.startswith(said)


@pytest.mark.parametrize("key", ["calls", "cumulative", "pcalls", "tottime", "cum", "self,total"])
def test_what_is_for_traces_is_refused_for_sampled_profiles(tare, sampled, key):
    done = tare("report", sampled, "--sort", key)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"tare: report {sampled}: --sort {key} is for traces, this profile was sampled; it has "
        "self, total, native, wait, name, file\n"
    )


def test_a_setting_is_for_the_profiles_that_have_it(tare, file, sampled):
    """Nobody wants to unset it for the other kind."""
    done = tare("report", file, env={"TARE_SORT": "wait", "TARE_TARGET": "2"})
    assert done.returncode == 0 and "Ordered by: internal time" in done.stdout
    assert "cumulative time" in tare("report", file, env={"TARE_SORT": "cum"}).stdout
    done = tare("report", sampled, env={"TARE_SORT": "cumulative"})
    assert (done.returncode, done.stderr) == (0, "") and "Where the time went" in done.stdout
    assert "TARE_SORT: 'n' could be" in tare("report", file, env={"TARE_SORT": "n"}).stderr


# ---- json ----


def test_json_has_everything(tare, file):
    document = json.loads(tare("report", file, "--json").stdout)
    assert (document["schema"], document["target"]["mode"]) == ("tare.report/1", "trace")
    trace = document["trace"]
    assert (trace["calls"], trace["primitive_calls"], trace["self_ns"]) == (753, 576, 225 * MS)
    assert trace["raw_ns"] == 435 * MS
    assert [(row["labels"]["thread"], row["calls"]) for row in trace["threads"]] == [
        ("100 MainThread", 603),
        ("101 Thread-1", 150),
    ]
    assert [(row["depth"], row["name"], row["calls"]) for row in trace["tree"]][:3] == [
        (0, "<module>", 1),
        (1, "fib", 3),
        (2, "fib", 177),
    ]
    assert trace["tree"][0]["share"] == pytest.approx(143 / 225)
    assert trace["tree_left_out_count"] == 0
    fib = document["functions"][1]
    assert (fib["name"], fib["file"], fib["first_line"], fib["kind"]) == (*FIB, "python")
    assert (fib["calls"], fib["primitive_calls"]) == (180, 3)
    assert (fib["self_ns"], fib["total_ns"], fib["raw_ns"]) == (60 * MS, 60 * MS, 240 * MS)
    assert fib["durations"] == {
        "count": 180,
        "median_ns": {"low": 256, "high": 511},
        "p90_ns": {"low": 256, "high": 511},
        "p99_ns": {"low": 1 << 24, "high": (1 << 25) - 1},
        "max_ns": {"low": 1 << 24, "high": (1 << 25) - 1},
    }
    assert [(row["name"], row["calls"]) for row in fib["callers"]] == [
        ("<module>", 3),
        ("fib", 177),
    ]
    assert [(row["name"], row["total_ns"]) for row in fib["callees"]] == [("fib", 59 * MS)]
    fetch = document["functions"][0]
    assert (fetch["callers"][0]["name"], fetch["callers"][0]["calls"]) == (None, 50)
    assert fetch["durations"] is None
    assert document["lines"] == [] and document["verdict"] is None
    document = json.loads(tare("report", file, "--json", env={"TARE_TARGET": "2"}).stdout)
    assert document["verdict"] is None


def test_json_has_what_the_tracer_says_about_itself(tare, make, saved):
    path = saved(make(trace__lost_count="3", trace__clock="wall").call([MODULE], 1, NS))
    measured = json.loads(tare("report", path, "--json").stdout)["measurement"]
    assert (measured["lost_count"], measured["clock"]) == (3, "wall")
    assert measured["created_unix_ns"] == 1795500000000000000 and "rate_hz" not in measured


def test_json_follows_sort_and_limit(tare, file):
    shown = tare("report", file, "--json", "--sort", "calls", "--limit", "2").stdout
    assert [row["calls"] for row in json.loads(shown)["functions"]] == [500, 180]


# ---- bad input ----

SELF_IN_A_SET = b"<\1\0\0\0\xa8\1\0\0\0r\0\0\0\0"  # ends any Python that unmarshals it
HUGE_LIST = b"[\xff\xff\xff\x7f"  # keeps it busy for seconds


@pytest.mark.parametrize("content", [SELF_IN_A_SET, HUGE_LIST, b"{0", b"\x1f\x8b" + bytes(99)])
@pytest.mark.parametrize("command", [["report"], ["export", "--to", "pstats"]])
def test_foreign_profiles_are_refused_in_one_line(tare, folder, content, command):
    (folder / "x.prof").write_bytes(content)
    done = tare(*command, "x.prof")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"tare: .*x\.prof.*\n", done.stderr)


def test_a_file_of_cprofile_is_refused_in_one_line(tare, folder):
    profiler = cProfile.Profile()
    profiler.runcall(len, "")
    profiler.dump_stats(folder / "x.prof")
    done = tare("report", "x.prof")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_incomplete_traces_are_shown_and_are_exit_code_4(tare, builder, saved):
    path = saved(builder, complete=False)
    for view in ([], ["--tree"], ["--json"]):
        assert tare("report", path, *view).returncode == 4
    said = " ".join(tare("report", path).stdout.split())
    assert "The file ends before the measurement did" in said


def test_a_trace_of_nothing(tare, make, saved):
    builder = make()
    builder.add(0, 0, "calls", 0)
    path = saved(builder)
    done = tare("report", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 function calls in 0.000000 seconds" in done.stdout
    assert tare("report", path, "--tree").returncode == 0
    assert tare("report", path, "--threads").returncode == 0
    assert json.loads(tare("report", path, "--json").stdout)["functions"] == []


# ---- looks ----

HOSTILE = "\x1b[2J\u202eevil\n\udcff"
VIEWS = ([], ["-v"], ["--sort=nfl"], ["--tree"], ["--threads"], ["--limit=9"])


@pytest.mark.parametrize("rows", [20, 24, 40])
def test_on_a_terminal_the_first_line_stays_on_the_screen(tare, make, saved, rows):
    builder = make().call([MODULE], 1, NS).call([FETCH], 1, NS, labels=WORKER)
    for number in range(60):
        place = (f"f_{number}", "f.py", number + 1)
        builder.call([MODULE, place], 1, NS, raw_ns=2 * NS, resumes=number)
    path = saved(builder)
    for view in ([], ["--tree"]):
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
        environ = {"TERM": "dumb"}
        tare("report", path, *view, env=environ, capture_output=False, stdout=follower)
        os.close(follower)
        shown = os.read(leader, 1 << 20).decode()
        os.close(leader)
        lines = shown.split("\r\n")[:-1]
        assert rows - 3 <= len(lines) < rows
        assert "more rows: --limit N" in shown


def test_hostile_names_act_nowhere(tare, make, saved):
    builder = make(target__command=HOSTILE, target__cwd="/" + HOSTILE)
    labels = {"process": HOSTILE, "thread": HOSTILE, "main": "1"}
    frames = [(HOSTILE, HOSTILE + "/x.py", 1), (HOSTILE, "", 0, 0, "native")]
    builder.call(frames[:1], 1, NS, labels=labels).call(frames, 1, NS, labels=WORKER)
    path = saved(builder)
    for view in (*VIEWS, ["--callers=evil"], ["--callees=evil"], ["--color=always"]):
        shown = re.sub("\x1b\\[[0-9;]*m", "", tare("report", path, *view).stdout)
        assert "evil" in shown
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\udcff]", shown), view
    assert tare("report", path, "--json").stdout.isascii()


@pytest.mark.parametrize("columns", [60, 80, 100, 140, 300])
def test_nothing_is_wider_than_the_screen_and_names_keep_their_ends(tare, make, saved, columns):
    builder = make(target__command="python " + "x" * 300)
    for number in range(30):
        name = f"a_long_name_of_a_function_{number}." * (number % 5 + 1) + f"end_{number}"
        place = (name, f"/srv/{'deep/' * number}file.py", number)
        more = {"raw_ns": 2 * NS, "resumes": number, "suspended_ns": NS}
        builder.call([place], 10 ** (number % 12), NS, **more)
    path = saved(builder)
    for view in (*VIEWS, ["--callers", "a_long"], ["--callees", "a_long"]):
        shown = tare("report", path, *view, env={"COLUMNS": str(columns)}).stdout
        lines = [line for line in shown.splitlines() if not line.startswith("Next: ")]
        assert [line for line in lines if line != line.rstrip()] == []
        assert [line for line in lines if len(line) > min(columns, 160)] == [], view
    few = saved(make().call([("f." * 90 + "end", APP, 1)], 1, NS), "few.tare")
    shown = tare("report", few, env={"COLUMNS": str(columns)}).stdout
    assert rows_of(shown)[0][-1].endswith("f.end)")


def test_plain_streams_get_plain_signs(tare, file):
    shown = tare("report", file, env={"PYTHONIOENCODING": "ascii"}).stdout
    assert "333 us" in shown and "\\x" not in shown


def test_names_are_coloured(tare, file):
    shown = tare("report", file, "--color", "always", "--limit", "fib").stdout
    assert "app.py:12\x1b[36m(fib)\x1b[0m" in shown


# ---- who else reads it ----


def test_snakeviz_reads_our_export(stats):
    from snakeviz.stats import json_stats, table_rows

    calls = {row[5].rpartition("(")[2].rstrip(")"): row[0][0] for row in table_rows(stats)}
    assert (calls["fib"], calls["fetch"], len(calls)) == ("180/3", "50", 6)
    tables = json_stats(stats)
    (fib,) = [row for name, row in tables.items() if name.endswith("(fib)")]
    assert fib["stats"] == [3, 180, 0.06, 0.06]
    assert sorted(row[:2] for row in fib["callers"].values()) == [[3, 3], [177, 177]]


def test_gprof2dot_reads_our_export(stats, folder):
    drawn = subprocess.run(
        [sys.executable, "-m", "gprof2dot", "-f", "pstats", "-n", "0", "-e", "0", "x.pstats"],
        cwd=folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    nodes = dict(re.findall(r'^\t(\d+) \[.*label="\w*~?:\d+:([^\\]*)', drawn, re.M))
    assert sorted(nodes.values()) == sorted(function[2] for function in stats.stats)
    number = {name: number for number, name in nodes.items()}
    edges = dict(re.findall(r'^\t(\d+ -> \d+) .*label="[^"]*?(\d+)\u00d7"', drawn, re.M))
    assert edges[f"{number['fib']} -> {number['fib']}"] == "177"
    assert edges[f"{number['parse']} -> {number['<built-in method builtins.len>']}"] == "400"


# ---- cProfile itself ----


def even(number):
    return True if number == 0 else odd(number - 1)


def odd(number):
    return False if number == 0 else even(number - 1)


def fib(number):
    return number if number < 2 else fib(number - 1) + fib(number - 2)


def known_program():
    """Recursion of one, recursion of two, C functions, and a call from C."""
    for text in ("a", "bb"):
        len(text)
    fib(7)
    return sorted([3, 1, 2], key=even), odd(5), len("c")


def name_in_cprofile(frame, argument):
    if argument is None:
        code = frame.f_code
        return (code.co_name, code.co_filename, code.co_firstlineno)
    return (f"<built-in method {argument.__module__}.{argument.__name__}>", "", 0, 0, "native")


def record_calls(builder, program):
    """Each call with its path, as sys.setprofile tells it: a second witness."""
    path = []

    def handle(frame, event, argument):
        if event in ("call", "c_call"):
            path.append(name_in_cprofile(frame, argument if event == "c_call" else None))
            builder.call(path, 1, 1000)
        elif path:
            path.pop()

    sys.setprofile(handle)
    try:
        program()
    finally:
        sys.setprofile(None)
    return builder


def counts_of(stats):
    """Calls and primitive calls of each function, and of each of its callers."""
    return {
        function: (nc, cc, {caller: row[:2] for caller, row in callers.items()})
        for function, (cc, nc, _, _, callers) in stats.items()
        if "Profiler" not in function[2] and "setprofile" not in function[2]
    }


def test_counts_are_those_of_cprofile(tare, make, saved, folder):
    path = saved(record_calls(make(), known_program))
    assert tare("export", path, "--to", "pstats", "-o", "ours").returncode == 0
    profiler = cProfile.Profile()
    profiler.runcall(known_program)
    profiler.create_stats()
    ours = pstats.Stats(str(folder / "ours"))
    assert counts_of(ours.stats) == counts_of(profiler.stats)
    calls = {function[2]: ours.stats[function][:2] for function in ours.stats}
    assert calls["fib"] == (1, 41) and calls["odd"][1] + calls["even"][1] > 10
