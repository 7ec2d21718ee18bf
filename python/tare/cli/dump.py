"""tare dump: the stack of every thread of a process, once."""

from __future__ import annotations

import os
import sys
import tempfile

from tare.cli.failure import OK, Failure
from tare.cli.parser import add_process, make_parser, say
from tare.cli.sampler import measure
from tare.cli.session import looking

NAMES = ("no_children", "no_stop", "json", "color", "quiet")
DESCRIPTION = """\
Prints what every thread of a running Python process is doing, most recent call
last, as in a traceback. The process is not changed. A thread is held
still for some microseconds where nothing else proves its stack; with --no-stop
never."""


def run(arguments: list[str]) -> int:
    parser = make_parser("dump", "[OPTION...] PID", DESCRIPTION, NAMES)
    add_process(parser)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="tare-") as folder:
        path = os.path.join(folder, "dump.tare")
        outcome = measure("dump", ["-o", path, *looking(options), "--", str(options.pid)])
        for warning in outcome.warnings:
            say(options, warning)
        if outcome.error or not outcome.file:
            raise Failure(outcome.error or "nothing was read", outcome.failure_code())
        from tare.render.report import load_report

        loaded = load_report(path)
    if options.json:
        from tare.render.document import dump_stacks

        print(dump_stacks(loaded))
    else:
        from tare.render.layout import show
        from tare.render.stacks import stacks
        from tare.render.terminal import Screen

        screen = Screen(sys.stdout, options.color)
        show(screen, stacks(screen, loaded))
    return outcome.failure_code() or OK
