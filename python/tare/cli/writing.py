"""Writing what a command makes, to a file or to stdout, with a line for people when it fails."""

from __future__ import annotations

import errno
import os
import sys

from tare.cli.failure import cannot_write, check_writable
from tare.writing import write_file


def write(path: str, data: bytes, overwrite: bool) -> None:
    """All of it, or a Failure; - is stdout."""
    if path == "-":
        write_stdout(data)
        return
    check_writable(path, overwrite)
    try:
        write_file(path, data, overwrite)
    except OSError as error:
        raise cannot_write(path, error.errno or errno.EIO) from None


def write_stdout(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        raise  # whoever read it has enough
    except OSError as error:
        # What is left in the buffer would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise cannot_write("-", error.errno or errno.EIO) from None
