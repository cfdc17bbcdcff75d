"""A refusal keeps Microsoft's code and support ids, and nothing that could be a token or leave its line."""

import unicodedata

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.errors import InputError, NoAnswer, Refused, RelaywrightError
from relaywright.identity import refusals

TRACE = "11111111-2222-3333-4444-555555555555"
CORRELATION = "66666666-7777-8888-9999-000000000000"


def test_code_reason_and_support_ids_are_kept() -> None:
    answer = {
        "error": "invalid_grant",
        "error_description": "AADSTS70008: The provided authorization code or refresh token has expired.\r\n"
        f"Trace ID: {TRACE}\r\nCorrelation ID: {CORRELATION}\r\nTimestamp: 2026-11-23 10:00:00Z",
    }
    error = refusals.from_answer(answer, "sign-in-expired", "Sign in again.")
    assert error.message == (
        "The sign-in was refused: AADSTS70008: The provided authorization code or refresh token has expired. "
        f"(trace id {TRACE}, correlation id {CORRELATION})"
    )
    assert refusals.code_of(error.message) == "AADSTS70008"
    assert (error.id, error.hint) == ("sign-in-expired", "Sign in again.")


def test_ids_beside_the_description_are_kept_too_and_odd_ones_are_not() -> None:
    answer = {"error": "server_error", "trace_id": TRACE, "correlation_id": "<script>"}
    assert refusals.from_answer(answer, "x", "").message.endswith(f"server_error (trace id {TRACE})")


def test_a_suberror_is_kept_and_what_is_no_name_is_not() -> None:
    answer = {"error": "invalid_grant", "error_description": "AADSTS50076: x", "correlation_id": CORRELATION}
    told = refusals.from_answer({**answer, "suberror": "basic_action"}, "x", "").message
    assert told.endswith(f"AADSTS50076: x (suberror basic_action, correlation id {CORRELATION})")
    for odd in ("<b>", "Basic Action\n", "", None, 7, "a" * 41):
        assert "suberror" not in refusals.from_answer({**answer, "suberror": odd}, "x", "").message


@pytest.mark.parametrize("answer", [{}, {"error": ""}, {"error_description": " \n"}, {"error": None}])
def test_an_answer_without_a_reason_is_still_a_sentence(answer: dict[str, object]) -> None:
    assert refusals.from_answer(answer, "x", "").message


def test_what_looks_like_a_token_is_cut_out() -> None:
    token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9." + "a" * 300 + "." + "b" * 80
    message = refusals.from_answer({"error": "x", "error_description": f"bad assertion {token} given"}, "x", "").message
    assert "bad assertion […] given" in message
    assert "aaaa" not in message


@given(st.text(max_size=2000))
def test_cleaned_text_is_one_line_of_bounded_length(text: str) -> None:
    cleaned = refusals.clean(text)
    assert len(cleaned) <= 300
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} for char in cleaned)


@pytest.mark.parametrize(
    ("fault", "kind", "id_"),
    [
        (requests.exceptions.SSLError("x"), Refused, "sign-in-certificate"),
        (requests.exceptions.ProxyError("x"), NoAnswer, "sign-in-no-answer"),
        (requests.exceptions.ConnectTimeout("x"), NoAnswer, "sign-in-no-answer"),
        (requests.exceptions.ConnectionError("x"), NoAnswer, "sign-in-no-answer"),
        (ValueError("Unable to get authority configuration for https://x/y."), InputError, "unknown-tenant"),
        (RuntimeError("Unable to complete OIDC Discovery: 302, "), NoAnswer, "sign-in-no-answer"),
        (KeyError("authorization_endpoint"), NoAnswer, "sign-in-no-answer"),
    ],
)
def test_what_libraries_raise_becomes_words(fault: Exception, kind: type[RelaywrightError], id_: str) -> None:
    error = refusals.from_exception(fault, "https://login.example")
    assert isinstance(error, kind)
    assert error.id == id_
    assert error.hint


def test_a_bug_stays_a_bug() -> None:
    assert refusals.from_exception(TypeError("ours"), "https://login.example") is None
