"""For everyone: what axe-core finds, what can be done by keys alone, and what is said."""

import json
from pathlib import Path

import pytest

VIEWS = ("icicle", "sunburst", "time", "sandwich", "inverted", "tree", "table", "source",
         "counters", "about")


@pytest.fixture(scope="session")
def axe(tree: Path) -> str:
    script = tree / "viewer/node_modules/axe-core/axe.min.js"
    if not script.exists():
        pytest.skip("axe-core is not installed: `make test-viewer` does it")
    return script.read_text()


def violations(seen, axe: str) -> str:
    """What axe-core finds, as text."""
    seen.page.evaluate(axe)
    found = seen.page.evaluate("axe.run().then((result) => result.violations)")
    return json.dumps([{"rule": one["id"], "where": [node["target"] for node in one["nodes"]][:4],
                        "why": one["nodes"][0]["failureSummary"]} for one in found], indent=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(look, report, known, axe, view, theme):
    seen = look(report(known / "known.tare"), f"view={view}&steps=recursion", color_scheme=theme)
    assert violations(seen, axe) == "[]"


def test_axe_finds_nothing_in_a_comparison(look, report, known, axe):
    page = report(known / "known.tare", known / "tangled.tare")
    for view in ("icicle", "table", "tree"):
        assert violations(look(page, f"view={view}"), axe) == "[]"


def test_axe_finds_nothing_in_dialogs_and_menus(look, report, known, axe):
    seen = look(report(known / "known.tare"))
    seen.page.get_by_text("Options", exact=False).first.click()
    assert violations(seen, axe) == "[]"
    seen.page.keyboard.press("Escape")
    seen.press("?")
    assert violations(seen, axe) == "[]"


def test_the_way_by_tab_reaches_everything(look, report, known):
    seen = look(report(known / "known.tare"))
    reached = set()
    for _ in range(60):
        seen.page.keyboard.press("Tab")
        reached.add(seen.page.evaluate(
            "(document.activeElement.id || document.activeElement.className || "
            "document.activeElement.textContent).toString()"))
    assert "chart" in reached
    assert "search" in reached
    assert {"width", "colour"} <= reached


# The colours of the third row, without what letters are drawn in.
ROW = """() => {
  const canvas = document.querySelector("canvas.chart");
  const row = canvas.getContext("2d").getImageData(0, 42, canvas.width, 1).data;
  const count = new Map();
  for (let at = 0; at < row.length; at += 4) {
    const colour = row[at] * 65536 + row[at + 1] * 256 + row[at + 2];
    count.set(colour, (count.get(colour) ?? 0) + 1);
  }
  return [...count].filter(([, pixels]) => pixels > canvas.width / 10).map(([colour]) => colour);
}"""
FRAMES = "() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"


def test_motion_is_left_out_on_wish(look, report, known):
    """With reduced motion a zoomed box fills its row in the next frame."""
    seen = look(report(known / "known.tare"), reduced_motion="reduce")
    seen.in_chart("ArrowDown", "ArrowDown", "ArrowRight")
    assert seen.box() == "fib"
    seen.page.keyboard.press("Enter")
    seen.page.evaluate(FRAMES)
    assert len(seen.page.evaluate(ROW)) == 1


def test_it_fits_small_windows(look, report, known):
    seen = look(report(known / "known.tare"), viewport={"width": 420, "height": 700})
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 420
