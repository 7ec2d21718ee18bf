"""A report that is looked at: what people see of it, and what it did besides."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs

# The colours of a few hundred points of the chart.
COLOURS = """() => {
  const canvas = document.querySelector("canvas.chart");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4 * 97)
    seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  return [...seen];
}"""


# By the page's own clock, so that it has done what came before however busy the machine is: a
# frame, longer than the address waits, and a frame.
SETTLED = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(
  () => requestAnimationFrame(() => setTimeout(done)), 120)))"""
PATIENCE_MS = 8000  # for what is there already, on a busy machine


class Look:
    """One page. Nothing but the file may be asked for, and no script may fail."""

    def __init__(self, browser, path: Path, state: str = "", **options: object) -> None:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        options.setdefault("reduced_motion", "reduce")
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.path = path
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", self.refuse)
        self.page.on("console", self.note)
        self.page.goto(path.as_uri() + (f"#{state}" if state else ""))
        self.page.wait_for_selector("header h1")
        self.settle()

    def refuse(self, dialog) -> None:
        self.problems.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def note(self, message) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def settle(self) -> None:
        """Until what was asked for is drawn, and the address follows the view."""
        self.page.evaluate(SETTLED)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def in_chart(self, *keys: str) -> None:
        self.page.locator("canvas.chart").focus()
        self.press(*keys)

    def go_to(self, name: str) -> None:
        """Down the heaviest path to a function."""
        for _ in range(12):
            if self.box() == name:
                return
            self.in_chart("ArrowDown")
        raise AssertionError(f"{name} is not on the heaviest path")

    def choose(self, name: str) -> None:
        """The heaviest box of a function, by the table."""
        self.press("8")
        self.page.locator(".functions .name-cell", has_text=re.compile(f"^{name}$")).click()
        self.settle()
        self.press("1")

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()

    def texts(self, selector: str) -> list[str]:
        return self.page.locator(selector).all_inner_texts()

    def colours(self) -> list[int]:
        return self.page.evaluate(COLOURS)

    def state(self) -> dict[str, str]:
        """The link of the view, taken apart."""
        fragment = self.page.evaluate("location.hash.slice(1)")
        return {name: values[0] for name, values in parse_qs(fragment).items()}

    def details(self) -> dict[str, list[str]]:
        """The numbers beside the chart, by what they are."""
        rows = self.page.locator(".details .numbers tr").all()
        found = {}
        for row in rows:
            cells = row.locator("td").all_inner_texts()
            if cells:
                found[row.locator("th").inner_text()] = cells
        return found

    def box(self) -> str:
        """The name of the box that the details are of."""
        return self.text(".details .box-name")

    def said(self) -> str:
        return self.page.locator("#said").inner_text()

    def close(self) -> None:
        self.context.close()
        assert all(url.startswith(("file:", "blob:", "data:")) for url in self.requests)
        assert len([url for url in self.requests if url.startswith("file:")]) == 1
        assert self.problems == []
