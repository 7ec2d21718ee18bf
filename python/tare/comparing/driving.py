"""A worker process and the lines that go to and from it, each with a time limit.

A worker leads a process group of its own, which is killed as a whole when it takes too long, dies,
or is not wanted any more, so that nothing of what it started stays.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any

from tare.errors import Error

FOLDER = os.path.dirname(os.path.abspath(__file__))
WORKER = os.path.join(FOLDER, "start_worker.py")
MOST_ANSWER_BYTES = 1 << 30
CHUNK = 1 << 16
PIPE_BYTES = 4096  # that a pipe which is ready takes without blocking
PATIENCE_SECONDS = 1.0


class CompareError(Error):
    """Why nothing can be said of two things; str() is one line with what to do about it."""

    status = "COMPARE"

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class Worker:
    """The process that holds sides, whether a fresh one or a fork of this one."""

    def __init__(self, name: str, process: _Process, timeout: float) -> None:
        self.name = name
        self.process = process
        self.timeout = timeout
        self.waiting = b""

    def ask(self, *request: object, timeout: float | None = None) -> Any:
        """What the worker answers; CompareError for what it cannot do."""
        limit = self.timeout if timeout is None else timeout
        line = self._exchange(json.dumps(request).encode() + b"\n", limit)
        found = json.loads(line)
        if "trouble" in found:
            raise CompareError(found["words"], found["trouble"])
        return found["answer"]

    def _exchange(self, request: bytes, limit: float) -> bytes:
        deadline = time.monotonic() + limit
        reader, writer = self.process.reader, self.process.writer
        while request or b"\n" not in self.waiting:
            left = max(0.0, deadline - time.monotonic())
            ready, free, _ = select.select([reader], [writer] if request else [], [], left)
            if not ready and not free:
                raise CompareError(
                    f"{self.name} took longer than {limit:g} s; give it less to do, or more time "
                    "with --timeout",
                    "timeout",
                )
            if ready:
                self._take()
            elif free:
                request = self._give(request)
        line, _, self.waiting = self.waiting.partition(b"\n")
        return line

    def _take(self) -> None:
        part = os.read(self.process.reader, CHUNK)
        if not part or len(self.waiting) > MOST_ANSWER_BYTES:
            raise self._died()
        self.waiting += part

    def _give(self, request: bytes) -> bytes:
        """What of it is left; a pipe takes no more than it has room for."""
        try:
            return request[os.write(self.process.writer, request[:PIPE_BYTES]) :]
        except BrokenPipeError:
            raise self._died() from None

    def _died(self) -> CompareError:
        how, said = self.process.ending()
        words = f"{self.name}: its process {how}"
        return CompareError(f"{words}: {said}" if said else words, "died")

    def close(self) -> None:
        self.process.end()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Process:
    """What a worker runs in: two file descriptors, and an end."""

    reader: int
    writer: int

    def ending(self) -> tuple[str, str]:
        """How it ended, and the last line that it wrote on stderr."""
        raise NotImplementedError

    def end(self) -> None:
        raise NotImplementedError


def words_of_ending(code: int) -> str:
    if code >= 0:
        return f"exited with {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}"


class Started(_Process):
    """A fresh interpreter."""

    def __init__(self, command: list[str], environ: Mapping[str, str], cwd: str | None) -> None:
        self.said = tempfile.TemporaryFile()
        self.popen = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            env=dict(environ),
            cwd=cwd,
            bufsize=0,
            start_new_session=True,
        )
        assert self.popen.stdin is not None and self.popen.stdout is not None
        self.writer = self.popen.stdin.fileno()
        self.reader = self.popen.stdout.fileno()

    def ending(self) -> tuple[str, str]:
        try:
            code = self.popen.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            return "closed its pipe", ""
        self.said.seek(0)
        lines = self.said.read()[-CHUNK:].decode(errors="replace").split("\n")
        last = [line.strip() for line in lines if line.strip()]
        return words_of_ending(code), last[-1] if last else ""

    def end(self) -> None:
        kill_group(self.popen.pid)
        self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self.said):
            assert stream is not None
            stream.close()


class Forked(_Process):
    """A copy of this process, in which serve(reader, writer) runs and nothing else."""

    def __init__(self, serve: Callable[[int, int], None]) -> None:
        self.code: int | None = None
        requests, answers = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                os.close(requests[1])
                os.close(answers[0])
                serve(requests[0], answers[1])
            finally:
                os._exit(0)  # nothing that this process has to do at its end is the copy's to do
        os.close(requests[0])
        os.close(answers[1])
        self.reader, self.writer = answers[0], requests[1]

    def ending(self) -> tuple[str, str]:
        until = time.monotonic() + PATIENCE_SECONDS
        while self.code is None and time.monotonic() < until:
            self._wait(os.WNOHANG)
            time.sleep(0.01)
        return "closed its pipe" if self.code is None else words_of_ending(self.code), ""

    def end(self) -> None:
        if self.code is None:
            kill_group(self.pid)
            self._wait()
        os.close(self.reader)
        os.close(self.writer)

    def _wait(self, how: int = 0) -> None:
        if self.code is None:
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)


def kill_group(pid: int) -> None:
    """All of a session's processes; before it is one, the process alone."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def start(
    name: str,
    python: str,
    environ: Mapping[str, str],
    timeout: float,
    cwd: str | None = None,
) -> Worker:
    """A worker in a fresh process of that interpreter."""
    try:
        process = Started([python, WORKER], environ, cwd)
    except OSError as error:
        raise CompareError(
            f"start {python}: {error.strerror}; give the path of a Python interpreter", "start"
        ) from None
    return Worker(name, process, timeout)
