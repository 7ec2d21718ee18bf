"""Fixtures of the trace tests.

TARE_TEST_PYTHONS   interpreters to trace in, joined by colons; default: the running one. Tare must
                    be installed in each of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tracing import Tracer  # noqa: E402


def interpreters() -> list[str]:
    named = os.environ.get("TARE_TEST_PYTHONS", "")
    return [path for path in named.split(":") if path] or [sys.executable]


def version_of(python: str) -> str:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", script], capture_output=True, text=True,
                          check=True).stdout.strip()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tracer" in metafunc.fixturenames:
        paths = interpreters()
        metafunc.parametrize("tracer", paths, ids=[version_of(path) for path in paths],
                             indirect=True, scope="session")


@pytest.fixture(scope="session")
def tracer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tracer:
    python = request.param
    found = subprocess.run([python, "-c", "import tare._trace"], capture_output=True, check=False)
    if found.returncode != 0:
        pytest.skip(f"Tare is not installed in {python}")
    return Tracer(python, version_of(python), tmp_path_factory.mktemp("traces"))
