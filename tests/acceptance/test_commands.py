"""The commands that people type, from end to end with the real sampler: counts, not seconds."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from measuring import PATIENCE_SECONDS, TARGETS, Background, target

SCREEN = {"NO_COLOR": "1", "COLUMNS": "100", "PATH": os.environ["PATH"]}


def call(tare: list[str], folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*tare, *map(str, words)], cwd=folder, env=SCREEN, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_SECONDS)


@pytest.fixture
def steady(python: str, background: Background) -> subprocess.Popen[bytes]:
    return background.start(target(python, "steady.py", 30))


def test_run(tare: list[str], python: str, tmp_path: Path) -> None:
    """The target's own output and ending; what was found on stderr, and in two files."""
    done = call(tare, tmp_path, "run", "--python", python, "-o", "x.tare", "--json", "x.json",
                TARGETS / "steady.py", 0.5)
    assert done.returncode == 0 and done.stdout.startswith("ready\n{"), done.stderr
    assert "steady" in done.stderr and "Written: x.tare" in done.stderr
    report = json.loads((tmp_path / "x.json").read_text())
    assert report["functions"][0]["name"] == "steady"
    again = call(tare, tmp_path, "report", "x.tare")
    assert again.returncode == 0 and "steady" in again.stdout


def test_run_ends_as_the_target_does(tare: list[str], python: str, tmp_path: Path) -> None:
    done = call(tare, tmp_path, "run", "--python", python, TARGETS / "endings.py", "exit_3")
    assert done.returncode == 3 and len(list(tmp_path.glob("endings.*.tare"))) == 1
    done = call(tare, tmp_path, "run", "--python", python, TARGETS / "endings.py", "killed")
    assert done.returncode == -9


def test_run_of_what_is_no_python(tare: list[str], tmp_path: Path) -> None:
    """The refusal, the headline, and where the file is; nothing about a process that is gone."""
    done = call(tare, tmp_path, "run", "--", "sh", "-c", "sleep 0.3; echo done")
    (file,) = tmp_path.glob("sh.*.tare")
    assert (done.returncode, done.stdout) == (3, "done\n")
    assert "no Python seen" in done.stderr and "ps --ppid" not in done.stderr
    assert f"Written: {file.name}" in done.stderr


def test_run_without_a_place_for_the_file(tare: list[str], tmp_path: Path) -> None:
    done = call(tare, tmp_path, "run", "-o", tmp_path / "no" / "x.tare", "-c", "print('ran')")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and "No such file" in done.stderr


def test_attach(tare: list[str], steady: subprocess.Popen[bytes], tmp_path: Path) -> None:
    done = call(tare, tmp_path, "attach", "--duration", "0.5", "-o", "x.tare", steady.pid)
    assert done.returncode == 0, done.stderr
    assert "steady" in done.stderr and (tmp_path / "x.tare").exists()
    assert steady.poll() is None


def test_top(tare: list[str], steady: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """On a pipe an object a line; nothing is left behind."""
    done = call(tare, tmp_path, "top", "--json", "--duration", "1.5", steady.pid)
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert reports and all(report["functions"][0]["name"] == "steady" for report in reports)
    assert steady.poll() is None and not list(tmp_path.iterdir())


def test_dump(tare: list[str], python: str, background: Background, tmp_path: Path) -> None:
    process = background.start(target(python, "crowd.py", 5, 30), ready=False)
    time.sleep(1)
    done = call(tare, tmp_path, "dump", process.pid)
    assert done.returncode == 0, done.stderr
    shown = [line.split()[-1] for line in done.stdout.splitlines() if line]
    assert shown.count("idle") == 5 and shown.count("busy") == 1
    assert f"{process.pid} crowd.py" in done.stdout
    assert process.poll() is None and not list(tmp_path.iterdir())


def test_a_process_that_is_not_there(tare: list[str], tmp_path: Path) -> None:
    for command in ("attach", "top", "dump"):
        done = call(tare, tmp_path, command, 2_000_000_000)
        assert done.returncode in (2, 3) and done.stdout == ""
        assert done.stderr.startswith("tare: ") and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
