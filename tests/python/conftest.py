"""Fixtures for the tests of the Python side.

No test here needs the real sampler: profiles come from builder.py, and commands that start
tare-sample are given fake_sampler.py. The acceptance tests use the real one.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

CLEARED = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "VIRTUAL_ENV", "TERM")
TIMEOUT_SECONDS = 60


@pytest.fixture
def make():
    from builder import Builder

    return Builder


@pytest.fixture
def sampler(tmp_path):
    """An executable that stands for tare-sample."""
    path = tmp_path / "bin" / "tare-sample"
    path.parent.mkdir()
    path.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(HERE)!r})\n"
        "from fake_sampler import main\nsys.exit(main())\n"
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def folder(tmp_path):
    """Where commands run, apart from the sampler."""
    path = tmp_path / "project"
    path.mkdir()
    return path


@pytest.fixture
def tare(sampler, folder):
    """Runs a tare command to its end, or starts it with run=subprocess.Popen."""

    def call(*arguments, run=subprocess.run, env=(), **options):
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in CLEARED and not name.startswith("TARE_")
        }
        usual = {"cwd": folder, "stdin": subprocess.DEVNULL, "text": True}
        if run is subprocess.run:
            usual |= {"capture_output": True, "timeout": TIMEOUT_SECONDS, "check": False}
        else:
            usual |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return run(
            [sys.executable, "-m", "tare", *map(str, arguments)],
            env={**kept, "TARE_SAMPLE": str(sampler), **dict(env)},
            **{**usual, **options},
        )

    return call


@pytest.fixture
def saved(folder, make):
    """Writes a builder's profile to a file and gives its path."""

    def save(builder, name="profile.tare", complete=True):
        path = folder / name
        path.write_bytes(builder.encode(complete))
        return path

    return save
