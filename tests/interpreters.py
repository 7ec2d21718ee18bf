"""Which interpreters tests measure: TARE_TEST_PYTHONS, joined by colons, or the running one; and
which others there are on this machine, for what runs in any."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ON_PATH = ("python2.7", "python3.6", "python3.8", "python3.13", "pypy3")


def interpreters() -> list[str]:
    named = os.environ.get("TARE_TEST_PYTHONS", "")
    return [path for path in named.split(":") if path] or [sys.executable]


def foreign() -> dict[str, str]:
    """Those of pyenv by their version, and what PATH has beside them, such as "pypy3"."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = {path.parts[-3]: str(path) for path in sorted(root.glob("versions/*/bin/python"))}
    for word in ON_PATH:
        path, name = shutil.which(word), word.removeprefix("python")
        if path and not any(known.startswith(name) for known in found):
            found[name] = path
    return found


def version_of(python: str) -> str:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", script], capture_output=True, text=True,
                          check=True).stdout.strip()
