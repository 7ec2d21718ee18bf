"""Foreign text: nothing that acts reaches the terminal, and everything fits."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tare.text import display_path, printable, shorten, width

HOSTILE = [
    ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
    ("two\nlines\r\tand a tab", "two\\nlines\\r\\tand a tab"),
    ("\x9b31m", "\\x9b31m"),  # C1: an escape sequence in one character
    ("user\u202ecod.exe", "user\\u202ecod.exe"),  # reorders what follows
    ("\u2066isolated\u2069", "\\u2066isolated\\u2069"),
    ("zero\u200bwidth", "zero\\u200bwidth"),
    ("\ufeffmark", "\\ufeffmark"),
    ("line\u2028break", "line\\u2028break"),
    ("\udcff\udc80", "\\xff\\x80"),  # bytes that are not UTF-8
    ("\ud800", "\\ud800"),  # half a character
    ("tag\U000e0041", "tag\\U000e0041"),
    ("\x00", "\\x00"),
]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_hostile_text_is_spelled_out(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize("text", ["plain", "größe", "関数", "naïve_π", "a\\b", "<lambda>", ""])
def test_harmless_text_is_kept(text):
    assert printable(text) == text


@given(st.text(st.characters(exclude_categories=())))
def test_nothing_that_acts_is_left(text):
    shown = printable(text)
    shown.encode()  # no lone surrogates
    for character in shown:
        assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp"), ascii(character)
        assert unicodedata.bidirectional(character) not in (
            ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        ), ascii(character)


def test_width_counts_columns():
    assert width("abc") == 3
    assert width("関数") == 4
    assert width("e\u0301") == 1


def test_shorten_cuts_the_middle():
    assert shorten("abcdefghij", 10) == "abcdefghij"
    assert shorten("abcdefghij", 7) == "abc…hij"
    assert shorten("abcdefghij", 5, tail=0.75) == "a…hij"
    assert shorten("abcdefghij", 7, ellipsis="...") == "ab...ij"
    assert shorten("abcdefghij", 1) == "a"
    assert shorten("abcdefghij", 0) == ""


@given(st.text(), st.integers(0, 40), st.sampled_from([0.0, 0.3, 0.5, 0.75, 1.0]))
def test_shortened_text_fits_and_short_text_is_kept(text, columns, tail):
    text = printable(text)
    short = shorten(text, columns, tail)
    assert width(short) <= columns
    assert short == text or width(text) > columns


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/srv/app/main.py", "main.py"),
        ("/srv/app/deep/er.py", "deep/er.py"),
        ("/srv/apple/main.py", "/srv/apple/main.py"),
        ("/elsewhere/x.py", "/elsewhere/x.py"),
        ("/usr/lib/python3.12/json/decoder.py", "stdlib/json/decoder.py"),
        ("/usr/lib64/python3.13/ast.py", "stdlib/ast.py"),
        ("/v/lib/python3.11/site-packages/rich/text.py", "site-packages/rich/text.py"),
        ("/usr/lib/python3/dist-packages/apt/x.py", "site-packages/apt/x.py"),
        ("/srv/app/.venv/lib/python3.11/site-packages/a.py", "site-packages/a.py"),
        ("<string>", "<string>"),
        ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>"),
        ("", ""),
    ],
)
def test_paths_are_said_as_people_say_them(path, shown):
    assert display_path(path, "/srv/app") == shown
