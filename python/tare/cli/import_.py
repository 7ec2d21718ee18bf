"""tare import: another tool's profile as one of Tare's own."""

from __future__ import annotations

import os

from tare.cli.failure import OK, Failure, cannot_write, check_writable
from tare.cli.loading import load_or_fail
from tare.cli.parser import make_parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import ImportFormat, Profile

NAMES = ("source", "output", "overwrite", "quiet")
DESCRIPTION = """\
Reads another tool's profile and writes it as a .tare file, for tare report and
tare export. The file is named after the profile unless -o says otherwise. The
format is found by the bytes; --from names it. Without FILE: lists the formats."""


def run(arguments: list[str]) -> int:
    from tare._profile import import_formats

    parser = make_parser("import", "FILE [-o OUT.tare] [OPTION...]", DESCRIPTION, NAMES)
    parser.add_argument("file", metavar="FILE", nargs="?", help="another tool's profile")
    options = parser.parse_args(arguments)
    known = import_formats()
    if options.file is None:
        print(list_formats(known))
        return OK
    if options.source is not None and options.source not in [format.name for format in known]:
        raise Failure(f"import: no format {options.source}; known are {names_of(known)}")
    profile = read(options.file, options.source)
    path = options.output or default_path(options.file)
    check_writable(path, options.overwrite)
    save(profile, path, options.overwrite)
    if not options.quiet:
        from tare.text import printable

        print(printable(path))
    return OK


def list_formats(known: list[ImportFormat]) -> str:
    wide = max(len(format.name) for format in known)
    return "\n".join(f"{format.name:<{wide}}  {format.words}" for format in known)


def names_of(known: list[ImportFormat]) -> str:
    return "|".join(format.name for format in known)


def read(file: str, source: str | None) -> Profile:
    profile, format = load_or_fail(file, source)
    if format == "tare":
        raise Failure(f"import {file}: it is a .tare file already; see tare report {file}")
    return profile


def default_path(file: str) -> str:
    """Beside where the user stands: x.prof gives x.tare, and x.json.gz too."""
    stem = os.path.basename(file)
    for ending in (".gz", ".txt", ".json", ".speedscope", ".collapsed"):
        stem = stem.removesuffix(ending) or stem
    root, extension = os.path.splitext(stem)
    return f"{root if extension in KNOWN_EXTENSIONS else stem}.tare"


KNOWN_EXTENSIONS = (".prof", ".profile", ".pstats", ".lprof", ".pb", ".pprof", ".callgrind",
                    ".folded", ".log", ".cprof", ".dat")  # fmt: skip


def save(profile: Profile, path: str, overwrite: bool) -> None:
    from tare.errors import Error

    try:
        profile.save(path, overwrite=overwrite)
    except Error as error:
        if error.os_errno:
            raise cannot_write(path, error.os_errno) from None
        raise Failure(f"write {path}: {error}; give another name") from None
