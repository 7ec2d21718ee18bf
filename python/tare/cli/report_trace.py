"""tare report of a trace: its tables, in the layout that users of cProfile know."""

from __future__ import annotations

import argparse
import sys
from typing import NamedTuple

from tare._profile import Called
from tare.cli.failure import Failure
from tare.cli.ordering import reduce_rows, row_limit, sort_called, trace_orders
from tare.cli.report import TABLE_ROWS, find_functions
from tare.render import trace_tables
from tare.render.layout import show
from tare.render.report import Report
from tare.render.terminal import Screen, rows_beside

ALL_ROWS = 1 << 31
TREE_BESIDE = 5  # lines of the tree's heading, the note below and the prompt
MORE_BESIDE = 3  # two notes below the functions, and the prompt


class Picked(NamedTuple):
    rows: list[Called]
    orders: tuple[str, ...]  # in words
    notes: list[str]  # what each limit did


def print_trace(loaded: Report, options: argparse.Namespace, view: str) -> None:
    screen = Screen(sys.stdout, options.color)
    if view == "tree":
        limit = row_limit(options.limit or ())
        most = rows_beside(screen, TREE_BESIDE) if limit is None else min(limit, ALL_ROWS)
        least_share = trace_tables.LEAST_TREE_SHARE if limit is None else 0.0
        show(screen, trace_tables.tree(screen, loaded, most, least_share))
    elif view == "threads":
        show(screen, trace_tables.threads_view(screen, loaded))
    elif view:
        rows = sort_called(loaded.called(), trace_orders("cumulative"))
        found = find_functions(rows, options, view)
        show(screen, trace_tables.neighbours(screen, loaded, found, view))
    else:
        print_functions(loaded, options, screen)


def print_functions(loaded: Report, options: argparse.Namespace, screen: Screen) -> None:
    picked = pick_called(loaded, options)
    if loaded.called() and not picked.rows:
        raise Failure(f"report {options.file}: no function fits; --limit 1.0 shows all")

    def lines_of(picked: Picked, most: int | None) -> list[trace_tables.Text]:
        return trace_tables.overview(screen, loaded, *picked, most, options.verbose)

    most = None
    if not options.limit:
        others = len(lines_of(picked._replace(rows=[]), None)) + MORE_BESIDE
        most = TABLE_ROWS if options.verbose else min(TABLE_ROWS, rows_beside(screen, others))
    show(screen, lines_of(picked, most))


def pick_called(loaded: Report, options: argparse.Namespace) -> Picked:
    """The functions in the order asked for, each limit applied to what the one before left."""
    orders = trace_orders(options.sort)
    rows, notes = reduce_rows(sort_called(loaded.called(), orders), options.limit or ())
    return Picked(rows, tuple(order.words for order in orders), notes)
