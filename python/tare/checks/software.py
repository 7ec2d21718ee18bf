"""The sampler, and the interpreters it could read."""

from __future__ import annotations

import glob
import os
import re
import subprocess
import sys
import tempfile

from tare.checks import BAD, GOOD, NOTE, Finding
from tare.cli.failure import Failure
from tare.cli.sampler import find_sampler, measure

OLDEST, NEWEST = (3, 11), (3, 15)
INTERPRETER = re.compile(r"python(3\.\d+)(t?)$")
ASK_SECONDS = 5


def check_sampler() -> Finding:
    try:
        path = find_sampler()
        asked = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=ASK_SECONDS, check=False
        )
    except Failure as failure:
        return Finding(
            "tare-sample", BAD, str(failure), "pip install --force-reinstall tare-profiler"
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("tare-sample", BAD, f"start {path}: {error}", "install tare-profiler anew")
    version = asked.stdout.strip() or "no version"
    return Finding(
        "tare-sample", GOOD, f"{version}, {path}", facts={"path": path, "version": version}
    )


def check_reading() -> Finding:
    """The whole way: start this interpreter and let tare-sample read its stack."""
    code = "import sys; sys.stdout.write('x'); sys.stdout.flush(); sys.stdin.read()"
    version = sys.version.split()[0]
    with tempfile.TemporaryDirectory(prefix="tare-") as folder:
        child = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        try:
            child.stdout.read(1)  # it is running its program
            outcome = measure("dump", ["-o", os.path.join(folder, "x.tare"), "--", str(child.pid)])
        except (Failure, OSError) as failure:
            return Finding("reading", BAD, str(failure))
        finally:
            child.communicate()
    if outcome.error or not outcome.file:
        return Finding("reading", BAD, outcome.error or "tare-sample wrote nothing")
    return Finding(
        "reading", GOOD, f"the stack of a Python {version} was read", facts={"python": version}
    )


def check_interpreters() -> Finding:
    found = sorted(find_interpreters(), key=lambda item: (len(item[0]), item[0]))
    readable = [name for name, supported in found if supported]
    other = [name for name, supported in found if not supported]
    words = ", ".join(readable) if readable else "none that Tare can read"
    if other:
        words += f" (not for Tare: {', '.join(other)})"
    grade = GOOD if readable else NOTE
    return Finding("interpreters", grade, words, facts={"readable": readable, "other": other})


def find_interpreters() -> set[tuple[str, bool]]:
    """("3.12", supported) for every interpreter on PATH and under pyenv, by its file name."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    folders += glob.glob(os.path.join(glob.escape(root), "versions", "*", "bin"))
    found = set()
    for folder in folders:
        for path in glob.glob(os.path.join(glob.escape(folder), "python3.*")):
            match = INTERPRETER.search(path)
            if match and os.access(path, os.X_OK):
                version = tuple(map(int, match[1].split(".")))
                supported = OLDEST <= version <= NEWEST and not match[2]
                found.add((match[1] + match[2], supported))
    return found
