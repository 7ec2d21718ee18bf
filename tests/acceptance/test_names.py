"""Names as hostile as Python allows: exact in the file, harmless on a screen."""

from __future__ import annotations

import subprocess
import unicodedata
from pathlib import Path

import pytest

from measuring import Run, Sampler, target


@pytest.fixture(scope="module")
def names_run(sampler: Sampler, python: str) -> Run:
    return sampler.run("run", target(python, "names.py"), rate=2_000).expect_success()


def test_names_are_exact_in_the_file(names_run: Run) -> None:
    found = {frame.name: frame for frame in names_run.view.frames}
    for name in names_run.truth["names"]:
        assert name in found, ascii(name[:50])
        assert found[name].file == "f/" + name
        assert found[name].qualname == "q." + name


def test_every_name_has_its_time(names_run: Run) -> None:
    names = names_run.truth["names"]
    measured = [names_run.view.self_ns(name) for name in names]
    assert min(measured) > 0
    assert max(measured) < 3 * sum(measured) / len(names)


def test_threads_have_the_names_that_the_program_gave_them(sampler: Sampler, python: str) -> None:
    run = sampler.run("run", target(python, "threads.py", 0.6)).expect_success()
    for function, name in (("burn_long", "long"), ("burn_short", "short")):
        (label,) = {entry.labels["thread"] for entry in run.view.having(function)}
        assert label.split(" ", 1)[1] == name
    mains = {entry.labels["thread"] for entry in run.view.entries if "main" in entry.labels}
    assert mains == {run.view.meta["target.pid"] + " MainThread"}


def test_processes_are_called_by_their_script_or_module(sampler: Sampler, python: str,
                                                        tmp_path: Path) -> None:
    """Exact in the file, escaped on the screen."""
    script = tmp_path / "w\x1b[31m\u202e.py"
    script.write_text("x = 0\nfor i in range(2_000_000): x ^= i\n")
    module = tmp_path / "work_module.py"
    module.write_text(script.read_text())
    for words, name in (([script], script.name), (["-X", "dev", "-m", "work_module"],
                                                   "work_module")):
        run = sampler.run("run", [python, *words], cwd=tmp_path).expect_success()
        (label,) = {entry.labels["process"] for entry in run.view.having("<module>")}
        assert label == f"{run.view.meta['target.pid']} {name}"


def harmless(character: str) -> bool:
    return character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")


@pytest.mark.parametrize("words", [["report"], ["report", "--lines"], ["report", "--tree"]])
def test_names_are_escaped_on_a_screen(tare: list[str], names_run: Run,
                                       words: list[str]) -> None:
    run = subprocess.run([*tare, *words, "--limit", "40", names_run.path],
                         capture_output=True, env={"NO_COLOR": "1", "COLUMNS": "120"})
    assert run.returncode == 0, run.stderr
    shown = (run.stdout + run.stderr).decode("utf-8")
    assert [ascii(c) for c in shown if not harmless(c)] == []
    assert "caf\xe9" in shown, "ordinary letters stay as they are"
    assert max(map(len, shown.splitlines())) < 1_000, "a name of 10 KB is cut on the screen"
