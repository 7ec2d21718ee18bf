"""tare whatif: what would the program gain if a function were faster?"""

from __future__ import annotations

import argparse
import os
import sys

from tare.cli.failure import OK, Failure
from tare.cli.parser import make_parser, say
from tare.cli.target import find_python_command, quote, split_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from rich.text import Text

    from tare.render.report import Report
    from tare.whatif.experiment import Experiment, Plan

NAMES = (
    "function",
    "times",
    "progress",
    "stretch",
    "slow_down",
    "runtimes",
    "experiment_seconds",
    "timeout",
    "python",
    "json",
    "color",
    "quiet",
)
DESCRIPTION = """\
Says how much faster the program gets when a function does.

FILE is a profile: then by its share of the time, which is right where one thing
happens after the other.

TARGET is what tare trace takes: then by trying. It runs many times, what it
prints is dropped, and the calls of the function get longer, or what they take
is hidden from the program's clocks. That is right with threads, asyncio and
processes too, where shares lie. Without -f the hottest function is found first.

With --runtimes TARGET runs under every interpreter there is."""
MAGIC = b"\x89Tare\r\n"
PROFILES = (".tare", ".prof", ".pstats", ".lprof", ".json")
HOTTEST = 8
MOST_ROWS = 1000


def run(arguments: list[str]) -> int:
    own, target = split_arguments(arguments, NAMES)
    parser = make_parser("whatif", "[OPTION...] FILE|TARGET", DESCRIPTION, NAMES)
    options = parser.parse_args(own)
    options.times = options.times or [2.0, 4.0, 10.0]
    for times in options.times:
        if times <= 1:
            raise Failure(f"whatif --by {times:g}: faster is more than 1")
    if len(target) == 1 and is_profile(target[0]):
        return predict(options, target[0])
    if target == ["-"]:
        raise Failure("whatif -: standard input can be read once; give a file")
    command = find_python_command(target, options.python, os.environ)
    return run_everywhere(options, command) if options.runtimes else try_out(options, command)


def is_profile(path: str) -> bool:
    try:
        with open(path, "rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC or path.endswith(PROFILES)
    except OSError:
        return path.endswith(PROFILES)


def show(options: argparse.Namespace, page: list[Text], screen: object) -> None:
    from tare.render.layout import show as show_lines
    from tare.render.terminal import Screen

    assert isinstance(screen, Screen)
    show_lines(screen, page)


# ---- by its share ----


def predict(options: argparse.Namespace, path: str) -> int:
    from tare.cli.loading import load_or_fail
    from tare.render.report import Report
    from tare.render.terminal import Screen
    from tare.render.whatif_tables import dump_prediction, prediction_page
    from tare.whatif.predicting import doubts, find, hottest

    for name in ("progress", "stretch", "slow_down", "runtimes"):
        if getattr(options, name):
            flag = name.replace("_", "-")
            raise Failure(f"whatif: --{flag} needs a TARGET to run, not a profile")
    profile, _ = load_or_fail(path)
    if profile.is_memory or profile.is_lines:
        raise Failure(f"whatif {path}: it has no shares of time; give one of tare run or trace")
    report = Report(profile, path)
    if options.function:
        parts = [part for name in options.function for part in find(report, name)]
    else:
        parts = hottest(report, HOTTEST)
    if not parts:
        raise Failure(f"whatif {path}: no function in it took any time")
    said = doubts(report, parts)
    if options.json:
        print(dump_prediction(report, parts, options.times, said))
        return OK
    screen = Screen(sys.stdout, options.color)
    show(options, prediction_page(screen, report, parts, options.times, said), screen)
    return OK


# ---- by trying ----


def try_out(options: argparse.Namespace, command: list[str]) -> int:
    from tare.cli.agent import find_extension
    from tare.render.terminal import Screen
    from tare.render.whatif_tables import dump_experiments, experiment_page
    from tare.whatif.experiment import run as experiment

    extension = find_extension(command[0], "_delay")
    rows = [(name, row_of(name)) for name in options.function or ()]
    rows = rows or [find_hottest(options, command)]
    found: list[tuple[str, Experiment]] = []
    for name, row in rows:
        plan = make_plan(options, command, extension, row, len(rows))
        say(options, f"trying {name}: up to about {plan.seconds:.0f} s")
        found.append((name, experiment(plan, lambda words: say(options, words))))
    if options.json:
        print(dump_experiments(quote(command), found, options.times))
        return OK
    screen = Screen(sys.stdout, options.color)
    for name, result in found:
        show(options, experiment_page(screen, quote(command), name, result, options.times), screen)
    return OK


def make_plan(
    options: argparse.Namespace, command: list[str], extension: str, row: str, count: int
) -> Plan:
    from tare.whatif.experiment import Plan

    return Plan(
        command,
        extension,
        row,
        row_of(options.progress) if options.progress else "",
        options.stretch or "",
        not options.slow_down,
        options.experiment_seconds / count,
        options.timeout,
    )


def row_of(name: str) -> str:
    """As the extension takes it: ext/delay/codes.h."""
    if not name or any(character in name for character in "\n\r\0"):
        raise Failure(f"whatif -f {name!r}: give MODULE:FUNCTION, FUNCTION or FILE:LINE")
    file, _, line = name.rpartition(":")
    if not line.isdecimal():
        return f"f {name}"
    if not file:
        raise Failure(f"whatif -f {name}: give the file too, as in -f work.py:{line}")
    return f"l {os.path.basename(file)}:{function_at(file, int(line))}"


def function_at(file: str, line: int) -> str:
    """The qualified name of the innermost function around a line."""
    import ast

    try:
        with open(file, "rb") as stream:
            tree = ast.parse(stream.read(), file)
    except (OSError, SyntaxError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Failure(f"whatif -f {file}:{line}: {why}; give the name of a function") from None
    name, inside = "", ""
    scopes: list[ast.AST] = [tree]
    while scopes:
        scope = scopes.pop()
        for node in ast.iter_child_nodes(scope):
            if not is_around(node, line):
                continue
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = inside + node.name
                inside = f"{name}.<locals>."
            elif isinstance(node, ast.ClassDef):
                inside += f"{node.name}."
            scopes.append(node)
    if not name:
        raise Failure(f"whatif -f {file}:{line}: no function is there; give a line within one")
    return name


def is_around(node: ast.AST, line: int) -> bool:
    """Parts without a place of their own are where their owner is."""
    first = getattr(node, "lineno", line)
    for decorator in getattr(node, "decorator_list", ()):
        first = min(first, decorator.lineno)
    return first <= line <= (getattr(node, "end_lineno", None) or line)


def find_hottest(options: argparse.Namespace, command: list[str]) -> tuple[str, str]:
    """Samples one run: the name, and the row."""
    import subprocess
    import tempfile

    from tare.whatif.predicting import hottest

    say(options, "sampling one run to find the hottest function")
    with tempfile.TemporaryDirectory(prefix="tare-whatif-") as folder:
        path = os.path.join(folder, "sampled.tare")
        words = [sys.executable, "-m", "tare", "run", "-q", "-o", path, "--", *command]
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if not os.path.exists(path):
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise Failure(
                f"whatif: the program could not be sampled{': ' + lines[-1] if lines else ''}; "
                "name a function with -f"
            )
        report = load_sampled(path)
        for part in hottest(report, MOST_ROWS):
            if part.kind == "python" and not part.name.startswith("<"):  # not a whole module
                return part.name, f"l {os.path.basename(part.file)}:{part.name}"
    raise Failure("whatif: no function of it took any time; name one with -f")


def load_sampled(path: str) -> Report:
    from tare.render.report import load_report

    return load_report(path)


# ---- under other interpreters ----


def run_everywhere(options: argparse.Namespace, command: list[str]) -> int:
    from tare.render.terminal import Screen
    from tare.render.whatif_tables import dump_runtimes, runtimes_page
    from tare.stones.interpreters import NoInterpreter, ask, find_all
    from tare.whatif.runtimes import run as run_under

    if options.function or options.progress:
        raise Failure("whatif: --runtimes looks at the whole program; leave -f and --progress")
    try:
        first = ask(command[0])
    except NoInterpreter as error:
        raise Failure(f"run {command[0]}: {error}") from None
    others = [one for one in find_all(sys.executable, os.environ) if one.name != first.name]
    say(options, f"{first.name}, and {', '.join(one.name for one in others) or 'no other'}")
    found = run_under(
        command[1:],
        [(one.name, one.path) for one in (first, *others)],
        options.experiment_seconds,
        options.timeout,
        lambda words: say(options, words),
    )
    if options.json:
        print(dump_runtimes(quote(command), found))
        return OK
    screen = Screen(sys.stdout, options.color)
    show(options, runtimes_page(screen, quote(command), found, first.name), screen)
    return OK
