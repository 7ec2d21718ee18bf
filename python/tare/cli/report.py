"""tare report: the tables of a profile on stdout."""

from __future__ import annotations

import argparse
import sys

from tare.cli.failure import OK, PARTIAL, Failure
from tare.cli.loading import refuse_heap
from tare.cli.options import LINE_SORT_KEYS, MEMORY_SORT_KEYS, SORT_KEYS
from tare.cli.parser import make_parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rich.text import Text

    from tare._profile import Row
    from tare.cli.ordering import AnyRow
    from tare.render.report import Report
    from tare.render.terminal import Screen

NAMES = (
    "sort",
    "limit",
    "by_line",
    "tree",
    "callers",
    "callees",
    "threads",
    "target",
    "json",
    "color",
    "verbose",
)
DESCRIPTION = """\
Prints what a profile says. Without any option: the verdict, as tare run
printed it, the functions of a trace, or those whose lines were measured, line
by line. --sort, --limit and --lines give a table; --tree, --callers F,
--callees F and --threads another view. F is a function's name, or a part of
FILE:LINE(NAME)."""

VIEWS = ("tree", "callers", "callees", "threads")
TABLE_FLAGS = ("--sort", "--lines", "--limit", "--json")  # what a view does not take
SAMPLED_FLAGS = ("--lines", "--target")  # what neither a trace nor a profile of lines knows
STACK_FLAGS = ("--tree", "--callers", "--callees")  # what a profile of lines does not know
BESIDE_AMOUNTS = ("calls", "estimated", "primitive_calls")  # what is counted beside an amount
SHARED_KEYS = ("self", "total", "name", "file")  # sort keys of both
TABLE_ROWS = 20  # without --limit
ROWS_BESIDE = 5  # lines of the heading, the note below and the prompt
LINES_BESIDE = ROWS_BESIDE + 2  # and the next command


def run(arguments: list[str]) -> int:
    parser = make_parser("report", "FILE [OPTION...]", DESCRIPTION, NAMES)
    parser.add_argument("file", metavar="FILE", help="a .tare file")
    options = parser.parse_args(arguments)
    views = [name for name in VIEWS if getattr(options, name)]
    if len(views) > 1:
        raise Failure(f"report: --{views[0]} and --{views[1]} are different views; choose one")
    from tare.render.report import load_report

    loaded = load_report(options.file, options.target)
    refuse_heap(loaded.profile, options.file)
    if views:
        refuse_what_a_view_ignores(arguments, views[0], options, loaded.is_memory)
    refuse_what_has_no_times(loaded, options)
    refuse_what_the_profile_lacks(arguments, loaded, options)
    if options.json:
        print_json(loaded, options)
    elif loaded.is_memory:
        from tare.cli.report_memory import print_memory

        print_memory(loaded, options, views[0] if views else "", "--sort" in flags_in(arguments))
    elif loaded.is_lines:
        from tare.cli.report_lines import print_lines

        print_lines(loaded, options, views[0] if views else "")
    elif loaded.is_trace:
        from tare.cli.report_trace import print_trace

        print_trace(loaded, options, views[0] if views else "")
    else:
        print_text(loaded, options, views[0] if views else "")
    return PARTIAL if loaded.partial else OK


def refuse_what_a_view_ignores(
    arguments: list[str], view: str, options: argparse.Namespace, is_memory: bool
) -> None:
    """Flags only: a setting such as sort is meant for the tables. Of memory it names an amount."""
    given = flags_in(arguments)
    for flag in TABLE_FLAGS:
        if flag not in given or (is_memory and flag == "--sort"):
            continue
        if flag != "--limit" or view != "tree":
            raise Failure(f"report: {flag} does not go with --{view}; leave one of them out")
        if not all(limit.isdecimal() for limit in options.limit):
            raise Failure("report: with --tree --limit takes a number of rows only")


def flags_in(arguments: list[str]) -> list[str]:
    return [word.split("=", 1)[0] for word in arguments]


def refuse_what_has_no_times(loaded: Report, options: argparse.Namespace) -> None:
    """An imported file may count other things; nanoseconds are not made up for them."""
    names = [metric.name for metric in loaded.profile.metrics]
    if "import.format" not in loaded.meta or "wall_ns" in names:
        return
    shown = [name for name in names if name not in BESIDE_AMOUNTS]
    if not shown:
        raise Failure(f"report {options.file}: nothing was measured in it; import another file")
    raise Failure(
        f"report {options.file}: it has no times, only {', '.join(shown)}, and reports are of "
        f"time; another tool shows them: tare export {options.file} --to speedscope "
        f"--metric {shown[0]}"
    )


def refuse_what_the_profile_lacks(
    arguments: list[str], loaded: Report, options: argparse.Namespace
) -> None:
    """A flag that means nothing for this kind of profile; a setting then does not apply."""
    given = flags_in(arguments)
    if loaded.is_memory:
        refuse_what_memory_lacks(given, options)
        return
    for flag in SAMPLED_FLAGS:
        if (loaded.is_trace or loaded.is_lines) and flag in given:
            raise Failure(
                f"report {options.file}: {flag} is for sampled profiles, this is "
                f"{'one of lines' if loaded.is_lines else 'a trace'}; measure with tare run"
            )
    if loaded.is_lines:
        refuse_what_lines_lack(given, options)
        return
    if loaded.is_trace != (options.sort not in SORT_KEYS) and options.sort not in SHARED_KEYS:
        if "--sort" in given:
            raise Failure(f"report {options.file}: {wrong_order(loaded, options.sort)}")
        options.sort = SORT_KEYS[0]


def refuse_what_memory_lacks(given: list[str], options: argparse.Namespace) -> None:
    if "--target" in given:
        raise Failure(
            f"report {options.file}: --target is for sampled profiles, this is one of memory; "
            "measure with tare run"
        )
    if "--sort" in given and options.sort not in MEMORY_SORT_KEYS:
        raise Failure(
            f"report {options.file}: this profile is of memory, no --sort {options.sort}; it has "
            f"{', '.join(MEMORY_SORT_KEYS)}"
        )
    if options.sort not in MEMORY_SORT_KEYS or "--sort" not in given:
        options.sort = MEMORY_SORT_KEYS[0]


def refuse_what_lines_lack(given: list[str], options: argparse.Namespace) -> None:
    for flag in STACK_FLAGS:
        if flag in given:
            raise Failure(
                f"report {options.file}: {flag} needs callers, this profile has lines; "
                "measure with tare trace"
            )
    if "--sort" in given and options.sort not in LINE_SORT_KEYS:
        raise Failure(
            f"report {options.file}: this profile has lines, no --sort {options.sort}; it has "
            f"{', '.join(LINE_SORT_KEYS)}"
        )
    if "--sort" not in given:
        options.sort = LINE_SORT_KEYS[0]


def wrong_order(loaded: Report, key: str) -> str:
    if loaded.is_trace:
        return (
            f"--sort {key} is for sampled profiles, this is a trace; try --sort time or cumulative"
        )
    known = ", ".join(SORT_KEYS)
    kind = "memory" if key in MEMORY_SORT_KEYS else "traces"
    return f"--sort {key} is for {kind}, this profile was sampled; it has {known}"


def print_json(loaded: Report, options: argparse.Namespace) -> None:
    from tare.render.document import encode, lines_document, report_document, trace_document

    if loaded.is_memory:
        from tare.cli.report_memory import pick_allocated
        from tare.render.document import memory_document

        functions, lines = (pick_allocated(loaded, options, kind)[0] for kind in (False, True))
        print(encode(memory_document(loaded, functions, lines)))
        return
    if loaded.is_lines:
        from tare.cli.report_lines import pick_lined

        print(encode(lines_document(loaded, pick_lined(loaded, options)[0])))
        return
    if loaded.is_trace:
        from tare.cli.report_trace import pick_called

        print(encode(trace_document(loaded, pick_called(loaded, options).rows)))
        return
    functions, lines = pick(loaded.functions(), options), pick(loaded.lines(), options)
    print(encode(report_document(loaded, functions, lines)))


def print_text(loaded: Report, options: argparse.Namespace, view: str) -> None:
    from tare.render.terminal import Screen

    screen = Screen(sys.stdout, options.color)
    if view:
        print_view(loaded, options, view, screen)
    elif options.limit or options.by_line or options.sort != "self":
        print_table(loaded, options, screen)
    else:
        from tare.render.verdict import print_verdict

        print_verdict(loaded, screen, verbose=options.verbose)


def print_table(loaded: Report, options: argparse.Namespace, screen: Screen) -> None:
    from tare.render.layout import show
    from tare.render.tables import function_table, line_table, more_rows, table_heading

    rows = pick(loaded.lines() if options.by_line else loaded.functions(), options)
    noun = "line" if options.by_line else "function"
    if not rows:
        raise Failure(f"report {options.file}: no {noun} fits; --limit 1.0 shows all")
    others = LINES_BESIDE if options.by_line else ROWS_BESIDE
    shown = rows if options.limit else rows[: table_rows(screen, others)]
    make = line_table if options.by_line else function_table
    lines = table_heading(screen, loaded, f"{noun.capitalize()}s by {options.sort}")
    lines += make(screen, loaded, shown, options.sort)
    if len(shown) < len(rows):
        lines.append(more_rows(len(rows) - len(shown)))
    show(screen, [*lines, *(line_command(loaded, shown) if options.by_line else [])])


def line_command(loaded: Report, rows: list[Row]) -> list[Text]:
    """How the lines of these functions can be measured one by one."""
    from rich.text import Text

    from tare.render.sentences import measure_lines

    command = measure_lines(loaded, rows)
    return [Text(), Text.assemble(("Next: ", "bold"), command)] if command else []


def table_rows(screen: Screen, others: int) -> int:
    """As many as fit with the heading, what is below and the prompt."""
    from tare.render.terminal import rows_beside

    return min(TABLE_ROWS, rows_beside(screen, others))


def print_view(loaded: Report, options: argparse.Namespace, view: str, screen: Screen) -> None:
    from tare.cli.ordering import SAMPLED, row_limit
    from tare.render import calls
    from tare.render.layout import show

    if view == "tree":
        show(screen, calls.tree(screen, loaded, row_limit(options.limit or ())))
    elif view == "threads":
        show(screen, calls.threads(screen, loaded))
    else:
        rows = sorted(loaded.functions(), key=SAMPLED["total"])
        show(screen, calls.neighbours(screen, loaded, find_functions(rows, options, view), view))


def find_functions(rows: list[AnyRow], options: argparse.Namespace, view: str) -> list[AnyRow]:
    """Those that --callers or --callees names, in the order they have."""
    from tare.cli.ordering import find_rows

    wanted = getattr(options, view)
    found = find_rows(rows, wanted)
    if not found:
        raise Failure(
            f"report {options.file}: no function fits {wanted}; --limit 1.0 shows all names"
        )
    return found


def pick(rows: list[Row], options: argparse.Namespace) -> list[Row]:
    """The rows in the order asked for, each limit applied to what the one before left."""
    from tare.cli.ordering import SAMPLED, reduce_rows

    return reduce_rows(sorted(rows, key=SAMPLED[options.sort]), options.limit or ())[0]
