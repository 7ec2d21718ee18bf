"""CPython's own tests of tracemalloc, with tare.compat.tracemalloc in its place."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from upstream import compare

# Those of the command line and of the C interface start interpreters, and tell of memory that no
# allocator of the interpreter's has: they are about tracemalloc's own start and domains.
CASES = ("TestTraceback", "TestTracemallocEnabled", "TestSnapshot", "TestFilters")
DIFFERENT = {
    "TestTracemallocEnabled.test_snapshot":
        "a stack is followed as far as it is kept: how deep it was beyond that is not counted",
    "TestTracemallocEnabled.test_new_reference":
        "what an object's memory was first allocated for, where a free list hands it on",
    "TestTracemallocEnabled.test_no_incomplete_frames":
        "the cells of a function that begins are that function's",
}
RUN = """
import json, sys, unittest
import tare.compat.tracemalloc
from test import test_tracemalloc
test_tracemalloc.tracemalloc = tare.compat.tracemalloc

class Result(unittest.TestResult):
    results = {}
    def stopTest(self, test):
        name = ".".join(test.id().split(".")[-2:])
        wrong = [text for one, text in self.errors + self.failures if one is test]
        self.results[name] = wrong[0] if wrong else ""

load = unittest.defaultTestLoader.loadTestsFromTestCase
def run(case, depth):  # one of them wants a stack of ten
    return run(case, depth - 1) if depth else case.run(Result())
for case in sys.argv[1:]:
    run(load(getattr(test_tracemalloc, case)), 10)
print(json.dumps(Result.results))
"""


def test_cpythons_own_tests() -> None:
    """They pass; those that cannot are in the table, and must fail."""
    found = subprocess.run([sys.executable, "-c", "import test.test_tracemalloc"],
                           capture_output=True, check=False)
    if found.returncode != 0:
        pytest.skip("this interpreter was installed without its tests")
    done = subprocess.run([sys.executable, "-c", RUN, *CASES], capture_output=True, text=True,
                          check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    wrong = json.loads(done.stdout)
    compare({name: not text for name, text in wrong.items()}, DIFFERENT, 28,
            "\n".join(wrong.values()))
