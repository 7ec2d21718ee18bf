"""Which sources go into a page, as what text, with which colours; and which files stay closed."""

import json
import os
import socket

import pytest
from builder import NS
from hypothesis import given
from hypothesis import strategies as st
from tare._profile import decode
from tare.render.report import Report
from tare.viewer import sources as module
from tare.viewer.colours import KINDS, MOST_COLUMNS, colour
from tare.viewer.sources import collect

CREATED_NS = 1_795_500_000_000_000_000


def report_of(builder, name="work.tare"):
    return Report(decode(builder.encode()), name)


@pytest.fixture
def sampled(make):
    """A profile in which each of these files has a second, or as many nanoseconds as given."""

    def sample(*files, **meta):
        builder = make(**meta)
        for file in files:
            path, ns = file if isinstance(file, tuple) else (file, NS)
            builder.sample([("f", str(path), 1, 1)], ns=ns).program(python_ns=ns)
        return report_of(builder)

    return sample


def write(path, text, mtime_ns=CREATED_NS - NS):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


def texts(found):
    return {text.path: text.text for text in found.files}


# ---- which ----


def test_files_where_the_time_went_hottest_first(sampled, tmp_path):
    files = [write(tmp_path / f"{name}.py", f"{name} = 1\n") for name in ("cold", "warm", "hot")]
    amounts = (NS // 2000, 2 * NS, 8 * NS)
    found = collect([sampled(*zip(files, amounts, strict=True))])
    assert list(texts(found)) == [str(files[2]), str(files[1])]
    assert found.left_out == []  # nobody misses what has no time


def test_callers_of_what_is_hot_are_there_too(make, tmp_path):
    main, hot = (write(tmp_path / name, "x = 1\n") for name in ("main.py", "hot.py"))
    builder = make().sample([("main", str(main), 1, 1), ("f", str(hot), 1, 1)])
    found = collect([report_of(builder.program(python_ns=NS))])
    assert list(texts(found)) == [str(hot), str(main)]


def test_the_users_own_come_before_libraries(sampled, tmp_path):
    library = write(tmp_path / "lib" / "python3.12" / "secrets.py", "x = 1\n")
    own = write(tmp_path / "own.py", "y = 1\n")
    found = collect([sampled((library, 9 * NS), (own, NS))])
    assert list(texts(found)) == [str(own), str(library)]


def test_traces_and_lines_have_their_sources(make, tmp_path):
    path = str(write(tmp_path / "a.py", "x = 1\n"))
    traced = make().call([("f", path, 1, 0)], self_ns=NS)
    lined = make().begun(("f", path, 1), 1).hit(("f", path, 1), 1, 1, 0)
    assert path in texts(collect([report_of(traced)]))
    assert path in texts(collect([report_of(lined)]))  # asked for, however little it took


def test_budget_is_for_the_hottest_and_the_rest_is_said(sampled, tmp_path):
    hot = write(tmp_path / "hot.py", "x" * 60)
    warm = write(tmp_path / "warm.py", "y" * 60)
    small = write(tmp_path / "small.py", "z" * 30)
    report = sampled((hot, 9 * NS), (warm, 5 * NS), (small, NS))
    found = collect([report], most_bytes=100)
    assert list(texts(found)) == [str(hot), str(small)]
    assert found.left_out == [(str(warm), "no room left: sources of hotter files come first")]


def test_number_of_files_is_bounded(sampled, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_FILES", 2)
    files = [write(tmp_path / f"{number}.py", "x") for number in range(4)]
    found = collect([sampled(*files)])
    assert len(found.files) == 2
    assert {why for _, why in found.left_out} == {"not among the 2 hottest files"}


def test_relative_names_are_relative_to_the_target(sampled, tmp_path):
    write(tmp_path / "work.py", "x = 1\n")
    assert texts(collect([sampled("work.py", target__cwd=str(tmp_path))])) == {"work.py": "x = 1\n"}
    found = collect([sampled("work.py", target__cwd="")])
    assert found.left_out == [("work.py", "where it was is not known")]


def test_two_profiles_share_a_file_and_two_files_do_not_share_a_name(sampled, tmp_path):
    one, two = (write(tmp_path / name / "work.py", f"{name}\n") for name in ("one", "two"))
    same = collect([sampled(one), sampled(one)])
    assert texts(same) == {str(one): "one\n"} and same.left_out == []
    reports = [sampled("work.py", target__cwd=str(path.parent)) for path in (one, two)]
    found = collect(reports)
    assert texts(found) == {"work.py": "one\n"}
    assert found.left_out == [("work.py", "another file of that name is shown")]


# ---- which not ----


def why(sampled, path):
    found = collect([sampled(path)])
    assert found.files == []
    ((left, reason),) = found.left_out
    assert left == str(path)
    return reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/no/such/file.py", "not on this machine"),
        ("/etc/passwd/x.py", "not on this machine"),
        ("<string>", "no file"),
        ("<frozen importlib._bootstrap>", "no file"),
        ("/proc/self/environ", "in /proc"),
        ("/proc/self/../self/environ", "in /proc"),
        ("/dev/zero", "in /dev"),
        ("/sys/kernel", "in /sys"),
        ("/srv/nul\0.py", "Invalid argument"),
        ("/" + "x" * 300 + ".py", "File name too long"),
        ("/srv/\udcff.py", "not on this machine"),
        ("/srv/me/.ssh/id_rsa", "its name looks like that of a secret"),
        ("/srv/me/.ssh/config.py", "its folder looks like one of secrets"),
    ],
)
def test_what_is_no_source_file_is_not_opened(sampled, path, reason):
    assert why(sampled, path) == reason


def test_folders_fifos_sockets_and_devices_are_left_alone(sampled, tmp_path):
    (tmp_path / "folder.py").mkdir()
    assert why(sampled, tmp_path / "folder.py") == "Is a directory"
    os.mkfifo(tmp_path / "fifo.py")  # nobody writes: reading would wait
    assert why(sampled, tmp_path / "fifo.py") == "no regular file"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.py"))
        assert why(sampled, tmp_path / "socket.py") == "No such device or address"
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    assert why(sampled, tmp_path / "zero.py") == "in /dev"
    (tmp_path / "loop.py").symlink_to("loop.py")
    assert why(sampled, tmp_path / "loop.py") == "Too many levels of symbolic links"


def test_huge_files_are_left_out_without_reading_them(sampled, tmp_path):
    path = tmp_path / "huge.py"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    assert why(sampled, path) == "larger than 1 MiB"


@pytest.mark.parametrize(
    "name",
    [".env", ".env.py", "prod.env", "my_secrets.py", "Credentials.py", "aws_credential.py",
     "id_rsa", "id_ed25519.py", "server.pem", "server.key", "passwords.py", "private_key.py",
     "api_key.py", "store.p12"],
)  # fmt: skip
def test_secrets_stay_where_they_are(sampled, tmp_path, name):
    path = write(tmp_path / name, "#!/usr/bin/python\nkey = 1\n")
    assert why(sampled, path) == "its name looks like that of a secret"


@pytest.mark.parametrize("folder", [".ssh", ".aws", "secrets", ".gnupg"])
def test_folders_of_secrets_stay_closed(sampled, tmp_path, folder):
    path = write(tmp_path / folder / "a.py", "key = 1\n")
    assert why(sampled, path) == "its folder looks like one of secrets"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".keys/a.py", "in a hidden folder of the user's"),
        ("work/.state/deep/a.py", "in a hidden folder of the user's"),
        (".pyenv/versions/3.12/lib/python3.12/a.py", None),
        (".local/lib/python3.12/site-packages/a.py", None),
        ("work/a.py", None),
    ],
)
@pytest.mark.parametrize("through", ["home", "link"])
def test_hidden_folders_of_the_user_stay_closed(
    sampled, tmp_path, monkeypatch, name, reason, through
):
    (tmp_path / ".cache" / "home").mkdir(parents=True)  # above the home dots mean nothing
    (tmp_path / "link").symlink_to(tmp_path / ".cache" / "home")
    home = tmp_path / ".cache" / "home" if through == "home" else tmp_path / "link"
    monkeypatch.setenv("HOME", str(home))
    path = write(home / name, "x = 1\n")
    if reason:
        assert why(sampled, path) == reason
    else:
        assert texts(collect([sampled(path)])) == {str(path): "x = 1\n"}


def test_blocks_kept_of_a_hidden_file_are_not_shown(make, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    function = ("f", "a.py", 1)
    builder = make(target__cwd=str(tmp_path / ".keys")).begun(function, 1).hit(function, 1, 1, NS)
    found = collect([report_of(builder.source(function, "key = 1\n"))])
    assert found.files == [] and found.left_out == [("a.py", "in a hidden folder of the user's")]


def test_a_link_opens_no_secret(sampled, make, tmp_path):
    secret = write(tmp_path / "my_secret.py", "key = 1\n")
    link = tmp_path / "harmless.py"
    link.symlink_to(secret)
    assert why(sampled, link) == "its name looks like that of a secret"
    dotted = tmp_path / "lib" / "python3.12" / ".." / ".." / "my_secret.py"
    assert why(sampled, dotted) in ("its name looks like that of a secret", "not on this machine")
    function = ("f", str(link), 1)
    builder = make().begun(function, 1).hit(function, 1, 1, NS).source(function, "key = 1\n")
    assert collect([report_of(builder)]).files == []  # nor what was kept of it


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("data.json", "{}", "no Python source"),
        ("settings.ini", "[a]", "no Python source"),
        ("tool", "#!/bin/sh\nsecret", "no Python source"),
        ("x.py", b"a = 1\0", "not text"),
    ],
)
def test_other_files_are_no_sources(sampled, tmp_path, name, text, reason):
    assert why(sampled, write(tmp_path / name, text)) == reason


def test_scripts_need_no_suffix(sampled, tmp_path):
    script = write(tmp_path / "tool", "#!/usr/bin/env python3\nx = 1\n")
    assert str(script) in texts(collect([sampled(script)]))


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(sampled, tmp_path):
    path = write(tmp_path / "x.py", "x")
    path.chmod(0)
    assert why(sampled, path) == "Permission denied"


# ---- changed, kept ----


def test_a_file_that_is_newer_than_the_measurement_is_marked(sampled, tmp_path):
    old = write(tmp_path / "old.py", "x = 1\n", CREATED_NS)
    new = write(tmp_path / "new.py", "x = 1\n", CREATED_NS + 1)
    found = collect([sampled(old, new)])
    assert {text.path: text.changed for text in found.files} == {str(old): False, str(new): True}
    unknown = collect([sampled(new, created_unix_ns="")])
    assert [text.changed for text in unknown.files] == [False]


def kept(make, path):
    f, g = ("f", str(path), 3), ("C.g", str(path), 8)
    builder = make().begun(f, 1).hit(f, 4, 1, NS).source(f, "def f():\r\n    pass\n")
    builder.begun(g, 1).hit(g, 9, 1, NS).source(g, "    def g(self):\n\treturn 1\n")
    return report_of(builder)


def test_kept_blocks_stand_in_for_a_file_that_is_gone_or_newer(make, tmp_path):
    path = tmp_path / "a.py"
    blocks = [(3, "def f():\n    pass\n"), (8, "    def g(self):\n\treturn 1\n")]
    gone = collect([kept(make, path)])
    assert [(text.first_line, text.text) for text in gone.files] == blocks
    assert not any(text.changed for text in gone.files)
    write(path, "something else\n", CREATED_NS + 1)
    assert collect([kept(make, path)]) == gone
    write(path, "def f():\n    pass\n")
    assert [text.first_line for text in collect([kept(make, path)]).files] == [1]
    entries = gone.document()["files"]
    assert entries[1]["tokens"][:4] == [8, 4, 3, KINDS.index("keyword")]


# ---- text ----


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = '\xc3\xbc'\n", "x = 'ü'\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"# -*- coding: latin-1 -*-\nx = '\xfc'\n", "# -*- coding: latin-1 -*-\nx = 'ü'\n"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\n'\xdf'\n",
         "#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\n'Я'\n"),
        (b"# coding: koi8-r\n'\xd1'\n", "# coding: koi8-r\n'я'\n"),
        (b"# coding: no-such\n'\xc3\xbc'\n", "# coding: no-such\n'ü'\n"),
        (b"# coding: idna\nx\n", "# coding: idna\nx\n"),
        (b"# coding: utf-7\n+2AA-\n", "# coding: utf-7\n+2AA-\n"),
        (b"# coding: zlib\nx\n", "# coding: zlib\nx\n"),
        (b"# coding: raw_unicode_escape\n'\\ud800'\n",
         "# coding: raw_unicode_escape\n'\ufffd'\n"),
        (b"x = '\xff'\n", "x = '\ufffd'\n"),
        (b"\xef\xbb\xbf# coding: latin-1\nx\n", "# coding: latin-1\nx\n"),
        (b"a\r\nb\rc\nd", "a\nb\nc\nd"),
        (b"a\x0cb\x0b\x1c\xc2\x85\xe2\x80\xa8\tc\n", "a\x0cb\x0b\x1c\x85\u2028\tc\n"),
        (b"", ""),
    ],
)  # fmt: skip
def test_a_text_is_what_the_interpreter_reads(sampled, tmp_path, data, text):
    path = write(tmp_path / "a.py", data)
    assert texts(collect([sampled(path)])) == {str(path): text}


# ---- colours ----


def coloured(text, first_line=1):
    """(line, text, kind), cut out as JavaScript would."""
    flat = colour(text, first_line)
    lines = text.split("\n")
    found = []
    for place in range(0, len(flat), 4):
        line, column, length, kind = flat[place : place + 4]
        units = lines[line - first_line].encode("utf-16-le", "surrogatepass")
        part = units[2 * column : 2 * (column + length)]
        assert len(part) == 2 * length > 0
        found.append((line, part.decode("utf-16-le", "surrogatepass"), KINDS[kind]))
    return found


def test_each_kind_has_its_colour():
    text = "@wraps\nasync def f(a: int = 0x1F) -> None:  # why\n    return print(a.print, 'x')\n"
    assert coloured(text) == [
        (2, "async", "keyword"), (2, "def", "keyword"), (2, "f", "definition"),
        (2, "int", "builtin"), (2, "0x1F", "number"), (2, "None", "keyword"),
        (2, "# why", "comment"), (3, "return", "keyword"), (3, "print", "builtin"),
        (3, "'x'", "string"),
    ]  # fmt: skip
    found = coloured("class C(list): pass\n")
    assert found[1:3] == [(1, "C", "definition"), (1, "list", "builtin")]


def test_strings_over_several_lines_are_a_token_on_each():
    assert coloured('x = """a\n\n  b""" # c\n', 5) == [
        (5, '"""a', "string"), (7, '  b"""', "string"), (7, "# c", "comment"),
    ]  # fmt: skip


def test_columns_are_utf_16():
    text = "'\U0001f40d\U0001f40d' + \U00010330x + 'ü' # \U0001f40d\n"
    assert [(part, kind) for _, part, kind in coloured(text)] == [
        ("'\U0001f40d\U0001f40d'", "string"), ("'ü'", "string"), ("# \U0001f40d", "comment"),
    ]  # fmt: skip
    assert colour(text)[:4] == [1, 0, 6, KINDS.index("string")]


def test_tabs_and_form_feeds_are_one_column():
    assert colour("if x:\n\tpass\n")[4:] == [2, 1, 4, KINDS.index("keyword")]
    assert coloured("\x0cdef f(): pass\n")[0] == (1, "def", "keyword")


def test_formatted_strings_are_strings():
    found = coloured("x = f'a{len(b)!r:>{c}}d'\n")
    strings = "".join(part for _, part, kind in found if kind == "string")
    assert strings.startswith("f'a") and strings.endswith("d'")


@pytest.mark.parametrize(
    "text",
    ["def f(:\n  '", "x = '''", "  a\n b\n", "(((", "x = 'abc\n", "a $ b\n", "x = 0777b\n\\",
     "\x00", "if x:\n        y\n    z\n", "(" * 5000 + "\n", "\ufeff\ufeff"],
)  # fmt: skip
def test_what_this_python_cannot_read_has_no_wrong_colours(text):
    for line, part, kind in coloured(text):
        assert kind != "string" and part in text.split("\n")[line - 1]


def test_long_lines_cost_nothing():
    assert colour("x = 1 ;" * MOST_COLUMNS) == []


@given(st.text(alphabet=st.sampled_from("ab1'\"\\\n\t #(){}f:=.\U0001f40dü\x0c"), max_size=60))
def test_colours_lie_within_their_lines_in_order(text):
    flat = colour(text)
    places = list(zip(flat[::4], flat[1::4], flat[2::4], strict=True))
    for (line, column, length), (next_line, next_column, _) in zip(places, places[1:]):
        assert (line, column + length) <= (next_line, next_column)
    assert all(kind in range(len(KINDS)) for kind in flat[3::4])
    coloured(text)


def test_this_file_and_what_it_tests_are_coloured(sampled):
    for path in (__file__, module.__file__, os.__file__):
        assert len(coloured(open(path, encoding="utf-8").read())) > 100


def test_the_document_is_json_without_halves_of_characters(sampled, tmp_path):
    path = write(tmp_path / "a.py", b"x = '\xed\xa0\x80'\n")
    document = collect([sampled(path, "/srv/\udcff.py")]).document()
    text = json.dumps(document, ensure_ascii=False)
    text.encode()
    assert json.loads(text)["kinds"] == list(KINDS)
