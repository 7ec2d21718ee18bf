"""The drop-in under Pympler's own name."""

import sys

from tare.compat.pympler import asizeof, muppy, summary, tracker

# What its tests know of the inside of asizeof.
asizeof._sizeof_CPyGC_Head = 16
asizeof._sizeof_CPyDictEntry = 24
asizeof._sizeof_Csetentry = 16

for module in (asizeof, muppy, summary, tracker):
    sys.modules[f"pympler.{module.__name__.rpartition('.')[2]}"] = module
