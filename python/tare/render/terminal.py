"""Where text goes: width, colour and which characters it can show."""

from __future__ import annotations

import io
import os
from typing import Literal, TextIO

from rich.console import Console

PIPE_COLUMNS = 100
PIPE_LINES = 30
USUAL_SIZE = os.terminal_size((80, 24))  # of a terminal that does not know its own
LEAST_COLUMNS = 60  # narrower ones wrap
MOST_COLUMNS = 160
MOST_ROWS = 1000


class PipeConsole(Console):
    """Rich would end the process when nobody reads on; that is for the caller to decide."""

    def on_broken_pipe(self) -> None:
        raise  # the BrokenPipeError that is being handled


class Screen:
    """A stream with its width, its colours and its symbols."""

    def __init__(self, stream: TextIO, color: str = "auto") -> None:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names may not fit the encoding
        self.stream = stream
        self.columns = find_columns(stream)
        self.colored = wants_color(stream, color)
        self.symbols = UNICODE if can_encode(stream) else ASCII
        self.console = PipeConsole(
            file=stream,
            width=self.columns,
            color_system=pick_color_system(stream) if self.colored else None,
            force_terminal=self.colored,
            no_color=not self.colored,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    def links(self) -> bool:
        """Whether the terminal may be given hyperlinks."""
        return self.colored and is_terminal(self.stream)


class Symbols:
    """The signs that a plain ASCII stream must do without."""

    def __init__(
        self,
        *,
        ellipsis: str,
        plus_minus: str,
        blocks: str,
        guides: str,
        micro: str,
        levels: str,
        dot: str,
    ) -> None:
        self.ellipsis = ellipsis
        self.plus_minus = plus_minus
        self.blocks = blocks  # a bar's cells, from nearly empty to full
        self.guides = guides  # of trees: a level passed by, a child, the last child, a line
        self.micro = micro  # of microseconds
        self.levels = levels  # of a chart's column, from nearly empty to full
        self.dot = dot  # a point of a chart


UNICODE = Symbols(
    ellipsis="…",
    plus_minus="±",
    blocks="▏▎▍▌▋▊▉█",
    guides="│├└─",
    micro="µ",
    levels="▁▂▃▄▅▆▇█",
    dot="·",
)
ASCII = Symbols(
    ellipsis="...", plus_minus="+-", blocks="#", guides="|+`-", micro="u", levels="#", dot="."
)


def is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def terminal_size(stream: TextIO) -> os.terminal_size:
    """Columns and lines; a fixed size for files and pipes."""
    if not is_terminal(stream):
        return os.terminal_size((PIPE_COLUMNS, PIPE_LINES))
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        size = USUAL_SIZE
    return size if size.columns else USUAL_SIZE


def rows_beside(screen: Screen, others: int, least: int = 3) -> int:
    """Rows of a table that fit on the screen with so many other lines; many on no terminal."""
    if not is_terminal(screen.stream):
        return MOST_ROWS
    return max(least, terminal_size(screen.stream).lines - others)


def find_columns(stream: TextIO) -> int:
    """COLUMNS when it is set, else the terminal's width, within reason."""
    told = os.environ.get("COLUMNS", "")
    columns = int(told) if told.isdigit() else terminal_size(stream).columns
    return max(LEAST_COLUMNS, min(columns, MOST_COLUMNS))


def wants_color(stream: TextIO, color: str) -> bool:
    """--color, then NO_COLOR, FORCE_COLOR, TERM=dumb, then whether it is a terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and is_terminal(stream)


def pick_color_system(stream: TextIO) -> Literal["auto", "standard"]:
    return "auto" if is_terminal(stream) else "standard"


def can_encode(stream: TextIO) -> bool:
    try:
        "█▏…±│├└─µ▁·".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
