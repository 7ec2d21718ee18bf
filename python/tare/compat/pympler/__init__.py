"""Pympler's interface, with Tare's walk over the heap behind it.

    from tare.compat.pympler import asizeof, muppy, summary, tracker

Sizes are what was asked of the allocators, all of it; nothing that is measured is kept alive or
changed. docs/compat.md says what else is different.
"""

__version__ = "1.1"
