"""tare bench: how fast interpreters are, and what a time on one machine is on another."""

from __future__ import annotations

import argparse
import os
import sys

from tare.cli.failure import OK, PARTIAL, UNREADABLE, Failure
from tare.cli.parser import make_parser, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.stones.interpreters import Interpreter
    from tare.stones.measuring import Measured, Plan, Result
    from tare.stones.results import Findings, Refused

NAMES = (
    "every_python",
    "list_pythons",
    "quick",
    "process_count",
    "process_seconds",
    "silence",
    "kernels",
    "small_heap",
    "pystone",
    "save_as",
    "scaled",
    "scale_from",
    "scale_to",
    "picture_to",
    "overwrite",
    "json",
    "color",
    "quiet",
)
DESCRIPTION = """\
Measures interpreters with fourteen checked kernels, in processes that take
turns, and says how many stones each does: 1,000 is a reference that stays.
INTERPRETER is a path, a command, a version such as 3.13, or pypy; without one
it is the one that tare run would use. About 25 seconds for each.

--scale says what a time on one machine would be on another, with its error:
    there    tare bench --json > server.json
    here     tare bench --save laptop
             tare bench --scale 12.3ms --from laptop --to server.json"""


def run(arguments: list[str]) -> int:
    parser = make_parser("bench", "[OPTION...] [INTERPRETER...]", DESCRIPTION, NAMES)
    parser.add_argument("words", metavar="INTERPRETER", nargs="*", help="what to measure")
    options = parser.parse_args(arguments)
    refuse_what_does_not_go_together(options)
    if options.list_pythons:
        return list_all(options)
    if options.scaled is not None:
        from tare.cli.bench_scaling import scale_time

        return scale_time(options)
    if options.pystone:
        return measure_pystones(options)
    return show(options, measure_stones(options))


def refuse_what_does_not_go_together(options: argparse.Namespace) -> None:
    from tare.stones.tarestones import KERNELS

    if options.every_python and options.words:
        raise Failure("bench: --all and names of interpreters are different choices; give one")
    scaling = options.scale_from is not None or options.scale_to is not None
    if options.scaled is None and scaling:
        raise Failure("bench: --from and --to are machines for --scale TIME; give that too")
    if options.scaled is not None and not scaling:
        raise Failure("bench: --scale needs --from MACHINE or --to MACHINE, or both")
    if options.pystone and (options.picture_to or options.save_as or options.scaled is not None):
        raise Failure("bench: --pystone has one figure, to be printed; leave the others")
    known = [row[0] for row in KERNELS]
    for name in options.kernels or ():
        if name not in known:
            raise Failure(f"bench: --kernel {name}: no such kernel; there are {', '.join(known)}")
    check_destinations(options)


def check_destinations(options: argparse.Namespace) -> None:
    """Now, not after half a minute."""
    from tare.cli.failure import check_writable

    if options.picture_to is not None:
        if not options.picture_to.endswith((".html", ".svg")):
            raise Failure(f"write {options.picture_to}: give a name that ends in .html or .svg")
        check_writable(options.picture_to, options.overwrite)
    if options.save_as is not None:
        machine_path(options.save_as)
        if options.kernels:
            raise Failure("bench: --save keeps all kernels; leave --kernel")


def machine_path(name: str) -> str:
    from tare.stones.keeping import path_of

    try:
        return path_of(name, os.environ)
    except ValueError as error:
        raise Failure(f"bench: --save {name}: {error}") from None


def current_python() -> str:
    from tare.cli.target import find_python

    return find_python(None, os.environ)


def list_all(options: argparse.Namespace) -> int:
    from tare.stones.interpreters import find_all
    from tare.stones.keeping import names
    from tare.text import printable

    found = find_all(current_python(), os.environ)
    machines = names(os.environ)
    if options.json:
        from tare.render.document import encode

        parts = [{"name": one.name, **one._asdict()} for one in found]
        print(encode({"schema": "tare.bench.list/1", "interpreters": parts, "machines": machines}))
        return OK
    wide = max([len(one.name) for one in found], default=0)
    for one in found:
        print(printable(f"{one.name:<{wide}}  {one.path}"))
    print(f"machines that are kept: {', '.join(machines) or 'none; tare bench --save NAME'}")
    return OK


def choose(options: argparse.Namespace) -> tuple[list[Interpreter], list[Refused]]:
    """What is asked for, and what of it is no interpreter that answers."""
    from tare.stones.interpreters import NoInterpreter, find_all, resolve
    from tare.stones.results import Refused

    current = current_python()
    if options.every_python:
        return find_all(current, os.environ), []
    found: list[Interpreter] = []
    refused = []
    for word in options.words or [current]:
        try:
            one = resolve(word, current, os.environ)
        except NoInterpreter as error:
            refused.append(Refused(word, word, str(error)))
            continue
        if one.path not in [other.path for other in found]:
            found.append(one)
    return found, refused


def plan_of(options: argparse.Namespace) -> Plan:
    from tare.stones.measuring import QUICK, Plan

    plan = QUICK if options.quick else Plan()
    if options.process_count is not None:
        plan = plan._replace(processes=options.process_count, more=0)
    if options.process_seconds is not None:
        plan = plan._replace(seconds=options.process_seconds)
    return plan._replace(
        small=options.small_heap, only=tuple(options.kernels or ()), silence=options.silence
    )


def measure_stones(options: argparse.Namespace) -> Findings:
    """Everything that was asked for, with a line for each that could not be measured."""
    from tare.cli.progress import Steps
    from tare.stones.measuring import measure, summarise
    from tare.stones.results import Refused, gather

    chosen, refused = choose(options)
    measured: list[Measured] = []
    if chosen:
        steps = Steps(options, True)
        try:
            measured = measure(chosen, plan_of(options), steps.begin)
        finally:
            steps.erase()
    results: list[Result] = []
    for one in measured:
        if one.trouble:
            refused.append(Refused(one.interpreter.name, one.interpreter.path, one.trouble))
        else:
            results.append(summarise(one, options.small_heap))
    complain_of(refused)
    if not results:
        raise Failure("bench: nothing was measured; tare bench --list says what there is",
                      UNREADABLE)
    return gather("small" if options.small_heap else "full", results, refused)


def complain_of(refused: list[Refused]) -> None:
    from tare.cli import complain

    for one in refused:
        path = f" ({one.path})" if one.name != one.path else ""
        complain(f"measure {one.name}{path}: {one.trouble}", PARTIAL)


def show(options: argparse.Namespace, findings: Findings) -> int:
    from tare.stones.results import document

    keep(options, findings)
    if options.json:
        from tare.render.document import encode

        print(encode(document(findings)))
    else:
        from tare.render.bench_radar import sketch
        from tare.render.bench_tables import page
        from tare.render.layout import show as print_lines
        from tare.render.terminal import Screen

        screen = Screen(sys.stdout, options.color)
        print_lines(screen, [*page(screen, findings), *sketch(screen, findings.results)])
    unsteady = any(result.stones is None for result in findings.results)
    return PARTIAL if findings.refused or unsteady else OK


def keep(options: argparse.Namespace, findings: Findings) -> None:
    """The machine, the picture."""
    from tare.cli.writing import write
    from tare.render.document import encode
    from tare.stones.results import document

    if options.save_as is not None:
        path = machine_path(options.save_as)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except OSError as error:
            raise Failure(f"make {os.path.dirname(path)}: {error.strerror}; set XDG_DATA_HOME "
                          "to a folder where you may write") from None
        write(path, encode(document(findings)).encode(), overwrite=True)
        say(options, f"kept as {options.save_as}, in {path}")
    if options.picture_to is not None:
        from tare.render.bench_radar import html, svg

        is_page = options.picture_to.endswith(".html")
        text = html(findings) if is_page else svg(findings.results)
        write(options.picture_to, text.encode("utf-8", "replace"), options.overwrite)
        say(options, f"wrote {options.picture_to}")


def measure_pystones(options: argparse.Namespace) -> int:
    from tare.cli.progress import Steps
    from tare.stones.pystones import PROCESSES, measure
    from tare.stones.results import Refused

    chosen, refused = choose(options)
    count = options.process_count or (PROCESSES // 2 if options.quick else PROCESSES)
    steps = Steps(options, True)
    try:
        found = measure(chosen, count, options.silence, steps.begin)
    finally:
        steps.erase()
    refused += [
        Refused(one.interpreter.name, one.interpreter.path, one.trouble)
        for one in found
        if one.trouble
    ]
    complain_of(refused)
    found = [one for one in found if not one.trouble]
    if not found:
        raise Failure("bench: nothing was measured; tare bench --list says what there is",
                      UNREADABLE)
    if options.json:
        from tare.render.document import encode
        from tare.stones.pystones import document

        print(encode(document(found, refused)))
    else:
        from tare.render.bench_tables import pystone_page
        from tare.render.layout import show as print_lines
        from tare.render.terminal import Screen

        screen = Screen(sys.stdout, options.color)
        print_lines(screen, pystone_page(screen, found))
    return PARTIAL if refused else OK
