"""Hears of every block of memory that this process's interpreter allocates."""

from array import array
from os import PathLike
from typing import Any

COUNTERS: tuple[str, ...]
"""What read() fills in, in this order."""

allocation_of: Any
"""A capsule for extension modules: ext/common/allocation.h."""

def start(
    output: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
    *,
    sample_bytes: float = 0,
    depth: int = 64,
    children: bool = False,
    command: str | None = None,
    overwrite: bool = False,
    native: bool = False,
    node_limit: int = 0,
) -> None: ...
def stop() -> bytes | None: ...
def snapshot() -> bytes: ...
def active() -> bool: ...
def counters() -> dict[str, int]: ...
def read(buffer: bytearray | memoryview | array[int], /) -> None: ...
def reset_peak() -> None: ...
def reset_high() -> None: ...
def find(address: int, /) -> tuple[int, int, tuple[tuple[str, str, int], ...]] | None: ...
