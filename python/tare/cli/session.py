"""What run and attach share: the file they write, and what they print at the end."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import time

from tare.cli.failure import cannot_write, check_writable
from tare.cli.parser import say
from tare.cli.sampler import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.render.report import Report


def choose_output(options: argparse.Namespace, stem: str) -> str:
    """The file to write; the default name is new in each run."""
    output: str | None = options.output
    if output is None:
        output = f"{stem}.{time.strftime('%Y%m%d-%H%M%S')}.{os.getpid()}.tare"
    check_writable(output, options.overwrite)
    if options.json_to not in (None, "-"):
        check_writable(options.json_to, overwrite=True)
    return output


def sampler_options(options: argparse.Namespace, output: str) -> list[str]:
    words = ["-o", output, *sampling(options)]
    if options.overwrite:
        words.append("--overwrite")
    return words


def sampling(options: argparse.Namespace) -> list[str]:
    return ["--rate", str(options.rate), "--hold", f"{options.hold:g}", *looking(options)]


def looking(options: argparse.Namespace) -> list[str]:
    """What the sampler is told about how to look, by every command that looks."""
    words = ["--no-children"] if options.no_children else []
    return [*words, "--no-stop"] if options.no_stop else words


def report(options: argparse.Namespace, outcome: Outcome) -> None:
    """Errors and warnings first, then the verdict of what could be measured.

    JSON on stderr stands alone there, so that it can be parsed: it has the warnings too.
    """
    alone = options.json_to == "-" and bool(outcome.file)
    if not alone:
        say_what_went_wrong(options, outcome)
    if not outcome.file:
        return
    from tare.render.report import load_report

    loaded = load_report(outcome.file, target_seconds=options.target)
    if options.json_to is not None:
        write_json(loaded, options.json_to, outcome)
    if not options.quiet and not alone:
        from tare.render.terminal import Screen
        from tare.render.verdict import print_verdict

        if outcome.target_started:
            print(file=sys.stderr)  # between what the target printed and what Tare says
        print_verdict(loaded, Screen(sys.stderr, options.color), verbose=options.verbose)


def say_what_went_wrong(options: argparse.Namespace, outcome: Outcome) -> None:
    for warning in outcome.warnings:
        say(options, warning)
    if outcome.error:
        from tare.text import printable

        print(f"tare: {printable(outcome.error)}", file=sys.stderr)


def write_json(loaded: Report, path: str, outcome: Outcome) -> None:
    from tare.render.document import dump_report, text_list

    warnings = [*outcome.warnings, *([outcome.error] if outcome.error else [])]
    text = dump_report(loaded, warnings=text_list(warnings))
    if path == "-":
        print(text, file=sys.stderr)
        return
    try:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
    except OSError as error:
        raise cannot_write(path, error.errno or errno.EIO) from None
