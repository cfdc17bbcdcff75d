"""Strict TOML: every mistake names the file, the table and the key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from relaywright.catalog.loader import MAX_FILE_BYTES, Table, is_id, read_toml
from relaywright.domain.errors import DamagedFile
from relaywright.domain.profile import Auth


def table_of(tmp_path: Path, text: str) -> Table:
    file = tmp_path / "some.toml"
    file.write_text(text, encoding="utf-8")
    return read_toml(file)


@pytest.mark.parametrize(
    ("text", "read", "fault"),
    [
        ("", lambda table: table.text("name"), "missing"),
        ("name = 3", lambda table: table.text("name"), "text in quotes"),
        ('name = "  "', lambda table: table.text("name"), "empty"),
        ('name = ["a", ""]', lambda table: table.texts("name"), "none of them empty"),
        ('name = "a"', lambda table: table.texts("name"), "list of texts"),
        ('name = "587"', lambda table: table.number("name"), "whole number"),
        ("name = true", lambda table: table.number("name"), "whole number"),
        ('name = ["a"]', lambda table: table.numbers("name"), "whole numbers"),
        ("name = 1", lambda table: table.flag("name"), "true or false"),
        ('name = "basic"', lambda table: table.choice("name", Auth), "none of none, password"),
        ('name = "2026-11-23"', lambda table: table.date("name"), "without quotes"),
        ("name = 2026-11-23T10:00:00", lambda table: table.date("name"), "without quotes"),
        ("name = 1", lambda table: table.table("name"), "must be a table"),
        ("name = 1", lambda table: table.tables("name"), "list of tables"),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path: Path, text: str, read: Callable[[Table], object], fault: str) -> None:
    with pytest.raises(DamagedFile) as caught:
        read(table_of(tmp_path, text))
    assert str(tmp_path / "some.toml") in caught.value.message
    assert "name" in caught.value.message
    assert fault in caught.value.message
    assert caught.value.hint


def test_a_key_nobody_asked_for_is_refused_with_its_table(tmp_path: Path) -> None:
    outer = table_of(tmp_path, '[cloud.lab]\nname = "Lab"\nsmpt_host = "x"\n')
    table = outer.table("cloud").table("lab")
    table.text("name")
    with pytest.raises(DamagedFile, match=r"\[cloud\.lab\] smpt_host: there is no such key"):
        table.done()


def test_a_table_of_a_list_is_named_by_its_id(tmp_path: Path) -> None:
    entry = table_of(tmp_path, '[[reply]]\nid = "some-reply"\n').tables("reply")[0]
    with pytest.raises(DamagedFile, match=r"\[reply some-reply\] title: it is missing"):
        entry.text("title")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"name = ", "no valid TOML"),
        (b"a = " + b"[" * 50_000, "no valid TOML"),
        (b"#" * (MAX_FILE_BYTES + 1), "larger than 4 MB"),
    ],
)
def test_a_file_that_is_no_toml_is_told_so(tmp_path: Path, content: bytes, fault: str) -> None:
    file = tmp_path / "some.toml"
    file.write_bytes(content)
    with pytest.raises(DamagedFile, match=fault):
        read_toml(file)


def test_a_missing_file_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="cannot be read"):
        read_toml(tmp_path / "none.toml")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_bytes(b'\xef\xbb\xbfname = "Lab"\r\n')
    assert read_toml(file).text("name") == "Lab"


@pytest.mark.parametrize(
    ("text", "good"),
    [("smtp-auth-off", True), ("21vianet", True), ("Smtp", False), ("a--b", False), ("-a", False), ("a" * 61, False)],
)
def test_ids_are_fit_to_be_local_parts(text: str, good: bool) -> None:
    assert is_id(text) is good
