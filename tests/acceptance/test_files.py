"""Damaged, foreign and newer files: one line that says what is wrong, never a traceback."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from measuring import Run, Sampler, target


@pytest.fixture(scope="module")
def good(sampler: Sampler, python: str) -> bytes:
    run: Run = sampler.run("run", target(python, "split.py", 0.5)).expect_success()
    return run.path.read_bytes()


def report(tare: list[str], path: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*tare, "report", path], capture_output=True)


def expect_one_line(run: subprocess.CompletedProcess[bytes]) -> None:
    assert run.returncode == 2, run
    assert b"Traceback" not in run.stderr
    assert run.stdout == b"" and run.stderr.strip().count(b"\n") == 0


def newer(good: bytes) -> bytes:
    return good[:7] + bytes([good[7] + 1]) + good[8:]


@pytest.mark.parametrize("content", [b"", b"x", b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
                                     b"{}" * 50, b"\0" * 5_000])
def test_empty_and_foreign(tare: list[str], tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tare"
    path.write_bytes(content)
    expect_one_line(report(tare, path))


def test_newer(tare: list[str], tmp_path: Path, good: bytes) -> None:
    path = tmp_path / "x.tare"
    path.write_bytes(newer(good))
    run = report(tare, path)
    expect_one_line(run)
    assert b"version" in run.stderr or b"newer" in run.stderr


def test_missing_folder_and_unreadable(tare: list[str], tmp_path: Path) -> None:
    expect_error = [tmp_path / "absent.tare", tmp_path]
    for path in expect_error:
        run = report(tare, path)
        assert run.returncode in (2, 3) and b"Traceback" not in run.stderr


def test_killed_before_the_first_sample(tare: list[str], sampler: Sampler, python: str) -> None:
    """Provenance is all there is, and all that is shown."""
    measurement = sampler.start("run", target(python, "split.py", 0.2))
    measurement.wait_for("started")
    measurement.process.kill()
    run = report(tare, measurement.end().path)
    assert run.returncode == 4 and run.stderr == b""
    assert b"split.py" in run.stdout


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_truncated(tare: list[str], tmp_path: Path, good: bytes, part: float) -> None:
    """Whatever whole part there is is shown; else one line."""
    path = tmp_path / "x.tare"
    path.write_bytes(good[:int(len(good) * part)])
    run = report(tare, path)
    assert b"Traceback" not in run.stderr
    assert run.returncode in (2, 4), "what is cut off is said"
    assert bool(run.stdout) == (run.returncode == 4)


def test_bit_flips(tare: list[str], tmp_path: Path, good: bytes) -> None:
    """No flip crashes the reader, and none makes it show other numbers as complete."""
    chance = random.Random(7)
    path = tmp_path / "x.tare"
    for _ in range(15):
        damaged = bytearray(good)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        run = report(tare, path)
        assert run.returncode in (2, 4), (run.returncode, run.stderr)
        assert bool(run.stdout) == (run.returncode == 4)
        assert b"Traceback" not in run.stderr
