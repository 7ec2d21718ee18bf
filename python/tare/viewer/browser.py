"""Opening a page in the user's browser, where there is one that has a window of its own."""

from __future__ import annotations

import os
import shutil
import webbrowser
from collections.abc import Mapping

# They would take the terminal that Tare is talking in.
IN_TERMINAL = frozenset(
    {"www-browser", "links", "links2", "elinks", "lynx", "w3m", "browsh", "carbonyl", "chawan"}
)
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


def find_browser(name: str | None, environ: Mapping[str, str]) -> webbrowser.BaseBrowser | None:
    """The one with that name; without one the user's, or None. LookupError: no such browser."""
    if name:
        try:
            return webbrowser.get(name)
        except webbrowser.Error:  # one that the standard library does not know
            path = shutil.which(name)
            if path is None:
                raise LookupError(name) from None
            return webbrowser.BackgroundBrowser(path)
    if not environ.get("BROWSER") and not any(environ.get(display) for display in DISPLAYS):
        return None
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return None
    return None if os.path.basename(str(getattr(found, "name", ""))) in IN_TERMINAL else found


def open_page(browser: webbrowser.BaseBrowser, url: str) -> bool:
    try:
        return browser.open(url)
    except (OSError, webbrowser.Error):
        return False
