"""Any profile, whoever wrote it: Tare's own by its magic, another tool's by its looks."""

from __future__ import annotations

import os
import zlib

from tare._profile import Profile, import_bytes, load
from tare.errors import UnsupportedError

MAGIC = b"\x89Tare"
GZIP = b"\x1f\x8b"
MOST_BYTES = 2 << 30  # of a file, and of what is inflated
CHUNK_BYTES = 1 << 20


def load_any(path: str, format: str | None = None) -> tuple[Profile, str]:
    """The Profile in a file, and the name of its format: "tare", or that of an importer.

    With a format the file is read as one of those. Raises what tare.load raises: tare.Error, and
    OSError where the file cannot be read.
    """
    with open(path, "rb") as stream:
        beginning = stream.read(len(MAGIC))
        if beginning == MAGIC and format is None:
            return load(path), "tare"
        data = beginning + stream.read(MOST_BYTES - len(beginning) + 1)
    if len(data) > MOST_BYTES:
        raise UnsupportedError(f"it is larger than {MOST_BYTES >> 30} GiB")
    if data.startswith(GZIP):
        data = inflate(data)
    name = os.fspath(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    profile = import_bytes(data, format, name)
    return profile, profile.meta["import.format"]


def inflate(data: bytes) -> bytes:
    """What was compressed by gzip; several parts one behind the other too."""
    parts = []
    room = MOST_BYTES
    try:
        while data:
            unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
            while not unpacker.eof:
                part = unpacker.decompress(data, CHUNK_BYTES)
                data = unpacker.unconsumed_tail
                room -= len(part)
                parts.append(part)
                if room < 0:
                    raise UnsupportedError(f"it inflates to more than {MOST_BYTES >> 30} GiB")
                if not part and not data and not unpacker.eof:
                    raise corrupt("it is cut short")
            data = unpacker.unused_data
    except zlib.error as error:
        raise corrupt(str(error)) from None
    return b"".join(parts)


def corrupt(reason: str) -> Exception:
    from tare.errors import CorruptError

    return CorruptError(f"inflate the file: {reason}")
