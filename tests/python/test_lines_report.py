"""tare report and tare export of a profile of lines: as line_profiler would say it.

line_profiler itself is the truth where it has an opinion: it reads our export of the same profile.
"""

import io
import json
import os
import pstats
import re

import pytest
from builder import NS, WORKER

MS, US = NS // 1000, NS // 1_000_000
APP = "/srv/project/app.py"
SUM, CUBE = ("Table.sum", APP, 10), ("cube", APP, 3)
LAMBDA, IDLE = ("Table.sum.<locals>.<lambda>", APP, 13), ("idle", APP, 40)
SOURCE = """\
    def sum(self, rows):
        total = 0
\tfor row in rows:
            key = lambda: row
            total += cube(row.value) + key()  # a comment that goes on until no screen fits it
        # nothing here runs
        return total
""".replace("\t", " " * 8)
HEADER = ["Line #", "Hits", "Time", "Per Hit", "% Time", "Line Contents"]


@pytest.fixture
def builder(make):
    """One method with a lambda inside, one function that it calls, one that never ran."""
    return (
        make(wall_ns=str(2 * NS), lines__line_cost_ns="50.5", lines__calibrated="1")
        .begun(SUM, 2)
        .hit(SUM, 11, 2, 2 * US, raw_ns=3 * US)
        .hit(SUM, 12, 2002, 30 * MS, raw_ns=50 * MS)
        .hit(SUM, 13, 2000, 10 * MS, raw_ns=20 * MS)
        .hit(SUM, 14, 2000, 60 * MS, 960 * MS, raw_ns=80 * MS)
        .hit(SUM, 16, 2, 1 * US, raw_ns=2 * US)
        .hit(LAMBDA, 13, 500, 5 * MS, raw_ns=6 * MS)
        .begun(CUBE, 2000)
        .hit(CUBE, 4, 2000, 900 * MS, raw_ns=920 * MS, labels=WORKER)
        .begun(IDLE)
        .source(SUM, SOURCE)
        .source(CUBE, "def cube(x):\n    return x ** 3\n")
        .source(IDLE, "def idle():\n    pass\n")
    )


@pytest.fixture
def file(builder, saved):
    return saved(builder, "lines.tare")


def report(tare, path, *options, columns=80):
    done = tare("report", path, *options, env={"COLUMNS": str(columns)})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def section(text, name):
    """The lines about one function, its heading first."""
    parts = [part.splitlines() for part in text.split("\n\n")]
    (found,) = [part for part in parts if part[0].startswith(f"{name} ")]
    return found


def cells_of(lines):
    """Header and rows of a table, by the columns under the titles."""
    header = next(line for line in lines if line.lstrip().startswith("Line #"))
    ends = [match.end() for match in re.finditer(r"\S+(?: \S+)*", header)]
    ends[-1] = 1000
    starts = [0, *ends[:-1]]
    rows = lines[lines.index(header) :]
    return [[row[a:b] for a, b in zip(starts, ends, strict=True)] for row in rows]


def table_of(text, name):
    """Title and row cells, stripped but for the indentation of the source."""
    return [
        [*(cell.strip() for cell in row[:-1]), row[-1].removeprefix("  ")]
        for row in cells_of(section(text, name))
    ]


def names_of(text):
    """The functions shown in full, in their order."""
    return re.findall(r"^(\S+) .*(?:Total time|never called)", text, re.M)


# ---- layout ----


def test_the_whole_of_it_on_80_columns(tare, file):
    assert report(tare, file) == """\
python work.py
3 functions, 8,506 lines begun in 2 s of wall time
Python 3.12.1, 1 process, 2 threads

Table.sum  /srv/project/app.py:10  Total time: 1.00 s (self 105 ms), 2 calls
  Line #  Hits    Time  Per Hit  % Time   self  Line Contents
      10                                        def sum(self, rows):
      11     2    2 µs     1 µs     0.0   2 µs      total = 0
      12  2002   30 ms  15.0 µs     3.0  30 ms      for row in rows:
      13  2500   15 ms     6 µs     1.5  15 ms          key = lambda: row
      14  2000  960 ms   480 µs    96.0  60 ms          total += cube(row.value…
      15                                            # nothing here runs
      16     2    1 µs   500 ns     0.0   1 µs      return total

cube  /srv/project/app.py:3  Total time: 900 ms, 2,000 calls
  Line #  Hits    Time  Per Hit  % Time  Line Contents
       3                                 def cube(x):
       4  2000  900 ms   450 µs   100.0      return x ** 3

  Never called: idle

Threads
  hits    self  share  thread
  2000  900 ms  89.6%  101 Thread-1
  6506  105 ms  10.4%  100 MainThread (main)

  Measuring took 71.0 ms of the 1.08 s measured (6.6%); it is taken out of all
  times.
  Time is with all that a line called, self without what is measured itself.

Next: tare run -- python work.py
"""


def test_line_profilers_columns_come_first(tare, make, saved):
    builder = make().begun(CUBE, 1).hit(CUBE, 4, 1, NS, cpu_ns=NS, suspended_ns=NS, error_ns=NS)
    builder.hit(CUBE, 5, 1, NS, 2 * NS)
    wide = table_of(report(tare, saved(builder), columns=140), "cube")
    assert wide[0] == [*HEADER[:-1], "self", "await", "±", "cpu", HEADER[-1]]
    assert wide[1][1:9] == ["1", "1 s", "1 s", "33.3", "1 s", "1 s", "?", "1 s"]
    assert wide[2][5:9] == ["1 s", "", "", ""]


def test_our_columns_are_there_only_where_they_say_something(tare, make, saved):
    path = saved(make().begun(CUBE, 1).hit(CUBE, 4, 1, NS, cpu_ns=0, error_ns=NS // 101))
    assert table_of(report(tare, path, columns=140), "cube")[0] == HEADER


def test_narrow_screens_have_less_and_say_so(tare, make, saved):
    builder = make().begun(CUBE, 1).hit(CUBE, 4, 1, NS, 2 * NS, cpu_ns=NS, suspended_ns=NS)
    path = saved(builder)
    narrow = report(tare, path, columns=60)
    assert table_of(narrow, "cube")[0] == [*HEADER[:3], "% Time", "self", HEADER[-1]]
    assert "More columns on a wider screen: await, cpu" in narrow
    assert "More columns" not in report(tare, path, columns=140)


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_long_lines_are_cut_and_never_wrapped(tare, make, saved, columns):
    builder = make().begun(CUBE, 1).hit(CUBE, 4, 1, NS)
    path = saved(builder.source(CUBE, "def cube(x):\n    return " + "x * " * 50 + "1\n"))
    shown = section(report(tare, path, columns=columns), "cube")
    assert len(shown) == 4 and len(shown[-1]) == columns
    assert re.search(r"  {4}return x \*[x* ]*…$", shown[-1])


def test_lines_that_never_ran_are_blank(tare, file):
    table = table_of(report(tare, file), "Table.sum")
    assert table[1] == ["10", "", "", "", "", "", "def sum(self, rows):"]
    assert table[6] == ["15", "", "", "", "", "", "    # nothing here runs"]


def test_what_is_written_inside_is_on_its_line(tare, file):
    shown = report(tare, file)
    assert "<lambda>" not in shown
    assert table_of(shown, "Table.sum")[4][1:3] == ["2500", "15 ms"]


def test_errors_have_their_column_from_a_percent_on(tare, make, saved):
    builder = make().begun(CUBE, 1).hit(CUBE, 4, 1, 1000, error_ns=10)
    builder.hit(CUBE, 5, 1, 1000, error_ns=501).hit(CUBE, 6, 1, 1000, error_ns=9)
    shown = report(tare, saved(builder), columns=100)
    assert [row[5] for row in table_of(shown, "cube")] == ["±", "1%", "?", "<1%"]
    assert "± is what self may be off by" in shown


def test_await_is_no_part_of_the_time(tare, make, saved):
    builder = make().begun(CUBE, 1).hit(CUBE, 4, 1, 1000, suspended_ns=2 * NS)
    shown = report(tare, saved(builder))
    assert table_of(shown, "cube")[1][:6] == ["4", "1", "1 µs", "1 µs", "100.0", "2 s"]
    assert "await is time suspended" in shown


# ---- which functions, in which order ----


def test_functions_come_by_their_total_time(tare, make, saved):
    builder = make().begun(CUBE, 1).hit(CUBE, 4, 1, 2 * NS).begun(SUM, 1)
    builder.hit(SUM, 11, 1, 1 * NS, 3 * NS)
    path = saved(builder)
    assert names_of(report(tare, path)) == ["Table.sum", "cube"]
    assert names_of(report(tare, path, "--sort", "self")) == ["cube", "Table.sum"]
    assert names_of(report(tare, path, "--sort", "file")) == ["cube", "Table.sum"]
    assert names_of(report(tare, path, "--sort", "name")) == ["Table.sum", "cube"]


def test_sort_by_what_only_tare_counts(tare, make, saved):
    builder = make().begun(CUBE, 9).hit(CUBE, 4, 1, NS).begun(SUM, 1)
    builder.hit(SUM, 11, 1, 2 * NS, cpu_ns=1).begun(IDLE, 3)
    builder.hit(IDLE, 41, 1, 3 * NS, suspended_ns=1)
    path = saved(builder)
    for key, name in (("calls", "cube"), ("cpu", "Table.sum"), ("suspended", "idle")):
        assert names_of(report(tare, path, "--sort", key))[0] == name


def test_settings_of_other_profiles_do_not_apply(tare, file):
    shown = tare("report", file, env={"TARE_SORT": "name", "TARE_TARGET": "1"})
    assert names_of(shown.stdout) == ["Table.sum", "cube"]


@pytest.mark.parametrize(
    ("limit", "names"),
    [("1", ["Table.sum"]), ("0.67", ["Table.sum", "cube"]), ("cube", ["cube"]),
     (r"app\.py:10", ["Table.sum"])],
)  # fmt: skip
def test_limits_are_of_functions(tare, file, limit, names):
    shown = report(tare, file, "--limit", limit)
    assert names_of(shown) == names
    assert f"List reduced from 3 to {len(names)} due to restriction <{limit}>" in shown


def test_a_limit_that_fits_nothing_is_an_error(tare, file):
    done = tare("report", file, "--limit", "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tare: report {file}: no function fits; --limit 1.0 shows all\n"


def test_twenty_functions_unless_told(tare, make, saved):
    builder = make()
    for number in range(23):
        place = (f"f_{number}", APP, 10 * number + 1)
        builder.begun(place, 1).hit(place, 10 * number + 2, 1, NS + number)
    path = saved(builder)
    shown = report(tare, path)
    assert names_of(shown)[:2] == ["f_22", "f_21"] and len(names_of(shown)) == 20
    assert "  3 more functions: --limit N\n" in shown
    assert len(names_of(report(tare, path, "--limit", "1.0"))) == 23


def test_never_called_is_said_and_shown_when_asked_for(tare, file):
    assert "idle  " not in report(tare, file)
    for options in (["--limit", "idle"], ["-v"]):
        shown = report(tare, file, *options)
        heading = section(shown, "idle")[0]
        assert heading == "idle  /srv/project/app.py:40  never called"
        assert table_of(shown, "idle")[1:] == [
            ["40", "", "", "", "", "def idle():"],
            ["41", "", "", "", "", "    pass"],
        ]


def test_many_that_were_never_called_are_counted(tare, make, saved):
    builder = make().begun(CUBE, 1).hit(CUBE, 4, 1, NS)
    for number in range(11):
        builder.begun((f"idle_{number:02}", APP, 100 + number))
    said = " ".join(report(tare, saved(builder)).split())
    assert "Never called: idle_00, idle_01," in said
    assert "idle_06, idle_07 and 3 more functions Next:" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lines"], "--lines is for sampled profiles, this is one of lines"),
        (["--target", "1"], "--target is for sampled profiles, this is one of lines"),
        (["--tree"], "--tree needs callers, this profile has lines"),
        (["--callers", "cube"], "--callers needs callers, this profile has lines"),
        (["--callees=cube"], "--callees needs callers, this profile has lines"),
        (["--sort", "nfl"], "no --sort nfl; it has total, self,"),
        (["--sort", "native"], "no --sort native; it has total, self,"),
    ],
)
def test_what_means_nothing_here_is_refused_in_one_line(tare, file, options, said):
    done = tare("report", file, *options)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_threads(tare, file):
    shown = report(tare, file, "--threads")
    assert [line.split()[:3] for line in shown.splitlines()[-2:]] == [
        ["2000", "900", "ms"], ["6506", "105", "ms"],
    ]  # fmt: skip
    assert "Line #" not in shown


# ---- what measuring cost ----


@pytest.mark.parametrize("engine", ["lines", "trace"])
def test_what_is_missing_is_said(tare, make, saved, engine):
    facts = {"lost_count": "2", "failed_count": "1", "cut_count": "1", "fork_count": "4",
             "calibrated": "0"}  # fmt: skip
    builder = make(**{f"{engine}__{key}": value for key, value in facts.items()})
    said = " ".join(report(tare, saved(builder.begun(CUBE, 1))).split())
    assert "3 lines or writes lost." in said
    assert "4 forked processes not measured." in said
    assert "1 forked process ended by a signal" in said
    assert "What measuring a line costs is not known: it is still in all times." in said


def test_nothing_is_missing_where_nothing_is(tare, file):
    said = report(tare, file)
    assert "lost" not in said and "forked" not in said and "not known" not in said


def test_incomplete_profiles_are_shown_and_are_exit_code_4(tare, builder, saved):
    path = saved(builder, complete=False)
    for view in ([], ["--threads"], ["--json"]):
        assert tare("report", path, *view).returncode == 4
    done = tare("report", path)
    assert "The file ends before the measurement did" in " ".join(done.stdout.split())
    assert names_of(done.stdout) == ["Table.sum", "cube"]


def test_a_profile_of_nothing(tare, make, saved):
    path = saved(make().lines())
    shown = report(tare, path)
    assert "0 functions, 0 lines begun" in shown and "Nothing that was chosen ran" in shown
    assert json.loads(report(tare, path, "--json"))["functions"] == []
    report(tare, path, "--threads")
    only_idle = saved(make().begun(IDLE), "idle.tare")
    assert names_of(report(tare, only_idle)) == ["idle"]


# ---- source ----


def test_without_source_only_what_was_measured_is_shown(tare, make, saved):
    shown = report(tare, saved(make().begun(CUBE, 1).hit(CUBE, 4, 1, NS).hit(CUBE, 9, 1, NS)))
    assert section(shown, "cube")[1].startswith("  Could not find file /srv/project/app.py ")
    assert [row[0] for row in table_of(shown, "cube")[1:]] == ["4", "9"]


@pytest.fixture
def script(folder):
    path = folder / "script.py"
    path.write_text("x = 1\n\n\n@deco\ndef f(a):\n\tif a:\n\t\treturn 2\n\n\ny = 2\n")
    os.utime(path, ns=(10**18, 10**18))
    return path


def test_source_is_read_from_the_file_while_it_is_that_of_the_profile(tare, make, saved, script):
    f = ("f", str(script), 4)
    builder = make().begun(f, 1).hit(f, 6, 1, NS)
    shown = table_of(report(tare, saved(builder)), "f")
    assert [row[-1] for row in shown[1:]] == ["@deco", "def f(a):", "    if a:", "        return 2"]
    assert [row[0] for row in shown[1:]] == ["4", "5", "6", "7"]
    os.utime(script)  # now
    builder.meta["created_unix_ns"] = str(10**18)
    assert "Could not find file script.py as it was" in report(tare, saved(builder))


def test_source_in_the_profile_wins_over_the_file(tare, make, saved, script):
    f = ("f", str(script), 4)
    builder = make().begun(f, 1).hit(f, 5, 1, NS).source(f, "def f(a): # old\n  pass\n")
    shown = table_of(report(tare, saved(builder)), "f")
    assert [row[-1] for row in shown[1:]] == ["def f(a): # old", "  pass"]


def test_a_file_that_is_no_python_is_no_trouble(tare, make, saved, folder):
    path = folder / "odd.py"
    path.write_text("def f(:\n  '''\n" + "(" * 50 + "\n")
    os.utime(path, ns=(10**18, 10**18))
    f = ("f", str(path), 1)
    shown = report(tare, saved(make().begun(f, 1).hit(f, 2, 1, NS)))
    assert table_of(shown, "f")[1][-1] == "def f(:"
    beyond = ("g", str(path), 99)
    assert "Could not find file" in report(tare, saved(make().begun(beyond, 1)))


def test_the_whole_file_is_the_block_of_a_module(tare, make, saved, script):
    module = ("<module>", str(script), 1)
    shown = table_of(report(tare, saved(make().begun(module, 1).hit(module, 1, 1, NS))), "<module>")
    assert [row[0] for row in shown[1:]] == [str(number) for number in range(1, 12)]


def test_lines_beyond_the_source_are_shown_without(tare, make, saved):
    builder = make().begun(CUBE, 1).hit(CUBE, 9, 1, NS).source(CUBE, "def cube(x): ...")
    shown = table_of(report(tare, saved(builder)), "cube")
    assert [(row[0], row[-1]) for row in shown[1:]] == [("3", "def cube(x): ..."), ("9", "")]


# ---- looks ----

HOSTILE = "\x1b[2J\u202eevil\r\n\udcff"
SOURCES = "def \x1b[2Jevil(): \x9b \u202e\n\tpass\x00\x0c\x85\u2028 \udcff\r\n" + "x" * 9_999


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_hostile_names_and_sources_act_nowhere(tare, make, saved, columns):
    evil = (HOSTILE, f"/{HOSTILE}/x.py", 1)
    builder = make(target__command=HOSTILE, target__cwd="/" + HOSTILE)
    labels = {"process": HOSTILE, "thread": HOSTILE}
    builder.begun(evil, 1).hit(evil, 1, 1, NS).hit(evil, 2, 1, NS, labels=labels)
    builder.hit(evil, 3, 1, NS).begun((HOSTILE + "idle", evil[1], 7))
    bare = saved(builder, "bare.tare")
    path = saved(builder.source(evil, SOURCES), "full.tare")
    views = ([], ["-v"], ["--threads"], ["--limit=evil"], ["--color=always"])
    for view, file in [(view, file) for view in views for file in (path, bare)]:
        shown = re.sub("\x1b\\[[0-9;]*m", "", report(tare, file, *view, columns=columns))
        assert "evil" in shown
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\udcff]", shown), view
        lines = [line for line in shown.splitlines() if not line.startswith("Next: ")]
        assert [line for line in lines if len(line) > columns] == [], view
    table = table_of(report(tare, path, columns=140), "\\x1b[2J\\u202eevil\\r\\n\\xff")
    assert [row[0] for row in table[1:]] == ["1", "2", "3"]
    assert report(tare, path, "--json").isascii()


def test_escapes_in_a_source_are_spelled(tare, make, saved):
    builder = make().begun(CUBE, 1).hit(CUBE, 4, 1, NS).source(CUBE, "a\x1b[2J\n\tb\x00\udcff\n")
    shown = table_of(report(tare, saved(builder)), "cube")
    assert [row[-1] for row in shown[1:]] == ["a\\x1b[2J", "    b\\x00\\xff"]


def test_hot_lines_are_coloured_and_cold_ones_dim(tare, file):
    shown = report(tare, file, "--color", "always")
    hot, cold = (line for line in shown.splitlines() if re.search(r" (?:14|11)\b", line[:12]))
    hot, cold = sorted((hot, cold), key=lambda line: "row.value" not in line)
    assert "\x1b[1;31m960 ms\x1b[0m" in hot and "\x1b[1;31m        total +=" in hot
    assert "\x1b[2m    total = 0\x1b[0m" in cold
    assert "\x1b" not in report(tare, file)


def test_plain_streams_get_plain_signs(tare, file):
    shown = tare("report", file, env={"PYTHONIOENCODING": "ascii"}).stdout
    assert "15.0 us" in shown and "\\x" not in shown


# ---- JSON ----


def test_json(tare, file):
    document = json.loads(report(tare, file, "--json"))
    assert document["schema"] == "tare.report/1"
    assert document["measurement"]["line_cost_ns"] == 50.5
    assert (document["lines"], document["verdict"]) == ([], None)
    first, second, idle = document["functions"]
    assert (first["name"], first["file"], first["first_line"]) == SUM
    assert (first["calls"], first["hits"], first["self_ns"]) == (2, 6506, 105_003_000)
    assert first["inclusive_ns"] == 1_000_003_000
    assert first["lines"][3] == {
        "line": 14, "hits": 2000, "self_ns": 60 * MS, "inclusive_ns": 960 * MS,
        "suspended_ns": 0, "raw_ns": 80 * MS, "cpu_ns": 0, "error_ns": 0,
    }  # fmt: skip
    assert second["source"] == ["def cube(x):", "    return x ** 3"]
    assert (idle["calls"], idle["lines"]) == (0, [])
    sums = document["line_sums"]
    assert (sums["hits"], sums["self_ns"]) == (8506, 1_005_003_000)
    assert [thread["hits"] for thread in sums["threads"]] == [2000, 6506]
    assert sums["threads"][0]["labels"] == WORKER


def test_json_follows_sort_and_limit(tare, file):
    shown = report(tare, file, "--json", "--sort", "self", "--limit", "1")
    assert [row["name"] for row in json.loads(shown)["functions"]] == ["cube"]


def test_json_without_source_is_null(tare, make, saved):
    path = saved(make().begun(CUBE, 1).hit(CUBE, 4, 1, NS))
    assert json.loads(report(tare, path, "--json"))["functions"][0]["source"] is None


# ---- what was sampled leads here ----


def sampled(make, **meta):
    return (
        make(**meta)
        .sample([("main", APP, 1, 5)], ns=3 * NS)
        .sample([("main", APP, 1, 5), ("loads", "/usr/lib/python3.12/json/x.py", 3, 4)], ns=9 * NS)
        .sample([("main", APP, 1, 6), ("x y", "net work.py", 7, 9)], ns=2 * NS)
        .sample([("main", APP, 1, 7), ("run", "<string>", 1, 1)], ns=4 * NS)
        .sample([("main", APP, 1, 7), ("len", "", 0, 0, "native")], "native_ns", ns=4 * NS)
        .program(python_ns=18 * NS, native_ns=4 * NS)
    )


def test_lines_of_a_sampled_profile_lead_to_tare_lines(tare, make, saved):
    last = report(tare, saved(sampled(make)), "--lines").splitlines()[-1]
    assert last == (
        f"Next: tare lines -f {APP}:1 -f '/srv/project/net work.py:7' -- python work.py"
    )
    assert "tare lines" not in report(tare, saved(sampled(make)))


def test_the_command_is_given_from_where_it_works(tare, make, saved, folder, tmp_path):
    inside = sampled(make, target__cwd=str(folder))
    last = report(tare, saved(inside), "--lines", "--limit", "net").splitlines()[-1]
    assert last == "Next: tare lines -f 'net work.py:7' -- python work.py"
    other = sampled(make, target__cwd=str(tmp_path))
    last = report(tare, saved(other), "--lines", "--limit", "net").splitlines()[-1]
    assert last == (
        f"Next: cd {tmp_path} && tare lines -f 'net work.py:7' -- python work.py"
    )


@pytest.mark.parametrize("meta", [{"target__mode": "attach"}, {"target__command": "a\x1b"}])
def test_what_cannot_be_started_again_gets_no_command(tare, make, saved, meta):
    assert "tare lines" not in report(tare, saved(sampled(make, **meta)), "--lines")


# ---- exports ----


def export(tare, path, folder, to):
    done = tare("export", path, "--to", to, "-o", "out")
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "out"


def test_line_profiler_reads_our_export(tare, file, folder):
    from line_profiler.line_profiler import LineStats

    path = str(export(tare, file, folder, "lprof"))
    stats = LineStats.from_files(path)
    assert stats.unit == 1e-9
    assert stats.timings == {
        (APP, 10, "Table.sum"): [
            (11, 2, 2 * US), (12, 2002, 30 * MS), (13, 2500, 15 * MS), (14, 2000, 960 * MS),
            (16, 2, US),
        ],
        (APP, 3, "cube"): [(4, 2000, 900 * MS)],
        (APP, 40, "idle"): [],
    }  # fmt: skip
    assert LineStats.from_files(path, path).timings[APP, 3, "cube"] == [(4, 4000, 1800 * MS)]


def test_our_columns_are_those_of_line_profiler(tare, make, saved, script, folder):
    f = ("f", str(script), 4)
    builder = make().begun(f, 3).hit(f, 6, 3, 250 * MS).hit(f, 7, 2, 500 * MS, 750 * MS)
    path = saved(builder)
    from line_profiler.line_profiler import LineStats

    stream = io.StringIO()
    LineStats.from_files(str(export(tare, path, folder, "lprof"))).print(stream, output_unit=1e-3)
    theirs = cells_of(stream.getvalue().splitlines())
    ours = cells_of(section(report(tare, path), "f"))
    for title in ("Line #", "Hits", "Time", "Per Hit", "% Time"):
        left, right = ([row[titles_of(rows).index(title)].strip() for row in rows[1:]
                        if row[0].strip().isdigit()] for rows in (ours, theirs))  # fmt: skip
        assert [number(text) for text in left] == pytest.approx([number(text) for text in right])
    text = [row[-1].strip() for row in theirs if row[0].strip().isdigit()]
    assert text == [row[-1].strip() for row in ours[1:]]


def titles_of(rows):
    return [cell.strip() for cell in rows[0]]


def number(text):
    return float(text.removesuffix(" ms") or -1)


def test_lprof_is_for_lines_only(tare, make, saved):
    path = saved(sampled(make))
    done = tare("export", path, "--to", "lprof")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no hits of lines; tare lines counts them" in done.stderr


def test_lprof_has_one_time_only(tare, file):
    done = tare("export", file, "--to", "lprof", "--metric", "raw_ns")
    assert done.returncode == 2 and "leave the metric out" in done.stderr


def test_hostile_names_are_exported(tare, make, saved, folder):
    from line_profiler.line_profiler import LineStats

    evil = (HOSTILE, HOSTILE, 1 << 20)
    path = saved(make().begun(evil, 1).hit(evil, (1 << 20) + 1, 1 << 40, (1 << 63) + 5))
    timings = LineStats.from_files(str(export(tare, path, folder, "lprof"))).timings
    name = HOSTILE.replace("\udcff", "\ufffd")
    assert timings == {(name, 1 << 20, name): [((1 << 20) + 1, 1 << 40, (1 << 63) + 5)]}


def test_other_formats_have_the_own_time(tare, file, folder):
    text = tare("export", file, "--to", "collapsed", "-o", "-").stdout
    assert f"Table.sum ({APP}:14) {60 * MS}\n" in text
    stats = pstats.Stats(str(export(tare, file, folder, "pstats"))).stats
    assert stats[APP, 3, "cube"][:4] == (2000, 2000, 0.9, 0.9)
