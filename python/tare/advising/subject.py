"""The program that is advised on: its command line taken apart, so that a copy can be run instead.

    python -X dev -m app serve        options of the interpreter, kind, name, the program's own
    python work.py input.txt          arguments
    work.py:parse                     a function, which driver.py calls
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass, replace

from tare.cli.failure import UNREADABLE, Failure

SCRIPT, MODULE, CODE = "script", "module", "code"
WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")  # options of the interpreter's
FUNCTION = re.compile(r"(?P<home>.+):(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
PATHS = "import json, sys; print(json.dumps([sys.path[1:], sys.flags.ignore_environment]))"
DRIVER = os.path.join(os.path.dirname(__file__), "driver.py")
ASK_SECONDS = 60


@dataclass(frozen=True)
class Subject:
    """A command that runs Python code, as it was given."""

    python: str
    flags: tuple[str, ...]
    kind: str  # SCRIPT, MODULE or CODE
    name: str  # the script's path, the module's name, the code
    arguments: tuple[str, ...]
    cwd: str

    def command(self) -> list[str]:
        selector = {SCRIPT: [], MODULE: ["-m"], CODE: ["-c"]}[self.kind]
        return [self.python, *self.flags, *selector, self.name, *self.arguments]

    @property
    def is_function(self) -> bool:
        return self.name == DRIVER

    @property
    def folder(self) -> str:
        """Where the program's own modules are looked for first."""
        if self.is_function:
            return self.words()["--folder"]
        if self.kind != SCRIPT:
            return self.cwd
        return os.path.dirname(os.path.realpath(os.path.join(self.cwd, self.name)))

    def in_folder(self, folder: str) -> Subject:
        """The same program where that holds its modules."""
        if self.is_function:
            return replace(self, arguments=("--folder", folder, *self.arguments[2:]))
        if self.kind == SCRIPT:
            name = os.path.basename(os.path.realpath(os.path.join(self.cwd, self.name)))
            return replace(self, name=os.path.join(folder, name))
        # The working directory would come before any other.
        return replace(self, flags=(*self.flags, "-P"))

    def with_arguments(self, *words: str) -> Subject:
        return replace(self, arguments=(*self.arguments, *words))

    def words(self) -> dict[str, str]:
        """Of a function: what driver.py is told, by the option."""
        return dict(zip(self.arguments[::2], self.arguments[1::2], strict=True))

    def label(self) -> str:
        """As people call it."""
        if self.is_function:
            words = self.words()
            return f"{words['--module']}:{words['--name']}"
        return shlex.join([os.path.basename(self.python), *self.command()[1:]])


def parse_command(command: list[str], cwd: str) -> Subject:
    """Of a whole command line that begins with an interpreter; ValueError where there is no code
    to be seen in it."""
    flags: list[str] = []
    words = iter(command[1:])
    for word in words:
        if word in ("-m", "-c") or (word[:2] in ("-m", "-c") and len(word) > 2):
            kind = MODULE if word[1] == "m" else CODE
            name = word[2:] or next(words, "")
            return Subject(command[0], tuple(flags), kind, name, tuple(words), cwd)
        if word == "-" or not word.startswith("-"):
            break
        flags.append(word)
        if word in WITH_VALUE:
            flags.append(next(words, ""))
    else:
        word = "-"
    if word == "-":
        raise ValueError("the program comes from standard input")
    return Subject(command[0], tuple(flags), SCRIPT, word, tuple(words), cwd)


def parse_function(text: str, cwd: str) -> tuple[str, str, str] | None:
    """Of FILE:FUNCTION or MODULE:FUNCTION: the folder it is imported from, the module, the
    function. None for what is neither."""
    found = FUNCTION.fullmatch(text)
    if found is None or os.path.exists(os.path.join(cwd, text)):
        return None
    home = found["home"]
    if not home.endswith(".py"):
        return (cwd, home, found["name"]) if all(map(str.isidentifier, home.split("."))) else None
    path = os.path.realpath(os.path.join(cwd, home))
    if not os.path.isfile(path):
        return None
    folder, module = os.path.split(path.removesuffix(".py"))
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        module = f"{package}.{module}"
    return folder, module, found["name"]


def function_subject(
    python: str, function: tuple[str, str, str], args: str, setup: str, cwd: str
) -> Subject:
    """driver.py, which calls the function; args: what stands between the parentheses."""
    folder, module, name = function
    words = ["--folder", folder, "--module", module, "--name", name]
    words += ["--args", args, "--setup", setup]
    return Subject(python, (), SCRIPT, DRIVER, tuple(words), cwd)


def search_path(subject: Subject, environment: dict[str, str]) -> list[str]:
    """Where its interpreter looks for modules, besides the program's own folder.

    Empty when it ignores the environment, by which others could be put before them.
    """
    flags = [word for word in subject.flags if word != "-i"]
    command = [subject.python, *flags, "-c", PATHS]
    try:
        done = subprocess.run(
            command,
            cwd=subject.cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=ASK_SECONDS,
        )
        paths, ignored = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise Failure(
            f"ask {subject.python} where it looks for modules: {error}; "
            "give an interpreter with --python",
            UNREADABLE,
        ) from None
    if ignored:
        return []
    return [os.path.realpath(os.path.join(subject.cwd, path)) for path in paths if path]
