"""tare whatif from end to end, of programs that do little else than planted: much is gained without
it. How near that comes is measured by bench/whatif.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys, time
def planted(seconds):
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        sum(range(1000))
def alone():
    for _ in range(10):
        planted(0.012)
def forked():
    import os
    pids = []
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            alone()
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
print("dropped")
globals()[sys.argv[1]]()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def tried(program: Path, kind: str) -> dict:
    words = [sys.executable, "-m", "tare", "whatif", "-q", "--json", "--seconds", "0.1", "-f",
             "planted", str(program), kind]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    (found,) = json.loads(done.stdout)["functions"]
    assert len(found["blocks"]) >= 5
    return found


def test_what_all_wait_for_is_gained(program: Path) -> None:
    found = tried(program, "alone")
    half, *_, gone = [gain["saved_share"]["value"] for gain in found["gains"]]
    assert found["way"] == "hidden" and found["stretch"] == "work"
    assert gone > 0.25 and half < gone
    assert found["criticality"]["value"] > 0.5
    assert found["calls"]["calls"] == 10


def test_several_processes_are_slowed_down(program: Path) -> None:
    found = tried(program, "forked")
    assert found["way"] == "longer"
    assert found["calls"]["process_count"] == 3
    assert found["gains"][-1]["saved_share"]["value"] > 0.25
