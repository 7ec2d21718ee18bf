"""The table and the tree: their numbers are those of the module tare._profile, row by row."""

import pytest
from tare._profile import load


def cells(row) -> list[str]:
    return row.locator("[role=gridcell]").all_inner_texts()


def duration(ns: int) -> str:
    from tare.render.units import duration

    return duration(ns)


def test_the_table_has_every_function_with_the_models_times(look, report, known):
    seen = look(report(known / "known.tare"), "view=table")
    summary = load(known / "known.tare").summary()
    expected = [(row.qualname, duration(row.self_ns), duration(row.total_ns))
                for row in summary.functions()]
    rows = [cells(row) for row in seen.page.locator(".functions [aria-rowindex]").all()]
    shown = [(row[2], row[0].split("\n")[-1], row[1].split("\n")[-1]) for row in rows if row]
    assert sorted(shown) == sorted(expected)
    assert [row[0] for row in shown[:2]] == ["Reader.parse", "fib"]  # most own time first


def test_the_table_of_a_trace_has_its_calls(look, report, known):
    seen = look(report(known / "trace.tare"), "view=table&width=calls")
    calls = {row.qualname: row.sums.calls for row in load(known / "trace.tare").calls().functions()
             if row.sums.calls}
    shown = {}
    for row in seen.page.locator(".functions [aria-rowindex]").all():
        texts = cells(row)
        if texts:
            shown[row.locator(".name-cell").inner_text()] = texts[0].split("\n")[-1]
    assert {name: int(text.replace(",", "")) for name, text in shown.items()} == calls


@pytest.mark.parametrize("profile", ["known.tare", "tangled.tare"])
def test_the_tree_opens_to_the_models_rows(look, report, known, profile):
    seen = look(report(known / profile), "view=tree", viewport={"width": 1280, "height": 4000})
    expected = [(row.depth, row.qualname, duration(row.total_ns))
                for row in load(known / profile).summary().tree()][:60]
    rows = seen.page.locator(".calltree [aria-level]")
    rows.first.focus()
    for _ in range(40):  # every level: a star opens the siblings, Home and down go on
        before = rows.count()
        for row in rows.all():
            if row.get_attribute("aria-expanded") == "false":
                row.focus()
                seen.page.keyboard.press("ArrowRight")
                break
        if rows.count() == before:
            break
    shown = [(int(row.get_attribute("aria-level")) - 1, row.locator(".calltree-label").inner_text(),
              cells(row)[1].split("\n")[-1]) for row in rows.all()]
    count = min(len(shown), len(expected), 15)
    assert count >= 5
    assert shown[:count] == expected[:count]


def test_sorting_by_a_header(look, report, known):
    seen = look(report(known / "known.tare"), "view=table")
    head = seen.page.locator("[role=columnheader]", has_text="total").first
    head.locator("button").click()
    seen.settle()
    assert head.get_attribute("aria-sort") == "descending"
    assert seen.text(".functions [aria-rowindex='2'] .name-cell") == "<module>"
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"


def test_a_row_of_the_table_chooses_its_function(look, report, known):
    seen = look(report(known / "known.tare"), "view=table")
    seen.page.locator(".functions .name-cell", has_text="fib").click()
    seen.settle()
    seen.press("5")
    assert seen.state()["view"] == "sandwich"
    assert len(seen.colours()) > 4
    seen.press("7")
    selected = seen.page.locator("[aria-selected=true]").first
    assert selected.get_attribute("aria-label").startswith("fib")


def test_the_tree_speaks_its_rows(look, report, known):
    seen = look(report(known / "known.tare"), "view=tree")
    row = seen.page.locator(".calltree [aria-level]").first
    spoken = "<module>, 84.8 percent total, 0.0 percent own, 2 callees"
    assert row.get_attribute("aria-label") == spoken
    row.focus()
    seen.press("ArrowDown")
    assert "box" in seen.state()


def test_the_box_stays_when_the_view_changes(look, report, known):
    seen = look(report(known / "known.tare"))
    seen.in_chart("ArrowDown", "ArrowDown", "ArrowRight")
    assert seen.box() == "fib"
    seen.press("7")
    selected = seen.page.locator("[aria-selected=true]").first.get_attribute("aria-label")
    assert selected.startswith("fib, 33.3 percent total")
    seen.press("2")
    assert seen.box() == "fib"


def test_keys_act_on_the_row_that_has_the_focus(look, report, known):
    seen = look(report(known / "known.tare"), "view=table")
    seen.page.locator(".functions .name-cell", has_text="fib").click()
    seen.settle()
    seen.press("Home", "ArrowDown", "ArrowUp")
    name = seen.text(".functions [tabindex='0'][aria-rowindex] .name-cell")
    assert name == "Reader.parse"
    seen.press("f")
    assert seen.state()["steps"] == f"focus:{seen.state()['function']}"
    assert seen.page.locator(".functions .name-cell", has_text="<module>").count() == 0
    seen.press("u")  # one step: to move the focus was none
    assert "steps" not in seen.state()


def test_a_row_s_button_leaves_no_zoom_behind(look, report, known):
    seen = look(report(known / "known.tare"), "view=table&range=0.1_0.2")
    row = seen.page.locator(".functions .grid-row", has_text="fib").first
    row.hover()
    row.locator("button", has_text="focus").click()
    seen.settle()
    assert seen.state()["steps"].startswith("focus:")
    assert "range" not in seen.state()
    seen.press("u")
    assert seen.state()["range"] == "0.1_0.2"


@pytest.mark.parametrize("key, view", [("8", "table"), ("1", "icicle")])
def test_digits_leave_the_tree(look, report, known, key, view):
    seen = look(report(known / "known.tare"), "view=tree")
    seen.page.locator(".calltree [aria-level]").first.focus()
    seen.press(key)
    assert seen.state()["view"] == view


def test_search_and_help_are_reached_from_the_tree(look, report, known):
    seen = look(report(known / "known.tare"), "view=tree")
    seen.page.locator(".calltree [aria-level]").first.focus()
    seen.press("/")
    assert seen.page.evaluate("document.activeElement.type") == "search"
    seen.page.locator(".calltree [aria-level]").first.focus()
    seen.press("?")
    assert seen.page.locator("dialog[open]").count() == 1
