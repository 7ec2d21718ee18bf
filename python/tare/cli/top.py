"""tare top: a running process, second by second."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tare.cli.failure import OK, Failure
from tare.cli.parser import add_process, make_parser, say
from tare.cli.sampler import Outcome, measure
from tare.cli.session import sampling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import Profile
    from tare.render.report import Report

    Show = Callable[[Report, Report], None]

NAMES = ("rate", "duration", "no_children", "hold", "no_stop", "json", "color", "quiet")
DESCRIPTION = """\
Shows where the time of a running Python process goes: in the last second, and
since the start. q or Ctrl-C ends it. On a pipe it prints a table a second,
with --json an object a line. Nothing is kept. The process is not changed. A
thread is held still for some microseconds, 0.5 % of its time at most, where
nothing else proves its stack; with --no-stop never."""


def run(arguments: list[str]) -> int:
    parser = make_parser("top", "[OPTION...] PID", DESCRIPTION, NAMES)
    add_process(parser)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="tare-") as folder:
        path = os.path.join(folder, "top.tare")
        words = ["-o", path, *sampling(options)]
        if options.duration is not None:
            words += ["--duration", str(options.duration)]
        with open_display(options) as show:
            follower = Follower(path, show)
            outcome = measure("attach", [*words, "--", str(options.pid)], follower.note)
    for warning in outcome.warnings:
        say(options, warning)
    if outcome.error:
        raise Failure(outcome.error, outcome.failure_code())
    return outcome.failure_code() or OK


class Follower:
    """Reads the growing file at each tick and at the end; hands on what is new and the whole."""

    def __init__(self, path: str, show: Show) -> None:
        self.path = path
        self.show = show
        self.seen = (0, "")
        self.before: Profile | None = None

    def note(self, outcome: Outcome) -> None:
        now_seen = (outcome.elapsed_ns, outcome.file)
        if now_seen == self.seen:
            return
        self.seen = now_seen
        try:
            with open(self.path, "rb") as stream:  # first: imports take longer than a tick may
                data = stream.read()
        except OSError:  # not yet written
            return
        from tare._profile import decode
        from tare.errors import Error
        from tare.render.report import Report

        try:
            now, recent = decode(data), decode(data)
        except Error:  # just being replaced: next time
            return
        if self.before is not None:
            with suppress(Error):  # does not go on from the last look: show the whole
                recent.subtract(self.before)
        self.before = now
        if recent.summary().wall_ns == 0:  # nothing was added since
            return
        self.show(Report(recent, self.path), Report(now, self.path))


def print_json(recent: Report, total: Report) -> None:
    """One line; of the series only what is new."""
    from tare.render.document import dump_report, series_part

    seen_ns = total.summary.wall_ns - recent.summary.wall_ns
    series = series_part(recent, seen_ns if seen_ns else -1)
    print(dump_report(recent, indent=None, series=series), flush=True)


@contextmanager
def open_display(options: argparse.Namespace) -> Iterator[Show]:
    """What shows each pair of reports: a live table, plain tables, or JSON lines."""
    if options.json:
        yield print_json
        return
    from rich.text import Text

    from tare.render.layout import show
    from tare.render.terminal import Screen, is_terminal
    from tare.render.top import view

    screen = Screen(sys.stdout, options.color)
    if not (is_terminal(sys.stdout) and is_terminal(sys.stdin)):
        yield lambda recent, total: show(screen, [*view(screen, recent, total), Text()])
        return
    from rich.console import Group
    from rich.live import Live

    with Live(screen=True, console=screen.console, auto_refresh=False) as live, keys():

        def draw(recent: Report, total: Report) -> None:
            now = Screen(sys.stdout, options.color)  # the window may have changed its size
            screen.console.width = now.columns
            live.update(Group(*view(now, recent, total, "q ends")), refresh=True)

        yield draw


@contextmanager
def keys() -> Iterator[None]:
    """Single keys without Enter; q does what Ctrl-C does."""
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    threading.Thread(target=wait_for_q, daemon=True).start()
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def wait_for_q() -> None:
    while (key := os.read(sys.stdin.fileno(), 1)) not in (b"q", b"Q"):
        if not key:
            return
    os.kill(os.getpid(), signal.SIGINT)
