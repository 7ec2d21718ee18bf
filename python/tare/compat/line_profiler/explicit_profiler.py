"""profile: the decorator that does nothing until it is asked to.

LINE_PROFILE=1 in the environment or --line-profile on the command line switches it on for the whole
program; profile.enable() from where it is called. What it measured is shown and written when the
program ends.
"""

from __future__ import annotations

import atexit
import io
import multiprocessing
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from tare.compat.line_profiler.cli_utils import boolean, get_python_executable
from tare.compat.line_profiler.profiler import LineProfiler
from tare.compat.line_profiler.toml_config import Config, ConfigSource

T = TypeVar("T")

# Helpers of multiprocessing inherit it, and leave the output to the process that it names.
OWNER = "LINE_PROFILER_OWNER_PID"
VIEWER = "tare.compat.line_profiler"


class GlobalProfiler:
    def __init__(self, config: Config = None) -> None:
        source = ConfigSource.from_config(config)
        self._config = source.path
        self._profile: Any = None
        self._owner_pid: int | None = None
        self.enabled: bool | None = None  # None: not asked yet
        self.setup_config: dict[str, list[str]] = source.conf_dict["setup"]
        self.write_config: dict[str, Any] = source.conf_dict["write"]
        self.show_config: dict[str, Any] = source.conf_dict["show"]
        self.output_prefix: str = self.write_config.pop("output_prefix")
        self.show_config.pop("column_widths")

    def _kernprof_overwrite(self, profile: Any) -> None:
        """kernprof has a profiler of its own, and writes what it measured itself. None: no more."""
        self._profile = profile
        self.enabled = profile is not None

    def _implicit_setup(self) -> None:
        asked = any(boolean(os.environ.get(name, ""), fallback=True)
                    for name in self.setup_config["environ_flags"])
        if asked or any(flag in sys.argv for flag in self.setup_config["cli_flags"]):
            self.enable()
        else:
            self.disable()

    def enable(self, output_prefix: str | None = None) -> None:
        """What is decorated from now on is measured."""
        if is_helper():
            self.enabled = False
            return
        self._owner_pid = os.getpid()
        os.environ[OWNER] = str(self._owner_pid)
        if self._profile is None:
            atexit.register(self.show)
            self._profile = LineProfiler()
        self.enabled = True
        if output_prefix is not None:
            self.output_prefix = output_prefix

    def disable(self) -> None:
        """What is decorated from now on is not measured."""
        self.enabled = False

    def __call__(self, func: T) -> T:
        if self.enabled is None:
            self._implicit_setup()
        return self._profile(func) if self.enabled else func

    def show(self) -> None:
        """Prints what was measured and writes the files, as the settings say."""
        if self._owner_pid is not None and os.getpid() != self._owner_pid:
            return  # a fork's: its parent shows it
        if os.getppid() == 1 and os.environ.get(OWNER) == str(os.getpid()):
            return
        stats = self._profile.get_stats()
        options = {"config": self._config, **self.show_config}
        if self.write_config["stdout"]:
            stats.print(**options)
        text = io.StringIO()
        stats.print(stream=text, **{**options, "rich": False, "details": True})
        if self.write_config["text"]:
            self._write(".txt", text.getvalue())
        if self.write_config["timestamped_text"]:
            self._write(f"_{datetime.now():%Y-%m-%dT%H%M%S}.txt", text.getvalue())
        if self.write_config["lprof"]:
            path = Path(f"{self.output_prefix}.lprof")
            stats.to_file(path)
            print(f"Wrote profile results to {path}")
            print("To view details run:")
            print(f"{get_python_executable()} -m {VIEWER} -rtmz {path}")

    def _write(self, ending: str, text: str) -> None:
        path = Path(f"{self.output_prefix}{ending}")
        path.write_text(text, encoding="utf-8")
        print(f"Wrote profile results to {path}")


def is_helper() -> bool:
    """A process that multiprocessing began: it must not overwrite what its parent writes."""
    if multiprocessing.current_process().name != "MainProcess":
        return True
    spawn = sys.modules.get("multiprocessing.spawn")
    if getattr(spawn, "_inheriting", False):
        return True
    marks = ("multiprocessing.forkserver", "multiprocessing.spawn")
    words = sys.orig_argv
    return any(word.startswith("--multiprocessing") or any(mark in word for mark in marks)
               for word in words)


profile = GlobalProfiler()
