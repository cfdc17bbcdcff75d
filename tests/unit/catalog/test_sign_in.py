"""Refused sign-ins: the forms in which programs quote them, which number tells most, and input not meant well."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relaywright.catalog.catalog import Catalog
from relaywright.domain.explanation import MatchConfidence, Sureness

CATALOG = Catalog.load(Path(__file__).parents[3] / "resources")

TRACE = "d9ceba41-88e0-461b-b059-d818f9c81401"
CORRELATION = "7df63a2d-c2a0-41ee-ab3f-50977184a659"
IDS = f"Trace ID: {TRACE} Correlation ID: {CORRELATION} Timestamp: 2026-08-26 10:13:41Z"
MFA = "Due to a configuration change made by your administrator"


def explained(text: str, **values: str) -> str:
    return CATALOG.explain_sign_in(text, values).id


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (f"AADSTS50076: {MFA}", "mfa-required"),
        (f"The sign-in was refused: AADSTS50076: {MFA}… (trace id {TRACE})", "mfa-required"),
        (f"msal.exceptions.MsalServiceError: aadsts50076: {MFA}", "mfa-required"),
        ('{"error":"interaction_required","error_codes":[50076],"timestamp":"2026-11-23 09:00:00Z"}', "mfa-required"),
        ("{'error': 'interaction_required', 'error_codes': [50076]}", "mfa-required"),
        ("https://login.microsoftonline.com/error?code=50076", "mfa-required"),
        ('"errorNo":50076,"subError":"basic_action"', "mfa-required"),
        ("Sign-in error code 50053\nFailure reason Other", "sign-in-account-locked"),
        ("Error Code: 53003\nRequest Id: 1\nApp name: scanner", "blocked-by-conditional-access"),
        ("53003", "blocked-by-conditional-access"),
        (" 7000222\n", "client-secret-expired"),
        ("error=access_denied&error_description=the+user+canceled+the+authentication", "oauth-access-denied"),
        ("error: invalid_client", "oauth-invalid-client"),
        ("ErrorCode: invalid_client", "oauth-invalid-client"),
        ("invalid_grant", "oauth-invalid-grant"),
        ("Azure Active Directory error '(invalid_grant) no more'", "oauth-invalid-grant"),
        ('{"error": "invalid_grant", "suberror": "message_only"}', "suberror-message-only"),
        ("invalid_grant bad_token", "suberror-bad-token"),
        ('{"error": "consent_required"}', "oauth-consent-required"),
    ],
)
def test_a_refusal_is_found_as_programs_quote_it(text: str, entry: str) -> None:
    for explanation in (CATALOG.explain_sign_in(text, {}), CATALOG.explain_text(text, {})):
        assert (explanation.id, explanation.confidence) == (entry, MatchConfidence.EXACT)


@pytest.mark.parametrize(
    ("words", "entry"),
    [
        ("An administrator of Contoso set a policy that prevents you\nfrom granting Relay", "consent-by-users-off"),
        ("Relay is requesting one or more permissions", "consent-not-authorized"),
    ],
)
def test_the_same_number_is_told_apart_by_its_words(words: str, entry: str) -> None:
    assert explained(f"AADSTS90093: {words}") == entry


def test_of_several_numbers_the_last_tells_most() -> None:
    assert explained("AADSTS70008: expired\n(sign-in again)\nAADSTS50076: more") == "mfa-required"
    assert explained("AADSTS70002: Error validating credentials. AADSTS50126: Invalid username") == (
        "wrong-name-or-password"
    )


def test_a_step_of_a_normal_sign_in_gives_way_to_an_error() -> None:
    assert explained("AADSTS53003: blocked\nAADSTS50058: A silent sign-in request was sent") == (
        "blocked-by-conditional-access"
    )
    assert explained("AADSTS50058: A silent sign-in request was sent") == "not-signed-in-yet"
    assert explained("AADSTS50058: one\nAADSTS99999123: two") == "unlisted-sign-in-error"


def test_a_suberror_adds_to_the_number() -> None:
    both = CATALOG.explain_sign_in('AADSTS50076: x {"suberror": "basic_action"}', {})
    alone = CATALOG.explain_sign_in("AADSTS50076: x", {})
    assert both.id == alone.id
    assert both.cause == f"{alone.cause} The suberror adds: A person can settle this by signing in."


def test_the_ids_for_a_ticket_are_kept() -> None:
    last = CATALOG.explain_sign_in(f"AADSTS50076: {MFA}\r\n{IDS}", {}).steps[-1]
    assert f"correlation id {CORRELATION}, trace id {TRACE}, time 2026-08-26 10:13:41Z" in last
    assert not any("ticket" in step for step in CATALOG.explain_sign_in("AADSTS50076", {}).steps)


def test_the_ids_are_those_of_the_number_that_is_explained() -> None:
    other = "00000000-1111-2222-3333-444444444444"
    text = f"AADSTS50058: x Correlation ID: {other}\nAADSTS50076: y Correlation ID: {CORRELATION}"
    assert CORRELATION in CATALOG.explain_sign_in(text, {}).steps[-1]
    assert other not in CATALOG.explain_sign_in(text, {}).steps[-1]


def test_a_number_without_an_entry_ends_in_the_official_lookup() -> None:
    explanation = CATALOG.explain_text(f'{{"error":"invalid_client"}} AADSTS7654321: something new. {IDS}', {})
    assert explanation.id == "unlisted-sign-in-error"
    assert explanation.confidence is MatchConfidence.CODE
    assert explanation.title == "The sign-in was refused (AADSTS7654321)"
    assert "https://login.microsoftonline.com/error?code=7654321" in explanation.steps[0]
    assert "Client authentication failed." in explanation.cause
    assert CORRELATION in explanation.steps[-1]
    assert explanation.sureness is Sureness.DOCUMENTED


@pytest.mark.parametrize(
    "text",
    ["", "hello", "12345678", "error code: 10060", "errno 50076.5", "AADSTS12", "AADSTS123456789", "size_limit"],
)
def test_text_without_a_refusal_is_unknown(text: str) -> None:
    assert CATALOG.explain_sign_in(text, {}).confidence is MatchConfidence.UNKNOWN


def test_a_reply_of_the_mail_service_is_not_taken_for_a_refused_sign_in() -> None:
    for text in (
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. error invalid_grant",
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.\nAADSTS7654321: unknown",
    ):
        assert CATALOG.explain_text(text, {}).id == "basic-auth-disabled"
    assert CATALOG.explain_text("554 5.9.9 server_error in module", {}).id == "unlisted-reply"


def test_a_known_number_explains_a_log_that_ends_with_a_bare_reply() -> None:
    log = "token: AADSTS700082: The refresh token has expired\n535 5.7.3 Authentication unsuccessful"
    assert CATALOG.explain_text(log, {}).id == "sign-in-unused-too-long"


def test_the_consent_address_follows_profile_and_cloud() -> None:
    values = {"tenant": "contoso.us", "client_id": "11111111-2222-3333-4444-555555555555", "cloud": "gcc-high"}
    steps = " ".join(CATALOG.explain_sign_in("AADSTS65001", values).steps)
    assert (
        "https://login.microsoftonline.us/contoso.us/adminconsent?client_id=11111111-2222-3333-4444-555555555555"
        in steps
    )
    unknown = " ".join(CATALOG.explain_sign_in("AADSTS65001", {"cloud": "gone"}).steps)
    assert "https://login.microsoftonline.com/<tenant>/adminconsent" in unknown


@pytest.mark.parametrize(
    "piece",
    ["AADSTS", "AADSTS50076 ", "AADSTS99999999 ", "error_", "error: ", "a_", "invalid_grant ", "error_codes: [1",
     "trace id: ", "0000-", "1", "\x00", "AADSTS90093 "],
)  # fmt: skip
def test_a_megabyte_of_anything_is_answered_soon(piece: str) -> None:
    CATALOG.explain_sign_in("", {})
    text = piece * (1_000_000 // len(piece))
    begin = time.process_time()
    CATALOG.explain_sign_in(text, {})
    CATALOG.explain_text(text, {})
    assert time.process_time() - begin < 2


def test_thousands_of_different_numbers_are_answered_soon() -> None:
    text = " ".join(f"AADSTS{number}" for number in range(10_000_000, 10_015_000))
    begin = time.process_time()
    assert explained(text) == "unlisted-sign-in-error"
    assert time.process_time() - begin < 2


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_and_any_values_are_answered_on_one_line_each(text: str, value: str) -> None:
    values = {"tenant": value, "client_id": value, "cloud": value}
    for explanation in (CATALOG.explain_sign_in(text, values), CATALOG.explain_sign_in(f"AADSTS65001 {text}", values)):
        assert explanation.title
        for step in explanation.steps:
            assert "{{" not in step.replace(value, "") or "{{" in value
            assert not set(step) & set("\r\n\x00")
