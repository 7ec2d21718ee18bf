"""tare advise from the shell: what it finds in programs that are known, and one-line errors."""

import json
import os
import shutil
import subprocess
import sys

import pytest

CLEARED = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "VIRTUAL_ENV", "TERM")
SLOW = """\
import sys

def reverse(items):
    result = []
    for item in items:
        result.insert(0, item)
    return result

def busy(n):
    total = 0
    for i in range(n):
        total += i * i
    return total

n = int(sys.argv[1])
for _ in range(4):
    first = reverse(range(n))[0]
print(first, busy(n))
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def advise(folder, tmp_path_factory):
    """Runs tare advise in the folder. What was timed once is kept for all tests."""
    cache = tmp_path_factory.getbasetemp() / "cache"

    def run(*words, **options):
        kept = {name: value for name, value in os.environ.items()
                if name not in CLEARED and not name.startswith("TARE_")}
        return subprocess.run(
            [sys.executable, "-m", "tare", "advise", *map(str, words)],
            **{"cwd": folder, "stdin": subprocess.DEVNULL, "text": True, "capture_output": True,
               "timeout": 120, "check": False, "env": {**kept, "XDG_CACHE_HOME": str(cache)},
               **options},
        )

    return run


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "nothing to run"),
        (["none.py"], 2, "none.py: no such file"),
        (["none.tare"], 2, "none.tare: no such file"),
        (["fine.py:g"], 3, "call fine:g: AttributeError: module 'fine' has no attribute 'g'"),
        (["fine.py:f", "--args", "1 +"], 3, "SyntaxError"),
        (["fine.py:f", "--args", "1, 2"], 3, "call fine:f: TypeError: f() takes"),
        (["-"], 2, "standard input can be read once"),
        (["--", "ls"], 2, "must begin with a Python interpreter"),
        (["--json", "--sarif", "work.py"], 2, "--json and --sarif are different forms"),
        (["--scale", "10", "--try", "work.py"], 2, "--scale and --try are different questions"),
        (["--patch", "x.diff", "work.py"], 2, "add --try"),
        (["--scale", "0", "work.py"], 2, "'0' is no size"),
        (["--scale", "20,10", "work.py"], 2, "no rising list"),
        (["--size", "1,2", "work.py"], 2, "is not one size"),
        (["--scale", "10", "work.py"], 2, "no {n} in its arguments"),
        (["--list", "work.py"], 2, "the list is of all rules"),
        (["--python", "nowhere", "work.py"], 2, "no such interpreter"),
        (["--try", "--patch", "none/x.diff", "work.py"], 2, "write none/x.diff"),
    ],
)
def test_one_line_for_a_mistake(advise, folder, words, code, said):
    (folder / "work.py").write_text(SLOW)
    (folder / "fine.py").write_text("def f():\n    pass\n")
    done = advise(*words)
    assert done.returncode == code, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("tare: ") and said in last
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_known_program_is_measured_advised_on_and_tried(advise, folder):
    """insert(0, x) has most of its time; the change is confirmed, written, and right."""
    (folder / "work.py").write_text(SLOW)
    done = advise("--json", "--try", "--seconds", "2", "--patch", "x.diff", "work.py", "15000")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)  # what the program prints is not among it
    assert "14999 " in done.stderr
    first = shown["advice"][0]
    assert (first["rule"], first["line"], first["function"]) == ("insert-at-0", 6, "reverse")
    assert first["share"]["value"] > 0.2
    assert 7500 <= first["size"] <= 30000  # the rounds of the loop, as counted
    assert first["ratio"]["low"] > 5
    trial = shown["trials"]["tried"][0]
    assert trial["advice"] == [0] and trial["verdict"] == "confirmed"
    assert trial["ratio"]["low"] > 1
    assert (folder / "work.py").read_text() == SLOW
    assert sorted(path.name for path in folder.iterdir()) == ["work.py", "x.diff"]
    if shutil.which("patch"):
        subprocess.run(["patch", "-s", "-p0", "-i", "x.diff"], cwd=folder, check=True)
        assert "result.append(item)\n    result.reverse()\n" in (folder / "work.py").read_text()


def test_a_profile_is_advised_on_as_text_and_as_sarif(advise, folder):
    (folder / "work.py").write_text(SLOW)
    command = [sys.executable, "-m", "tare", "run", "-q", "-o", "x.tare", "work.py", "15000"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    text = advise("x.tare", "--size", "10000")
    assert text.returncode == 0, text.stderr
    assert "work.py:6" in text.stdout and "[insert-at-0]" in text.stdout
    assert max(map(len, text.stdout.splitlines())) <= 100
    log = json.loads(advise("x.tare", "--size", "10000", "--sarif").stdout)
    results = log["runs"][0]["results"]
    assert results[0]["ruleId"] == "insert-at-0"
    assert results[0]["level"] == "warning"
    assert results[0]["fixes"]


def test_what_is_cold_is_not_said(advise, folder):
    (folder / "work.py").write_text(SLOW.replace("range(n):", "range(n * 6000):"))
    done = advise("--json", "--all", "work.py", "500")
    assert done.returncode == 0, done.stderr
    insert = [one for one in json.loads(done.stdout)["advice"] if one["rule"] == "insert-at-0"]
    assert len(insert) == 1 and insert[0]["silent"]


def test_a_program_that_fails_is_advised_on_as_far_as_it_came(advise, folder):
    (folder / "work.py").write_text("print(1)\nraise SystemExit(3)\n")
    done = advise("--json", "work.py")
    assert done.returncode == 0
    (note,) = json.loads(done.stdout)["notes"]
    assert "3" in note and "until then" in note


def test_growth_from_the_shell(advise, folder):
    (folder / "fine.py").write_text("def f(n):\n    for i in range(n): [0] * n\n")
    done = advise("fine.py:f", "--scale", "2000,8000", "--args", "n", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["sizes"] == [2000, 8000]
    assert shown["whole"]["exponent"]["value"] > 1.4


def test_the_list_has_all_rules(advise):
    from tare.advising.catalogue import RULES

    shown = json.loads(advise("--list", "--json").stdout)
    assert [rule["id"] for rule in shown["rules"]] == [rule.id for rule in RULES]
    text = advise("--list", "-v").stdout
    assert all(rule.id in text for rule in RULES)
    assert max(map(len, text.splitlines())) <= 100
