"""The command: what it prints, how it exits, and what it says of mistakes."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from typing import NamedTuple

import pytest

from tare.cli import main

TIMEOUT_SECONDS = 120
OLD = """
import sys, time
def solve(n=200):
    out = []
    for i in range(n): out.insert(0, i)
    return out
def wrong(n=200): return list(range(n))
def needs(n): return n
def loops():
    while True: pass
def dies(): import os; os.kill(os.getpid(), 9)
def lacks(): import no_such_module
value = 3
if __name__ == "__main__":
    print("sum", sum(i * i for i in range(100000)), *sys.argv[1:])
"""
NEW = """
import sys
def solve(n=200):
    out = list(range(n))
    out.reverse()
    return out
if __name__ == "__main__":
    print("sum", sum(i * i for i in range(100000)), *sys.argv[1:])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("project")
    (path / "old.py").write_text(OLD)
    (path / "new.py").write_text(NEW)
    (path / "bad.py").write_text("print('sum', 4)\n")
    (path / "broken.py").write_text("import no_such_module\n")
    return path


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def compare(folder):
    """The command in this process, which saves starting an interpreter each time."""

    def call(*arguments, **environ):
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("TARE_")]:
                patch.delenv(name)
            for name, value in {"NO_COLOR": "1", "COLUMNS": "100", **environ}.items():
                patch.setenv(name, value)
            patch.chdir(folder)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = main(["compare", *arguments])
        texts = []
        for stream in (out, err):
            stream.flush()
            texts.append(stream.buffer.getvalue().decode())
        return Done(code, *texts)

    return call


@pytest.fixture(scope="module")
def functions(compare):
    return compare("old.py:solve", "new.py:solve", "--args", "300", "--processes", "5",
                   COLUMNS="80")  # fmt: skip


def test_a_page_at_eighty_columns(functions):
    done = functions
    assert done.returncode == 0 and done.stderr == ""
    first, *rest = done.stdout.splitlines()
    assert first.startswith("new.py:solve is ") and first.endswith("x faster than old.py:solve")
    labels = [line.split()[0] for line in rest if line[2:3] != " "]
    assert labels[:4] == ["results", "time", "memory", "power"] and "machine" in labels
    assert "same: 300 values" in rest[0]
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_the_figure_is_right(functions):
    """insert(0, x) of 300 is several times as much work as filling and reversing a list."""
    line = next(line for line in functions.stdout.splitlines() if line.startswith("  time"))
    ratio = float(line.split("  ")[-1].split("x faster")[0])
    assert ratio > 2, functions.stdout


def test_the_other_way_round_is_slower(compare):
    done = compare("new.py:solve", "old.py:solve", "--processes", "5")
    assert done.returncode == 1 and "x slower than new.py:solve" in done.stdout


def test_different_results_end_it(compare):
    done = compare("old.py:solve", "old.py:wrong")
    assert done.returncode == 1 and "faster" not in done.stdout
    assert "result[0]: 199 against 0" in done.stdout.splitlines()[0]
    done = compare("old.py", "bad.py")
    assert done.returncode == 1 and "stdout, line 1" in " ".join(done.stdout.split())


def test_json(compare):
    done = compare("-s", "x = 3", "-e", "x * x", "-e", "x + 6", "--processes", "3", "--json")
    found = json.loads(done.stdout)
    assert found["schema"] == "tare.compare/1" and found["agreement"]["same"] is True
    assert set(found["ratio"]) == {"value", "low", "high"}
    assert [len(one["blocks"]) for one in found["processes"]] == [32] * len(found["processes"])
    assert {len(block) for one in found["processes"] for block in one["blocks"]} == {9}


def test_markdown(compare):
    done = compare("old.py:solve", "new.py:solve", "--processes", "3", "--markdown")
    header, rule, row = done.stdout.splitlines()[:3]
    assert header.count("|") == rule.count("|") == row.count("|") == 6
    assert "**faster**" in row


def test_several_with_the_first(compare):
    done = compare(
        "-s", "L = list(range(3000))", "-e", "sum(L) + sum(L)", "-e", "sum(L) * 2",
        "-e", "sum(L) * 3", "--processes", "4", "--seconds", "2",
    )  # fmt: skip
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any("faster" in line and "x faster, 95%" in line for line in lines)
    assert any("different results" in line for line in lines)


def test_a_file_of_pairs(compare, folder):
    (folder / "pairs.toml").write_text(
        'setup = "L = list(range(2000))"\nseconds = 1\n'
        '[[pair]]\nname = "twice"\na = "sum(L) + sum(L)"\nb = "sum(L) * 2"\n'
        '[[pair]]\nname = "half"\na = "sum(L) * 2"\nb = "sum(L) + sum(L)"\n'
    )
    done = compare("--pairs", "pairs.toml", "--json")
    found = json.loads(done.stdout)
    assert [one["name"] for one in found["comparisons"]] == ["twice", "half"]
    assert [one["verdict"] for one in found["comparisons"]] == ["faster", "slower"]
    mean = found["geometric_mean"]
    assert mean["low"] < 1 < mean["high"] and 0.8 < mean["value"] < 1.25
    assert done.returncode == 1


def test_scripts_with_arguments(compare):
    done = compare("old.py", "new.py", "--processes", "3", "--json", "--", "x", "--y")
    found = json.loads(done.stdout)
    assert found["how"] == "commands" and found["agreement"]["same"] is True
    assert found["a"]["command"].endswith("old.py x --y")
    assert found["memory"]["a"]["value"] > 4e6  # bytes: an interpreter


def test_commands_that_wait_are_timed_by_the_wall(compare):
    done = compare("sleep 0.05", "sleep 0.02", "--processes", "6", "--json")
    found = json.loads(done.stdout)
    assert found["clock"] == "wall" and found["verdict"] == "faster"
    assert 1.5 < found["ratio"]["value"] < 3


def test_two_interpreters(compare, tmp_path):
    other = tmp_path / "python"
    other.symlink_to(os.path.realpath(sys.executable))
    pythons = ("--python", sys.executable, "--python", str(other))
    done = compare(*pythons, "old.py:solve", "--processes", "3", "--json")
    found = json.loads(done.stdout)
    assert found["how"] == "lockstep" and found["agreement"]["same"] is True
    assert done.returncode in (0, 1, 4)


def test_quiet_is_the_verdict_alone(compare):
    done = compare("-q", "old.py:solve", "new.py:solve", "--processes", "2")
    assert len(done.stdout.splitlines()) <= 2 and done.stderr == ""


def test_a_tolerance_makes_them_agree(compare):
    sides = ("-s", "x = 1.0", "-e", "y = x + 1e-12", "-e", "y = x * 1", "--processes", "2")
    assert compare(*sides).returncode == 1
    assert "Results differ" not in compare(*sides, "--rtol", "1e-9").stdout


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["old.py:needs", "old.py:needs"], "give arguments with --args"),
        (["old.py:solve", "new.py:solve", "--args", "3 +"], "is no list of arguments"),
        (["old.py:solve", "new.py:solve", "--args", "nobody"], "raised NameError"),
        (["old.py:gone", "new.py:solve"], "has no gone; it has"),
        (["old.py:value", "new.py:solve"], "is no function but a int"),
        (["old.py:loops", "old.py:loops", "--timeout", "0.7"], "took longer than 0.7 s"),
        (["old.py:dies", "old.py:dies"], "was killed by SIGKILL"),
        (["old.py:lacks", "old.py:lacks"], "No module named 'no_such_module'"),
        (["broken.py:f", "new.py:solve"], "load"),
        (["broken.py", "broken.py"], "nothing to time: both exited with 1"),
        (["old.py", "nowhere.py"], "nowhere.py: no such file"),
        (["old.py:solve", "new.py"], "compare two of a kind"),
        (["-e", "x = ", "-e", "1"], "invalid syntax"),
        (["-e", "return 1", "-e", "1"], "outside function"),
        (["-s", "1 / 0", "-e", "pass", "-e", "pass"], "the setup of pass raised ZeroDivisionError"),
        (["-e", "1 + 1", "-e", "2"], "takes no longer than an empty loop"),
        (["-e", "import sys; sys.exit(3)", "-e", "1"], "raised SystemExit(3)"),
        (["--python", "sh", "-e", "[1]", "-e", "[1]"], "its process exited with"),
        (["--pairs", "gone.toml"], "read gone.toml: No such file"),
        (["old.py", "new.py", "--json", "--markdown"], "choose one"),
        (["old.py", "new.py", "--processes", "1"], "is not a number of processes"),
    ],
)
def test_mistakes_are_one_line(compare, arguments, part):
    done = compare(*arguments)
    assert done.stdout == "" or "Results differ" in done.stdout, done.stdout
    lines = (done.stderr or done.stdout).splitlines()
    assert part in " ".join(" ".join(lines).split()), lines
    assert done.stdout or (len(lines) == 1 and lines[0].startswith("tare: "))
    assert done.returncode == (1 if done.stdout else 2)
    assert "Traceback" not in done.stderr


def own_processes(folder):
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    return [line for line in running.splitlines() if str(folder) in line]


def files_in(folder):
    return [name for name in sorted(os.listdir(folder)) if name != "__pycache__"]


def test_nothing_is_left_behind(compare, folder):
    before = files_in(folder)
    compare("old.py:loops", "old.py:loops", "--timeout", "0.5")
    assert files_in(folder) == before
    assert own_processes(folder) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, -2), (signal.SIGTERM, 143)])
def test_whoever_ends_it_ends_what_it_started(folder, tmp_path, number, code):
    """The script never ends and says that it has begun, by a file."""
    script, begun = tmp_path / "endless.py", tmp_path / "begun"
    script.write_text(f"open({str(begun)!r}, 'w').close()\nwhile True: pass\n")
    command = [sys.executable, "-m", "tare", "compare", script, script]
    with subprocess.Popen(command, stderr=subprocess.PIPE, cwd=folder) as started:
        while not begun.exists() and started.poll() is None:
            time.sleep(0.02)
        started.send_signal(number)
        assert started.wait(TIMEOUT_SECONDS) == code
        assert started.stderr.read() == b""
    assert own_processes(tmp_path) == []


def test_revisions_of_git(compare, folder, tmp_path):
    """The first revision does twice the work of the second one."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for count in (400_000, 200_000):
        (tmp_path / "work.py").write_text(f"for _ in range({count} * 5): pass\nprint(7)\n")
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", str(count)]):
            subprocess.run([*git, *words], cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-m", "tare", "compare", "HEAD~1", "HEAD", "--processes", "8", "--json",
         "--", sys.executable, "work.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["how"] == "commands" and found["agreement"]["same"] is True
    assert (found["a"]["name"], found["b"]["name"]) == ("HEAD~1", "HEAD")
    assert found["ratio"]["value"] > 1.2  # twice, and the start of an interpreter
