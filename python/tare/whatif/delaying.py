"""One run of a program: alone, or with the calls of a function made longer.

What the program prints is dropped: it runs many times. Its processes are a group of their own, so
that none is left behind when a run is broken off.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import tempfile
import time
from typing import NamedTuple

from tare.cli.agent import environment_for
from tare.cli.failure import PARTIAL, UNREADABLE, Failure

STRETCHES = ("work", "released", "waits")
SHOWN_BYTES = 4096


class Delay(NamedTuple):
    """What is asked of a run; rows as ext/delay/codes.h has them.

    ratio: by which calls get longer; below 0 so much of their CPU time is hidden from the
    program's clocks instead."""

    function: str
    ratio: float = 0.0
    stretch: str = "work"
    progress: str = ""


class Counters(NamedTuple):
    """Of all processes that were forked from the first one, and of that."""

    process_count: int
    code_count: int
    calls: int
    resumes: int
    cpu_ns: int
    wall_ns: int
    inserted_ns: int
    hidden_ns: int
    beside_ns: int
    progress_code_count: int
    progress_count: int
    first_progress_ns: int
    last_progress_ns: int
    failed_count: int

    @property
    def waited_ns(self) -> int:
        return max(0, self.wall_ns - self.cpu_ns)

    @property
    def progress_ns(self) -> float:
        """From one to the next."""
        return (self.last_progress_ns - self.first_progress_ns) / (self.progress_count - 1)


class Run(NamedTuple):
    wall_ns: int
    code: int  # minus a signal's number
    said: str  # the last line that it printed on stderr
    counters: Counters | None  # None: it ran alone


def run_alone(command: list[str], limit_seconds: float) -> Run:
    return _run(command, dict(os.environ), limit_seconds)


def run_delayed(command: list[str], extension: str, delay: Delay, limit_seconds: float) -> Run:
    """extension: tare._delay for the interpreter that command begins with."""
    from tare._delay import page_bytes

    with tempfile.NamedTemporaryFile(prefix="tare-whatif-") as page:
        page.write(bytes(page_bytes))
        page.flush()
        variables = {
            "OUTPUT": page.name,
            "FUNCTION": delay.function,
            "STRETCH": delay.stretch,
            "RATIO": repr(float(delay.ratio)),
        }
        if delay.ratio < 0:
            variables["CLOCK"] = "1"
        if delay.progress:
            variables["PROGRESS"] = delay.progress
        done = _run(command, environment_for(extension, variables, os.environ), limit_seconds)
        page.seek(0)
        return done._replace(counters=_read(command, page.read(), done))


def _read(command: list[str], page: bytes, done: Run) -> Counters:
    from tare._delay import read

    told = read(page)
    if not told["began"]:
        why = str(told["message"]) or f"it was not begun{_how_it_ended(done)}; is LD_PRELOAD there?"
        raise Failure(f"delay a function of {command[0]}: {why}", UNREADABLE)
    return Counters(*(int(told[name]) for name in Counters._fields))


def _how_it_ended(done: Run) -> str:
    return f", and the program ended with {done.code}: {done.said}" if done.code else ""


def _run(command: list[str], environment: dict[str, str], limit_seconds: float) -> Run:
    with tempfile.TemporaryFile(prefix="tare-whatif-") as errors:
        begin_ns = time.perf_counter_ns()
        try:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            raise Failure(f"run {command[0]}: {error.strerror}") from None
        try:
            if not _ends_within(process.pid, limit_seconds):
                raise Failure(
                    f"run {command[0]}: not over after {limit_seconds:.0f} s; give it less to do, "
                    "or a longer --time-limit",
                    PARTIAL,
                )
            wall_ns = time.perf_counter_ns() - begin_ns
        finally:
            _end_group(process)
        return Run(wall_ns, process.returncode, _last_line(errors), None)


def _ends_within(pid: int, seconds: float) -> bool:
    """Popen.wait would look 20 times a second only."""
    descriptor = os.pidfd_open(pid)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """What a program leaves behind would run beside the next one."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(stream: object) -> str:
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - SHOWN_BYTES))  # type: ignore[attr-defined]
    lines = stream.read().decode("utf-8", "replace").split("\n")  # type: ignore[attr-defined]
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
