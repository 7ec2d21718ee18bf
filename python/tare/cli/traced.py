"""What trace, lines and memory share: an interpreter with the agent, whose file they print."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import subprocess
import sys

from tare.cli.agent import environment_for, find_extension
from tare.cli.ending import die_of_signal
from tare.cli.failure import PARTIAL, UNREADABLE, Failure, cannot_write
from tare.cli.family import join_children
from tare.cli.parser import say
from tare.cli.sampler import PASSED_ON, Forwarder
from tare.cli.target import quote


def measure(
    options: argparse.Namespace,
    command: list[str],
    output: str,
    variables: dict[str, str],
    module: str = "_trace",
) -> int:
    """Runs it to its end with that extension module; then prints the report. The exit code."""
    extension = find_extension(command[0], module)
    own = {
        "OUTPUT": os.path.abspath(output),
        "COMMAND": quote(command),
        "OVERWRITE": flag(options.overwrite),
        "CHILDREN": flag(not options.no_children),
    }
    code = start(command, environment_for(extension, {**own, **variables}, os.environ))
    return finish(options, output, command, code)


def flag(value: object) -> str:
    """As the agent reads it."""
    return "1" if value else "0"


def start(command: list[str], environment: dict[str, str]) -> int:
    """The target's exit code, or minus the signal that ended it."""
    with Forwarder(PASSED_ON) as forwarder:
        # Descriptors that were handed to tare are meant for the target; ours are not inherited.
        # posix_spawn, which this would choose, leaves two more signals ignored in the child.
        subprocess._USE_POSIX_SPAWN = False  # type: ignore[attr-defined]
        try:
            process = subprocess.Popen(command, env=environment, close_fds=False)
        except OSError as error:
            raise Failure(f"run {command[0]}: {error.strerror}") from None
        forwarder.attach(process)
        return process.wait()


def finish(options: argparse.Namespace, output: str, command: list[str], code: int) -> int:
    """Prints what was counted, then ends as the target did."""
    written = os.path.exists(output)
    if written:
        for warning in join_children(output):
            say(options, warning)
        try:
            report(options, output)
        except BrokenPipeError:  # nobody reads what Tare says; the target's ending still counts
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    else:
        raise Failure(why_no_file(output, command, code), PARTIAL if code < 0 else UNREADABLE)
    return die_of_signal(-code) if code < 0 else code


def name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def why_no_file(output: str, command: list[str], code: int) -> str:
    tried = f"measure {command[0]}: it wrote no {output}"
    if code < 0:
        return f"{tried}: {name_signal(-code)} ended it first; try tare run"
    return f"{tried}: no room on the disk, or no LD_PRELOAD; give another -o, or try tare run"


def report(options: argparse.Namespace, output: str) -> None:
    """What tare report prints, on stderr: what is missing in the file too."""
    from tare.cli.report import run as run_report

    if options.json_to is not None:
        write_json(options.json_to, output)
    if options.quiet or options.json_to == "-":
        return
    print(file=sys.stderr)  # between what the target printed and what Tare says
    words = [output, "--color", options.color, *(["--verbose"] if options.verbose else [])]
    with contextlib.redirect_stdout(sys.stderr):
        run_report(words)
    say(options, f"wrote {output}")


def write_json(path: str, output: str) -> None:
    """To a file, or to stderr, where it then stands alone."""
    from tare.cli.report import run as run_report

    try:
        with contextlib.ExitStack() as stack:
            stream = sys.stderr
            if path != "-":
                stream = stack.enter_context(open(path, "w", encoding="utf-8"))
            stack.enter_context(contextlib.redirect_stdout(stream))
            run_report([output, "--json"])
    except OSError as error:
        raise cannot_write(path, error.errno or errno.EIO) from None
