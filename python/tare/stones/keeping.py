"""Results kept for a machine by name, in the user's data folder, or in files of any name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from tare.stones.results import Findings, load

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
ENDING = ".json"


def folder_of(environ: Mapping[str, str]) -> str:
    data = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):
        data = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local", "share")
    return os.path.join(data, "tare", "machines")


def path_of(name: str, environ: Mapping[str, str]) -> str:
    """Of a machine that is kept, or will be; ValueError for what is no name."""
    if NAME.fullmatch(name) is None:
        raise ValueError("a machine's name is of letters, digits, '.', '_' and '-'")
    return os.path.join(folder_of(environ), name + ENDING)


def names(environ: Mapping[str, str]) -> list[str]:
    try:
        files = os.listdir(folder_of(environ))
    except OSError:
        return []
    return sorted(file.removesuffix(ENDING) for file in files if file.endswith(ENDING))


def find(word: str, environ: Mapping[str, str]) -> Findings:
    """Of a kept machine, or of a file; OSError, or ValueError where it is something else."""
    if "/" not in word and NAME.fullmatch(word):
        path = path_of(word, environ)
        if os.path.exists(path) or not os.path.exists(word):
            return load(path)
    return load(word)
