"""tare check on a program that both methods see alike."""

from __future__ import annotations

import json
import subprocess

import pytest

from tracing import Tracer


def test_both_methods_agree_on_a_plain_program(tracer: Tracer) -> None:
    """Calls of many microseconds, so that neither has an excuse."""
    path = tracer.folder / "plain.py"
    path.write_text("def a():\n    for _ in range(3000): pass\n"
                    "def b():\n    for _ in range(6000): pass\n"
                    "for _ in range(12_000):\n    a()\n    b()\n")
    command = tracer.command(str(path), output=path)
    tare = command[: command.index("trace")]
    done = subprocess.run([*tare, "check", "-q", "--json", "--python", tracer.python, str(path)],
                          capture_output=True, text=True, check=False, timeout=300)
    shown = json.loads(done.stdout)
    shares = {row["name"]: row["counted"]["share"] for row in shown["functions"]}
    assert shares["b"] == pytest.approx(2 / 3, abs=0.05)
    assert shown["agrees"] and done.returncode == 0, done.stdout
