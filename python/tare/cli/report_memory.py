"""tare report of a profile of memory: what was held and what was allocated, by whom."""

from __future__ import annotations

import argparse
import sys

from tare._profile import AllocRow
from tare.cli.failure import Failure
from tare.cli.ordering import ALLOCATED, reduce_rows, row_limit
from tare.cli.report import TABLE_ROWS, find_functions
from tare.render import memory_tables
from tare.render.layout import show, wrapped
from tare.render.report import Report
from tare.render.tables import more_rows
from tare.render.terminal import Screen, rows_beside

ALL_ROWS = 1 << 31
BESIDE = 6  # lines of a heading, the note below and the prompt


def print_memory(loaded: Report, options: argparse.Namespace, view: str, sorted_by: bool) -> None:
    screen = Screen(sys.stdout, options.color)
    amount = memory_tables.amount_of(options.sort)
    if view == "tree":
        limit = row_limit(options.limit or ())
        most = rows_beside(screen, BESIDE) if limit is None else min(limit, ALL_ROWS)
        least_share = memory_tables.LEAST_TREE_SHARE if limit is None else 0.0
        show(screen, memory_tables.tree(screen, loaded, amount, most, least_share))
    elif view == "threads":
        show(screen, memory_tables.kinds_view(screen, loaded))
    elif view:
        rows = sorted(loaded.allocated_functions(), key=lambda row: -amount.of(row.total))
        found = find_functions(rows, options, view)
        show(screen, memory_tables.neighbours(screen, loaded, found, view, amount))
    elif sorted_by or options.limit or options.by_line:
        print_table(loaded, options, screen)
    else:
        show(screen, memory_tables.overview(screen, loaded, bool(options.verbose)))


def print_table(loaded: Report, options: argparse.Namespace, screen: Screen) -> None:
    rows, notes = pick_allocated(loaded, options, options.by_line)
    noun = "line" if options.by_line else "function"
    if not rows:
        raise Failure(f"report {options.file}: no {noun} fits; --limit 1.0 shows all")
    most = None if options.limit else min(TABLE_ROWS, rows_beside(screen, BESIDE))
    shown = rows[:most]
    title = f"{noun.capitalize()}s by {options.sort}"
    lines = memory_tables.table_heading(screen, loaded, title, "own: by the one that allocated")
    lines += wrapped(screen, notes, "dim")
    if options.by_line:
        amounts = memory_tables.columns_shown(screen, options.sort)
        lines += memory_tables.line_table(screen, loaded, shown, amounts, share=False)
    else:
        lines += memory_tables.function_table(screen, loaded, shown, options.sort)
    show(screen, [*lines, *([more_rows(len(rows) - len(shown))] if len(shown) < len(rows) else [])])


def pick_allocated(
    loaded: Report, options: argparse.Namespace, by_line: bool
) -> tuple[list[AllocRow], list[str]]:
    """The rows in the order asked for, each limit applied to what the one before left."""
    rows = loaded.allocated_lines() if by_line else loaded.allocated_functions()
    return reduce_rows(sorted(rows, key=ALLOCATED[options.sort]), options.limit or ())
