"""A command's parser: its options by name, its settings as defaults, one-line errors."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from tare.cli.failure import Failure
from tare.cli.options import OPTIONS, Option, process_id
from tare.cli.settings import find_settings


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line instead of printing the usage."""

    def error(self, message: str) -> NoReturn:
        raise Failure(f"{self.prog.removeprefix('tare ')}: {message}; see {self.prog} --help")


def make_parser(command: str, usage: str, description: str, names: tuple[str, ...]) -> Parser:
    """A parser with the named options, whose defaults are the settings that apply."""
    parser = Parser(
        prog=f"tare {command}",
        usage=f"tare {command} {usage}",
        description=description,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name in names:
        _add_option(parser, name, OPTIONS[name])
    parser.set_defaults(**find_settings(command, names, os.environ, os.getcwd()))
    return parser


class Switch(argparse.Action):
    """A flag, and beside it the one that undoes what a setting said."""

    def __init__(self, undo: str = "", **how: Any) -> None:
        super().__init__(nargs=0, default=False, **how)
        self.undo = undo

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, option_string != self.undo)


class Listed(argparse.Action):
    """May be repeated; the first time it takes the place of what a setting said."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        given: list[object] = getattr(namespace, f"_{self.dest}", [])
        setattr(namespace, f"_{self.dest}", [*given, values])
        setattr(namespace, self.dest, [*given, values])


def _add_option(parser: Parser, name: str, option: Option) -> None:
    if option.kind == "flag":
        flags = (*option.flags, option.undo) if option.undo else option.flags
        parser.add_argument(*flags, dest=name, action=Switch, undo=option.undo, help=option.help)
        return
    parser.add_argument(
        *option.flags,
        dest=name,
        action=Listed if option.kind == "list" else "store",
        default=option.default,
        type=_converter(option.convert),
        choices=option.choices,
        metavar=option.metavar,
        help=option.help,
    )


def _converter(convert: Callable[[str], object]) -> Callable[[str], object]:
    """argparse shows the words of ArgumentTypeError only."""

    def call(text: str) -> object:
        try:
            return convert(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return call


def add_process(parser: Parser) -> None:
    parser.add_argument("pid", metavar="PID", type=_converter(process_id), help="of the process")


def say(options: argparse.Namespace, message: str) -> None:
    """A line of Tare's own on stderr, unless --quiet."""
    from tare.text import printable

    if not options.quiet:
        print(f"tare: {printable(message)}", file=sys.stderr)
