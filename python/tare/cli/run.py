"""tare run: sample a program from outside, then print the verdict."""

from __future__ import annotations

import argparse
import os
import sys

from tare.cli.ending import die_of_signal
from tare.cli.failure import OK
from tare.cli.parser import make_parser
from tare.cli.progress import Lines
from tare.cli.sampler import Outcome, measure
from tare.cli.session import choose_output, report, sampler_options
from tare.cli.target import make_command, split_arguments, stem_of

NAMES = (
    "output",
    "overwrite",
    "rate",
    "target",
    "no_children",
    "hold",
    "no_stop",
    "python",
    "json_to",
    "color",
    "quiet",
    "verbose",
)
DESCRIPTION = """\
Runs TARGET and looks at its stacks from outside, a thousand times a second.
Then says on stderr where the time went, how sure that is, and what measuring
cost. A thread is held still for some microseconds, 0.5 % of its time at most,
where nothing else proves its stack; with --no-stop never.

TARGET is a script with its arguments, -m MODULE, -c CODE, or after -- any
command line. It keeps its stdin, stdout, arguments, signals and exit code."""


def run(arguments: list[str]) -> int:
    own, target = split_arguments(arguments, NAMES)
    parser = make_parser("run", "[OPTION...] TARGET", DESCRIPTION, NAMES)
    options = parser.parse_args(own)
    command = make_command(target, options.python, os.environ)
    output = choose_output(options, stem_of(target))
    words = [*sampler_options(options, output), "--", *command]
    outcome = measure("run", words, Lines(options).show)
    return finish(options, outcome)


def finish(options: argparse.Namespace, outcome: Outcome) -> int:
    """Prints what was found, then ends as the target did."""
    try:
        report(options, outcome)
    except BrokenPipeError:  # nobody reads what Tare says; the target's ending still counts
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    code = outcome.failure_code()
    if code != OK:
        return code
    if outcome.target_signal is not None:
        return die_of_signal(outcome.target_signal)
    return outcome.target_exit or OK
