"""Running a script with a function of it delayed."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from tare.whatif.delaying import Delay, Run, run_delayed

LIMIT_SECONDS = 120.0


class Delayed:
    """What a script has to say it writes to the file that is its first argument: what it prints is
    dropped."""

    def __init__(self, folder: Path, extension: str) -> None:
        self.folder = folder
        self.extension = extension

    def __call__(self, script: str, name: str, ratio: float = 0.0, stretch: str = "work",
                 progress: str = "") -> Run:
        path = self.folder / "script.py"
        path.write_text(textwrap.dedent(script))
        command = [sys.executable, str(path), str(self.folder / "said")]
        delay = Delay(f"f {name}", ratio, stretch, progress)
        done = run_delayed(command, self.extension, delay, LIMIT_SECONDS)
        assert done.code == 0, done.said
        return done

    def said(self) -> str:
        return (self.folder / "said").read_text()
