"""tare lab as people use it: the list, text, JSON, the page, mistakes."""

import json
import re
from html.parser import HTMLParser

import pytest

from tare.comparing.machine import Watch
from tare.lab.catalogue import BY_NAME
from tare.lab.model import Result
from tare.lab.running import Session, make
from tare.render.lab_page import page

VOID = ("meta", "br")


class Checker(HTMLParser):
    """Every tag is closed in its turn."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.links, self.ids = set(), set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids.add(given.get("id"))
        if tag == "a":
            self.links.add(given["href"])
        assert not {"src", "onclick", "onload"} & given.keys()
        assert tag not in ("script", "link", "img", "iframe")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def session(direct):
    results = [make(direct, experiment) for experiment in BY_NAME.values() if experiment.name in
               ("growth", "insert", "clocks", "cache")]
    results.append(Result(BY_NAME["pi"], None, "no luck <here>", 0.1))
    return Session(results, "CPython 3.11 <odd>", "/bin/python", Watch().end(), True, 1.0)


def test_page_stands_alone(session):
    text = page(session)
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    assert checker.links == {f"#{name}" for name in checker.ids if name}
    outside = {"http://www.w3.org/2000/svg"}
    assert set(re.findall(r"https?://[^\"' )]+", text)) <= outside
    assert "url(" not in text and "@import" not in text
    assert "prefers-color-scheme: dark" in text and "width=device-width" in text
    assert "no luck &lt;here&gt;" in text and "<odd>" not in text
    assert text.count("<svg") == 4  # two of growth, one of insert, one of clocks


def test_json(session):
    document = json.loads(json.dumps(session.to_dict(), allow_nan=False))
    assert document["schema"] == "tare.lab/1"
    found = {one["name"]: one for one in document["experiments"]}
    assert found["pi"]["trouble"] == "no luck <here>" and found["insert"]["trouble"] is None
    trials = found["insert"]["trials"]
    assert [trial["n"] for trial in trials] == [10, 100]
    assert set(trials[0]["ratio"]) == {"value", "low", "high"}


def test_list(tare_cli):
    code, out, _ = tare_cli()
    assert code == 0 and all(name in out for name in BY_NAME)
    assert max(map(len, out.split("\n"))) <= 80
    code, out, _ = tare_cli("--json")
    assert [one["name"] for one in json.loads(out)["experiments"]] == list(BY_NAME)


def test_insert_at_the_front_is_far_slower_in_the_end(tare_cli):
    """In fresh processes: what is 60 times faster here is at least 5 times faster anywhere."""
    code, out, err = tare_cli("insert", "--quick", "--json")
    assert code == 0 and err == ""
    trials = json.loads(out)["experiments"][0]["trials"]
    assert [trial["n"] for trial in trials] == [10, 1_000, 10_000]
    assert trials[-1]["verdict"] == "faster" and trials[-1]["ratio"]["value"] > 5
    assert trials[-1]["ratio"]["value"] > 2 * trials[0]["ratio"]["value"]


def test_growth_as_text_and_as_page(tare_cli, tmp_path):
    code, out, _ = tare_cli("growth", "--quick")
    assert code == 0 and "How a list grows" in out and "asks for memory" in out
    assert max(map(len, out.split("\n"))) <= 80
    code, out, err = tare_cli("growth", "--quick", "-o", "lab.html")
    assert code == 0 and out == "" and err == "tare: wrote lab.html\n"
    assert (tmp_path / "lab.html").read_text().startswith("<!DOCTYPE html>")
    code, out, err = tare_cli("growth", "--quick", "-o", "lab.html")
    assert code == 2 and err.count("\n") == 1 and "--overwrite" in err


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("nosuch",), "no such experiment; there are growth, insert"),
        (("--all", "sets"), "give one"),
        (("-o", "x.html"), "name some, or give --all"),
        (("sets", "--python", "/dev/null"), "give the path of a Python interpreter"),
    ],
)
def test_mistakes_are_one_line(tare_cli, arguments, words):
    code, out, err = tare_cli(*arguments)
    assert code in (2, 3) and out == ""
    assert err.count("\n") == 1 and err.startswith("tare: lab") and words in err
