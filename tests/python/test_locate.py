"""Where is the runtime of a running Python? locate_main answers, the interpreter itself knows.

TARE_LOCATE         the program locate_main; default: from the build folder of the C tests
TARE_TEST_PYTHONS   interpreters to look for, joined by colons; default: the running one
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

PATIENCE_SECONDS = 60
MAX_LOOKS = 2000
TELL = """
import ctypes, sys
runtime = ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime")
print(hex(ctypes.addressof(runtime)), hex(sys.hexversion), flush=True)
sys.stdin.read()
"""
UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"]


class Answer(NamedTuple):
    status: str
    words: list[str]

    @property
    def sentence(self) -> str:
        return " ".join(self.words)


class Target(NamedTuple):
    process: subprocess.Popen[str]
    address: str
    version: str


Locate = Callable[..., Answer]
Start = Callable[..., Target]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "python" in metafunc.fixturenames:
        named = os.environ.get("TARE_TEST_PYTHONS", "")
        pythons = [path for path in named.split(":") if path] or [sys.executable]
        metafunc.parametrize("python", pythons)


@pytest.fixture
def locate(request: pytest.FixtureRequest) -> Locate:
    named = os.environ.get("TARE_LOCATE")
    program = named or request.getfixturevalue("c_build") / "tests/core/locate_main"

    def run(pid: int, before: Sequence[str] = (), **options: object) -> Answer:
        done = subprocess.run([*before, str(program), str(pid)], capture_output=True, text=True,
                              timeout=PATIENCE_SECONDS, check=False, **options)
        assert done.returncode == 0, done.stderr
        status, *words = done.stdout.split()
        return Answer(status, words)

    return run


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(command: Sequence[object], **options: object) -> Target:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, **options)
        started.append(process)
        assert process.stdout
        address, version = process.stdout.readline().split()
        return Target(process, address, version)

    yield run
    for process in started:
        process.kill()
        process.communicate()


def expect_found(answer: Answer, target: Target) -> None:
    address, version, offsets, *_ = answer.words
    assert answer.status == "ok", answer
    assert (address, version) == (target.address, target.version)
    assert (offsets == "offsets") == (int(version, 16) >= 0x030D0000)


def ask(python: str, script: str) -> str:
    return subprocess.run([python, "-c", script], capture_output=True, text=True,
                          check=True).stdout.strip()


def library_of(python: str) -> Path | None:
    """The libpython that it has loaded: some come with one that they do not use themselves."""
    mapped = ask(python, "print(*(line.split()[-1] for line in open('/proc/self/maps')))").split()
    return next((Path(path) for path in mapped if "/libpython" in path), None)


def executable_of(python: str) -> Path:
    with open(python, "rb") as file:
        if file.read(2) == b"#!":
            pytest.skip("this Python is started by a script, which needs privileges and its place")
    return Path(ask(python, "import os, sys; print(os.path.realpath(sys.executable))"))


def prefix_of(python: str) -> str:
    return ask(python, "import sys; print(sys.base_prefix)")


class Copy(NamedTuple):
    """An interpreter of our own, that may be moved and deleted."""

    files: list[Path]
    environment: dict[str, str]


def copy_python(python: str, folder: Path) -> Copy:
    originals = [path for path in (executable_of(python), library_of(python)) if path]
    files = [Path(shutil.copy(path, folder / path.name)) for path in originals]
    environment = os.environ | {"LD_LIBRARY_PATH": str(folder),
                                "PYTHONHOME": prefix_of(python)}
    return Copy(files, environment)


def need(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip(f"no {command[0]} here")
    if done.returncode:
        pytest.skip(f"no right to {' '.join(command)} here")


def test_address_and_version(locate: Locate, start: Start, python: str) -> None:
    target = start([python, "-c", TELL])
    answer = locate(target.process.pid)
    expect_found(answer, target)
    assert "python" in answer.words[3]


def test_without_privileges(locate: Locate, start: Start, python: str) -> None:
    need(*UNPRIVILEGED, "true")
    target = start([*UNPRIVILEGED, executable_of(python), "-c", TELL])
    expect_found(locate(target.process.pid, UNPRIVILEGED), target)


@pytest.mark.parametrize("replaced", [False, True])
def test_files_gone_while_running(locate: Locate, start: Start, python: str, tmp_path: Path,
                                  replaced: bool) -> None:
    """As after an upgrade of the package: the old files are mapped, others have their names."""
    copy = copy_python(python, tmp_path)
    target = start([copy.files[0], "-c", TELL], env=copy.environment)
    for file in copy.files:
        file.unlink()
        if replaced:
            shutil.copy("/bin/sh", file)
    if os.geteuid() != 0 and library_of(python) and int(target.version, 16) < 0x030D0000:
        pytest.skip("a deleted library of this version is open to root only")
    expect_found(locate(target.process.pid), target)


def test_files_gone_and_no_privileges(locate: Locate, start: Start, python: str,
                                      tmp_path: Path) -> None:
    """Only what is in memory can be looked at, and it tells its version since 3.13."""
    need(*UNPRIVILEGED, "true")
    copy = copy_python(python, tmp_path)
    target = start([*UNPRIVILEGED, copy.files[0], "-c", TELL], env=copy.environment)
    for file in copy.files:
        file.unlink()
    answer = locate(target.process.pid, UNPRIVILEGED)
    if len(copy.files) == 1 or int(target.version, 16) >= 0x030D0000:
        expect_found(answer, target)
    else:
        assert answer.status.lower() == "not_found"
        assert "deleted" in answer.sentence and "restart" in answer.sentence


def test_another_mount_namespace(locate: Locate, start: Start, python: str,
                                 tmp_path: Path) -> None:
    """The interpreter is on a tmpfs that exists for the target alone."""
    need("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt")
    (tmp_path / "copy").mkdir()
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    copy = copy_python(python, tmp_path / "copy")
    script = f'mount -t tmpfs none {hidden} && cp {tmp_path}/copy/* {hidden} && exec "$@"'
    inside = hidden / copy.files[0].name
    target = start(["unshare", "-m", "sh", "-c", script, "sh", inside, "-c", TELL],
                   env=copy.environment | {"LD_LIBRARY_PATH": str(hidden)})
    expect_found(locate(target.process.pid), target)
    assert list(hidden.iterdir()) == []


EMBED = """
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    int (*run)(int, char **) = (int (*)(int, char **))dlsym(library, "Py_BytesMain");
    printf("%p 0x%lx\\n", dlsym(library, "_PyRuntime"),
           *(unsigned long *)dlsym(library, "Py_Version"));
    fflush(stdout);
    return run(argc - 1, argv + 1);
}
"""


def test_embedded(locate: Locate, start: Start, python: str, tmp_path: Path) -> None:
    """A program that loads a libpython by another name, where nothing is called Python."""
    library = library_of(python)
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if not library or not compiler:
        pytest.skip("needs a shared libpython and a C compiler")
    program, plugin = tmp_path / "program", tmp_path / "plugin.bin"
    subprocess.run([compiler, "-x", "c", "-", "-o", program, "-ldl"], input=EMBED, text=True,
                   check=True)
    shutil.copy(library, plugin)
    target = start([program, plugin, "-c", "import sys; sys.stdin.read()"],
                   env=os.environ | {"PYTHONHOME": prefix_of(python)})
    answer = locate(target.process.pid)
    expect_found(answer, target)
    assert answer.words[3] == str(plugin)


def test_while_it_starts(locate: Locate, python: str) -> None:
    """At any moment the answer is either right or that there is no Python yet."""
    for _ in range(10):
        process = subprocess.Popen([python, "-c", "import sys; sys.stdin.read()"],
                                   stdin=subprocess.PIPE)
        statuses = []
        while len(statuses) < MAX_LOOKS and "ok" not in statuses:
            statuses.append(locate(process.pid).status.lower())
        process.communicate()
        assert set(statuses) - {"not_python", "not_ready"} == {"ok"}


def test_no_python(locate: Locate) -> None:
    process = subprocess.Popen(["sleep", "1000"])
    answer = locate(process.pid)
    process.kill()
    process.wait()
    assert answer.status.lower() == "not_python"
    assert "sleep" in answer.sentence
    assert locate(process.pid).status.lower() == "gone"
