"""Python wherever it hides: loaded late, deleted, in another mount namespace or root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import time
from pathlib import Path

import pytest

from measuring import TARGETS, Background, Run, Sampler, target


def config(python: str, name: str) -> str:
    script = f"import sysconfig; print(sysconfig.get_config_var({name!r}) or '')"
    return subprocess.run([python, "-c", script], capture_output=True, text=True,
                          check=True).stdout.strip()


def shared_library(python: str) -> Path:
    path = Path(config(python, "LIBDIR"), config(python, "INSTSONAME"))
    if ".so" not in path.name or not path.exists():
        pytest.skip("this Python has no shared library")
    return path


def compiler() -> str:
    named = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    found = shutil.which(named.split()[0])
    return found or pytest.skip("no C compiler")


def expect_found(run: Run) -> None:
    assert run.expect_success().view.total_ns("steady") > 0


def test_loaded_while_running(sampler: Sampler, python: str, tmp_path: Path) -> None:
    """dlopen, and nothing in the executable's name says Python."""
    library = shared_library(python)
    program = tmp_path / "program"
    subprocess.run([compiler(), TARGETS / "embed.c", "-o", program, "-ldl"], check=True)
    home = {"PYTHONHOME": config(python, "prefix"), "PATH": os.environ["PATH"]}
    run = sampler.run("run", [program, library, TARGETS / "steady.py", 1], env=home)
    expect_found(run)


def test_library_under_another_name(sampler: Sampler, python: str, tmp_path: Path) -> None:
    library = tmp_path / "plugin.bin"
    shutil.copy(shared_library(python), library)
    program = tmp_path / "program"
    subprocess.run([compiler(), TARGETS / "embed.c", "-o", program, "-ldl"], check=True)
    home = {"PYTHONHOME": config(python, "prefix"), "PATH": os.environ["PATH"]}
    expect_found(sampler.run("run", [program, library, TARGETS / "steady.py", 1], env=home))


def copied_python(python: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    """An interpreter of our own, which may be deleted while it runs."""
    real = Path(os.path.realpath(python))
    shutil.copy(real, folder / "python")
    library = Path(config(python, "LIBDIR"), config(python, "INSTSONAME"))
    if ".so" in library.name and library.exists():
        shutil.copy(library, folder / library.name)
    environment = {"LD_LIBRARY_PATH": str(folder), "PYTHONHOME": config(python, "prefix"),
                   "PATH": os.environ["PATH"]}
    return [str(folder / "python"), str(TARGETS / "steady.py"), "3"], environment


def test_deleted_while_running(sampler: Sampler, python: str, tmp_path: Path) -> None:
    """As after an upgrade of the package."""
    command, environment = copied_python(python, tmp_path)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"ready\n"
    for file in tmp_path.iterdir():
        file.unlink()
    try:
        expect_found(sampler.run("attach", [process.pid], flags=["--duration", "0.5"]))
    finally:
        process.kill()
        process.communicate()


def test_replaced_while_running(sampler: Sampler, python: str, tmp_path: Path) -> None:
    """Another file of the same name has taken its place: it must not be believed."""
    command, environment = copied_python(python, tmp_path)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"ready\n"
    for file in list(tmp_path.iterdir()):
        file.unlink()
        shutil.copy("/bin/sh", file)
    try:
        expect_found(sampler.run("attach", [process.pid], flags=["--duration", "0.5"]))
    finally:
        process.kill()
        process.communicate()


def test_another_mount_namespace(sampler: Sampler, python: str, background: Background,
                                 tmp_path: Path) -> None:
    """The target sees a file system that we do not: its Python exists only there."""
    shown, hidden = tmp_path / "shown", tmp_path / "hidden"
    shown.mkdir()
    hidden.mkdir()
    command, environment = copied_python(python, shown)
    # In the new namespace the copy is bound to `hidden`, and found at that path alone.
    words = " ".join(f"{key}={value}" for key, value in
                     (environment | {"LD_LIBRARY_PATH": str(hidden)}).items())
    script = (f"mount --bind {shown} {hidden} && exec env {words} "
              f"{hidden}/python {command[1]} {command[2]}")
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True)
    if probe.returncode:
        pytest.skip("no right to make a mount namespace here")
    process = background.start(["unshare", "-m", "sh", "-c", script])
    expect_found(sampler.run("attach", [process.pid], flags=["--duration", "0.5"]))
    assert list(hidden.iterdir()) == []


def test_process_found_by_our_own_number(sampler: Sampler, python: str,
                                         background: Background) -> None:
    """A target in its own PID namespace has another number there, and its threads too."""
    if subprocess.run(["unshare", "-p", "-f", "true"], capture_output=True).returncode:
        pytest.skip("no right to make a PID namespace here")
    parent = background.start(["unshare", "-p", "-f", *target(python, "steady.py", 3)])
    time.sleep(0.1)
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    expect_found(sampler.run("attach", [children[0]], flags=["--duration", "0.5"]))
