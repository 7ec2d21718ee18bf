"""The peers that live in the measured interpreter: each in a folder for each version of Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from context import Context
from tools import requirements

BESIDE = {"line_profiler": ["numpy"]}  # what its programs use when they can


def peer_folder(context: Context, python: str, minor: str, peer: str) -> Path | None:
    """Where that peer is installed for that interpreter; None if it does not install."""
    pins = requirements(peer, *BESIDE.get(peer, []))
    folder = context.folder / f"{peer}-{minor}"
    ready = folder / ".ready"
    if not ready.exists() or ready.read_text().splitlines() != pins:
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", "--upgrade",
                               "--disable-pip-version-check", "--target", str(folder), *pins],
                              capture_output=True, check=False)
        if done.returncode != 0:
            print(f"{peer} left out of {minor}: it does not install", file=sys.stderr)
            return None
        ready.write_text("\n".join(pins))
    return folder


def with_peer(folder: Path | None, words: list[str]) -> list[str]:
    """The command with the peer on its path, or as it is."""
    return [*(["env", f"PYTHONPATH={folder}"] if folder else []), *words]
