"""Allocates 512 MiB in one line and writes to a share of it; tells which line it was.

    python touching.py SHARE          of 100

Under tracemalloc it tells what that found, too.
"""

import builtins
import ctypes
import json
import sys
import tracemalloc

SIZE = 512 << 20


def allocate(share):
    data = bytes(SIZE)  # the system hands out zeros when they are first looked at
    ctypes.memset(id(data) + bytes.__basicsize__ - 1, 1, SIZE * share // 100)
    return data


def main():
    decorate = getattr(builtins, "profile", lambda function: function)
    data = decorate(allocate)(int(sys.argv[1]))
    told = {"line": allocate.__code__.co_firstlineno + 1}
    if tracemalloc.is_tracing():
        told["bytes"] = tracemalloc.take_snapshot().statistics("lineno")[0].size
    assert len(data) == SIZE
    print(json.dumps(told))


main()
