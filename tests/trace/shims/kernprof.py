"""The drop-in under kernprof's own name."""

from tare.compat.kernprof import *  # noqa: F403
from tare.compat.kernprof import main

if __name__ == "__main__":
    main()
