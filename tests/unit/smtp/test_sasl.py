"""The sign-in exchanges as tables: which challenge gets which answer."""

import base64

import pytest

from relaywright.domain.secret import MASK, Secret
from relaywright.smtp.sasl import Login, Plain, XOAuth2

USERNAME = base64.b64encode(b"alice@contoso.test").decode()
PASSWORD = base64.b64encode("pä55".encode()).decode()
ASK_USER, ASK_PASSWORD = "VXNlcm5hbWU6", "UGFzc3dvcmQ6"


@pytest.mark.parametrize(
    ("with_initial", "challenges", "answers"),
    [
        (True, [ASK_PASSWORD], [PASSWORD]),
        (True, [ASK_USER, ASK_PASSWORD], [USERNAME, PASSWORD]),
        (False, [ASK_USER, ASK_PASSWORD], [USERNAME, PASSWORD]),
        (False, ["", ""], [USERNAME, PASSWORD]),
        (True, [""], [PASSWORD]),
        (True, [ASK_PASSWORD, ASK_PASSWORD], [PASSWORD, None]),
        (True, [ASK_USER, ASK_USER], [USERNAME, None]),
    ],
)
def test_login_answers(with_initial: bool, challenges: list[str], answers: list[str | None]) -> None:
    exchange = Login("alice@contoso.test", Secret("pä55"))
    if with_initial:
        assert exchange.initial().wire == USERNAME
    messages = [exchange.answer(challenge) for challenge in challenges]
    assert [message.wire if message else None for message in messages] == answers
    assert all(message.shown == MASK for message in messages if message and message.wire == PASSWORD)


def test_plain_says_everything_once() -> None:
    exchange = Plain("alice", Secret("pä55"))
    message = exchange.initial()
    assert base64.b64decode(message.wire) == "\0alice\0pä55".encode()
    assert message.shown == MASK
    assert exchange.answer("") is None


def test_xoauth2_has_the_documented_form() -> None:
    message = XOAuth2("alice@contoso.test", Secret("tok")).initial()
    assert base64.b64decode(message.wire) == b"user=alice@contoso.test\x01auth=Bearer tok\x01\x01"
    assert message.shown == MASK
    assert "tok" not in repr(message)
    assert message.wire not in repr(message)


def test_xoauth2_sends_its_message_when_asked_if_it_did_not_fit_before() -> None:
    exchange = XOAuth2("alice@contoso.test", Secret("tok"))
    wire = exchange.initial().wire
    exchange.without_initial()
    answer = exchange.answer("")
    assert answer is not None
    assert answer.wire == wire


@pytest.mark.parametrize(
    ("challenge", "remark"),
    [
        (base64.b64encode(b'{"status":"401"}').decode(), 'The server’s reason: {"status":"401"}'),
        ("not base64!", ""),
        ("", ""),
    ],
)
def test_xoauth2_acknowledges_the_error_with_an_empty_line(challenge: str, remark: str) -> None:
    exchange = XOAuth2("alice@contoso.test", Secret("tok"))
    exchange.initial()
    answer = exchange.answer(challenge)
    assert answer is not None
    assert (answer.wire, answer.untrusted_remark) == ("", remark)
    assert exchange.answer(challenge) is None
