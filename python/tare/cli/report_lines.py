"""tare report of a profile of lines: its functions, line by line."""

from __future__ import annotations

import argparse
import sys

from tare._profile import LineFunction
from tare.cli.failure import Failure
from tare.cli.ordering import LINED, reduce_rows
from tare.cli.report import TABLE_ROWS
from tare.render import lines_tables
from tare.render.layout import show
from tare.render.report import Report
from tare.render.terminal import Screen


def print_lines(loaded: Report, options: argparse.Namespace, view: str) -> None:
    screen = Screen(sys.stdout, options.color)
    if view == "threads":
        show(screen, lines_tables.threads_view(screen, loaded))
        return
    functions, notes = pick_lined(loaded, options)
    if loaded.line_functions() and not functions:
        raise Failure(f"report {options.file}: no function fits; --limit 1.0 shows all")
    most = None if options.limit else TABLE_ROWS
    show(
        screen,
        lines_tables.overview(screen, loaded, functions, notes, most, bool(options.verbose)),
    )


def pick_lined(
    loaded: Report, options: argparse.Namespace
) -> tuple[list[LineFunction], list[str]]:
    """The functions in the order asked for, each limit applied to what the one before left."""
    rows = sorted(loaded.line_functions(), key=LINED[options.sort])
    return reduce_rows(rows, options.limit or ())
