"""What to measure: where Tare's own options end, and the command they are followed by.

tare run --rate 500 script.py --rate 7      --rate 7 belongs to the script
tare run -m module args                     as python -m module args
tare run -c code args                       as python -c code args
tare run -- command args                    any command
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping

from tare.cli.failure import Failure
from tare.cli.options import OPTIONS

SYNTAX = "give a script, -m MODULE, -c CODE, or -- COMMAND"


def split_arguments(arguments: list[str], names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Tare's own arguments, and the target from its first word on."""
    takes_value = {
        flag: OPTIONS[name].takes_value() for name in names for flag in OPTIONS[name].flags
    }
    index = 0
    while index < len(arguments):
        word = arguments[index]
        if word in ("--", "-m", "-c", "-") or not word.startswith("-"):
            break
        index += 2 if takes_value.get(word, False) else 1
    return arguments[:index], arguments[index:]


def make_command(target: list[str], python: str | None, environ: Mapping[str, str]) -> list[str]:
    """The command line that runs the target."""
    if not target:
        raise Failure(f"nothing to run: {SYNTAX}")
    if target[0] == "--":
        return _check_command(target[1:])
    if target[0] in ("-m", "-c") and len(target) == 1:
        raise Failure(f"{target[0]} needs {'a module' if target[0] == '-m' else 'code'}: {SYNTAX}")
    if target[0] not in ("-m", "-c", "-"):
        _check_script(target[0])
    return [find_python(python, environ), *target]


def find_python_command(
    target: list[str], python: str | None, environ: Mapping[str, str]
) -> list[str]:
    """The same where it must be an interpreter that runs the target."""
    command = make_command(target, python, environ)
    name = os.path.basename(command[0])
    if target[0] == "--" and not re.fullmatch(r"(python|pypy)[\w.-]*", name):
        raise Failure(
            f"measure {command[0]}: a command must begin with a Python interpreter, as in: "
            "tare trace -- python script.py; tare run takes any"
        )
    return command


def _check_command(command: list[str]) -> list[str]:
    if not command:
        raise Failure(f"nothing to run after --: {SYNTAX}")
    if shutil.which(command[0]) is None:
        raise Failure(f"run {command[0]}: {_why_no_command(command[0])}")
    return command


def _why_no_command(word: str) -> str:
    if os.path.isdir(word):
        return "it is a directory; give a program"
    if "/" in word and os.path.exists(word):
        name = shlex.quote(word)
        return f"it is not executable; chmod +x {name}, or: tare run {name}"
    return "no such command; give its path, or install it"


def _check_script(path: str) -> None:
    if os.path.exists(path):
        return
    if shutil.which(path):
        raise Failure(f"run {path}: no such file; for a command write: tare run -- {path}")
    raise Failure(f"run {path}: no such file; give its path from {os.getcwd()}")


def find_python(python: str | None, environ: Mapping[str, str]) -> str:
    """--python; else the active virtual environment's; else the one Tare runs on."""
    if python is not None:
        found = shutil.which(python)
        if found is None:
            raise Failure(f"--python {python}: no such interpreter; give the path of one")
        return found
    active = environ.get("VIRTUAL_ENV")
    if active:
        found = shutil.which(os.path.join(active, "bin", "python"))
        if found is not None:
            return found
    return sys.executable


def stem_of(target: list[str]) -> str:
    """A short name for the file: the script's, the module's, the command's."""
    words = target[1:] if target[0] == "--" else target
    if words[0] == "-m":
        name = words[1].removesuffix(".__main__")
    elif words[0] in ("-c", "-"):
        name = "code"
    else:
        name = os.path.basename(os.path.normpath(words[0])).removesuffix(".py")
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name)
    return kept.lstrip(".-")[:60] or "code"


def quote(command: list[str]) -> str:
    return shlex.join(command)
