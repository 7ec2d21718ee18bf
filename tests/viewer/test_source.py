"""Source with the cost of each line, and what is said where it cannot be had."""

import subprocess
import sys

import pytest

PROGRAM = """\
def twice(n):
    total = 0
    for i in range(n):
        total += i
        total += i
    return total


def main():
    return twice(20000) + twice(10000)


main()
"""


@pytest.fixture(scope="module")
def lined(tmp_path_factory):
    """Lines 4 and 5 are begun 30,000 times, line 3 two times more."""
    folder = tmp_path_factory.mktemp("lined")
    script = folder / "program.py"
    script.write_text(PROGRAM)
    subprocess.run([sys.executable, "-m", "tare", "lines", "-q", "-f", "twice", "-o",
                    folder / "lines.tare", script], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, "-m", "tare", "trace", "-q", "-o", folder / "trace.tare",
                    script], check=True, stdout=subprocess.DEVNULL)
    return folder


def line(seen, number: int) -> list[str]:
    return seen.page.locator(f".source-line[data-line='{number}'] .cell").all_inner_texts()


def test_a_profile_of_lines_begins_with_its_source(look, report, lined):
    seen = look(report(lined / "lines.tare"))
    assert seen.state()["view"] == "source"
    assert line(seen, 4)[1] == "30,000"
    assert line(seen, 5)[1] == "30,000"
    assert "total += i" in seen.text(".source-line[data-line='4'] code")


def test_the_text_is_coloured(look, report, lined):
    seen = look(report(lined / "lines.tare"))
    assert seen.text(".source-line[data-line='3'] .keyword") == "for"
    assert seen.text(".source-line[data-line='3'] .builtin") == "range"


def test_a_trace_says_how_lines_are_measured(look, report, lined):
    seen = look(report(lined / "trace.tare"), "view=source&search=")
    assert "tare lines -f" in seen.text("main")


def test_lines_of_a_box_are_beside_it(look, report, lined):
    seen = look(report(lined / "trace.tare"))
    seen.choose("twice")
    assert seen.box() == "twice"
    assert "def twice(n):" in seen.text(".snippet")
    seen.press("g")
    assert seen.state()["view"] == "source"
    assert "twice" in seen.text("main h2:has-text('twice')")


def test_a_file_that_is_not_here_has_its_lines_all_the_same(look, report, known):
    """/srv/reader.py is on no machine: parse spent 18 ms at line 12 and 2 ms at line 14."""
    seen = look(report(known / "known.tare"), "view=source")
    assert "/srv/reader.py" in seen.text("main")
    assert "not" in seen.text("main")
    assert "18 ms" in line(seen, 12)
    assert "2 ms" in line(seen, 14)


def test_without_source_none_is_in_the_page(look, report, lined):
    page = report(lined / "trace.tare", "--no-source")
    assert "total += i" not in page.read_text()
    seen = look(page, "view=source")
    assert "total += i" not in seen.text("main")
