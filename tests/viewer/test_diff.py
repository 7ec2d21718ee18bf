"""Two profiles: what is red, blue and grey, and that nothing vanishes."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
def leaf():
    return sum(range(200))
def gone():
    for _ in range({gone}): leaf()
def came():
    for _ in range({came}): leaf()
def same():
    for _ in range(300): leaf()
for _ in range(20):
    same()
    if {gone}: gone()
    if {came}: came()
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A: gone calls leaf, and that sum, 20 x 400 times; B: came does so 20 x 700 times."""
    folder = tmp_path_factory.mktemp("pair")
    files = []
    for name, gone, came in (("before", 400, 0), ("after", 0, 700)):
        script = folder / "program.py"
        script.write_text(PROGRAM.format(gone=gone, came=came))
        files.append(folder / f"{name}.tare")
        subprocess.run([sys.executable, "-m", "tare", "trace", "-q", "-o", files[-1], script],
                       check=True)
    return files


def test_two_profiles_begin_as_a_comparison(look, report, pair):
    seen = look(report(*pair))
    assert seen.state()["files"] == "0-1"
    assert "A before.tare" in seen.text(".facts")
    assert set(seen.details()) == {"A", "B", "B - A", "error"}


def test_counts_of_both_sides_are_the_models(look, report, pair):
    """Calls are exact, so that a change of one is a change."""
    seen = look(report(*pair), "width=calls&order=name")
    boxes = {}
    seen.in_chart("ArrowDown")
    while seen.box() != "<module>":
        seen.in_chart("ArrowRight")
    seen.in_chart("ArrowDown")
    for _ in range(8):
        boxes[seen.box()] = seen.details()
        seen.in_chart("ArrowRight")
    assert boxes["came"]["A"][0] == "0"
    assert boxes["came"]["B"][0] == "28,020"
    assert boxes["gone"]["A"][0] == "16,020"
    assert boxes["gone"]["B"][0] == "0"
    assert boxes["gone"]["B - A"] == ["-16,020", "gone"]
    assert boxes["came"]["B - A"][0] == "+28,020"
    assert boxes["same"]["B - A"][0] == "+0"
    assert boxes["same"]["B - A"][1] == "1.00x"


def test_more_is_red_less_is_blue_and_what_stays_is_grey(look, report, pair):
    seen = look(report(*pair), "width=calls&order=name")
    colours = seen.colours()
    reds = [rgb for rgb in colours if rgb >> 16 > (rgb & 255) + 60]
    blues = [rgb for rgb in colours if (rgb & 255) > (rgb >> 16) + 60]
    greens = [rgb for rgb in colours if (rgb >> 8 & 255) > max(rgb >> 16, rgb & 255) + 30]
    assert reds and blues and not greens


def test_a_profile_beside_itself_is_grey(look, report, pair, tmp_path):
    twin = tmp_path / "twin.tare"
    twin.write_bytes(pair[0].read_bytes())
    seen = look(report(pair[0], twin))
    assert seen.text(".numbers caption").startswith("within the error")
    colourful = [rgb for rgb in seen.colours()
                 if abs((rgb >> 16) - (rgb & 255)) > 60]
    assert colourful == []


def test_either_can_be_seen_alone(look, report, pair):
    seen = look(report(*pair), "files=1&width=calls")
    assert "B - A" not in seen.details()
    assert seen.page.locator("#files").count() == 1
