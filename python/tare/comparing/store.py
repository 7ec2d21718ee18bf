"""What was measured before: .tare/history.sqlite in the root of the project.

    comparison   one row each time something is saved: when, under which name, its JSON document
    measurement  one row for each side of it: commit, machine, interpreter, clock, a value for
                 each process, and how fast the machine itself was (spin_ns, of fixed work)

A save is one short transaction, so SQLite's plain journal does: there is one file, it lives on any
file system, and two writers wait for each other. A write-ahead log would leave two more files
beside it and needs shared memory, for readers that wait no longer than a save takes.

The folder ignores itself in git. Reading makes nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tare.errors import Error

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

FOLDER, FILE = ".tare", "history.sqlite"
MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg")  # of a project's root
APPLICATION = 0x54415245  # "TARE", in the file's header
SCHEMA_VERSION = 1
WAIT_SECONDS = 30.0  # for another writer
MOST_NAME = 200
DAMAGED = "it is damaged or not Tare's; move it away, and a new one is begun"
SCHEMA = """
CREATE TABLE comparison (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    taken_unix_ns INTEGER NOT NULL,
    document TEXT NOT NULL
);
CREATE TABLE measurement (
    id INTEGER PRIMARY KEY,
    comparison INTEGER NOT NULL REFERENCES comparison (id),
    side TEXT NOT NULL CHECK (side IN ('a', 'b')),
    label TEXT NOT NULL,
    commit_name TEXT NOT NULL,
    dirty INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    machine_id TEXT NOT NULL,
    machine TEXT NOT NULL,
    interpreter TEXT NOT NULL,
    clock TEXT NOT NULL,
    spin_ns INTEGER NOT NULL,
    values_ns TEXT NOT NULL,
    memory_bytes INTEGER
);
CREATE INDEX comparison_name ON comparison (name, taken_unix_ns);
CREATE INDEX measurement_comparison ON measurement (comparison);
"""


class Measurement(NamedTuple):
    """One side of a comparison: its time for each iteration, a value for each process."""

    side: str  # "a" or "b"
    label: str
    commit: str  # empty outside git
    dirty: bool
    pinned: bool  # the commit itself was measured, whatever the working tree had
    machine_id: str
    machine: str  # in words
    interpreter: str
    clock: str
    spin_ns: int  # 0: not known
    values_ns: tuple[float, ...]
    memory_bytes: int | None = None


class Saved(NamedTuple):
    """A comparison as it was saved."""

    id: int
    name: str
    taken_unix_ns: int
    a: Measurement
    b: Measurement
    document: dict[str, object]


class Name(NamedTuple):
    name: str
    count: int
    first_unix_ns: int
    last_unix_ns: int


def store_path(directory: str | None = None) -> str:
    """Where the history of the project is, or would be: of the nearest folder that has one, else
    of the nearest that looks like a project's root, else of the directory itself."""
    directory = os.path.realpath(directory or os.getcwd())
    above = [directory]
    while os.path.dirname(above[-1]) != above[-1]:
        above.append(os.path.dirname(above[-1]))
    for marks in ((os.path.join(FOLDER, FILE),), MARKS):
        for folder in above:
            if any(os.path.lexists(os.path.join(folder, mark)) for mark in marks):
                return os.path.join(folder, FOLDER, FILE)
    return os.path.join(directory, FOLDER, FILE)


def check_name(name: str) -> str:
    """A name that can be printed and typed again."""
    if not name.strip() or len(name) > MOST_NAME or not name.isprintable():
        raise Error(f"save as {name!r}: give a name of 1 to {MOST_NAME} printable characters")
    return name


class Store:
    """One history. Opens the file for each call, so that it is never held for long."""

    def __init__(self, path: str | None = None) -> None:
        self.path = path if path is not None else store_path()

    def save(
        self,
        name: str,
        taken_unix_ns: int,
        sides: Sequence[Measurement],
        document: dict[str, object],
    ) -> int:
        """Both sides of one comparison, all or nothing; its number."""
        check_name(name)
        self._make_folder()
        text = json.dumps(document, allow_nan=False)
        rows = [row_of(side) for side in sides]
        with self._writing() as connection:
            comparison = connection.execute(
                "INSERT INTO comparison (name, taken_unix_ns, document) VALUES (?, ?, ?)",
                (name, taken_unix_ns, text),
            ).lastrowid
            connection.executemany(
                "INSERT INTO measurement (comparison, side, label, commit_name, dirty, pinned,"
                " machine_id, machine, interpreter, clock, spin_ns, values_ns, memory_bytes)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(comparison, *row) for row in rows],
            )
        return comparison or 0

    def names(self) -> list[Name]:
        """The last saved first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT name, count(*), min(taken_unix_ns), max(taken_unix_ns) FROM comparison"
                " GROUP BY name ORDER BY max(taken_unix_ns) DESC, max(id) DESC"
            )
            return [Name(*row) for row in rows]

    def load(self, name: str) -> list[Saved]:
        """All that was saved under that name, the oldest first."""
        with self._reading() as connection:
            comparisons = connection.execute(
                "SELECT id, name, taken_unix_ns, document FROM comparison WHERE name = ?"
                " ORDER BY taken_unix_ns, id",
                (name,),
            ).fetchall()
            sides = {
                (row[0], row[1]): measurement_of(row[1:])
                for row in connection.execute(
                    "SELECT comparison, side, label, commit_name, dirty, pinned, machine_id,"
                    " machine, interpreter, clock, spin_ns, values_ns, memory_bytes"
                    " FROM measurement WHERE comparison IN"
                    " (SELECT id FROM comparison WHERE name = ?)",
                    (name,),
                )
            }
            return [
                Saved(*row[:3], sides[row[0], "a"], sides[row[0], "b"], json.loads(row[3]))
                for row in comparisons
            ]

    def load_or_suggest(self, name: str) -> list[Saved]:
        """The same; an Error that names what there is where nothing is saved so."""
        found = self.load(name)
        if found:
            return found
        from difflib import get_close_matches

        names = [one.name for one in self.names()]
        close = get_close_matches(name, names, n=1)
        raise Error(
            f"find {name} in {self.path}: nothing is saved so; "
            + (f"did you mean {close[0]}?" if close else f"there is {', '.join(names[:5])}")
        )

    def baseline(self, name: str) -> Saved:
        """The last that was saved under that name."""
        return self.load_or_suggest(name)[-1]

    def _make_folder(self) -> None:
        folder = os.path.dirname(self.path) or "."
        try:
            os.makedirs(folder, exist_ok=True)
            if os.path.basename(folder) == FOLDER:
                with contextlib.suppress(FileExistsError):
                    with open(os.path.join(folder, ".gitignore"), "x", encoding="ascii") as stream:
                        stream.write("*\n")
        except OSError as error:
            raise Error(
                f"save in {self.path}: {error.strerror}; give a file you may write with --store"
            ) from None

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if not os.path.exists(self.path):
            raise Error(f"read {self.path}: there is no history yet; --save NAME begins one")
        # For writing where that is allowed: a writer that was killed left a journal to roll back.
        with self._connected("mode=rw", "read") as connection:
            check_version(connection, self.path)
            try:
                yield connection
            except (ValueError, KeyError):  # of rows that this module did not write
                raise Error(f"read {self.path}: {DAMAGED}") from None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected("mode=rwc", "save in") as connection:
            connection.execute("BEGIN IMMEDIATE")  # from here on nobody else writes
            try:
                if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                    make_tables(connection, self.path)
                check_version(connection, self.path)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _connected(self, mode: str, doing: str) -> Iterator[sqlite3.Connection]:
        try:
            import sqlite3
        except ImportError:
            raise Error(
                f"{doing} {self.path}: this Python was built without sqlite3; run tare in another"
            ) from None
        from urllib.parse import quote

        uri = f"file:{quote(os.path.abspath(self.path))}?{mode}"
        connection = None
        try:
            connection = sqlite3.connect(
                uri, timeout=WAIT_SECONDS, isolation_level=None, uri=True
            )
            yield connection
        except sqlite3.Error as error:
            raise Error(f"{doing} {self.path}: {error}; {advice(error)}") from None
        finally:
            if connection is not None:
                connection.close()


def advice(error: Exception) -> str:
    said = str(error)
    if "locked" in said:
        return "another program holds it; try again"
    if "unable to open" in said or "readonly" in said:
        return "give a file you may read and write with --store"
    if "full" in said:
        return "make room for it"
    return DAMAGED


def make_tables(connection: sqlite3.Connection, path: str) -> None:
    """In a file that has no schema yet: a new one, or somebody else's, which stays as it is."""
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise Error(f"save in {path}: it is another program's database; give another --store")
    for statement in SCHEMA.split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def check_version(connection: sqlite3.Connection, path: str) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION:
        raise Error(f"read {path}: it is no history of Tare's; give another --store")
    if version > SCHEMA_VERSION:
        raise Error(
            f"read {path}: a newer Tare wrote it (schema {version}, this one knows "
            f"{SCHEMA_VERSION}); use that one, or give another --store"
        )


def row_of(side: Measurement) -> tuple[object, ...]:
    values = json.dumps(list(side.values_ns), allow_nan=False)
    return (
        side.side,
        side.label,
        side.commit,
        int(side.dirty),
        int(side.pinned),
        side.machine_id,
        side.machine,
        side.interpreter,
        side.clock,
        side.spin_ns,
        values,
        side.memory_bytes,
    )


def measurement_of(row: tuple) -> Measurement:  # type: ignore[type-arg]
    *words, values, size = row
    found = Measurement(*words, tuple(json.loads(values)), size)
    return found._replace(dirty=bool(found.dirty), pinned=bool(found.pinned))
