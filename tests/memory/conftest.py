"""Fixtures of the memory tests.

TARE_TEST_PYTHONS   interpreters to measure in, joined by colons; default: the running one. Tare
                    must be installed in each of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from measuring import Measurer  # noqa: E402


def interpreters() -> list[str]:
    named = os.environ.get("TARE_TEST_PYTHONS", "")
    return [path for path in named.split(":") if path] or [sys.executable]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "measurer" in metafunc.fixturenames:
        metafunc.parametrize("measurer", interpreters(), indirect=True, scope="session")


@pytest.fixture(scope="session")
def measurer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Measurer:
    python = request.param
    script = "import sys, tare._memory; print('%d.%d' % sys.version_info[:2])"
    found = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        pytest.skip(f"Tare is not installed in {python}")
    version = tuple(map(int, found.stdout.split(".")))
    return Measurer(python, version, tmp_path_factory.mktemp("memory"))
