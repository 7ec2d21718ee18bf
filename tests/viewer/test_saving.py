"""What a page gives away: pictures, tables, links; each is read back."""

import csv
import io
import xml.etree.ElementTree as ElementTree

import pytest

SVG = "{http://www.w3.org/2000/svg}"


def save(seen, words: str) -> bytes:
    seen.page.get_by_text("Save", exact=False).first.click()
    with seen.page.expect_download() as waiting:
        seen.page.get_by_role("button", name=words).click()
    return waiting.value.path().read_bytes()


@pytest.mark.parametrize("chart", ["icicle", "flame", "sunburst", "sandwich", "inverted"])
def test_a_picture_as_svg_has_every_box_by_name(look, report, known, chart):
    seen = look(report(known / "known.tare"), f"view={chart}", accept_downloads=True)
    picture = ElementTree.fromstring(save(seen, "Picture as SVG"))
    titles = [title.text for title in picture.iter(f"{SVG}title")]
    assert any(title.startswith("fib ") for title in titles) or chart == "sandwich"
    assert any(title.startswith("Reader.parse") for title in titles)
    assert picture.iter(f"{SVG}text")


@pytest.mark.parametrize("chart", ["icicle", "sunburst", "inverted"])
def test_hostile_names_stay_text_in_svg(look, report, known, chart):
    seen = look(report(known / "hostile.tare"), f"view={chart}", accept_downloads=True)
    data = save(seen, "Picture as SVG")
    picture = ElementTree.fromstring(data)
    assert {element.tag for element in picture.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "defs", "pattern", "path", "rect", "g", "title", "text")}
    titles = " ".join(title.text or "" for title in picture.iter(f"{SVG}title"))
    assert "</script>" in titles


def test_a_picture_as_png(look, report, known):
    seen = look(report(known / "known.tare"), accept_downloads=True)
    data = save(seen, "Picture as PNG")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(data) > 2000


def test_the_table_as_csv_has_the_models_numbers(look, report, known):
    seen = look(report(known / "known.tare"), "view=table", accept_downloads=True)
    rows = list(csv.DictReader(io.StringIO(save(seen, "Table as CSV").decode())))
    function = next(name for name in rows[0] if "function" in name.lower())
    by_name = {row[function]: [*row.values()] for row in rows}
    assert "20000000" in by_name["Reader.parse"]
    assert "28000000" in by_name["<module>"]


def test_formulas_in_names_are_text_in_csv(look, report, tmp_path):
    from tare._profile import load

    source = tmp_path / "formula.py"
    source.write_text('space = {}\nexec("def f(): return sum(range(10**6))", space)\n'
                      'f = space["f"]\nf.__code__ = f.__code__.replace(co_name="=1+1", '
                      'co_qualname="=1+1")\nf()\n')
    profile = tmp_path / "formula.tare"
    import subprocess
    import sys
    subprocess.run([sys.executable, "-m", "tare", "trace", "-q", "-o", profile, source], check=True)
    assert any(frame.qualname == "=1+1" for frame in load(profile).frames())
    seen = look(report(profile), "view=table", accept_downloads=True)
    cells = [cell for row in csv.reader(io.StringIO(save(seen, "Table as CSV").decode()))
             for cell in row]
    assert "'=1+1" in cells
    assert "=1+1" not in cells


def test_the_table_as_markdown(look, report, known):
    seen = look(report(known / "known.tare"), "view=table", accept_downloads=True)
    lines = save(seen, "Table as Markdown").decode().splitlines()
    assert lines[1].startswith("| ---") or lines[1].startswith("|---")
    assert len({line.count("|") - line.count("\\|") for line in lines if line}) == 1
