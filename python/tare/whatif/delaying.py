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
from typing import IO, NamedTuple

from tare.cli.agent import environment_for
from tare.cli.failure import PARTIAL, UNREADABLE, Failure
from tare.whatif.standing import Line, own_line_ns

STRETCHES = ("work", "released", "waits")
SHOWN_BYTES = 4096
READING_SECONDS = 0.01


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
    line_ns: int
    inserted_ns: int
    hidden_ns: int
    hidden_line_ns: int
    beside_ns: int
    progress_code_count: int
    progress_count: int
    first_progress_ns: int
    last_progress_ns: int
    failed_count: int

    @property
    def waited_ns(self) -> int:
        """Neither on a CPU nor ready for one; where waits are asked for."""
        return max(0, self.wall_ns - self.cpu_ns - self.line_ns)

    @property
    def progress_ns(self) -> float:
        """From one to the next."""
        return (self.last_progress_ns - self.first_progress_ns) / (self.progress_count - 1)


class Run(NamedTuple):
    wall_ns: int
    lost_ns: float  # of it, the program was ready and had no CPU
    cpu_ns: float  # of all processes, as far as they were waited for
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
    return Run(*measure_process(command, environment, limit_seconds), None)


def measure_process(
    command: list[str],
    environment: dict[str, str],
    limit_seconds: float,
    output: IO[bytes] | None = None,
) -> tuple[int, float, float, int, str]:
    """Wall time in ns, what of it was lost, CPU time, exit code, the last line on stderr; a Failure
    when it does not end."""
    with tempfile.TemporaryFile(prefix="tare-whatif-") as errors:
        begin_ns = time.perf_counter_ns()
        try:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output or subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            raise Failure(f"run {command[0]}: {error.strerror}") from None
        try:
            line = Line(process.pid)
            if not _ends_within(process.pid, limit_seconds, line):
                raise Failure(
                    f"run {command[0]}: not over after {limit_seconds:.0f} s; give it less to do, "
                    "or a longer --timeout",
                    PARTIAL,
                )
            wall_ns = time.perf_counter_ns() - begin_ns
        finally:
            cpu_ns = _end_group(process)
        return wall_ns, line.lost_ns, cpu_ns, process.returncode, _last_line(errors)


def _ends_within(pid: int, seconds: float, line: Line) -> bool:
    """Popen.wait would look 20 times a second only. The last reading is of a process that has ended
    and that nobody has asked for yet."""
    descriptor = os.pidfd_open(pid)
    end_ns = time.monotonic_ns() + seconds * 1e9
    try:
        ended = False
        while not ended and time.monotonic_ns() < end_ns:
            stood_ns = own_line_ns()
            ended = bool(select.select([descriptor], [], [], READING_SECONDS)[0])
            line.read()
            if ended:  # and when it has, we stand in line ourselves before we know
                line.past_ns += own_line_ns() - stood_ns
        return ended
    finally:
        os.close(descriptor)


def _end_group(process: subprocess.Popen[bytes]) -> float:
    """What a program leaves behind would run beside the next one. CPU time in ns."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return (usage.ru_utime + usage.ru_stime) * 1e9


def _last_line(stream: IO[bytes]) -> str:
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - SHOWN_BYTES))
    lines = stream.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
