"""What the words of a command line mean."""

import sys

import pytest

from tare.comparing.driving import CompareError
from tare.comparing.sides import Words, make_sides, name_of

NONE = Words()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "old.py").write_text("def f(n=3): return n\n")
    (tmp_path / "new.py").write_text("def f(n=3): return n\n")
    (tmp_path / "run").write_text("#!/bin/sh\n")
    (tmp_path / "run").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("old.py", "script"),
        ("old.py:f", "function"),
        ("os.path:join", "function"),
        ("json:JSONDecoder.decode", "function"),
        ("./run", "command"),
        ("./run fast", "command"),
        ("true", "command"),
        ("python3 -c pass", "command"),
        ("sum(L)", "statement"),
        ("x = [1 for y in L]", "statement"),
        ("for x in L: pass", "statement"),
    ],
)
def test_kind_of_a_word(text, kind):
    a, b = make_sides([text, text], (), NONE)
    known = {"python3 -c pass": "script"}.get(text, kind)  # a command of Python's
    assert (a.kind, b.kind) == (known, known)


def test_code_is_code_whatever_it_looks_like():
    sides = make_sides([], ["true", "sum (x)"], NONE)
    assert [side.kind for side in sides] == ["statement", "statement"]
    sides = make_sides(["true", "ls"], (), Words(setup="true = ls = 1"))
    assert [side.kind for side in sides] == ["statement", "statement"]


def test_what_follows_the_dashes_is_for_scripts_or_revisions():
    a, b = make_sides(["old.py", "new.py"], (), Words(rest=("x", "-y")))
    assert a.command == (sys.executable, "old.py", "x", "-y")
    a, b = make_sides(["HEAD~1", "HEAD"], (), Words(rest=("make", "it")))
    assert (a.kind, a.revision, b.revision, a.command) == (
        "revision",
        "HEAD~1",
        "HEAD",
        ("make", "it"),
    )


def test_one_side_in_several_interpreters():
    a, b = make_sides(["old.py:f"], (), Words(pythons=(sys.executable, "sh")))
    assert a.python == sys.executable and b.python.endswith("/sh") and a.name != b.name
    assert not a.shares_process(b)
    a, b = make_sides(["old.py"], (), Words(pythons=(sys.executable, "sh")))
    assert a.command == (sys.executable, "old.py") and b.command == (b.python, "old.py")


def test_who_shares_a_process(folder):
    a, b = make_sides(["old.py:f", "new.py:f"], (), NONE)
    assert a.shares_process(b)
    (folder / "below").mkdir()
    (folder / "below" / "old.py").write_text("def f(): pass\n")
    a, b = make_sides(["old.py:f", "below/old.py:f"], (), NONE)
    assert not a.shares_process(b)  # each imports what stands beside it


@pytest.mark.parametrize(
    ("texts", "words", "part"),
    [
        ([], NONE, "nothing to compare"),
        (["old.py"], NONE, "old.py alone to compare"),
        (["old.py", "gone.py"], NONE, "gone.py: no such file"),
        (["old.py:f", "gone.py:f"], NONE, "no file gone.py"),
        (["nosuchcommand", "true"], NONE, "no file and no command of that name"),
        (["f(", "g("], NONE, "no Python code"),
        (["old.py"], Words(pythons=("python99", "sh")), "--python python99: no such interpreter"),
        (["old.py", "new.py"], Words(pythons=("sh", "sh")), "2 interpreters and 2 sides"),
        (["true", "false"], Words(pythons=("sh",)), "--python is for Python code"),
    ],
)
def test_mistakes_are_one_line(texts, words, part):
    with pytest.raises(CompareError) as caught:
        make_sides(texts, (), words)
    assert part in str(caught.value) and "\n" not in str(caught.value)


def test_names_are_short():
    assert name_of("x = 1\n\nfor y in z:\n    x += y") == "x = 1; for y in z: x += y"
    assert len(name_of("x = " + "1" * 100)) == 60
