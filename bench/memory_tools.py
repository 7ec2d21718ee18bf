"""The memory profilers that are compared: how each starts a program, and how to read what it wrote.

What is read is the bytes that a tool says a line held when most was held.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from context import Context
from peers import peer_folder, with_peer
from tools import Command, output_of
from view import View

PEERS = ("memray", "memory_profiler", "scalene", "filprofiler")
SAMPLED_BYTES = 512 << 10

READ_MEMRAY = """
import sys, memray
found = memray.FileReader(sys.argv[1]).get_high_watermark_allocation_records(merge_threads=True)
print(sum(one.size for one in found
          if one.stack_trace() and one.stack_trace()[0][1:] == (sys.argv[2], int(sys.argv[3]))))
"""


def told_in(text: str) -> dict:
    """The last line of JSON that the program printed, whatever the tool printed around it."""
    lines = [line for line in text.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {}


@dataclass(frozen=True)
class Started:
    """A tool in one interpreter."""

    command: Callable[[Command], Command]  # of the program and its words
    output: Path
    read: Callable[[str, str, int], float | None]  # what the run printed, file, line -> bytes


def started(context: Context, python: str, measured: str | None, minor: str
            ) -> dict[str, Started | str]:
    """By name; in place of what cannot be started, why."""
    found: dict[str, Started | str] = {
        "none": plain(python, []),
        "tracemalloc 1": plain(python, ["-X", "tracemalloc=1"]),
        "tracemalloc 25": plain(python, ["-X", "tracemalloc=25"]),
    }
    for peer, make in (("memray", memray), ("memory_profiler", memory_profiler),
                       ("scalene", scalene), ("filprofiler", fil)):
        folder = peer_folder(context, python, minor, peer)
        found.update(make(context.folder, python, folder) if folder
                     else {peer: "does not install"})
    for name, flags in (("tare", []), ("tare --sample", ["--sample", str(SAMPLED_BYTES)])):
        found[name] = tare(context.folder, measured, flags) if measured else "not built"
    return found


def plain(python: str, flags: list[str]) -> Started:
    """Without a tool, or with the interpreter's own, which the program itself asks."""
    return Started(lambda words: [python, *flags, *words], Path(),
                   lambda told, _file, _line: told_in(told).get("bytes"))


def memray(outputs: Path, python: str, folder: Path) -> dict[str, Started | str]:
    found: dict[str, Started | str] = {}
    for flag in ("", "--trace-python-allocators", "--aggregate"):
        output = outputs / f"memray{flag}.bin"

        def command(words: Command, flag: str = flag, output: Path = output) -> Command:
            return with_peer(folder, [python, "-m", "memray", "run", "-q", "-f", "-o", str(output),
                                      *([flag] if flag else []), *words])

        def read(_told: str, file: str, line: int, output: Path = output) -> float:
            return float(output_of(with_peer(folder, [python, "-c", READ_MEMRAY, str(output),
                                                      file, str(line)])) or 0)

        found[f"memray {flag}".strip()] = Started(command, output, read)
    return found


def memory_profiler(_outputs: Path, python: str, folder: Path) -> dict[str, Started | str]:
    """It measures decorated functions alone, and says on its output what each line added."""
    def read(told: str, _file: str, line: int) -> float | None:
        for words in map(str.split, told.splitlines()):
            if words and words[0] == str(line):
                return float(words[3]) * 2**20
        return None

    return {"memory_profiler": Started(
        lambda words: with_peer(folder, [python, "-m", "memory_profiler", *words]), Path(), read)}


def scalene(outputs: Path, python: str, folder: Path) -> dict[str, Started | str]:
    output = outputs / "scalene.json"

    def command(words: Command) -> Command:
        return with_peer(folder, [python, "-m", "scalene", "run", "-o", str(output), words[0],
                                  "---", *words[1:]])

    def read(_told: str, file: str, line: int) -> float:
        lines = [one for name, found in json.loads(output.read_text())["files"].items()
                 if Path(name).name == Path(file).name for one in found["lines"]]
        return sum(one["n_peak_mb"] for one in lines if one["lineno"] == line) * 2**20

    return {"scalene": Started(command, output, read)}


def fil(outputs: Path, python: str, folder: Path) -> dict[str, Started | str]:
    output = outputs / "fil"

    def command(words: Command) -> Command:
        shutil.rmtree(output, ignore_errors=True)
        return with_peer(folder, [python, "-m", "filprofiler", "--no-browser", "-o", str(output),
                                  "run", *words])

    def read(_told: str, file: str, line: int) -> float:
        stacks = [one.rpartition(" ") for path in output.glob("*/peak-memory.prof")
                  for one in path.read_text().splitlines()]
        place = f"{Path(file).name}:{line} "
        return float(sum(int(count) for stack, _, count in stacks
                         if place in stack.rpartition(";")[2]))

    return {"fil": Started(command, output, read)}


def tare(outputs: Path, python: str, flags: list[str]) -> Started:
    output = outputs / "memory.tare"

    def read(_told: str, file: str, line: int) -> float:
        return float(sum(entry.amounts.get("peak_bytes", 0) for entry in View(output).entries
                         if entry.stack and entry.stack[-1].line == line
                         and entry.stack[-1].file == file))

    return Started(lambda words: [python, "-m", "tare", "memory", "-q", "-f", "-o", str(output),
                                  *flags, "--python", python, *words], output, read)
