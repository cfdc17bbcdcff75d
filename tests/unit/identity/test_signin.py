"""A person signs in against the practice sign-in; later starts need nobody; every way out is told in words."""

import contextlib
import dataclasses
import datetime
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msal
import pytest
import trustme

from fixed_key import FixedKey
from one_answer import OneAnswer
from person_at_browser import PersonAtBrowser
from relaywright.catalog.facts import Cloud
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded, InputError, NoAnswer, Refused
from relaywright.identity import conversation as conversation_module
from relaywright.identity import signin as signin_module
from relaywright.identity.cache import TokenCache
from relaywright.identity.signin import SignIn
from relaywright.practice.practice import Practice, PracticeAddresses
from relaywright.vault.sealed_file import SealedFile

Window = Callable[..., SignIn]
Seat = Callable[..., PersonAtBrowser]


def test_a_sign_in_gives_a_token_the_practice_relay_takes(
    window: Window, person: Seat, practice: Practice, addresses: PracticeAddresses
) -> None:
    alex = person("alex")
    token = window().interactive(alex.open, "alex@practice.example")

    assert practice.tokens.verify(token.value.reveal()) == "alex@practice.example"
    assert token.account.username == "alex@practice.example"
    assert token.account.tenant == addresses.tenant
    assert token.expires_at > datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=50)
    assert "You are signed in" in alex.done()
    asked = parse_qs(urlsplit(alex.address).query)
    assert asked["response_mode"] == ["form_post"]
    assert asked["prompt"] == ["select_account"]
    assert asked["login_hint"] == ["alex@practice.example"]
    assert asked["code_challenge_method"] == ["S256"]
    assert "https://outlook.office.com/SMTP.Send" in asked["scope"][0].split()


def test_the_next_start_needs_nobody_and_asks_no_server(
    window: Window, person: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = window().interactive(person("alex").open)

    def no_conversation(*_: object) -> None:
        raise AssertionError("a stored token needs no conversation")

    monkeypatch.setattr(signin_module, "Conversation", no_conversation)
    again = window()
    assert [account.username for account in again.accounts()] == ["alex@practice.example"]
    second = again.silent(first.account.home_account_id)
    assert second.value == first.value
    assert abs(second.expires_at - first.expires_at) <= datetime.timedelta(seconds=2)


def test_a_token_is_renewed_with_what_is_stored_and_the_new_one_is_kept(
    window: Window, person: Seat, practice: Practice
) -> None:
    first = window().interactive(person("alex").open)
    renewed = window().silent(first.account.home_account_id, renew=True)
    assert renewed.value != first.value
    assert practice.tokens.verify(renewed.value.reveal()) == "alex@practice.example"
    assert window().silent(first.account.home_account_id).value == renewed.value


def test_a_revoked_sign_in_is_told_with_the_services_reason(window: Window, person: Seat, practice: Practice) -> None:
    first = window().interactive(person("accounts").open)
    practice.tokens.revoke("accounts@practice.example")
    with pytest.raises(CredentialNeeded) as caught:
        window().silent(first.account.home_account_id, renew=True)
    assert caught.value.id == "sign-in-expired"
    assert "AADSTS70000" in caught.value.message
    assert "revoked" in caught.value.message
    assert caught.value.hint == "Sign in again."


def test_who_never_signed_in_is_asked_to(window: Window) -> None:
    with pytest.raises(CredentialNeeded) as caught:
        window().silent("nobody.nowhere")
    assert caught.value.id == "sign-in-needed"


def test_a_damaged_file_is_told_when_a_token_is_wanted(window: Window, person: Seat, token_file: Path) -> None:
    first = window().interactive(person("alex").open)
    token_file.write_bytes(token_file.read_bytes()[:-1])
    with pytest.raises(CredentialNeeded) as caught:
        window().silent(first.account.home_account_id)
    assert caught.value.id == "sign-in-needed"
    assert "damaged" in caught.value.message


def test_another_person_than_expected_may_sign_in(window: Window, person: Seat) -> None:
    token = window().interactive(person("alex").open, "office@practice.example")
    assert token.account.username == "alex@practice.example"


def test_two_windows_keep_each_others_sign_ins(window: Window, person: Seat) -> None:
    one, other = window(), window()
    assert one.accounts() == other.accounts() == []
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(one.interactive, person("alex").open)
        second = pool.submit(other.interactive, person("scanner").open)
        tokens = [first.result(30), second.result(30)]
    assert [account.username for account in window().accounts()] == [
        "alex@practice.example",
        "scanner@practice.example",
    ]
    for token in tokens:
        assert window().silent(token.account.home_account_id).value == token.value


def test_signing_out_forgets_one_account(window: Window, person: Seat) -> None:
    alex = window().interactive(person("alex").open).account
    scanner = window().interactive(person("scanner").open).account
    assert window().forget(alex.home_account_id) is True
    assert window().forget(alex.home_account_id) is False
    assert window().accounts() == [scanner]
    with pytest.raises(CredentialNeeded):
        window().silent(alex.home_account_id)


def test_cancelling_on_the_page_is_told_with_its_code(window: Window, person: Seat) -> None:
    alex = person("alex", button="cancel")
    with pytest.raises(CredentialNeeded) as caught:
        window().interactive(alex.open)
    assert caught.value.id == "sign-in-refused"
    assert "AADSTS65004" in caught.value.message
    page = alex.done()
    assert "You are not signed in" in page
    assert "AADSTS65004" in page


def test_cancelling_in_the_program_ends_the_wait_at_once(window: Window, token_file: Path) -> None:
    cancel = CancelToken()
    cancelled_at: list[float] = []

    def cancel_soon(_address: str) -> None:
        def run() -> None:
            cancelled_at.append(time.monotonic())
            cancel.cancel()

        threading.Timer(0.2, run).start()

    threads = threading.active_count()
    with pytest.raises(Cancelled):
        window().interactive(cancel_soon, cancel=cancel)
    assert time.monotonic() - cancelled_at[0] < 0.2
    assert not token_file.exists()
    assert threading.active_count() <= threads + 1  # the timer may still be ending


def test_cancelling_while_the_service_is_silent_ends_at_once(cloud: Cloud, window: Window) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        quiet = dataclasses.replace(cloud, authority=f"https://127.0.0.1:{silent.getsockname()[1]}")
        cancel = CancelToken()
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(window(cloud=quiet).interactive, lambda _: None, cancel=cancel)
            connection, _ = silent.accept()
            started = time.monotonic()
            cancel.cancel()
            with pytest.raises(Cancelled):
                running.result(5)
            assert time.monotonic() - started < 0.2
        connection.close()


def test_cancelling_while_the_keyring_asks_ends_at_once(
    cloud: Cloud, addresses: PracticeAddresses, token_file: Path
) -> None:
    SealedFile(token_file, FixedKey()).save(b"{}")
    asked, answered = threading.Event(), threading.Event()

    class OpenPrompt(FixedKey):
        def current(self) -> bytes | None:
            asked.set()
            answered.wait(30)
            return super().current()

    cache = TokenCache(SealedFile(token_file, OpenPrompt()))
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        sign_in = SignIn(cloud, addresses.tenant, addresses.client_id, cache)
        running = pool.submit(sign_in.silent, "alex", cancel)
        assert asked.wait(10)
        started = time.monotonic()
        cancel.cancel()
        with pytest.raises(Cancelled):
            running.result(5)
        assert time.monotonic() - started < 0.2
        answered.set()


def test_a_sign_in_cancelled_while_the_code_is_redeemed_leaves_nothing(
    window: Window, person: Seat, token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, redeemed = CancelToken(), threading.Event()
    redeem = conversation_module.Conversation.redeem

    def cancel_and_redeem(*arguments: object) -> object:
        cancel.cancel()
        try:
            return redeem(*arguments)  # type: ignore[arg-type]
        finally:
            redeemed.set()

    monkeypatch.setattr(conversation_module.Conversation, "redeem", cancel_and_redeem)
    alex = person("alex")
    with pytest.raises(Cancelled):
        window().interactive(alex.open, cancel=cancel)
    assert redeemed.wait(10)
    assert "You are not signed in" in alex.done()
    assert window().accounts() == []
    assert not token_file.exists()


def test_nobody_at_the_browser_ends_in_the_time_limit(window: Window) -> None:
    with pytest.raises(CredentialNeeded) as caught:
        window().interactive(lambda _: None, time_limit_s=0.1)
    assert caught.value.id == "sign-in-timed-out"


def test_a_browser_that_cannot_be_opened_ends_the_sign_in(window: Window) -> None:
    def no_browser(_address: str) -> None:
        raise OSError("no browser here")

    with pytest.raises(OSError, match="no browser"):
        window().interactive(no_browser)


def test_an_unknown_tenant_is_told(window: Window) -> None:
    with pytest.raises(InputError) as caught:
        window(tenant="fabrikam.example").interactive(lambda _: None)
    assert caught.value.id == "unknown-tenant"


def test_an_authority_nobody_listens_at_is_no_answer(cloud: Cloud, window: Window) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NoAnswer) as caught:
        window(cloud=dataclasses.replace(cloud, authority=f"https://127.0.0.1:{port}")).interactive(lambda _: None)
    assert caught.value.id == "sign-in-no-answer"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>Hotel network: log in</h1>",
        b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}",
        b"not even http\r\n",
    ],
)
def test_what_answers_in_the_place_of_the_service_is_no_answer(
    cloud: Cloud, window: Window, tmp_path: Path, answer: bytes
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "lab.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with OneAnswer(answer, context) as portal:
        there = dataclasses.replace(cloud, authority=f"https://localhost:{portal.port}", ca_file=tmp_path / "lab.pem")
        with pytest.raises(NoAnswer) as caught:
            window(cloud=there).interactive(lambda _: None)
    assert caught.value.id == "sign-in-no-answer"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "device_authorization_endpoint"])
@pytest.mark.parametrize("elsewhere", ["https://stranger.example/token", "https://localhost.stranger.example/", "x"])
def test_a_discovery_document_that_leads_to_a_stranger_is_refused_and_nothing_is_stored(
    cloud: Cloud, window: Window, tmp_path: Path, token_file: Path, name: str, elsewhere: str
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "lab.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    document = {
        "issuer": "https://localhost/tenant/v2.0",
        "authorization_endpoint": "https://localhost/authorize",
        "token_endpoint": "https://localhost/token",
        "device_authorization_endpoint": "https://localhost/devicecode",
        name: elsewhere,
    }
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    opened: list[str] = []
    with OneAnswer(answer + json.dumps(document).encode(), context) as portal:
        there = dataclasses.replace(cloud, authority=f"https://localhost:{portal.port}", ca_file=tmp_path / "lab.pem")
        with pytest.raises((Refused, NoAnswer)) as caught:  # what is no address at all, MSAL refuses itself
            window(cloud=there).interactive(opened.append)
    assert caught.value.id in {"sign-in-foreign-host", "sign-in-no-answer"}
    if elsewhere == "https://stranger.example/token":
        assert caught.value.id == "sign-in-foreign-host"
        assert "stranger.example" in caught.value.message
    assert opened == []
    assert not token_file.exists()


def test_an_untrusted_certificate_is_refused_before_anything_is_said(
    cloud: Cloud, window: Window, addresses: PracticeAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(addresses.ca_file))
    with pytest.raises(Refused) as caught:
        window(cloud=dataclasses.replace(cloud, ca_file=None)).interactive(lambda _: None)
    assert caught.value.id == "sign-in-certificate"


def test_an_unreadable_ca_file_is_named(cloud: Cloud, window: Window, tmp_path: Path) -> None:
    empty = tmp_path / "lab.pem"
    empty.write_text("no certificate")
    for file in (empty, tmp_path / "missing.pem"):
        with pytest.raises(InputError) as caught:
            window(cloud=dataclasses.replace(cloud, ca_file=file)).interactive(lambda _: None)
        assert caught.value.id == "ca-file"
        assert file.name in caught.value.message


def test_no_token_code_or_password_is_logged_or_stored_in_the_clear(
    window: Window, person: Seat, token_file: Path, caplog: pytest.LogCaptureFixture, addresses: PracticeAddresses
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("msal", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    codes: list[str] = []
    redeem = conversation_module.Conversation.redeem

    def noting_redeem(self: object, flow: object, answer: dict[str, str]) -> object:
        codes.append(answer["code"])
        return redeem(self, flow, answer)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversation_module.Conversation, "redeem", noting_redeem)
        token = window().interactive(person("alex").open)
    renewed = window().silent(token.account.home_account_id, renew=True)

    password = next(user.password for user in addresses.users if user.address.startswith("alex@"))
    logged = "\n".join(record.getMessage() for record in caplog.records)
    files = b"".join(item.read_bytes() for item in token_file.parent.iterdir())
    for secret in (token.value.reveal(), renewed.value.reveal(), password, *codes):
        assert secret not in logged
        assert secret.encode() not in files
        assert secret not in repr(token)
    assert b"alex@practice.example" not in files


def test_msals_cache_still_has_the_sections_that_are_read_here(
    window: Window, person: Seat, token_file: Path, addresses: PracticeAddresses, cloud: Cloud
) -> None:
    token = window().interactive(person("alex").open)
    sections = window()._cache.read()
    assert {"AccessToken", "RefreshToken", "IdToken", "Account"} <= sections.keys()
    cache = msal.SerializableTokenCache()
    cache.deserialize(json.dumps(sections))
    application = msal.PublicClientApplication(
        addresses.client_id,
        authority=f"{cloud.authority}/{addresses.tenant}",
        token_cache=cache,
        instance_discovery=False,
        verify=str(addresses.ca_file),
    )
    with contextlib.closing(application.http_client):
        (account,) = application.get_accounts()
        answer = application.acquire_token_silent([cloud.scope_delegated], account)
    assert answer["access_token"] == token.value.reveal()
