"""The source texts that go into a report: of the files where the time went, and no others.

A profile names the files; it may come from anywhere, so a name in it is a wish and no reason to
read a file. What is read is a regular file of Python source, not too large, and not one that by
its name keeps secrets. Whatever is left out is listed with the reason, for the page to say.

    {"kinds": [...], "files": [FILE...], "left_out": [{"path", "why"}...]}
    FILE: {"path", "first_line", "text", "tokens", "changed"}

path is the name in the profile. Lines end with "\\n" alone; first_line is the number of the first.
tokens are those of colours.py. changed: the file is newer than a measurement that names it. One
path can have several entries: a profile of lines keeps the blocks that it measured, and these stand
in for a file that is gone or newer.
"""

from __future__ import annotations

import codecs
import errno
import fnmatch
import io
import os
import re
import stat
import tokenize
from collections.abc import Iterable
from typing import NamedTuple

from tare.render.report import Report, full_path
from tare.text import is_library, whole_number
from tare.viewer.colours import KINDS, colour
from tare.viewer.hottest import functions_of

LEAST_SHARE = 0.001  # of the whole time, with what it called, for a function to be worth its source
MOST_BYTES = 2 << 20  # of all sources together, before they are compressed
MOST_FILE_BYTES = 1 << 20
MOST_FILES = 500  # that are looked for
MOST_LINES = (1 << 32) - 1  # as lines are numbered in profiles
KEPT = "source:"  # the key of a block that a profile of lines keeps: source:FILE:LINE

SUFFIXES = (".py", ".pyw", ".pyi", ".pyx", ".wsgi")
SECRET_NAMES = (
    ".*",  # .env and the like: settings, not programs
    "*.env",
    "*secret*",
    "*credential*",
    "*password*",
    "*passwd*",
    "*private*key*",
    "*apikey*",
    "*api_key*",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.kdbx",
)
SECRET_FOLDERS = frozenset({".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", "secrets"})
SYSTEM_FOLDERS = ("/proc", "/sys", "/dev")
ASCII = "".join(map(chr, range(32, 127)))
SURROGATES = re.compile("[\ud800-\udfff]")


class Text(NamedTuple):
    """Of one file, or of a block of it."""

    path: str
    first_line: int
    text: str
    changed: bool


class Wanted(NamedTuple):
    """A file that functions with time are in; full_name is where it would be."""

    path: str
    full_name: str
    made_ns: int  # when the earliest measurement began that names it; 0: not known
    self_share: float
    total_share: float
    kept: dict[int, str]  # blocks by their first line


class Sources(NamedTuple):
    files: list[Text]
    left_out: list[tuple[str, str]]  # path, why

    def document(self) -> dict[str, object]:
        return {
            "kinds": list(KINDS),
            "files": [
                {
                    "path": spell(text.path),
                    "first_line": text.first_line,
                    "text": text.text,
                    "tokens": colour(text.text, text.first_line),
                    "changed": text.changed,
                }
                for text in self.files
            ],
            "left_out": [{"path": spell(path), "why": why} for path, why in self.left_out],
        }


NONE = Sources([], [])


class Unfit(Exception):
    """A file that is not shown; str() says why."""


class Secret(Unfit):
    """One that may not be shown, whatever else is known of it."""


def spell(path: str) -> str:
    """As the profile's columns have it: what is not UTF-8 became U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def collect(reports: Iterable[Report], most_bytes: int = MOST_BYTES) -> Sources:
    """The sources of these profiles: the user's own first, then libraries; hottest first."""
    wanted, left_out = files_of(reports)
    files: list[Text] = []
    room = most_bytes
    for place, file in enumerate(sorted(wanted, key=importance)):
        try:
            if place >= MOST_FILES:
                raise Unfit(f"not among the {MOST_FILES} hottest files")
            texts = texts_of(file, room)
        except Unfit as why:
            left_out.append((file.path, str(why)))
            continue
        room -= sum(len(text.text.encode()) for text in texts)
        files += texts
    return Sources(files, left_out)


def importance(file: Wanted) -> tuple[bool, float, float, str]:
    return is_library(file.full_name), -file.self_share, -file.total_share, file.path


# ---- which files ----


def files_of(reports: Iterable[Report]) -> tuple[list[Wanted], list[tuple[str, str]]]:
    """Those that matter in any of the profiles, and those that cannot be shown for all of them."""
    found: dict[str, Wanted] = {}
    left_out: dict[str, str] = {}
    for report in reports:
        for file in files_in(report):
            first = found.get(file.path)
            if first is None:
                found[file.path] = file
            elif first.full_name != file.full_name:
                left_out[file.path] = "another file of that name is shown"
            else:
                found[file.path] = merge(first, file)
    return list(found.values()), list(left_out.items())


def merge(one: Wanted, other: Wanted) -> Wanted:
    return one._replace(
        made_ns=min(filter(None, (one.made_ns, other.made_ns)), default=0),
        self_share=max(one.self_share, other.self_share),
        total_share=max(one.total_share, other.total_share),
        kept={**other.kept, **one.kept},
    )


def files_in(report: Report) -> list[Wanted]:
    functions = functions_of(report)
    self_ns: dict[str, int] = {}
    total_ns: dict[str, int] = {}
    chosen: set[str] = set()
    for row in functions.rows:
        if row.kind == "python" and row.file not in ("", "~"):
            self_ns[row.file] = self_ns.get(row.file, 0) + row.self_ns
            total_ns[row.file] = max(total_ns.get(row.file, 0), row.total_ns)
            if row.chosen:
                chosen.add(row.file)
    kept = kept_in(report)
    return [
        Wanted(
            path,
            full_path(report, path),
            int(report.number("created_unix_ns")),
            self_ns[path] / functions.whole_ns,
            total_ns[path] / functions.whole_ns,
            kept.get(path, {}),
        )
        for path in total_ns
        if path in chosen or total_ns[path] >= LEAST_SHARE * functions.whole_ns
    ]


def kept_in(report: Report) -> dict[str, dict[int, str]]:
    """Blocks that were kept when they were measured, by file and first line."""
    kept: dict[str, dict[int, str]] = {}
    for key, text in report.meta.items():
        path, _, digits = key.removeprefix(KEPT).rpartition(":")
        line = whole_number(digits)
        if key.startswith(KEPT) and line is not None and line <= MOST_LINES:
            kept.setdefault(path, {})[line] = text
    return kept


# ---- from a name to a text ----


def texts_of(file: Wanted, room: int) -> list[Text]:
    """The file's text; else the blocks that were kept of it. Unfit when there is no room."""
    refuse_secret(file.path)
    refuse_secret(file.full_name)
    try:
        data, changed_ns = read_file(file.full_name)
        changed = bool(file.made_ns) and changed_ns > file.made_ns
    except Secret:
        raise
    except Unfit:
        if not file.kept:
            raise
        data, changed = b"", True
    if changed and file.kept:
        blocks = sorted(file.kept.items())
        texts = [Text(file.path, line, clean(text), False) for line, text in blocks]
    else:
        texts = [Text(file.path, 1, clean(decode(data)), changed)]
    if sum(len(text.text.encode()) for text in texts) > room:
        raise Unfit("no room left: sources of hotter files come first")
    return texts


def refuse_secret(path: str) -> None:
    """By its name or its folder's, as it is written and as links resolve it."""
    if is_library(path):
        return  # published, however it is called
    folders, name = os.path.split(path.lower())
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in SECRET_NAMES):
        raise Secret("its name looks like that of a secret")
    if not SECRET_FOLDERS.isdisjoint(folders.split("/")):
        raise Secret("its folder looks like one of secrets")
    if is_hidden(os.path.dirname(path)):
        raise Secret("in a hidden folder of the user's")


def is_hidden(folder: str) -> bool:
    """Below the home, in a folder whose name begins with a dot: settings and what programs keep."""
    home = os.path.expanduser("~")
    for place in {home, os.path.realpath(home)}:
        if folder.startswith(place.rstrip("/") + "/"):
            return any(part.startswith(".") for part in folder[len(place) :].split("/"))
    return False


def read_file(path: str) -> tuple[bytes, int]:
    """What is in a file of Python source, and when it was last changed; else Unfit."""
    if not path.startswith("/"):
        raise Unfit("no file" if path.startswith("<") else "where it was is not known")
    try:
        real = os.path.realpath(path, strict=True)
        refuse_place(real)
        # Neither a FIFO nor a terminal may keep the report waiting; links are resolved already.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(real, flags), "rb") as stream:
            state = os.fstat(stream.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise Unfit("no regular file")
            data = stream.read(MOST_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise Unfit(reason_of(error)) from None
    if len(data) > MOST_FILE_BYTES:
        raise Unfit(f"larger than {MOST_FILE_BYTES >> 20} MiB")
    if not real.lower().endswith(SUFFIXES) and not is_script(data):
        raise Unfit("no Python source")
    if b"\0" in data:
        raise Unfit("not text")
    return data, state.st_mtime_ns


def refuse_place(real: str) -> None:
    for folder in SYSTEM_FOLDERS:
        if real == folder or real.startswith(folder + "/"):
            raise Secret(f"in {folder}")
    refuse_secret(real)


def reason_of(error: OSError | ValueError) -> str:
    number = error.errno if isinstance(error, OSError) else errno.EINVAL
    if number in (errno.ENOENT, errno.ENOTDIR):
        return "not on this machine"
    return os.strerror(number or errno.EIO)


def is_script(data: bytes) -> bool:
    first = data[:200].split(b"\n", 1)[0]
    return first.startswith(b"#!") and b"python" in first


def decode(data: bytes) -> str:
    """By the file's own declaration, as the interpreter does; what does not fit becomes U+FFFD."""
    try:
        name = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError:  # no such encoding, or not UTF-8 where that was meant
        name = "utf-8"
    if not is_plain(name):
        name = "utf-8"
    data = data.removeprefix(codecs.BOM_UTF8)
    return data.decode(name.removesuffix("-sig"), "replace")


def is_plain(name: str) -> bool:
    """Does the encoding have ASCII as it is? All do that source files are written in, and those
    that do not, such as idna, can take forever."""
    try:
        return ASCII.encode(name) == ASCII.encode("ascii")
    except (LookupError, ValueError):
        return False


def clean(text: str) -> str:
    """With line ends as the interpreter counts them, and without halves of characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return SURROGATES.sub("\ufffd", text)
