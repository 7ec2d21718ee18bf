"""However a program ends, what it did is in the file; and it ends as it would have without us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from tare._profile import load

from tracing import Traced, Tracer

FLAGS = [(), ("--no-builtins",)]
WORK = """
        def work():
            pass
        for _ in range(1000):
            work()
"""


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("", 0),
        ("import sys; sys.exit(7)", 7),
        ("import sys; sys.exit('words')", 1),
        ("import os; os._exit(9)", 9),
        ("raise RuntimeError('mine')", 1),
        ("import os, sys; os.execv('/bin/sh', ['sh', '-c', 'exit 5'])", 5),
        ("import atexit; atexit.register(work)", 0),
    ],
)
def test_endings(tracer: Tracer, flags: tuple[str, ...], ending: str, code: int) -> None:
    traced = tracer.run(WORK + "        " + ending, flags=flags)
    assert traced.code == code, traced.err
    assert traced.profile.state.complete
    assert traced.calls("work") == 1000 + ("atexit" in ending)
    if "RuntimeError" in ending:
        last = traced.err.splitlines()[-1]
        assert last == "RuntimeError: mine"
        assert "tare" not in traced.err.replace("/tare", "")


def test_a_traceback_is_the_programs_alone(tracer: Tracer) -> None:
    script = "def f():\n    1 / 0\nf()\n"
    path = tracer.folder / "raises.py"
    path.write_text(script)
    plain = subprocess.run([tracer.python, str(path)], capture_output=True, text=True, check=False)
    traced = tracer.trace(str(path))
    assert traced.err == plain.stderr
    assert traced.code == plain.returncode == 1


def kill(tracer: Tracer, number: int, seconds: float) -> tuple[int, Traced]:
    output = tracer.output()
    path = tracer.folder / "endless.py"
    path.write_text(textwrap.dedent("""
        import signal
        signal.signal(signal.SIGINT, signal.default_int_handler)
        def step():
            pass
        print("begun", flush=True)
        while True:
            step()
    """))
    command = tracer.command(str(path), flags=("--no-builtins",), output=output)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None and process.stdout.readline() == b"begun\n"
    time.sleep(seconds)
    if number == signal.SIGKILL:  # of the target, which tare cannot pass on
        children = f"/proc/{process.pid}/task/{process.pid}/children"
        with open(children, encoding="utf-8") as listed:
            os.kill(int(listed.read().split()[0]), number)
    else:
        process.send_signal(number)
    code = process.wait(60)
    process.stdout.close()
    return code, Traced(code, "", "", load(output))


def test_a_terminated_program_loses_its_last_moments(tracer: Tracer) -> None:
    code, traced = kill(tracer, signal.SIGTERM, 3.5)
    assert code == -signal.SIGTERM
    assert not traced.profile.state.complete
    assert traced.total["raw_ns"] > 1_000_000_000
    assert traced.calls("step") > 1000


def test_a_killed_program_leaves_what_was_written(tracer: Tracer) -> None:
    code, traced = kill(tracer, signal.SIGKILL, 2.5)
    assert code == -signal.SIGKILL
    assert not traced.profile.state.complete
    assert traced.calls("step") > 1000


def test_a_kill_at_once_leaves_a_file(tracer: Tracer) -> None:
    """Empty, or nearly so; from then on it has more and more, soon."""
    script = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    output = tracer.output()
    done = subprocess.run(tracer.command("-c", script, output=output), capture_output=True,
                          text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")
    traced = Traced(-signal.SIGKILL, "", "", load(output))
    assert traced.profile.is_trace and not traced.profile.state.complete
    code, traced = kill(tracer, signal.SIGKILL, 0.6)
    assert code == -signal.SIGKILL
    assert traced.calls("step") > 1000


def test_a_file_that_cannot_be_written(tracer: Tracer) -> None:
    """Known before the program has done anything; it runs as if without Tare."""
    folder = tracer.folder / f"gone-{tracer.version[1]}"
    folder.mkdir()
    output = folder / "x.tare"
    script = f"import os; print(os.listdir({str(folder)!r}))"
    done = subprocess.run(tracer.command("-c", script, output=output), capture_output=True,
                          text=True, check=False)
    assert done.stdout == "['x.tare']\n"  # there from the start
    output.unlink()
    output.mkdir()
    done = subprocess.run(tracer.command("-c", script, output=output), capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


def test_children_do_not_inherit_us(tracer: Tracer) -> None:
    traced = tracer.run("""
        import multiprocessing, os, subprocess, sys
        def work(x):
            return x + 1
        if __name__ == "__main__":
            print(subprocess.check_output(
                [sys.executable, "-c", "import os; print(sorted(os.environ))"]).decode()
                == f"{sorted(os.environ)}\\n")
            pool = multiprocessing.get_context("fork").Pool(2)
            print(pool.map(work, range(5)))
            pool.close()
            pool.join()
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(work, range(5)))
    """).expect_whole()
    assert traced.out.splitlines() == ["True", *["[1, 2, 3, 4, 5]"] * 2]
    assert traced.calls("work") == 5  # those of the forked ones


def test_what_cannot_be_traced_is_said_in_a_line(tracer: Tracer) -> None:
    for words, said in (
        (("--", "true"), "must begin with a Python interpreter"),
        (("no-such.py",), "no such file"),
    ):
        output = tracer.output()
        done = subprocess.run(tracer.command(*words, output=output), capture_output=True,
                              text=True, check=False)
        assert done.returncode == 2
        assert said in done.stderr and done.stderr.count("\n") == 1


def test_an_interpreter_with_options(tracer: Tracer) -> None:
    output = tracer.output()
    command = [sys.executable, "-m", "tare", "trace", "-q", "-o", str(output), "--",
               tracer.python, "-O", "-c", "assert False; print(__debug__)"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
