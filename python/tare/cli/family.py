"""The files of a traced program's forked children, and how they come into its own.

Each child writes OUTPUT.PID-TIME. What a child wrote that goes on longer than its parent stays
where it is, for it is not all.
"""

from __future__ import annotations

import glob
import os
import re

from tare.errors import Error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import Profile

PART = re.compile(r"\.(\d+)-[0-9a-f]+$")


def join_children(output: str) -> list[str]:
    """Takes them into output, and removes them; warnings for people."""
    parts = [path for path in sorted(glob.glob(glob.escape(output) + ".*")) if PART.search(path)]
    if not parts:
        return []
    from tare._profile import load

    warnings: list[str] = []
    joined: list[str] = []
    killed: list[str] = []
    try:
        whole = load(output)
        for path in parts:
            if join_child(whole, path, warnings, killed):
                joined.append(path)
        whole.save(output)
        for path in joined:
            os.unlink(path)
    except (Error, OSError) as error:
        return [*warnings, f"{error}; what the children wrote is in {output}.*"]
    if killed:
        noun = "process" if len(killed) == 1 else "processes"
        warnings.append(
            f"{noun} {', '.join(killed)}: killed; what came after the last write is lost"
        )
    return warnings


def join_child(whole: Profile, path: str, warnings: list[str], killed: list[str]) -> bool:
    from tare._profile import load

    pid = int(PART.findall(path)[-1])
    try:
        child = load(path)
    except Error as error:
        warnings.append(str(error))
        return False
    if not child.state.complete and runs(pid):
        warnings.append(f"process {pid} goes on: its calls will be in {path}")
        return False
    if not child.state.complete:
        killed.append(str(pid))
    whole.join(child)
    return True


def runs(pid: int) -> bool:
    """False for one that has ended and that nobody has asked for yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (OSError, IndexError):
        return False
