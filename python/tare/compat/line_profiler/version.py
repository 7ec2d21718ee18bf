"""The version of line_profiler whose interface this is."""

__version__ = "5.1.0"
