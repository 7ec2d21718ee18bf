"""Trying: what is confirmed is right and faster, and nothing of the user's is touched.

Times are those of scripted runs, but where a change makes a program many times faster.
"""

import os
import sys
from types import SimpleNamespace

import pytest
from advised import advice, replacing
from tare._stats import Estimate
from tare.advising import benches, trying
from tare.advising.subject import function_subject, parse_command, parse_function
from tare.advising.trying import try_all
from tare.cli.failure import Failure

WORDS = """\
def reverse(items):
    result = []
    for item in items:
        result.insert(0, item)
    return result


def double(x):
    return x * 2
"""
MAIN = """\
import sys
from app.words import double, reverse
found = []
for _ in range(3):
    found = reverse(range(int(sys.argv[1])))
print(found[:3], double(21), __file__, reverse.__code__.co_filename, sys.argv)
"""
RIGHT = [
    replacing(WORDS, "result.insert(0, item)", "result.append(item)"),
    replacing(WORDS, "return result", "result.reverse()\n    return result"),
]
WRONG = RIGHT[:1]
CRASH = [replacing(WORDS, "result.insert(0, item)", "result.prepend(item)")]
MANY = "12000"  # quick enough, and insert(0, x) is most of it



@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "__init__.py").write_text("")
    (folder / "app" / "words.py").write_text(WORDS)
    (folder / "main.py").write_text(MAIN)
    return folder


@pytest.fixture
def attempt(project, tmp_path):
    """Tries edits of app/words.py in the command's words; the Trials."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def attempt(edits, *words, file="app/words.py", env=(), seconds=0.5):
        subject = parse_command([sys.executable, *words], str(project))
        given = [advice(project / file, 4, found) for found in edits]
        return try_all(
            subject, given, str(temporary), {**os.environ, **dict(env)}, seconds, lambda said: None
        )

    return attempt


@pytest.fixture
def timed_as(monkeypatch):
    """Timing is not done: it comes to this."""

    def replace(verdict, ratio):
        found = SimpleNamespace(verdict=verdict, ratio=ratio, processes=[None] * 6)
        monkeypatch.setattr(benches, "measure_with", lambda engine, plan: found)

    return replace


def listing(folder):
    return sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))


def test_what_is_right_and_faster_is_confirmed(attempt, project):
    before = listing(project)
    trials = attempt([RIGHT, WRONG, CRASH, None], "main.py", MANY)
    right, wrong, crash, by_hand = trials.tried
    assert right.verdict == "confirmed"
    assert right.ratio.low > 1
    assert right.difference is None
    assert "+        result.append(item)\n" in right.patch
    assert right.patch.startswith("--- app/words.py\n+++ app/words.py\n")
    assert wrong.verdict == crash.verdict == "changed the result"
    assert wrong.ratio is None
    assert wrong.difference.before.startswith("[11999, 11998, 11997]")
    assert wrong.difference.after.startswith("[0, 1, 2]")
    assert "has no attribute 'prepend'" in crash.difference.after
    assert by_hand.verdict == "only by hand"
    assert trials.together is None
    assert trials.compared == 1 and trials.unsteady == 0
    assert listing(project) == before


def test_a_module_found_elsewhere(attempt, project, tmp_path, timed_as):
    """By PYTHONPATH: only what leads to it is put before the others."""
    timed_as("faster", Estimate(2.0, 1.9, 2.1))
    (project / "app").rename(tmp_path / "app")
    (tmp_path / "json.py").write_text("raise SystemExit('a link to all modules is too much')")
    (project / "main.py").write_text("import json\n" + MAIN)
    (tmp_path / "json.py").unlink()
    trials = attempt(
        [RIGHT], "main.py", MANY, file="../app/words.py", env={"PYTHONPATH": str(tmp_path)}
    )
    assert trials.tried[0].verdict == "confirmed"


@pytest.mark.parametrize(
    "words", [("-m", "main", MANY), ("-W", "error", "-c", MAIN.replace("__file__", "0"), MANY)]
)
def test_modules_and_code(attempt, words, timed_as):
    timed_as("faster", Estimate(2.0, 1.9, 2.1))
    assert [trial.verdict for trial in attempt([RIGHT, WRONG], *words).tried] == [
        "confirmed",
        "changed the result",
    ]


def test_the_script_itself(attempt, project, timed_as):
    timed_as("faster", Estimate(2.0, 1.9, 2.1))
    (project / "alone.py").write_text(WORDS + "print(reverse(range(12000))[0], __file__)\n")
    trials = attempt([RIGHT, WRONG], "alone.py", file="alone.py")
    assert [trial.verdict for trial in trials.tried] == ["confirmed", "changed the result"]


def test_functions_by_their_result(project, tmp_path):
    function = parse_function("app/words.py:reverse", str(project))
    assert function == (str(project), "app.words", "reverse")
    subject = function_subject(sys.executable, function, "range(n)", "n = 3000", str(project))
    given = [advice(project / "app/words.py", 4, edits) for edits in (RIGHT, WRONG)]
    trials = try_all(subject, given, str(tmp_path), os.environ, 1, lambda said: None)
    right, wrong = trials.tried
    assert right.verdict == "confirmed"
    assert right.ratio.low > 2  # of the calls alone: 20 and more
    assert wrong.verdict == "changed the result"
    assert wrong.difference.where.startswith("result[0]")
    assert (wrong.difference.before, wrong.difference.after) == ("2999", "0")


def test_together_without_what_overlaps(attempt, project, timed_as):
    timed_as("faster", Estimate(2.0, 1.9, 2.1))
    same = [replacing(WORDS, "insert(0, item)", "insert(0, item )")]
    double = [replacing(WORDS, "x * 2", "x + x")]
    trials = attempt([RIGHT, same, double], "main.py", "10")
    assert [trial.verdict for trial in trials.tried] == ["confirmed"] * 3
    assert len(trials.together.advice) == 2
    assert trials.together.reason == "without words.py:4, which changes the same place"
    assert "+    return x + x\n" in trials.together.patch
    assert "+        result.append(item)\n" in trials.together.patch
    assert trying.confirmed_patch(trials) == trials.together.patch


def test_a_file_that_is_not_used(attempt, project):
    (project / "other.py").write_text(WORDS)
    trial = attempt([RIGHT], "main.py", MANY, file="other.py").tried[0]
    assert trial.verdict == "did not run"
    assert trial.ratio is None


def test_what_differs_by_itself_is_left_out(attempt, project, timed_as):
    timed_as("faster", Estimate(2.0, 1.9, 2.1))
    (project / "main.py").write_text(
        MAIN + "import time\nprint('took', time.perf_counter_ns())\nprint(id(object()) < 0)\n"
    )
    trials = attempt([RIGHT, WRONG], "main.py", MANY)
    assert trials.unsteady == 1 and trials.compared == 2
    assert [trial.verdict for trial in trials.tried] == ["confirmed", "changed the result"]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import time; print(time.perf_counter_ns())", "nothing that it prints is the same"),
        ("import os; print('x\\n' * (1 + os.getpid() % 1000))", "lines in one run and"),
        ("raise KeyError('it')", "exit code 1: KeyError: 'it'"),
        ("open('n', 'a').write('x'); raise SystemExit(len(open('n').read()))", "exit code 2"),
        ("import os; os.kill(os.getpid(), 9)", "ended with SIGKILL"),
    ],
)
def test_programs_that_cannot_be_compared(attempt, project, code, why):
    (project / "main.py").write_text(f"import app.words\n{code}\n")
    with pytest.raises(Failure, match="try .*main.py: ") as failure:
        attempt([RIGHT], "main.py")
    assert why in str(failure.value)


def test_a_copy_that_never_ends(attempt, project, monkeypatch):
    monkeypatch.setattr(benches, "LEAST_SECONDS", 0.5)
    endless = [replacing(WORDS, "return x * 2", "while True: pass")]
    trial = attempt([endless], "main.py", "10").tried[0]
    assert trial.verdict == "changed the result"
    assert trial.difference.after.startswith("ran longer than")


def test_an_exit_code_is_a_result(attempt, project, timed_as):
    timed_as("faster", Estimate(2.0, 1.9, 2.1))
    (project / "main.py").write_text(
        "from app.words import reverse\nraise SystemExit(reverse([2, 3, 4])[0])\n"
    )
    right, wrong = attempt([RIGHT, WRONG], "main.py").tried
    assert right.verdict == "confirmed"
    assert wrong.difference.where == "how it ends"
    assert (wrong.difference.before, wrong.difference.after) == ("exit code 4", "exit code 2")


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ("faster", "confirmed"),
        ("slower", "did not pay"),
        ("same", "did not pay"),
        ("cannot tell", "cannot tell"),
    ],
)
def test_verdicts_of_times(attempt, timed_as, found, verdict):
    timed_as(found, Estimate(1.1, 1.0, 1.2))
    trial = attempt([RIGHT], "main.py", "10").tried[0]
    assert (trial.verdict, trial.ratio.value, trial.processes) == (verdict, 1.1, 6)


def test_results_are_compared_for_several_hash_seeds(attempt, project, timed_as):
    """The order of a set of words is the same for some seeds, whatever it was made of."""
    timed_as("faster", Estimate(2.0, 1.9, 2.1))
    text = "def first(words):\n    return next(iter(dict.fromkeys(words)))\n"
    (project / "app" / "words.py").write_text(text)
    (project / "main.py").write_text("from app.words import first\nprint(first(['ab', 'cd']))\n")
    edits = [replacing(text, "dict.fromkeys(words)", "set(words)")]
    assert attempt([edits], "main.py").tried[0].verdict == "changed the result"


def test_functions_that_change_their_arguments(project, tmp_path):
    """Each call has arguments of its own, or all calls but the first would do nothing."""
    text = "def drain(items):\n    total = 0\n    while items:\n        total += items.pop(0)\n"
    text += "    return total\n"
    (project / "app" / "words.py").write_text(text)
    edits = [replacing(text, "items.pop(0)", "items.pop()")]
    function = parse_function("app/words.py:drain", str(project))
    subject = function_subject(sys.executable, function, "list(range(n))", "n = 9000", str(project))
    given = [advice(project / "app/words.py", 4, edits)]
    (trial,) = try_all(subject, given, str(tmp_path), os.environ, 1, lambda said: None).tried
    assert trial.verdict == "confirmed"
    assert trial.ratio.low > 2


def test_encodings_and_line_ends_stay(tmp_path):
    from tare.advising.copying import copy_file, read_source

    source = tmp_path / "old.py"
    source.write_bytes("# coding: latin-1\r\nname = 'é'\r\n".encode("latin-1"))
    text = read_source(str(source))
    assert text == "# coding: latin-1\r\nname = 'é'\r\n"
    copy_file(str(source), str(tmp_path / "new.py"), text.replace("name", "title"))
    assert (tmp_path / "new.py").read_bytes() == (
        "# coding: latin-1\r\ntitle = 'é'\r\n".encode("latin-1")
    )


def test_commands_taken_apart():
    def parsed(*words):
        found = parse_command(["python", *words], "/srv")
        assert found.command() == ["python", *words]
        return found.flags, found.kind, found.name, found.arguments

    assert parsed("a.py", "-x") == ((), "script", "a.py", ("-x",))
    assert parsed("-X", "dev", "-u", "-m", "app", "-m") == (
        ("-X", "dev", "-u"), "module", "app", ("-m",)
    )
    assert parsed("-c", "pass", "1") == ((), "code", "pass", ("1",))
    for words in (["-"], [], ["-u"]):
        with pytest.raises(ValueError, match="standard input"):
            parse_command(["python", *words], "/srv")
