"""The files of a git revision, laid out in a temporary folder for as long as they are measured.

    repository (only read)             temporary folder
    objects  --read-tree, checkout-->  tare-tree-XXXXXXXX/index     ours, not the user's
                                       tare-tree-XXXXXXXX/tree/...  the files, without .git

`git worktree add` would leave an entry in the repository when it is killed, and would run the
user's hooks. With an index of our own nothing is written to the repository at all. A second
process waits for the end of this one, however it comes, and then removes the folder.

A program of that revision must not import the modules of the working tree. What stands on its
interpreter's sys.path inside the repository, and what editable installations point to there, is
put in front of PYTHONPATH as the same folder of the revision.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tare.errors import Error

WORKING_TREE = "."
REMOVE = 'read -r _; exec rm -rf -- "$1"'
# Of the interpreter that is going to run: its path, and the folders that finders of editable
# installations (setuptools writes MAPPING into their modules) lead to.
ASK_PATH = """
import json, os, sys
found = [path for path in sys.path if path]
for finder in sys.meta_path:
    module = sys.modules.get(getattr(finder, "__module__", ""))
    mapping = getattr(module, "MAPPING", None)
    if isinstance(mapping, dict):
        found += [os.path.dirname(str(path)) for path in mapping.values()]
print(json.dumps(found))
"""
ASK_SECONDS = 30
# What could run the user's hooks, or write into the repository, when an index is written.
UNTOUCHED = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.splitIndex=false",
    "submodule.recurse=false",
)


class Repository(NamedTuple):
    root: str  # of the working tree
    folder: str  # the .git folder


class Tree(NamedTuple):
    """A revision's files, and what a command has to know to run in them."""

    text: str  # as it was asked for
    commit: str  # empty in a repository without any
    dirty: bool  # the working tree, with changes that no commit has
    root: str
    cwd: str
    original: str  # the root of the working tree; the same as root for the tree itself

    def path(self, path: str) -> str:
        """The same file or folder of this revision; what is outside the repository stays."""
        absolute = os.path.normpath(os.path.join(self.original_cwd, path))
        inside = os.path.relpath(absolute, self.original)
        if inside == os.pardir or inside.startswith(os.pardir + os.sep):
            return path
        return os.path.normpath(os.path.join(self.root, inside))

    @property
    def original_cwd(self) -> str:
        return os.path.normpath(
            os.path.join(self.original, os.path.relpath(self.cwd, self.root))
        )

    def command(self, words: list[str]) -> list[str]:
        """The words for this tree: absolute names lead into it, and what no revision has (an
        environment, data that git ignores) is found where it is."""
        if self.root == self.original:
            return words
        return [self._word(word) for word in words]

    def _word(self, word: str) -> str:
        if word.startswith("-"):
            return word
        there = os.path.normpath(os.path.join(self.original_cwd, word))
        mapped = self.path(word)
        if not os.path.lexists(there) or mapped == word:
            return word
        if os.path.lexists(mapped):
            return mapped if os.path.isabs(word) else word
        return there if is_untracked(there, self.original) else word

    def environment(self, environ: Mapping[str, str], python: str | None = None) -> dict[str, str]:
        """environ, in which that interpreter imports this tree's modules and not the original's."""
        found = dict(environ)
        if self.root == self.original:
            return found
        given = environ.get("PYTHONPATH", "").split(os.pathsep)
        ahead = []
        for path in ask_path(python or sys.executable, self.original_cwd, environ):
            mapped = self.path(path)
            if mapped != path and os.path.isdir(mapped):
                ahead.append(mapped)
        behind = [self.path(path) for path in given if path]
        paths = list(dict.fromkeys([*ahead, *behind]))
        if paths:
            found["PYTHONPATH"] = os.pathsep.join(paths)
        return found


def is_revision(text: str, directory: str | None = None) -> bool:
    """Whether git knows a commit by that name; "." is one wherever there is a working tree."""
    if text.startswith("-") or not text.strip():
        return False
    try:
        repository = find_repository(directory or os.getcwd())
        return text == WORKING_TREE or bool(find_commit(repository, text))
    except Error:
        return False


@contextlib.contextmanager
def checked_out(text: str, directory: str | None = None) -> Iterator[Tree]:
    """The Tree of a revision; its files are removed at the end. "." is the working tree as it is.

    Raises tare.Error where there is no git, no repository or no such revision.
    """
    directory = os.path.realpath(directory or os.getcwd())
    repository = find_repository(directory)
    if text == WORKING_TREE:
        commit = find_commit(repository, "HEAD")
        yield Tree(
            text, commit, is_dirty(repository), repository.root, directory, repository.root
        )
        return
    commit = resolve(repository, text)
    with temporary_folder() as folder:
        root = os.path.join(folder, "tree")
        os.mkdir(root)
        lay_out(repository, text, commit, folder, root)
        cwd = os.path.join(root, os.path.relpath(directory, repository.root))
        cwd = os.path.normpath(cwd)
        if not os.path.isdir(cwd):
            inside = os.path.relpath(directory, repository.root)
            raise Error(f"use revision {text}: it has no folder {inside}; start in one it has")
        yield Tree(text, commit, False, root, cwd, repository.root)


@contextlib.contextmanager
def temporary_folder() -> Iterator[str]:
    """Removed at the end, and by a process that outlives this one if this one is killed."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix="tare-tree-"))
    remover = subprocess.Popen(
        ["/bin/sh", "-c", REMOVE, "tare-tree", folder],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in a terminal is for all of its group
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if remover.stdin is not None:
            remover.stdin.close()
        remover.wait()


def lay_out(repository: Repository, text: str, commit: str, folder: str, root: str) -> None:
    own = {
        "GIT_DIR": repository.folder,
        "GIT_WORK_TREE": root,
        "GIT_INDEX_FILE": os.path.join(folder, "index"),
    }
    settings = [word for setting in UNTOUCHED for word in ("-c", setting)]
    done = git([*settings, "read-tree", "--reset", "-u", commit], root, own)
    if done.returncode:
        raise Error(f"lay out the files of {text} in {root}: {last_line(done.stderr)}")


def find_repository(directory: str) -> Repository:
    done = git(["rev-parse", "--show-toplevel", "--absolute-git-dir"], directory)
    if done.returncode:
        said = last_line(done.stderr)
        if "not a git repository" in said:
            raise Error(f"find revisions: {directory} is in no git repository; start in one")
        raise Error(f"find revisions in {directory}: {said}")
    root, folder = done.stdout.splitlines()[:2]
    return Repository(os.path.realpath(root), folder)


def find_commit(repository: Repository, text: str) -> str:
    """Its full name, or nothing."""
    words = ["rev-parse", "--verify", "--quiet", f"{text}^{{commit}}"]
    done = git(words, repository.root)
    return done.stdout.strip() if done.returncode == 0 else ""


def resolve(repository: Repository, text: str) -> str:
    commit = "" if text.startswith("-") else find_commit(repository, text)
    if commit:
        return commit
    if git(["rev-parse", "--is-shallow-repository"], repository.root).stdout.strip() == "true":
        raise Error(
            f"find revision {text}: this clone is shallow and has not all commits; "
            "git fetch --unshallow brings them"
        )
    raise Error(f"find revision {text}: git knows no such commit; git log shows those there are")


def is_dirty(repository: Repository) -> bool:
    """Whether a file that git knows differs from the last commit."""
    done = git(["status", "--porcelain", "--untracked-files=no"], repository.root)
    return done.returncode == 0 and bool(done.stdout.strip())


def is_untracked(path: str, root: str) -> bool:
    done = git(["ls-files", "--", path], root)
    return done.returncode == 0 and not done.stdout.strip()


def git(
    words: list[str], directory: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    own = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(
            ["git", *words],
            cwd=directory,
            env={**os.environ, **own, **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )
    except FileNotFoundError:
        if not os.path.isdir(directory):
            raise Error(f"find revisions in {directory}: no such folder") from None
        raise Error("find revisions: git is not installed; install it, or give files") from None
    except OSError as error:
        raise Error(f"start git: {error.strerror}") from None


def last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("fatal: ").removeprefix("error: ") if lines else "git failed"


def ask_path(python: str, directory: str, environ: Mapping[str, str]) -> list[str]:
    """The absolute folders on that interpreter's path; none if it does not say."""
    import json

    try:
        done = subprocess.run(
            [python, "-c", ASK_PATH],
            cwd=directory,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ASK_SECONDS,
            check=False,
        )
        found = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else []
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return []
    paths = [os.path.join(directory, path) for path in found if isinstance(path, str)]
    return [os.path.realpath(path) for path in paths]


def python_of(words: list[str]) -> str:
    """The interpreter that a command line is going to start; the running one where it says none."""
    program = shutil.which(words[0]) if words else None
    if program is None:
        return sys.executable
    if is_python(program):
        return program
    try:
        with open(program, "rb") as stream:
            first = stream.readline(512)
    except OSError:
        return sys.executable
    if not first.startswith(b"#!"):
        return sys.executable
    named = first[2:].decode("utf-8", "surrogateescape").split()
    named = named[1:] if named and os.path.basename(named[0]) == "env" else named
    found = shutil.which(named[0]) if named else None
    return found if found is not None and is_python(found) else sys.executable


def is_python(path: str) -> bool:
    return os.path.basename(path).startswith(("python", "pypy"))


def here(directory: str | None = None) -> tuple[str, bool]:
    """The commit of the working tree, and whether it has changes; nothing outside of git."""
    try:
        repository = find_repository(directory or os.getcwd())
        commit = find_commit(repository, "HEAD")
        return commit, is_dirty(repository) if commit else False
    except Error:
        return "", False
