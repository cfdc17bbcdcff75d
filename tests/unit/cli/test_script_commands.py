"""``script``: the contract's words, one document, a clean script when it is redirected."""

from pathlib import Path

import pytest

from terminal_calls import Relaywright

NAME = "Scanner, 2nd floor"
# The contract's kinds that a later piece fills in.
NOT_YET = ("inbound-connector", "mailbox-smtp-auth", "tenant-smtp-auth", "service-mailbox", "send-connector",
           "receive-connector", "direct-send", "hve-account", "legacy-tls", "authentication-policy")  # fmt: skip


@pytest.fixture
def scanner(relaywright: Relaywright) -> str:
    fields = ("username=scan@contoso.com", "auth=oauth", "tenant=contoso.onmicrosoft.com")
    assert relaywright("profile", "add", NAME, *fields).code == 0
    return NAME


def test_one_document_says_all_of_a_script(relaywright: Relaywright, scanner: str) -> None:
    document = relaywright("script", scanner, "app-registration", "--json").document
    assert (document["profile"], document["kind"], document["file"]) == (NAME, "app-registration", None)
    assert document["script"].startswith("<#\n.SYNOPSIS\n")
    assert document["consent_address"] is None
    assert document["sureness"] in {"documented", "mirrored", "reported", "unverified"}
    assert document["checked"] >= "2026-11-24"
    assert "Cloud Application Administrator" in document["who"]
    assert document["title"]
    assert document["sources"]
    assert document["notes"]
    relaywright("profile", "set", scanner, "client_id=00000000-0000-0000-0000-000000000001")
    address = relaywright("script", scanner, "app-registration", "--json").document["consent_address"]
    assert address.startswith("https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0/adminconsent?client_id=")
    assert address in relaywright("script", scanner, "app-registration").err


def test_what_is_redirected_is_the_script_alone(relaywright: Relaywright, scanner: str) -> None:
    answer = relaywright("script", scanner, "app-registration")
    assert answer.code == 0
    assert answer.out.startswith("<#\n")
    assert answer.out.rstrip().splitlines()[-1].startswith("#     Remove-MgApplication")
    assert "never run against a tenant" in answer.err


def test_a_file_is_written_once_and_replaced_when_asked(relaywright: Relaywright, scanner: str, tmp_path: Path) -> None:
    file = tmp_path / "register.ps1"
    call = ("script", scanner, "app-registration", "--out", str(file))
    assert relaywright(*call, "--json").document["file"] == str(file)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf<#\r\n")
    again = relaywright(*call)
    assert (again.code, again.out) == (2, "")
    assert "--overwrite" in again.err
    replaced = relaywright(*call, "--overwrite")
    assert replaced.code == 0
    assert f"Wrote {file}" in replaced.out


@pytest.mark.parametrize("kind", [*NOT_YET, "x"])
def test_a_kind_that_is_not_there_is_refused_with_those_there_are(
    relaywright: Relaywright, scanner: str, kind: str
) -> None:
    answer = relaywright("script", scanner, kind, "--json")
    assert (answer.code, answer.document["error"]["id"]) == (2, "unknown-script")
    assert "app-registration, send-as" in answer.document["error"]["hint"]


def test_where_nothing_has_to_be_granted_it_is_said(relaywright: Relaywright, scanner: str) -> None:
    answer = relaywright("script", scanner, "send-as", "--json")
    assert (answer.code, answer.document["error"]["id"]) == (2, "nothing-to-grant")
