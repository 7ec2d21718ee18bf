"""The drop-in under memory_profiler's own name."""

from tare.compat.memory_profiler import *  # noqa: F403
