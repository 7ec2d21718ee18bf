"""memory_profiler's interface, with Tare's count of allocations behind its table of lines.

    from tare.compat.memory_profiler import profile, memory_usage
    python -m tare.compat.memory_profiler [-o FILE] [--precision N] SCRIPT | MODULE [ARG]...
    %load_ext tare.compat.memory_profiler

Increments are what a line allocates less what it frees, in loops too. docs/compat.md says what
else is different.
"""

from __future__ import annotations

from typing import Any

from tare.compat.memory_profiler.backends import choose_backend
from tare.compat.memory_profiler.decorating import profile
from tare.compat.memory_profiler.lines import CodeMap, LineProfiler, show_results
from tare.compat.memory_profiler.logfile import LogFile
from tare.compat.memory_profiler.running import exec_with_profiler, run_module_with_profiler
from tare.compat.memory_profiler.stamps import TimeStamper
from tare.compat.memory_profiler.usage import memory_usage

__version__ = "0.61.0"
__all__ = [
    "CodeMap",
    "LineProfiler",
    "LogFile",
    "TimeStamper",
    "__version__",
    "choose_backend",
    "exec_with_profiler",
    "load_ipython_extension",
    "memory_usage",
    "profile",
    "run_module_with_profiler",
    "show_results",
]


def load_ipython_extension(ip: Any) -> None:
    """%load_ext tare.compat.memory_profiler"""
    from tare.compat.memory_profiler.ipython_extension import MemoryProfilerMagics

    ip.register_magics(MemoryProfilerMagics)
