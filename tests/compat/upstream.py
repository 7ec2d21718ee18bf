"""Other people's tests, run against the modules that take the place of theirs.

They are not copied: they come with the interpreter, or in a source distribution from the registry.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

SHIMS = Path(__file__).parent / "shims"

# Prints, as JSON, each test of some modules with what went wrong in it, or nothing.
RUN_UNITTEST = """
import importlib, json, sys, unittest
sys.path.insert(0, "")

class Result(unittest.TestResult):
    results = {}
    def stopTest(self, test):
        name = ".".join(test.id().split(".")[-2:])
        wrong = [text for one, text in self.errors + self.failures if one is test]
        self.results[name] = wrong[0] if wrong else ""

for name in sys.argv[1:]:
    module = importlib.import_module(name)
    unittest.defaultTestLoader.loadTestsFromModule(module).run(Result())
print(json.dumps(Result.results))
"""


def source_of(name: str, version: str, marker: str, folder: Path) -> Path:
    """The folder of its source distribution that has a file of that name.

    pip unpacks it before it fails at building it, which nobody needs.
    """
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-clean", "--no-deps",
               "--no-build-isolation", "--no-binary", ":all:", "-d", str(folder / "sdist"),
               f"{name}=={version}"]
    try:
        subprocess.run(command, capture_output=True, check=False, timeout=60,
                       env={**os.environ, "TMPDIR": str(folder)})
    except subprocess.TimeoutExpired:
        pytest.skip(f"{name}'s source cannot be had")
    for archive in (folder / "sdist").glob("*.tar.gz"):
        with tarfile.open(archive) as opened:
            opened.extractall(folder / "sdist", filter="data")
    for found in folder.rglob(marker):
        return found.parent
    pytest.skip(f"{name}'s source cannot be had, or has no tests")


def compare(passed: dict[str, bool], different: dict[str, str], least: int, output: str) -> None:
    """All pass but those in the table, and these do not."""
    expected = set(passed) & set(different)
    ok = {name for name, has_passed in passed.items() if has_passed}
    assert len(ok) >= least, output
    assert sorted(set(passed) - ok - expected) == [], output
    assert not ok & expected, f"take these out of the table, they pass: {sorted(ok & expected)}"
    missing = set(different) - set(passed)
    assert not missing, f"these are in the table, but there are no such tests: {sorted(missing)}"
