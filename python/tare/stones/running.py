"""One process of an interpreter that runs tarestones.py or dhrystone.py, and what it said.

Nothing it says is believed unseen: each line must be what the file prints, and the time
that it counted must be the time that the system counted for it. Whatever it does (nothing, a
crash, a flood of output), it is ended, all of its session with it, and that is one line.

    process                          here
    tarestones 1 cpython ... ->      memory and time so far
                              <-     newline: go
    cold NAME NS             ->
    round NS NS ...          ->      as soon as each is known: silence is counted from the last
    done ROUNDS SPENT_NS     ->      memory and time now
                              <-     newline: end
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tare.stones.interpreters import clean_environment, how_it_ended

MOST_OUTPUT = 1 << 24  # bytes; what the file prints is a hundredth of it
MOST_LINE = 1 << 12
MOST_SILENCES = 10  # of the time of one silence: what a process may take in all
LEAST_NS = 150_000_000  # how far clocks may differ: the system counts in hundredths of a second
PART = 0.25  # ...and how far in proportion
FOLDER = os.path.dirname(os.path.abspath(__file__))


class Trouble(Exception):
    """str() says in a few words why there is no measurement."""


class Usage(NamedTuple):
    """Of all processes of a session, as the system counts it."""

    cpu_ns: int
    peak_bytes: int


class Asked(NamedTuple):
    """What a process of tarestones.py is to do."""

    kernels: Sequence[str]  # in the order of the file
    size: str = "full"  # or small
    seconds: float = 1.2


class Run(NamedTuple):
    implementation: str
    version: str
    clock: str
    clock_kind: str  # cpu, wall
    size: str  # full, small
    cold_ns: dict[str, int]
    rounds_ns: dict[str, list[int]]  # by kernel, in the order of the rounds
    begin_bytes: int  # the most memory when all is compiled and nothing has run; 0: unknown
    peak_bytes: int


class Started(NamedTuple):
    """An interpreter that ran nothing."""

    wall_ns: int
    cpu_ns: int


class Session:
    """A process with a session of its own, whose lines are read with a limit on its silence."""

    def __init__(self, command: Sequence[str], folder: str, seed: int, silence: float) -> None:
        self.silence = silence
        self.deadline = time.monotonic() + MOST_SILENCES * silence
        self.unread = b""
        self.read_bytes = 0
        self.errors = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close()
        environment = {**clean_environment(os.environ), "PYTHONHASHSEED": str(seed)}
        try:
            self.process = subprocess.Popen(
                list(command),
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                start_new_session=True,
            )
        except OSError as error:
            self.errors.close()
            raise Trouble(f"cannot be started: {error.strerror}") from None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lines(self) -> Iterator[str]:
        """Until the process closes its output; Trouble when it says nothing for too long."""
        assert self.process.stdout is not None
        file = self.process.stdout.fileno()
        while True:
            line, newline, rest = self.unread.partition(b"\n")
            if newline:
                self.unread = rest
                yield line.decode("utf-8", "replace").rstrip("\r")
                continue
            ready, _, _ = select.select([file], [], [], self.silence)
            if not ready:
                raise Trouble(f"said nothing for {self.silence:g} s and was ended")
            data = os.read(file, 65536)
            if not data:
                return
            self.unread += data
            self.read_bytes += len(data)
            if self.read_bytes > MOST_OUTPUT or time.monotonic() > self.deadline:
                raise Trouble("went on without end and was ended")

    def say_go(self) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(b"\n")
            self.process.stdin.flush()
        except OSError:
            pass  # it is gone: its output ends, and that is told

    def wait(self) -> int:
        try:
            return self.process.wait(self.silence)
        except subprocess.TimeoutExpired:
            raise Trouble(f"did not end in {self.silence:g} s and was ended") from None

    def wait_unreaped(self) -> None:
        """Until it has ended, and what it used is still to be asked for."""
        file = os.pidfd_open(self.process.pid)
        try:
            if not select.select([file], [], [], self.silence)[0]:
                raise Trouble(f"did not end in {self.silence:g} s and was ended")
        finally:
            os.close(file)

    def last_words(self) -> str:
        """The last line on stderr, which of a traceback is the one that says what happened."""
        self.errors.seek(max(0, self.errors.seek(0, os.SEEK_END) - MOST_LINE))
        words = self.errors.read().decode("utf-8", "replace").strip().splitlines()
        return words[-1].strip()[:200] if words else ""

    def usage(self) -> Usage:
        return session_usage(self.process.pid)

    def close(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except OSError:
            pass
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    pass  # what could not be written to it


def session_usage(session: int) -> Usage:
    """Read from /proc, since what wait4() says of memory begins with that of who forked."""
    cpu_ticks = peak_bytes = 0
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as stream:
                fields = stream.read().rpartition(b")")[2].split()
            if int(fields[3]) != session:
                continue
            cpu_ticks += int(fields[11]) + int(fields[12])
            with open(f"/proc/{entry}/status", "rb") as stream:
                for line in stream:
                    if line.startswith(b"VmHWM:"):
                        peak_bytes = max(peak_bytes, int(line.split()[1]) * 1024)
        except (OSError, IndexError, ValueError):
            continue  # it has ended meanwhile
    return Usage(cpu_ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK"), peak_bytes)


def copy_of(name: str, folder: str) -> str:
    """The file alone in a folder, so that nothing beside it can be imported or is written."""
    return shutil.copy(os.path.join(FOLDER, name), os.path.join(folder, name))


def measure_stones(path: str, file: str, asked: Asked, seed: int, silence: float) -> Run:
    """One process of tarestones.py; Trouble when there is no measurement."""
    with Session(command_of(path, file, asked), os.path.dirname(file), seed, silence) as session:
        lines = session.lines()
        header = read_header(session, lines, asked)
        before, begin_ns = session.usage(), time.perf_counter_ns()
        session.say_go()
        cold_ns, rounds_ns, spent_ns = read_measurement(session, lines, asked.kernels)
        after, end_ns = session.usage(), time.perf_counter_ns()
        session.say_go()
        for line in lines:
            raise Trouble(f"printed after the end: {line[:60]!r}")
        code = session.wait()
        if code:
            raise Trouble(f"failed at its end: {how_it_ended(code)}")
    counted_ns = after.cpu_ns - before.cpu_ns if header[3] == "cpu" else end_ns - begin_ns
    if abs(counted_ns - spent_ns) > LEAST_NS + PART * counted_ns and after.peak_bytes:
        raise Trouble(
            f"its clock ({header[2]}) counted {spent_ns / 1e9:.2f} s where the system counted "
            f"{counted_ns / 1e9:.2f} s: no time of its can be believed"
        )
    return Run(*header, cold_ns, rounds_ns, before.peak_bytes, after.peak_bytes)


def command_of(path: str, file: str, asked: Asked) -> list[str]:
    words = [path, file, "--lines", "--wait", "--seconds", f"{asked.seconds:g}"]
    for name in asked.kernels:
        words += ["--only", name]
    return [*words, "--small"] if asked.size == "small" else words


def read_header(
    session: Session, lines: Iterator[str], asked: Asked
) -> tuple[str, str, str, str, str]:
    line = next(lines, None)
    if line is None:
        raise Trouble(ending(session))
    words = line.split()
    if len(words) != 7 or words[:2] != ["tarestones", "1"] or words[6] != asked.size:
        raise Trouble(f"printed what is no measurement: {line[:60]!r}")
    if words[5] not in ("cpu", "wall"):
        raise Trouble(f"has a clock of an unknown kind: {line[:60]!r}")
    return words[2], words[3], words[4], words[5], words[6]


def read_measurement(
    session: Session, lines: Iterator[str], kernels: Sequence[str]
) -> tuple[dict[str, int], dict[str, list[int]], int]:
    """Cold times, times by kernel, and the time of it all."""
    cold_ns: dict[str, int] = {}
    rounds: list[list[int]] = []
    for line in lines:
        word, *values = line.split() or [""]
        if word == "wrong" and len(values) >= 3:
            raise Trouble(f"wrong: {values[0]} came to {values[1]}, not {values[2]}")
        try:
            numbers = [int(value) for value in values[word == "cold" :]]
        except ValueError:
            numbers = []
        if not numbers or min(numbers) <= 0:
            raise Trouble(f"printed what is no measurement: {line[:60]!r}")
        if word == "cold" and len(values) == 2 and [*cold_ns, values[0]] == list(
            kernels[: len(cold_ns) + 1]
        ):
            cold_ns[values[0]] = numbers[0]
        elif word == "round" and len(numbers) == len(cold_ns) == len(kernels):
            rounds.append(numbers)
        elif word == "done" and numbers[0] == len(rounds) and len(numbers) == 2:
            columns = [list(column) for column in zip(*rounds, strict=True)]
            return cold_ns, dict(zip(cold_ns, columns, strict=True)), numbers[1]
        else:
            raise Trouble(f"printed what is no measurement: {line[:60]!r}")
    raise Trouble(ending(session, len(cold_ns), len(rounds)))


def ending(session: Session, kernels: int = 0, rounds: int = 0) -> str:
    """How a process ended that should not have."""
    code = session.wait()
    where = f" after {kernels} kernels and {rounds} rounds" if kernels else ""
    said = session.last_words()
    return f"{how_it_ended(code)}{where}" + (f": {said}" if said else "")


def measure_start(path: str, folder: str, seed: int, silence: float) -> Started:
    """A process that does nothing, from its start to its end."""
    begin_ns = time.perf_counter_ns()
    with Session([path, "-c", "pass"], folder, seed, silence) as session:
        for line in session.lines():
            raise Trouble(f"printed when nothing was to do: {line[:60]!r}")
        session.wait_unreaped()
        wall_ns = time.perf_counter_ns() - begin_ns
        _, status, used = os.wait4(session.process.pid, 0)
        code = session.process.returncode = os.waitstatus_to_exitcode(status)
        if code:
            raise Trouble(f"cannot run -c pass: {how_it_ended(code)}")
    return Started(wall_ns, round((used.ru_utime + used.ru_stime) * 1e9))
