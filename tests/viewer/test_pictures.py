"""Charts: what they show of a profile whose every number is known.

Of known.tare, in ticks of a millisecond: <module> 28 (parse 17, fib 11 of which parse 3), run 4,
and 1 that overflowed; 6 more that a worker slept are no active time.
"""

import pytest

CHARTS = ("icicle", "flame", "sunburst", "time", "sandwich", "inverted")


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_draws_boxes(look, report, known, chart):
    seen = look(report(known / "known.tare"), f"view={chart}")
    assert seen.page.locator("canvas.chart").get_attribute("aria-label").startswith(chart)
    assert len(seen.colours()) > 4


def test_numbers_of_a_box_are_those_of_the_model(look, report, known):
    seen = look(report(known / "known.tare"))
    assert seen.box() == "everything"
    assert seen.details()["total"][0] == "33 ms"
    seen.in_chart("ArrowDown")
    assert seen.box() == "<module>"
    details = seen.details()
    assert details["total"][0] == "28 ms"
    assert details["total"][1].startswith("84.8%")
    assert details["own"] == ["0 s", "0.0%"]
    seen.in_chart("ArrowDown", "ArrowRight")
    assert seen.box() == "fib"
    details = seen.details()
    assert details["total"][0] == "11 ms"
    assert details["own"][0] == "1 ms"
    assert details["of its caller"][-1] == "39.3%"


def test_the_whole_can_be_waiting_too(look, report, known):
    seen = look(report(known / "known.tare"), "width=wall_ns")
    assert seen.details()["total"][0] == "39 ms"
    seen = look(report(known / "known.tare"), "width=waiting")
    assert seen.details()["total"][0] == "6 ms"
    seen.in_chart("ArrowDown", "ArrowDown")
    assert seen.box() == "sleep"


def test_shares_have_an_interval(look, report, known):
    """Wilson's for 28 of 33 ticks in 15 ms: the count of ticks is known.tare's own."""
    seen = look(report(known / "known.tare"))
    seen.in_chart("ArrowDown")
    assert "±" in seen.details()["total"][1]


def test_a_click_zooms_and_escape_goes_back(look, report, known):
    seen = look(report(known / "known.tare"))
    box = seen.page.locator("canvas.chart").bounding_box()
    # The third row: parse is the first 17 of 33, fib the next 11.
    seen.page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + 50)
    seen.settle()
    assert seen.box() == "fib"
    assert seen.texts(".chips .chip")[0].startswith("zoomed to fib")
    assert seen.state()["zoom"] == seen.state()["box"]
    seen.in_chart("Escape")
    assert seen.texts(".chips .chip")[0].startswith("zoomed to <module>")
    seen.in_chart("Home")
    assert seen.texts(".chips .chip") == []


def test_pointing_at_a_box_shows_it_and_leaves_the_choice(look, report, known):
    seen = look(report(known / "known.tare"))
    box = seen.page.locator("canvas.chart").bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 50)
    seen.settle()
    assert seen.box() == "Reader.parse"
    seen.page.mouse.move(5, 5)
    seen.settle()
    assert seen.box() == "everything"
    assert "box" not in seen.state()


def test_a_flame_has_its_root_at_the_bottom(look, report, known):
    seen = look(report(known / "known.tare"), "view=flame")
    box = seen.page.locator("canvas.chart").bounding_box()
    seen.page.mouse.move(box["x"] + 40, box["y"] + box["height"] - 30)
    seen.settle()
    assert seen.box() == "everything"


def test_the_middle_of_a_sunburst_leads_up(look, report, known):
    seen = look(report(known / "known.tare"), "view=sunburst")
    box = seen.page.locator("canvas.chart").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    seen.in_chart("ArrowDown", "Enter")
    assert seen.box() == "<module>"
    seen.page.mouse.click(*middle)
    seen.settle()
    assert seen.box() == "everything"


def test_callers_stand_above_and_callees_below(look, report, known):
    """Of parse: 17 of 20 directly under <module>, 3 under fib."""
    seen = look(report(known / "known.tare"), "view=sandwich")
    seen.page.locator("#search").fill("")
    state = seen.state()
    seen = look(report(known / "known.tare"), f"view=sandwich&function={parse_id(known)}")
    box = seen.page.locator("canvas.chart").bounding_box()
    assert state["view"] == "sandwich"
    rows = hover_rows(seen, box, 0.1)
    assert rows[rows.index("Reader.parse") - 1] == "<module>"
    rows = hover_rows(seen, box, 0.9)
    assert rows[rows.index("Reader.parse") - 1] == "fib"


def parse_id(known) -> int:
    from tare._profile import load

    rows = load(known / "known.tare").summary().functions()
    return next(row.id for row in rows if row.qualname == "Reader.parse")


def hover_rows(seen, box, share) -> list[str]:
    """The boxes below each other at a place of the axis, from the top."""
    names = []
    for y in range(5, int(box["height"]) - 5, 10):
        seen.page.mouse.move(box["x"] + box["width"] * share, box["y"] + y)
        seen.page.wait_for_timeout(30)
        name = seen.box()
        if name != "everything" and (not names or names[-1] != name):
            names.append(name)
    return names


def test_inverted_begins_where_time_is_spent(look, report, known):
    """Own time: parse 20, fib 8, run 4, overflow 1."""
    seen = look(report(known / "known.tare"), "view=inverted")
    seen.in_chart("ArrowDown")
    assert seen.box() == "Reader.parse"
    assert seen.details()["total"][0] == "20 ms"
    seen.in_chart("ArrowDown")
    assert seen.box() == "<module>"
    assert seen.details()["total"][0] == "17 ms"
    seen.in_chart("ArrowRight")
    assert seen.box() == "fib"
    assert seen.details()["total"][0] == "3 ms"


def test_nothing_to_draw_is_a_sentence(look, report, known):
    seen = look(report(known / "empty.tare"))
    assert "Nothing was measured" in seen.text(".empty:not(:empty)")


def test_what_is_cut_off_is_drawn_as_such(look, report, known):
    """A depth of 3 leaves levels out, and their boxes carry the mark; nothing gets narrower."""
    whole = look(report(known / "known.tare"))
    cut = look(report(known / "known.tare"), "depth=3")
    assert cut.texts(".chips .chip")[0].startswith("depth 3")
    assert cut.details()["total"] == whole.details()["total"]
    assert set(cut.colours()) - set(whole.colours())


def test_below_the_cutoff_boxes_are_drawn_together(look, report, known):
    """1/100 of tangled.tare's widest box leaves some out; none of their width is lost."""
    whole = look(report(known / "tangled.tare"))
    cut = look(report(known / "tangled.tare"), "cutoff=0.01")
    assert cut.texts(".chips .chip")[0].startswith("cutoff 1/100")
    assert cut.details()["total"] == whole.details()["total"]
    assert set(cut.colours()) != set(whole.colours())


def test_colour_by_another_measure_is_a_scale(look, report, known):
    seen = look(report(known / "known.tare"), "colour=gc_ns")
    assert "collecting garbage" in seen.text(".scale-legend")
    plain = look(report(known / "known.tare"))
    assert set(seen.colours()) != set(plain.colours())


def test_dark_and_light_differ_and_the_choice_stays(look, report, known):
    seen = look(report(known / "known.tare"), color_scheme="dark")
    assert seen.page.evaluate("document.documentElement.dataset.theme") == "dark"
    seen.press("t")
    assert seen.page.evaluate("document.documentElement.dataset.theme") == "light"
