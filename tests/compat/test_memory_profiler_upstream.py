"""memory_profiler's own tests and example programs against tare.compat.memory_profiler."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from upstream import SHIMS, compare, source_of

# Programs that decorate with `profile` from the builtins, and those that import it. test_mprof and
# test_exit_code are about mprof, which plots files; it has no place here.
RUN_BY_MODULE = ("test_as", "test_func", "test_gen", "test_global", "test_loop",
                 "test_loop_decorated", "test_mprofile", "test_nested",
                 "test_precision_command_line", "test_unicode")
RUN_ALONE = ("test_async", "test_attributes", "test_exception", "test_import",
             "test_memory_usage", "test_precision_import", "test_stream_unicode",
             "test_tracemalloc")
BY_PYTEST = ("test_increment_display", "test_memory_usage")
DIFFERENT: dict[str, str] = {}


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("memory_profiler")
    return source_of("memory_profiler", "0.61.0", "test_increment_display.py", folder)


def run(tests: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False,
                          timeout=120, cwd=tests, env={**os.environ, "PYTHONPATH": str(SHIMS)})


def test_their_programs(tests: Path) -> None:
    """They end well; and those with decorated functions print tables."""
    commands = {name: ("-m", "memory_profiler", f"{name}.py") for name in RUN_BY_MODULE}
    commands.update((name, (f"{name}.py",)) for name in RUN_ALONE)
    with ThreadPoolExecutor(6) as pool:  # they sleep most of the time
        results = pool.map(lambda words: run(tests, *words), commands.values())
        done = dict(zip(commands, results, strict=True))
    passed = {name: one.returncode == 0 for name, one in done.items()}
    compare(passed, DIFFERENT, len(done), "\n".join(one.stderr for one in done.values()))
    for name in set(RUN_BY_MODULE) - {"test_global"}:
        assert re.search(r"^Line # +Mem usage +Increment  Occurrences   Line Contents\n=+\n",
                         done[name].stdout, re.MULTILINE), done[name].stdout


def test_their_unit_tests(tests: Path) -> None:
    done = run(tests, "-m", "pytest", "-q", "-rA", "--tb=short", "-p", "no:cacheprovider", "-c",
               os.devnull, *(f"{name}.py" for name in BY_PYTEST))
    results = re.findall(r"^(PASSED|FAILED|ERROR) \S+?::(\S+)", done.stdout, re.MULTILINE)
    compare({name: result == "PASSED" for result, name in results}, {}, 7, done.stdout)
