"""The page of tare view: it is one valid document, loads nothing, and says what it was given."""

import base64
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from builder import NS
from tare._profile import decode
from tare.errors import Error
from tare.render.report import Report
from tare.viewer import write_report
from tare.viewer.hottest import Functions, Hot
from tare.viewer.page import (
    Bundle,
    Shown,
    build_page,
    load_bundle,
    show,
)
from tare.viewer.sources import NONE, Sources, Text

BUNDLE = Bundle("const ü = 1 < 2 && 3 > 2;\n", "body > div { color: red }\n")
VOID = {"meta", "link"}
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "<!--<script>",
    "</title><script>alert(1)</script>",
    "</noscript><script>alert(1)</script>",
    "&lt;b&gt;&amp;",
    "a\u2028b\u2029c",
    "nul\x00 bell\x07 escape\x1b[2J",
    "half \ud800 byte \udcff",
    "right \u202eto left\u202c \u2066isolated\u2069",
    "line\r\nbreak",
]


class Document(HTMLParser):
    """What is in a page; complains about elements that are not closed in their order."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.texts, self.declared = [], [], [], []
        self.feed(page.decode())
        self.close()
        assert self.open == []

    def handle_decl(self, decl):
        self.declared.append(decl)

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs), list(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        raise AssertionError(f"<{tag}/>")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data):
        raise AssertionError(data)

    def all(self, tag):
        return [attributes for name, attributes, _ in self.tags if name == tag]

    def text_of(self, tag):
        return ["".join(text for name, text in self.texts if name == tag)]

    def meta(self, name):
        return [each["content"] for each in self.all("meta") if each.get("name") == name]


def blocks(page):
    """The data of a page, without the viewer: kind, name, bytes."""
    found = re.findall(
        rb'<script type="application/octet-stream" data-kind="(\w+)"(?: data-name="([^"]*)")?>'
        rb"([A-Za-z0-9+/=]*)</script>", page,
    )  # fmt: skip
    return [(kind.decode(), name.decode(), zlib.decompress(base64.b64decode(data, validate=True)))
            for kind, name, data in found if kind not in (b"style", b"script")]  # fmt: skip


def shown(name="work.tare", columns=b"TareCol\x01\x00\xff", rows=()):
    return Shown(name, columns, Functions(10 * NS, list(rows)))


def hot(name="f", file="/srv/work.py", self_ns=4 * NS, total_ns=5 * NS):
    return Hot(name, file, 3, "python", self_ns, total_ns, False)


def build(*profiles, sources=NONE, bundle=BUNDLE, **options):
    return build_page(profiles or [shown()], sources, bundle=bundle, **options)


# ---- the document ----


def test_it_is_one_document_in_the_right_order():
    page = build(shown(rows=[hot()]), shown("b.tare"), live=True, state="view=table")
    document = Document(page)
    assert document.declared == ["doctype html"] and page.startswith(b"<!doctype html>")
    tags = [tag for tag, _, _ in document.tags]
    assert tags[:4] == ["html", "head", "meta", "meta"]
    assert document.all("meta")[0]["http-equiv"] == "Content-Security-Policy"
    assert document.all("meta")[1] == {"charset": "utf-8"} and page.index(b"charset") < 1024
    assert document.all("html") == [{"lang": "en"}]
    assert document.meta("referrer") == ["no-referrer"] and document.meta("viewport")
    assert document.text_of("title") == ["work.tare, b.tare - Tare"]
    kinds = [script.get("data-kind") for script in document.all("script")]
    assert kinds == ["profile", "profile", "sources", "style", "script", None]
    assert {"id": "app"} in document.all("div")


def test_nothing_is_loaded_from_anywhere():
    document = Document(build(shown(rows=[hot()]), live=True))
    for tag, attributes, _ in document.tags:
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in ("src", "style")
            assert not re.search(r"https?:|//|javascript:", value), (tag, name, value)
    assert [each["href"] for each in document.all("link")] == ["data:,"]


def policy_of(page):
    (policy,) = [each["content"] for each in Document(page).all("meta") if "http-equiv" in each]
    return dict(part.split(" ", 1) for part in policy.split("; "))


def digest(content):
    return f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"


def test_the_policy_allows_these_scripts_and_this_style_alone():
    page = build()
    policy = policy_of(page)
    (loader,) = re.findall(rb"<script>(.*?)</script>", page, re.S)
    style, script = (
        zlib.decompress(base64.b64decode(packed))
        for packed in re.findall(rb'data-kind="(?:style|script)">(.*?)</script>', page, re.S)
    )
    assert policy.pop("script-src") == f"{digest(loader)} {digest(script)}"
    assert policy.pop("style-src") == digest(style)
    assert policy == {
        "default-src": "'none'", "img-src": "data: blob:", "base-uri": "'none'",
        "form-action": "'none'",
    }  # fmt: skip


def test_only_a_live_page_may_connect_and_only_home():
    live = build(live=True)
    assert policy_of(live)["connect-src"] == "'self'"
    assert Document(live).meta("tare-live") == ["alive"]
    assert "connect-src" not in policy_of(build()) and not Document(build()).meta("tare-live")


def test_a_state_to_begin_with_is_passed_on():
    assert Document(build(state='a="b"&c')).meta("tare-state") == ['a="b"&c']
    assert Document(build()).meta("tare-state") == []


def test_a_viewer_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(Error, match=r"viewer\.js: No such file or directory; install Tare again"):
        load_bundle(str(tmp_path))
    (tmp_path / "viewer.js").write_bytes(b"\xff")
    with pytest.raises(Error, match="not UTF-8; install Tare again"):
        load_bundle(str(tmp_path))


# ---- data ----


def test_data_comes_back_byte_for_byte():
    columns = [bytes(range(256)) * 9, b"", b"TareCol\x01"]
    page = build(*(shown(f"{place}.tare", each) for place, each in enumerate(columns)))
    *profiles, (kind, _, sources) = blocks(page)
    assert profiles == [("profile", f"{place}.tare", each) for place, each in enumerate(columns)]
    assert kind == "sources" and json.loads(sources) == {**NONE.document()}


def test_sources_are_there_as_they_are():
    text = "x = '</script>' # \u2028 \U0001f40d\n"
    sources = Sources([Text("/srv/\udcff.py", 1, text, True)], [("/etc/\udcff", "no regular file")])
    (*_, (_, _, data)) = blocks(build(sources=sources))
    document = json.loads(data.decode())
    assert document["files"][0]["text"] == text and document["files"][0]["changed"] is True
    assert document["files"][0]["path"] == "/srv/\ufffd.py"  # as the columns spell it
    assert document["left_out"] == [{"path": "/etc/\ufffd", "why": "no regular file"}]


def test_same_input_same_bytes():
    def once():
        sources = Sources([Text("a.py", 1, "x", False)], [])
        return build(shown(rows=[hot(), hot("g")]), sources=sources)

    assert once() == once()


# ---- foreign text ----


@pytest.mark.parametrize("evil", HOSTILE)
def test_hostile_names_act_nowhere(evil):
    sources = Sources([Text("/" + evil.encode("utf-8", "replace").decode(), 1, "x\n", False)], [])
    profiles = [shown(evil, rows=[hot(evil, f"/{evil}/x.py")])]
    page = build_page(profiles, sources, state=evil, bundle=BUNDLE)
    plain = build_page([shown(rows=[hot()])], sources, state="s", bundle=BUNDLE)
    document = Document(page)
    shape = [(tag, sorted(attributes)) for tag, attributes, _ in document.tags]
    assert shape == [(tag, sorted(attributes)) for tag, attributes, _ in Document(plain).tags]
    text = page.decode()
    assert not ACTING.search(text)
    assert evil not in text
    (name,) = [each["data-name"] for each in document.all("script") if "data-name" in each]
    assert name.isprintable() and document.text_of("title") == [f"{name} - Tare"]


# ---- without scripts ----


def test_the_hottest_functions_can_be_read_without_scripts():
    rows = [hot(f"name{place}") for place in range(30)]
    document = Document(build(shown(rows=rows)))
    cells = [text for tag, text in document.texts if tag == "td"]
    assert cells[:3] == ["40.0%", "50.0%", "/srv/work.py:3(name0)"]
    assert len(cells) == 3 * 20
    assert document.text_of("caption") == ["work.tare: 10 s"]
    inside = [tag for tag, _, around in document.tags if "noscript" in around]
    assert set(inside) == {"p", "table", "caption", "thead", "tbody", "tr", "th", "td"}


def profile_of(builder):
    return decode(builder.encode())


def test_functions_of_each_kind_of_profile(make):
    sampled = make().sample([("main",), ("f",)], ns=3 * NS).program(python_ns=3 * NS)
    traced = make().call([("main",)], self_ns=NS).call([("main",), ("f",)], self_ns=2 * NS)
    lined = make().begun(("f", "/srv/a.py", 1), 1).hit(("f", "/srv/a.py", 1), 2, 1, NS)
    lined.begun(("never", "/srv/a.py", 9))
    found = {}
    for kind, builder in (("samples", sampled), ("trace", traced), ("lines", lined)):
        one = show(Report(profile_of(builder), "x"), "x").functions
        found[kind] = one.whole_ns, [(row.qualname, row.self_ns, row.total_ns) for row in one.rows]
    assert found == {
        "samples": (3 * NS, [("f", 3 * NS, 3 * NS), ("main", 0, 3 * NS)]),
        "trace": (3 * NS, [("f", 2 * NS, 2 * NS), ("main", NS, 3 * NS)]),
        "lines": (NS, [("f", NS, NS)]),
    }


def test_a_profile_without_anything_in_it(make):
    empty = show(Report(profile_of(make()), "x"), "x")
    assert Document(build(empty)).text_of("td") == [""]


# ---- write_report ----


def test_write_report_writes_one_file_and_keeps_what_exists(make, tmp_path):
    profile = profile_of(make().sample([("main",)]).program(python_ns=NS))
    path = tmp_path / "report.html"
    assert write_report(path, {"one": profile, "two": profile}) == path.stat().st_size
    assert [block[:2] for block in blocks(path.read_bytes())] == [
        ("profile", "one"), ("profile", "two"), ("sources", ""),
    ]  # fmt: skip
    assert blocks(path.read_bytes())[0][2] == profile.columns()
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        write_report(path, {"one": profile})
    assert path.read_text() == "precious"
    write_report(path, {"one": profile}, overwrite=True, source=False)
    assert path.read_bytes().startswith(b"<!doctype")


def test_a_file_that_cannot_be_filled_does_not_stay(tmp_path, monkeypatch):
    from tare import writing

    def full(write, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "write_all", full)
    with pytest.raises(OSError, match="No space"):
        writing.write_file(str(tmp_path / "x"), b"abc", False)
    assert not list(tmp_path.iterdir())
    Path(tmp_path / "x").write_text("old")
    with pytest.raises(OSError, match="No space"):
        writing.write_file(str(tmp_path / "x"), b"abc", True)
    assert (tmp_path / "x").exists()
