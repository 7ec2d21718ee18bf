"""Fixtures of the viewer's tests: pages in the system's Chromium, and profiles whose every number
is known.

TARE_CHROMIUM   the browser; default: chromium from the PATH
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: `make test-viewer` does it"
)

from looking import Look  # noqa: E402

# It must not look for anything on the net.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    executable = os.environ.get("TARE_CHROMIUM") or shutil.which("chromium")
    if not executable:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def known(c_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the known profiles: known.tare, hostile.tare, tangled.tare, trace.tare."""
    folder = tmp_path_factory.mktemp("known")
    subprocess.run([c_build / "tests/core/make_profile", "write", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """report(FILE...): the page of these profiles, as `tare view -o` writes it."""
    folder = tmp_path_factory.mktemp("reports")
    made: dict[tuple[str, ...], Path] = {}

    def make(*words: Path | str) -> Path:
        key = tuple(map(str, words))
        if key not in made:
            made[key] = folder / f"{len(made)}.html"
            subprocess.run([sys.executable, "-m", "tare", "view", "-q", "-o", str(made[key]), *key],
                           check=True, stdin=subprocess.DEVNULL)
        return made[key]

    return make


@pytest.fixture
def look(chromium) -> Iterator[Callable[..., Look]]:
    """look(page, state="view=flame"): opens a report; what it must never do fails at the end."""
    opened: list[Look] = []

    def start(page: Path, state: str = "", **options: object) -> Look:
        opened.append(Look(chromium, page, state, **options))
        return opened[-1]

    yield start
    for one in opened:
        one.close()
