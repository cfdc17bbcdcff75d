"""Replies in pasted text: the forms in which programs quote them, and input that is not meant well."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relaywright.catalog.catalog import Catalog
from relaywright.catalog.pasted import MAX_CANDIDATES, cut, replies_in
from relaywright.domain.explanation import MatchConfidence

CATALOG = Catalog.load(Path(__file__).parents[3] / "resources")

TENANT = "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."
DIRECT = "TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (f"535 5.7.139 {TENANT}", "smtp-auth-disabled-tenant"),
        (f"535-5.7.139 {TENANT}", "smtp-auth-disabled-tenant"),
        (f"<< 535 5.7.139 {TENANT}", "smtp-auth-disabled-tenant"),
        (f"<** 535 5.7.139 {TENANT}", "smtp-auth-disabled-tenant"),
        (f"SERVER -> CLIENT: 535 5.7.139 {TENANT}", "smtp-auth-disabled-tenant"),
        (f"SMTPAuthenticationError: (535, b'5.7.139 {TENANT} [X.prod.outlook.com]')", "smtp-auth-disabled-tenant"),
        (f"MailKit.Security.AuthenticationException: 535: 5.7.139 {TENANT}", "smtp-auth-disabled-tenant"),
        (f"Error: Invalid login: 535 5.7.139 {TENANT}", "smtp-auth-disabled-tenant"),
        (f"Error 535: {TENANT}", "smtp-auth-disabled-tenant"),
        (f"> > 535 5.7.139 {TENANT}", "smtp-auth-disabled-tenant"),
        (TENANT, "smtp-auth-disabled-tenant"),
        (
            "535-5.7.139 Failed, SmtpClientAuthentication is\n535 5.7.139 disabled for the Tenant.",
            "smtp-auth-disabled-tenant",
        ),
        (f"Diagnostic-Code: smtp; 550 5.7.68 {DIRECT}", "direct-send-rejected"),
        ("Diagnostic-Code: smtp; 550 5.7.68 Tenant;\n    Direct Send not allowed", "direct-send-rejected"),
        (f"Remote Server returned '550 5.7.68 {DIRECT}'", "direct-send-rejected"),
        (f"mx postfix/smtp[1]: A1: (host x[192.0.2.1] said: 550 5.7.68 {DIRECT} (x))", "direct-send-rejected"),
        ("Status: 5.7.68", "direct-send-rejected"),
        ("550 #5.1.8 Access denied, bad outbound sender", "account-restricted"),
        ("5.7.60", "send-as-not-permitted"),
        ("curl: (35) error:0A00010B:SSL routines::wrong version number", "tls-not-spoken"),
        ("javax.net.ssl.SSLException: Unsupported or unrecognized SSL message", "tls-not-spoken"),
        ("ConnectionRefusedError: [WinError 10061] The target actively refused it", "connection-refused"),
    ],
)  # fmt: skip
def test_a_reply_is_found_as_programs_quote_it(text: str, entry: str) -> None:
    explanation = CATALOG.explain_text(text, {})
    assert (explanation.id, explanation.confidence) == (entry, MatchConfidence.EXACT)


def test_the_telling_reply_of_a_whole_session_is_picked() -> None:
    session = f"""
    220 SC1PR80CA0174.outlook.office365.com Microsoft ESMTP MAIL Service ready
    250-SC1PR80CA0174.outlook.office365.com Hello [192.0.2.1]
    250 SMTPUTF8
    334 VXNlcm5hbWU6
    535 5.7.139 {TENANT}
    221 2.0.0 Service closing transmission channel
    """
    assert CATALOG.explain_text(session, {}).id == "smtp-auth-disabled-tenant"


def test_a_known_reply_beats_an_unlisted_one_after_it() -> None:
    assert CATALOG.explain_text(f"535 5.7.139 {TENANT}\n503 5.5.9 odd", {}).id == "smtp-auth-disabled-tenant"


def test_words_of_an_unlisted_variant_are_not_taken_for_another_reply() -> None:
    explanation = CATALOG.explain_text("535 5.7.139 Authentication unsuccessful, for a new reason.", {})
    assert explanation.confidence is MatchConfidence.CODE
    assert "new to the catalogue" in explanation.cause
    assert "SMTP AUTH is turned off for this mailbox" in explanation.steps[0]


def test_a_bare_code_with_several_meanings_names_them() -> None:
    explanation = CATALOG.explain_text("5.7.64", {})
    assert explanation.confidence is MatchConfidence.CODE
    assert "No connector recognises the sender" in explanation.steps[0]


@pytest.mark.parametrize(
    "text", ["", "  \n", "hello world", "File x.py, line 535, in send", "version 5.7.139.2", "192.0.2.550"]
)
def test_text_without_a_reply_is_unknown(text: str) -> None:
    explanation = CATALOG.explain_text(text, {})
    assert explanation.confidence is MatchConfidence.UNKNOWN
    assert explanation.steps


def test_a_reason_at_the_end_of_a_huge_log_is_found() -> None:
    log = "2026-11-23 10:00:00 all is well\n" * 60_000
    assert CATALOG.explain_text(log + f"535 5.7.139 {TENANT}", {}).id == "smtp-auth-disabled-tenant"


@pytest.mark.parametrize(
    "piece",
    [
        "535 ",
        "5.7.1 ",
        "535 5.7.139 ",
        "a",
        "(",
        "'\":=<",
        "<\n",
        "535 5.7.9 x\n",
        "\x00",
        "535-5.7.139\r",
        "smtp; 550 ",
        "SMTP code: 535 ",
        "Detail: SMTP code: 535",
    ],
)
def test_a_megabyte_of_anything_is_answered_soon(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert CATALOG.replies  # read before the clock starts
    began = time.process_time()
    CATALOG.explain_text(text, {})
    assert time.process_time() - began < 5
    assert len(replies_in(cut(text))) <= MAX_CANDIDATES


SNIPPETS = st.sampled_from(
    [
        "535",
        " ",
        "-",
        "5.7.139",
        "5.7.3",
        "\n",
        "\r\n",
        "[x]",
        "Relay Access Denied",
        "smtp; ",
        "(535, b'",
        "\x00",
        "\u2028",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(SNIPPETS, st.text(max_size=12)), max_size=40).map("".join), st.text(max_size=40))
def test_any_text_is_answered_and_values_never_leave_their_quotes(text: str, value: str) -> None:
    explanation = CATALOG.explain_text(text, {"mailbox": value, "sender": value, "auth": "oauth-app"})
    assert explanation.title
    assert "{{" not in explanation.powershell.replace(value, "")
    assert (explanation.confidence is MatchConfidence.UNKNOWN) == (not explanation.sources)
