"""Time in line for a CPU, beside what the kernel has told the program itself at its end."""

from __future__ import annotations

import sys
from pathlib import Path

from tare.whatif.delaying import run_alone
from tare.whatif.standing import Line, descendants

CROWD = """
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
children = []
for _ in range(int(sys.argv[2])):
    pid = os.fork()
    if pid == 0:
        while os.getppid() != 1 and sum(os.times()[:2]) < 10:
            pass
        os._exit(0)
    children.append(pid)
while sum(os.times()[:2]) < 0.3:
    pass
told = open("/proc/self/schedstat").read().split()[1]
for pid in children:
    os.kill(pid, 9)
open(sys.argv[1], "w").write(told)
"""


def test_what_is_lost_is_what_the_kernel_says(tmp_path: Path) -> None:
    """One processor for three: the first and its children lose as much, most of their time."""
    script = tmp_path / "crowd.py"
    script.write_text(CROWD)
    done = run_alone([sys.executable, str(script), str(tmp_path / "said"), "2"], 120)
    told_ns = int((tmp_path / "said").read_text())
    assert told_ns > 200_000_000
    assert 0.5 * told_ns < done.lost_ns < 1.5 * told_ns
    assert done.lost_ns <= done.wall_ns


def test_one_that_has_ended_is_no_error() -> None:
    line = Line(2**22 + 1)  # more than there can be
    line.read()
    assert line.lost_ns == 0
    assert descendants(2**22 + 1) == []
