"""tare check: measure a program by sampling and by counting, and compare what the two say."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile

from tare.cli import run as sampling
from tare.cli import trace as tracing
from tare.cli.failure import LIMIT_EXCEEDED, OK, Failure
from tare.cli.parser import make_parser, say
from tare.cli.target import find_python_command, split_arguments

NAMES = ("rate", "python", "json", "color", "quiet")
DESCRIPTION = """\
Runs TARGET twice, once sampled from outside and once with every call counted,
and compares the share of each function's own time. Sampling has no cost for
each call, counting no chance: where both agree, believe them. Where they
do not, it says by how much and which to believe.

TARGET is what tare trace takes. It runs twice, with all it does."""


def run(arguments: list[str]) -> int:
    own, target = split_arguments(arguments, NAMES)
    parser = make_parser("check", "[OPTION...] TARGET", DESCRIPTION, NAMES)
    options = parser.parse_args(own)
    if target == ["-"]:
        raise Failure("check -: standard input can be read once; give a file")
    command = find_python_command(target, options.python, os.environ)
    with tempfile.TemporaryDirectory(prefix="tare-check-") as folder:
        sampled = os.path.join(folder, "sampled.tare")
        counted = os.path.join(folder, "counted.tare")
        say(options, "first of two runs: sampling")
        code = sampling.run(["-q", "-o", sampled, "--rate", str(options.rate), "--", *command])
        say(options, "second run: counting every call")
        again = tracing.run(["-q", "-o", counted, "--no-builtins", "--", *command])
        if code != again:
            say(options, f"the target exited with {code}, then with {again}")
        return compare(options, sampled, counted)


def compare(options: argparse.Namespace, sampled: str, counted: str) -> int:
    from tare.render.check import compare_profiles, document, text
    from tare.render.report import load_report

    result = compare_profiles(load_report(sampled), load_report(counted))
    if not result.functions:
        raise Failure("check: the program was too short to be sampled; give it more to do")
    if options.json:
        print(document(result))
    else:
        from tare.render.layout import show
        from tare.render.terminal import Screen

        screen = Screen(sys.stdout, options.color)
        show(screen, text(screen, result))
    return LIMIT_EXCEEDED if result.differing else OK
