"""Which parts of a Python source deserve a colour, found while the report is made.

The page then needs no parser of Python. A source that this interpreter cannot read to its end,
because it is of another version or is broken, has no colours rather than wrong ones.

Places are as JavaScript counts them: columns and lengths are UTF-16 code units.
"""

from __future__ import annotations

import builtins
import io
import keyword
import token
import tokenize

KINDS = ("keyword", "string", "comment", "number", "definition", "builtin")
KEYWORD, STRING, COMMENT, NUMBER, DEFINITION, BUILTIN = range(len(KINDS))
BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
DEFINING = ("def", "class")
MOST_COLUMNS = 1000  # of a line; places in longer ones, which nobody reads, take long to find
# Formatted strings are tokens of their own from 3.12 on, templates from 3.14 on.
STRING_PARTS = tuple(
    getattr(token, f"{letter}STRING_{part}")
    for letter in "FT"
    for part in ("START", "MIDDLE", "END")
    if hasattr(token, f"{letter}STRING_{part}")
)


def colour(text: str, first_line: int = 1) -> list[int]:
    """Flat: line, column, length, kind (a place in KINDS) for each; no token crosses a line."""
    lines = text.split("\n")
    if max(map(len, lines)) > MOST_COLUMNS:
        return []
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError, ValueError, RecursionError):
        return []
    if not is_sound(tokens):
        return []
    found: list[int] = []
    before = ""
    for item in tokens:
        kind = kind_of(item, before)
        if kind is not None:
            add_token(found, lines, item, kind, first_line)
        if item.type not in (tokenize.NL, tokenize.COMMENT):
            before = item.string
    return found


def is_sound(tokens: list[tokenize.TokenInfo]) -> bool:
    """Some versions go on after what they do not understand, and then misplace what follows."""
    end = (0, 0)
    for item in tokens:
        if item.type == token.ERRORTOKEN or item.start < end:
            return False
        end = item.end if item.type not in (token.INDENT, token.DEDENT) else end
    return True


def kind_of(item: tokenize.TokenInfo, before: str) -> int | None:
    """before: the token in front of it."""
    if item.type == token.STRING or item.type in STRING_PARTS:
        return STRING
    if item.type == tokenize.COMMENT:
        return COMMENT
    if item.type == token.NUMBER:
        return NUMBER
    if item.type != token.NAME:
        return None
    if keyword.iskeyword(item.string):
        return KEYWORD
    if before in DEFINING:
        return DEFINITION
    return BUILTIN if item.string in BUILTINS and before != "." else None


def add_token(
    found: list[int], lines: list[str], item: tokenize.TokenInfo, kind: int, first_line: int
) -> None:
    (first, begin), (last, end) = item.start, item.end
    for number in range(first, min(last, len(lines)) + 1):
        line = lines[number - 1]
        left = begin if number == first else 0
        right = end if number == last else len(line)
        length = units(line[left:right])
        if length:
            found += (number - 1 + first_line, units(line[:left]), length, kind)


def units(text: str) -> int:
    """UTF-16 code units: characters outside the basic plane are two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
