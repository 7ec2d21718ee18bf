"""The page as `tare view` serves it: one address, one page, and an end."""

import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest


@pytest.fixture
def served(known):
    command = [sys.executable, "-m", "tare", "view", "--no-browser", known / "known.tare"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    address = None
    while address is None:
        line = process.stdout.readline()
        assert line, "it ended before it had an address"
        address = re.search(r"http://127\.0\.0\.1:\d+/\S+/", line)
    yield address.group(), process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_page_is_shown_and_its_end_is_the_servers(chromium, served):
    address, process = served
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".details .box-name")
    page.reload(wait_until="commit")
    page.wait_for_selector(".details .box-name")
    page.wait_for_timeout(500)
    assert process.poll() is None
    assert problems == []
    assert set(asked) == {address, f"{address}alive"}
    context.close()
    assert process.wait(timeout=60) == 0


def test_another_page_cannot_read_it(chromium, served, tmp_path):
    address, _process = served
    stranger = tmp_path / "stranger.html"
    stranger.write_text(f"<iframe src='{address}'></iframe><script>"
                        f"fetch('{address}').then((r) => r.text()).then((t) => document.title = t,"
                        "() => document.title = 'refused')</script>")
    page = chromium.new_page()
    page.goto(stranger.as_uri())
    page.wait_for_function("document.title !== ''")
    assert page.title() == "refused"
    assert page.frames[1].locator("canvas.chart").count() == 0
    page.close()


def test_other_addresses_are_refused(served):
    address, _process = served
    for other in (address[:-3], re.sub(r"/[^/]+/$", "/", address), address + "../etc/passwd"):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(other)
