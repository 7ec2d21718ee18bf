"""Fixtures of the tests of what if."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tare.cli.agent import find_extension

sys.path.insert(0, str(Path(__file__).parent))

from delaying import Delayed  # noqa: E402


@pytest.fixture(scope="session")
def extension() -> str:
    return find_extension(sys.executable, "_delay")


@pytest.fixture
def delayed(tmp_path: Path, extension: str) -> Delayed:
    return Delayed(tmp_path, extension)
