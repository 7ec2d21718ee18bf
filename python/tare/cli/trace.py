"""tare trace: run a program and count every call of it, exactly."""

from __future__ import annotations

import os

from tare.cli.parser import make_parser
from tare.cli.session import choose_output
from tare.cli.target import find_python_command, split_arguments, stem_of
from tare.cli.traced import flag, measure

NAMES = (
    "output",
    "overwrite",
    "clock",
    "no_builtins",
    "durations",
    "no_children",
    "python",
    "json_to",
    "color",
    "quiet",
    "verbose",
)
DESCRIPTION = """\
Runs TARGET and counts every call: of Python functions, C functions and
classes, in all threads, with the time each took by itself, along each path
of calls. Then prints the functions on stderr.

TARGET is a script with its arguments, -m MODULE, -c CODE, or after -- a
command line that begins with a Python interpreter. It keeps its stdin,
stdout, arguments, modules, signals and exit code."""


def run(arguments: list[str]) -> int:
    own, target = split_arguments(arguments, NAMES)
    parser = make_parser("trace", "[OPTION...] TARGET", DESCRIPTION, NAMES)
    options = parser.parse_args(own)
    command = find_python_command(target, options.python, os.environ)
    output = choose_output(options, stem_of(target))
    options.verbose = options.verbose or options.durations  # who asks for them wants to see them
    variables = {
        "CPU_CLOCK": flag(options.clock == "cpu"),
        "BUILTINS": flag(not options.no_builtins),
        "DURATIONS": flag(options.durations),
    }
    return measure(options, command, output, variables)
