"""tare view: profiles in the browser, or as one HTML file."""

from __future__ import annotations

import argparse
import os
import sys

from tare.cli.failure import OK, PARTIAL, Failure, check_writable
from tare.cli.loading import load_or_fail
from tare.cli.parser import make_parser, say
from tare.cli.report import flags_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    import webbrowser

    from tare.render.report import Report
    from tare.viewer.server import Server
    from tare.viewer.sources import Sources

NAMES = (
    "page_to",
    "overwrite",
    "browser",
    "no_browser",
    "port",
    "no_source",
    "quiet",
    "verbose",
)
DESCRIPTION = """\
Shows profiles in the browser: where the time went as charts and tables, and
line by line in the sources. Several files are shown in one page, two of them
beside each other. A server of its own, for this machine and this user alone,
ends when the page is closed. With -o it writes one HTML file instead, which
loads nothing and can be sent to others: it has the sources of the functions
that took time, unless --no-source."""

SERVER_FLAGS = ("--port", "--browser")  # what a file has no use for
LONG_BYTES = 8 << 20  # of profiles, beyond which people begin to wonder


def run(arguments: list[str]) -> int:
    parser = make_parser("view", "FILE... [OPTION...]", DESCRIPTION, NAMES)
    known = "a .tare file, or another tool's profile"
    parser.add_argument("files", metavar="FILE", nargs="+", help=known)
    options = parser.parse_args(arguments)
    given = flags_in(arguments)
    if options.page_to is not None:
        refuse_what_a_file_ignores(given, options)
        if options.page_to != "-":
            check_writable(options.page_to, options.overwrite)
    browser = None if options.page_to is not None else choose_browser(given, options)
    reports, page, sources = make_page(options)
    for report in reports:
        if report.partial:
            say(options, f"{report.path} ends before the measurement did: what it has is shown")
    if options.page_to is not None:
        write_page(options, page, sources)
    else:
        serve(options, page, sources, browser)
    return PARTIAL if any(report.partial for report in reports) else OK


def refuse_what_a_file_ignores(given: list[str], options: argparse.Namespace) -> None:
    """Flags only: a setting such as port is meant for the server."""
    for flag in SERVER_FLAGS:
        if flag in given:
            raise Failure(f"view: {flag} does not go with -o {options.page_to}; leave one out")


# ---- the page ----


def make_page(options: argparse.Namespace) -> tuple[list[Report], bytes, Sources]:
    from tare.cli.progress import Steps
    from tare.viewer.page import build_page, show
    from tare.viewer.sources import NONE, collect

    steps = Steps(options, sum(map(size_of, options.files)) >= LONG_BYTES)
    try:
        reports = []
        for path in options.files:
            steps.begin(f"reading {path}")
            reports.append(load_one(path))
        names = names_of(options.files)
        shown = []
        for report, name in zip(reports, names, strict=True):
            steps.begin(f"adding up {report.path}")
            shown.append(show(report, name))
        steps.begin("looking for sources")
        sources = NONE if options.no_source else collect(reports)
        steps.begin("making the page")
        page = build_page(shown, sources, live=options.page_to is None)
    finally:
        steps.erase()
    return reports, page, sources


def load_one(path: str) -> Report:
    from tare.render.report import Report

    return Report(load_or_fail(path)[0], path)


def size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0  # loading it will say what is wrong


def names_of(paths: list[str]) -> list[str]:
    """The files' names; as they were given where that would not tell them apart."""
    short = [os.path.basename(path) for path in paths]
    return short if len(set(short)) == len(short) else paths


def said_of(page: bytes, sources: Sources) -> str:
    from tare.render import units

    files = units.count(len({text.path for text in sources.files}), "file")
    return (
        f"{units.size(len(page))}, with the sources of {files} "
        f"({len(sources.left_out)} left out; the page says why)"
    )


def write_page(options: argparse.Namespace, page: bytes, sources: Sources) -> None:
    from tare.cli.writing import write
    from tare.text import printable

    write(options.page_to, page, options.overwrite)
    if options.page_to != "-" and not options.quiet:
        print(printable(options.page_to))
    if options.verbose:
        say(options, f"wrote {said_of(page, sources)}")


# ---- the server ----


def choose_browser(
    given: list[str], options: argparse.Namespace
) -> webbrowser.BaseBrowser | None:
    """None where there is none to open. A flag is stronger than a setting that says otherwise."""
    if options.no_browser and ("--no-browser" in given or "--browser" not in given):
        return None
    from tare.viewer.browser import find_browser

    try:
        return find_browser(options.browser, os.environ)
    except LookupError:
        raise Failure(
            f"view: no browser {options.browser}; give another, its path, or --no-browser"
        ) from None


def serve(
    options: argparse.Namespace,
    page: bytes,
    sources: Sources,
    browser: webbrowser.BaseBrowser | None,
) -> None:
    from tare.viewer.server import HOST, Server

    try:
        server = Server(page, options.port)
    except OSError as error:
        advice = "leave --port out to take any" if options.port else "write a file with -o"
        where = f"{HOST}:{options.port}" if options.port else HOST
        raise Failure(f"view: listen on {where}: {error.strerror}; {advice}") from None
    try:
        if browser is None or not options.quiet:
            print(f"tare view: {server.url}  Ctrl-C ends it", flush=True)
        if options.verbose:
            say(options, f"serving {said_of(page, sources)}")
        if browser is not None:
            open_beside(options, browser, server)
        elif not options.no_browser:
            say(options, no_browser_here(server))
        server.serve_until_nobody_looks()
    except KeyboardInterrupt:
        if sys.stdout.isatty():
            print()  # behind the ^C that the terminal shows


def open_beside(
    options: argparse.Namespace, browser: webbrowser.BaseBrowser, server: Server
) -> None:
    """Some browsers return when they end only."""
    from threading import Thread

    from tare.viewer.browser import open_page

    def call() -> None:
        if not open_page(browser, server.url):
            say(options, "the browser did not start; open the address yourself")

    Thread(target=call, daemon=True).start()


def no_browser_here(server: Server) -> str:
    if os.environ.get("SSH_CONNECTION"):
        return (
            "no browser here: where yours is, run ssh -L "
            f"{server.port}:127.0.0.1:{server.port} and this machine's name, and open the address "
            "there; or write a file with -o report.html"
        )
    return "no browser here: open the address in one, or write a file with -o report.html"
