"""line_profiler's tables, as text: the same columns, widths and words."""

from __future__ import annotations

import inspect
import linecache
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TextIO

from tare.compat.line_profiler.measuring import MODULE
from tare.compat.line_profiler.toml_config import Config, ConfigSource

Timing = tuple[int, int, float]  # line, hits, time in units
Timings = Mapping[tuple[str, int, str], Sequence[Timing]]  # by file, first line, name

TITLES = ("Line #", "Hits", "Time", "Per Hit", "% Time")
COLUMNS = ("line", "hits", "time", "perhit", "percent")
BLANK = ("", "", "", "")
MISSING = """
Could not find file {file}
Are you sure you are running this program from the same directory
that you ran the profiler from?
Continuing without the function's contents.
"""


class Cells(NamedTuple):
    hits: str
    time: str
    per_hit: str
    percent: str


def get_code_block(filename: str, lineno: int) -> list[str]:
    """The function that begins in that line, as it is now."""
    return inspect.getblock(linecache.getlines(filename)[lineno - 1 :])


def _block(filename: str, first_line: int, name: str) -> list[str]:
    """A notebook's cell is one block, whatever it begins with."""
    whole = linecache.getlines(filename) if name == MODULE else None
    return whole or get_code_block(filename, first_line)


def is_generated_code(filename: str) -> bool:
    """A notebook's cell: linecache knows it, though there is no file."""
    folder = tempfile.gettempdir()
    beginnings = (
        "<generated",
        "<ipython-input-",
        os.path.join(folder, "ipykernel_"),
        os.path.join(folder, "xpython_"),
    )
    return filename.startswith(beginnings)


def column_widths(config: Config) -> dict[str, int]:
    """The least that each is wide."""
    defaults = ConfigSource.from_default().conf_dict["show"]["column_widths"]
    found = ConfigSource.from_config(config).conf_dict["show"]["column_widths"]
    return {name: max(width, found[name]) for name, width in defaults.items()}


def _cells(timing: Timing, scale: float, whole: float, least: dict[str, int]) -> Cells:
    """Scientific notation for what is wider than its column."""
    _, hits, time = timing
    return Cells(
        _number(hits, "%d", "%g", least["hits"]),
        _number(time * scale, "%5.1f", "%5.3g", least["time"]),
        _number(time * scale / hits if hits else 0.0, "%5.1f", "%5.3g", least["perhit"]),
        f"{100 * time / whole:5.1f}" if whole else "",
    )


def _number(value: float, plain: str, short: str, width: int) -> str:
    said = plain % value
    return said if len(said) <= width else short % value


def _template(cells: Sequence[Cells], least: dict[str, int]) -> str:
    """Columns as wide as their widest cell."""
    widths = dict(least)
    for index, name in enumerate(("hits", "time", "perhit")):
        widths[name] = max([widths[name], *(len(row[index]) for row in cells)])
    return " ".join(f"%{widths[name]}s" for name in COLUMNS)


def _source(filename: str, first_line: int, timings: Sequence[Timing], stream: TextIO,
            name: str) -> list[str]:
    """The lines of the function, after its heading; blank ones when there is no such file."""
    there = os.path.exists(filename)
    if there or is_generated_code(filename):
        stream.write(f"File: {filename}\nFunction: {name} at line {first_line}\n")
        if there:
            linecache.clearcache()  # it may have been written again
        return [line.rstrip("\n").rstrip("\r") for line in _block(filename, first_line, name)]
    stream.write(MISSING.format(file=filename))
    numbers = [timing[0] for timing in timings]
    return [""] * (max(numbers) - min(first_line, *numbers) + 1 if numbers else 1)


def show_func(
    filename: str,
    start_lineno: int,
    func_name: str,
    timings: Sequence[Timing],
    unit: float,
    output_unit: float | None = None,
    stream: TextIO | None = None,
    stripzeros: bool = False,
    rich: bool = False,
    *,
    config: Config = None,
) -> None:
    """The table of one function; nothing with stripzeros, when it never ran."""
    stream = stream or sys.stdout
    whole = sum(timing[2] for timing in timings)
    if stripzeros and not sum(timing[1] for timing in timings):
        return
    stream.write(f"Total time: {whole * unit:g} s\n")
    lines = _source(filename, start_lineno, timings, stream, func_name)
    least = column_widths(config)
    scale = unit / (output_unit or unit)
    cells = {timing[0]: _cells(timing, scale, whole, least) for timing in timings}
    template = _template(list(cells.values()), least)
    heading = f"{template % TITLES}  Line Contents"
    stream.write(f"\n{heading}\n{'=' * len(heading)}\n")
    left = [template % (number, *cells.get(number, BLANK))
            for number in range(start_lineno, start_lineno + len(lines))]
    write = _write_rich if rich and _has_rich() else _write_plain
    write(stream, left, lines)
    stream.write("\n")


def _write_plain(stream: TextIO, left: list[str], lines: list[str]) -> None:
    for numbers, line in zip(left, lines, strict=True):
        try:
            stream.write(f"{numbers}  {line}")
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            readable = line.encode(encoding, "backslashreplace").decode(encoding)
            stream.write(f"{numbers}  {readable}")
        stream.write("\n")


def _has_rich() -> bool:
    try:
        import rich  # noqa: F401
    except ImportError:
        return False
    return True


def _console(stream: TextIO) -> Any:
    from rich.console import Console

    return Console(file=stream, soft_wrap=True, color_system="standard")


def _write_rich(stream: TextIO, left: list[str], lines: list[str]) -> None:
    from rich.highlighter import ReprHighlighter
    from rich.syntax import Syntax
    from rich.table import Table
    from rich.text import Text

    numbers = Text("\n".join(left))
    ReprHighlighter().highlight(numbers)
    table = Table(box=None, padding=0, collapse_padding=True, show_header=False, show_edge=False,
                  pad_edge=False)
    table.add_row(numbers, "  ", Syntax("\n".join(lines), "python", background_color="default"))
    _console(stream).print(table)
    stream.write("\n")


def show_text(
    stats: Timings,
    unit: float,
    output_unit: float | None = None,
    stream: TextIO | None = None,
    stripzeros: bool = False,
    details: bool = True,
    summarize: bool = False,
    sort: bool = False,
    rich: bool = False,
    *,
    config: Config = None,
) -> None:
    """details: a table for each function; summarize: a line for each; sort: least time first."""
    stream = stream or sys.stdout
    stream.write(f"Timer unit: {unit if output_unit is None else output_unit:g} s\n\n")
    functions = list(stats.items())
    if sort:
        functions.sort(key=lambda item: _total(item[1]))
    config = ConfigSource.from_config(config).path  # looked up once
    if details:
        for (file, first_line, name), timings in functions:
            show_func(file, first_line, name, timings, unit, output_unit, stream, stripzeros,
                      rich, config=config)
    if summarize:
        for (file, first_line, name), timings in functions:
            seconds = _total(timings) * unit
            if seconds or not stripzeros:
                _summary(stream, seconds, f"{file}", f":{first_line} - {name}", rich)


def _total(timings: Sequence[Timing]) -> float:
    return sum(timing[2] for timing in timings)


def _summary(stream: TextIO, seconds: float, file: str, rest: str, rich: bool) -> None:
    if rich and _has_rich():
        from rich.markup import escape

        linked = f"[link={file}]{escape(file)}[/link]{escape(rest)}"
        _console(stream).print(f"{seconds:6.2f} seconds - {linked}")
    else:
        stream.write(f"{seconds:6.2f} seconds - {file}{rest}\n")
