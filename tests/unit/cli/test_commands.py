"""The commands' own ways where nothing is sent: share and import, explain, export, practice, what is refused early."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from terminal_calls import Relaywright

REFUSAL = "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."
PASSPHRASE = "four plain words here\n"


@pytest.fixture
def scanner(relaywright: Relaywright) -> str:
    assert relaywright("profile", "add", "Scanner", "username=scan@contoso.com").code == 0
    return "Scanner"


def keys(document: dict[str, Any], **types: type | tuple[type, ...]) -> None:
    """Hold the contract's keys and their types against a document."""
    for key, wanted in types.items():
        assert isinstance(document[key.rstrip("_")], wanted), key


def test_targets_and_export_keep_the_contract(relaywright: Relaywright, scanner: str, tmp_path: Path) -> None:
    for target in relaywright("targets", "--json").document:
        keys(target, id=str, name=str, kind=str, methods=list, sign_in=list, proven=(dict, type(None)))
        assert target["kind"] in {"device", "application", "code", "bridge", "generic"}
    shown = relaywright("export", scanner, "postfix", "--json").document
    written = relaywright("export", scanner, "postfix", "--out", str(tmp_path / "out"), "--json").document
    for document in (shown, written):
        keys(document, target=str, files=list, secret=str, notes=list)
        for file in document["files"]:
            keys(file, path=str, bytes=int)
    assert [Path(file["path"]).stat().st_size for file in written["files"]] == [
        file["bytes"] for file in written["files"]
    ]
    again = relaywright("export", scanner, "postfix", "--out", str(tmp_path / "out"))
    assert (again.code, again.out) == (2, "")
    assert "--overwrite" in again.err


def test_a_bundle_has_the_name_it_was_given_and_comes_back_once(
    relaywright: Relaywright, scanner: str, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    call = ("share", scanner, scanner, "--out", str(bundle), "--passphrase-stdin", "--json")
    assert relaywright(*call, stdin=PASSPHRASE).document["profiles"] == ["Scanner"]
    assert bundle.read_bytes().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    taken = relaywright("import", str(bundle), "--passphrase-stdin", "--on-conflict", "rename", stdin=PASSPHRASE)
    assert taken.code == 0, taken.err
    assert len(relaywright("profile", "list", "--json").document) == 1
    elsewhere = str(tmp_path / "elsewhere")
    other = relaywright(
        "--data-dir", elsewhere, "import", str(bundle), "--passphrase-stdin", "--json", stdin=PASSPHRASE
    )
    (profile,) = other.document["taken"]
    assert (profile["name"], profile["action"]) == ("Scanner", "added")


def test_a_conflict_is_a_question_that_a_script_answers(relaywright: Relaywright, scanner: str, tmp_path: Path) -> None:
    bundle = str(tmp_path / "bundle.relaywright")
    relaywright("share", scanner, "--out", bundle, "--passphrase-stdin", stdin=PASSPHRASE)
    relaywright("profile", "set", scanner, "notes=mine")
    asked = relaywright("import", bundle, "--passphrase-stdin", "--json", stdin=PASSPHRASE)
    assert (asked.code, asked.document["error"]["id"]) == (2, "import-conflict")
    assert relaywright("profile", "show", scanner, "--json").document["notes"] == "mine"
    relaywright("import", bundle, "--passphrase-stdin", "--on-conflict", "replace", stdin=PASSPHRASE)
    assert relaywright("profile", "show", scanner, "--json").document["notes"] == ""


def test_a_passphrase_is_asked_for_by_its_own_option(relaywright: Relaywright, scanner: str, tmp_path: Path) -> None:
    answer = relaywright("share", scanner, "--out", str(tmp_path / "x"))
    assert answer.code == 3
    assert "--passphrase-stdin" in answer.err


@pytest.mark.parametrize(
    ("call", "stdin"),
    [
        (["explain", *REFUSAL.split()], ""),
        (["explain"], "log: host said: 535 5.7.139 Authentication unsuccessful,\n basic authentication is disabled.\n"),
        (["explain"], f"\ufeff{REFUSAL}\r\n"),
    ],
)  # fmt: skip
def test_a_pasted_reply_is_explained_however_it_comes(relaywright: Relaywright, call: list[str], stdin: str) -> None:
    explanation = relaywright(*call, "--json", stdin=stdin).document
    assert (explanation["id"], explanation["confidence"]) == ("basic-auth-disabled", "exact")
    keys(explanation, title=str, cause=str, temporary=bool, steps=list, powershell=str, who=str, sources=list)
    keys(explanation, checked=str)


def test_a_ca_file_is_still_the_same_from_another_folder(
    relaywright: Relaywright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    added = relaywright("profile", "add", "Lab", "username=a@contoso.com", "ca_file=ca.pem", "--json").document
    assert added["ca_file"] == str(tmp_path / "ca.pem")
    assert relaywright("profile", "set", "Lab", "ca_file=", "--json").document["ca_file"] == ""


def test_the_name_stands_in_one_place(relaywright: Relaywright) -> None:
    assert relaywright("profile", "add", "A", "name=B").code == 2
    assert relaywright("profile", "list", "--json").document == []


def test_what_cannot_be_kept_is_said_before_anything_is_contacted(relaywright: Relaywright, scanner: str) -> None:
    answer = relaywright("send", scanner, "--stdin", "--transcript", "/no/such/folder/talk.txt", "--json", stdin="pw")
    assert (answer.code, answer.document["error"]["id"]) == (2, "no-transcript-folder")
    for place in ("/no/such/folder/ready.json", os.environ["RELAYWRIGHT_DATA_DIR"]):
        refused = relaywright("practice", "--ready-file", place, "--json")
        assert (refused.code, refused.document["error"]["id"]) == (2, "bad-ready-file")


def test_a_profile_that_needs_no_secret_is_not_asked_for_one(relaywright: Relaywright) -> None:
    relaywright("profile", "add", "Direct", "method=direct-send", "from=a@contoso.com")
    answer = relaywright("secret", "set", "Direct", "--stdin", "--json")
    assert (answer.code, answer.document["error"]["id"]) == (2, "no-secret-needed")


def test_a_profile_whose_cloud_is_gone_can_be_removed(relaywright: Relaywright, isolated_home: Path) -> None:
    folder = Path(os.environ["RELAYWRIGHT_DATA_DIR"])
    folder.mkdir(parents=True)
    clouds = folder / "clouds.toml"
    clouds.write_text(
        '[cloud.lab]\nname = "Lab"\nsmtp_host = "smtp.lab.example"\nauthority = "https://login.lab.example"\n'
        'scope_delegated = "https://outlook.office.com/SMTP.Send"\n'
        'scope_app = "https://outlook.office365.com/.default"\nmx_suffixes = []\n'
    )
    added = relaywright("profile", "add", "Lab", "cloud=lab", "username=a@contoso.com", "--json")
    assert (added.code, added.document["host"]) == (0, "smtp.lab.example")
    clouds.unlink()
    assert relaywright("profile", "set", "Lab", "notes=x").code == 0
    check = relaywright("check", "Lab", "--json")
    assert (check.code, check.document["explanation"]["id"]) == (1, "unknown-cloud")
    assert relaywright("profile", "remove", "Lab").code == 0
    assert json.loads(relaywright("profile", "list", "--json").out) == []
