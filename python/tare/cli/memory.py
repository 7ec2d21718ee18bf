"""tare memory: run a program and count what it allocates."""

from __future__ import annotations

import os

from tare.cli.parser import make_parser
from tare.cli.session import choose_output
from tare.cli.target import find_python_command, split_arguments, stem_of
from tare.cli.traced import flag, measure

NAMES = (
    "output",
    "overwrite",
    "sample",
    "native",
    "no_children",
    "python",
    "json_to",
    "color",
    "quiet",
    "verbose",
)
DESCRIPTION = """\
Runs TARGET and counts every block of memory that it allocates and frees, with
the stack that asked for it. Then prints on stderr: memory over time, where the
memory of the process is, which lines held most when most was held, which
allocated most, and what was never freed.

TARGET is a script with its arguments, -m MODULE, -c CODE, or after -- a
command line that begins with a Python interpreter. It keeps its stdin,
stdout, arguments, modules, signals and exit code."""


def run(arguments: list[str]) -> int:
    own, target = split_arguments(arguments, NAMES)
    parser = make_parser("memory", "[OPTION...] TARGET", DESCRIPTION, NAMES)
    options = parser.parse_args(own)
    command = find_python_command(target, options.python, os.environ)
    output = choose_output(options, stem_of(target))
    variables = {"SAMPLE_BYTES": str(options.sample or 0), "NATIVE": flag(options.native)}
    return measure(options, command, output, variables, "_memory")
