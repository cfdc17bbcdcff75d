"""A person is only sent to pages that are encrypted or on this machine; the desktop is asked to open nothing else."""

import dataclasses

import pytest

from relaywright.catalog.facts import Cloud
from relaywright.domain.errors import Refused
from relaywright.identity.conversation import Conversation
from relaywright.identity.page_address import may_be_opened, page_of
from relaywright.identity.signin import SignIn

GOOD = (
    "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?client_id=x&scope=a%20b",
    "http://localhost:2480/t/oauth2/v2.0/authorize",
    "http://127.0.0.1:2480/",
    "http://[::1]:2480/",
)
BAD = (
    "",
    "login.microsoftonline.com",
    "http://login.microsoftonline.com/",
    "http://localhost.attacker.example/",
    "http://localhost@attacker.example/",
    "https://login.microsoftonline.com@attacker.example/",
    "file:///C:/Windows/System32/calc.exe",
    "file://attacker.example/share/sign-in.exe",
    "\\\\attacker.example\\share",
    "javascript:alert(1)",
    "ms-msdt:/id",
    "smb://attacker.example/",
    "https://",
    "https:///path",
    "https://a\r\nb/",
    "https://login.example/ --new-window",
    "-https://login.example/",
    "https://xn--a\u202egro.example/",
    "https://[::1",
    "https://login.example/" + "a" * 9_000,
)


@pytest.mark.parametrize("address", GOOD)
def test_a_page_that_may_be_opened_is_left_as_it_is(address: str) -> None:
    assert page_of(address, "https://login.example") == address


@pytest.mark.parametrize("address", BAD, ids=lambda address: address[:40])
def test_anything_else_is_refused_and_not_repeated(address: str) -> None:
    assert not may_be_opened(address)
    with pytest.raises(Refused) as refused:
        page_of(address, "https://login.example")
    assert refused.value.id == "sign-in-page"
    assert "attacker" not in refused.value.message


def test_a_service_that_names_a_program_as_its_page_gets_nothing_opened(
    cloud: Cloud, window: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Conversation.begin

    def hostile(self: Conversation, redirect_uri: str, login_hint: str) -> dict[str, object]:
        return {**begin(self, redirect_uri, login_hint), "auth_uri": "file://attacker.example/share/sign-in.exe"}

    monkeypatch.setattr(Conversation, "begin", hostile)
    opened: list[str] = []
    assert callable(window)
    sign_in = window(dataclasses.replace(cloud))
    assert isinstance(sign_in, SignIn)
    with pytest.raises(Refused):
        sign_in.interactive(opened.append, time_limit_s=10)
    assert opened == []
