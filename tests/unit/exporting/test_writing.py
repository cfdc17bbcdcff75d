"""A set of files is written whole or not at all, and nothing is followed or replaced unasked."""

import errno
import os
import stat
from pathlib import Path

import pytest

from relaywright.domain.errors import InputError
from relaywright.exporting.writing import FileToWrite, check_file_name, write_all

FILES = [FileToWrite("a.conf", b"new a", 0o644), FileToWrite("secret", b"new secret", 0o600)]

posix = pytest.mark.skipif(os.name == "nt", reason="permission bits and symbolic links are POSIX's")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_and_missing_folders_are_made(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "er"
    written = write_all(FILES, folder, overwrite=False)
    assert [(file.path, file.size) for file in written] == [(folder / "a.conf", 5), (folder / "secret", 10)]
    assert names(folder) == ["a.conf", "secret"]
    assert (folder / "a.conf").read_bytes() == b"new a"


@posix
def test_a_secret_is_readable_by_its_owner_only_even_when_it_replaces_an_open_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("old")
    (tmp_path / "secret").chmod(0o666)
    write_all(FILES, tmp_path, overwrite=True)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_an_existing_file_is_kept_unless_told(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("old")
    with pytest.raises(InputError) as caught:
        write_all(FILES, tmp_path, overwrite=False)
    assert caught.value.id == "file-exists"
    assert names(tmp_path) == ["secret"]
    assert (tmp_path / "secret").read_text() == "old"
    write_all(FILES, tmp_path, overwrite=True)
    assert (tmp_path / "secret").read_bytes() == b"new secret"
    assert names(tmp_path) == ["a.conf", "secret"]


@posix
def test_a_symbolic_link_is_never_followed_or_replaced(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "secret").symlink_to(elsewhere)
    with pytest.raises(InputError) as caught:
        write_all(FILES, folder, overwrite=True)
    assert caught.value.id == "not-a-file"
    assert elsewhere.read_text() == "mine"
    assert names(folder) == ["secret"]


def test_a_folder_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.conf").mkdir()
    with pytest.raises(InputError):
        write_all(FILES, tmp_path, overwrite=True)
    assert names(tmp_path) == ["a.conf"]


@pytest.mark.parametrize("fails_at", [0, 1])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
    (tmp_path / "a.conf").write_text("old a")
    calls = iter(range(10))

    def full(descriptor: int) -> None:
        if next(calls) == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError) as caught:
        write_all(FILES, tmp_path, overwrite=True)
    assert caught.value.id == "cannot-write"
    assert "room" in caught.value.hint
    assert names(tmp_path) == ["a.conf"]
    assert (tmp_path / "a.conf").read_text() == "old a"


@pytest.mark.parametrize("fails_at", [0, 1])
def test_a_failure_between_the_renames_undoes_those_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    (tmp_path / "a.conf").write_text("old a")
    replace = Path.replace
    calls = iter(range(10))

    def breaking(self: Path, target: Path) -> Path:
        if next(calls) == fails_at:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", breaking)
    with pytest.raises(KeyboardInterrupt):
        write_all(FILES, tmp_path, overwrite=True)
    assert names(tmp_path) == ["a.conf"]
    assert (tmp_path / "a.conf").read_text() == "old a"


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError) as caught:
        write_all(FILES, tmp_path / "out", overwrite=False)
    assert caught.value.id == "cannot-write"


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", "/etc/x", "C:x", "x\n", "a\0b", "a\u202eb"])
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        write_all([FileToWrite(name, b"", 0o644)], tmp_path, overwrite=True)
    assert caught.value.id == "bad-file-name"
    assert names(tmp_path) == []


def test_people_may_name_a_file_as_they_like(tmp_path: Path) -> None:
    write_all([FileToWrite("Geräte im Büro (2).relaywright", b"x", 0o600)], tmp_path, overwrite=False)
    assert names(tmp_path) == ["Geräte im Büro (2).relaywright"]


@pytest.mark.parametrize("name", ["", ".", "../x", "a/b", "con", "NUL.txt", "x.", "a b", ".hidden", "x\n", "ü"])
def test_a_templates_name_must_do_on_any_system(name: str) -> None:
    with pytest.raises(InputError):
        check_file_name(name)


def test_two_files_of_one_name_are_refused_also_by_case(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_all([FileToWrite("a", b"", 0o644), FileToWrite("A", b"", 0o644)], tmp_path, overwrite=True)


def test_ordinary_names_pass() -> None:
    for name in ("msmtprc", "sasl_passwd", "relaywright-main.cf", "console.txt"):
        assert check_file_name(name) == name
