"""Running a command to its end: what it printed, and how it ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

from tare.cli.failure import UNREADABLE, Failure

MOST_OUTPUT_BYTES = 64 << 20  # of which equality is still looked at


class Run(NamedTuple):
    """Of one process, and the children that it waited for."""

    code: int  # minus the signal that ended it
    stdout: bytes
    stderr: bytes
    wall_ns: int
    timed_out: bool = False

    def ending(self) -> str:
        if self.timed_out:
            return f"ran longer than {self.wall_ns / 1e9:.0f} s"
        if self.code >= 0:
            return f"exit code {self.code}"
        try:
            return signal.Signals(-self.code).name
        except ValueError:  # a real-time signal
            return f"signal {-self.code}"

    def last_words(self) -> str:
        """The last line of what it said on stderr: of a traceback, the exception."""
        lines = self.stderr.decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""


def execute(
    command: list[str],
    cwd: str,
    environment: Mapping[str, str],
    folder: str,
    most_seconds: float | None = None,
) -> Run:
    """In a session of its own, so that all of it can be ended; its output goes to files in folder,
    which a pipe would slow down."""
    paths = os.path.join(folder, "stdout"), os.path.join(folder, "stderr")
    with contextlib.ExitStack() as stack:
        stdout, stderr = (stack.enter_context(open(path, "w+b")) for path in paths)
        begun_ns = time.monotonic_ns()
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        except OSError as error:
            raise Failure(f"run {command[0]}: {error.strerror}", UNREADABLE) from None
        timed_out = False
        try:
            timed_out = not ends_within(process.pid, most_seconds)
        finally:
            # What it left running ends with it, also when Tare is interrupted.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return Run(
            process.returncode,
            contents(stdout),
            contents(stderr),
            time.monotonic_ns() - begun_ns,
            timed_out,
        )


def ends_within(pid: int, most_seconds: float | None) -> bool:
    descriptor = os.pidfd_open(pid)
    try:
        return bool(select.select([descriptor], [], [], most_seconds)[0])
    finally:
        os.close(descriptor)


def contents(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read(MOST_OUTPUT_BYTES)


@contextlib.contextmanager
def standard_input() -> Iterator[BinaryIO | int]:
    """A file that was handed to Tare is read from its beginning by each run; nothing else is
    there for more than one."""
    try:
        is_file = stat.S_ISREG(os.fstat(0).st_mode)
    except OSError:  # closed
        is_file = False
    if not is_file:
        yield subprocess.DEVNULL
        return
    with open("/proc/self/fd/0", "rb") as stream:
        yield stream
