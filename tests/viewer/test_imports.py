"""Other tools' profiles in the page: the same numbers, and what is a guess drawn as one."""

import pstats
import subprocess
import sys

import pytest

# c takes four times as long for a as d does for b, and both are called from the same helper: who
# called what through it, the sums of cProfile do not say.
PROGRAM = """
def slow():
    return sum(range(60000))

def fast():
    return sum(range(6000))

def helper(which):
    return slow() if which else fast()

def a():
    for _ in range(20):
        helper(True)

def b():
    for _ in range(20):
        helper(False)

def main():
    a()
    b()

main()
"""


def write_cprofile(script, path) -> None:
    """Until a has most of the time, as it should: a busy machine may take b's CPU away."""
    for _ in range(20):
        subprocess.run([sys.executable, "-m", "cProfile", "-o", path, script], check=True,
                       stdout=subprocess.DEVNULL)
        spent = {name: sums[3] for (_, _, name), sums in pstats.Stats(str(path)).stats.items()}
        if spent["a"] > 5 * spent["b"]:
            return
    pytest.fail("a never had five times as much time as b")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("imports")
    script = folder / "program.py"
    script.write_text(PROGRAM)
    write_cprofile(script, folder / "program.prof")
    profile = folder / "program.tare"
    subprocess.run([sys.executable, "-m", "tare", "trace", "-q", "-o", profile, script],
                   check=True)
    for name in ("speedscope", "collapsed"):
        subprocess.run([sys.executable, "-m", "tare", "export", "-q", "--to", name, "-o",
                        folder / f"program.{name}", profile], check=True,
                       stdout=subprocess.DEVNULL)
    (folder / "importtime.log").write_bytes(subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import json"], check=True,
        capture_output=True).stderr)
    return folder


def test_a_file_of_cprofile_is_estimated_and_hatched(look, report, files):
    seen = look(report(files / "program.prof"))
    assert "from pstats" in seen.text(".facts")
    seen.go_to("a")
    seen.in_chart("ArrowDown")
    assert seen.box() == "helper"
    seen.in_chart("ArrowDown", "ArrowRight")
    assert seen.box() == "fast"  # a never called it: a guess
    assert seen.text(".details .estimate").startswith("Estimated")


def test_only_certain_paths_leave_the_guess_out(look, report, files):
    seen = look(report(files / "program.prof"), "known=1")
    whole = seen.details()["total"]
    seen.go_to("slow")
    assert seen.page.locator(".details .estimate").count() == 0
    assert seen.details()["at least"][0] != ""
    seen.in_chart("ArrowRight")
    assert seen.box() == "several callers, path not known"
    free = look(report(files / "program.prof"))
    assert free.details()["total"] == whole


@pytest.mark.parametrize("name", ["program.speedscope", "program.collapsed", "importtime.log"])
def test_other_formats_are_drawn(look, report, files, name):
    seen = look(report(files / name))
    assert len(seen.colours()) > 4
    seen.press("a")
    assert "imported from" in seen.text("main")


@pytest.mark.parametrize("name", ["callgrind", "lprof", "pprof", "pstats_2_7", "speedscope"])
def test_small_files_of_every_kind_are_drawn(look, report, tree, name):
    """Those that fuzzing begins with. Lines have no callers: they begin with their source."""
    kind = name.partition("_")[0]
    seen = look(report(tree / f"fuzz/corpus/import_{kind}" / name))
    assert f"from {kind}" in seen.text(".facts")
    if kind == "lprof":
        assert seen.state()["view"] == "source"
        assert seen.page.locator(".source-line").count() > 0
    else:
        assert len(seen.colours()) > 4


def test_speedscope_and_the_profile_it_is_from_agree(look, report, files):
    first = look(report(files / "program.tare"))
    second = look(report(files / "program.speedscope"))
    assert first.details()["total"][0] == second.details()["total"][0]
