"""Starts the worker: a script is compiled each time, a module of Tare's was when it was installed.

Leaves no trace of Tare's folder on sys.path, and nothing in it: other interpreters would write
their own compiled modules there.
"""

import sys

kept = sys.dont_write_bytecode
sys.dont_write_bytecode = True
import lines
import meter
import worker

sys.dont_write_bytecode = kept
del sys.path[0], sys.modules["lines"], sys.modules["meter"], sys.modules["worker"], kept
if __name__ == "__main__":
    worker.main(lines, meter)
