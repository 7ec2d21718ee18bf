"""Names that would be markup, scripts or paths, and pages that were cut: nothing runs, and all of
it is shown.

look() itself fails a test whose page asks for anything, opens a dialog or writes an error.
"""

import re

import pytest

VIEWS = ("icicle", "sunburst", "time", "sandwich", "inverted", "tree", "table", "source",
         "counters", "about")


@pytest.mark.parametrize("view", VIEWS)
def test_hostile_names_are_text(look, report, known, view):
    seen = look(report(known / "hostile.tare"), f"view={view}")
    assert seen.page.locator("#app script, #app img, #app iframe, #app object").count() == 0
    seen.press("?")


def test_markup_in_names_is_shown_as_it_is(look, report, known):
    seen = look(report(known / "hostile.tare"), "view=table")
    assert "</script>" in seen.text("main")


@pytest.fixture(scope="module")
def injected(tmp_path_factory):
    """A traced program whose functions, files and arguments are attempts."""
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("injected")
    names = [
        "</script><script>window.pwned=1</script>",
        "<img src=x onerror=window.pwned=1>",
        "\"><svg onload=window.pwned=1>",
        "javascript:window.pwned=1",
        "'\"&lt;b&gt;",
        "{{constructor.constructor('window.pwned=1')()}}",
        "`${window.pwned=1}`",
        "\u2028window.pwned=1//",
        "]]>--><!--",
    ]
    script = folder / "<img src=x onerror=window.pwned=1>.py"
    script.write_text(
        f"import sys\nnames = {names!r}\n"
        "for name in names:\n"
        "    space = {}\n"
        "    code = compile('def f():\\n    return sum(range(20000))\\n', name, 'exec')\n"
        "    exec(code, space)\n"
        "    f = space['f']\n"
        "    f.__code__ = f.__code__.replace(co_name=name, co_qualname=name)\n"
        "    f()\n")
    profile = folder / "<svg onload=window.pwned=1>.tare"
    subprocess.run([sys.executable, "-m", "tare", "trace", "-q", "-o", profile, script, *names],
                   check=True)
    return profile


@pytest.mark.parametrize("view", VIEWS)
def test_injected_markup_never_runs(look, report, injected, view):
    seen = look(report(injected), f"view={view}")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        seen.page.keyboard.press(key)
    seen.press("?")
    assert seen.page.evaluate("window.pwned") is None
    assert seen.page.locator("#app script, #app img, #app iframe, #app svg").count() == 0


def test_injected_markup_in_a_link_never_runs(look, report, known):
    state = "search=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&steps=module:%3Cb%3E&zoom=~%3Ci%3E"
    seen = look(report(known / "known.tare"), state)
    assert "<b> as one box" in seen.text(".chips .chip")


def test_a_page_that_was_cut_says_so(chromium, report, known, tmp_path):
    text = report(known / "known.tare").read_text()
    cut = tmp_path / "cut.html"
    cut.write_text(re.sub(r'(data-kind="profile"[^>]*>[A-Za-z0-9+/]{400})[^<]*', r"\1", text))
    page = chromium.new_page()
    page.goto(cut.as_uri())
    page.wait_for_selector("[role=alert]")
    assert page.locator("[role=alert]").inner_text().startswith("This report cannot be shown")
    page.close()


def test_without_scripts_the_hottest_functions_can_be_read(chromium, report, known):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report(known / "known.tare").as_uri())
    assert "Reader.parse" in page.locator("body").inner_text()
    context.close()


def test_a_frame_in_a_notebook_shows_it(chromium, report, known, tmp_path):
    """srcdoc and sandbox: no address, no storage, no cookies."""
    import html

    page_text = report(known / "known.tare").read_text()
    outer = tmp_path / "notebook.html"
    outer.write_text(f'<iframe sandbox="allow-scripts allow-downloads" width="1200" height="700" '
                     f'srcdoc="{html.escape(page_text)}"></iframe>')
    page = chromium.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(outer.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("header h1").wait_for()
    page.wait_for_timeout(500)
    frame.locator("canvas.chart").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(300)
    assert frame.locator(".box-name").inner_text() == "<module>"
    assert problems == []
    page.close()
