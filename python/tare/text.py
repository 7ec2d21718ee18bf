"""Foreign text made safe to print, and made to fit.

Names of functions, files and processes come from programs Tare does not control. Whatever
they hold, a terminal must see only what can be seen: no escape sequences, no line breaks,
no reordering of what stands beside them. All text that is not Tare's own passes through
printable() before it is printed.
"""

import os
import re
import unicodedata

ELLIPSIS = "…"
MOST_DIGITS = 100

# C0 and C1 controls, DEL; marks that reorder, join or hide text; line and paragraph
# separators; undecodable bytes (surrogates); tags; the byte order mark.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LIBRARY = re.compile(r".*/(?:(?:site|dist)-packages|lib(?:64)?/python\d+\.\d+)/")


def printable(text: str) -> str:
    """The text with everything that acts instead of showing written as an escape."""
    return _UNSAFE.sub(_spell, text)


def _spell(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def width(text: str) -> int:
    """The columns a terminal needs for printable text."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, columns: int, tail: float = 0.5, ellipsis: str = ELLIPSIS) -> str:
    """The text in at most that many columns, its middle left out where it is too long.

    tail is the part of the room given to the end of the text: names differ at both ends,
    paths at the end.
    """
    if width(text) <= columns:
        return text
    room = columns - width(ellipsis)
    if room <= 0:
        return _take(text, columns)
    end = _take(text[::-1], round(room * tail))[::-1]
    return _take(text, room - width(end)) + ellipsis + end


def _take(text: str, columns: int) -> str:
    """The longest beginning of the text that fits."""
    used = 0
    for index, character in enumerate(text):
        used += _character_width(character)
        if used > columns:
            return text[:index]
    return text


def standard_name(name: str, file: str, line: int, kind: str = "python") -> str:
    """FILE:LINE(NAME), as pstats says it; {NAME} for a C function, which has no file."""
    if file not in ("", "~"):
        return f"{file}:{line}({name})"
    return "{" + name.strip("<>") + "}" if kind == "native" else name


def whole_number(text: str) -> int | None:
    """What plain digits say, exactly. None for anything else, and for more of them than any number
    in a profile has: some thousands the interpreter refuses to read."""
    fits = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if fits else None


def is_library(path: str) -> bool:
    """Is it a file of the standard library or of an installed package?"""
    return _LIBRARY.match(path) is not None


def display_path(path: str, directory: str) -> str:
    """A file's name as a person would say it, seen from directory.

    Below it: relative. The standard library: stdlib/... An installed package:
    site-packages/... Anything else, and names that are no paths ("<string>"): as it is.
    """
    if not path.startswith("/"):
        return path
    library = _LIBRARY.match(path)
    if library is not None:
        kind = "site-packages" if "-packages/" in library.group()[-15:] else "stdlib"
        return f"{kind}/{path[library.end() :]}"
    base = directory.rstrip("/") + "/"
    return os.path.relpath(path, directory) if path.startswith(base) else path
