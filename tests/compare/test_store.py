"""The history of a project: what was saved comes back, whoever else writes, whatever is there."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tare.comparing import store
from tare.comparing.store import Measurement, Store
from tare.errors import Error

WRITE = """
import sys
from tare.comparing.store import Measurement, Store
path, who, count = sys.argv[1:]
for number in range(int(count)):
    side = Measurement("a", who, "c" * 40, False, False, "m", "a machine", "CPython 3.11.7", "cpu",
                       7, (1.5, 2.5))
    Store(path).save("shared", number, [side, side._replace(side="b")], {"who": who, "n": number})
"""


def side(which: str = "a", **facts: object) -> Measurement:
    usual = Measurement(
        which, "x.py:f", "c" * 40, True, False, "m1", "a machine", "CPython 3.11.7", "cpu",
        712_345, (1.25, 3.0625, 1e9 + 1 / 3), 1 << 33,
    )
    return usual._replace(**facts)


def both(**facts: object) -> list[Measurement]:
    return [side("a", **facts), side("b", label="y.py:f", memory_bytes=None, **facts)]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / ".tare" / "history.sqlite")


def test_what_is_saved_comes_back(path: str) -> None:
    document = {"schema": "tare.compare/1", "ratio": {"value": 1.25}, "words": "π ≤ 'x' \u2028"}
    number = Store(path).save("parse", 5, both(), document)
    (found,) = Store(path).load("parse")
    assert found.id == number
    assert (found.name, found.taken_unix_ns) == ("parse", 5)
    assert [found.a, found.b] == both()
    assert found.document == document


def test_oldest_first_and_names_by_the_last(path: str) -> None:
    for name, when in (("x", 30), ("y", 20), ("x", 10), ("y", 40), ("x", 35)):
        Store(path).save(name, when, both(), {"when": when})
    assert [one.document["when"] for one in Store(path).load("x")] == [10, 30, 35]
    assert Store(path).names() == [("y", 2, 20, 40), ("x", 3, 10, 35)]
    assert Store(path).baseline("x").document == {"when": 35}


@pytest.mark.parametrize("name", ["'; DROP TABLE comparison; --", "%", 'a "b" `c`', "naïve ☃"])
def test_any_printable_name(path: str, name: str) -> None:
    Store(path).save(name, 1, both(), {})
    Store(path).save("other", 1, both(), {})
    assert len(Store(path).load(name)) == 1
    assert {one.name for one in Store(path).names()} == {name, "other"}


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[2J", "a\0b", "n" * 201])
def test_names_that_could_not_be_typed(path: str, name: str) -> None:
    with pytest.raises(Error, match=r"^save as .*: give a name of 1 to 200 printable characters$"):
        Store(path).save(name, 1, both(), {})
    assert not os.path.exists(path)


def test_two_writers_and_a_reader(path: str) -> None:
    """Each saves fifteen times as fast as it can, from a file that is not there yet."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, path, who, "15"]) for who in ("1", "2")
    ]
    seen = 0
    while any(writer.poll() is None for writer in writers):
        if os.path.exists(path) and os.path.getsize(path):
            found = len(Store(path).load("shared"))
            assert found >= seen
            seen = found
    assert [writer.wait() for writer in writers] == [0, 0]
    documents = [one.document for one in Store(path).load("shared")]
    for who in ("1", "2"):
        assert sorted(d["n"] for d in documents if d["who"] == who) == list(range(15))


def test_all_or_nothing(path: str) -> None:
    """A side that the schema refuses takes the whole comparison with it."""
    Store(path).save("x", 1, both(), {})
    with pytest.raises(Error, match="CHECK constraint failed"):
        Store(path).save("x", 2, [side("a"), side("c")], {})
    with pytest.raises(ValueError):
        Store(path).save("x", 2, both(values_ns=(float("nan"),)), {})
    assert len(Store(path).load("x")) == 1


def test_killed_while_writing(path: str) -> None:
    """What was being saved is gone, what had been saved is there, and saving goes on."""
    Store(path).save("x", 1, both(), {})
    program = (
        "import os, sys\nfrom tare.comparing.store import Store\n"
        "with Store(sys.argv[1])._writing() as c:\n"
        "    c.execute('INSERT INTO comparison (name, taken_unix_ns, document)"
        " VALUES (?, 2, ?)', ('x', '0' * 9_000_000))\n"
        "    os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, path], check=False).returncode == 9
    assert len(Store(path).load("x")) == 1
    Store(path).save("x", 3, both(), {})
    assert [one.taken_unix_ns for one in Store(path).load("x")] == [1, 3]
    assert sorted(os.listdir(os.path.dirname(path))) == [".gitignore", "history.sqlite"]


def test_a_reader_makes_nothing(path: str) -> None:
    with pytest.raises(Error, match=r"there is no history yet; --save NAME begins one$"):
        Store(path).names()
    assert not os.path.exists(os.path.dirname(path))


def test_nothing_saved_under_that_name(path: str) -> None:
    Store(path).save("parse", 1, both(), {})
    with pytest.raises(Error, match="nothing is saved so; did you mean parse[?]$"):
        Store(path).baseline("prase")
    with pytest.raises(Error, match="nothing is saved so; there is parse$"):
        Store(path).load_or_suggest("zzz")


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 99, b"SQLite format 3\0" + b"\7" * 999]
)
def test_damaged_file(path: str, content: bytes) -> None:
    os.mkdir(os.path.dirname(path))
    Path(path).write_bytes(content)
    for use in (lambda: Store(path).names(), lambda: Store(path).save("x", 1, both(), {})):
        with pytest.raises(Error, match="it is damaged or not Tare's; move it away") as caught:
            use()
        assert "\n" not in str(caught.value)
    assert Path(path).read_bytes() == content


def test_damaged_in_the_middle(path: str) -> None:
    Store(path).save("x", 1, both(), {"long": "0" * 50_000})
    data = bytearray(Path(path).read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    Path(path).write_bytes(data)
    with pytest.raises(Error, match="move it away"):
        Store(path).load("x")


def test_another_programs_database(path: str) -> None:
    os.mkdir(os.path.dirname(path))
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = Path(path).read_bytes()
    with pytest.raises(Error, match="no history of Tare's; give another --store$"):
        Store(path).names()
    with pytest.raises(Error, match="another program's database; give another --store$"):
        Store(path).save("x", 1, both(), {})
    assert Path(path).read_bytes() == before


def test_newer_schema(path: str) -> None:
    Store(path).save("x", 1, both(), {})
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    for use in (lambda: Store(path).names(), lambda: Store(path).save("x", 1, both(), {})):
        with pytest.raises(Error, match=r"a newer Tare wrote it \(schema 7, this one knows 1\)"):
            use()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / ".tare").write_text("a file")
    with pytest.raises(Error, match="^save in .*; give a file you may write with --store$"):
        Store(str(tmp_path / ".tare" / "history.sqlite")).save("x", 1, both(), {})


def test_git_does_not_see_it(tmp_path: Path, path: str) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    Store(path).save("x", 1, both(), {})
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""


def test_ignoring_is_the_users_to_change(path: str) -> None:
    Store(path).save("x", 1, both(), {})
    ignoring = Path(path).with_name(".gitignore")
    ignoring.write_text("")
    Store(path).save("x", 2, both(), {})
    assert ignoring.read_text() == ""


def test_a_named_file_gets_nothing_beside_it(tmp_path: Path) -> None:
    named = tmp_path / "odd ? name # 100%.db"
    Store(str(named)).save("x", 1, both(), {})
    assert [one.name for one in tmp_path.iterdir()] == [named.name]
    assert len(Store(str(named)).load("x")) == 1
    assert not named.stat().st_mode & stat.S_IXUSR


def test_where_it_is(tmp_path: Path) -> None:
    inner = tmp_path / "project" / "src" / "pack"
    inner.mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").write_text("")
    expected = tmp_path / "project" / ".tare" / "history.sqlite"
    assert store.store_path(str(inner)) == str(expected)
    (tmp_path / ".tare").mkdir()
    (tmp_path / ".tare" / "history.sqlite").write_text("")
    assert store.store_path(str(inner)) == str(tmp_path / ".tare" / "history.sqlite")
    expected.parent.mkdir()
    expected.write_text("")
    assert store.store_path(str(inner)) == str(expected)
