"""Any profile, whoever wrote it: Tare's own by its magic, another tool's by its looks."""

from __future__ import annotations

import io
import os
import re
import stat
import zlib

from tare._profile import Profile, import_bytes, load
from tare.errors import CorruptError, Error, LimitError

MAGIC = b"\x89Tare"
GZIP = b"\x1f\x8b"
MOST_BYTES = 2 << 30  # of a file, and of what is inflated
FIRST_BYTES = 256  # of a part, that are inflated at once; then twice as many each time
MOST_AT_ONCE = 1 << 20
PADDING = re.compile(b"\0*")


def load_any(path: str, format: str | None = None) -> tuple[Profile, str]:
    """The Profile in a file, and the name of its format: "tare", or that of an importer.

    With a format the file is read as one of those. Raises what tare.load raises: tare.Error, whose
    words name the file.
    """
    data = read_foreign(path, format)
    if data is None:
        return load(path), "tare"
    name = os.fspath(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        if data.startswith(GZIP):
            data = inflate(data)
        profile = import_bytes(data, format, name)
    except Error as error:
        raise type(error)(f"import {os.fspath(path)}: {error}") from None
    return profile, profile.meta["import.format"]


def read_foreign(path: str, format: str | None) -> bytes | None:
    """What is in a file that is not Tare's own. None for one that is, and for what cannot be read
    as a file: tare.load says why, in the same words for all."""
    try:
        # Not blocking: a named pipe would wait for somebody to write to it.
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(file, "rb", buffering=0) as stream:
            state = os.fstat(file)
            if not stat.S_ISREG(state.st_mode):
                return None
            beginning = stream.read(len(MAGIC))
            if beginning == MAGIC and format is None:
                return None
            if state.st_size > MOST_BYTES:
                raise LimitError(f"import {path}: it is larger than {MOST_BYTES >> 30} GiB")
            stream.seek(0)
            return io.BufferedReader(stream).read(state.st_size)
    except (OSError, ValueError):  # a directory; ValueError: a NUL in the name
        return None


def inflate(data: bytes) -> bytes:
    """What was compressed by gzip; several parts one behind the other too, and zeros at the end.

    A part is taken in pieces that grow with it, so that many small ones cost no more than a large
    one: what is left of a piece when its part ends is copied.
    """
    out = io.BytesIO()
    at = 0
    try:
        while at < len(data):
            at = inflate_part(data, at, out)
            padding = PADDING.match(data, at)
            at = padding.end() if padding else at
    except zlib.error as error:
        raise CorruptError(f"inflate the file: {error}") from None
    return out.getvalue()


def inflate_part(data: bytes, at: int, out: io.BytesIO) -> int:
    """Where the part that begins there ends."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    size = FIRST_BYTES
    while not unpacker.eof:
        piece = unpacker.unconsumed_tail
        if not piece:
            piece = data[at : at + size]
            at += len(piece)
            size = min(2 * size, MOST_AT_ONCE)
        part = unpacker.decompress(piece, MOST_AT_ONCE)
        if not part and not piece and not unpacker.eof:
            raise CorruptError("inflate the file: it is cut short")
        out.write(part)
        if out.tell() > MOST_BYTES:
            raise LimitError(f"it inflates to more than {MOST_BYTES >> 30} GiB")
    return at - len(unpacker.unused_data)
