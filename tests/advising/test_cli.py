"""tare advise from the shell: what it finds in programs of which it is known, and one-line errors."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CLEARED = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "VIRTUAL_ENV", "TERM")
SLOW = """\
import sys

def reverse(items):
    result = []
    for item in items:
        result.insert(0, item)
    return result

def busy(n):
    total = 0
    for i in range(n):
        total += i * i
    return total

n = int(sys.argv[1])
for _ in range(4):
    first = reverse(range(n))[0]
print(first, busy(n))
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def advise(folder, tmp_path_factory):
    """Runs tare advise in the folder. What was timed once is kept for all tests."""
    cache = tmp_path_factory.getbasetemp() / "cache"

    def run(*words, **options):
        kept = {name: value for name, value in os.environ.items()
                if name not in CLEARED and not name.startswith("TARE_")}
        return subprocess.run(
            [sys.executable, "-m", "tare", "advise", *map(str, words)],
            **{"cwd": folder, "stdin": subprocess.DEVNULL, "text": True, "capture_output": True,
               "timeout": 120, "check": False, "env": {**kept, "XDG_CACHE_HOME": str(cache)},
               **options},
        )

    return run


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "nothing to run"),
        (["none.py"], 2, "none.py: no such file"),
        (["none.tare"], 2, "none.tare: no such file"),
        (["fine.py:g"], 3, "call fine:g: AttributeError: module 'fine' has no attribute 'g'"),
        (["fine.py:f", "--args", "1 +"], 3, "SyntaxError"),
        (["fine.py:f", "--args", "1, 2"], 3, "call fine:f: TypeError: f() takes"),
        (["-"], 2, "standard input can be read once"),
        (["--", "ls"], 2, "must begin with a Python interpreter"),
        (["--json", "--sarif", "work.py"], 2, "--json and --sarif are different forms"),
        (["--scale", "10", "--try", "work.py"], 2, "--scale and --try are different questions"),
        (["--patch", "x.diff", "work.py"], 2, "add --try"),
        (["--scale", "0", "work.py"], 2, "'0' is no size"),
        (["--scale", "20,10", "work.py"], 2, "no rising list"),
        (["--size", "1,2", "work.py"], 2, "is not one size"),
        (["--scale", "10", "work.py"], 2, "no {n} in its arguments"),
        (["--list", "work.py"], 2, "the list is of all rules"),
        (["--python", "nowhere", "work.py"], 2, "no such interpreter"),
        (["--try", "--patch", "none/x.diff", "work.py"], 2, "write none/x.diff"),
    ],
)
def test_one_line_for_a_mistake(advise, folder, words, code, said):
    (folder / "work.py").write_text(SLOW)
    (folder / "fine.py").write_text("def f():\n    pass\n")
    done = advise(*words)
    assert done.returncode == code, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("tare: ") and said in last
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
