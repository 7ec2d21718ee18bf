"""Runs the C tests of a build folder, those of the viewer's model, then pytest, and adds up what
passed.

    python tools/run_tests.py [--c BUILD_FOLDER] [--node FOLDER] [--pytest PATH...]
        [--beside PATH...]

Tests that measure no time (those in the folders BESIDE but for the files ALONE, and what --beside
names) run two at a time when the others are done, which have the machine for themselves.

A C test closes with "N passed, N failed"; one that says nothing (a fuzz corpus) or dies counts as
one. The last line is the sum of both worlds, in the same words.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple

BESIDE = [f"tests/{name}"
          for name in ("advising", "compare", "compat", "heap", "lab", "memory", "python", "same",
                       "stats", "stones", "style", "trace")]
ALONE = [*(f"tests/advising/test_{name}.py"
           for name in ("cli", "measuring", "scaling", "shares", "trying")),
         "tests/compare/test_calling.py",
         *(f"tests/trace/test_{name}.py" for name in ("check", "cost"))]

CLOSING_LINE = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)

NODE_LINE = re.compile(r"^# (pass|fail) (\d+)$", re.M)


class Count(NamedTuple):
    passed: int
    failed: int


def count_c_test(result: str, stdout: str) -> Count:
    closing = CLOSING_LINE.findall(stdout)
    if not closing:
        return Count(1, 0) if result == "OK" else Count(0, 1)
    passed, failed = map(int, closing[-1])
    # Failing after a clean closing line (a leak found at exit) is a failure too.
    return Count(passed, failed if result == "OK" or failed else 1)


def run_c(folder: Path) -> Count:
    log = folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    meson = [sys.executable, "-m", "mesonbuild.mesonmain"]
    subprocess.run([*meson, "test", "-C", folder, "--no-rebuild", "--print-errorlogs"], check=False)
    if not log.exists():
        return Count(0, 1)
    tests = [json.loads(line) for line in log.read_text().splitlines()]
    counts = [count_c_test(test["result"], test.get("stdout", "")) for test in tests]
    return Count(sum(c.passed for c in counts), sum(c.failed for c in counts))


def run_node(folder: Path) -> Count:
    command = ["node", "--test", "--test-reporter=tap"]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    found = {word: int(number) for word, number in NODE_LINE.findall(done.stdout)}
    if done.returncode:
        print(done.stdout)
    failed = found.get("fail", 0)
    return Count(found.get("pass", 0), failed if done.returncode == 0 or failed else 1)


def run_pytest(paths: list[str], options: list[str]) -> Count:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *options, *paths]
        code = subprocess.run(command, check=False).returncode
        if not report.exists():
            return Count(0, 1)
        suite = ElementTree.parse(report).getroot().find("testsuite")
    number = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    failed = number["failures"] + number["errors"]
    passed = number["tests"] - failed - number["skipped"]
    return Count(passed, failed if code == 0 or failed else 1)


def divide(paths: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Folders and files that measure time; those of ALONE, inside folders that do not; the rest.

    A folder of the first may have some of the rest in it: it is to be run without that."""
    files = [file for file in ALONE if any_in([file], paths)]
    beside = [path for path in paths if any_in([path], BESIDE) and path not in ALONE]
    folders = [path for path in paths if path not in beside + ALONE]
    beside += [folder for folder in BESIDE if any_in([folder], folders)]
    return folders, files, beside


def any_in(paths: list[str], folders: list[str]) -> bool:
    return any(is_in(path, folder) for path in paths for folder in folders)


def without(paths: list[str]) -> list[str]:
    return [f"--ignore={path}" for path in paths]


def is_in(path: str, folder: str) -> bool:
    return Path(folder) in (Path(path), *Path(path).parents)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--c", type=Path, metavar="BUILD_FOLDER")
    parser.add_argument("--node", type=Path, metavar="FOLDER")
    parser.add_argument("--pytest", nargs="+", default=[], metavar="PATH")
    parser.add_argument("--beside", nargs="+", default=[], metavar="PATH")
    options = parser.parse_args()
    counts = []
    if options.c:
        counts.append(run_c(options.c))
    if options.node:
        counts.append(run_node(options.node))
    if options.pytest:
        folders, files, beside = divide(options.pytest)
        if folders:
            counts.append(run_pytest(folders, without(beside)))
        if files:
            counts.append(run_pytest(files, []))
        options.beside += beside
    if options.beside:
        counts.append(run_pytest(options.beside, ["-n", "2", *without(ALONE)]))
    passed, failed = (sum(column) for column in zip(*counts))
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main())
