"""Fixtures for tarestones: the command, and interpreters that are not what they say.

The tests of kernels run in every interpreter that is found here, which is plain Python: what is
tested is the file that users give to theirs.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
TIMEOUT_SECONDS = 120


@pytest.fixture(scope="session")
def stones_file():
    """The file as it is installed."""
    from tare.stones import tarestones

    return Path(tarestones.__file__)


@pytest.fixture
def fake(tmp_path):
    """An executable that calls itself CPython 3.99.0, and else does what the code says.

    The code sees sys, os, time and the function say(line); it runs when a file is to be run.
    """

    def write(code, name="fake"):
        path = tmp_path / name
        path.write_text(
            f"#!{sys.executable} -S\n"
            "import os, sys, time\n"
            "def say(line):\n"
            "    print(line, flush=True)\n"
            "if sys.argv[1] == '-c':\n"
            "    if 'tare-python' in sys.argv[2]:\n"
            "        say('tare-python cpython 3.99.0')\n"
            "    sys.exit(0)\n" + code
        )
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def tare(tmp_path):
    """Runs the command; its data folder is a new one."""

    def run(*arguments, env=None, cwd=None):
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "VIRTUAL_ENV", "TERM")
        }
        environment["XDG_DATA_HOME"] = str(tmp_path / "data")
        return subprocess.run(
            [sys.executable, "-m", "tare", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            cwd=cwd or tmp_path,
            env={**environment, **(env or {})},
            check=False,
        )

    return run
