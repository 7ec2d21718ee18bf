"""Fixtures that all Python tests may use.

TARE_C_BUILD   build folder of the C tests and their helpers; default: build/c, which `make` fills
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # what several folders share


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("TARE_SOAK"):
        return
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip(reason="a soak test: run it with `make soak`"))


@pytest.fixture(scope="session")
def tree() -> Path:
    """The source tree."""
    return ROOT


@pytest.fixture(scope="session")
def c_build() -> Path:
    """Where the C helpers are: c_build / "tests/core/make_profile"."""
    folder = Path(os.environ.get("TARE_C_BUILD", ROOT / "build" / "c")).resolve()
    if not folder.is_dir():
        pytest.fail(f"look for C helpers in {folder}: not there; run `make test`, set TARE_C_BUILD")
    return folder
