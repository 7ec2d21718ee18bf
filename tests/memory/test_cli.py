"""tare memory as people call it: what it prints, writes, and leaves alone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tare._profile import Profile, load

from measuring import Measurer, plain_process

MIB = 1 << 20
SURROUNDINGS = {"LANG": "C.UTF-8", "PATH": os.environ["PATH"], "MARK": "\x01 odd ;=value"}
FINGERPRINT = Path(__file__).resolve().parents[1] / "targets" / "fingerprint.py"
SEEN = """
import gc, json, sys, threading, __main__
print(json.dumps({
    "argv": sys.argv, "orig_argv": sys.orig_argv, "path": sys.path,
    "main": sorted(vars(__main__)), "file": getattr(__main__, "__file__", None),
    "modules": sorted(sys.modules), "threads": threading.active_count(),
    "frames": sys._getframe().f_back is None, "recursion": sys.getrecursionlimit(),
    "gc": gc.isenabled(), "blocks": sys.getallocatedblocks() > 0,
}))
"""
WORK = """
import sys
CACHE = []
def load(count):
    for number in range(count):
        CACHE.append(bytes(1000))
def churn():
    for _ in range(50):
        text = b"x" * 1000000
def peak():
    large = bytearray(30 << 20)
    return len(large)
load(5000)
churn()
print(peak())
sys.exit(3)
"""


class Command:
    """tare memory, in the interpreter that the measurer has."""

    def __init__(self, measurer: Measurer, folder: Path) -> None:
        self.measurer = measurer
        self.folder = folder
        self.output = folder / "out.tare"

    def words(self, *words: str, flags: tuple[str, ...] = ("-q",)) -> list[str]:
        return [sys.executable, "-m", "tare", "memory", "-f", "-o", str(self.output),
                "--python", self.measurer.python, *flags, *words]

    def run(self, *words: str, flags: tuple[str, ...] = ("-q",), columns: int = 100,
            **popen: object) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "COLUMNS": str(columns)}
        return subprocess.run(self.words(*words, flags=flags),
                              **{"capture_output": True, "text": True, "check": False,
                                 "timeout": 120, "env": environ, "cwd": self.folder,
                                 **popen})  # type: ignore[call-overload]

    def script(self, text: str) -> str:
        path = self.folder / "work.py"
        path.write_text(text)
        return str(path)

    def profile(self) -> Profile:
        return load(self.output)

    def report(self, *options: str, columns: int = 100) -> str:
        done = subprocess.run([sys.executable, "-m", "tare", "report", str(self.output), *options],
                              capture_output=True, text=True, check=False, timeout=60,
                              env={**os.environ, "COLUMNS": str(columns)}, cwd=self.folder)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


@pytest.fixture
def command(measurer: Measurer, tmp_path: Path) -> Command:
    return Command(measurer, tmp_path)


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_what_it_prints(command: Command, columns: int) -> None:
    done = command.run(command.script(WORK), flags=(), columns=columns)
    assert (done.returncode, done.stdout) == (3, f"{30 << 20}\n")
    for title in ("Memory over time", "Heap against RSS", "Held at the peak", "Allocated",
                  "Held at the end", "Next: tare report"):
        assert title in done.stderr
    assert all(len(line) <= columns for line in done.stderr.splitlines()
               if not line.startswith("tare: wrote"))
    first = section(done.stderr, "Held at the peak")[2]
    assert re.match(r" *30\.0 MiB +8\d\.\d% .*work\.py:11", first)
    first = section(done.stderr, "Allocated ")[2]
    assert re.match(r" *47\.7 MiB .*work\.py:9", first)
    first = section(done.stderr, "Held at the end")[2]
    assert re.match(r" *4\.9\d MiB .*work\.py:6", first)


def section(text: str, title: str) -> list[str]:
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(title))
    return lines[start:]


def test_the_file_has_the_truth(command: Command) -> None:
    assert command.run(command.script(WORK)).returncode == 3
    profile = command.profile()
    assert profile.is_memory and profile.state.complete
    rows = {row.line: row.own for row in profile.allocations().lines()
            if os.path.basename(row.file) == "work.py"}
    assert rows[11].peak_bytes == rows[11].alloc_bytes == rows[11].freed_bytes
    assert 30 * MIB < rows[11].peak_bytes < 30 * MIB + 100
    assert rows[9].alloc_bytes == 50 * 1_000_033 and rows[9].live_bytes == 0
    assert rows[6].live_bytes >= 5000 * 1033 and rows[6].peak_bytes == rows[6].live_bytes
    names = [one.name for one in profile.series()]
    assert "heap_bytes" in names and "rss_bytes" in names


@plain_process
def test_where_the_memory_of_the_process_is(command: Command) -> None:
    """Small blocks are in arenas, large ones malloc's; together with files they are RSS."""
    command.run(command.script("""
small = [[] for _ in range(200_000)]
large = b"x" * (100 << 20)
"""))
    meta = command.profile().meta
    end = {key.removeprefix("memory.end."): int(value) for key, value in meta.items()
           if key.startswith("memory.end.")}
    assert end["arena_bytes"] >= end["arena_used_bytes"] >= 200_000 * 56
    assert end["malloc_used_bytes"] >= 100 * MIB
    parts = ("arena_bytes", "malloc_used_bytes", "malloc_free_bytes", "file_bytes")
    rest = end["rss_bytes"] - sum(end[part] for part in parts)
    assert abs(rest) < 8 * MIB
    assert end["live_bytes"] >= 200_000 * 56 + 100 * MIB
    assert end["own_bytes"] > 200_000 * 16
    peak = int(meta["memory.peak_bytes"])
    assert peak * 7 / 8 <= int(meta["memory.peak.live_bytes"]) <= peak


def test_another_allocator_has_no_arenas(command: Command) -> None:
    """What cannot be known is not made up."""
    done = command.run(command.script("x = [[] for _ in range(1000)]"), flags=(),
                       env={**os.environ, "PYTHONMALLOC": "malloc"})
    assert "memory.end.arena_bytes" not in command.profile().meta
    row = next(line for line in done.stderr.splitlines() if "free in these arenas" in line)
    assert "not known" in row


def test_json(command: Command) -> None:
    done = command.run("-c", "x = bytearray(1 << 20)", flags=("--json", "-"))
    document = json.loads(done.stderr)
    assert document["schema"] == "tare.report/1"
    sums = document["memory"]
    assert sums["alloc_bytes"] == sums["live_bytes"] + sums["freed_bytes"]
    assert sums["peak_bytes"] > MIB
    hottest = document["lines"][0]
    assert (hottest["file"], hottest["line"]) == ("<string>", 1)
    assert hottest["own"]["peak_bytes"] > MIB
    assert {kind["labels"]["domain"] for kind in sums["kinds"]} <= {"raw", "mem", "obj", "native"}
    assert document["measurement"]["end.rss_bytes"] > 0


def test_samples(command: Command) -> None:
    done = command.run("-c", "x = [bytes(2000) for _ in range(20000)]", flags=("--sample", "64K"))
    assert "Sampled: one block in 64 KiB on average" in done.stderr
    assert re.search(r"allocated|estimates", done.stderr)
    sums = command.profile().allocations().sums
    assert 0 < sums.alloc_error_bytes < sums.alloc_bytes / 2
    assert abs(sums.live_bytes - 20000 * 2033) < 5 / 1.96 * sums.alloc_error_bytes + MIB


@pytest.mark.parametrize("given", ["0", "-5", "x", "5X", "9999999G"])
def test_a_sample_that_is_none(command: Command, given: str) -> None:
    done = command.run("-c", "pass", flags=("--sample", given))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "is no number of bytes" in done.stderr


def test_one_that_is_killed_has_left_a_file(command: Command) -> None:
    done = command.run(command.script("""
import os, signal, time
kept = [bytearray(20 << 20) for _ in range(4)]
time.sleep(0.3)
kept.append(bytearray(40 << 20))
os.kill(os.getpid(), signal.SIGKILL)
"""), flags=())
    assert done.returncode == -signal.SIGKILL
    assert "as of the last write" in done.stderr and "The file ends before" in done.stderr
    assert command.profile().allocations().sums.live_bytes > 80 * MIB


def test_forked_children_are_in_it(command: Command) -> None:
    done = command.run(command.script("""
import os
if os.fork() == 0:
    child = bytearray(7 << 20)
    os._exit(0)
os.wait()
parent = bytearray(3 << 20)
"""), flags=("-v",))
    assert done.returncode == 0
    allocations = command.profile().allocations()
    rows = {row.line: row.own.alloc_bytes // MIB for row in allocations.lines()
            if os.path.basename(row.file) == "work.py"}
    assert (rows[4], rows[7]) == (7, 3)
    assert not list(command.folder.glob("out.tare.*"))
    assert len({kind.labels["process"] for kind in allocations.kinds()}) == 2
    assert "Of 2 processes, each at its own peak" in done.stderr


def test_children_that_are_killed(command: Command) -> None:
    """As a pool does with its workers when it is left: what they had written is there, and it is
    said that this is not all."""
    done = command.run(command.script("""
import os, signal, time
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        time.sleep(60)
    children.append(child)
time.sleep(0.5)
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""), flags=())
    assert done.returncode == 0
    assert re.search(r"^tare: processes \d+, \d+: killed; what came after", done.stderr, re.M)


def test_views(command: Command) -> None:
    command.run(command.script(WORK))
    table = command.report("--sort", "allocated", "--limit", "1")
    assert re.search(r"47\.7 MiB +47\.7 MiB .*churn", table)
    callers = command.report("--callers", "churn", "--sort", "allocated")
    assert re.search(r"47\.7 MiB .*<module>", callers)
    tree = command.report("--tree")
    assert re.search(r"<module>[^\n]*work\.py.*peak", tree, re.DOTALL)
    lines = command.report("--lines", "--sort", "live", "--limit", "1")
    assert "work.py:6" in lines and "CACHE.append(bytes(1000))" in lines
    assert "domain obj" in command.report("--threads")


def test_an_order_that_there_is_not(command: Command) -> None:
    done = subprocess.run([sys.executable, "-m", "tare", "report", "x.tare", "--sort", "largest"],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    for word in ("peak", "live", "allocated", "freed", "blocks", "temporary"):
        assert word in done.stderr


@pytest.mark.parametrize("format", ["collapsed", "speedscope"])
def test_other_tools_can_read_it(command: Command, format: str) -> None:
    command.run(command.script(WORK))
    done = subprocess.run([sys.executable, "-m", "tare", "export", str(command.output), "--to",
                           format, "-o", "-"], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    sums = command.profile().allocations().sums
    if format == "collapsed":
        amounts = [int(line.rsplit(b" ", 1)[1]) for line in done.stdout.splitlines()]
        assert sum(amounts) == sums.peak_bytes
    if format == "speedscope":
        kinds = json.loads(done.stdout)["profiles"]  # by allocator
        assert {kind["unit"] for kind in kinds} == {"bytes"}
        assert sum(sum(kind["weights"]) for kind in kinds) == sums.peak_bytes


# ---- the program cannot tell ----


def both(command: Command, *words: str, **popen: object) -> list[subprocess.CompletedProcess[str]]:
    """Plain, then measured."""
    plain = [command.measurer.python, *words]
    return [subprocess.run(line, **{"capture_output": True, "text": True, "check": False,
                                    "timeout": 120, **popen})  # type: ignore[call-overload]
            for line in (plain, command.words(*words))]


@plain_process
def test_everything_a_program_can_see(command: Command) -> None:
    told = []
    for given in both(command, str(FINGERPRINT), "an argument", "", "-o",
                      env=SURROUNDINGS, cwd=command.folder, input="some input\n"):
        assert given.returncode == 17, given.stderr
        assert given.stderr == "to standard error\n"
        told.append(json.loads(given.stdout))
    for facts in told:
        for number in ("0", "1", "2"):  # pipes have a new number each time
            facts["descriptors"][number] = facts["descriptors"][number].split("[")[0]
    for key in told[0]:
        assert told[1][key] == told[0][key], key


@plain_process
@pytest.mark.parametrize("way", ["script", "-m", "-c", "-", "folder"])
def test_main_is_what_it_would_be(command: Command, way: str) -> None:
    (command.folder / "seen.py").write_text(SEEN)
    (command.folder / "folder").mkdir()
    (command.folder / "folder" / "__main__.py").write_text(SEEN)
    words = {"script": ["seen.py"], "-m": ["-m", "seen"], "-c": ["-c", SEEN], "-": ["-"],
             "folder": ["folder"]}[way]
    plain, measured = both(command, *words, "a", "b", cwd=command.folder, env=SURROUNDINGS,
                           input=SEEN)
    assert plain.returncode == measured.returncode == 0, measured.stderr
    assert json.loads(measured.stdout) == json.loads(plain.stdout)


@plain_process
def test_what_a_program_gets_when_there_is_no_memory(command: Command) -> None:
    script = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
try:
    x = bytearray(2 << 30)
except MemoryError as error:
    print("MemoryError", error.args)
"""
    plain, measured = both(command, "-c", script)
    assert measured.stdout == plain.stdout == "MemoryError ()\n"


def test_tracemalloc_beside(command: Command) -> None:
    script = """
import tracemalloc
tracemalloc.start()
x = bytearray(5 << 20)
print(tracemalloc.get_traced_memory()[0] >> 20)
tracemalloc.stop()
"""
    plain, measured = both(command, "-c", script)
    assert measured.stdout == plain.stdout == "5\n"


@pytest.mark.parametrize("script,environ,heard", [
    ("kept = bytes(3 << 20)\ntracemalloc.stop()\nmore = bytes(5 << 20)\n",
     {"PYTHONTRACEMALLOC": "1"}, False),
    ("kept = bytes(3 << 20)\n", {"PYTHONTRACEMALLOC": "1"}, True),
    ("tracemalloc.start()\nkept = bytes(3 << 20)\ntracemalloc.stop()\n", {}, True),
])
def test_whether_it_was_heard_to_the_end_is_told(
    command: Command, script: str, environ: dict[str, str], heard: bool
) -> None:
    done = command.run(command.script("import tracemalloc\n" + script), flags=(),
                       env={**os.environ, **environ, "COLUMNS": "400"})
    assert done.returncode == 0, done.stderr
    assert command.profile().meta["memory.unheard_count"] == str(int(not heard))
    live = sum(value.amount for value in command.profile().values()
               if value.metric == "live_bytes")
    assert 3 * MIB <= live < 5 * MIB
    said = "another tool, which was there first, left" in done.stdout + done.stderr
    assert said is not heard


def test_a_block_that_was_not_heard_to_the_end(measurer: Measurer) -> None:
    said = measurer.print("""
import sys, tracemalloc, tare
tracemalloc.start()
with tare.memory() as m:
    tracemalloc.stop()
m.print_stats(sys.stdout)
with tare.memory() as m:
    pass
print("AFTER", m.profile.meta["memory.unheard_count"])
""")
    before, after = said.split("AFTER")
    assert "Not heard to the end: another tool" in before
    assert after.strip() == "0"
