"""An application signs in as itself against the practice sign-in, by secret and by certificate, with nobody present."""

import dataclasses
import datetime
import json
import logging
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fixed_key import FixedKey
from person_at_browser import PersonAtBrowser
from raw_smtp import RawSmtp
from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.catalog.facts import Cloud
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded, InputError, NoAnswer, Refused
from relaywright.domain.secret import Secret
from relaywright.identity import app_sign_in as app_sign_in_module
from relaywright.identity.app_sign_in import AppCredential, AppSignIn, ClientSecret, read_pem, read_pfx
from relaywright.identity.cache import TokenCache
from relaywright.identity.conversation import Conversation
from relaywright.identity.signin import SignIn
from relaywright.practice.practice import Practice, PracticeAddresses, PracticeService
from relaywright.vault.sealed_file import SealedFile

Make = Callable[..., AppSignIn]


@pytest.fixture
def service(addresses: PracticeAddresses) -> PracticeService:
    return addresses.services[0]


@pytest.fixture
def app(cloud: Cloud, addresses: PracticeAddresses, service: PracticeService, token_file: Path) -> Make:
    """Return a function that makes the application's sign-in as another start of the program would."""

    def make(
        credential: AppCredential | None = None,
        client_id: str = service.application.client_id,
        cloud: Cloud = cloud,
        tenant: str = addresses.tenant,
        scope: str = "",
    ) -> AppSignIn:
        with_what = credential or ClientSecret(Secret(service.application.secret))
        return AppSignIn(cloud, tenant, client_id, with_what, TokenCache(SealedFile(token_file, FixedKey())), scope)

    return make


def certificate(service: PracticeService) -> AppCredential:
    assert service.certificate_file is not None
    return read_pem(Secret(service.certificate_file.read_text()))


def no_conversation(*_: object, **__: object) -> None:
    raise AssertionError("a stored token needs no conversation")


@pytest.mark.parametrize("kind", ["secret", "pem", "pfx"])
def test_its_token_opens_the_mailboxes_it_has_permission_for_and_no_other(
    app: Make, service: PracticeService, addresses: PracticeAddresses, kind: str
) -> None:
    credential: AppCredential = ClientSecret(Secret(service.application.secret))
    if kind == "pem":
        credential = certificate(service)
    if kind == "pfx":
        assert service.pfx_file is not None
        credential = read_pfx(service.pfx_file.read_bytes(), Secret(service.as_json()["pfx_password"]))
    token = app(credential).token()
    assert token.expires_at > datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=50)
    assert (token.account.username, token.account.tenant) == ("", addresses.tenant)
    with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
        client.ehlo()
        assert client.xoauth2("alex@practice.example", token.value.reveal()).startswith(
            "535 5.7.3 Authentication unsuccessful"
        )
        assert client.xoauth2("office@practice.example", token.value.reveal()).startswith("235")


def test_an_application_without_the_permission_signs_in_but_opens_nothing(
    app: Make, addresses: PracticeAddresses
) -> None:
    other = addresses.services[1].application
    token = app(ClientSecret(Secret(other.secret)), other.client_id).token()
    with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
        client.ehlo()
        assert client.xoauth2("office@practice.example", token.value.reveal()).startswith("535 5.7.3")


def test_the_next_start_asks_no_server(app: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    first = app().token()
    monkeypatch.setattr(app_sign_in_module, "Conversation", no_conversation)
    second = app().token()
    assert second.value == first.value
    assert abs(second.expires_at - first.expires_at) <= datetime.timedelta(seconds=2)
    assert second.account == first.account


def test_a_new_token_is_fetched_on_demand_and_kept(app: Make) -> None:
    first = app().token()
    renewed = app().token(renew=True)
    assert renewed.value != first.value
    assert app().token().value == renewed.value


def test_another_secret_certificate_or_scope_asks_anew(app: Make, service: PracticeService, cloud: Cloud) -> None:
    by_secret = app().token()
    by_certificate = app(certificate(service)).token()
    other_scope = app(scope="https://outlook.office.com/.default").token()
    assert len({token.value.reveal() for token in (by_secret, by_certificate, other_scope)}) == 3
    with pytest.raises(CredentialNeeded):
        app(ClientSecret(Secret("mistyped"))).token()
    assert app().token().value == by_secret.value


def test_a_token_is_renewed_shortly_before_it_ends(app: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    first = app().token()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3_600 - 290)
    assert app().token().value != first.value


def test_a_token_that_is_nearly_over_is_used_when_the_service_is_away(
    app: Make, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = app().token()
    now = time.time()

    def away(_: object) -> None:
        raise NoAnswer("away", id="sign-in-no-answer")

    monkeypatch.setattr(Conversation, "open", away)
    monkeypatch.setattr(time, "time", lambda: now + 3_600 - 290)
    assert app().token().value == first.value
    with pytest.raises(NoAnswer):
        app().token(renew=True)
    monkeypatch.setattr(time, "time", lambda: now + 3_600 - 50)
    with pytest.raises(NoAnswer):
        app().token()


def test_people_and_applications_share_the_file_and_do_not_meet(
    app: Make,
    window: Callable[..., SignIn],
    person: Callable[..., PersonAtBrowser],
    service: PracticeService,
    token_file: Path,
) -> None:
    theirs = app().token()
    alex = window().interactive(person("alex").open)
    assert app().token().value == theirs.value
    assert [account.username for account in window().accounts()] == ["alex@practice.example"]
    assert window(client_id=service.application.client_id).accounts() == []
    assert app().forget() is True
    assert app().forget() is False
    assert window().silent(alex.account.home_account_id).value == alex.value
    assert app().token().value != theirs.value
    assert window().forget(alex.account.home_account_id) is True
    sections = TokenCache(SealedFile(token_file, FixedKey())).read()
    assert len(sections["RelaywrightAppToken"]) == 1


def test_tokens_that_are_over_are_not_kept(app: Make, token_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app(scope="https://outlook.office.com/.default").token()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3_700)
    app().token()
    sections = TokenCache(SealedFile(token_file, FixedKey())).read()
    assert len(sections["RelaywrightAppToken"]) == 1


@pytest.mark.parametrize("junk", [[], "x", {"a": 1}, {"secret": "s"}, {"secret": "s", "ends": "tomorrow"}])
def test_junk_in_the_file_counts_as_nothing(app: Make, token_file: Path, junk: object) -> None:
    sign_in = app()
    SealedFile(token_file, FixedKey()).save(json.dumps({"RelaywrightAppToken": {sign_in._key(): junk}}).encode())
    token = sign_in.token()
    assert app().token().value == token.value


@pytest.mark.parametrize(
    ("secret", "code"), [("mistyped", "AADSTS7000215"), ("Practice-Service-Secret-0", "AADSTS7000222")]
)
def test_a_wrong_and_an_expired_secret_are_told_with_their_codes(
    app: Make, token_file: Path, secret: str, code: str
) -> None:
    with pytest.raises(CredentialNeeded) as caught:
        app(ClientSecret(Secret(secret))).token()
    assert caught.value.id == "app-sign-in-refused"
    assert code in caught.value.message
    assert secret not in caught.value.message
    assert not token_file.exists()


def test_an_unknown_and_a_public_application_are_told(app: Make, addresses: PracticeAddresses) -> None:
    for client_id, code in ((addresses.client_id, "AADSTS700025"), ("1111-2222", "AADSTS700016")):
        with pytest.raises(CredentialNeeded) as caught:
            app(client_id=client_id).token()
        assert code in caught.value.message


def test_a_certificate_that_is_not_registered_is_told(
    app: Make, service: PracticeService, addresses: PracticeAddresses
) -> None:
    other = addresses.services[1].application
    with pytest.raises(CredentialNeeded) as caught:
        app(certificate(service), other.client_id).token()
    assert "AADSTS700027" in caught.value.message


def test_a_certificate_that_is_over_is_told_before_anything_is_sent(
    app: Make, service: PracticeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_sign_in_module, "Conversation", no_conversation)
    read = certificate(service)
    assert not isinstance(read, ClientSecret)
    over = dataclasses.replace(read, ends=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    with pytest.raises(CredentialNeeded) as caught:
        app(over).token()
    assert caught.value.id == "certificate-expired"


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_an_hour_wrong_is_told_and_nothing_is_stored(
    tmp_path: Path, catalog: Catalog, token_file: Path, hours: int
) -> None:
    """Seen from here it is the service's clock that is wrong; what matters is how far they are apart."""
    with Practice(tmp_path / "other", catalog, clock=lambda: time.time() + hours * 3_600) as practice:
        place = practice.start()
        cloud = Catalog.load(paths.resources(), [place.clouds_file]).cloud(place.cloud)
        known = place.services[0]
        cache = TokenCache(SealedFile(token_file, FixedKey()))
        sign_in = AppSignIn(cloud, place.tenant, known.application.client_id, certificate(known), cache)
        with pytest.raises(CredentialNeeded) as caught:
            sign_in.token()
    assert "AADSTS700024" in caught.value.message
    explanation = catalog.explain_sign_in(caught.value.message, {})
    assert "clock" in explanation.title
    assert not token_file.exists()


@pytest.mark.parametrize("tenant", ["", "organizations", "Common", "consumers"])
def test_an_application_needs_a_tenant(app: Make, tenant: str) -> None:
    with pytest.raises(InputError) as caught:
        app(tenant=tenant)
    assert caught.value.id == "tenant-needed"


def test_an_unknown_tenant_is_told(app: Make) -> None:
    with pytest.raises(InputError) as caught:
        app(tenant="fabrikam.example").token()
    assert caught.value.id == "unknown-tenant"


def test_an_untrusted_certificate_is_refused_before_the_secret_is_sent(app: Make, cloud: Cloud) -> None:
    with pytest.raises(Refused) as caught:
        app(cloud=dataclasses.replace(cloud, ca_file=None)).token()
    assert caught.value.id == "sign-in-certificate"


def test_cancelling_while_the_service_is_silent_ends_at_once(app: Make, cloud: Cloud, token_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        quiet = dataclasses.replace(cloud, authority=f"https://127.0.0.1:{silent.getsockname()[1]}")
        cancel = CancelToken()
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(app(cloud=quiet).token, cancel)
            connection, _ = silent.accept()
            started = time.monotonic()
            cancel.cancel()
            with pytest.raises(Cancelled):
                running.result(5)
            assert time.monotonic() - started < 0.2
        connection.close()
    assert not token_file.exists()


def test_two_windows_keep_each_others_tokens(app: Make, service: PracticeService) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(app().token)
        second = pool.submit(app(certificate(service)).token)
        by_secret, by_certificate = first.result(30), second.result(30)
    assert app().token().value == by_secret.value
    assert app(certificate(service)).token().value == by_certificate.value


def test_no_secret_key_or_token_is_logged_or_stored_in_the_clear(
    app: Make, service: PracticeService, token_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("msal", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    tokens = [app().token(), app(certificate(service)).token()]
    logged = "\n".join(record.getMessage() for record in caplog.records)
    files = b"".join(item.read_bytes() for item in token_file.parent.iterdir() if item.is_file())
    for secret in (service.application.secret, *(token.value.reveal() for token in tokens)):
        assert secret not in logged
        assert secret.encode() not in files
    assert "PRIVATE KEY" not in logged


def test_a_stored_token_costs_little(app: Make) -> None:
    app().token()
    sign_in = app()
    started = time.perf_counter()
    for _ in range(10):
        sign_in.token()
    assert (time.perf_counter() - started) / 10 < 0.03
