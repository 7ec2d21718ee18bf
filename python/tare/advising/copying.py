"""A copy of a program, in which some of its files have another text.

    copy0001/0/             a folder for each place that modules are looked for in
        main.py             the script, a file of its own
        data -> /srv/app/data        what holds no changed file is a link
        lib/
            words.py        changed
            other.py -> /srv/app/lib/other.py

So a copy costs a file for each one that is changed and a link for each of its neighbours, however
large the tree is. Nothing of the user's is written to: compiled modules go to a folder beside the
copies. A program that looks for data beside itself finds it through the links; what it writes
beside itself is gone with the copy.
"""

from __future__ import annotations

import io
import os
import shutil
import tokenize
from collections.abc import Iterable, Mapping

from tare.advising.subject import SCRIPT, Subject
from tare.cli.failure import Failure
from tare.text import is_library

Changed = dict[str, str | None]  # path below a folder -> text; None: as it is


class Copies:
    """The copies of one program that are compared, and what they share."""

    def __init__(
        self, subject: Subject, paths: Iterable[str], files: Iterable[str], folder: str
    ) -> None:
        """paths: where modules are looked for; files: all that any of the copies may change.

        The folder is by its real name: the interpreter finds that out anyway.
        """
        self.subject = subject
        self.folder = folder
        self.compiled = os.path.join(folder, "compiled")
        self.roots = [subject.folder, *dict.fromkeys(paths)]
        self.places = {file: self.place(file) for file in files}
        self.made = 0

    @property
    def script(self) -> str:
        """The file that is run; empty when a module or code is."""
        subject = self.subject
        if subject.kind != SCRIPT or subject.is_function:
            return ""
        return os.path.realpath(os.path.join(subject.cwd, subject.name))

    def place(self, file: str) -> tuple[str, str]:
        """A folder where modules are looked for, and the file's path below it.

        The longest that leads to it: those inside of that are packages.
        """
        real = os.path.realpath(file)
        if is_library(real) and "-packages/" not in real:
            raise Failure(f"change {file}: it belongs to Python itself")
        roots = [root for root in self.roots if real.startswith(root.rstrip("/") + "/")]
        if not roots:
            raise Failure(f"change {file}: it is in no folder where modules are looked for")
        root = max(roots, key=len)
        return root, os.path.relpath(real, root)

    def make(self, texts: Mapping[str, str]) -> Copy:
        """With these files changed, and all others that may be as they are."""
        folder = os.path.join(self.folder, f"copy{self.made:04}")  # all names are equally long
        self.made += 1
        below: dict[str, Changed] = {}
        for file, (root, path) in self.places.items():
            below.setdefault(root, {})[path] = texts.get(file)
        first = self.subject.folder
        if self.script and first in below:
            below[first].setdefault(os.path.basename(self.script), None)
        names = {root: os.path.join(folder, str(number)) for number, root in enumerate(below)}
        for root, changed in below.items():
            # Elsewhere links to all modules would come before what is found earlier.
            copy_tree(root, names[root], changed, whole=root == first)
        return Copy(self, names)


class Copy:
    """One of them: how it is run, and what in its output stands for the original's names."""

    def __init__(self, copies: Copies, roots: dict[str, str]) -> None:
        self.copies = copies
        self.roots = roots  # original folder -> the copy's

    def command(self) -> list[str]:
        subject = self.copies.subject
        first = self.roots.get(subject.folder)
        return (subject if first is None else subject.in_folder(first)).command()

    @property
    def folder(self) -> str:
        """Where the copy's own modules are looked for first."""
        folder = self.copies.subject.folder
        return self.roots.get(folder, folder)

    def variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        """With which modules are found in the copy first, and compiled away from it."""
        subject = self.copies.subject
        by_itself = subject.folder if self.copies.script or subject.is_function else ""
        added = [path for root, path in self.roots.items() if root != by_itself]
        added += filter(None, [environment.get("PYTHONPATH")])
        found = {"PYTHONPYCACHEPREFIX": self.copies.compiled, "PYTHONDONTWRITEBYTECODE": ""}
        return {**found, "PYTHONPATH": os.pathsep.join(added)} if added else found

    def environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        return {**environment, **self.variables(environment)}

    def path_of(self, file: str) -> str:
        """The copy's own file for one of the original's."""
        root, path = self.copies.places[file]
        return os.path.join(self.roots[root], path)

    def was_used(self, file: str) -> bool:
        """Whether the copy's file ran: it was the script, or there is a compiled one now."""
        if os.path.realpath(file) == self.copies.script:
            return True
        folder, name = os.path.split(self.path_of(file))
        compiled = os.path.join(self.copies.compiled, folder.lstrip("/"))
        stem = name.removesuffix(".py")
        try:
            return any(found.startswith(f"{stem}.") for found in os.listdir(compiled))
        except OSError:
            return False

    def original_names(self, text: bytes) -> bytes:
        """Output with the copy's folders called as the original's."""
        for root, path in self.roots.items():
            text = text.replace(os.fsencode(path), os.fsencode(root))
        return text


def copy_tree(source: str, target: str, changed: Changed, whole: bool) -> None:
    """A folder with files of its own, by their paths below it, and links to all others.

    Not whole: only what leads to those files.
    """
    os.makedirs(target)
    inner: dict[str, Changed] = {}
    for path, text in changed.items():
        first, _, rest = path.partition(os.sep)
        if rest:
            inner.setdefault(first, {})[rest] = text
    for name in os.listdir(source):
        before, after = os.path.join(source, name), os.path.join(target, name)
        if name in inner:
            copy_tree(before, after, inner[name], whole=True)
        elif name in changed:
            copy_file(before, after, changed[name])
        elif whole and name != "__pycache__":
            os.symlink(os.path.realpath(before), after)


def copy_file(source: str, target: str, text: str | None) -> None:
    shutil.copyfile(source, target)
    shutil.copymode(source, target)
    if text is not None:
        write_source(target, text)


def read_source(path: str) -> str:
    """As the interpreter decodes it, with the line ends that it has."""
    with open(path, "rb") as stream:
        data = stream.read()
    return data.decode(encoding_of(data))


def encoding_of(data: bytes) -> str:
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]


def write_source(path: str, text: str) -> None:
    """Over a file, in the encoding that it says."""
    with open(path, "rb") as stream:
        encoding = encoding_of(stream.read())
    with open(path, "wb") as stream:
        stream.write(text.encode(encoding))
