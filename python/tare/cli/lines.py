"""tare lines: run a program and measure chosen lines of it."""

from __future__ import annotations

import argparse
import os

from tare.cli.failure import Failure
from tare.cli.parser import make_parser
from tare.cli.session import choose_output
from tare.cli.target import find_python_command, split_arguments, stem_of
from tare.cli.traced import flag, measure

NAMES = (
    "function",
    "package",
    "output",
    "replace",
    "clock",
    "no_children",
    "python",
    "json_to",
    "color",
    "quiet",
    "verbose",
)
DESCRIPTION = """\
Runs TARGET and measures lines of it: how often each was begun, how long it
took with and without the measured functions that it calls, and how long it
waited at an await or a yield. Of the functions that -f names, of all in the
modules that -p names; without either of all in TARGET's own file. Everything
else runs at full speed. Then prints the lines on stderr.

TARGET is a script with its arguments, -m MODULE, -c CODE, or after -- a
command line that begins with a Python interpreter. It keeps its stdin,
stdout, arguments, modules, signals and exit code."""
MAIN_MODULE = "p __main__"


def run(arguments: list[str]) -> int:
    own, target = split_arguments(arguments, NAMES)
    parser = make_parser("lines", "[OPTION...] TARGET", DESCRIPTION, NAMES)
    options = parser.parse_args(own)
    command = find_python_command(target, options.python, os.environ)
    options.overwrite = options.replace
    output = choose_output(options, stem_of(target))
    variables = {"CPU_CLOCK": flag(options.clock == "cpu"), "LINES": selection(options)}
    return measure(options, command, output, variables)


def selection(options: argparse.Namespace) -> str:
    """What is measured, a line each, as the extension takes it: see ext/trace/line_codes.h."""
    rows = [row for name in options.function or () for row in function_rows(name)]
    rows += [row for name in options.package or () for row in package_rows(name)]
    return "\n".join(rows or [MAIN_MODULE])


def function_rows(name: str) -> list[str]:
    if not name or any(character in name for character in "\n\r\0"):
        raise Failure(f"lines -f {name!r}: give MODULE:FUNCTION, FUNCTION or FILE:LINE")
    file, _, line = name.rpartition(":")
    if not line.isdecimal():
        return [f"f {name}"]
    if not file:
        raise Failure(f"lines -f {name}: give the file too, as in -f work.py:{line}")
    return [f"l {spelling}:{line}" for spelling in spellings(file)]


def package_rows(name: str) -> list[str]:
    if not name or any(character in name for character in "\n\r\0"):
        raise Failure(f"lines -p {name!r}: give a module, a file or a folder")
    if os.sep in name or name.endswith(".py"):
        return [f"p {spelling}" for spelling in spellings(name)]
    return [f"p {name}"]


def spellings(path: str) -> list[str]:
    """As it was given, and from the root: an interpreter calls a file by either name."""
    return list(dict.fromkeys((os.path.normpath(path), os.path.realpath(path))))
