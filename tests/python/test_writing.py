"""Files are written whole or not at all, for their owner; links and devices stay what they are."""

import os
import stat

import pytest
from tare import writing
from tare.writing import write_file


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_new_file_is_its_owners(tmp_path, overwrite):
    write_file(str(tmp_path / "x"), b"all", overwrite)
    assert (tmp_path / "x").read_bytes() == b"all" and mode_of(tmp_path / "x") == 0o600
    assert os.listdir(tmp_path) == ["x"]


def test_an_old_file_is_replaced_and_hands_its_permissions_on(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old and long")
    path.chmod(0o644)
    with path.open("rb") as before:
        write_file(str(path), b"new", True)
        assert before.read() == b"old and long"
    assert path.read_bytes() == b"new" and mode_of(path) == 0o644
    assert os.listdir(tmp_path) == ["x"]


def test_an_old_file_is_kept_unless_asked(tmp_path):
    (tmp_path / "x").write_bytes(b"old")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("x", "link"):
        with pytest.raises(FileExistsError):
            write_file(str(tmp_path / name), b"new", False)
    assert (tmp_path / "x").read_bytes() == b"old" and sorted(os.listdir(tmp_path)) == ["link", "x"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("failing", ["write_all", "replace"])
def test_what_fails_leaves_everything_as_it_was(tmp_path, monkeypatch, error, failing):
    def fail(*arguments):
        raise error

    (tmp_path / "x").write_bytes(b"old")
    monkeypatch.setattr(writing if failing == "write_all" else os, failing, fail)
    with pytest.raises(error):
        write_file(str(tmp_path / "x"), b"new", True)
    if failing == "write_all":
        with pytest.raises(error):
            write_file(str(tmp_path / "y"), b"new", False)
    assert os.listdir(tmp_path) == ["x"] and (tmp_path / "x").read_bytes() == b"old"


def test_links_stay_links(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").write_bytes(b"old")
    for link, target in (("one", "folder/x"), ("two", "folder/new")):
        (tmp_path / link).symlink_to(target)
        write_file(str(tmp_path / link), b"new", True)
        assert (tmp_path / link).is_symlink() and (tmp_path / target).read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path / "folder")) == ["new", "x"]


def test_devices_are_written_to():
    before = os.stat("/dev/null")
    write_file("/dev/null", b"gone", True)
    after = os.stat("/dev/null")
    assert (after.st_rdev, after.st_mode) == (before.st_rdev, before.st_mode)
    with pytest.raises(OSError, match="No space left"):
        write_file("/dev/full", b"gone", True)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_file_in_a_closed_folder_is_written_in_place(tmp_path):
    (tmp_path / "x").write_bytes(b"old")
    tmp_path.chmod(0o500)
    write_file(str(tmp_path / "x"), b"new", True)
    tmp_path.chmod(0o700)
    assert (tmp_path / "x").read_bytes() == b"new"
