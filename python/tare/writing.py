"""Writing a file whole, for its owner alone, and never over one that exists unless asked."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

PRIVATE_MODE = 0o600  # what is written has command lines and sources in it
PERMISSIONS = 0o777


def write_file(path: str, data: bytes, overwrite: bool) -> None:
    """OSError when it cannot be done; what this made and could not fill does not stay.

    A file that is there stays as it is until all of the new one is written, and hands its
    permissions on. Devices and the like are written to.
    """
    if not overwrite:
        fill_new(path, data, PRIVATE_MODE)
        return
    real = os.path.realpath(path)  # a link stays one
    folder = os.path.dirname(real)
    mode = mode_of(real)
    if (mode is None or stat.S_ISREG(mode)) and os.access(folder, os.W_OK | os.X_OK):
        replace(real, data, PRIVATE_MODE if mode is None else mode & PERMISSIONS)
        return
    with open(path, "wb", buffering=0) as stream:
        write_all(stream.write, data)


def mode_of(path: str) -> int | None:
    """None where there is nothing."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def replace(path: str, data: bytes, mode: int) -> None:
    from secrets import token_hex

    beside = os.path.join(os.path.dirname(path), f".tare-{token_hex(8)}.new")
    fill_new(beside, data, mode)
    try:
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def fill_new(path: str, data: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    file = os.open(path, flags, PRIVATE_MODE)
    try:
        with open(file, "wb", buffering=0) as stream:
            if mode != PRIVATE_MODE:
                os.fchmod(file, mode)
            write_all(stream.write, data)
    except BaseException:
        os.unlink(path)
        raise


def write_all(write: Callable[[memoryview], int | None], data: bytes) -> None:
    """A system writes as much as it likes at a time."""
    left = memoryview(data)
    while left:
        left = left[write(left) or 0 :]
