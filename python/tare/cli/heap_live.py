"""Asking a running process for a snapshot of its heap.

A program that has called tare.heap.snapshot_on_signal() is sent that signal. Otherwise the
interpreter's own remote execution does it, from 3.14 on: another process of the same interpreter
tells it to run a script, which loads Tare from where it lies here and writes the file. Older
interpreters cannot be asked from outside without stopping them in an unknown state.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import NamedTuple

from tare.cli.failure import UNREADABLE, Failure

POLL_SECONDS = 0.02
ASK_SECONDS = 30  # for the other interpreter to begin and to write some bytes
FIRST_REMOTE = (3, 14)
MEMORY_LINK = "/memfd:tare-heap"
MOST_BYTES = 1 << 16  # of the file
# What is run in the target: nothing stays in its __main__, and its sys.path is as it was.
SCRIPT = """\
exec(compile({body!r}, "<tare heap>", "exec"), {{"__name__": "tare.asked"}})
"""
BODY = """\
import os, sys
def write(path, text):
    with open(path + ".part", "w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(text)
    os.rename(path + ".part", path)
sys.path.insert(0, {home!r})
try:
    from tare.heap.snapshots import snapshot
    snapshot({output!r}, overwrite=True)
    write({done!r}, "")
except BaseException as error:
    write({done!r}, str(error) or type(error).__name__)
finally:
    if {home!r} in sys.path:
        sys.path.remove({home!r})
"""


def snapshot_of(pid: int, folder: str, seconds: float) -> str:
    """The path of a snapshot that the process has written; Failure when there will be none."""
    check_process(pid)
    memory = find_announcement(pid)
    if memory is not None:
        return ask_by_signal(pid, memory, seconds)
    version = find_version(pid, folder)
    if version < FIRST_REMOTE:
        raise Failure(
            f"heap {pid}: Python {version[0]}.{version[1]} cannot be asked from outside, 3.14 and "
            "later can; put tare.heap.snapshot_on_signal() into the program and start it again",
            UNREADABLE,
        )
    return ask_interpreter(pid, version, folder, seconds)


def check_process(pid: int) -> None:
    if pid == os.getpid():
        raise Failure("heap: this is tare itself; call tare.heap.snapshot() in a program")
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        raise gone(pid) from None
    except PermissionError:
        raise foreign(pid) from None


def gone(pid: int) -> Failure:
    return Failure(f"heap {pid}: there is no such process; check the number", UNREADABLE)


def foreign(pid: int) -> Failure:
    return Failure(
        f"heap {pid}: permission denied, it is another user's; run tare as that user", UNREADABLE
    )


# ---- by signal ----


def find_announcement(pid: int) -> str | None:
    """The file in memory by which the program says that it answers a signal."""
    folder = f"/proc/{pid}/fd"
    try:
        files = os.listdir(folder)
    except FileNotFoundError:
        raise gone(pid) from None
    except PermissionError:
        raise foreign(pid) from None
    for file in files:
        path = f"{folder}/{file}"
        try:
            if os.readlink(path).startswith(MEMORY_LINK):
                return path
        except OSError:
            continue  # closed meanwhile
    return None


class Announced(NamedTuple):
    """What signalling.py says in the file: where to send what, and what came of it."""

    signal: signal.Signals
    count: int
    path: str
    error: str


def read_announcement(pid: int, memory: str) -> Announced:
    """Any program may have made the file: all of it is checked here."""
    try:
        with open(memory, "rb") as stream:
            state = json.loads(stream.read(MOST_BYTES))
    except (FileNotFoundError, ProcessLookupError):
        raise gone(pid) from None
    except (OSError, ValueError, RecursionError) as error:
        raise Failure(
            f"heap {pid}: what the program announced is not readable: {error}", UNREADABLE
        ) from None
    announced = check_announcement(state)
    if announced is None:
        raise Failure(
            f"heap {pid}: what the program announced is of another version of Tare; use that one",
            UNREADABLE,
        )
    return announced


def check_announcement(state: object) -> Announced | None:
    if not isinstance(state, dict):
        return None
    number, count = state.get("signal"), state.get("count")
    path, error = state.get("path"), state.get("error")
    if type(count) is not int or not isinstance(path, str) or not isinstance(error, str):
        return None
    if type(number) is not int or number not in set(signal.Signals) or "\0" in path:
        return None
    return Announced(signal.Signals(number), count, path, error)


def ask_by_signal(pid: int, memory: str, seconds: float) -> str:
    before = read_announcement(pid, memory)
    try:
        os.kill(pid, before.signal)
    except ProcessLookupError:
        raise gone(pid) from None
    wait_for(
        pid,
        lambda: read_announcement(pid, memory).count != before.count,
        seconds,
        f"it has not answered {before.signal.name}",
    )
    after = read_announcement(pid, memory)
    if after.error:
        raise Failure(f"heap {pid}: the program could not write: {after.error}", UNREADABLE)
    return after.path


def wait_for(pid: int, done: Callable[[], bool], seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise Failure(
                f"heap {pid}: {otherwise} within {seconds:g} s: it may be in a long call of C "
                "code; try again with --wait SECONDS",
                UNREADABLE,
            )
        if not os.path.exists(f"/proc/{pid}"):
            raise Failure(f"heap {pid}: the process ended meanwhile", UNREADABLE)
        time.sleep(POLL_SECONDS)


# ---- by the interpreter itself ----


def find_version(pid: int, folder: str) -> tuple[int, int]:
    """Of the interpreter in the process, as it is in its memory."""
    from tare.cli.sampler import measure

    path = os.path.join(folder, "dump.tare")
    outcome = measure("dump", ["-o", path, "--no-children", "--no-stop", "--", str(pid)])
    if not outcome.python:
        words = outcome.error or "no interpreter was found in it"
        raise Failure(f"heap {pid}: {words}", outcome.failure_code() or UNREADABLE)
    major, minor = outcome.python.split(".")[:2]
    return int(major), int(minor)


def ask_interpreter(pid: int, version: tuple[int, int], folder: str, seconds: float) -> str:
    home = find_home(pid, version)
    output, done = os.path.join(folder, "heap.tare"), os.path.join(folder, "done")
    script = os.path.join(folder, "ask.py")
    body = BODY.format(home=home, output=output, done=done)
    with open(script, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(SCRIPT.format(body=body))
    ask(pid, script)
    wait_for(pid, lambda: os.path.exists(done), seconds, "it has not run what it was asked to")
    with open(done, encoding="utf-8") as stream:
        words = stream.read()
    if words:
        raise Failure(f"heap {pid}: in the program: {' '.join(words.split())}", UNREADABLE)
    return output


def find_home(pid: int, version: tuple[int, int]) -> str:
    """The folder with this package, if it has been built for that interpreter."""
    package = os.path.dirname(os.path.dirname(__file__))
    tag = f"_heap.cpython-{version[0]}{version[1]}-"
    if any(name.startswith(tag) for name in os.listdir(package)):
        return os.path.dirname(package)
    raise Failure(
        f"heap {pid}: the process runs Python {version[0]}.{version[1]}, and this Tare is "
        "installed for another version; install it for that one and use it from there",
        UNREADABLE,
    )


def ask(pid: int, script: str) -> None:
    """sys.remote_exec of the target's own interpreter: both must be of one build."""
    try:
        executable = f"/proc/{pid}/exe"
        name = os.readlink(executable)  # by which it finds its library
        code = "import sys; sys.remote_exec(int(sys.argv[1]), sys.argv[2])"
        asked = subprocess.run(
            [name, "-I", "-S", "-c", code, str(pid), script],
            executable=executable,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASK_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise gone(pid) from None
    except PermissionError:
        raise foreign(pid) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"heap {pid}: start its interpreter: {error}", UNREADABLE) from None
    if asked.returncode != 0:
        said = (asked.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Failure(
            f"heap {pid}: its interpreter refused sys.remote_exec: {said}; run tare as the same "
            "user, outside of sandboxes, or put tare.heap.snapshot_on_signal() into the program",
            UNREADABLE,
        )
