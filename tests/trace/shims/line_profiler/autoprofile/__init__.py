"""Parts of line_profiler that its tests import, and that the drop-in has no need of."""
