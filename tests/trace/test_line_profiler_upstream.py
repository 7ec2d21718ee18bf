"""line_profiler's own black-box tests against tare.compat.line_profiler and kernprof."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

SHIMS = Path(__file__).parent / "shims"
FILES = ("explicit_profile", "autoprofile", "cli", "kernprof", "complex_case", "toml_config",
         "duplicate_functions", "ipython", "child_procs")
NO_REWRITING = "source is not rewritten: there is no such class"
OTHER_NAME = "messages name tare.compat.line_profiler, and there are no diagnostics"
NO_DIAGNOSTICS = "LINE_PROFILER_DEBUG and LINE_PROFILER_STATIC_ANALYSIS are not read"
DIFFERENT = {  # by the beginning of a test's name
    "test_simple_explicit_nonglobal_usage": "code_hash_map is line_profiler's inner matter",
    "test_profiler_warn_unwrappable": "nothing is wrapped, so nothing can fail to be",
    "test_multitarget_import_resolution": NO_REWRITING,
    "test_multitarget_import_transformation_executes": NO_REWRITING,
    "test_profmod_extractor_multitarget_behavior": NO_REWRITING,
    "test_handle_star_imports": NO_REWRITING,
    "test_kernprof_m_import_resolution[True-": NO_DIAGNOSTICS,
    "test_kernprof_verbosity[-expected_stdout0": OTHER_NAME,
    "test_kernprof_verbosity[-vv": OTHER_NAME,
    "test_kernprof_eager_preimport_bad_module": "there is no module of imports in its traceback",
    "test_call_with_diagnostics[True-False]": NO_DIAGNOSTICS,
    "test_call_with_diagnostics[False-True]": NO_DIAGNOSTICS,
    "test_call_with_diagnostics[False-False]": NO_DIAGNOSTICS,
}


def find_their_tests(folder: Path) -> Path:
    """In the source distribution of the version that we follow.

    pip unpacks it before it fails at building it, which nobody needs.
    """
    from tare.compat.line_profiler import __version__

    command = [sys.executable, "-m", "pip", "download", "-q", "--no-clean", "--no-deps",
               "--no-build-isolation", "--no-binary", ":all:", "-d", str(folder / "sdist"),
               f"line_profiler=={__version__}"]
    try:
        subprocess.run(command, capture_output=True, check=False, timeout=60,
                       env={**os.environ, "TMPDIR": str(folder)})
    except subprocess.TimeoutExpired:
        pytest.skip("line_profiler's source cannot be had")
    for archive in (folder / "sdist").glob("*.tar.gz"):
        with tarfile.open(archive) as opened:
            opened.extractall(folder / "sdist", filter="data")
    for found in folder.rglob("tests/test_explicit_profile.py"):
        return found.parent
    pytest.skip("line_profiler's source cannot be had, or has no tests")


def shimmed(folder: Path) -> dict[str, str]:
    """Where line_profiler and kernprof are the drop-in."""
    binary = folder / "bin" / "kernprof"
    binary.parent.mkdir()
    binary.write_text(f"#!{sys.executable}\nfrom kernprof import main\nmain()\n")
    binary.chmod(0o755)
    paths = [str(binary.parent), str(Path(sys.executable).parent), os.environ["PATH"]]
    return {**os.environ, "PYTHONPATH": str(SHIMS), "PATH": os.pathsep.join(paths)}


def test_line_profilers_own_tests(tmp_path: Path) -> None:
    """They pass; those that cannot are in the table, and must fail."""
    pytest.importorskip("ubelt", reason="ubelt, which they need, is not installed")
    tests = find_their_tests(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-p", "no:cacheprovider",
         "-c", os.devnull, *(str(tests / f"test_{name}.py") for name in FILES)],
        capture_output=True, text=True, check=False, timeout=300, cwd=tests,
        env=shimmed(tmp_path))
    results = dict(reversed(line) for line in re.findall(
        r"^(PASSED|FAILED|ERROR) \S+?::(.+?)(?: - .*)?$", done.stdout, re.MULTILINE))
    passed = {name for name, result in results.items() if result == "PASSED"}
    different = {name for name in results if name.startswith(tuple(DIFFERENT))}
    assert len(passed) > 100, done.stdout + done.stderr
    assert sorted(set(results) - passed - different) == [], done.stdout
    assert sorted(passed & different) == [], "they pass now: take them out of the table"
    unknown = [name for name in DIFFERENT
               if not any(test.startswith(name) for test in results)]
    assert unknown == [], "in the table, but there are no such tests"
