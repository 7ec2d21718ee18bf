"""Starting tare-sample and following what it says.

The sampler is a C program that starts the target as its own child, or attaches to a process.
It reports through a pipe of its own, one line per event, so the target's stdin, stdout and
stderr are exactly those of tare. This process only waits: it forwards what is meant for the
target and ends as the target ended.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from types import FrameType

from tare.cli.failure import PARTIAL, UNREADABLE, Failure, exit_code_of

READ_BYTES = 65536
POLL_SECONDS = 0.25
MAX_LINE_BYTES = 1 << 20
PASSED_ON = (signal.SIGTERM, signal.SIGHUP)
SENT_TO_THE_GROUP = (signal.SIGINT, signal.SIGQUIT)


class Outcome:
    """What the sampler said, as far as it got."""

    def __init__(self) -> None:
        self.pid = 0
        self.python = ""  # version of the first interpreter found
        self.file = ""  # written
        self.target_exit: int | None = None
        self.target_signal: int | None = None
        self.warnings: list[str] = []
        self.error = ""
        self.error_status = ""
        self.exit_code = 0  # the sampler's own
        self.elapsed_ns = 0
        self.sample_count = 0

    def note(self, line: str) -> None:
        """Takes in one status line; unknown ones come from a newer sampler and are skipped."""
        kind, _, rest = line.partition(" ")
        handler = getattr(self, f"_note_{kind}", None)
        if handler is not None:
            handler(rest)

    @property
    def target_started(self) -> bool:
        """Whether the target is Tare's child and shares its terminal."""
        return self.pid != 0

    def _note_started(self, rest: str) -> None:
        self.pid = int(rest)

    def _note_python(self, rest: str) -> None:
        self.python = self.python or rest.split(" ")[1]

    def _note_tick(self, rest: str) -> None:
        elapsed_ns, sample_count, _ = rest.split(" ")
        self.elapsed_ns, self.sample_count = int(elapsed_ns), int(sample_count)

    def _note_warning(self, rest: str) -> None:
        self.warnings.append(rest)

    def _note_error(self, rest: str) -> None:
        self.error_status, _, self.error = rest.partition(" ")

    def _note_written(self, rest: str) -> None:
        self.file = rest

    def _note_ended(self, rest: str) -> None:
        kind, _, number = rest.partition(" ")
        if kind == "exit":
            self.target_exit = int(number)
        elif kind == "signal":
            self.target_signal = int(number)

    def failure_code(self) -> int:
        """0, or the exit code that says what kept Tare from doing its job."""
        if self.exit_code > 0:
            return self.exit_code
        if self.error:
            return exit_code_of(self.error_status)
        return PARTIAL if self.exit_code < 0 or not self.file else 0


def installed_sampler() -> str:
    """In the package; of an editable installation, in its build folder."""
    path = os.path.join(os.path.dirname(os.path.dirname(__file__)), "_bin", "tare-sample")
    if not os.path.exists(path):
        from importlib.resources import files  # slow to import, so only when it is needed

        path = str(files("tare").joinpath("_bin", "tare-sample"))
    return path


def find_sampler() -> str:
    """The path of tare-sample: TARE_SAMPLE, or the one installed with this package."""
    path = os.environ.get("TARE_SAMPLE")
    origin = "TARE_SAMPLE"
    if not path:
        path = installed_sampler()
        origin = "this installation"
    if not os.access(path, os.X_OK):
        raise Failure(f"start {path} ({origin}): not an executable; install tare-profiler anew")
    return path


def measure(
    mode: str, arguments: list[str], watch: Callable[[Outcome], None] | None = None
) -> Outcome:
    """Runs tare-sample to its end; calls watch after each status line."""
    read_end, write_end = os.pipe()
    command = [find_sampler(), mode, "--status-fd", str(write_end), *arguments]
    # What the terminal sends to the whole group reaches the target without help.
    forwarded = PASSED_ON if mode == "run" else PASSED_ON + SENT_TO_THE_GROUP
    outcome = Outcome()
    try:
        with Forwarder(forwarded) as forwarder:
            try:
                process = subprocess.Popen(command, pass_fds=(write_end,))
            finally:
                os.close(write_end)
            forwarder.attach(process)
            for line in _read_lines(read_end, process):
                outcome.note(line)
                if watch is not None:
                    watch(outcome)
            outcome.exit_code = process.wait()
    finally:
        os.close(read_end)
    if outcome.exit_code < 0 and not outcome.error:
        name = signal.Signals(-outcome.exit_code).name
        outcome.warnings.append(f"tare-sample was ended by {name}: the profile stops there")
    elif outcome.exit_code == UNREADABLE and not outcome.error:
        outcome.error = "the target could not be read"
    return outcome


class Forwarder:
    """Keeps this process alive until the target has ended, and passes signals on to it.

    Handlers, not SIG_IGN: what is ignored here would be ignored in the target too. What was
    ignored before stays so. A signal that comes before there is a process is kept for it.
    """

    def __init__(self, forwarded: tuple[signal.Signals, ...]) -> None:
        self.forwarded = forwarded
        self.process: subprocess.Popen[bytes] | None = None
        self.waiting: list[int] = []
        self.previous: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Forwarder:
        for number in PASSED_ON + SENT_TO_THE_GROUP:
            if signal.getsignal(number) != signal.SIG_IGN:
                self.previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *failure: object) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def attach(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        for number in self.waiting:
            process.send_signal(number)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if number not in self.forwarded:
            return
        if self.process is None:
            self.waiting.append(number)
        else:
            self.process.send_signal(number)  # does nothing once the process has ended


def _read_lines(descriptor: int, process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Status lines until the pipe ends, or until the sampler has and the pipe is empty.

    The second case matters when something the target left behind holds the pipe open.
    """
    pending = b""
    while len(pending) < MAX_LINE_BYTES:
        ready, _, _ = select.select([descriptor], [], [], POLL_SECONDS)
        if not ready:
            if process.poll() is not None:
                return
            continue
        block = os.read(descriptor, READ_BYTES)
        if not block:
            return
        *lines, pending = (pending + block).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "surrogateescape")
