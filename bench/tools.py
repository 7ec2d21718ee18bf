"""The samplers that are compared: how each is started, and how to read what it wrote."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "acceptance")]

from measuring import find_executable  # noqa: E402
from view import SYNTHETIC, View  # noqa: E402

Stack = tuple[tuple[str, int], ...]  # (function, line), outermost first
Command = list[str]


@dataclass(frozen=True)
class Tool:
    name: str
    version: str
    run: Callable[[int, Path, Command], Command]  # rate, output, target
    attach: Callable[[int, Path, int], Command]  # rate, output, pid; ends with SIGINT
    read: Callable[[Path], Counter[Stack]]  # samples by stack


def output_of(command: Command) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def read_tare(path: Path) -> Counter[Stack]:
    found: Counter[Stack] = Counter()
    for entry in View(path).entries:
        stack = tuple((frame.name, frame.line) for frame in entry.stack
                      if frame.kind != SYNTHETIC)
        found[stack] += entry.amounts.get("samples", 0)
    return found


def tare() -> Tool:
    found = find_executable()
    if found is None:
        sys.exit("bench: no tare-sample: run `make build`, or set TARE_SAMPLE")
    executable = str(found)
    return Tool(
        "tare", output_of([executable, "--version"]).split()[-1],
        lambda rate, out, target: [executable, "run", "--overwrite", "-o", str(out),
                                   "--rate", str(rate), "--", *target],
        # Reading alone, as fast as it goes: holds keep to their budget whatever rate is asked.
        lambda rate, out, pid: [executable, "attach", "--overwrite", "-o", str(out),
                                "--rate", str(rate), "--no-stop", "--", str(pid)],
        read_tare)


PY_SPY_FRAME = re.compile(r"(.*) \((.*):(\d+)\)$")


def read_py_spy(path: Path) -> Counter[Stack]:
    found: Counter[Stack] = Counter()
    for line in path.read_text(errors="replace").splitlines():
        frames, count = line.rsplit(" ", 1)
        stack = []
        for frame in frames.split(";"):
            parts = PY_SPY_FRAME.match(frame)
            if parts:
                stack.append((parts[1], int(parts[3])))
        found[tuple(stack)] += int(count)
    return found


def py_spy(peers: Path, *flags: str) -> Tool:
    executable = str(peers / "bin" / "py-spy")

    def record(rate: int, out: Path) -> Command:
        return [executable, "record", *flags, "-f", "raw", "-r", str(rate), "-o", str(out)]

    return Tool(
        " ".join(["py-spy", *flags]), output_of([executable, "--version"]).split()[-1],
        lambda rate, out, target: [*record(rate, out), "--", *target],
        lambda rate, out, pid: [*record(rate, out), "--pid", str(pid)],
        read_py_spy)


def austin_lines(path: Path, peers: Path) -> Iterator[str]:
    """Austin 4 writes a binary format, and its own package makes text of it; 3 wrote text."""
    if path.read_bytes()[:3] == b"MOJ":
        text = path.with_suffix(".txt")
        subprocess.run([peers / "bin" / "mojo2austin", path, text], check=True,
                       capture_output=True)
        path = text
    with open(path, errors="replace") as lines:
        yield from lines


def read_austin(path: Path, peers: Path) -> Counter[Stack]:
    found: Counter[Stack] = Counter()
    for line in austin_lines(path, peers):
        if not line.startswith("P"):
            continue
        _process, _thread, *frames = line.rsplit(" ", 1)[0].split(";")
        named = [frame.rsplit(":", 2) for frame in frames]
        found[tuple((parts[1], int(parts[2])) for parts in named if len(parts) == 3)] += 1
    return found


def austin_commands(peers: Path, folder: Path) -> Iterator[Command]:
    """Ways to start Austin, best first. Its newest wheel needs C library 2.38 or later."""
    executable = str(peers / "bin" / "austin")
    yield [executable]
    newer = Path(os.environ.get("TARE_FORKY", "/var/cache/tare-forky"))
    yield [str(newer / "lib64/ld-linux-x86-64.so.2"), "--library-path",
           str(newer / "lib/x86_64-linux-gnu"), executable]
    old = environment(folder / "peers-old-libc",
                      requirements("austin-dist", file="requirements-old-libc.txt"))
    yield [str(old / "bin" / "austin")]


def austin(peers: Path, folder: Path) -> Tool | None:
    for command in austin_commands(peers, folder):
        if not shutil.which(command[0]):
            continue
        version = output_of([*command, "--version"]).split()
        if version:
            return austin_tool(command, version[-1], peers)
    return None


def austin_tool(command: Command, version: str, peers: Path) -> Tool:
    def sample(rate: int, out: Path) -> Command:
        return [*command, "-i", f"{max(1, 1_000_000 // rate)}us", "-o", str(out)]

    return Tool(
        "austin", version,
        lambda rate, out, target: [*sample(rate, out), *target],
        lambda rate, out, pid: [*sample(rate, out), "-p", str(pid)],
        lambda path: read_austin(path, peers))


def requirements(*names: str, file: str = "requirements.txt") -> list[str]:
    """The lines of those peers, in the order of the file."""
    lines = (ROOT / "bench" / file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in names]


def environment(folder: Path, pins: list[str]) -> Path:
    """A virtual environment with the requirements, made once."""
    ready = folder / ".ready"
    if not ready.exists() or ready.read_text().splitlines() != pins:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet",
                        "--disable-pip-version-check", *pins], check=True)
        ready.write_text("\n".join(pins))
    return folder


def all_tools(folder: Path) -> list[Tool]:
    peers = environment(folder / "peers", requirements("py-spy", "austin-dist", "austin-python"))
    found = [tare(), py_spy(peers), py_spy(peers, "--nonblocking"), austin(peers, folder)]
    return [tool for tool in found if tool]
