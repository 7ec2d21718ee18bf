"""Which Python interpreters there are on this machine, and which one a name means.

They are looked for on the PATH, in pyenv and uv, and the one in use is always there. What
an interpreter is, it says itself: a file's name proves nothing. An environment (venv) and the
interpreter it was made from are the same one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from glob import glob
from typing import NamedTuple

NAMES = re.compile(r"(python|pypy|graalpy)([23](\.\d+)?)?t?|jython|micropython")
VERSION = re.compile(r"\d+(\.\d+){0,2}")
WORDS = {
    "cpython": "CPython",
    "pypy": "PyPy",
    "jython": "Jython",
    "micropython": "MicroPython",
    "graalpy": "GraalPy",
}
ANSWER = re.compile(r"^tare-python (\S+) (\S+)$", re.M)
PROBE = """\
import sys
i = getattr(sys, "implementation", None)
n = "jython" if sys.platform[:4] == "java" else "cpython"
n = i.name if i else "pypy" if hasattr(sys, "pypy_version_info") else n
v = ".".join([str(p) for p in i[1][:3]]) if n == "micropython" else sys.version.split()[0]
print("tare-python " + n + " " + v)
"""
PROBE_SECONDS = 30.0  # Jython begins in some, on a loaded machine


class Interpreter(NamedTuple):
    path: str
    implementation: str  # as it calls itself: cpython, pypy...
    version: str  # of the language, 3.11.7; of MicroPython its own

    @property
    def name(self) -> str:
        return f"{WORDS.get(self.implementation, self.implementation)} {self.version}"


class NoInterpreter(Exception):
    """str() says what was tried and what came of it."""


def ask(path: str, seconds: float = PROBE_SECONDS) -> Interpreter:
    """What is at a path, by its own word; NoInterpreter when it does not answer."""
    try:
        done = subprocess.run(
            [path, "-c", PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env=clean_environment(os.environ),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoInterpreter(f"no answer in {seconds:g} s") from None
    except OSError as error:
        raise NoInterpreter(error.strerror or str(error)) from None
    said = ANSWER.search(done.stdout[:10_000].decode("utf-8", "replace"))
    if said is None:
        raise NoInterpreter(f"it is no Python: {how_it_ended(done.returncode)}")
    return Interpreter(path, said[1], said[2])


def how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    import signal

    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Without what would make one interpreter load the modules of another, or trace itself."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith(("PYTHON", "PYPY", "TARE_")) and name != "LD_PRELOAD"
    }


def find_all(current: str, environ: Mapping[str, str]) -> list[Interpreter]:
    """One for each implementation and version, the current one first; the others newest first."""
    found: dict[str, Interpreter] = {}
    for path in candidates(current, environ):
        try:
            answer = ask(path)
        except NoInterpreter:
            continue
        found.setdefault(answer.name, answer)
    known = list(found.values())
    return [*known[:1], *sorted(known[1:], key=order)]


def order(interpreter: Interpreter) -> tuple[bool, str, list[int]]:
    """CPython before the others, newer before older."""
    numbers = [-int(part) for part in re.findall(r"\d+", interpreter.version)[:3]]
    return interpreter.implementation != "cpython", interpreter.implementation, numbers


def candidates(current: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Paths of what may be interpreters, none twice."""
    seen = set()
    for path in (current, *installed(environ), *on_path(environ)):
        real = os.path.realpath(path)
        if real not in seen and os.access(path, os.X_OK) and os.path.isfile(path):
            seen.add(real)
            yield path


def installed(environ: Mapping[str, str]) -> list[str]:
    """What pyenv and uv hold, newest first."""
    home = environ.get("HOME", "")
    pyenv = environ.get("PYENV_ROOT") or os.path.join(home, ".pyenv")
    data = environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    patterns = (
        os.path.join(pyenv, "versions", "*", "bin", "python"),
        os.path.join(data, "uv", "python", "*", "bin", "python"),
    )
    return [path for pattern in patterns for path in sorted(glob(pattern), key=by_numbers)]


def by_numbers(path: str) -> list[int]:
    return [-int(part) for part in re.findall(r"\d+", path)]


def on_path(environ: Mapping[str, str]) -> Iterator[str]:
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        if os.path.basename(folder.rstrip("/")) == "shims":
            continue  # of pyenv: they stand for what was found there
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue
        yield from (os.path.join(folder, name) for name in names if NAMES.fullmatch(name))


def resolve(word: str, current: str, environ: Mapping[str, str]) -> Interpreter:
    """The interpreter that a word means: a path, a command, 3.13, or pypy and the like."""
    if "/" in word:
        return ask(word)
    if VERSION.fullmatch(word):
        return newest(word, current, environ)
    path = shutil.which(word, path=environ.get("PATH"))
    if path is None and word == "pypy":
        path = shutil.which("pypy3", path=environ.get("PATH"))
    if path is None:
        raise NoInterpreter("no such command")
    return ask(path)


def newest(version: str, current: str, environ: Mapping[str, str]) -> Interpreter:
    """The newest CPython of that version; the current one where it is of it."""
    matching = [
        known
        for known in find_all(current, environ)
        if known.implementation == "cpython" and f"{known.version}.".startswith(f"{version}.")
    ]
    if not matching:
        raise NoInterpreter("it is neither in pyenv or uv nor on the PATH")
    return matching[0]
