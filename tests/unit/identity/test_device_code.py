"""A person with a browser elsewhere types a code; every way it can end is told apart, and giving up is immediate."""

import datetime
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from person_at_browser import PersonAtBrowser
from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded, InputError, NoAnswer
from relaywright.identity import conversation as conversation_module
from relaywright.identity.conversation import Conversation
from relaywright.identity.device_code import DeviceCode
from relaywright.identity.signin import SignIn
from relaywright.practice.practice import Practice, PracticeAddresses

Window = Callable[..., SignIn]
Seat = Callable[..., PersonAtBrowser]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[Practice]:
    """A practice that lets an application ask once a second."""
    with Practice(tmp_path_factory.mktemp("quick"), catalog, device_interval_s=1) as practice:
        yield practice


@pytest.fixture
def practice(quick: Practice) -> Practice:
    return quick


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Put answers of the service in the place of its own, one for each time it is asked."""

    def give(*planned: dict[str, Any] | Exception) -> list[dict[str, Any]]:
        left, flows = list(planned), []

        def ask(self: Conversation, flow: dict[str, Any]) -> dict[str, Any]:
            flows.append(dict(flow))
            answer = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(conversation_module.Conversation, "ask_device", ask)
        return flows

    return give


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note how long would have been waited, and do not."""
    noted: list[float] = []

    def wait(seconds: float, cancel: CancelToken) -> bool:
        cancel.raise_if_cancelled()
        noted.append(seconds)
        return True

    monkeypatch.setattr("relaywright.identity.device_code._wait", wait)
    return noted


def ignore(_code: DeviceCode) -> None:
    """Nobody looks."""


def test_a_person_elsewhere_types_the_code_and_the_token_signs_in_at_the_relay(
    window: Window, person: Seat, practice: Practice
) -> None:
    alex, shown = person("alex"), []

    def show(code: DeviceCode) -> None:
        shown.append(code)
        alex.type_code(code.verification_uri, code.user_code.lower())

    token = window().device_code(show)
    (code,) = shown
    assert practice.tokens.verify(token.value.reveal()) == "alex@practice.example"
    assert token.account.username == "alex@practice.example"
    assert len(code.user_code) == 9
    assert code.user_code in code.message
    assert code.verification_uri in code.message
    life = code.expires_at - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(minutes=14) < life <= datetime.timedelta(minutes=15)
    assert "You are signed in" in alex.done()


def test_it_is_remembered_like_any_sign_in(window: Window, person: Seat) -> None:
    alex = person("alex")
    token = window().device_code(lambda code: alex.type_code(code.verification_uri, code.user_code))
    alex.done()
    assert [account.username for account in window().accounts()] == ["alex@practice.example"]
    assert window().silent(token.account.home_account_id).value == token.value
    assert window().silent(token.account.home_account_id, renew=True).value != token.value


def test_saying_no_on_the_page_is_told_with_its_code(window: Window, person: Seat, token_file: Path) -> None:
    alex = person("alex", button="cancel")
    with pytest.raises(CredentialNeeded) as caught:
        window().device_code(lambda code: alex.type_code(code.verification_uri, code.user_code))
    assert caught.value.id == "device-code-declined"
    assert "The end user denied the authorization request." in caught.value.message
    assert "You said no" in alex.done()
    assert not token_file.exists()


def test_a_refusal_of_the_service_is_told_with_its_code(window: Window, addresses: PracticeAddresses) -> None:
    somebody = PersonAtBrowser("other", "any", other_name="blocked-by-conditional-access@practice.example")
    with pytest.raises(CredentialNeeded) as caught:
        window().device_code(lambda code: somebody.type_code(code.verification_uri, code.user_code))
    assert caught.value.id == "device-code-blocked"
    assert "AADSTS53003: Access has been blocked by Conditional Access policies." in caught.value.message
    assert "The sign-in is refused" in somebody.done()


def test_a_code_that_is_over_for_the_service_is_told_with_its_words(
    window: Window, tmp_path: Path, catalog: Catalog
) -> None:
    now = [time.time()]
    with Practice(tmp_path / "late", catalog, device_interval_s=1, clock=lambda: now[0]) as late:
        addresses = late.start()
        cloud = Catalog.load(paths.resources(), [addresses.clouds_file]).cloud(addresses.cloud)

        def let_it_pass(_code: DeviceCode) -> None:
            now[0] += 901

        with pytest.raises(CredentialNeeded) as caught:
            window(cloud=cloud, tenant=addresses.tenant).device_code(let_it_pass)
    assert caught.value.id == "device-code-expired"
    assert "AADSTS70019" in caught.value.message


def test_cancelling_while_nobody_types_ends_at_once_and_leaves_nothing(window: Window, token_file: Path) -> None:
    cancel, shown = CancelToken(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(window().device_code, lambda _: shown.set(), cancel)
        assert shown.wait(10)
        started = time.monotonic()
        cancel.cancel()
        with pytest.raises(Cancelled):
            running.result(5)
    assert time.monotonic() - started < 0.2
    assert not token_file.exists()


def test_cancelling_while_the_service_is_asked_ends_at_once_and_leaves_nothing(
    window: Window, person: Seat, token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on, done = threading.Event(), threading.Event(), threading.Event()
    ask = Conversation.ask_device

    def slow(self: Conversation, flow: dict[str, Any]) -> dict[str, Any]:
        asked.set()
        go_on.wait(10)
        try:
            return ask(self, flow)
        finally:
            done.set()

    monkeypatch.setattr(Conversation, "ask_device", slow)
    cancel, alex = CancelToken(), person("alex")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            window().device_code, lambda code: alex.type_code(code.verification_uri, code.user_code), cancel
        )
        assert asked.wait(10)
        alex.done()
        started = time.monotonic()
        cancel.cancel()
        with pytest.raises(Cancelled):
            running.result(5)
        assert time.monotonic() - started < 0.2
        go_on.set()
        assert done.wait(10)
    assert not token_file.exists()


def test_the_service_is_asked_as_often_as_it_allows_and_slower_when_it_says_so(
    window: Window, person: Seat, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    replies: list[str] = []
    ask = Conversation.ask_device

    def noting(self: Conversation, flow: dict[str, Any]) -> dict[str, Any]:
        flow["latest_attempt_at"] = 0  # MSAL would warn: the waiting is left out in this test
        answer = ask(self, flow)
        replies.append(str(answer.get("error", "")))
        return answer

    monkeypatch.setattr(Conversation, "ask_device", noting)
    cancel = CancelToken()
    clock = [0]

    def stop_after_three(seconds: float, token: CancelToken) -> bool:
        waits.append(seconds)
        clock[0] += 1
        if clock[0] > 3:
            cancel.cancel()
        token.raise_if_cancelled()
        return True

    monkeypatch.setattr("relaywright.identity.device_code._wait", stop_after_three)
    monkeypatch.setattr(
        "relaywright.practice.device_codes._EARLY_S", -1.0
    )  # the practice counts every question as early
    with pytest.raises(Cancelled):
        window().device_code(ignore, cancel)
    assert replies == ["slow_down", "slow_down", "slow_down"]
    assert waits == [1, 6, 11, 16]


def test_a_network_that_is_away_for_a_while_does_not_end_it(
    window: Window, waits: list[float], answers: Callable[..., list[dict[str, Any]]]
) -> None:
    away = NoAnswer("away", id="sign-in-no-answer")
    answers(away, {"error": "authorization_pending"}, away, {"access_token": "t", "expires_in": 60})
    token = window().device_code(ignore)
    assert token.value.reveal() == "t"
    assert waits == [1, 6, 6, 11]


@pytest.mark.parametrize(
    ("answer", "id_"),
    [
        ({"error": "expired_token"}, "device-code-expired"),
        ({"error": "code_expired", "error_description": "AADSTS70020: over"}, "device-code-expired"),
        ({"error": "access_denied"}, "device-code-declined"),
        ({"error": "authorization_declined"}, "device-code-declined"),
        (
            {"error": "interaction_required", "error_description": "AADSTS53003: Access has been blocked by …"},
            "device-code-blocked",
        ),
        ({"error": "invalid_grant", "error_description": "AADSTS530033: blocked"}, "device-code-blocked"),
        ({"error": "invalid_grant", "error_description": "AADSTS530036: blocked"}, "device-code-blocked"),
        ({"error": "invalid_client", "error_description": "AADSTS7000218: client_assertion"}, "device-code-refused"),
        ({"error": "invalid_grant", "error_description": "AADSTS530034: other"}, "device-code-refused"),
        ({"error": "server_is_odd"}, "device-code-refused"),
    ],
)
def test_each_refusal_has_its_id_and_keeps_the_services_words(
    window: Window,
    waits: list[float],
    answers: Callable[..., list[dict[str, Any]]],
    answer: dict[str, str],
    id_: str,
) -> None:
    answers({"error": "authorization_pending"}, answer)
    with pytest.raises(CredentialNeeded) as caught:
        window().device_code(ignore)
    assert caught.value.id == id_
    assert (answer.get("error_description") or answer["error"]) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "changes",
    [
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "http://login.example/device"},
        {"verification_uri": "https://user@login.example/"},
        {"verification_uri": "https://login.example/\x1b[2J"},
        {"verification_uri": ""},
        {"user_code": ""},
        {"user_code": "A" * 41},
        {"device_code": ""},
    ],
)
def test_a_code_nobody_can_use_is_not_shown(
    window: Window, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]
) -> None:
    shown: list[DeviceCode] = []
    sent(monkeypatch, changes)
    with pytest.raises(NoAnswer):
        window().device_code(shown.append)
    assert shown == []


def test_what_the_service_says_of_time_is_bounded(
    window: Window, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    shown: list[DeviceCode] = []
    sent(monkeypatch, {"interval": 10**9, "expires_in": 10**9, "message": "a\x1b]0;title\x07b"})
    monkeypatch.setattr(Conversation, "ask_device", lambda *_: {"error": "access_denied"})
    with pytest.raises(CredentialNeeded):
        window().device_code(shown.append)
    assert waits == [60]
    assert shown[0].expires_at < datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1, seconds=1)
    assert shown[0].message.isprintable()


def test_a_code_that_is_over_at_once_is_told(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(monkeypatch, {"expires_in": 0})
    with pytest.raises(CredentialNeeded) as caught:
        window().device_code(ignore)
    assert caught.value.id == "device-code-expired"


def test_a_service_without_device_codes_is_told(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conversation, "begin_device", lambda _: None)
    with pytest.raises(InputError) as caught:
        window().device_code(ignore)
    assert caught.value.id == "device-code-not-offered"


def test_an_unknown_application_is_told_with_its_code(window: Window) -> None:
    with pytest.raises(CredentialNeeded) as caught:
        window(client_id="11111111-2222-3333-4444-555555555555").device_code(ignore)
    assert caught.value.id == "device-code-refused"
    assert "AADSTS700016" in caught.value.message


def test_neither_the_device_code_nor_a_token_is_logged(
    window: Window, person: Seat, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    codes: list[str] = []
    ask = Conversation.ask_device

    def noting(self: Conversation, flow: dict[str, Any]) -> dict[str, Any]:
        codes.append(flow["device_code"])
        return ask(self, flow)

    monkeypatch.setattr(Conversation, "ask_device", noting)
    alex = person("alex")
    token = window().device_code(lambda code: alex.type_code(code.verification_uri, code.user_code))
    alex.done()
    logged = "\n".join(record.getMessage() for record in caplog.records)
    for secret in (token.value.reveal(), *codes):
        assert secret not in logged


def sent(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> None:
    """Let the service's answer to the first question have other values."""
    begin = Conversation.begin_device

    def other(self: Conversation) -> dict[str, Any] | None:
        flow = begin(self)
        assert flow is not None
        return json.loads(json.dumps(flow | changes))  # type: ignore[no-any-return]

    monkeypatch.setattr(Conversation, "begin_device", other)
