"""tare compare: is B faster than A, by how much, and is the result still the same?"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence

from tare.cli import compare_history as before
from tare.cli.failure import LIMIT_EXCEEDED, OK, PARTIAL, Failure
from tare.cli.parser import Parser, make_parser, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.comparing import Comparison, Plan
    from tare.comparing.gaining import Gain
    from tare.comparing.many import Many, Pair
    from tare.comparing.sides import Side, Words

NAMES = (
    "code",
    "setup",
    "call_args",
    "interpreters",
    "pairs",
    "seconds",
    "processes",
    "least",
    "timeout",
    "compare_clock",
    "rtol",
    "atol",
    "ulp",
    "samples",
    "scale",
    "result",
    "no_check",
    "in_profile",
    "of_function",
    "save",
    "baseline",
    "history",
    "history_to",
    "overwrite",
    "store",
    "json",
    "markdown",
    "color",
    "quiet",
    "verbose",
)
DESCRIPTION = """\
Says whether B is faster than A, by how much and how surely, once both have come
to the same result. They run by turns in fresh processes, so that what the
machine does to one it does to the other; it stops as soon as it can tell.

  tare compare old.py:solve new.py:solve --args 'range(1000)'      functions
  tare compare -s 'L = [1] * 1000' 'sum(L)' 'for x in L: pass'     code
  tare compare old.py new.py -- ARGS                               scripts
  tare compare 'grep -c x file' 'wc -l file'                       commands
  tare compare HEAD~1 HEAD -- python bench.py                      revisions of git
  tare compare --python python3.11 --python pypy3 script.py        interpreters
  tare compare --baseline NAME new.py:solve                        what was saved
  tare compare --history [NAME]                                    what became of it

With more than two sides each is compared with the first. Exit code 0: B is
faster or the same; 1: it is slower, or the results differ; 4: cannot tell."""


def run(arguments: list[str]) -> int:
    own, rest = split(arguments)
    parser = make_parser("compare", "[OPTION...] A B [C...] [-- COMMAND|ARGS]", DESCRIPTION, NAMES)
    parser.add_argument("sides", metavar="SIDE", nargs="*", help="what is compared")
    options = parse(parser, own)
    if options.json and options.markdown:
        raise Failure("compare: --json and --markdown are different forms; choose one")
    before.refuse_what_does_not_go_together(options)
    return before.show_history(options) if options.history else compare(options, rest)


def split(arguments: list[str]) -> tuple[list[str], tuple[str, ...] | None]:
    """What is Tare's, and what follows --."""
    if "--" not in arguments:
        return arguments, None
    at = arguments.index("--")
    return arguments[:at], tuple(arguments[at + 1 :])


def parse(parser: Parser, own: list[str]) -> argparse.Namespace:
    """Sides and options may stand in any order."""
    return parser.parse_intermixed_args(own)


def compare(options: argparse.Namespace, rest: tuple[str, ...] | None) -> int:
    from tare.cli.progress import OneLine, stderr_is_for_people
    from tare.comparing.baseline import against_saved
    from tare.comparing.machine import words_before
    from tare.comparing.many import measure_many
    from tare.text import printable

    line = OneLine(options)
    shown = stderr_is_for_people(options)

    def progress(words: str) -> None:
        if shown:
            line.write(printable(words))

    saved = before.find_baseline(options)
    with contextlib.ExitStack() as stack:
        stack.callback(line.erase)
        stack.enter_context(tidy_when_terminated())
        plan, is_stored = make_plan(options), False
        if saved is None:
            pairs = [pair.laid_out(stack) for pair in make_pairs(options, rest)]
        else:
            pair, is_stored = before.pair_with(saved, make_one_side(options, rest), stack)
            pairs = [pair]
        shares = before.find_shares(options, pairs)
        busy = words_before()
        if shown and busy:
            say(options, busy)
        measured = measure_many(pairs, plan._replace(check=plan.check and not is_stored), progress)
    found = measured
    if saved is not None and is_stored:
        found = measured._replace(comparisons=[against_saved(saved, measured.comparisons[0])])
    report(options, found, before.gains_of(shares, found.comparisons))
    before.save(options, pairs, measured.comparisons)
    return exit_code(found.comparisons)


@contextlib.contextmanager
def tidy_when_terminated() -> Iterator[None]:
    """SIGTERM ends what was started, too, which leads sessions of its own."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    kept = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, kept)


def make_one_side(options: argparse.Namespace, rest: tuple[str, ...] | None) -> Side:
    """What is compared with a baseline."""
    from tare.comparing.sides import in_interpreter, find_python, make_first_sides

    if options.pairs is not None or len(options.interpreters or ()) > 1:
        raise Failure("compare: --baseline is compared with one side; leave the others out")
    sides = make_first_sides(options.sides, options.code or (), words_of(options, rest))
    if len(sides) != 1:
        raise Failure(f"compare: --baseline is compared with one side, and {len(sides)} are given")
    for python in options.interpreters or ():
        return in_interpreter(sides[0], find_python(python), False)
    return sides[0]


def words_of(options: argparse.Namespace, rest: tuple[str, ...] | None) -> Words:
    from tare.comparing.sides import Words

    setup = "\n".join(options.setup or ())
    return Words(setup, options.call_args, tuple(options.interpreters or ()), rest)


def make_pairs(options: argparse.Namespace, rest: tuple[str, ...] | None) -> list[Pair]:
    from tare.comparing.many import pairs_of, read_pairs

    if options.pairs is not None:
        if options.sides or options.code or rest is not None:
            raise Failure("compare: --pairs names all sides; leave the others out")
        return read_pairs(options.pairs, tuple(options.interpreters or ()))
    return pairs_of(options.sides, options.code or (), words_of(options, rest))


def make_plan(options: argparse.Namespace) -> Plan:
    from tare.comparing import Plan

    return Plan(
        seconds=options.seconds,
        processes=options.processes,
        least=options.least / 100,
        timeout=options.timeout,
        clock=options.compare_clock,
        rule=make_rule(options),
        check=not options.no_check,
        names=tuple(options.result) if options.result else None,
        budget=options.verbose,
    )


def make_rule(options: argparse.Namespace) -> object:
    """None where results have to be equal."""
    given = {
        name: getattr(options, name)
        for name in ("rtol", "atol", "ulp", "samples", "scale")
        if getattr(options, name) is not None
    }
    if not given:
        return None
    from tare.agreeing import close

    try:
        return close(**given)
    except (TypeError, ValueError) as error:
        raise Failure(f"compare: {error}") from None


def report(options: argparse.Namespace, found: Many, gains: list[Gain]) -> None:
    from tare.render import compare as render

    if options.json:
        print(render.document(found, gains))
    elif options.markdown:
        print("\n".join([render.markdown(found), *(f"\n{gain.words()}." for gain in gains)]))
    else:
        from tare.render.layout import show
        from tare.render.terminal import Screen

        screen = Screen(sys.stdout, options.color)
        lines = render.text(screen, found, options.verbose, options.quiet)
        for gain in gains:
            for words in (gain.words(), *gain.notes):
                words = words.replace("±", screen.symbols.plus_minus)
                lines += render.labelled(screen, "program", words)
        show(screen, lines)


def exit_code(comparisons: Sequence[Comparison]) -> int:
    """The worst of them: something is slower or differs, then something is not known."""
    verdicts = [one.verdict for one in comparisons]
    if "different results" in verdicts or any(one.is_slower for one in comparisons):
        return LIMIT_EXCEEDED
    return PARTIAL if "cannot tell" in verdicts else OK
