"""What the command lines of line_profiler and kernprof have in common."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from tare.compat.line_profiler.toml_config import Config, ConfigSource

_WORDS = {
    **dict.fromkeys(("", "0", "off", "false", "f", "no", "n"), False),
    **dict.fromkeys(("1", "on", "true", "t", "yes", "y"), True),
}


def boolean(value: str, *, fallback: bool | None = None, invert: bool = False) -> bool:
    """Raises ValueError for a word that is neither, unless there is a fallback."""
    known = _WORDS.get(value.casefold())
    if known is not None:
        return known != invert
    if fallback is None:
        raise ValueError(f"value = {value!r}: cannot be parsed into a boolean")
    return fallback


def positive_float(value: str) -> float:
    number = float(value)
    if number <= 0:
        raise ValueError(value)
    return number


def add_argument(parser: Any, *flags: str, **kwargs: Any) -> argparse.Action:
    """A switch is None unless given, so that a setting can stand in for it.

    The long form takes a word too (--rich=no) and has a hidden opposite (--no-rich); short forms
    are arguments of their own, so that they can be joined.
    """
    action = kwargs.get("action")
    if action not in ("store_true", "store_false"):
        return parser.add_argument(*flags, **kwargs)
    del kwargs["action"]
    value = action == "store_true"
    long = [flag for flag in flags if flag.startswith("--")]
    short = [flag for flag in flags if not flag.startswith("--")]
    if not long:
        return parser.add_argument(*short, action="store_const", const=value, **kwargs)
    words = kwargs.pop("help", None)
    added = _add_long(parser, long, value, help=_with_short_forms(words, short), **kwargs)
    hidden = {**kwargs, "dest": added.dest, "help": argparse.SUPPRESS}
    if short:
        parser.add_argument(*short, action="store_const", const=value, **hidden)
    if value:
        _add_long(parser, [f"--no-{flag[2:]}" for flag in long], False, **hidden)
    return added


def _add_long(parser: Any, flags: list[str], value: bool, **kwargs: Any) -> argparse.Action:
    return parser.add_argument(
        *flags,
        nargs="?",
        const=value,
        type=_Word(value),
        metavar="Y[es] | N[o] | T[rue] | F[alse] | on | off | 1 | 0",
        **kwargs,
    )


class _Word:
    """Turns the word after a switch into its value. argparse shows __name__ in its errors."""

    __name__ = "boolean"

    def __init__(self, value: bool) -> None:
        self._invert = not value

    def __call__(self, word: str) -> bool:
        return boolean(word, invert=self._invert)


def _with_short_forms(words: str | None, short: list[str]) -> str | None:
    if not short:
        return words
    forms = f"hort form{'s' if len(short) > 1 else ''}: {', '.join(short)}"
    if words is None:
        return f"(S{forms})"
    if words.endswith(")"):
        return f"{words[:-1]}; s{forms})"
    return f"{words} (S{forms})"


def get_cli_config(table: str, config: Config = None) -> ConfigSource:
    """With the keys as names of options."""
    found = ConfigSource.from_config(config).get_subconfig(table)
    found.conf_dict = {key.replace("-", "_"): value for key, value in found.conf_dict.items()}
    return found


def fill_in(options: Any, defaults: dict[str, Any]) -> None:
    """The settings, for what the command line does not say."""
    for key, value in defaults.items():
        if getattr(options, key, None) is None:
            setattr(options, key, value)


def short_string_path(path: str | os.PathLike[str]) -> str:
    """The shortest of the path as given, absolute, and from here."""
    absolute = Path(path).absolute()
    forms = {str(Path(path)), str(absolute)}
    if absolute.is_relative_to(Path.cwd()):
        forms.add(str(absolute.relative_to(Path.cwd())))
    return min(forms, key=len)


def get_python_executable() -> str:
    """python, python3, or where it is."""
    for name in ("python", "python3"):
        found = shutil.which(name)
        if found and os.path.samefile(found, sys.executable):
            return name
    return short_string_path(sys.executable)
