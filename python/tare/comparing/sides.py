"""What is compared, and what the words of a command line mean.

    old.py:solve  pkg.mod:solve    a function, called with --args
    'sum(range(n))'  or  -e CODE   a statement, in the namespace of --setup
    old.py                         a script, with what follows -- as its arguments
    'grep -c x file'               a command; HEAD~1 HEAD -- COMMAND: one in two revisions
    ONE SIDE with --python twice   the same in two interpreters

A file's name is a file before it is anything else; so is a function's. With a command after --
all other words are revisions. What then has a space, or is one word, and whose first word is a
program, is a command. The rest is code, if it is.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from tare.comparing.driving import CompareError

FUNCTION, STATEMENT, COMMAND, SCRIPT, REVISION = (
    "function",
    "statement",
    "command",
    "script",
    "revision",
)
IN_PROCESS = (FUNCTION, STATEMENT)
MOST_NAME = 60

_DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_FUNCTION = re.compile(rf"(?P<where>.+?):(?P<name>{_DOTTED})")
SYNTAX = (
    "give FILE.py:FUNCTION, MODULE:FUNCTION, a script, a command in quotes, or code with -e"
)


class Side(NamedTuple):
    """One of the things that are compared."""

    name: str
    kind: str
    python: str = sys.executable
    file: str | None = None  # of a function's module
    module: str = ""
    function: str = ""
    args: str = ""  # what stands between the parentheses of the call
    setup: str = ""
    code: str = ""
    command: tuple[str, ...] = ()  # of scripts, commands and revisions
    revision: str = ""
    path: str = ""  # the first entry of sys.path
    cwd: str | None = None
    environ: tuple[tuple[str, str], ...] = ()  # beside this process's

    def spec(self, fresh: bool = False) -> dict[str, Any]:
        """What the worker is told."""
        words = {name: getattr(self, name) for name in ("kind", "name", "setup", "path")}
        if self.kind == STATEMENT:
            return {**words, "code": self.code}
        return {
            **words,
            "file": self.file,
            "module": self.module,
            "function": self.function,
            "args": self.args,
            "fresh": fresh,
        }

    def shares_process(self, other: Side) -> bool:
        """Whether one process can hold both: modules are found in the same places."""
        return (
            self.kind in IN_PROCESS
            and other.kind in IN_PROCESS
            and (self.python, self.path, self.cwd, self.environ)
            == (other.python, other.path, other.cwd, other.environ)
        )


class Words(NamedTuple):
    """What goes with the sides on a command line."""

    setup: str = ""
    args: str = ""
    pythons: tuple[str, ...] = ()
    rest: tuple[str, ...] | None = None  # what follows --; None: there is no --


def make_sides(texts: Sequence[str], codes: Sequence[str], words: Words) -> list[Side]:
    """Two sides or more, the first of which is what the others are compared with."""
    pythons = [find_python(name) for name in words.pythons]
    sides = make_first_sides(texts, codes, words)
    if len(pythons) > 1:
        if len(sides) != 1:
            raise CompareError(
                f"{len(pythons)} interpreters and {len(sides)} sides: give one side with several "
                "--python, or several sides with one"
            )
        return [in_interpreter(sides[0], python, True) for python in pythons]
    if len(sides) < 2:
        only = f"{sides[0].name} alone" if sides else "nothing"
        raise CompareError(f"{only} to compare: {SYNTAX}")
    if not pythons:
        return sides
    return [in_interpreter(side, pythons[0], False) for side in sides]


def make_first_sides(texts: Sequence[str], codes: Sequence[str], words: Words) -> list[Side]:
    named = [make_statement(code, words) for code in codes]
    rest = words.rest
    if rest and texts and not any(is_script(text) for text in texts):
        return [make_revision(text, rest) for text in texts]
    if rest and not texts and not codes:
        return [make_command(list(rest))]
    return [make_side(text, words) for text in texts] + named


def in_interpreter(side: Side, python: str, named: bool) -> Side:
    if side.kind == COMMAND:
        raise CompareError(f"--python is for Python code, not for the command {side.name}")
    command = side.command
    if side.kind == SCRIPT:
        command = (python, *command[1:])
    name = f"{shorten_path(python)}" if named else side.name
    return side._replace(python=python, command=command, name=name)


def find_python(name: str) -> str:
    found = shutil.which(os.path.expanduser(name))
    if found is None:
        raise CompareError(f"--python {name}: no such interpreter; give the path of one")
    return os.path.abspath(found)


def make_side(text: str, words: Words) -> Side:
    if is_script(text):
        return make_script(text, words.rest or ())
    function = _FUNCTION.fullmatch(text)
    if function and (
        function["where"].endswith(".py") or re.fullmatch(_DOTTED, function["where"])
    ):
        return make_function(text, function["where"], function["name"], words)
    if not words.setup and is_command(text):
        return make_command(shlex.split(text))
    return make_code(text, words)


def is_script(text: str) -> bool:
    """A file that is there, or that the text can only mean."""
    if os.path.isfile(text):
        return text.endswith(".py") or not os.access(text, os.X_OK)
    return bool(re.fullmatch(r"[\w./~+-]+\.py", text))


def is_command(text: str) -> bool:
    try:
        parts = shlex.split(text)
    except ValueError:
        return False
    return bool(parts) and shutil.which(parts[0]) is not None


def make_script(text: str, args: Sequence[str]) -> Side:
    if not os.path.isfile(text):
        raise CompareError(f"{text}: no such file; give its path from {os.getcwd()}")
    command = (sys.executable, text, *args)
    return Side(name=text, kind=SCRIPT, command=command)


def make_command(parts: list[str]) -> Side:
    if shutil.which(parts[0]) is None:
        raise CompareError(f"{parts[0]}: no such command; give its path, or install it")
    python = re.fullmatch(r"(python|pypy)[\w.-]*", os.path.basename(parts[0]))
    kind = SCRIPT if python else COMMAND
    return Side(name=name_of(shlex.join(parts)), kind=kind, command=tuple(parts), python=parts[0])


def make_revision(text: str, rest: Sequence[str]) -> Side:
    return Side(name=text, kind=REVISION, revision=text, command=tuple(rest))


def make_function(text: str, where: str, name: str, words: Words) -> Side:
    module, file, path = where, None, os.getcwd()
    if where.endswith(".py"):
        if not os.path.isfile(where):
            raise CompareError(f"{text}: no file {where}; give its path from {os.getcwd()}")
        file = os.path.abspath(where)
        module = os.path.splitext(os.path.basename(where))[0]
        path = os.path.dirname(file)
    return Side(
        name=text,
        kind=FUNCTION,
        file=file,
        module=module,
        function=name,
        args=words.args,
        setup=words.setup,
        path=path,
    )


def make_statement(code: str, words: Words) -> Side:
    return Side(
        name=name_of(code), kind=STATEMENT, code=code, setup=words.setup, path=os.getcwd()
    )


def make_code(text: str, words: Words) -> Side:
    """For what is nothing else; a single word is more often a name that is not there."""
    try:
        compile(text, "<code>", "exec")
    except (SyntaxError, ValueError):
        raise CompareError(
            f"{text}: no file, no command and no Python code; {SYNTAX}"
        ) from None
    if re.fullmatch(r"[\w./~-]+", text) and not words.setup:
        raise CompareError(f"{text}: no file and no command of that name; {SYNTAX}")
    return make_statement(text, words)


def name_of(code: str) -> str:
    """Its lines in one, as far as that is a name."""
    lines = [" ".join(line.split()) for line in code.split("\n") if line.strip()]
    name = " ".join(line if line.endswith(":") else f"{line};" for line in lines).rstrip(";")
    return name if len(name) <= MOST_NAME else name[: MOST_NAME - 3] + "..."


def shorten_path(path: str) -> str:
    """An interpreter's name with what tells it from others: versions/3.12.1/bin/python."""
    parts = path.split(os.sep)
    if len(parts) > 3 and parts[-2] == "bin":
        return f"{parts[-3]}/{parts[-1]}"
    return parts[-1]


def alike(a: Side, b: Side) -> bool:
    """Whether both are the same word for word."""
    return a._replace(name="") == b._replace(name="")
