"""Revisions of git, laid out: their files are the commit's, and the repository is only read."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tare.comparing import revisions
from tare.errors import Error

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}
DEAD_SECONDS = 10


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def plain_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders go: empty again when nothing is left behind."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: VALUE is 1, then 2; a package in src/, a script in jobs/."""
    folder = tmp_path / "repository"
    (folder / "src" / "pack").mkdir(parents=True)
    (folder / "jobs").mkdir()
    git(folder, "init", "-q", "-b", "trunk")
    (folder / ".gitignore").write_text("data/\n__pycache__/\n")
    (folder / "jobs" / "job.py").write_text("import pack\nprint(pack.VALUE, pack.__file__)\n")
    for value in (1, 2):
        (folder / "src" / "pack" / "__init__.py").write_text(f"VALUE = {value}\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", f"value {value}")
    (folder / "data").mkdir()
    (folder / "data" / "big.txt").write_text("not for git\n")
    return folder


def state_of(folder: Path) -> dict[str, str]:
    """Every file with its content: the working tree's and git's own."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def value_in(tree: revisions.Tree) -> str:
    return (Path(tree.root) / "src" / "pack" / "__init__.py").read_text()


def test_files_are_those_of_the_commit(repository: Path, scratch: Path) -> None:
    with (
        revisions.checked_out("HEAD~1", str(repository)) as old,
        revisions.checked_out("trunk", str(repository)) as new,
    ):
        assert value_in(old) == "VALUE = 1\n"
        assert value_in(new) == "VALUE = 2\n"
        assert old.commit == git(repository, "rev-parse", "HEAD~1")
        assert not old.dirty
        assert not (Path(old.root) / "data").exists()
        # The length of a path is part of a process's memory layout: the same for both.
        assert len(old.root) == len(new.root)
    assert list(scratch.iterdir()) == []


def test_repository_is_only_read(repository: Path, scratch: Path) -> None:
    ran = repository.parent / "hook-ran"
    for name in ("post-checkout", "post-index-change"):
        hook = repository / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
        hook.chmod(0o755)
    git(repository, "config", "core.splitIndex", "true")
    (repository / "src" / "pack" / "__init__.py").write_text("VALUE = 3\n")
    (repository / "staged.py").write_text("")
    git(repository, "add", "staged.py")
    ran.unlink(missing_ok=True)
    before = state_of(repository)
    with (
        revisions.checked_out("HEAD~1", str(repository)),
        revisions.checked_out(".", str(repository)) as here,
    ):
        assert state_of(repository) == before
        assert here.dirty
        assert git(repository, "worktree", "list").count("\n") == 0
    assert state_of(repository) == before
    assert not ran.exists()


def test_working_tree_is_itself(repository: Path, scratch: Path) -> None:
    with revisions.checked_out(".", str(repository / "jobs")) as tree:
        assert (tree.root, tree.cwd) == (str(repository), str(repository / "jobs"))
        assert not tree.dirty
        assert tree.command(["python", "data/big.txt"]) == ["python", "data/big.txt"]
        assert tree.environment({"A": "1"}) == {"A": "1"}
    (repository / "data" / "more.txt").write_text("ignored\n")
    with revisions.checked_out(".", str(repository)) as tree:
        assert not tree.dirty
    assert repository.is_dir()


def test_command_runs_in_the_revision(repository: Path, scratch: Path) -> None:
    """From a folder below, with the package found by PYTHONPATH; other files where they are."""
    environ = {**os.environ, "PYTHONPATH": str(repository / "src")}
    jobs = repository / "jobs"
    with revisions.checked_out("HEAD~1", str(jobs)) as tree:
        words = [sys.executable, "job.py", "../data/big.txt", str(jobs / "job.py"), "--x=1", "none"]
        mapped = tree.command(words)
        assert mapped[1] == "job.py"
        assert mapped[2] == str(repository / "data" / "big.txt")
        assert mapped[3] == os.path.join(tree.root, "jobs", "job.py")
        assert mapped[4:] == ["--x=1", "none"]
        assert mapped[0] == sys.executable
        out = subprocess.run(
            mapped, cwd=tree.cwd, env=tree.environment(environ), capture_output=True, text=True
        )
        value, path = out.stdout.split()
        assert value == "1"
        assert path.startswith(tree.root)


def test_relative_python_path(repository: Path, scratch: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": "src"}
    with revisions.checked_out("HEAD~1", str(repository)) as tree:
        found = tree.environment(environ)["PYTHONPATH"].split(os.pathsep)
        assert found == [os.path.join(tree.root, "src")]


def test_editable_installations_give_way(repository: Path, scratch: Path, tmp_path: Path) -> None:
    """One by a .pth file, as pip writes it for simple layouts."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "pack.pth").write_text(f"{repository / 'src'}\n")
    (tmp_path / "python-here").write_text(
        f"#!/bin/sh\nexec {sys.executable} -c 'import site; site.addsitedir(\"{site}\")\n"
        'import sys; exec(sys.argv[1])\' "$2"\n'
    )
    (tmp_path / "python-here").chmod(0o755)
    with revisions.checked_out("HEAD~1", str(repository)) as tree:
        found = tree.environment({"PATH": os.environ["PATH"]}, str(tmp_path / "python-here"))
        assert found["PYTHONPATH"] == os.path.join(tree.root, "src")


def test_finders_of_editable_installations(repository: Path, scratch: Path, tmp_path: Path) -> None:
    """setuptools leads by a finder where the layout is not simple."""
    (tmp_path / "__editable___pack_finder.py").write_text(
        f"MAPPING = {{'pack': {str(repository / 'src' / 'pack')!r}}}\n"
        "class Finder:\n"
        "    @classmethod\n"
        "    def find_spec(cls, *rest): return None\n"
    )
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, __editable___pack_finder as f; sys.meta_path.append(f.Finder)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with revisions.checked_out("HEAD~1", str(repository)) as tree:
        found = tree.environment(environ)["PYTHONPATH"].split(os.pathsep)
        assert found == [os.path.join(tree.root, "src"), str(tmp_path)]


@pytest.mark.parametrize(
    ("text", "known"),
    [("HEAD", True), ("HEAD~1", True), ("trunk", True), (".", True), ("HEAD~7", False),
     ("job.py", False), ("--all", False), ("", False), ("HEAD:jobs", False)],
)
def test_is_revision(repository: Path, text: str, known: bool) -> None:
    assert revisions.is_revision(text, str(repository)) is known


def test_no_repository(tmp_path: Path) -> None:
    assert not revisions.is_revision("HEAD", str(tmp_path))
    with pytest.raises(Error, match="in no git repository; start in one$"):
        with revisions.checked_out("HEAD", str(tmp_path)):
            pass


def test_unknown_revision(repository: Path) -> None:
    with pytest.raises(Error, match="^find revision HEAD~9: git knows no such commit; git log"):
        with revisions.checked_out("HEAD~9", str(repository)):
            pass


def test_shallow_clone(repository: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", str(shallow))
    with pytest.raises(Error, match=r"^find revision HEAD~1: this clone is shallow .* --unshallow"):
        with revisions.checked_out("HEAD~1", str(shallow)):
            pass


def test_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert not revisions.is_revision("HEAD", str(repository))
    with pytest.raises(Error, match="^find revisions: git is not installed; install it"):
        with revisions.checked_out("HEAD", str(repository)):
            pass


def test_folder_that_the_revision_lacks(repository: Path, scratch: Path) -> None:
    (repository / "later").mkdir()
    with pytest.raises(Error, match="^use revision HEAD: it has no folder later"):
        with revisions.checked_out("HEAD", str(repository / "later")):
            pass
    assert list(scratch.iterdir()) == []


def test_without_any_commit(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    git(folder, "init", "-q")
    with revisions.checked_out(".", str(folder)) as tree:
        assert tree.commit == ""
    with pytest.raises(Error, match="git knows no such commit"):
        with revisions.checked_out("HEAD", str(folder)):
            pass


HOLD = """
import sys
from tare.comparing import revisions
with revisions.checked_out("HEAD~1", sys.argv[1]) as tree:
    print(tree.root, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(repository: Path, scratch: Path) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(repository)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_killed(
    holder: subprocess.Popen, repository: Path, scratch: Path, number: signal.Signals
) -> None:
    before = state_of(repository)
    root = Path(holder.stdout.readline().strip())
    assert root.is_dir() and root.is_relative_to(scratch)
    os.killpg(holder.pid, number)
    holder.wait(DEAD_SECONDS)
    end = time.monotonic() + DEAD_SECONDS
    while list(scratch.iterdir()) and time.monotonic() < end:
        time.sleep(0.01)
    assert list(scratch.iterdir()) == []
    assert state_of(repository) == before


def test_python_of_a_command(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text(f"#!{sys.executable}\n")
    script.chmod(0o755)
    assert revisions.python_of([str(script)]) == sys.executable
    assert revisions.python_of([sys.executable, "x.py"]) == sys.executable
    assert revisions.python_of(["no-such-program-here"]) == sys.executable
    assert revisions.python_of([]) == sys.executable
