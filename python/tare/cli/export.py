"""tare export: a profile in another tool's format."""

from __future__ import annotations

import os

from tare.cli.failure import OK, PARTIAL, Failure
from tare.cli.loading import refuse_heap
from tare.cli.parser import make_parser
from tare.cli.writing import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import Format

NAMES = ("to", "output", "overwrite", "metric", "quiet")
DESCRIPTION = """\
Writes a profile so that another tool can read it. The file is named after the
profile unless -o says otherwise; -o - writes to stdout. Without --to: lists
the formats."""


def run(arguments: list[str]) -> int:
    from tare._profile import formats, load

    parser = make_parser("export", "FILE --to FORMAT [OPTION...]", DESCRIPTION, NAMES)
    parser.add_argument("file", metavar="FILE", nargs="?", help="a .tare file")
    options = parser.parse_args(arguments)
    if options.to is None and options.file is None:
        print(list_formats(formats()))
        return OK
    if options.to is None:
        raise Failure(f"export {options.file}: which format? --to {names_of(formats())}")
    if options.file is None:
        raise Failure("export: which file? see tare export --help")
    chosen = find_format(options.to, formats())
    profile = load(options.file)
    refuse_heap(profile, options.file)
    known = [metric.name for metric in profile.metrics]
    metric = options.metric or ("peak_bytes" if profile.is_memory else "wall_ns")
    if metric not in known:
        raise Failure(f"export {options.file}: no such metric, {metric}; it has {', '.join(known)}")
    data = profile.export(chosen.name, metric)
    path = options.output or default_path(options.file, chosen)
    write(path, data, options.overwrite)
    if path != "-" and not options.quiet:
        from tare.text import printable

        print(printable(path))
    return OK if profile.state.complete else PARTIAL


def list_formats(known: list[Format]) -> str:
    wide = max(len(format.name) for format in known)
    return "\n".join(f"{format.name:<{wide}}  {format.words}" for format in known)


def names_of(known: list[Format]) -> str:
    return "|".join(format.name for format in known)


def find_format(name: str, known: list[Format]) -> Format:
    for format in known:
        if format.name == name:
            return format
    raise Failure(f"export: no format {name}; known are {names_of(known)}")


def default_path(file: str, chosen: Format) -> str:
    """Beside where the user stands, named after the profile."""
    stem = os.path.basename(file).removesuffix(".tare")
    return f"{stem}.{chosen.extension}"
