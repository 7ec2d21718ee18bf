"""Runs tare-sample the way the command line does, and keeps what it said."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from view import View

TARGETS = Path(__file__).resolve().parents[1] / "targets"
PATIENCE_SECONDS = 120  # a hang becomes a failure


@dataclass
class Run:
    """One measurement that has ended."""

    code: int
    out: bytes
    err: bytes
    path: Path
    status: list[tuple[str, str]]  # (first word, rest of the line)

    def said(self, word: str) -> list[str]:
        return [rest for first, rest in self.status if first == word]

    @property
    def ended(self) -> str:
        (ending,) = self.said("ended")
        return ending

    @cached_property
    def view(self) -> View:
        return View(self.path)

    @cached_property
    def truth(self) -> dict:  # type: ignore[type-arg]
        """What the target printed last."""
        assert self.out, (self.status, self.err)
        return json.loads(self.out.splitlines()[-1])

    def expect_success(self) -> Run:
        assert self.code == 0, (self.code, self.status, self.err)
        assert not self.said("error") and not self.said("warning"), self.status
        assert self.view.complete
        return self


@dataclass
class Measurement:
    """One measurement under way."""

    process: subprocess.Popen[bytes]
    path: Path
    status_fd: int
    status: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read_status, daemon=True)
        self._reader.start()

    def _read_status(self) -> None:
        with open(self.status_fd, encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                word, _, rest = line.rstrip("\n").partition(" ")
                with self._changed:
                    self.status.append((word, rest))
                    self._changed.notify_all()

    def wait_for(self, word: str) -> str:
        """The rest of the first status line that begins with word."""
        def found() -> list[str]:
            return [rest for first, rest in self.status if first == word]

        with self._changed:
            assert self._changed.wait_for(found, PATIENCE_SECONDS), (word, self.status)
            return found()[0]

    def end(self) -> Run:
        out, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        assert not self._reader.is_alive(), "somebody else holds the status pipe"
        return Run(self.process.returncode, out, err, self.path, self.status)


def find_executable() -> Path | None:
    """What TARE_SAMPLE names, else what is installed with the package."""
    named = os.environ.get("TARE_SAMPLE")
    if named:
        return Path(named).resolve()
    package = importlib.util.find_spec("tare")
    folder = Path(package.origin).parent if package and package.origin else Path()
    found = folder / "_bin" / "tare-sample"
    return found if found.exists() else None


class Sampler:
    """The executable under test and a folder for its files."""

    def __init__(self, executable: Path, folder: Path) -> None:
        self.executable = executable
        self.folder = folder
        self._count = 0
        self._started: list[subprocess.Popen[bytes]] = []

    def new_path(self) -> Path:
        self._count += 1
        return self.folder / f"{self._count}.tare"

    def start(self, mode: str, words: Sequence[object], *, rate: int | None = 1_000,
              flags: Sequence[str] = (), path: Path | None = None,
              **popen: object) -> Measurement:
        path = path or self.new_path()
        reader, writer = os.pipe()
        rates = ["--rate", str(rate)] if rate and mode != "dump" else []
        command = [self.executable, mode, "-o", path, *rates, *flags,
                   "--status-fd", str(writer), "--", *map(str, words)]
        options: dict = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, pass_fds=[writer])
        try:
            process = subprocess.Popen(command, **(options | popen))
        finally:
            os.close(writer)
        self._started.append(process)
        return Measurement(process, path, reader)

    def run(self, mode: str, words: Sequence[object], **options: object) -> Run:
        return self.start(mode, words, **options).end()  # type: ignore[arg-type]

    def stop(self) -> None:
        """Ends what a failed test has left behind."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.wait(PATIENCE_SECONDS)


class Background:
    """Target programs started beside the sampler; none outlives its test."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, command: list[str], *, ready: bool = True) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._started.append(process)
        if ready:
            assert process.stdout and process.stdout.readline() == b"ready\n"
        return process

    def stop(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=PATIENCE_SECONDS)


def target(python: str, name: str, *args: object) -> list[str]:
    return [python, str(TARGETS / name), *map(str, args)]
