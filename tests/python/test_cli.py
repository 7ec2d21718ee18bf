"""Commands that start a target: what reaches it, what is printed where, how they end."""

import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from tare.cli.failure import Failure
from tare.cli.progress import next_moment
from tare.cli.target import make_command, split_arguments, stem_of

COMMANDS = ("run", "attach", "top", "dump", "report", "view", "trace", "export", "import", "doctor")
ECHO = "import sys; print(sys.argv[1:]); sys.stderr.write('its own words\\n')"


def one_line(text):
    """An error as it must be: one line that begins with tare:"""
    assert text.startswith("tare: ") and text.count("\n") == 1, text
    assert "Traceback" not in text
    return text


# ---- the command line ----


def test_help_names_every_command(tare):
    done = tare("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(tare, command):
    done = tare(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: tare {command}" in done.stdout


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_eighty_columns(tare, command):
    shown = tare(*filter(None, [command]), "--help", env={"COLUMNS": "80"}).stdout
    assert [line for line in shown.splitlines() if len(line) > 79 or line != line.rstrip()] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu"], "did you mean tare run?"),
        (["x" * 50], "no such command"),
        (["run"], "nothing to run"),
        (["run", "--"], "nothing to run after --"),
        (["run", "-m"], "-m needs a module"),
        (["run", "missing.py"], "run missing.py: no such file"),
        (["run", "true"], "for a command write: tare run -- true"),
        (["run", "--", "no-such-command"], "run no-such-command: no such command"),
        (["run", "--python", "no-such-python", "-c", "pass"], "no such interpreter"),
        (["run", "--rate", "0", "-c", "pass"], "'0' is not a positive number"),
        (["run", "--rate", "1.5", "-c", "pass"], "not a whole number"),
        (["run", "--hold", "51", "-c", "pass"], "'51' is not a number from 0.01 to 50"),
        (["attach", "--hold", "no", "77"], "'no' is not a positive number"),
        (["run", "--target", "soon", "-c", "pass"], "'soon' is not a positive number"),
        (["run", "--speed", "-c", "pass"], "--speed"),
        (["trace"], "nothing to run"),
        (["trace", "--clock", "sun", "-c", "pass"], "sun"),
        (["trace", "--", "true"], "a command must begin with a Python interpreter"),
        (["trace", "-o", "no/such/x", "-c", "pass"], "write no/such/x: No such file or dir"),
        (["run", "--color", "blue", "-c", "pass"], "blue"),
        (["attach"], "PID"),
        (["attach", "x"], "'x' is not a process id"),
        (["attach", "0"], "'0' is not a process id"),
        (["dump", "1", "2"], "2"),
        (["report"], "FILE"),
        (["report", "missing.tare"], "No such file"),
        (["export", "missing.tare"], "which format?"),
        (["export", "missing.tare", "--to", "x"], "no format x"),
        (["report", "."], "read .: it is not a regular file; give a .tare file"),
        (["report", "missing.tare"], "No such file or directory; check the name"),
        (["run", "-o", "no/such/x", "-c", "print(1)"], "write no/such/x: No such file or dir"),
        (["run", "-o", "no/such/x", "-c", "print(1)"], "; create its directory first, or give"),
        (["run", "-o", ".", "-c", "print(1)"], "write .: Is a directory; give the name of a file"),
        (["run", "-f", "-o", ".", "-c", "print(1)"], "write .: Is a directory; give the name"),
        (["run", "-o", "/dev/null/x", "-c", "print(1)"], "write /dev/null/x: Not a directory; "),
        (["run", "--json", "no/such/x", "-c", "print(1)"], "; create its directory first, or give"),
        (["run", "--", "."], "run .: it is a directory; give a program"),
        (["run", "--", "no-such-command"], "; give its path, or install it"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(tare, arguments, words):
    done = tare(*arguments)
    assert done.returncode == 2
    assert words in one_line(done.stderr)
    assert done.stdout == ""


def test_hostile_words_are_not_printed_raw(tare):
    done = tare("run", "\x1b[2J\nevil.py")
    assert "\\x1b[2J\\nevil.py" in one_line(done.stderr)


def test_missing_sampler_is_one_line(tare):
    done = tare("run", "-c", "pass", env={"TARE_SAMPLE": "/no/such/sampler"})
    assert done.returncode == 2
    assert "/no/such/sampler" in one_line(done.stderr)


# ---- targets ----

NAMES = ("rate", "output", "quiet", "no_children")


@pytest.mark.parametrize(
    ("arguments", "own", "target"),
    [
        (["x.py"], [], ["x.py"]),
        (["--rate", "5", "x.py", "--rate", "7"], ["--rate", "5"], ["x.py", "--rate", "7"]),
        (["--rate=5", "-q", "x.py", "-q"], ["--rate=5", "-q"], ["x.py", "-q"]),
        (["-o", "out", "-m", "mod", "-o"], ["-o", "out"], ["-m", "mod", "-o"]),
        (["-oout", "-c", "code"], ["-oout"], ["-c", "code"]),
        (["--no-children", "--", "ls", "-l"], ["--no-children"], ["--", "ls", "-l"]),
        (["-"], [], ["-"]),
        (["-q"], ["-q"], []),
    ],
)
def test_own_options_end_where_the_target_begins(arguments, own, target):
    assert split_arguments(arguments, NAMES) == (own, target)


@pytest.mark.parametrize(
    ("target", "stem"),
    [
        (["a/b/script.py", "x"], "script"),
        (["-m", "http.server"], "http.server"),
        (["-m", "pkg.__main__"], "pkg"),
        (["-c", "pass"], "code"),
        (["-"], "code"),
        (["--", "/usr/bin/gunicorn", "x"], "gunicorn"),
        (["dir/"], "dir"),
        (["../.."], "code"),
        (["we ird\n.py"], "we_ird_"),
        (["-m", "-x"], "x"),
        (["a" * 200], "a" * 60),
    ],
)
def test_files_are_named_after_the_target(target, stem):
    assert stem_of(target) == stem


def test_interpreter_is_named_active_or_own(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    target = ["-c", "pass"]
    assert make_command(target, str(python), {})[0] == str(python)
    assert make_command(target, None, {"VIRTUAL_ENV": str(tmp_path)})[0] == str(python)
    assert make_command(target, None, {"VIRTUAL_ENV": "/no/such"})[0] == sys.executable
    assert make_command(target, None, {})[0] == sys.executable
    with pytest.raises(Failure):
        make_command(target, "/no/such", {})


def test_target_gets_its_own_arguments_and_streams(tare):
    done = tare("run", "--rate", "99", "-c", ECHO, "a b", "--rate", "7", "-x", "--", "")
    assert done.returncode == 0
    assert done.stdout == "['a b', '--rate', '7', '-x', '--', '']\n"
    assert "its own words\n" in done.stderr


def test_target_gets_stdin_and_directory(tare, folder):
    code = "import os, sys; print(os.getcwd(), sys.stdin.read())"
    with open(folder / "in", "w+") as stream:
        stream.write("hello")
        stream.seek(0)
        done = tare("run", "-q", "-c", code, stdin=stream)
    assert done.stdout == f"{folder} hello\n"


def test_command_lines_run_as_they_are(tare):
    done = tare("run", "-q", "--", "sh", "-c", "echo $0 $1", "a", "b")
    assert (done.returncode, done.stdout, done.stderr) == (0, "a b\n", "")


def test_module_and_script(tare, folder):
    (folder / "mod.py").write_text("import sys; print(__name__, sys.argv[1:])")
    assert tare("run", "-q", "-m", "mod", "x").stdout == "__main__ ['x']\n"
    assert tare("run", "-q", "mod.py", "x").stdout == "__main__ ['x']\n"


def test_interpreters_own_message_passes_through(tare, folder):
    (folder / "wrong.py").write_text("def f(:\n")
    done = tare("run", "-q", "wrong.py")
    assert done.returncode == 1
    assert "SyntaxError" in done.stderr


# ---- endings ----


@pytest.mark.parametrize("code", [0, 1, 3, 42, 255])
def test_exit_code_is_the_targets(tare, code):
    assert tare("run", "-c", f"raise SystemExit({code})").returncode == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT])
def test_signal_is_the_targets_and_leaves_no_core(tare, folder, number):
    code = f"import os, signal; signal.signal({int(number)}, signal.SIG_DFL)"
    if number == signal.SIGKILL:
        code = "import os"
    done = tare("run", "-c", f"{code}; os.kill(os.getpid(), {int(number)})")
    assert done.returncode == -number
    assert "4 s of wall time" in done.stderr  # the verdict all the same
    assert not list(folder.glob("core*"))


# A signal that comes just before a sleep does not cut it short: sleep often, not long.
NAP = "[time.sleep(0.01) for _ in range(3000)]"


def start(tare, *arguments, **options):
    """A tare command that is running; its target has said that it is ready."""
    process = tare(*arguments, run=subprocess.Popen, **options)
    process.stdout.readline()
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM])
def test_signals_reach_the_target(tare, number):
    code = (
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(7))\n"
        f"print('ready', flush=True)\n{NAP}"
    )
    process = start(tare, "run", "-c", code)
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == 7


def test_interrupt_from_the_terminal_is_the_targets_alone(tare):
    """The whole group gets SIGINT; Tare outlives it and reports how the target ended."""
    code = (
        "import sys, time\n"
        f"try:\n    print('ready', flush=True); {NAP}\n"
        "except KeyboardInterrupt:\n    sys.exit(9)"
    )
    process = start(tare, "run", "-c", code, start_new_session=True)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 9
    assert "Traceback" not in error
    assert "4 s of wall time" in error


def test_ignored_signals_stay_ignored_in_the_target(tare):
    code = "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"
    plain = tare("run", "-q", "-c", code)
    ignoring = tare(
        "run", "-q", "-c", code, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)
    )
    assert (plain.stdout, ignoring.stdout) == ("False\n", "True\n")


def test_target_that_cannot_be_read_still_runs(tare):
    error = "PERMISSION read process 5: Operation not permitted; try sysctl"
    done = tare("run", "-c", "print('done')", env={"FAKE_ERROR": error})
    assert (done.returncode, done.stdout) == (3, "done\n")
    assert "read process 5: Operation not permitted" in one_line(done.stderr)


def test_partial_data_is_exit_code_4_and_is_shown(tare):
    done = tare("run", "-c", "pass", env={"FAKE_WARNING": "write x: No space left on device"})
    assert done.returncode == 4
    assert done.stderr.startswith("tare: write x: No space left on device\n")
    assert "4 s of wall time" in done.stderr


def test_sampler_that_dies_is_said_so(tare):
    done = tare("run", "-c", "pass", env={"FAKE_SIGNAL": "11"})
    assert done.returncode == 4
    assert "tare-sample was ended by SIGSEGV" in one_line(done.stderr)


# ---- output ----


def test_default_name_is_new_and_said(tare, folder):
    for _ in range(2):
        done = tare("run", "-c", "pass")
        (written,) = [line for line in done.stderr.splitlines() if line.startswith("Written: ")]
        assert (folder / written.removeprefix("Written: ")).is_file()
    assert len(list(folder.glob("code.*.tare"))) == 2


def test_output_is_not_overwritten_unless_asked(tare, folder):
    (folder / "out.tare").write_text("precious")
    done = tare("run", "-o", "out.tare", "-c", "print('ran')")
    assert (done.returncode, done.stdout) == (2, "")
    assert "add --overwrite" in one_line(done.stderr)
    assert (folder / "out.tare").read_text() == "precious"
    assert tare("run", "-f", "-o", "out.tare", "-c", "pass").returncode == 0
    assert (folder / "out.tare").read_bytes().startswith(b"\x89Tare")


def test_quiet_prints_nothing_and_verbose_prints_more(tare):
    assert tare("run", "-q", "-c", "pass").stderr == ""
    assert "sampler.tick_count" not in tare("run", "-c", "pass").stderr
    assert "sampler.tick_count" in tare("run", "-v", "-c", "pass").stderr


def test_json_to_a_file_and_to_stderr(tare, folder):
    tare("run", "--json", "out.json", "-c", "pass")
    document = json.loads((folder / "out.json").read_text())
    assert document["schema"] == "tare.report/1"
    assert document["warnings"] == []
    done = tare("run", "-q", "--json", "-", "-c", "pass")
    assert json.loads(done.stderr) == {**document, "file": json.loads(done.stderr)["file"]}
    done = tare("run", "-q", "--json", "no/such/folder", "-c", "pass")
    assert done.returncode == 2
    one_line(done.stderr)


def test_json_on_stderr_stands_alone(tare):
    """Without -q too, and whatever went wrong: what is said otherwise is in it."""
    done = tare("run", "--json", "-", "-c", "pass", env={"FAKE_WARNING": "write x: disk full"})
    assert done.returncode == 4
    assert json.loads(done.stderr)["warnings"] == ["write x: disk full"]
    done = tare("attach", "--json", "-", "77")
    assert json.loads(done.stderr)["warnings"] == []
    done = tare("run", "--json", "-", "-c", "pass", env={"FAKE_ERROR": "PERMISSION read: no"})
    assert one_line(done.stderr) == "tare: read: no\n"  # there is no report to print


def test_sampler_gets_the_options(tare, folder):
    log = folder / "log"
    options = ["--rate", "50", "--no-stop", "--no-children", "--hold", "2", "-o", "a.tare", "-f"]
    tare("run", *options, "--", "true", "--rate", "1", env={"FAKE_LOG": str(log)})
    words = log.read_text().split("\n")
    assert words[0] == "run"
    assert words[words.index("--") + 1 :] == ["true", "--rate", "1"]
    own = words[1 : words.index("--")]
    how = ["--rate", "50", "--hold", "2", "--no-children", "--no-stop"]
    assert own[2:] == ["-o", "a.tare", *how, "--overwrite"]


@pytest.mark.parametrize("command", ["attach", "top", "dump"])
def test_every_command_that_looks_can_be_told_not_to_stop(tare, folder, command):
    def words(*options):
        log = folder / "log"
        done = tare(command, *options, "77", env={"FAKE_LOG": str(log), "FAKE_SECONDS": "1"})
        assert done.returncode == 0, done.stderr
        return log.read_text().split("\n")

    assert "--no-stop" not in words() and "--no-children" not in words()
    assert "--no-stop" in words("--no-stop", "--no-children")
    assert "--no-children" in words("--no-stop", "--no-children")


def test_closed_pipe_is_quiet(tare, saved, make):
    builder = make().program(python_ns=10**9)
    for number in range(2000):
        builder.sample([(f"function_{number}", "f.py", number, number)], ns=10**6)
    path = saved(builder)
    process = tare("report", path, "--limit", "2000", run=subprocess.Popen)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=30) == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device here")
def test_output_for_which_there_is_no_room_ends_in_one_line(saved, make):
    builder = make().program(python_ns=10**9)
    builder.sample([("function", "f.py", 1, 1)], ns=10**6)
    path = str(saved(builder))
    for arguments in (["--help"], ["report", path], ["report", path, "--json"]):
        with open("/dev/full", "w", encoding="utf-8") as full:
            run = subprocess.run(
                [sys.executable, "-m", "tare", *arguments],
                stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
        assert run.returncode == 2
        assert run.stderr.startswith("tare: print what was found: No space left on device;")
        assert run.stderr.count("\n") == 1


def test_target_ends_as_it_did_though_nobody_reads_stderr(tare):
    process = tare("run", "-c", "raise SystemExit(5)", run=subprocess.Popen)
    process.stderr.close()
    assert process.wait(timeout=30) == 5


# ---- colour ----


@pytest.mark.parametrize(
    ("arguments", "env", "colored"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        ((), {"TARE_COLOR": "always"}, True),
        ((), {"NO_COLOR": "", "FORCE_COLOR": "0"}, False),
    ],
)
def test_colour_on_a_pipe(tare, arguments, env, colored):
    done = tare("run", *arguments, "-c", "pass", env=env)
    assert ("\x1b[" in done.stderr) == colored


@pytest.mark.parametrize(
    ("env", "colored"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_on_a_terminal(tare, env, colored):
    leader, follower = pty.openpty()
    done = tare(
        "run", "-c", "pass", env=env, capture_output=False, stderr=follower, stdout=follower
    )
    os.close(follower)
    text = read_all(leader)
    assert done.returncode == 0
    assert ("\x1b[" in text) == colored
    assert "measuring:" not in text  # stdout is that terminal too


def read_all(descriptor):
    data = b""
    while True:
        try:
            block = os.read(descriptor, 65536)
        except OSError:  # the other end is closed
            break
        if not block:
            break
        data += block
    os.close(descriptor)
    return data.decode()


def test_ascii_streams_get_ascii(tare):
    done = tare("run", "-c", "pass", env={"PYTHONIOENCODING": "ascii"})
    assert done.stderr.isascii()
    assert "+-" in done.stderr and "##" in done.stderr


# ---- processes that run already ----


def test_attach_prints_the_verdict_and_names_the_file(tare, folder):
    done = tare("attach", "--duration", "1", "77", env={"FAKE_LOG": str(folder / "log")})
    assert (done.returncode, done.stdout) == (0, "")
    assert "7 s of wall time" in done.stderr
    assert len(list(folder.glob("pid77.*.tare"))) == 1
    words = (folder / "log").read_text().split("\n")
    assert words[words.index("--duration") + 1] == "1.0"
    assert words[-2:] == ["--", "77"]


def test_attach_ends_with_interrupt(tare, folder):
    process = tare("attach", "77", run=subprocess.Popen, env={"FAKE_SECONDS": "1000"})
    while not list(folder.glob("pid77.*.tare")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "of wall time, mostly running Python" in error


@pytest.mark.parametrize("command", ["attach", "top", "dump"])
def test_process_that_cannot_be_read(tare, folder, command):
    error = "GONE look at process 77: No such process"
    done = tare(command, "77", env={"FAKE_ERROR": error})
    assert done.returncode == 3
    assert "look at process 77: No such process" in one_line(done.stderr)
    assert list(folder.iterdir()) == []


def test_progress_of_attach_is_erased(tare):
    leader, follower = pty.openpty()
    tare("attach", "77", env={"TERM": "xterm"}, capture_output=False, stderr=follower)
    os.close(follower)
    before, _, after = read_all(leader).rpartition("\r\x1b[K")
    assert "measuring: 2 s, 2,000 samples; Ctrl-C ends it" in before
    assert "measuring:" not in after


def test_progress_of_run_is_whole_lines(tare):
    """The terminal belongs to the target too: nothing is written over or erased."""
    told = [
        "tare: measuring: 10 s, 10,000 samples",
        "tare: measuring: 45 s, 45,000 samples",
        "tare: measuring: 1 min 00 s, 60,000 samples",
    ]
    environ = {"TERM": "dumb", "FAKE_TICKS": "1,9,10,11,29,45,60,61"}
    for options, elsewhere in (([], False), ([], True), (["-q"], True), (["--json", "-"], True)):
        leader, follower = pty.openpty()
        stdout = subprocess.DEVNULL if elsewhere else follower
        streams = {"capture_output": False, "stdout": stdout, "stderr": follower}
        dots = "import sys; sys.stderr.write('...')"  # and no new line
        tare("run", *options, "-c", dots, env=environ, **streams)
        os.close(follower)
        text = read_all(leader)
        lines = [line for line in text.split("\r\n") if "measuring:" in line]
        assert lines == ([] if options else told)
        assert "\x1b" not in text and "\r" not in text.replace("\r\n", "")


def test_progress_is_for_terminals_only(tare):
    assert "measuring:" not in tare("run", "-c", "pass", env={"FAKE_TICKS": "10,60"}).stderr


def test_progress_of_run_becomes_rare():
    moments = [0]
    while moments[-1] < 1500:
        moments.append(next_moment(moments[-1]))
    assert moments == [0, 10, 30, 60, 120, 300, 600, 900, 1200, 1500]
    assert next_moment(3599.9) == 3600


def test_verdict_stands_apart_from_what_the_target_printed(tare):
    done = tare("run", "-c", "import sys; sys.stderr.write('its own words\\n')")
    assert done.stderr.startswith("its own words\n\n")
    assert not done.stderr.startswith("its own words\n\n\n")
    warned = tare("run", "-c", "pass", env={"FAKE_WARNING": "w"}).stderr
    assert warned.startswith("tare: w\n\n")
    assert tare("attach", "77").stderr[0] not in " \n"  # the target prints elsewhere


def test_dump_is_in_the_order_of_a_traceback(tare, folder):
    done = tare("dump", "77")
    assert done.returncode == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["Process", "100", "python,", "Python", "3.12.1"]
    outer, inner = ["/srv/project/work.py:5", "main"], ["/srv/project/work.py:12", "hot"]
    assert lines.index(outer) + 1 == lines.index(inner)
    assert "Thread 100 MainThread (main): running Python" in done.stdout
    assert list(folder.iterdir()) == []


def test_dump_json(tare):
    document = json.loads(tare("dump", "--json", "77").stdout)
    assert document["schema"] == "tare.stacks/1"
    thread = next(thread for thread in document["threads"] if thread["state"] == "python_ns")
    assert thread["labels"]["thread"] == "100 MainThread"
    assert [frame["name"] for frame in thread["frames"]] == ["main", "hot"]
    assert thread["proven"] is True


def test_dump_keeps_processes_together(tare):
    """Whatever order they were seen in: the target first, main threads first, then by number."""
    shown = tare("dump", "100", env={"FAKE_FAMILY": "1"}).stdout
    heads = [line for line in shown.splitlines() if line.startswith(("Process", "Thread"))]
    assert [line.partition(":")[0].partition(", P")[0] for line in heads] == [
        "Process 100 python",
        "Thread 100 MainThread (main)",
        "Thread 103 Thread-1",
        "Thread 1002 Thread-2",
        "Process 99 python",
        "Thread 99 MainThread (main)",
        "Process 205 python",
        "Thread 205 MainThread (main)",
        "Thread 206 Thread-1",
    ]
    before = [shown.split("Process " + pid)[0] for pid in ("99", "205")]
    assert all(text.endswith("\n\n") and not text.endswith("\n\n\n") for text in before)
    assert not shown.startswith("\n")


def test_dump_marks_what_is_not_proven(tare):
    environ = {"FAKE_FAMILY": "1"}
    shown = tare("dump", "100", env=environ).stdout
    assert shown.count("(deeper calls not proven)") == 1
    block = shown.split("Thread 206 ")[1]
    assert block.splitlines()[-1].strip() == "(deeper calls not proven)"
    document = json.loads(tare("dump", "--json", "100", env=environ).stdout)
    doubted = [thread for thread in document["threads"] if not thread["proven"]]
    assert [thread["labels"]["thread"] for thread in doubted] == ["206 Thread-1"]


def test_top_on_a_pipe_prints_a_table_a_second(tare, folder):
    done = tare("top", "77", env={"FAKE_SECONDS": "3"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("work.py:10") == 3
    assert "last 4 s" in done.stdout and "last 3 s" in done.stdout  # first look, then differences
    assert list(folder.iterdir()) == []


def test_top_json_is_one_object_a_line(tare):
    done = tare("top", "--json", "77", env={"FAKE_SECONDS": "3"})
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["wall_ns"] for document in documents] == [4 * 10**9, 3 * 10**9, 3 * 10**9]
    assert {document["schema"] for document in documents} == {"tare.report/1"}


def test_top_says_cpu_and_memory(tare):
    done = tare("top", "77", env={"FAKE_SECONDS": "2"})
    assert "last 3 s: CPU 1.00, memory 5 MiB, running Python 100.0%" in done.stdout
    assert "all 7 s: CPU 1.00, memory 5 MiB, " in done.stdout


def test_top_json_has_the_points_since_the_last_line(tare):
    done = tare("top", "--json", "77", env={"FAKE_SECONDS": "3"})
    points = [json.loads(line)["series"][0]["points"] for line in done.stdout.splitlines()]
    assert [len(found) for found in points] == [1, 1, 1]
    assert [found[-1][1] for found in points] == [4 << 20, 5 << 20, 6 << 20]


def test_noise_is_the_middle_half():
    """One interruption among equal pieces is not the noise of the machine."""
    from tare.checks.timing import spread_of

    assert spread_of([100] * 30 + [90_000]) == (0.0, 100)
    assert spread_of([80, 90, 100, 110, 120] * 4) == (0.2, 100)


def test_doctor_says_what_is_there(tare):
    done = tare("doctor")
    assert done.returncode in (0, 3), done.stderr
    for name in ("tare-sample", "tare run", "tare attach", "clock", "wake-up", "noise", "load"):
        assert name in done.stdout
    assert "tare-sample 0.1.0" in done.stdout
    assert "next two lines" not in done.stdout


def test_doctor_json_and_missing_sampler(tare):
    done = tare("doctor", "--json", env={"TARE_SAMPLE": "/no/such"})
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["schema"] == "tare.doctor/1"
    grades = {finding["name"]: finding["grade"] for finding in document["findings"]}
    assert grades["tare-sample"] == grades["reading"] == "bad"
    assert all(finding["words"] for finding in document["findings"])
