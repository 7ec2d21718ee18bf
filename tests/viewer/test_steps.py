"""What people do to a tree: focus, hide, collapse, merge, search, threads, and taking it back."""

import pytest


def total(seen) -> str:
    seen.in_chart("Home")
    return seen.details()["total"][0]


@pytest.fixture
def seen(look, report, known):
    return look(report(known / "known.tare"))


def choose(seen, name: str) -> None:
    """The first box of that name: parse and fib stand below <module>."""
    seen.in_chart("ArrowDown", "ArrowDown")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown"):
        if seen.box() == name:
            return
        seen.in_chart(key)
    assert seen.box() == name


def test_focus_leaves_only_a_function_and_what_it_calls(seen):
    choose(seen, "fib")
    seen.press("f")
    assert seen.texts(".chips .chip")[0].startswith("only fib")
    seen.page.mouse.move(5, 5)
    assert total(seen) == "11 ms"


def test_hidden_time_is_the_callers(seen):
    """fib calls itself twice; hidden, its 8 ms are <module>'s own."""
    choose(seen, "fib")
    seen.press("h")
    assert total(seen) == "33 ms"
    seen.in_chart("ArrowDown")
    assert seen.box() == "<module>"
    assert seen.details()["own"][0] == "8 ms"


def test_left_out_takes_its_time_with_it(seen):
    choose(seen, "fib")
    seen.press("x")
    assert total(seen) == "22 ms"


def test_recursion_merges_into_the_first_call(seen):
    seen.press("r")
    choose(seen, "fib")
    assert seen.details()["own"][0] == "8 ms"
    seen.in_chart("ArrowDown")
    assert seen.box() == "Reader.parse"


def test_a_module_is_one_box(seen):
    """main.py holds <module> and fib, one below the other."""
    choose(seen, "fib")
    seen.press("m")
    seen.in_chart("ArrowDown")
    assert seen.box() == "main"
    assert seen.details()["total"][0] == "28 ms"
    assert seen.details()["own"][0] == "8 ms"


def test_steps_are_taken_back_one_by_one(seen):
    choose(seen, "fib")
    seen.press("h")
    seen.press("r")
    assert len(seen.texts(".chips .chip")) == 2
    seen.page.locator(".chips .chip").first.click()
    seen.settle()
    assert len(seen.texts(".chips .chip")) == 1
    seen.press("u")
    assert len(seen.texts(".chips .chip")) == 2
    seen.press("z")
    assert seen.texts(".chips .chip") == []


def test_found_time_counts_once(seen):
    """fib is on the stack three times; with parse under <module> it is 28 of 33."""
    seen.press("/")
    seen.page.keyboard.type("fib|parse")
    seen.settle()
    assert seen.text(".found") == "84.8% matched"
    assert seen.state()["search"] == "fib|parse"


def test_search_by_place_finds_the_function_around(seen):
    seen.press("/")
    seen.page.keyboard.type("main.py:31")
    seen.settle()
    assert seen.text(".found") == "33.3% matched"  # fib: 11 of 33


def test_what_is_no_expression_is_said(seen):
    seen.press("/")
    seen.page.keyboard.type("(")
    seen.settle()
    assert seen.text(".found").startswith("no regular expression")


def test_threads_are_shown_apart_or_left_out(look, report, known):
    page = report(known / "known.tare")
    apart = look(page, "apart=thread")
    apart.in_chart("ArrowDown")
    assert apart.box() == "thread 41 MainThread"
    assert apart.details()["total"][0] == "28 ms"
    apart.in_chart("ArrowRight")
    assert apart.details()["total"][0] == "5 ms"
    one = look(page)
    one.page.get_by_text("Options", exact=False).first.click()
    one.page.get_by_label("pool-0").uncheck()
    one.settle()
    assert one.texts(".chips .chip")[0].startswith("1 thread")
    one.page.keyboard.press("Escape")
    assert total(one) == "28 ms"


def test_focus_keeps_threads_apart(look, report, known):
    seen = look(report(known / "known.tare"), "apart=thread")
    seen.in_chart("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight")
    assert seen.box() == "fib"
    seen.press("f")
    seen.in_chart("ArrowDown")
    assert seen.box() == "thread 41 MainThread"


def test_a_link_restores_the_view(look, report, known):
    page = report(known / "known.tare")
    first = look(page)
    choose(first, "fib")
    first.in_chart("Enter")
    first.press("r", "2")
    first.press("/")
    first.page.keyboard.type("parse")
    first.settle()
    link = first.page.evaluate("location.hash.slice(1)")
    second = look(page, link)
    assert second.state() == first.state()
    assert second.box() == first.box()
    assert second.texts(".chips .chip") == first.texts(".chips .chip")
    assert second.text(".found") == first.text(".found")
    assert second.page.locator(".screens [aria-pressed=true]").inner_text() == "Flame"


def test_a_broken_link_shows_the_beginning(look, report, known):
    broken = "view=nosuch&files=9-8&zoom=%E0%A4%A&depth=x&steps=focus:99"
    seen = look(report(known / "known.tare"), broken)
    assert seen.state()["view"] == "icicle"


def test_every_key_of_the_help_does_something(seen):
    seen.press("?")
    assert seen.page.locator("dialog[open]").count() == 1
    assert len(seen.texts("dialog kbd")) > 20
    seen.press("Escape")
    assert seen.page.locator("dialog[open]").count() == 0
    for key, view in (("1", "icicle"), ("2", "flame"), ("3", "sunburst"), ("4", "time"),
                      ("5", "sandwich"), ("6", "inverted"), ("7", "tree"), ("8", "table"),
                      ("9", "source"), ("0", "counters"), ("a", "about")):
        seen.press(key)
        assert seen.state()["view"] == view


def test_arrows_say_where_they_went(seen):
    seen.in_chart("ArrowDown")
    assert seen.said() == "<module>, 84.8% of everything, 28 ms; 2 boxes below"
