"""tare report and tare export: tables, views and JSON of a profile that is known."""

import json
import pstats
import re

import pytest
from builder import MAIN, NS, WORKER

MAIN_5 = ("main", "/srv/project/app.py", 1, 5)


@pytest.fixture
def file(make, saved):
    """main calls parse (5 s) and fetch (3 s, all waiting); fetch calls parse too (2 s)."""
    parse = ("parse", "/usr/lib/python3.12/json/decoder.py", 30, 33)
    fetch = ("fetch", "/srv/project/net.py", 10, 12)
    builder = (
        make()
        .sample([MAIN_5, parse], ns=4 * NS)
        .sample([MAIN_5, parse], "native_ns", ns=1 * NS)
        .sample([MAIN_5, fetch], "wait_socket_ns", 3 * NS)
        .sample([MAIN_5, fetch, parse], ns=2 * NS)
        .sample([("serve", "/srv/project/net.py", 40, 41)], "wait_lock_ns", 10 * NS, labels=WORKER)
        .program(python_ns=6 * NS, native_ns=NS, wait_socket_ns=3 * NS, cpu_ns=7 * NS)
    )
    return saved(builder)


def words_of(text):
    """The lines of a table as lists of words, without intervals."""
    return [[word for word in line.split() if word[0] != "±"] for line in text.splitlines()]


def names_of(text, names=("main", "parse", "fetch")):
    return [word for line in words_of(text) for word in line if word in names]


def test_without_options_it_prints_the_verdict(tare, file):
    done = tare("report", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "10.0 s of wall time" in done.stdout or "10 s of wall time" in done.stdout
    for title in ("Where the time went", "Functions", "Lines", "What measuring cost", "Next:"):
        assert title in done.stdout


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("self", ["parse", "fetch", "main"]),
        ("total", ["main", "parse", "fetch"]),
        ("native", ["parse", "fetch", "main"]),
        ("wait", ["fetch", "parse", "main"]),
        ("name", ["fetch", "main", "parse"]),
        ("file", ["main", "fetch", "parse"]),
    ],
)
def test_sort_keys(tare, file, key, names):
    done = tare("report", file, "--sort", key, "--limit", "9")
    assert names_of(done.stdout) == names


def test_rows_say_share_and_place(tare, file, folder):
    rows = words_of(tare("report", file, "--limit", "3").stdout)
    assert ["70.0%", "14%", "70.0%", "3.2-3.4x", "parse", "stdlib/json/decoder.py:30"] in rows
    assert ["30.0%", "100%", "50.0%", "2.0x", "fetch", "/srv/project/net.py:10"] in rows
    # main has everything: there is nothing left to compare with
    assert ["0.0%", "100.0%", "all", "main", "/srv/project/app.py:1"] in rows


def test_gain_has_its_interval_beside_it_where_there_is_room(tare, file):
    for view in (["--limit", "1"], ["--lines", "--limit", "1"]):
        shown = tare("report", file, *view, env={"COLUMNS": "120"}).stdout
        assert " 3.3x (3.2-3.4)  parse  " in shown
        shown = tare("report", file, *view, env={"COLUMNS": "119"}).stdout
        assert " 3.2-3.4x  parse  " in shown


def test_tables_say_what_shares_are_of(tare, file):
    for view in (["--limit", "9"], ["--lines"]):
        assert "% of wall time; ±: 95% interval" in tare("report", file, *view).stdout
    assert "% of wall time; at most: " in tare("report", file).stdout


def test_paths_are_relative_to_where_the_user_stands(tare, make, saved, folder):
    inside = str(folder / "deep" / "x.py")
    path = saved(make().sample([("f", inside, 1, 1)]).program(python_ns=NS))
    assert "  deep/x.py:1\n" in tare("report", path, "--limit", "1").stdout


@pytest.mark.parametrize(
    ("limits", "names"),
    [
        (["2"], ["parse", "fetch"]),
        (["0.34"], ["parse"]),
        (["1.0"], ["parse", "fetch", "main"]),
        (["net.py"], ["fetch"]),
        (["project", "1"], ["fetch"]),
        (["1", "parse"], ["parse"]),
        ([r"app\.py:1\(main\)"], ["main"]),
        (["(main"], ["main"]),  # no valid pattern: taken as it stands
    ],
)
def test_limits_are_applied_one_after_the_other(tare, file, limits, names):
    arguments = [word for limit in limits for word in ("--limit", limit)]
    assert names_of(tare("report", file, *arguments).stdout) == names


def test_limit_that_fits_nothing_is_an_error(tare, file):
    done = tare("report", file, "--limit", "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tare: report {file}: no function fits; --limit 1.0 shows all\n"


def test_lines(tare, file):
    rows = words_of(tare("report", file, "--lines", "--limit", "2", env={"COLUMNS": "90"}).stdout)
    assert ["70.0%", "3.2-3.4x", "stdlib/json/decoder.py:33"] in rows
    assert ["30.0%", "100%", "2.0x", "/srv/project/net.py:12"] in rows


def test_source_is_shown_while_it_is_that_of_the_profile(tare, make, saved, folder):
    script = folder / "script.py"
    script.write_text("x = 1\nfor y in range(9): \x1b[31m pass\n")
    builder = make(created_unix_ns=str(2 * 10**18)).program(python_ns=NS)
    path = saved(builder.sample([("f", str(script), 1, 2)]))
    shown = tare("report", path, "--lines").stdout
    assert "for y in range(9): \\x1b[31m pass" in shown
    builder.meta["created_unix_ns"] = "1000000000000000000"  # older than the file
    assert "for y" not in tare("report", saved(builder), "--lines").stdout


def test_tree(tare, file):
    rows = words_of(tare("report", file, "--tree").stdout)
    assert ["100.0%", "0.000", "s", "main", "/srv/project/app.py:1"] in rows
    calls = [row[3] for row in rows if len(row) == 5]
    assert calls == ["main", "├─parse", "└─fetch", "└─parse"]
    assert ["20.0%", "2.00", "s", "└─parse", "stdlib/json/decoder.py:30"] in rows


def test_tree_limit(tare, file):
    shown = tare("report", file, "--tree", "--limit", "2").stdout
    assert names_of(shown, ("main", "├─parse", "└─fetch")) == ["main", "├─parse"]
    assert "2 more rows" in shown


def test_callers(tare, file):
    shown = tare("report", file, "--callers", "parse").stdout
    rows = words_of(shown)
    assert ["50.0%", "5.00", "s", "main", "/srv/project/app.py:1"] in rows
    assert ["20.0%", "2.00", "s", "fetch", "/srv/project/net.py:10"] in rows
    assert "(nothing in Python)" in tare("report", file, "--callers", "main").stdout


def test_callees(tare, file):
    rows = words_of(tare("report", file, "--callees", "main").stdout)
    assert ["50.0%", "5.00", "s", "parse", "stdlib/json/decoder.py:30"] in rows
    assert ["50.0%", "5.00", "s", "fetch", "/srv/project/net.py:10"] in rows
    assert "calls nothing in Python" in tare("report", file, "--callees", "parse").stdout
    done = tare("report", file, "--callees", "nobody")
    assert done.returncode == 2
    hint = "--limit 1.0 shows all names"
    assert done.stderr == f"tare: report {file}: no function fits nobody; {hint}\n"


def test_functions_of_exactly_that_name_come_first(tare, make, saved):
    """Others whose file or name only contains it are meant when there is none."""
    builder = make()
    for name, file, seconds in (
        ("parse", "cold.py", 1),
        ("<module>", "parser.py", 9),
        ("parse", "hot.py", 3),
        ("Tree.parse", "tree.py", 5),
    ):
        builder.sample([("caller_of_" + file, file, 9, 9), (name, file, 1, 1)], ns=seconds * NS)
    path = saved(builder.program(python_ns=18 * NS))
    shown = tare("report", path, "--callers", "parse").stdout
    assert "<module>" not in shown and "Tree.parse" not in shown
    assert shown.index("hot.py:1\n") < shown.index("cold.py:1\n")
    shown = tare("report", path, "--callers", "pars").stdout
    places = [shown.index(f"{name}:1\n") for name in ("parser.py", "tree.py", "hot.py", "cold.py")]
    assert places == sorted(places)  # by their total


@pytest.mark.parametrize("view", ["--tree", "--threads", "--callers=main", "--callees=main"])
@pytest.mark.parametrize("flag", ["--lines", "--sort=wait", "--json", "--limit=x"])
def test_what_a_view_would_ignore_is_refused(tare, file, view, flag):
    done = tare("report", file, view, flag)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert flag.split("=")[0] in done.stderr and view.split("=")[0] in done.stderr
    assert tare("report", file, view, env={"TARE_SORT": "wait"}).returncode == 0


@pytest.mark.parametrize("command", ["report", "top", "dump", "doctor"])
def test_flags_without_effect_are_no_flags(tare, command):
    flag = "-q" if command == "report" else "-v"
    done = tare(command, flag, "1")
    assert done.returncode == 2
    assert f"unrecognized arguments: {flag}" in done.stderr


def test_tables_have_twenty_rows_unless_told(tare, make, saved):
    builder = make()
    for number in range(53):
        builder.sample([(f"f_{number}", "f.py", number + 1, number + 2)], "wait_lock_ns", NS)
    path = saved(builder.program(wait_lock_ns=53 * NS))
    for options in (["--sort", "wait"], ["--lines"], ["--lines", "--sort", "name"]):
        shown = tare("report", path, *options).stdout.split("Next: ")[0]
        assert shown.count("f.py:") == 20
        assert "  33 more rows: --limit N\n" in shown
    shown = tare("report", path, "--sort", "wait", "--limit", "1.0").stdout
    assert shown.count("f.py:") == 53 and "more row" not in shown


def test_threads_keep_the_waiting_of_workers(tare, file):
    rows = words_of(tare("report", file, "--threads").stdout)
    assert ["101", "Thread-1", "waiting", "for", "a", "lock", "10.00", "s", "100.0%"] in rows
    assert ["100", "MainThread", "(main)", "running", "Python", "6.00", "s", "60.0%"] in rows


def test_only_one_view_at_a_time(tare, file):
    done = tare("report", file, "--tree", "--callers", "main")
    assert done.returncode == 2
    assert "--tree and --callers are different views" in done.stderr


def test_json_has_everything(tare, file):
    document = json.loads(tare("report", file, "--json", "--target", "20").stdout)
    assert document["schema"] == "tare.report/1"
    assert document["file"]["complete"] is True
    assert document["target"]["command"] == "python work.py"
    assert document["target"]["pid"] == 100
    assert document["host"]["cpu_count"] == 4
    assert (document["wall_ns"], document["cpu_ns"]) == (10 * NS, 7 * NS)
    assert [state["name"] for state in document["states"]] == [
        "python_ns",
        "wait_socket_ns",
        "native_ns",
    ]
    parse, fetch, main = document["functions"]
    assert (parse["name"], parse["self_ns"], parse["self_native_ns"]) == ("parse", 7 * NS, NS)
    assert parse["self_share"]["low"] < 0.7 < parse["self_share"]["high"]
    assert fetch["self_wait_ns"] == 3 * NS
    assert main["gain_ratio"]["value"] is None  # without bound
    assert "line" not in parse and document["lines"][0]["line"] == 33
    assert {thread["labels"]["thread"] for thread in document["threads"]} == {
        MAIN["thread"],
        WORKER["thread"],
    }
    measured = document["measurement"]
    assert (measured["rate_hz"], measured["tick_count"]) == (1000, 10_000)
    assert measured["slowdown_ratio"] == 1.002
    assert document["resources"]["memory.peak_rss_bytes"] == 118 << 20
    assert_integers(document)
    assert document["verdict"]["verdict"] == "fast_enough"
    assert document["verdict"]["functions"] == []


def test_json_names_the_functions_of_the_verdict(tare, file):
    document = json.loads(tare("report", file, "--json", "--target", "4", "--limit", "1").stdout)
    assert document["verdict"] == {
        "verdict": "reachable",
        "target_ns": 4 * NS,
        "excess_ns": 6 * NS,
        "waiting_ns": 3 * NS,
        "needed_ratio": 7,
        "functions": [
            {"name": "parse", "file": "/usr/lib/python3.12/json/decoder.py", "first_line": 30}
        ],
    }


RATIOS = ("share", "ratio", "effective_sample_count", "value", "low", "high")


def assert_integers(value, key=""):
    """Counts, bytes and times are integers wherever they stand."""
    if isinstance(value, dict):
        for name, part in value.items():
            assert_integers(part, name)
    elif isinstance(value, list):
        for part in value:
            assert_integers(part, key)
    else:
        assert not isinstance(value, float) or key.endswith(RATIOS), (key, value)


def test_json_numbers_are_exact(tare, make, saved):
    meta = {"sampler__hold_count": "312", "sampler__hold_ns": str(2**62 + 1)}
    path = saved(make(**meta).sample([MAIN_5]).program(python_ns=NS))
    measured = json.loads(tare("report", path, "--json").stdout)["measurement"]
    assert (measured["hold_count"], measured["hold_ns"]) == (312, 2**62 + 1)


def test_json_has_what_was_measured_over_time(tare, make, saved):
    builder = make().sample([MAIN_5]).program(python_ns=NS)
    builder.add_series("memory_pressure", "percent/100", 0, [(0, 0), (NS, 250)])
    builder.add_series("rss_bytes", "bytes", builder.labels(MAIN), [(0, 1 << 20), (NS, 2**40 + 1)])
    document = json.loads(tare("report", saved(builder), "--json").stdout)
    assert document["series"] == [
        {
            "name": "memory_pressure",
            "unit": "percent/100",
            "labels": {},
            "points": [[0, 0], [NS, 250]],
        },
        {
            "name": "rss_bytes",
            "unit": "bytes",
            "labels": MAIN,
            "points": [[0, 1 << 20], [NS, 2**40 + 1]],
        },
    ]


def test_json_leaves_out_where_threads_were(tare, make, saved):
    """Nodes mean nothing without their tree, which the json export has."""
    builder = make().sample([MAIN_5]).program(python_ns=NS)
    builder.add_series("timeline", "node", builder.labels(MAIN), [(0, 1), (NS // 2, -1)])
    path = saved(builder)
    assert json.loads(tare("report", path, "--json").stdout)["series"] == []
    exported = json.loads(tare("export", path, "--to", "json", "-o", "-").stdout)
    assert exported["series"] == [
        {
            "name": "timeline",
            "unit": "node",
            "label_set": builder.labels(MAIN),
            "points": [[0, 1], [NS // 2, -1]],
        }
    ]


def test_json_follows_sort_and_limit(tare, file):
    done = tare("report", file, "--json", "--sort", "name", "--limit", "2")
    document = json.loads(done.stdout)
    assert [row["name"] for row in document["functions"]] == ["fetch", "main"]
    assert len(document["lines"]) == 2
    none = json.loads(tare("report", file, "--json", "--limit", "nothing").stdout)
    assert (none["functions"], none["lines"]) == ([], [])


ALIKE = (
    ("JSONDecoder.decode", "/usr/lib/python3.12/json/decoder.py", 332),
    ("JSONDecoder.raw_decode", "/usr/lib/python3.12/json/decoder.py", 343),
    ("Popen._communicate_with_a_child", "/srv/a/long/way/down/the/tree/of/folders/work.py", 7),
    ("(no Python frame)", "", 0),
)


def test_rows_stay_different_when_they_are_cut(tare, make, saved):
    """At 80 columns: names and places keep their ends, names that Tare made are whole."""
    builder = make()
    for name, file, line in ALIKE:
        kind = "python" if file else "synthetic"
        builder.sample([MAIN_5, (name, file, line, line, kind)], ns=NS)
    builder.sample([MAIN_5, (*ALIKE[0], 332)], "wait_lock_ns", ns=NS)
    path = saved(builder.program(python_ns=4 * NS, wait_lock_ns=NS))
    for columns in ("60", "80", "100"):
        shown = tare("report", path, "--sort", "self", "--limit", "9", env={"COLUMNS": columns})
        rows = shown.stdout.splitlines()[3:]
        ends = [row[30:] for row in rows]
        assert len(set(ends)) == len(rows) == 5
        assert "(no Python frame)" in shown.stdout
    shown = tare("report", path, "--sort", "self", "--limit", "9", env={"COLUMNS": "80"}).stdout
    assert re.search(r" JSONDecoder\.decode  …\S*/decoder\.py:332\n", shown)
    assert re.search(r" …\S*r\.raw_decode  …\S*/decoder\.py:343\n", shown)
    assert re.search(r" …\S*with_a_child  …\S*folders/work\.py:7\n", shown)
    for view in (["--tree"], ["--callees", "main"], []):
        assert "(no Python frame)" in tare("report", path, *view, env={"COLUMNS": "80"}).stdout


def test_narrow_tables_have_one_interval(tare, file):
    wide = tare("report", file, "--limit", "3", env={"COLUMNS": "100"}).stdout
    assert [line.count("±") for line in wide.splitlines()[3:]] == [2, 2, 2]
    narrow = tare("report", file, "--limit", "3", env={"COLUMNS": "99"}).stdout
    assert [line.count("±") for line in narrow.splitlines()[3:]] == [1, 1, 1]


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_trees_keep_their_branches(tare, make, saved, columns):
    builder = make()
    deep = [(f"a_function_with_a_long_name_{level}", "deep/x.py", level, 1) for level in range(40)]
    path = saved(builder.sample(deep).program(python_ns=NS))
    shown = tare("report", path, "--tree", env={"COLUMNS": str(columns)}).stdout
    rows = shown.splitlines()[3:]
    assert len(rows) == 40
    assert all(f"name_{level} " in row or f"e_{level} " in row for level, row in enumerate(rows))
    assert all("└─" in row for row in rows[1:])
    assert max(map(len, rows)) <= columns


def test_no_line_ends_in_blanks(tare, file, make, saved):
    few = saved(make().sample([MAIN_5]).program(python_ns=NS, rate_hz=1), "few.tare")
    views = ([], ["-v"], ["--sort=wait"], ["--lines"], ["--tree"], ["--threads"])
    for path in (file, few):
        for view in (*views, ["--callers=main"]):
            shown = tare("report", path, *view).stdout
            assert [line for line in shown.split("\n") if line != line.rstrip()] == [], view


HOSTILE = "\x1b[2J\u202eevil\n\udcff"


def test_hostile_names_act_nowhere(tare, make, saved):
    frames = [(HOSTILE, HOSTILE + "/x.py", 1, 1), ("</script>", "/tmp/\x07.py", 1, 1)]
    builder = make(target__command=HOSTILE, target__python=HOSTILE, target__cwd="/" + HOSTILE)
    labels = {"process": HOSTILE, "thread": HOSTILE, "main": "1"}
    builder.sample(frames, labels=labels).program(python_ns=NS)
    path = saved(builder)
    views = ["--tree", "--threads", "--lines", "--callers=evil", "--callees=evil", "--limit=9"]
    for view in [[], *([view] for view in views)]:
        shown = tare("report", path, *view).stdout
        assert "evil" in shown
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\udcff]", shown), view
    document = tare("report", path, "--json").stdout
    assert document.isascii()
    assert json.loads(document)["functions"][1]["name"] == "\x1b[2J\u202eevil\n\ufffd"


def test_links_cannot_be_broken_out_of(tare, make, saved):
    """File names become hyperlinks on terminals only, and then percent-encoded."""
    builder = make().sample([("f", "/tmp/a\x1b]8;;b.py", 1, 1)]).program(python_ns=NS)
    shown = tare("report", saved(builder), "--limit", "1", "--color", "always").stdout
    assert "\x1b]8" not in shown


@pytest.mark.parametrize("columns", [60, 80, 100, 140, 300])
def test_nothing_is_wider_than_the_screen(tare, make, saved, columns):
    builder = make(target__command="python " + "x" * 300)
    for number in range(30):
        name = f"a_long_name_of_a_function_{number}." * (number % 5 + 1)
        builder.sample([(name, f"/srv/{'deep/' * number}file.py", number, number)], ns=NS)
    path = saved(builder.program(python_ns=30 * NS))
    for view in (
        [],
        ["--tree"],
        ["--lines"],
        ["--callers", "a_long"],
        ["--threads"],
        ["--limit=9"],
    ):
        shown = tare("report", path, *view, env={"COLUMNS": str(columns)}).stdout
        wrapped = [line for line in shown.splitlines() if not line.startswith("Next: ")]
        assert max(map(len, wrapped)) <= min(columns, 160), view


def test_incomplete_file_is_shown_and_is_exit_code_4(tare, make, saved):
    path = saved(make().sample([MAIN_5]).program(python_ns=NS), complete=False)
    done = tare("report", path)
    assert done.returncode == 4
    assert "The file ends before the measurement did" in " ".join(done.stdout.split())
    assert tare("export", path, "--to", "json").returncode == 4


def test_empty_profile_says_why(tare, make, saved):
    path = saved(make())
    done = tare("report", path)
    assert done.returncode == 0
    assert "No samples" in done.stdout
    assert tare("report", path, "--tree").returncode == 0


@pytest.mark.parametrize("content", [b"", b"\x89Tare", b"# text\n", b"\x80\x02]q\x00." * 99])
def test_what_is_no_profile_is_refused(tare, folder, content):
    (folder / "x.tare").write_bytes(content)
    done = tare("report", "x.tare")
    assert done.returncode == 2
    assert done.stderr.startswith("tare: ") and done.stderr.count("\n") == 1


# ---- export ----


def test_formats_are_listed(tare):
    listed = tare("export").stdout
    assert [line.split()[0] for line in listed.splitlines()][:1] == ["pstats"]


def test_export_is_named_after_the_profile(tare, file, folder):
    done = tare("export", file, "--to", "speedscope")
    assert (done.returncode, done.stdout) == (0, "profile.speedscope.json\n")
    assert json.loads((folder / "profile.speedscope.json").read_text())["profiles"]


def test_export_opens_in_pstats(tare, file, folder):
    assert tare("export", file, "--to", "pstats", "-o", "x.pstats", "-q").stdout == ""
    stats = pstats.Stats(str(folder / "x.pstats"))
    assert stats.total_tt == pytest.approx(20.0)  # the worker's waiting is a raw fact too


def test_export_to_stdout_and_metric(tare, file):
    done = tare("export", file, "--to", "collapsed", "--metric", "wait_socket_ns", "-o", "-")
    (line,) = done.stdout.splitlines()
    assert "fetch" in line and line.endswith(" 3000000000")


def test_export_never_overwrites(tare, file, folder):
    (folder / "profile.json").write_text("precious")
    done = tare("export", file, "--to", "json")
    assert done.returncode == 2
    assert "add --overwrite" in done.stderr
    assert (folder / "profile.json").read_text() == "precious"
    assert tare("export", file, "--to", "json", "-f").returncode == 0


def test_export_names_what_is_missing(tare, file, folder):
    assert "no such metric" in tare("export", file, "--to", "json", "--metric", "calls").stderr
    done = tare("export", file, "--to", "json", "-o", "no/such/folder.json")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
