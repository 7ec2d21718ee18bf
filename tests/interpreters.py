"""Which interpreters tests measure: TARE_TEST_PYTHONS, joined by colons, or the running one."""

import os
import subprocess
import sys


def interpreters() -> list[str]:
    named = os.environ.get("TARE_TEST_PYTHONS", "")
    return [path for path in named.split(":") if path] or [sys.executable]


def version_of(python: str) -> str:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", script], capture_output=True, text=True,
                          check=True).stdout.strip()
