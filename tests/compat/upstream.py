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


def source_of(name: str, version: str, folder: Path) -> Path:
    """The unpacked source distribution of that version."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps",
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
        return archive.with_name(archive.name.removesuffix(".tar.gz"))
    pytest.skip(f"{name}'s source cannot be had")


def compare(passed: dict[str, bool], different: dict[str, str], least: int, output: str) -> None:
    """All pass but those in the table, by the beginnings of their names; and these do not."""
    expected = {name for name in passed if name.startswith(tuple(different))}
    ok = {name for name, has_passed in passed.items() if has_passed}
    assert len(ok) >= least, output
    assert sorted(set(passed) - ok - expected) == [], output
    assert sorted(ok & expected) == [], "they pass now: take them out of the table"
    unknown = [name for name in different if not any(test.startswith(name) for test in passed)]
    assert unknown == [], "in the table, but there are no such tests"
