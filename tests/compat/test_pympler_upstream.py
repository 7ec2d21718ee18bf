"""Pympler's own tests against tare.compat.pympler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from upstream import SHIMS, RUN_UNITTEST, compare, source_of

MODULES = ("asizeof.test_asizeof", "muppy.test_summary", "muppy.test_tracker", "muppy.test_muppy")
INNER = "it asks for an inner name of asizeof's"
STATIC = "small numbers and single letters lie in the interpreter's image: no bytes of the heap"
DIFFERENT = {
    "TypesTest.test_weakref": "a weak reference does not hold what it leads to",
    "FunctionTest.test_asizer_limit":
        "attributes are part of their instance, not of a dict in between: a step less",
    "AsizeofDemos.test_code": INNER,
    "AsizeofDemos.test_dict": INNER,
    "AsizeofDemos.test_iterator": INNER,
    "AsizeofDemos.test_pairs": INNER,
    "AsizeofDemos.test_typedefs": INNER,
    "SummaryTest.test_summarize": STATIC,
    "MuppyTest.test_get_size": STATIC,
}
if sys.version_info < (3, 13):  # where some words do too
    DIFFERENT["MuppyTest.test_sort"] = STATIC


def test_pymplers_own_tests(tmp_path: Path) -> None:
    """They pass; those that cannot are in the table, and must fail."""
    tests = source_of("pympler", "1.1", "runtest.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", RUN_UNITTEST, *MODULES], capture_output=True, text=True,
        check=False, timeout=300, cwd=tests, env={**os.environ, "PYTHONPATH": str(SHIMS)})
    assert done.returncode == 0, done.stderr
    wrong = json.loads(done.stdout.splitlines()[-1])
    compare({name: not text for name, text in wrong.items()}, DIFFERENT, 55,
            "\n".join(wrong.values()))
