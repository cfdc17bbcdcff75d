"""``explain`` at the terminal: text, standard input, files; the line that mattered above, what else was found below."""

from pathlib import Path

import pytest

from terminal_calls import Relaywright

SAMPLES = Path(__file__).parents[2] / "data" / "pasted"
REFUSAL = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."


def test_a_log_shows_the_line_that_mattered_and_what_else_was_found(relaywright: Relaywright) -> None:
    answer = relaywright("explain", "--file", str(SAMPLES / "postfix.log"))
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0] == "Line 7 (3 times):"
    assert lines[1].startswith("    Nov 23 06:10:01 mx1 postfix/smtp[831]: 5D2281F6: SASL authentication failed")
    assert lines[3] == "Sign-in by password is turned off for this account"
    assert answer.out.index("Also found:") > answer.out.index("Whose move")
    assert "  - Line 6: Too many connections with this mailbox at once." in lines


def test_a_bounce_names_field_and_recipient(relaywright: Relaywright) -> None:
    out = relaywright("explain", "--file", str(SAMPLES / "exchange-report.eml")).out
    assert out.startswith("Diagnostic-Code for partner@fabrikam.example, line 48:\n    550 5.7.68 TenantInbound")


def test_the_document_is_the_explanation_with_the_lines_found(relaywright: Relaywright) -> None:
    document = relaywright("explain", "--json", "--file", str(SAMPLES / "postfix.log")).document
    assert (document["id"], document["confidence"]) == ("basic-auth-disabled", "exact")
    assert [(item["line"], item["last_line"], item["times"], item["best"]) for item in document["found"]] == [
        (6, 6, 1, False),
        (7, 9, 3, True),
        (10, 10, 1, False),
    ]
    assert {"where", "recipient", "text", "id", "title", "confidence"} <= document["found"][0].keys()
    piped = relaywright(
        "explain", "--json", stdin=(SAMPLES / "postfix-bounce.eml").read_text(encoding="utf-8")
    ).document
    assert [item["recipient"] for item in piped["found"]] == ["nobody@contoso.example", "boss@fabrikam.example"]
    assert relaywright("explain", "--json", "nothing", "here").document["found"] == []


def test_a_profiles_values_fill_the_command(relaywright: Relaywright) -> None:
    relaywright("profile", "add", "Scanner", "username=scan@contoso.com")
    assert "'<mailbox>'" in relaywright("explain", REFUSAL, "--json").document["powershell"]
    filled = relaywright("explain", REFUSAL, "--profile", "Scanner", "--json").document
    assert "'scan@contoso.com'" in filled["powershell"]
    assert relaywright("explain", REFUSAL, "--profile", "Nobody").code == 2


def test_what_a_server_sent_cannot_reach_the_terminal(relaywright: Relaywright, tmp_path: Path) -> None:
    path = tmp_path / "hostile.log"
    path.write_bytes(f"{REFUSAL} \x1b]0;owned\x07\x1b[2J\u202e\n".encode())
    out = relaywright("explain", "--file", str(path)).out
    assert out.startswith("Line 1:\n    535 5.7.139")
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    hostile = "Final-Recipient: rfc822; a\x1b[31m@b.example\nAction: failed\nStatus: 5.7.68\n"
    path.write_text(hostile + hostile.replace("a\x1b", "b\x1b"), encoding="utf-8")
    answer = relaywright("explain", "--file", str(path))
    assert "\x1b" not in answer.out
    assert "The same, of:" in answer.out


@pytest.mark.parametrize(
    ("name", "error"), [("missing.log", "unreadable-file"), (".", "unreadable-file"), ("old.msg", "outlook-message")]
)
def test_a_file_that_cannot_be_explained_says_what_to_do(
    relaywright: Relaywright, tmp_path: Path, name: str, error: str
) -> None:
    (tmp_path / "old.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50))
    answer = relaywright("explain", "--json", "--file", str(tmp_path / name))
    assert answer.code == 2
    assert answer.document["error"]["id"] == error
    assert answer.document["error"]["hint"]


def test_text_and_file_together_are_refused(relaywright: Relaywright) -> None:
    answer = relaywright("explain", "text", "--file", "x.log", "--json")
    assert (answer.code, answer.document["error"]["id"]) == (2, "text-and-file")


def test_of_a_large_input_both_ends_are_read(relaywright: Relaywright) -> None:
    large = "\n".join(
        ("first", REFUSAL, *["all is well"] * 500_000, "550 5.1.10 RESOLVER.ADR.RecipientNotFound", "last")
    )
    found = relaywright("explain", "--json", stdin=large).document["found"]
    assert [(item["id"], item["line"]) for item in found] == [
        ("smtp-auth-disabled-tenant", 2),
        ("recipient-not-found", -2),
    ]
