"""Fixtures of the trace tests.

TARE_TEST_PYTHONS   interpreters to trace in, joined by colons; default: the running one. Tare must
                    be installed in each of them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from interpreters import interpreters, version_of  # noqa: E402
from line_profiling import Runner  # noqa: E402
from tracing import Tracer  # noqa: E402


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


@pytest.fixture
def runner(tracer: Tracer, tmp_path: Path) -> Runner:
    return Runner(tracer, tmp_path)
