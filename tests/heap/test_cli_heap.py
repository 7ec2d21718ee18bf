"""tare heap: what it prints of files and processes, and how it refuses."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tare.cli import main

PROGRAM = """
import sys, tare.heap
class Kept: pass
cache = {"k": [Kept() for _ in range(int(sys.argv[2]))], "big": bytearray(20 << 20)}
tare.heap.snapshot(sys.argv[1])
"""
ANSWERING = """
import os, sys, time, tare.heap
class Kept: pass
cache = [Kept() for _ in range(777)]
tare.heap.snapshot_on_signal(path=sys.argv[1])
print(os.getpid(), flush=True)
while os.getppid() == int(sys.argv[2]): time.sleep(0.01)
"""


def tare(
    *arguments: str, columns: int = 100, command: str = "heap"
) -> subprocess.CompletedProcess[str]:
    """As the command, in this process."""
    out, error = io.StringIO(), io.StringIO()
    before = dict(os.environ)
    os.environ.update(COLUMNS=str(columns), NO_COLOR="1")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            code = main([command, *arguments])
    finally:
        os.environ.clear()
        os.environ.update(before)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), error.getvalue())


def said(*arguments: str) -> str:
    run = tare(*arguments)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout


def refused(*arguments: str, code: int = 2) -> str:
    run = tare(*arguments)
    assert run.returncode == code, (run.stdout, run.stderr)
    assert run.stdout == ""
    assert run.stderr.startswith("tare: ") and run.stderr.count("\n") == 1
    return run.stderr


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("heap")
    made = []
    for number in (1000, 1500):
        path = folder / f"{number}.tare"
        subprocess.run([sys.executable, "-c", PROGRAM, path, str(number)], check=True)
        made.append(str(path))
    return made[0], made[1]


def test_a_snapshot_is_shown(files):
    text = said(files[0])
    assert "20.0 MiB" in text
    assert "sys.modules['__main__'].cache['big']" in text
    assert "reached from no root" in text
    assert max(map(len, text.split("\n"))) <= 100
    assert max(map(len, tare(files[0], columns=80).stdout.split("\n"))) <= 80
    assert max(map(len, tare(files[0], columns=140).stdout.split("\n"))) <= 140


def test_rows_are_limited_and_ordered(files):
    lines = said(files[0], "--limit", "2", "--sort", "name").split("\n")
    table = lines[lines.index(next(line for line in lines if line.lstrip().startswith("obj"))) :]
    names = [line.split()[-1] for line in table[1:3]]
    assert names == sorted(names)
    assert "more row" in table[3]


def test_by_module_and_by_size(files):
    assert "__main__" in said(files[0], "--by", "module", "--limit", "100")
    assert "up to 32 MiB" in said(files[0], "--by", "size")
    assert "knows their type, module and size" in refused(files[0], "--by", "site")


def test_json_says_what_the_table_says(files):
    document = json.loads(said(files[0], "--json", "--limit", "1000"))
    assert document["schema"] == "tare.census/1"
    rows = {row["key"]: row for row in document["rows"]}
    assert rows["__main__.Kept"]["count"] == 1000
    assert sum(row["count"] for row in document["rows"]) == document["count"]
    assert document["largest"][0]["path"] == "sys.modules['__main__'].cache['big']"
    assert document["meta"]["target.python"] == ".".join(map(str, sys.version_info[:3]))


def test_holders_of_a_type(files):
    assert "sys.modules['__main__'].cache['k'][*]" in said(files[0], "--holders", "__main__.Kept")
    assert said(files[0], "--holders", "__main__.Kept", "--dot").startswith("digraph")
    document = json.loads(said(files[0], "--holders", "__main__.Kept", "--json"))
    assert document["count"] == 1000
    assert "did you mean __main__.Kept?" in refused(files[0], "--holders", "Kept")


def test_what_grew_between_two(files):
    text = said(files[0], "--diff", files[1])
    row = next(line for line in text.split("\n") if line.endswith("__main__.Kept"))
    assert row.split()[0] == "+500"
    assert "Nothing came" in said(files[0], "--diff", files[0])


def test_options_that_do_not_go_together(files):
    assert "add --holders" in refused(files[0], "--dot")
    assert "choose one" in refused(files[0], "--holders", "x", "--diff", files[1])
    assert "copy the file" in refused(files[0], "-o", "x.tare")
    assert "1 to 1000" in refused(files[0], "--limit", "0")


def test_files_that_are_none(tmp_path):
    assert "No such file" in refused(str(tmp_path / "none.tare"))
    (tmp_path / "text").write_text("text")
    assert "not a .tare file" in refused(str(tmp_path / "text"))


@pytest.mark.parametrize("command", ["report", "view", "export"])
def test_a_heap_is_no_profile(files, command):
    more = {"report": [], "view": ["-o", "-"], "export": ["--to", "collapsed"]}[command]
    run = tare(files[0], *more, command=command)
    assert run.returncode == 2 and run.stdout == ""
    assert "a heap in it and no profile; tare heap shows" in run.stderr
    assert run.stderr.count("\n") == 1


def test_a_saved_census_is_shown(tmp_path):
    path = str(tmp_path / "census.tare")
    code = f"import tare.heap; tare.heap.census('class').save({path!r})"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert "dict of module" in said(path, "--limit", "100")
    assert "a census by class" in refused(path, "--by", "type")
    assert "knows no holders" in refused(path, "--holders", "dict")


# ---- processes ----


@pytest.fixture
def answering(tmp_path):
    pattern = str(tmp_path / "heap-{pid}-{n}.tare")
    with subprocess.Popen(
        [sys.executable, "-c", ANSWERING, pattern, str(os.getpid())],
        stdout=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        yield program, int(program.stdout.readline())
        program.kill()


def test_a_process_that_answers_a_signal(answering, tmp_path):
    _program, pid = answering
    assert "777" in said(str(pid), "--limit", "1000")
    kept = tmp_path / "kept.tare"
    run = tare(str(pid), "-o", str(kept), "--holders", "__main__.Kept")
    assert run.returncode == 0, run.stderr
    assert "sys.modules['__main__'].cache[*]" in run.stdout
    assert run.stderr.startswith(f"tare: wrote {kept}")
    assert "777" in said(str(kept), "--limit", "1000")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"heap-{pid}-1.tare", f"heap-{pid}-2.tare", "kept.tare"
    ]  # fmt: skip


def test_a_process_that_cannot_write(answering, tmp_path):
    _program, pid = answering
    for path in tmp_path.iterdir():
        path.unlink()
    tmp_path.rmdir()
    try:
        assert "could not write" in refused(str(pid), code=3)
    finally:
        tmp_path.mkdir()


def test_a_process_that_is_stopped(answering):
    program, pid = answering
    program.send_signal(signal.SIGSTOP)
    assert "has not answered SIGUSR2 within 0.3 s" in refused(str(pid), "--wait", "0.3", code=3)
    program.send_signal(signal.SIGCONT)


UNHEARD = """
import os, signal, sys, tare.heap
tare.heap.snapshot_on_signal(path="{n}.tare")
signal.raise_signal(signal.SIGUSR2)
os.chmod(".", 0o500)
tare.heap.snapshot_on_signal(path="none/{n}.tare")
for stream in (None, sys.stderr):
    sys.stderr = stream
    if stream is not None:
        stream.close()
    signal.raise_signal(signal.SIGUSR2)
tare.heap.snapshot_on_signal(path="a\\0b")
signal.raise_signal(signal.SIGUSR2)
print("unharmed")
"""


def test_a_program_in_an_odd_folder_that_cannot_be_heard(tmp_path):
    folder = tmp_path / "{of} {0} }{"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", UNHEARD], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("unharmed\n", 0), done.stderr
    folder.chmod(0o700)
    assert [path.name for path in folder.iterdir()] == ["1.tare"]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="can be asked")
def test_a_process_that_has_announced_nothing():
    with subprocess.Popen(
        [sys.executable, "-c", "print(1, flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        program.stdout.readline()
        assert "put tare.heap.snapshot_on_signal()" in refused(str(program.pid), code=3)
        assert program.poll() is None
        program.communicate(b"\n")
    assert program.returncode == 0


ANNOUNCING = """
import os, signal, sys
file = os.memfd_create("tare-heap")
def write(text): os.pwrite(file, os.fsencode(text).ljust(1 << 16), 0)
signal.signal(signal.SIGUSR2, lambda *_: write(sys.argv[2]))
write(sys.argv[1])
print(1, flush=True)
input()
"""
STATE = {"signal": int(signal.SIGUSR2), "count": 0, "path": "", "error": ""}


def announced(before: object, after: object = STATE) -> str:
    """What is said of a program with such a file; it is not harmed."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in (before, after)]
    with subprocess.Popen(
        [sys.executable, "-c", ANNOUNCING, *texts], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        words = refused(str(program.pid), "--wait", "0.3", code=3)
        program.communicate(b"\n")
    assert program.returncode == 0
    return words


def test_announcements_that_are_no_such_thing():
    for text in ("", "text", "[" * 60000, "{", '"text"', "[1]"):
        assert "announced" in announced(text), text[:10]
    for change in (
        {"signal": 999}, {"signal": -1}, {"signal": True}, {"signal": 1.5}, {"signal": None},
        {"count": "1"}, {"path": None}, {"path": "a\0b"}, {"error": 1},
    ):  # fmt: skip
        assert "of another version" in announced({**STATE, **change}), change
    for key in STATE:
        rest = {name: value for name, value in STATE.items() if name != key}
        assert "of another version" in announced(rest), key
    assert "of another version" in announced(STATE, {**STATE, "count": 1, "path": 5})
    assert "could not write: x" in announced(STATE, {**STATE, "count": 1, "error": "x\n\x1b[31m"})


def test_what_is_no_process_or_no_python():
    with subprocess.Popen(["sleep", "60"]) as program:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if Path(f"/proc/{program.pid}/comm").read_text().strip() == "sleep":
                break
        assert "has no Python in it" in refused(str(program.pid), code=3)
        assert program.poll() is None
        program.kill()
    assert "no such process" in refused(str(program.pid), code=3)
