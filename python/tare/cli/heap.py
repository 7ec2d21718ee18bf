"""tare heap: what is in the memory of a process, or was when a snapshot was taken."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile

from tare.cli.failure import OK, PARTIAL, USAGE, Failure
from tare.cli.parser import make_parser, say
from tare.errors import Error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.heap import Census, Snapshot

NAMES = (
    "census_by",
    "rows",
    "census_sort",
    "holders",
    "compared",
    "dot",
    "snapshot_to",
    "overwrite",
    "wait",
    "json",
    "color",
    "quiet",
)
DESCRIPTION = """\
Prints what is in memory: how many objects there are of each type and how many
bytes, what holds the most, and with --holders who holds the objects of a type.
FILE is a snapshot that tare.heap.snapshot(FILE) wrote, or a saved census. A
process is asked for one: Python 3.14 and later from outside, earlier ones when
they have called tare.heap.snapshot_on_signal()."""

_AFTER_LOADING = {
    "NOT_FOUND": "give a process id, or a file that tare.heap.snapshot() wrote",
    "PERMISSION": "ask its owner, or run tare as that user",
    "CORRUPT": "give a file that tare.heap.snapshot() wrote",
    "USAGE": "give a file that tare.heap.snapshot() wrote",
}


def run(arguments: list[str]) -> int:
    parser = make_parser("heap", "[OPTION...] PID|FILE", DESCRIPTION, NAMES)
    parser.add_argument("what", metavar="PID|FILE", help="a process, or a snapshot")
    options = parser.parse_args(arguments)
    refuse_what_does_not_go_together(options)
    snapshot = take(options) if is_process(options.what) else load_or_fail(options.what)
    if options.holders is not None:
        return show_holders(options, snapshot)
    return show_census(options, snapshot)


def is_process(what: str) -> bool:
    """A number is one, unless a file has it as its name."""
    return what.isascii() and what.isdigit() and not os.path.exists(what)


def refuse_what_does_not_go_together(options: argparse.Namespace) -> None:
    if options.dot and options.holders is None:
        raise Failure("heap: --dot draws who holds what; add --holders TYPE")
    if options.holders is not None and options.compared is not None:
        raise Failure("heap: --holders and --diff are different views; choose one")
    if options.dot and options.json:
        raise Failure("heap: --dot and --json are different forms; choose one")
    if options.snapshot_to is not None and not is_process(options.what):
        raise Failure("heap: -o keeps the snapshot of a process; copy the file instead")


def take(options: argparse.Namespace) -> Snapshot:
    from tare.cli.heap_live import snapshot_of

    with tempfile.TemporaryDirectory(prefix="tare-") as folder:
        path = snapshot_of(int(options.what), folder, options.wait)
        snapshot = load_or_fail(path)
        if options.snapshot_to is not None:
            keep(snapshot, path, options)
    return snapshot


def keep(snapshot: Snapshot, path: str, options: argparse.Namespace) -> None:
    from tare.cli.failure import cannot_write, check_writable
    from tare.writing import write_file

    check_writable(options.snapshot_to, options.overwrite)
    try:
        with open(path, "rb") as stream:
            write_file(options.snapshot_to, stream.read(), options.overwrite)
    except OSError as error:
        raise cannot_write(options.snapshot_to, error.errno or 0) from None
    say(options, f"wrote {options.snapshot_to}: {snapshot.object_count:,} objects")


def load_or_fail(path: str) -> Snapshot:
    from tare.heap import load

    try:
        return load(path)
    except Error as error:
        advice = _AFTER_LOADING.get(error.status, "")
        raise Failure("; ".join(filter(None, (str(error), advice)))) from None


def count(snapshot: Snapshot, by: str, path: str) -> Census:
    """Without objects there is the census that was saved, and no other."""
    if snapshot.object_count == 0 and by not in ("", snapshot.by):
        raise Failure(f"heap {path}: it is a census by {snapshot.by}, without objects; leave --by")
    try:
        return snapshot.census(by or snapshot.by or "type")
    except Error as error:
        raise Failure(f"heap {path}: {error}") from None


def show_census(options: argparse.Namespace, snapshot: Snapshot) -> int:
    census = count(snapshot, options.census_by, options.what)
    if options.compared is not None:
        after = load_or_fail(options.compared)
        census = count(after, census.by, options.compared).since(census)
    if options.json:
        print_json(options, snapshot, census)
    else:
        from tare.render.heap_tables import census_page
        from tare.render.layout import show
        from tare.render.terminal import Screen

        screen = Screen(sys.stdout, options.color)
        show(screen, census_page(screen, snapshot, census, options.rows, options.census_sort))
    return PARTIAL if census.during_collection else OK


def print_json(options: argparse.Namespace, snapshot: Snapshot, census: Census) -> None:
    import json

    from tare.cli.ordering import CENSUS

    document = census.document()
    rows = sorted(census.rows, key=CENSUS[options.census_sort])[: options.rows]
    document["rows"] = [row._asdict() for row in rows]
    document["meta"] = snapshot.meta
    if not census.is_difference:
        document["largest"] = [one._asdict() for one in snapshot.largest(options.rows)]
    print(json.dumps(document, indent=2))


def show_holders(options: argparse.Namespace, snapshot: Snapshot) -> int:
    if snapshot.object_count == 0:
        raise Failure(f"heap {options.what}: a census knows no holders; take a snapshot")
    found = snapshot.holders(options.holders, options.rows)
    if found.count == 0:
        raise Failure(
            f"heap {options.what}: no objects of {options.holders}{suggest(options, snapshot)}",
            USAGE,
        )
    if options.dot:
        print(found.to_dot(), end="")
    elif options.json:
        print(found.to_json(2))
    else:
        print(found)
    return OK


def suggest(options: argparse.Namespace, snapshot: Snapshot) -> str:
    from difflib import get_close_matches

    keys = [row.key for row in snapshot.census("type").rows]
    ends = [key for key in keys if key.rsplit(".", 1)[-1] == options.holders]
    close = ends or get_close_matches(options.holders, keys, n=1)
    return f"; did you mean {close[0]}?" if close else "; tare heap names the types there are"
