"""What is installed, how it finds itself, and that nothing is forgotten or dragged along."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tare

PACKAGE = Path(tare.__file__).parent
SAMPLER = PACKAGE / "_bin" / "tare-sample"
AGENT = PACKAGE / "_bin" / "tare-agent.so"
EXTENSIONS = sorted(PACKAGE.glob("_*.so"))


def said_by(*command: object, **options: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def installed_files() -> set[str]:
    files = importlib.metadata.files("tare-profiler") or []
    return {str(path) for path in files if path.parts[0] == "tare" and path.suffix != ".pyc"}


def test_one_version_everywhere() -> None:
    version = tare.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert importlib.metadata.version("tare-profiler") == version
    assert version in said_by(SAMPLER, "--version").split()
    assert version in said_by(sys.executable, "-m", "tare", "--version").split()


def test_the_command_is_installed() -> None:
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="tare")
    assert entry.value == "tare.cli:main"
    command = Path(sys.executable).parent / "tare"
    assert said_by(command, "--version") == said_by(sys.executable, "-m", "tare", "--version")


def test_every_python_file_is_installed_and_nothing_else(tree: Path) -> None:
    source = tree / "python"
    kinds = {".py", ".pyi", ".typed", ".toml", ".js", ".css"}
    ours = {
        str(path.relative_to(source)) for path in source.rglob("*") if path.suffix in kinds
    } | {f"tare/_bin/{name}" for name in ("tare-agent.so", "tare-agent-clock.so",
                                          "tare-agent-native.so", "tare-sample")}
    ours |= {f"tare/{path.name}" for path in EXTENSIONS}
    assert installed_files() == ours


def test_run_time_dependencies_are_rich_alone() -> None:
    required = importlib.metadata.requires("tare-profiler") or []
    assert [re.match(r"[\w-]+", line)[0] for line in required if "extra" not in line] == ["rich"]


def test_the_sampler_may_be_executed_and_needs_no_python() -> None:
    assert os.access(SAMPLER, os.X_OK)
    needed = said_by("readelf", "-d", SAMPLER)
    assert "NEEDED" in needed and "python" not in needed


@pytest.mark.parametrize("extension", EXTENSIONS, ids=lambda path: path.name.split(".")[0])
def test_an_extension_shows_its_init_function_only(extension: Path) -> None:
    lines = said_by("nm", "-D", "--defined-only", extension).splitlines()
    symbols = [line.split()[-1] for line in lines]
    name = extension.name.split(".")[0]
    entry = ["tare_agent_entry"] if name in ("_delay", "_memory", "_trace") else []
    assert sorted(symbols) == sorted([f"PyInit_{name}", *entry])


def test_the_agent_knows_nothing_of_python() -> None:
    needed = said_by("readelf", "-d", AGENT)
    assert "NEEDED" in needed and "python" not in needed
    undefined = said_by("nm", "-D", "--undefined-only", AGENT)
    assert " Py" not in undefined and " _Py" not in undefined
    shown = [line.split()[-1] for line in said_by("nm", "-D", "--defined-only", AGENT).splitlines()]
    assert sorted(shown) == ["_Exit", "__libc_start_main", "_exit", "execv", "execve"]


def test_there_is_an_extension() -> None:
    assert [path.name.split(".")[0] for path in EXTENSIONS] == [
        "_delay", "_heap", "_memory", "_profile", "_same", "_stats", "_trace"]


def listed_in(build_file: Path) -> set[str]:
    return set(re.findall(r"'([\w/.]+\.(?:c|py|pyi|typed))'", build_file.read_text()))


@pytest.mark.parametrize(
    "folder",
    [f"core/{name}" for name in ("base", "os", "model", "trace", "stats", "io", "remote")]
    + ["agent", "sampler", "ext/common", "ext/delay", "ext/profile", "ext/trace"],
)
def test_every_source_is_listed(tree: Path, folder: str) -> None:
    there = {path.name for path in (tree / folder).glob("*.c")}
    assert listed_in(tree / folder / "meson.build") == there


def test_every_c_test_is_listed(tree: Path) -> None:
    units = re.search(r"units = \[(.*?)\]", (tree / "tests/core/meson.build").read_text(), re.S)
    there = {path.stem.removeprefix("test_") for path in (tree / "tests/core").glob("test_*.c")}
    assert set(re.findall(r"'(\w+)'", units[1])) == there


def check_system(tree: Path, python: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tree / "tools" / "check_system", python],
        env={**os.environ, **environment}, capture_output=True, text=True,
    )


def test_a_complete_system_is_silent(tree: Path) -> None:
    done = check_system(tree, sys.executable)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_compiler_is_named_with_its_package(tree: Path) -> None:
    done = check_system(tree, sys.executable, CC="no-such-compiler")
    assert done.returncode == 1
    assert "no-such-compiler" in done.stderr and "gcc" in done.stderr


def test_missing_headers_are_named_with_their_package(tree: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        f'*include*) echo "{tmp_path}" ;;\n'
        f'*) exec {sys.executable} "$@" ;;\n'
        "esac\n"
    )
    python.chmod(0o755)
    done = check_system(tree, str(python))
    assert done.returncode == 1
    assert "no Python.h" in done.stderr and "dev" in done.stderr


def test_an_old_interpreter_is_refused(tree: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        '*exit*) exit 1 ;;\n'
        '*version_info*) echo 3.10 ;;\n'
        "esac\n"
    )
    python.chmod(0o755)
    done = check_system(tree, str(python))
    assert done.returncode == 1
    assert "is Python 3.10, Tare needs 3.11" in done.stderr


@pytest.mark.skipif(not shutil.which("apt-get"), reason="a Debian machine only")
def test_the_mirror_is_that_of_the_running_release(tree: Path, tmp_path: Path) -> None:
    release = said_by("sh", "-c", '. /etc/os-release && echo "$VERSION_CODENAME"').strip()
    apt = tmp_path / "apt-get"
    apt.write_text(
        "#!/bin/sh\n"
        f"echo 'https://third.example/ {release} contrib'\n"
        "echo 'https://other.example/ nodistro main'\n"
        f"echo 'https://mirror.example/debian/ {release} main'\n"
    )
    apt.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    mirror = said_by(tree / "tools" / "debian_mirror", env={**os.environ, "PATH": path})
    assert mirror == "https://mirror.example/debian/\n"


def test_interpreters_are_one_of_each_version(tree: Path) -> None:
    paths = said_by(tree / "tools" / "interpreters").split()
    script = "import sys; print(*sys.version_info[:2])"
    versions = [tuple(map(int, said_by(path, "-c", script).split())) for path in paths]
    assert versions == sorted(set(versions))
    assert all((3, 11) <= version <= (3, 13) for version in versions)


def test_a_missing_cross_compiler_is_named_with_its_package(tree: Path) -> None:
    done = subprocess.run(
        [tree / "tools" / "check_aarch64"],
        env={**os.environ, "CC_AARCH64": "no-such-compiler"}, capture_output=True, text=True,
        cwd=tree,
    )
    assert done.returncode == 77
    assert "no-such-compiler" in done.stdout and "gcc-aarch64-linux-gnu" in done.stdout
