"""python -m tare: the same as the command tare."""

import sys

from tare.cli import main

sys.exit(main())
