"""Time order, counters over time, and what is said about the measurement."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def phases(tree, tmp_path_factory):
    """Phase a, then b while a helper naps, then a: as 1 : 2 : 1."""
    profile = tmp_path_factory.mktemp("phases") / "phases.tare"
    subprocess.run([sys.executable, "-m", "tare", "run", "-q", "-o", profile,
                    tree / "tests/targets/phases.py", "0.4"], check=True,
                   stdout=subprocess.DEVNULL)
    return profile


def names_along(seen, y: float, steps: int = 40) -> list[str]:
    """The boxes of a row from left to right, each once where it is met."""
    box = seen.page.locator("canvas.chart").bounding_box()
    found: list[str] = []
    for step in range(steps):
        seen.page.mouse.move(box["x"] + box["width"] * (step + 0.5) / steps, box["y"] + y)
        seen.page.wait_for_timeout(30)
        if not found or found[-1] != seen.box():
            found.append(seen.box())
    return found


def test_what_ran_when_is_in_order(look, report, phases):
    seen = look(report(phases), "view=time")
    assert seen.page.locator(".chart-note").inner_text() == ""
    height = seen.page.locator("canvas.chart").bounding_box()["height"]
    for y in range(50, int(height), 20):
        met = [name for name in names_along(seen, y) if name in ("phase_a", "phase_b")]
        if met:
            assert met == ["phase_a", "phase_b", "phase_a"]
            return
    pytest.fail("no row has the phases")


def test_a_trace_has_no_record_of_when_and_says_so(look, report, known):
    seen = look(report(known / "trace.tare"), "view=time")
    assert "no record of when" in seen.text(".chart-note")


def test_a_range_of_time_is_in_the_link(look, report, phases):
    seen = look(report(phases), "view=time")
    box = seen.page.locator("canvas.chart").bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 80)
    seen.page.keyboard.down("Control")
    seen.page.mouse.wheel(0, -300)
    seen.page.keyboard.up("Control")
    seen.page.wait_for_timeout(500)
    start, end = map(float, seen.state()["range"].split("_"))
    assert 0 < start < 0.5 < end < 1
    again = look(report(phases), f"view=time&range={start}_{end}")
    assert again.texts(".chips .chip")[0].startswith("zoomed")


def test_memory_over_time_has_its_peak(look, report, phases):
    from tare._profile import load

    from tare.render.units import size

    seen = look(report(phases), "view=counters")
    (rss,) = [series for series in load(phases).series() if series.name == "rss_bytes"]
    text = seen.text("main")
    assert "Memory" in text
    assert size(max(rss.amounts)) in text


def test_a_profile_without_counters_says_which_command_has_them(look, report, known):
    seen = look(report(known / "trace.tare"), "view=counters")
    assert "tare run" in seen.text("main")


def test_about_says_how_it_was_measured(look, report, phases):
    seen = look(report(phases), "view=about")
    text = seen.text("main")
    assert "1,000 samples a second" in text
    assert "±" in text
    assert "phases.py" in text


def test_a_profile_that_was_cut_says_so(look, report, known, tmp_path):
    whole = (known / "steps.tare").read_bytes()
    cut = tmp_path / "cut.tare"
    cut.write_bytes(whole[: len(whole) - 20])
    page = tmp_path / "cut.html"
    done = subprocess.run([sys.executable, "-m", "tare", "view", "-q", "-o", page, cut])
    assert done.returncode == 4
    seen = look(page)
    assert "cut short" in seen.text(".facts")
