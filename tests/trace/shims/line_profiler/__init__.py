"""The drop-in under line_profiler's own name, for line_profiler's own tests."""

import tare.compat.line_profiler as _ours
from tare.compat.line_profiler import *  # noqa: F403

__path__ = [*__path__, *_ours.__path__]  # submodules too; what is only here comes first
