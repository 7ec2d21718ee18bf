"""tare whatif of a profile whose shares are known; names, and what is a mistake; other
interpreters that are scripts."""

import json
import sys

import pytest
from builder import NS, WORKER

from tare.cli.failure import Failure
from tare.cli.whatif import function_at, row_of
from tare.whatif.runtimes import run as run_under

APP = "/srv/project/app.py"
MAIN_5, SLOW, QUICK = ("main", APP, 1, 5), ("Reader.slow", APP, 10, 12), ("quick", APP, 30, 31)


@pytest.fixture
def file(make, saved):
    """main: 10 s, of which 1 are its own, slow's 6 and quick's 1, called by slow, and 2 elsewhere;
    with what it calls slow has 7."""
    builder = (
        make()
        .sample([MAIN_5], ns=1 * NS, program_ns=1 * NS)
        .sample([MAIN_5, SLOW], ns=6 * NS, program_ns=6 * NS)
        .sample([MAIN_5, SLOW, QUICK], ns=1 * NS, program_ns=1 * NS)
        .sample([MAIN_5, QUICK], "wait_socket_ns", ns=2 * NS, program_ns=2 * NS)
        .program(python_ns=8 * NS, wait_socket_ns=2 * NS)
    )
    return saved(builder)


def gains(done, index=0):
    """Of a part: its share, then by times how much is saved."""
    assert done.returncode == 0, done.stderr
    part = json.loads(done.stdout)["parts"][index]
    return part, {gain["times"]: gain["saved_share"] for gain in part["gains"]}


def test_it_is_amdahls_law(tare, file):
    part, saved = gains(tare("whatif", "--json", file))
    assert (part["name"], part["what"]) == ("Reader.slow", "own")
    assert part["share"]["value"] == pytest.approx(0.6)
    for times in (2.0, 4.0, 10.0):
        for bound in ("value", "low", "high"):
            assert saved[times][bound] == pytest.approx(part["share"][bound] * (1 - 1 / times))
    assert saved[None] == part["share"]
    ratio = part["gains"][-1]["ratio"]
    assert ratio["value"] == pytest.approx(2.5)
    assert ratio["low"] < 2.5 < ratio["high"]


def test_a_function_that_was_asked_for_has_two_shares(tare, file):
    for name in ("slow", "Reader.slow", "app:slow"):
        done = tare("whatif", "--json", "-f", name, "--by", "3", file)
        own, saved = gains(done)
        both, _ = gains(done, 1)
        assert (own["what"], both["what"]) == ("own", "all")
        assert own["share"]["value"] == pytest.approx(0.6)
        assert both["share"]["value"] == pytest.approx(0.7)
        assert list(saved) == [3.0, None]


def test_a_line(tare, file):
    part, _ = gains(tare("whatif", "--json", "-f", "app.py:12", file))
    assert (part["line"], part["share"]["value"]) == (12, pytest.approx(0.6))
    done = tare("whatif", "-f", "app.py:13", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no time at app.py:13" in done.stderr


def test_what_it_prints(tare, file):
    shown = tare("whatif", file, env={"COLUMNS": "80"}).stdout
    first = next(line for line in shown.splitlines() if "60.0%" in line)
    assert "-30.0%" in first and "-45.0%" in first and "-54.0%" in first and "2.50x" in first
    assert max(map(len, shown.splitlines())) <= 80
    shown = tare("whatif", "-f", "slow", file, env={"COLUMNS": "80"}).stdout
    gone = next(line for line in shown.splitlines() if line.split()[:1] == ["gone"])
    assert gone.split()[1:4] == ["4", "s", "-60.0%"]


def test_where_shares_lie_it_says_so(tare, make, saved, file):
    assert "By trying" in tare("whatif", file).stdout  # quick waits for a socket
    builder = (
        make()
        .sample([MAIN_5], ns=4 * NS, program_ns=2 * NS)
        .sample([SLOW], ns=4 * NS, program_ns=2 * NS, labels=WORKER)
        .program(python_ns=4 * NS)
    )
    shown = tare("whatif", saved(builder, "threads.tare")).stdout
    assert "worked at the same time" in shown and "By trying" in shown
    builder = make().sample([MAIN_5], ns=4 * NS, program_ns=4 * NS).program(python_ns=4 * NS)
    assert "By trying" not in tare("whatif", saved(builder, "plain.tare")).stdout


def test_a_trace(tare, make, saved):
    builder = (
        make()
        .call([("main", APP, 1)], 1, 30, error_ns=3)
        .call([("main", APP, 1), ("slow", APP, 9)], 4, 70, error_ns=7)
    )
    part, _ = gains(tare("whatif", "--json", "-f", "slow", saved(builder)))
    assert part["share"] == {"value": pytest.approx(0.7), "low": pytest.approx(0.63),
                             "high": pytest.approx(0.77)}


@pytest.mark.parametrize(("arguments", "words"), [
    (["--by", "1"], "faster is more than 1"),
    (["--by", "0.5"], "faster is more than 1"),
    (["-f", "nothing"], "no function nothing in it"),
    (["-f", "quik"], "did you mean quick?"),
    (["--progress", "main"], "needs a TARGET"),
    (["--runtimes"], "needs a TARGET"),
    (["--slow-down"], "needs a TARGET"),
])
def test_mistakes_with_a_profile_are_one_line(tare, file, arguments, words):
    done = tare("whatif", *arguments, file)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr and done.stderr.count("\n") == 1


def test_mistakes_with_a_target_are_one_line(tare, folder):
    (folder / "fails.py").write_text("def f(): pass\nf()\nraise SystemExit('it is broken')\n")
    (folder / "works.py").write_text("def f(): pass\ndef g(): pass\nf()\ng()\n")
    for arguments, words in (
        (["-f", "f", "fails.py"], "exit code 1: it is broken"),
        (["-f", "h", "works.py"], "no such function ran"),
        (["-f", "works.py:9", "works.py"], "no function is there"),
        (["-f", "f", "--progress", "h", "works.py"], "no such function ran"),
        (["-f", "f", "--progress", "g", "works.py"], "it was called once"),
        (["-f", "f", "-"], "standard input can be read once"),
        (["-f", "f", "nowhere.py"], "no such file"),
        (["-f", "f", "--runtimes", "works.py"], "leave -f"),
    ):
        done = tare("whatif", "-q", *arguments)
        assert done.returncode in (2, 4) and done.stdout == ""
        assert words in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_lines_are_functions(tmp_path):
    path = tmp_path / "some.py"
    path.write_text("""\
class Reader:
    def parse(self):
        def inner():
            return 1
        return inner

    async def fetch(self):
        pass

@property
def plain(
    x,
):
    return [y for y in x]
x = 1
""")
    named = {3: "Reader.parse.<locals>.inner", 4: "Reader.parse.<locals>.inner",
             5: "Reader.parse", 8: "Reader.fetch", 11: "plain", 14: "plain"}
    assert {line: function_at(str(path), line) for line in named} == named
    assert row_of(f"{path}:8") == "l some.py:Reader.fetch"
    assert row_of("Reader.parse") == "f Reader.parse"
    for line in (6, 15, 99):
        with pytest.raises(Failure, match="no function is there"):
            function_at(str(path), line)
    path.write_text("def f(:\n")
    with pytest.raises(Failure, match="give the name of a function"):
        function_at(str(path), 1)


def interpreter(tmp_path, name, body):
    path = tmp_path / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return name, str(path)


def test_other_interpreters(tmp_path):
    """The same, slower; something else; a module missing; a crash; one that never ends."""
    program = tmp_path / "program.py"
    program.write_text("print(6 * 7)\n")
    real = ("real", sys.executable)
    slower = interpreter(tmp_path, "slower", f'sleep 0.3; exec {sys.executable} "$@"')
    others = [
        slower,
        interpreter(tmp_path, "wrong", "echo 43"),
        interpreter(tmp_path, "lacks", "echo \"ModuleNotFoundError: No module named 'numpy'\" >&2;"
                    " exit 1"),
        interpreter(tmp_path, "crashes", "kill -SEGV $$"),
        interpreter(tmp_path, "hangs", "sleep 1000"),
    ]
    found = {one.name: one for one in run_under([str(program)], [real, *others], 0.1, 5.0,
                                                lambda words: None)}
    assert list(found) == ["real", "slower", "wrong", "lacks", "crashes", "hangs"]
    assert found["real"].ratio.value == 1
    assert found["slower"].ratio.value < 0.75
    assert "prints something else" in found["wrong"].why
    assert "needs the module numpy" in found["lacks"].why
    assert "signal 11" in found["crashes"].why
    assert "not over after 5 s" in found["hangs"].why
    assert all(found[name].ratio is None for name in ("wrong", "lacks", "crashes", "hangs"))


def test_output_that_changes_is_not_compared(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import os\nprint(os.getpid())\n")
    again = interpreter(tmp_path, "again", f'exec {sys.executable} "$@"')
    found = run_under([str(program)], [("real", sys.executable), again], 0.1, 60.0,
                      lambda words: None)
    assert len(found) == 2
    assert all(one.ratio and "changes from run to run" in one.why for one in found)


def test_the_first_interpreter_must_run_it(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("raise ValueError('no')\n")
    with pytest.raises(Failure, match="ValueError: no"):
        run_under([str(program)], [("real", sys.executable)], 0.1, 60.0, lambda words: None)
