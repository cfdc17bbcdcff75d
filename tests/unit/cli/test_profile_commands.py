"""``profile``: the contract's verbs, their JSON, and one clear line for each wrong call."""

import os
from pathlib import Path

import pytest

from terminal_calls import Relaywright


def test_add_show_set_copy_rename_remove(relaywright: Relaywright) -> None:
    added = relaywright("--json", "profile", "add", "Scanner", "username=scan@contoso.com", "tags=floor 2, colour")
    assert added.code == 0
    assert (added.document["host"], added.document["port"]) == ("smtp.office365.com", 587)
    assert added.document["tags"] == ["floor 2", "colour"]
    assert relaywright("profile", "set", "scanner", "port=25", "folder=Lyon").code == 0
    shown = relaywright("profile", "show", "SCANNER", "--json").document
    assert (shown["port"], shown["folder"], shown["from"]) == (25, "Lyon", "scan@contoso.com")
    assert relaywright("profile", "copy", "Scanner", "Copy").code == 0
    assert relaywright("profile", "rename", "Copy", "Printer").code == 0
    listed = relaywright("profile", "list", "--json").document
    assert [item["name"] for item in listed] == ["Printer", "Scanner"]
    found = relaywright("profile", "list", "--search", "printer lyon", "--json").document
    assert [item["name"] for item in found] == ["Printer"]
    assert relaywright("profile", "remove", "Printer").code == 0
    left = [item["name"] for item in relaywright("profile", "list", "--json").document]
    assert left == ["Scanner"]


@pytest.mark.parametrize(
    ("call", "error_id", "said"),
    [
        (["profile", "show", "nobody"], "unknown-profile", "no profile named “nobody”"),
        (["profile", "add", "x", "port=0"], "invalid-field", "port: "),
        (["profile", "add", "x", "colour=red"], "invalid-field", "colour: "),
        (["profile", "add", "x", "port"], "usage", "FIELD=VALUE"),
        (["profile", "add", " "], "invalid-field", "name: "),
        (["profile", "add", "x", "cloud=mars"], "unknown-cloud", "mars"),
        (["profile"], "usage", ""),
        (["frobnicate"], "usage", "frobnicate"),
        (["send", "nobody"], "unknown-profile", ""),
        (["export", "nobody", "msmtp"], "unknown-profile", ""),
        (["history", "nobody"], "unknown-profile", ""),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(
    relaywright: Relaywright, call: list[str], error_id: str, said: str
) -> None:
    plain = relaywright(*call)
    assert (plain.code, plain.out) == (2, "")
    assert len(plain.err.strip().splitlines()) == 1
    assert said in plain.err
    as_json = relaywright(*call, "--json")
    assert as_json.code == 2
    assert as_json.document["error"]["id"] == error_id
    assert set(as_json.document["error"]) == {"id", "message", "hint"}


def test_a_name_that_is_taken_changes_nothing(relaywright: Relaywright) -> None:
    relaywright("profile", "add", "Scanner", "username=a@contoso.com")
    again = relaywright("profile", "add", "scanner", "username=b@contoso.com", "--json")
    assert (again.code, again.document["error"]["id"]) == (2, "name-taken")
    assert relaywright("profile", "show", "Scanner", "--json").document["username"] == "a@contoso.com"


def test_a_damaged_database_is_told_and_left(relaywright: Relaywright) -> None:
    relaywright("profile", "add", "Scanner")
    database = Path(os.environ["RELAYWRIGHT_DATA_DIR"]) / "relaywright.db"
    database.write_bytes(b"torn" * 5000)
    answer = relaywright("profile", "list", "--json")
    assert (answer.code, answer.document["error"]["id"]) == (2, "damaged-database")
    assert database.read_bytes() == b"torn" * 5000


def test_the_version_needs_nothing_heavy(relaywright: Relaywright) -> None:
    answer = relaywright("--version")
    assert answer.code == 0
    assert answer.out.startswith("Relaywright ")
