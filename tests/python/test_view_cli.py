"""tare view: what it writes and serves, what it says, what it refuses, how it ends."""

import gzip
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.request

import pytest
from builder import NS
from tare.viewer import browser as browsers
from test_view_page import Document, blocks

ADDRESS = re.compile(r"^tare view: (http://127\.0\.0\.1:(\d+)/[\w-]{22,}/)  Ctrl-C ends it\n$")
NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": "", "SSH_CONNECTION": ""}


@pytest.fixture
def file(make, saved, folder):
    (folder / "work.py").write_text("def hot():\n    pass\n")
    builder = make(target__cwd=str(folder))
    return saved(builder.sample([("main",), ("hot",)], ns=3 * NS).program(python_ns=3 * NS))


@pytest.fixture
def start(tare):
    """A tare view that serves, and its address."""
    started = []

    def call(*arguments, env=NO_DISPLAY, **options):
        process = tare("view", *arguments, run=subprocess.Popen, env=env, **options)
        started.append(process)
        found = ADDRESS.match(process.stdout.readline())
        assert found, process.communicate()
        return process, found[1]

    yield call
    for process in started:
        process.kill()
        process.communicate()


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def hold(url):
    """Looks at the page, as a browser does, until it is closed."""
    stream = urllib.request.urlopen(url + "alive", timeout=30)
    assert stream.readline().startswith(b"retry:")
    return stream


def one_line(text):
    assert text.startswith("tare: ") and text.count("\n") == 1, text
    return text


# ---- a file ----


def test_it_writes_one_file_and_prints_its_name(tare, file, folder):
    done = tare("view", file, "-o", "report.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "report.html\n", "")
    page = (folder / "report.html").read_bytes()
    document = Document(page)
    assert document.text_of("title") == ["profile.tare - Tare"]
    assert not document.meta("tare-live")
    assert "work.py:1(hot)" in [text for tag, text in document.texts if tag == "td"]
    (*_, (kind, _, sources)) = blocks(page)
    assert kind == "sources"
    assert [text["path"] for text in json.loads(sources)["files"]] == ["work.py"]
    assert not re.search(rb'(?:src|href)="(?!data:,")', page)


def test_it_is_the_same_each_time(tare, file, folder):
    pages = [tare("view", file, "-o", "-", text=False).stdout for _ in range(2)]
    assert pages[0] == pages[1] and pages[0].startswith(b"<!doctype html>")
    tare("view", file, "-o", "x.html")
    assert (folder / "x.html").read_bytes() == pages[0]


def test_verbose_says_how_large_and_quiet_nothing(tare, file):
    done = tare("view", "-v", file, "-o", "x.html")
    assert re.search(r"wrote [\d.]+ KiB, with the sources of 1 file \(0 left out", done.stderr)
    done = tare("view", "-q", file, "-o", "y.html")
    assert (done.stdout, done.stderr) == ("", "")


def test_without_sources_there_are_none(tare, make, saved, folder):
    (folder / "work.py").write_text("password = 'from the file'\n")
    function = ("f", str(folder / "work.py"), 1)
    builder = make().begun(function, 1).hit(function, 1, 1, NS)
    path = saved(builder.source(function, "password = 'kept'\n"))
    for arguments, env, count in (
        ([], {}, 1), (["--no-source"], {}, 0), ([], {"TARE_NO_SOURCE": "1"}, 0),
        (["--source"], {"TARE_NO_SOURCE": "1"}, 1),
    ):  # fmt: skip
        page = tare("view", path, "-o", "-", *arguments, env=env, text=False).stdout
        found = blocks(page)
        assert len(json.loads(found[-1][2])["files"]) == count
        assert b"'kept'" not in found[0][2]
        assert (b"password" in b"".join(data for _, _, data in found)) == bool(count)


def test_several_profiles_are_told_apart(tare, make, saved, folder):
    paths = []
    for name in ("before", "after"):
        (folder / name).mkdir()
        paths.append(saved(make().sample([("f",)]).program(python_ns=NS), f"{name}/run.tare"))
    page = tare("view", "before/run.tare", "after/run.tare", "-o", "-", text=False).stdout
    names = [name for kind, name, _ in blocks(page) if kind == "profile"]
    assert names == ["before/run.tare", "after/run.tare"]
    page = tare("view", paths[0], "-o", "-", text=False).stdout
    assert blocks(page)[0][1] == "run.tare"


def test_an_existing_file_is_kept_unless_asked(tare, file, folder):
    (folder / "x.html").write_text("precious")
    done = tare("view", file, "-o", "x.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "write x.html: File exists; add --overwrite" in one_line(done.stderr)
    assert (folder / "x.html").read_text() == "precious"
    assert tare("view", file, "-f", "-o", "x.html").returncode == 0
    assert (folder / "x.html").read_bytes().startswith(b"<!doctype")


def test_reports_are_for_their_owner(tare, file, folder):
    path = folder / "x.html"
    assert tare("view", file, "-o", "x.html").returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_foreign_numbers_of_any_length_are_survived(tare, make, saved, folder):
    builder = make(created_unix_ns="9" * 5000, sampler__rate_hz="8" * 5000)
    function = ("f", "work.py", 1)
    builder.meta["source:work.py:" + "1" * 5000] = "x = 1\n"
    path = saved(builder.begun(function, 1).hit(function, 1, 1, NS))
    done = tare("view", path, "-o", "x.html")
    assert (done.returncode, done.stderr) == (0, "")
    shown = tare("report", path)
    assert (shown.returncode, shown.stderr) == (0, "")


def test_a_partial_profile_is_shown_and_said(tare, make, saved):
    path = saved(make().sample([("f",)]).program(python_ns=NS), complete=False)
    done = tare("view", path, "-o", "x.html")
    assert (done.returncode, done.stdout) == (4, "x.html\n")
    assert "ends before the measurement did" in one_line(done.stderr)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "view: the following arguments are required: FILE"),
        (["missing.tare"], "missing.tare: No such file or directory; check the name"),
        (["missing.tare", "-o", "x.html"], "missing.tare: No such file or directory"),
        (["FILE", "missing.tare", "-o", "x.html"], "missing.tare: No such file"),
        (["."], "read .: it is not a regular file"),
        (["fifo"], "read fifo: it is not a regular file; write it to a file first"),
        (["junk"], "import junk: it is in no format that Tare knows; if it is one of these, say "
                   "tare import junk --from pstats|"),
        (["FILE", "cut.gz"], "import cut.gz: inflate the file: it is cut short; give a whole file"),
        (["FILE", "-o", "no/such/x"], "write no/such/x: No such file or directory; create"),
        (["FILE", "-o", "."], "write .: Is a directory"),
        (["FILE", "-o", "/dev/null/x"], "write /dev/null/x: Not a directory"),
        (["FILE", "-o", "/dev/full", "-f"], "write /dev/full: No space left on device"),
        (["FILE", "-o", "x", "--port", "80"], "--port does not go with -o x; leave one out"),
        (["FILE", "-o", "x", "--browser=y"], "--browser does not go with -o x"),
        (["FILE", "--port", "65536"], "'65536' is not a port, 0 to 65535"),
        (["FILE", "--port", "-1"], "-1"),
        (["FILE", "--port", "9" * 5000], "is not a port"),
        (["FILE", "--port", "\u0661"], "is not a port"),
        (["FILE", "--browser", "no-such"], "no browser no-such; give another, its path"),
        (["FILE", "--serve"], "--serve"),
        (["--", "-o"], "read -o: No such file"),
        (["\x1b[2J\n</script>"], "read ?[2J?</script>: No such file"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(tare, file, folder, arguments, words):
    os.mkfifo(folder / "fifo")
    (folder / "junk").write_bytes(b"nothing that anyone knows")
    (folder / "cut.gz").write_bytes(gzip.compress(b"main 1\n")[:-3])
    before = sorted(folder.iterdir())
    done = tare("view", *(str(file) if word == "FILE" else word for word in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert words in one_line(done.stderr)
    assert sorted(folder.iterdir()) == before


def test_a_full_stdout_is_one_line(tare, file):
    with open("/dev/full", "w") as full:
        done = tare("view", file, "-o", "-", capture_output=False, stdout=full,
                    stderr=subprocess.PIPE)  # fmt: skip
    assert done.returncode == 2
    assert "write -: No space left on device" in one_line(done.stderr)


def test_a_closed_pipe_is_no_mistake(tare, file):
    process = tare("view", file, "-o", "-", run=subprocess.Popen)
    process.stdout.close()
    assert process.wait(30) in (0, 141) and process.stderr.read() == ""
    process.stderr.close()


def test_hostile_file_names_act_nowhere(tare, make, saved, folder):
    evil = '"><img src=x>\u202e\udcff.tare'
    saved(make().sample([("f",)]).program(python_ns=NS), evil)
    done = tare("view", evil, "-o", "x.html")
    assert done.returncode == 0, done.stderr
    document = Document((folder / "x.html").read_bytes())
    assert document.text_of("title") == ['"><img src=x>\\u202e\\xff.tare - Tare']
    assert document.all("img") == []


# ---- served ----


def test_it_serves_the_page_until_it_is_closed(start, file):
    process, url = start(file, "--no-browser")
    page = get(url)
    assert Document(page).meta("tare-live") == ["alive"]
    assert blocks(page)[0][:2] == ("profile", "profile.tare")
    hold(url).close()
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT])
def test_interrupting_it_is_no_mistake(start, file, number):
    process, url = start(file, "--no-browser")
    stream = hold(url)
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")
    stream.close()


def test_two_at_once(start, file):
    (one, first), (two, second) = start(file, "--no-browser"), start(file, "--no-browser")
    assert get(first) == get(second) and first != second
    one.send_signal(signal.SIGINT)
    one.communicate(timeout=30)
    get(second)


def test_a_port_can_be_asked_for_and_may_be_taken(start, tare, file):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = tare("view", file, "--no-browser", "--port", port)
        assert (done.returncode, done.stdout) == (2, "")
        words = f"view: listen on 127.0.0.1:{port}: Address already in use; leave --port out"
        assert words in one_line(done.stderr)
    _, url = start(file, "--no-browser", "--port", port)
    assert f":{port}/" in url
    get(url)


def test_verbose_says_what_is_served(start, file):
    process, _ = start(file, "--no-browser", "-v")
    assert "serving" in process.stderr.readline()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "no browser here: open the address in one, or write a file with -o report.html"),
        ({"SSH_CONNECTION": "a b c d"}, "where yours is, run ssh -L "),
        ({"BROWSER": "w3m"}, "no browser here"),
        ({"BROWSER": "/no/such/lynx"}, "no browser here"),
    ],
)
def test_without_a_display_it_serves_all_the_same(start, file, environ, words):
    process, url = start(file, env={**NO_DISPLAY, **environ})
    assert words in one_line(process.stderr.readline())
    get(url)


@pytest.fixture
def browser(tmp_path):
    """A browser that writes down what it was asked to open."""
    path = tmp_path / "browse"
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{tmp_path}/opened\nexit ${{CODE:-0}}\n')
    path.chmod(0o755)
    return path


def opened(browser):
    path = browser.parent / "opened"
    for _ in range(3000):
        if path.exists() and path.read_text():
            return path.read_text()
        signal.sigtimedwait([], 0.01)
    raise AssertionError("nothing was opened")


@pytest.mark.parametrize("how", ["environment", "flag", "setting", "stronger"])
def test_it_opens_the_browser(start, file, browser, how):
    arguments, environ = [], {}
    if how == "environment":
        environ = {"BROWSER": str(browser)}
    elif how == "setting":
        environ = {"TARE_BROWSER": str(browser)}
    else:
        arguments = ["--browser", str(browser)]
        environ = {"TARE_NO_BROWSER": "1"} if how == "stronger" else {}
    _, url = start(file, *arguments, env={**NO_DISPLAY, **environ})
    assert opened(browser) == url + "\n"


def test_a_browser_that_fails_is_said(start, file, browser):
    environ = {**NO_DISPLAY, "BROWSER": str(browser), "CODE": "1"}
    process, url = start(file, env=environ)
    assert "the browser did not start; open the address yourself" in process.stderr.readline()
    get(url)


@pytest.mark.parametrize("how", ["flag", "setting"])
def test_no_browser_opens_none(start, file, browser, how):
    environ = {**NO_DISPLAY, "BROWSER": str(browser)}
    arguments = ["--no-browser"] if how == "flag" else []
    process, url = start(file, *arguments, env=environ if arguments else
                         {**environ, "TARE_NO_BROWSER": "1"})  # fmt: skip
    get(url)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30) == ("", "")
    assert not (browser.parent / "opened").exists()


def test_quiet_prints_the_address_only_where_it_is_needed(start, tare, file, browser):
    process, url = start(file, "-q", env=NO_DISPLAY)
    get(url)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30) == ("", "")
    environ = {**NO_DISPLAY, "BROWSER": str(browser)}
    process = tare("view", file, "-q", run=subprocess.Popen, env=environ)
    url = opened(browser).strip()
    hold(url).close()
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


def test_text_browsers_are_not_started_by_themselves(monkeypatch):
    class Terminal:
        name = "/usr/bin/lynx"

    monkeypatch.setattr(browsers.webbrowser, "get", lambda name=None: Terminal())
    assert browsers.find_browser(None, {"DISPLAY": ":0"}) is None
    assert isinstance(browsers.find_browser("lynx", {}), Terminal)  # asked for


def test_long_steps_are_shown_and_erased(capfd, monkeypatch):
    import argparse

    from tare.cli.progress import Steps

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    steps = Steps(argparse.Namespace(quiet=False), is_long=True)
    steps.begin("reading \x1b.tare")
    steps.begin("adding up")
    steps.erase()
    shown = "\r\x1b[Ktare: reading \\x1b.tare\r\x1b[Ktare: adding up\r\x1b[K"
    assert capfd.readouterr().err == shown
    short = Steps(argparse.Namespace(quiet=False), is_long=False)
    short.begin("reading")
    short.erase()
    assert capfd.readouterr().err == ""
