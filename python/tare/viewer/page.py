"""A report as one HTML file that loads nothing, or as the page that the local server shows.

    <!doctype html>
    head: Content-Security-Policy, charset, title
    body: <div id="app">, what can be read without scripts,
          <script type="application/octet-stream" data-kind="profile" data-name="...">  each profile
          <script type="application/octet-stream" data-kind="sources">                 the sources
          <script type="application/octet-stream" data-kind="style">      the viewer's style
          <script type="application/octet-stream" data-kind="script">     and its script
          <script>  LOADER, which unpacks both and adds them

The policy allows these two scripts and this style, by their hashes, and nothing else. Data and the
viewer are compressed, which halves a small page, and base64, which cannot end its element. All
other text that is not Tare's own goes through quote(). The same input gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from tare.errors import Error
from tare.render import units
from tare.text import printable, standard_name
from tare.viewer.hottest import Functions, functions_of
from tare.viewer.sources import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.render.report import Report

FOLDER = os.path.dirname(os.path.abspath(__file__))
COMPRESSION = 4  # of zlib: 5 % more bytes than 6 in a quarter of the time; always the same
MOST_ROWS = 20
MOST_NAMED = 3  # in the title
LOADER = """\
(async () => {
  for (const name of ["style", "script"]) {
    const packed = document.querySelector(`script[data-kind="${name}"]`);
    const bytes = Uint8Array.from(atob(packed.textContent), (sign) => sign.charCodeAt(0));
    const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const element = document.createElement(name);
    element.textContent = await new Response(text).text();
    document.body.append(element);
  }
})();
"""


class Bundle(NamedTuple):
    """The viewer: one script and one style."""

    script: str
    style: str


class Shown(NamedTuple):
    """One profile of a page."""

    name: str
    columns: bytes  # Profile.columns()
    functions: Functions  # for those who read without scripts


def load_bundle(folder: str = FOLDER) -> Bundle:
    return Bundle(read_part(folder, "viewer.js"), read_part(folder, "viewer.css"))


def read_part(folder: str, name: str) -> str:
    path = os.path.join(folder, name)
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        words = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Error(f"read the viewer, {path}: {words}; install Tare again") from None


def show(report: Report, name: str) -> Shown:
    return Shown(name, report.profile.columns(), functions_of(report))


def build_page(
    profiles: Sequence[Shown],
    sources: Sources,
    *,
    live: bool = False,
    state: str = "",
    bundle: Bundle | None = None,
) -> bytes:
    """The page in UTF-8.

    live: it is served, and keeps a connection to "alive" open beside itself for as long as it is
    looked at. state: what the viewer begins with, as its addresses have it.
    """
    bundle = bundle or load_bundle()
    text = "\n".join(
        (
            *head(profiles, bundle, live, state),
            *body(profiles),
            *(data("profile", shown.columns, shown.name) for shown in profiles),
            data("sources", encode_sources(sources)),
            data("style", bundle.style.encode()),
            data("script", bundle.script.encode()),
            f"<script>{LOADER}</script>",
            "</body>",
            "</html>",
            "",
        )
    )
    return text.encode()


def quote(text: str) -> str:
    """Foreign text in an element or a quoted attribute: it neither acts nor hides anything."""
    return html.escape(printable(text))


# ---- head ----


def head(profiles: Sequence[Shown], bundle: Bundle, live: bool, state: str) -> list[str]:
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        f'<meta http-equiv="Content-Security-Policy" content="{policy(bundle, live)}">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{quote(title_of(profiles))}</title>",
        '<link rel="icon" href="data:,">',
    ]
    if live:
        lines.append('<meta name="tare-live" content="alive">')
    if state:
        lines.append(f'<meta name="tare-state" content="{quote(state)}">')
    return [*lines, "</head>"]


def policy(bundle: Bundle, live: bool) -> str:
    parts = [
        "default-src 'none'",
        f"script-src '{digest(LOADER)}' '{digest(bundle.script)}'",
        f"style-src '{digest(bundle.style)}'",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if live:
        parts.append("connect-src 'self'")
    return "; ".join(parts)


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def title_of(profiles: Sequence[Shown]) -> str:
    names = [shown.name for shown in profiles[:MOST_NAMED]]
    if len(profiles) > MOST_NAMED:
        names.append(f"{len(profiles) - MOST_NAMED} more")
    return f"{', '.join(names)} - Tare"


# ---- body ----


def data(kind: str, content: bytes, name: str | None = None) -> str:
    """A block that no browser runs: its type is no script's."""
    named = "" if name is None else f' data-name="{quote(name)}"'
    text = base64.b64encode(zlib.compress(content, COMPRESSION)).decode()
    return f'<script type="application/octet-stream" data-kind="{kind}"{named}>{text}</script>'


def encode_sources(sources: Sources) -> bytes:
    return json.dumps(sources.document(), ensure_ascii=False, separators=(",", ":")).encode()


def body(profiles: Sequence[Shown]) -> list[str]:
    lines = ["<body>", '<div id="app"></div>', "<noscript>"]
    lines.append(
        "<p>This is a report of Tare, a profiler. Its charts, tables and sources need scripts; "
        "they are in this file, and nothing is loaded from anywhere. Without them, the "
        "functions with the most time:</p>"
    )
    for shown in profiles:
        lines += table(shown)
    return [*lines, "</noscript>"]


def table(shown: Shown) -> list[str]:
    functions = shown.functions
    whole = units.duration(functions.whole_ns)
    lines = [
        "<table>",
        f"<caption>{quote(shown.name)}: {whole}</caption>",
        '<thead><tr><th scope="col">self</th><th scope="col">total</th>'
        '<th scope="col">function</th></tr></thead>',
        "<tbody>",
    ]
    for row in functions.rows[:MOST_ROWS]:
        place = standard_name(row.qualname, row.file, row.first_line, row.kind)
        shares = (row.self_ns / functions.whole_ns, row.total_ns / functions.whole_ns)
        cells = [*map(units.percent, shares), quote(place)]
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return [*lines, "</tbody>", "</table>"]
