"""The .tare format: the reader in core/io against the readable one in tests/tare_decoder.py."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tare_decoder import (
    COMMIT,
    END,
    MAGIC,
    REQUIRED,
    Profile,
    Unreadable,
    crc32c,
    decode,
)

NAMES = ["known", "steps", "tangled", "hostile", "empty", "trace"]
STRINGS = 1

# The same list as in tests/core/known_profile.h.
HOSTILE_NAMES = [
    b"",
    b"nul\0inside",
    b"line\nbreak\r\n",
    b'quote" back\\slash',
    b"semi;colon 12",
    b" space ",
    b"\x1b[31mred\x7f",
    b"</script>",
    b"\xe2\x80\xaeexe.txt",
    b"\xed\xa0\x80 \xed\xb3\xbf",
    b"\xff\xfe latin \xe9",
    b"cut \xe2\x82",
    b"\xc0\xaf \xf4\x90\x80\x80",
    b"\xf0\x9f\x90\x8d \xc3\xa9",
    b"\xe2\x80\xa8\xc2\x85\xc2\x9b",
    b"x" * 10240,
]


class Seen(NamedTuple):
    """What the reader in core/io makes of a file."""

    status: str
    complete: bool
    block_count: int
    lost_bytes: int
    lost_offset: int
    unknown_count: int
    tables: dict | None


@pytest.fixture(scope="module")
def make_profile(c_build: Path) -> Path:
    return c_build / "tests" / "core" / "make_profile"


@pytest.fixture(scope="module")
def written(make_profile: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with NAME.tare for each of NAMES."""
    folder = tmp_path_factory.mktemp("written")
    subprocess.run([make_profile, "write", folder], check=True)
    return folder


def read_with_c(make_profile: Path, folder: Path, contents: list[bytes]) -> Iterator[Seen]:
    paths = [folder / f"{number}.tare" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    subprocess.run([make_profile, "read", *paths], check=True)
    for path in paths:
        status, *numbers = Path(f"{path}.state").read_text().split()
        tables = json.loads(Path(f"{path}.json").read_bytes()) if status == "OK" else None
        yield Seen(status, numbers[0] == "1", *map(int, numbers[1:]), tables)


def as_tables(profile: Profile) -> dict:
    """The profile in the words of the json export."""
    text = [string.decode("utf-8", "replace") for string in profile.strings]
    kinds = ["python", "native", "synthetic"]
    return {
        "schema": "tare.profile/1",
        "meta": {text[key]: text[value] for key, value in profile.meta.items()},
        "metrics": [{"name": text[name], "unit": text[unit]} for name, unit in profile.metrics],
        "label_sets": [{text[k]: text[v] for k, v in labels} for labels in profile.label_sets],
        "functions": [
            {"name": text[name], "qualname": text[qualname], "file": text[file],
             "first_line": line, "kind": kinds[kind]}
            for name, qualname, file, line, kind in profile.functions
        ],
        "frames": [list(frame) for frame in profile.frames],
        "nodes": [list(node) for node in profile.nodes],
        "values": [[*key, amount] for key, amount in profile.values],
        "series": [
            {"name": text[name], "unit": text[unit], "label_set": label_set,
             "points": [list(point) for point in points]}
            for name, unit, label_set, points in profile.series
        ],
    }  # fmt: skip


def assert_same_view(seen: Seen, content: bytes) -> None:
    try:
        profile = decode(content)
    except Unreadable:
        assert seen.status in ("CORRUPT", "UNSUPPORTED")
        return
    assert seen.status == "OK"
    assert seen.tables == as_tables(profile)
    assert seen.complete == profile.complete
    assert seen.block_count == profile.block_count
    assert seen.lost_bytes == profile.lost_bytes
    assert seen.lost_offset == len(content) - profile.lost_bytes
    assert seen.unknown_count == profile.unknown_count


@pytest.mark.parametrize("name", NAMES)
def test_both_readers_see_the_same(make_profile, written, tmp_path, name) -> None:
    content = (written / f"{name}.tare").read_bytes()
    (seen,) = read_with_c(make_profile, tmp_path, [content])
    assert seen.complete
    assert_same_view(seen, content)


def test_both_readers_see_the_same_of_every_part(make_profile, written, tmp_path) -> None:
    whole = (written / "steps.tare").read_bytes()
    parts = [whole[:size] for size in range(len(whole))]
    lost = set()
    for seen, part in zip(read_with_c(make_profile, tmp_path, parts), parts, strict=True):
        assert_same_view(seen, part)
        if seen.tables:
            lost.add(seen.lost_offset)
    assert len(lost) == 4  # each flush was the last one once


def test_both_readers_see_the_same_of_damage(make_profile, written, tmp_path) -> None:
    whole = (written / "steps.tare").read_bytes()
    damaged = [
        whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in range(len(whole))
    ]
    for seen, content in zip(read_with_c(make_profile, tmp_path, damaged), damaged, strict=True):
        assert seen.status != "OK" or seen.lost_bytes > 0
        assert_same_view(seen, content)


def forge(*blocks: tuple[int, int, bytes]) -> bytes:
    """A file of these blocks: type, flags, payload."""
    data = MAGIC
    checksum = crc32c(0, data)
    for kind, flags, payload in blocks:
        header = bytes([kind, flags, 0, 0]) + len(payload).to_bytes(4, "little")
        checksum = crc32c(checksum, header + payload)
        data += header + checksum.to_bytes(4, "little") + payload
    return data


END_BLOCK = (END, COMMIT, b"")
FORGED = {
    "unknown": (forge((99, 0, b"new"), (STRINGS, 0, b"\1a"), END_BLOCK), "OK"),
    "unknown commit": (forge((STRINGS, 0, b"\1a"), (99, COMMIT, b"")), "OK"),
    "unknown and required": (forge((99, REQUIRED, b"new"), END_BLOCK), "UNSUPPORTED"),
    "compressed": (forge((STRINGS, 4, b"\1a"), END_BLOCK), "UNSUPPORTED"),
    "no commit": (forge((STRINGS, 0, b"\1a"), (END, 0, b"")), "CORRUPT"),
    "goes on after the end": (forge(END_BLOCK, (STRINGS, COMMIT, b"\1a")), "OK"),
    "newer version": (forge(END_BLOCK).replace(b"\n\1", b"\n\2", 1), "UNSUPPORTED"),
    "empty": (b"", "CORRUPT"),
    "foreign": (b"#!/bin/sh\nexit 0\n", "CORRUPT"),
    "text mode": (forge(END_BLOCK).replace(b"\r\n", b"\n"), "CORRUPT"),
}


@pytest.mark.parametrize("name", FORGED)
def test_both_readers_judge_the_same(make_profile, tmp_path, name) -> None:
    content, status = FORGED[name]
    (seen,) = read_with_c(make_profile, tmp_path, [content])
    assert seen.status == status
    assert_same_view(seen, content)


def test_names_are_exact(written: Path) -> None:
    profile = decode((written / "hostile.tare").read_bytes())
    assert [profile.strings[function[0]] for function in profile.functions] == HOSTILE_NAMES
    assert [profile.strings[function[2]] for function in profile.functions] == HOSTILE_NAMES
    labels = [profile.strings[pairs[0][1]] for pairs in profile.label_sets[1:]]
    assert labels == HOSTILE_NAMES


def test_flushes_add_up(written: Path) -> None:
    steps = as_tables(decode((written / "steps.tare").read_bytes()))
    known = as_tables(decode((written / "known.tare").read_bytes()))
    assert known["series"][0]["points"] == [[1000, 4096], [2000, 12288]]
    # Thinned out before the last flush.
    assert steps["series"][0]["points"] == [[2000, 12288], [3000, 16384], [4000, 8192]]
    del known["series"][0]["points"], steps["series"][0]["points"]
    assert steps == known


def test_bytes_of_version_1_stay_what_they_are(written: Path, tree: Path) -> None:
    golden = (tree / "tests" / "golden" / "v1.tare").read_bytes()
    assert (written / "steps.tare").read_bytes() == golden


def test_old_files_stay_readable(make_profile, tree: Path, tmp_path) -> None:
    golden = (tree / "tests" / "golden" / "v1.tare").read_bytes()
    (seen,) = read_with_c(make_profile, tmp_path, [golden])
    assert (seen.status, seen.complete, seen.lost_bytes) == ("OK", True, 0)
    assert seen.tables["meta"] == {"target.command": "python main.py", "wall_ns": "15000000"}
    assert len(seen.tables["nodes"]) == 12
    samples = sum(amount for node, _, metric, amount in seen.tables["values"]
                  if node and metric == 0)  # fmt: skip
    assert samples == 39
    assert_same_view(seen, golden)


def test_example_in_the_document_is_true(written: Path, tree: Path) -> None:
    document = (tree / "docs" / "format.md").read_text()
    example = re.search(r"profile without anything:\n\n((?:    .*\n)+)", document)[1]
    octets = re.findall(r"(?<![\w.])[0-9a-f]{2}(?![\w.])", example)
    assert bytes.fromhex("".join(octets)) == (written / "empty.tare").read_bytes()


def test_readable_decoder_is_short(tree: Path) -> None:
    assert len((tree / "tests" / "tare_decoder.py").read_text().splitlines()) <= 200
