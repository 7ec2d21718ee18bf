"""Fixtures of the acceptance tests.

TARE_SAMPLE         the executable under test; default: the installed package's
TARE_TEST_PYTHONS   interpreters to measure, joined by colons; default: the running one
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from interpreters import interpreters, version_of  # noqa: E402
from measuring import Background, Run, Sampler, find_executable, target  # noqa: E402


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "python" in metafunc.fixturenames:
        paths = interpreters()
        metafunc.parametrize("python", paths, ids=[version_of(path) for path in paths],
                             scope="session")


@pytest.fixture(scope="session")
def executable() -> Path:
    found = find_executable()
    if found is None:
        pytest.fail("no tare-sample: run `make build`, or set TARE_SAMPLE to the executable")
    return found


@pytest.fixture(scope="session")
def sampler(executable: Path,
            tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sampler]:
    started = Sampler(executable, tmp_path_factory.mktemp("profiles"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def tare() -> list[str]:
    """The command line, where it is installed."""
    if importlib.util.find_spec("tare") is None:
        pytest.skip("the package tare is not installed in this interpreter")
    return [sys.executable, "-m", "tare"]


@pytest.fixture
def background() -> Iterator[Background]:
    started = Background()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def disk_folder() -> Iterator[Path]:
    """On a real disk, not in /dev/shm."""
    folder = Path(__file__).resolve().parents[2] / "build" / "waits"
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def waits_run(sampler: Sampler, python: str, disk_folder: Path) -> Run:
    """All kinds of waiting in one measurement."""
    return sampler.run("run", target(python, "waits.py", 0.4, disk_folder))
