"""A token's claims are read without being believed; what is no readable token is said to be none."""

import base64
import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.errors import InputError
from relaywright.domain.secret import Secret
from relaywright.identity.claims import MAX_TOKEN_CHARS, Claims, read_claims

SECRET_PART = "c2lnbmF0dXJlLW9mLWEtdG9rZW4"
HEADER = {"typ": "JWT", "alg": "RS256"}


def encoded(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(claims: object, header: object = HEADER) -> Secret:
    return Secret(f"{encoded(header)}.{encoded(claims)}.{SECRET_PART}")


def test_a_persons_token_is_read() -> None:
    read = read_claims(
        token(
            {
                "aud": "https://outlook.office.com",
                "scp": "SMTP.Send IMAP.AccessAsUser.All",
                "tid": "t-1",
                "upn": "alex@contoso.com",
                "unique_name": "other@contoso.com",
                "appid": "a-1",
                "iss": "https://sts.windows.net/t-1/",
                "iat": 1_800_000_000,
                "nbf": 1_800_000_000.9,
                "exp": 1_800_003_600,
            }
        )
    )
    assert read.audiences == ("https://outlook.office.com",)
    assert read.scopes == ("SMTP.Send", "IMAP.AccessAsUser.All")
    assert (read.tenant, read.username, read.application) == ("t-1", "alex@contoso.com", "a-1")
    assert read.issuer == "https://sts.windows.net/t-1/"
    assert read.expires_at == datetime.datetime.fromtimestamp(1_800_003_600, datetime.UTC)
    assert read.valid_from == read.issued_at
    assert read.is_application is False


@pytest.mark.parametrize(
    ("claims", "is_application"),
    [
        ({"idtyp": "app", "roles": ["SMTP.SendAsApp"]}, True),
        ({"idtyp": "app"}, True),
        ({"roles": ["SMTP.SendAsApp"]}, True),
        ({"idtyp": "user", "roles": ["Reader"]}, False),
        ({"scp": "SMTP.Send", "roles": ["Reader"]}, False),
        ({"upn": "alex@contoso.com", "roles": ["Reader"]}, False),
        ({}, False),
    ],
)
def test_an_applications_token_is_told_from_a_persons(claims: dict[str, Any], is_application: bool) -> None:
    assert read_claims(token(claims)).is_application is is_application


def test_names_of_version_two_tokens_are_read() -> None:
    read = read_claims(token({"preferred_username": "alex@contoso.com", "azp": "a-2", "aud": ["one", "two"]}))
    assert (read.username, read.application, read.audiences) == ("alex@contoso.com", "a-2", ("one", "two"))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("EwBwA8l6BAAU0wbnSl", "opaque"),
        ("", "opaque"),
        ("a.b", "opaque"),
        ("a.b.c.d", "opaque"),
        ("a.b.c.d.e", "encrypted"),
        ("a.b.c", "no JSON"),
        (f"{encoded(HEADER)}.{encoded([1])}.x", "no JSON"),
        (f"{encoded(HEADER)}.{encoded(b'not json')}.x", "no JSON"),
        (f"{encoded(HEADER)}.{encoded(bytes([255, 254, 0]))}.x", "no JSON"),
        (f"{encoded(HEADER)}.{encoded(b'[' * 50_000)[:60_000]}.x", "no JSON"),
        (f"{encoded(HEADER)}.{encoded(b'9' * 30_000)}.x", "no JSON"),
        (f"{encoded(HEADER)}.{encoded({'exp': 1})}=.x", "no JSON"),
        (f"{encoded(HEADER)}. {encoded({'exp': 1})}.x", "no JSON"),
        (f"{encoded(HEADER)}.{encoded({'x': 'y' * MAX_TOKEN_CHARS})}.x", "opaque"),
    ],
)
def test_what_is_no_readable_token_is_said_to_be_none(text: str, word: str) -> None:
    with pytest.raises(InputError) as caught:
        read_claims(Secret(text))
    assert caught.value.id == "token-unreadable"
    assert word in caught.value.message
    assert not text or text not in caught.value.message


@pytest.mark.parametrize("value", [True, "1800000000", -1, 1e300, float("inf"), float("nan"), None, [], 10**30])
def test_a_moment_that_is_none_is_none(value: object) -> None:
    assert read_claims(token({"exp": value})).expires_at is None


def test_hostile_texts_stay_on_their_line_and_short() -> None:
    wild = "a\r\nb\x1b[2J\u202e" + "z" * 1_000
    read = read_claims(token(dict.fromkeys(("aud", "tid", "upn", "appid", "iss"), wild) | {"scp": wild}))
    for text in (*read.audiences, read.tenant, read.username, read.application, read.issuer, *read.scopes):
        assert text.isprintable()
        assert len(text) <= 300


def test_lists_are_bounded() -> None:
    read = read_claims(token({"roles": ["r"] * 2_000, "scp": "s " * 2_000, "aud": ["a"] * 2_000}))
    assert len(read.roles) == len(read.scopes) == len(read.audiences) == 100


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from(
    ["aud", "scp", "roles", "tid", "upn", "preferred_username", "appid", "azp", "exp", "iat", "idtyp"]
)


@given(st.dictionaries(names, values))
def test_whatever_a_token_claims_it_is_read(claims: dict[str, Any]) -> None:
    read = read_claims(token(claims))
    assert isinstance(read, Claims)
    assert SECRET_PART not in repr(read)


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,60}(\.[A-Za-z0-9_-]{0,60}){0,5}", fullmatch=True))
def test_whatever_the_text_it_is_read_or_refused_in_words(text: str) -> None:
    try:
        outcome = type(read_claims(Secret(text))).__name__
    except InputError as fault:
        outcome = fault.id
    assert outcome in {"Claims", "token-unreadable"}
