"""The target does not notice: same results, same surroundings, never stopped."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from measuring import Sampler, target

SURROUNDINGS = {"LANG": "C.UTF-8", "PATH": os.environ["PATH"], "MARK": "\x01 odd ;=value"}


def plain(command: list[str], **popen: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, **popen)  # type: ignore[call-overload]


def test_everything_a_program_can_see(sampler: Sampler, python: str, tmp_path: Path) -> None:
    command = [*target(python, "fingerprint.py"), "an argument", "", "--status-fd", "-o"]
    told, status, err = {}, {}, {}
    stdin = tmp_path / "stdin"
    stdin.write_text("some input\n")
    for measured in (False, True):
        with open(stdin, "rb") as given:
            options = dict(stdin=given, env=SURROUNDINGS, cwd=tmp_path)
            if measured:
                run = sampler.run("run", command, **options)
                status[measured], out, err[measured] = int(run.ended.split()[1]), run.out, run.err
            else:
                done = plain(command, **options)
                status[measured], out, err[measured] = done.returncode, done.stdout, done.stderr
        told[measured] = json.loads(out)
    for facts in told.values():
        for number in ("1", "2"):  # pipes have a new number each time
            facts["descriptors"][number] = facts["descriptors"][number].split("[")[0]
    for key in told[False]:
        assert told[True][key] == told[False][key], key
    assert told[True].keys() == told[False].keys()
    assert status[True] == status[False] == 17
    assert err[True] == err[False] == b"to standard error\n"


def test_output_is_the_same_bytes(sampler: Sampler, python: str) -> None:
    script = ("import sys; sys.stdout.buffer.write(bytes(range(256)) * 4096); "
              "sys.stderr.write('x' * 100_000)")
    command = [python, "-c", script]
    run = sampler.run("run", command)
    done = plain(command)
    assert (run.out, run.err) == (done.stdout, done.stderr)


def test_results_of_ordinary_programs(sampler: Sampler, python: str) -> None:
    """Deterministic work, sampled as fast as possible, comes to the same end."""
    script = """
import hashlib, json, random, sys, threading
rng = random.Random(5)
data = {str(i): [rng.random() for _ in range(20)] for i in range(2_000)}
text = json.dumps(data, sort_keys=True)
class Tree(dict):
    def __missing__(self, key):
        self[key] = Tree()
        return self[key]
tree = Tree()
for i in range(50_000):
    tree[i % 7][i % 11][i % 13] = i
parts = []
def part(k):
    parts.append((k, sum(hash(str(x)) * 0 + x * k for x in range(20_000))))
workers = [threading.Thread(target=part, args=(k,)) for k in range(8)]
[w.start() for w in workers]; [w.join() for w in workers]
print(hashlib.sha256(text.encode()).hexdigest(), sorted(parts), len(tree))
"""
    command = [python, "-c", script]
    assert sampler.run("run", command, rate=20_000).out == plain(command).stdout


class Watch:
    """Looks at a process as often as it can: its threads' states and its tracer."""

    def __init__(self, pid: int) -> None:
        self.states: set[str] = set()
        self.tracers: set[str] = set()
        self.look_count = 0
        self._pid = pid
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        folder = Path(f"/proc/{self._pid}")
        try:
            while True:
                status = (folder / "status").read_text()
                self.tracers.add(status.partition("TracerPid:\t")[2].split("\n")[0])
                for task in (folder / "task").iterdir():
                    stat = (task / "stat").read_text()
                    self.states.add(stat.rpartition(")")[2].split()[0])
                self.look_count += 1
                time.sleep(0.0002)
        except (FileNotFoundError, ProcessLookupError):
            return

    def end(self) -> None:
        self._thread.join(10)


@pytest.mark.parametrize("program", [["threads.py", 0.8], ["crossed.py", 100, 1]])
def test_never_stopped_never_traced(sampler: Sampler, python: str,
                                    program: list[object]) -> None:
    measurement = sampler.start("run", target(python, *program), rate=20_000)
    watch = Watch(int(measurement.wait_for("started")))
    run = measurement.end().expect_success()
    watch.end()
    assert watch.look_count >= 100
    assert watch.tracers <= {"0", ""}
    assert not watch.states & {"T", "t"}, watch.states


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one CPU")
def test_the_sampler_keeps_off_the_targets_cpu(sampler: Sampler, python: str) -> None:
    """Else it would often be woken by the target leaving its CPU, and see it waiting or not
    depending on how long that takes. Asked of both at nearly the same time, now and then."""
    measurement = sampler.start("run", target(python, "steady.py", 2))
    pid = int(measurement.wait_for("started"))
    apart, looks = 0, 60
    for _ in range(looks):
        time.sleep(0.02)
        cpu = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[36]
        apart += int(cpu) not in os.sched_getaffinity(measurement.process.pid)
    measurement.end().expect_success()
    assert apart >= 0.8 * looks


def test_never_held(sampler: Sampler, python: str) -> None:
    """With --no-stop."""
    command = target(python, "crossed.py", 10, 1)
    run = sampler.run("run", command, rate=20_000, flags=["--no-stop"]).expect_success()
    assert run.view.number("sampler.hold_count") == run.view.number("sampler.hold_ns") == 0


@pytest.mark.parametrize(("percent", "flags"), [(0.5, []), (5, ["--hold", "5"])])
def test_holds_keep_to_their_budget(sampler: Sampler, python: str, percent: float,
                                    flags: list[str]) -> None:
    """0.5 % of the time, and 2 ms to begin with, by the sampler's own account of each hold.

    Twice that is allowed here: a hold during which another program took our CPU is long.
    """
    command = target(python, "crossed.py", 10, 4)
    view = sampler.run("run", command, rate=20_000, flags=flags).expect_success().view
    hold_ns = view.number("sampler.hold_ns")
    assert view.number("sampler.hold_count") >= 200 * percent
    assert hold_ns <= 2 * (view.number("wall_ns") * percent / 100 + 2_000_000)


@pytest.mark.parametrize("call", [b"process_vm_writev", b"pidfd_getfd", b"ptrace"])
def test_the_executable_cannot_write(executable: Path, call: bytes) -> None:
    """Not even imported. (Imported names stand between NULs in the string table.)"""
    image = executable.read_bytes()
    assert b"\0process_vm_readv\0" in image or b"\0syscall\0" in image
    assert b"\0" + call + b"\0" not in image


def test_the_executable_needs_no_python(executable: Path) -> None:
    """Neither libpython nor anything else that the target's Python could clash with."""
    listed = plain(["ldd", str(executable)]).stdout.decode()
    assert "python" not in listed


def test_children_inherit_nothing(sampler: Sampler, python: str, tmp_path: Path) -> None:
    """Neither the profile nor the status pipe is open in the target or its children."""
    script = "import subprocess; subprocess.run(['ls', '-l', '/proc/self/fd'], close_fds=False)"
    run = sampler.run("run", [python, "-c", script])
    assert b".tare" not in run.out
    targets = [line.split(b" -> ")[1] for line in run.out.splitlines() if b" -> " in line]
    assert len(targets) == 4  # 0, 1, 2 and the folder that is listed
