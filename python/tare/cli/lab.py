"""tare lab: experiments that show what makes Python programs fast and slow, on this machine."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from tare.cli.failure import OK, PARTIAL, UNREADABLE, Failure, check_writable
from tare.cli.parser import make_parser, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.lab.model import Experiment
    from tare.lab.running import Session

NAMES = (
    "every_experiment",
    "quick_lab",
    "python",
    "page_to",
    "overwrite",
    "json",
    "color",
    "quiet",
)
DESCRIPTION = """\
Experiments about Python's speed and memory: each asks a question, shows short
code, sees to it that all ways come to the same result, measures them here, and
says what that taught. Without a name it lists them.

  tare lab                       what there is
  tare lab insert sets           two of them
  tare lab --all -o lab.html     all, as a page; about two minutes
  tare lab names --python 3.13   in another interpreter"""


def run(arguments: list[str]) -> int:
    parser = make_parser("lab", "[OPTION...] [NAME...]", DESCRIPTION, NAMES)
    parser.add_argument("names", metavar="NAME", nargs="*", help="which experiments to make")
    options = parser.parse_intermixed_args(arguments)
    chosen = choose(options)
    if not chosen:
        return list_all(options)
    if options.page_to not in (None, "-"):
        check_writable(options.page_to, options.overwrite)  # now, not after two minutes
    return show(options, measure(options, chosen))


def choose(options: argparse.Namespace) -> list[Experiment]:
    from tare.lab.catalogue import BY_NAME, EXPERIMENTS

    if options.every_experiment:
        if options.names:
            raise Failure("lab: --all and names of experiments are different choices; give one")
        return list(EXPERIMENTS)
    for name in options.names:
        if name not in BY_NAME:
            raise Failure(f"lab: {name}: no such experiment; there are {', '.join(BY_NAME)}")
    if options.page_to is not None and not options.names:
        raise Failure("lab: -o writes what experiments found; name some, or give --all")
    return [BY_NAME[name] for name in dict.fromkeys(options.names)]


def list_all(options: argparse.Namespace) -> int:
    from tare.lab.catalogue import EXPERIMENTS

    if options.json:
        from tare.render.document import encode

        parts = [
            {"name": one.name, "title": one.title, "question": one.question} for one in EXPERIMENTS
        ]
        print(encode({"schema": "tare.lab.list/1", "experiments": parts}))
        return OK
    from tare.render.lab import listing
    from tare.render.layout import show as print_lines
    from tare.render.terminal import Screen

    screen = Screen(sys.stdout, options.color)
    print_lines(screen, listing(screen, EXPERIMENTS))
    return OK


def measure(options: argparse.Namespace, chosen: Sequence[Experiment]) -> Session:
    from tare.cli.progress import Steps
    from tare.lab.measuring import FULL, QUICK, Lab
    from tare.lab.running import run as make
    from tare.stones.interpreters import NoInterpreter, resolve

    current = find_current()
    word = options.python or current
    try:
        interpreter = resolve(word, current, os.environ)
    except NoInterpreter as error:
        raise Failure(f"lab: --python {word}: {error}; give the path of a Python interpreter",
                      UNREADABLE) from None
    steps = Steps(options, True)
    effort = QUICK if options.quick_lab else FULL
    try:
        with Lab(interpreter.path, effort, os.environ, steps.begin) as lab:
            return make(lab, chosen, interpreter.name, options.quick_lab)
    finally:
        steps.erase()


def find_current() -> str:
    from tare.cli.target import find_python

    return find_python(None, os.environ)


def show(options: argparse.Namespace, session: Session) -> int:
    if options.page_to is not None:
        from tare.cli.writing import write
        from tare.render.lab_page import page

        write(options.page_to, page(session).encode("utf-8", "replace"), options.overwrite)
        if options.page_to != "-":
            say(options, f"wrote {options.page_to}")
    if options.json and options.page_to != "-":
        from tare.render.document import encode

        print(encode(session.to_dict()))
    elif options.page_to is None:
        from tare.render.lab import page as text
        from tare.render.layout import show as print_lines
        from tare.render.terminal import Screen

        screen = Screen(sys.stdout, options.color)
        print_lines(screen, text(screen, session, options.quiet))
    return complain_of(session)


def complain_of(session: Session) -> int:
    """The exit code, and a line for each experiment that could not be made."""
    from tare.cli import complain

    code = OK
    for result in session.results:
        if result.trouble:
            code = complain(f"lab {result.experiment.name}: {result.trouble}", PARTIAL)
    return code
