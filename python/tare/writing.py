"""Writing a file whole, and never over one that exists unless asked."""

from __future__ import annotations

import os
from collections.abc import Callable


def write_file(path: str, data: bytes, overwrite: bool) -> None:
    """OSError when it cannot be done; what this made and could not fill does not stay."""
    with open(path, "wb" if overwrite else "xb", buffering=0) as stream:
        try:
            write_all(stream.write, data)
        except OSError:
            if not overwrite:
                os.unlink(path)
            raise


def write_all(write: Callable[[memoryview], int | None], data: bytes) -> None:
    """A system writes as much as it likes at a time."""
    left = memoryview(data)
    while left:
        left = left[write(left) or 0 :]
