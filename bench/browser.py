"""A real browser for pages: the system's Chromium, headless and without a GPU."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import ROOT, output_of

# It must not look for anything on the net.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--enable-precise-memory-info"]


def executable() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def missing() -> str:
    """Why there is no browser to measure with; "" when there is one."""
    if executable() is None:
        return "chromium is not installed"
    if not (ROOT / "viewer" / "node_modules" / "speedscope").exists():
        return "viewer/node_modules is not there: run `make viewer`"
    try:
        import playwright  # noqa: F401
    except ImportError:
        requirements = str(ROOT / "requirements-browser.txt")
        done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet",
                               "--disable-pip-version-check", "-r", requirements])
        return "playwright cannot be installed" if done.returncode else ""
    return ""


def version() -> str:
    return output_of([executable() or "false", "--version"]).split()[1]


@contextmanager
def new_page(folder: Path) -> Iterator:
    """A page of a browser of its own: no cache and no memory is shared between measurements."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable(), args=FLAGS,
                                       env={**os.environ, "TMPDIR": str(folder)})
        try:
            yield browser.new_page(viewport={"width": 1600, "height": 900})
        finally:
            browser.close()


def renderer_peak_mb() -> float:
    """The most memory that a renderer of the running browser ever had."""
    peak = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            command = (status.parent / "cmdline").read_bytes()
            text = status.read_text()
        except OSError:
            continue
        if b"--type=renderer" not in command:
            continue
        lines = [line for line in text.splitlines() if line.startswith("VmHWM:")]
        peak = max([peak, *(int(line.split()[1]) for line in lines)])
    return peak / 1024
