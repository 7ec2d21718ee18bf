"""What tare doctor looks at. Each check is a function that returns a Finding and never raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

GOOD = "good"
NOTE = "note"  # works, but worth knowing when numbers are read
BAD = "bad"  # something cannot be measured


class Finding(NamedTuple):
    name: str
    grade: str  # GOOD, NOTE or BAD
    words: str
    remedy: str = ""
    facts: Mapping[str, object] = {}  # for --json


def read_file(path: str) -> str | None:
    """The text of a small system file, or None where it is not there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return None
