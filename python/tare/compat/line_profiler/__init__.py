"""line_profiler's interface, with Tare's measurement of lines behind it.

    from tare.compat.line_profiler import LineProfiler, profile
    python -m tare.compat.line_profiler [-u UNIT] [-z] [-r] [-t] [-m] FILE.lprof...

What is decorated stays the object it was: nothing is wrapped. Times have the cost of measuring
taken out, and all threads are seen. docs/compat.md says what else is different.
"""

from __future__ import annotations

from typing import Any

from tare.compat.line_profiler.cli import main
from tare.compat.line_profiler.explicit_profiler import profile
from tare.compat.line_profiler.profiler import LineProfiler
from tare.compat.line_profiler.stats import LineStats, load_stats
from tare.compat.line_profiler.text import show_func, show_text
from tare.compat.line_profiler.version import __version__

__all__ = [
    "LineProfiler",
    "LineStats",
    "__version__",
    "load_ipython_extension",
    "load_stats",
    "main",
    "profile",
    "show_func",
    "show_text",
]


def load_ipython_extension(ip: Any) -> None:
    """%load_ext tare.compat.line_profiler"""
    from tare.compat.line_profiler.ipython_extension import LineProfilerMagics

    ip.register_magics(LineProfilerMagics)
