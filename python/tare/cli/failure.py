"""How a command ends when it cannot do its job: one line and an exit code."""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.errors import Error

OK = 0
LIMIT_EXCEEDED = 1
USAGE = 2
UNREADABLE = 3
PARTIAL = 4

_EXIT_CODES = {
    "PERMISSION": UNREADABLE,
    "GONE": UNREADABLE,
    "NOT_READY": UNREADABLE,
    "NOT_PYTHON": UNREADABLE,
    "UNSUPPORTED": UNREADABLE,
    "TORN": UNREADABLE,
}


class Failure(Exception):
    """A user's mistake or the system's refusal; str() is the line to print."""

    def __init__(self, message: str, exit_code: int = USAGE) -> None:
        super().__init__(message)
        self.exit_code = exit_code


_AFTER_WRITING = {
    errno.ENOENT: "create its directory first, or give another name",
    errno.ENOTDIR: "what stands before the last / is no directory; give another name",
    errno.EISDIR: "give the name of a file in it",
    errno.EEXIST: "add --overwrite to replace it",
    errno.EACCES: "give a name in a directory where you may write",
    errno.EPERM: "give a name in a directory where you may write",
    errno.EROFS: "give a name in a directory where you may write",
    errno.ENOSPC: "make room, or give a name on another disk",
    errno.ENAMETOOLONG: "give a shorter name",
}
_AFTER_LOADING = {
    "NOT_FOUND": "check the name; tare run says what it wrote",
    "PERMISSION": "ask its owner, or run tare as that user",
    "USAGE": "give a .tare file",
    "CORRUPT": "give a file that tare run or tare attach wrote, or tare import it first",
    "LIMIT": "give a .tare file",
    "SYSTEM": "copy the file elsewhere and try again",
}


def cannot_write(path: str, number: int) -> Failure:
    """What to do when the system refuses to write a file, by its error number."""
    advice = _AFTER_WRITING.get(number, "give another name")
    return Failure(f"write {path}: {os.strerror(number)}; {advice}")


def check_writable(path: str, overwrite: bool) -> None:
    """Says now what would otherwise fail when the work is done."""
    if os.path.isdir(path):
        raise cannot_write(path, errno.EISDIR)
    if os.path.lexists(path) and not overwrite:
        raise cannot_write(path, errno.EEXIST)
    if os.path.exists(path) and os.access(path, os.W_OK):
        return  # such as /dev/null, whose directory is not for everybody
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise cannot_write(path, errno.ENOTDIR if os.path.lexists(folder) else errno.ENOENT)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise cannot_write(path, errno.EACCES)


def after_loading(error: Error) -> str:
    """The line for a file that the core could not load, with what to do about it."""
    advice = _AFTER_LOADING.get(error.status, "")
    said = str(error)
    return said if not advice or advice in said else f"{said}; {advice}"


def exit_code_of(status: str) -> int:
    """The exit code for a status of the core while a process is measured."""
    return _EXIT_CODES.get(status, USAGE)
