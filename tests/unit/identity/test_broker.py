"""Windows' account broker: real MSAL above a stand-in of the library that only Windows has."""

import contextlib
import dataclasses
import logging
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import broker_runtime
from broker_runtime import BrokerAccount, BrokerRuntime, Fault, Result
from microsoft_front import at_microsoft
from person_at_browser import PersonAtBrowser
from relaywright.catalog.facts import Cloud
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded, NoAnswer, RelaywrightError
from relaywright.identity.broker import BrokerPassedOver, availability, redirect_address
from relaywright.identity.signin import SignIn
from relaywright.practice.practice import Practice, PracticeAddresses

Window = Callable[..., SignIn]
Seat = Callable[..., PersonAtBrowser]
ALEX = "alex@practice.example"


@pytest.fixture
def cloud(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with at_microsoft(cloud, tmp_path, monkeypatch) as microsoft:
        yield microsoft


@pytest.fixture
def account(practice: Practice) -> Callable[[str], BrokerAccount]:
    """Return a function that gives one of the practice's people as the broker knows them."""
    return partial(broker_runtime.account_of, practice)


@pytest.fixture
def runtime(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> BrokerRuntime:
    """A Windows whose broker gives the practice's own tokens; alex sits in front of it."""
    made = broker_runtime.broker_of(practice)
    broker_runtime.install(made, monkeypatch)
    return made


def refused(work: Callable[[], object]) -> RelaywrightError:
    with pytest.raises(RelaywrightError) as caught:
        work()
    return caught.value


# signing in


def test_the_broker_signs_in_and_the_relay_takes_its_token(
    window: Window, runtime: BrokerRuntime, practice: Practice, addresses: PracticeAddresses
) -> None:
    token = window().through_broker(4711)
    assert practice.tokens.verify(token.value.reveal()) == ALEX
    assert (token.account.username, token.account.tenant) == (ALEX, addresses.tenant)
    assert window().accounts() == [token.account]
    (asked,) = runtime.asked
    assert asked.parent_window == 4711
    assert asked.authority == f"https://login.microsoftonline.com/{addresses.tenant}"
    assert asked.scopes == ["https://outlook.office.com/SMTP.Send"]
    assert asked.login_hint is None
    assert runtime.quietly == [], "without a wanted account the person is asked, whoever is signed in to Windows"


def test_the_account_of_windows_is_taken_without_a_question_when_it_is_the_wanted_one(
    window: Window, runtime: BrokerRuntime, account: Callable[[str], BrokerAccount]
) -> None:
    runtime.windows_account = account("alex")
    assert window().through_broker(4711, ALEX).account.username == ALEX
    assert runtime.asked == []


def test_another_account_of_windows_is_not_taken_for_the_wanted_one(
    window: Window, runtime: BrokerRuntime, account: Callable[[str], BrokerAccount]
) -> None:
    runtime.windows_account = account("scanner")
    assert window().through_broker(4711, ALEX).account.username == ALEX
    (asked,) = runtime.asked
    assert asked.login_hint == ALEX


def test_where_windows_has_no_account_to_take_the_person_is_asked(window: Window, runtime: BrokerRuntime) -> None:
    runtime.silent_fault = Fault("AccountNotFound")
    assert window().through_broker(4711, ALEX).account.username == ALEX
    assert len(runtime.asked) == 1


def test_a_program_at_a_console_names_no_window(window: Window, runtime: BrokerRuntime) -> None:
    window().through_broker()
    (asked,) = runtime.asked
    assert asked.parent_window == 65552
    assert asked.additional["msal_gui_thread"] == "true"


# afterwards


def test_the_next_start_takes_the_stored_token_and_a_renewal_goes_to_the_broker(
    window: Window, runtime: BrokerRuntime, practice: Practice
) -> None:
    first = window().through_broker()
    home = first.account.home_account_id
    assert window().silent(home).value == first.value
    assert runtime.quietly == []
    renewed = window().silent(home, renew=True)
    assert runtime.quietly == ["renew"]
    assert renewed.is_new
    assert renewed.value != first.value
    assert practice.tokens.verify(renewed.value.reveal()) == ALEX
    assert window().silent(home).value == renewed.value


def test_no_refresh_token_is_stored_for_an_account_of_the_broker(window: Window, runtime: BrokerRuntime) -> None:
    window().through_broker()
    assert not window()._cache.read().get("RefreshToken")


def test_signing_out_tells_the_broker_and_forgets_here(window: Window, runtime: BrokerRuntime) -> None:
    account = window().through_broker().account
    assert window().forget(account.home_account_id) is True
    assert runtime.quietly == ["signout"]
    assert window().accounts() == []
    sections = window()._cache.read()
    assert not any(sections.get(name) for name in ("AccessToken", "IdToken", "Account", "RelaywrightBroker"))
    assert window().forget(account.home_account_id) is False
    assert refused(lambda: window().silent(account.home_account_id)).id == "sign-in-needed"


def test_signing_out_works_where_the_broker_is_gone(
    window: Window, runtime: BrokerRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = window().through_broker().account
    broker_runtime.without_library(monkeypatch)
    assert window().forget(account.home_account_id) is True
    assert window().accounts() == []


def test_a_broker_that_is_gone_at_a_renewal_leads_to_the_browser(
    window: Window, runtime: BrokerRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = window().through_broker().account.home_account_id
    broker_runtime.without_library(monkeypatch)
    gone = refused(lambda: window().silent(home, renew=True))
    assert isinstance(gone, CredentialNeeded)
    assert gone.id == "sign-in-broker-gone"
    assert ALEX in gone.message
    assert "not installed" in gone.message
    assert "browser" in gone.hint
    assert window().silent(home).value, "the stored token is good until it ends"


def test_an_account_the_broker_does_not_know_any_more_is_told(window: Window, runtime: BrokerRuntime) -> None:
    home = window().through_broker().account.home_account_id
    runtime.known.clear()
    gone = refused(lambda: window().silent(home, renew=True))
    assert (gone.id, "account broker" in gone.message) == ("sign-in-needed", True)


@pytest.mark.parametrize(
    ("fault", "kind", "id_"),
    [
        (Fault("NoNetwork"), NoAnswer, "sign-in-no-answer"),
        (Fault("InteractionRequired"), CredentialNeeded, "sign-in-expired"),
        (
            Fault("InteractionRequired", "V2Error: invalid_grant AADSTS50173: revoked. Trace ID: x Timestamp: y"),
            CredentialNeeded,
            "sign-in-expired",
        ),
        (Fault("IncorrectConfiguration", "AADSTS7000218: secret"), BrokerPassedOver, "broker-redirect-missing"),
    ],
)
def test_a_renewal_that_fails_says_why(
    window: Window, runtime: BrokerRuntime, fault: Fault, kind: type[RelaywrightError], id_: str
) -> None:
    home = window().through_broker().account.home_account_id
    runtime.silent_fault = fault
    error = refused(lambda: window().silent(home, renew=True))
    assert isinstance(error, kind)
    assert error.id == id_
    assert ("AADSTS50173" in error.message) == ("AADSTS50173" in fault.context)
    assert ("Sign in again" in error.hint) == isinstance(error, CredentialNeeded)
    assert "(pii)" not in error.message


def test_the_last_way_to_sign_in_is_the_one_that_renews(window: Window, runtime: BrokerRuntime, person: Seat) -> None:
    home = window().interactive(person("alex").open).account.home_account_id
    assert window().through_broker().account.home_account_id == home
    assert not window()._cache.read()["RefreshToken"]
    window().silent(home, renew=True)
    assert runtime.quietly == ["renew"]
    window().interactive(person("alex").open)
    window().silent(home, renew=True)
    assert runtime.quietly == ["renew"]
    assert [found.username for found in window().accounts()] == [ALEX]
    window().forget(home)
    assert runtime.quietly == ["renew", "signout"]


def test_two_windows_keep_each_others_sign_ins(
    window: Window, runtime: BrokerRuntime, person: Seat, account: Callable[[str], BrokerAccount]
) -> None:
    one = window().through_broker().account
    window().interactive(person("scanner").open)
    runtime.person = lambda: account("accounts")
    window().through_broker()
    names = [f"{name}@practice.example" for name in ("accounts", "alex", "scanner")]
    assert [found.username for found in window().accounts()] == names
    window().forget(one.home_account_id)
    assert [found.username for found in window().accounts()] == [
        "accounts@practice.example",
        "scanner@practice.example",
    ]


def test_what_was_forgotten_during_a_renewal_stays_forgotten(window: Window, runtime: BrokerRuntime) -> None:
    account = window().through_broker().account
    before = window()._cache.read()
    window().forget(account.home_account_id)
    window()._cache.apply(before, {name: dict(entries) for name, entries in before.items()} | {"AccessToken": {}})
    changed = {key: {**entry, "account_id": "other"} for key, entry in before["RelaywrightBroker"].items()}
    window()._cache.apply(before, before | {"RelaywrightBroker": changed})
    assert window().accounts() == []


def test_another_application_does_not_see_the_brokers_accounts(window: Window, runtime: BrokerRuntime) -> None:
    account = window().through_broker().account
    assert window(client_id="another").accounts() == []
    window(client_id="another").forget(account.home_account_id)
    assert window().accounts() == [account]


# what goes wrong


@pytest.mark.parametrize(
    ("fault", "id_", "words"),
    [
        (
            Fault("IncorrectConfiguration", "AADSTS50011: no such redirect URI"),
            "broker-redirect-missing",
            "BrokerPlugin",
        ),
        (Fault("Unexpected", "AADSTS900971: No reply address provided."), "broker-redirect-missing", "BrokerPlugin"),
        (Fault("ApiContractViolation"), "broker-failed", "BrokerPlugin"),
        (Fault("IncorrectConfiguration"), "broker-failed", "IncorrectConfiguration, error 0, tag 593773845"),
        (Fault("FallbackToNativeMsal"), "broker-failed", "FallbackToNativeMsal"),
        (Fault("NoNetwork"), "broker-no-answer", "proxy"),
        (Fault("InteractionRequired", "AADSTS9002313: Request is malformed."), "broker-failed", "AADSTS9002313"),
    ],
)
def test_what_another_way_may_get_over_is_told_apart(
    window: Window, runtime: BrokerRuntime, fault: Fault, id_: str, words: str
) -> None:
    runtime.person = lambda: fault
    error = refused(lambda: window().through_broker())
    assert isinstance(error, BrokerPassedOver)
    assert error.id == id_
    assert words in f"{error.message} {error.hint}"
    assert "(pii)" not in error.message
    assert window().accounts() == []


@pytest.mark.parametrize(
    ("fault", "id_"),
    [
        (Fault("UserCanceled", "User canceled the flow"), "broker-closed"),
        (Fault("Unexpected", "V2Error: unauthorized_client AADSTS700016: no such application"), "sign-in-refused"),
        (
            Fault("InteractionRequired", "SubError: x V2Error: invalid_grant AADSTS50105: not assigned"),
            "sign-in-refused",
        ),
    ],
)
def test_what_no_other_way_gets_over_ends_the_sign_in(
    window: Window, runtime: BrokerRuntime, fault: Fault, id_: str
) -> None:
    runtime.person = lambda: fault
    error = refused(lambda: window().through_broker())
    assert isinstance(error, CredentialNeeded)
    assert not isinstance(error, BrokerPassedOver)
    assert error.id == id_
    assert window().accounts() == []


def test_the_missing_address_is_named_in_full(
    window: Window, runtime: BrokerRuntime, addresses: PracticeAddresses
) -> None:
    runtime.person = lambda: Fault("IncorrectConfiguration", "AADSTS50011")
    hint = refused(lambda: window().through_broker()).hint
    assert f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{addresses.client_id}" in hint
    assert redirect_address(addresses.client_id) in hint


@contextlib.contextmanager
def open_window(runtime: BrokerRuntime, account: BrokerAccount) -> Iterator[threading.Event]:
    """Have the broker's window stay open until the block ends; yields what says that it came up."""
    up, closed = threading.Event(), threading.Event()

    def wait() -> BrokerAccount:
        up.set()
        closed.wait(30)
        return account

    runtime.person = wait
    try:
        yield up
    finally:
        closed.set()
        for thread in [one for one in threading.enumerate() if one.name in {"broker window", "sign-in"}]:
            thread.join(10)


def test_cancelling_while_the_brokers_window_is_open_ends_at_once_and_leaves_nothing(
    window: Window, runtime: BrokerRuntime, account: Callable[[str], BrokerAccount], token_file: Path
) -> None:
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool, open_window(runtime, account("alex")) as up:
        running = pool.submit(window().through_broker, 4711, "", cancel)
        assert up.wait(20)
        started = time.monotonic()
        cancel.cancel()
        with pytest.raises(Cancelled):
            running.result(5)
        assert time.monotonic() - started < 0.2
        again = refused(lambda: window().through_broker())
        assert isinstance(again, BrokerPassedOver)
        assert again.id == "broker-busy"
        assert len(runtime.asked) == 1
    assert window().accounts() == []
    assert not token_file.exists()
    runtime.person = lambda: account("alex")
    assert window().through_broker().account.username == ALEX, "once that window is closed, the broker is there again"


def test_nobody_at_the_brokers_window_ends_in_the_time_limit(
    window: Window, runtime: BrokerRuntime, account: Callable[[str], BrokerAccount]
) -> None:
    with open_window(runtime, account("alex")):
        error = refused(lambda: window().through_broker(time_limit_s=0.3))
    assert (error.id, isinstance(error, BrokerPassedOver)) == ("sign-in-timed-out", False)


def test_an_answer_that_msal_cannot_read_leads_to_another_way(
    window: Window, runtime: BrokerRuntime, caplog: pytest.LogCaptureFixture
) -> None:
    runtime.issue = lambda _who, _client: Result(None, None, "secret-token")
    with caplog.at_level(logging.DEBUG):
        error = refused(lambda: window().through_broker())
    assert isinstance(error, BrokerPassedOver)
    assert "AssertionError" in error.message
    assert "secret-token" not in caplog.text


def test_no_token_of_the_broker_is_logged_or_stored_in_the_clear(
    window: Window, runtime: BrokerRuntime, token_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    first = window().through_broker()
    renewed = window().silent(first.account.home_account_id, renew=True)
    for token in (first, renewed):
        assert token.value.reveal() not in caplog.text
        assert token.value.reveal() not in repr(token)
        assert token.value.reveal().encode() not in token_file.read_bytes()


# whether there is one


def test_on_another_system_nothing_is_loaded_to_say_so(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relaywright.identity.broker.sys", broker_runtime.System("linux"))
    monkeypatch.setitem(sys.modules, "msal", None)
    found = availability(cloud)
    assert not found.usable
    assert not found.is_missed
    assert found.reason is not None
    assert found.reason.id == "broker-not-windows"


def test_a_windows_with_its_library_can_use_it(cloud: Cloud, runtime: BrokerRuntime) -> None:
    assert availability(cloud).usable


def test_a_lab_is_nothing_for_the_broker(cloud: Cloud, runtime: BrokerRuntime) -> None:
    found = availability(dataclasses.replace(cloud, authority="https://localhost:2443"))
    assert found.is_missed
    assert found.reason is not None
    assert found.reason.id == "broker-other-authority"
    assert "localhost" in found.reason.message


def test_a_library_that_is_missing_is_told(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    broker_runtime.without_library(monkeypatch)
    reason = availability(cloud).reason
    assert reason is not None
    assert reason.id == "broker-library-missing"


@pytest.mark.parametrize(
    "broken",
    [
        "raise RuntimeError('this Windows')",
        "raise OSError('no such entry point')",
        "raise ImportError('DLL load failed while importing pymsalruntime')",
        "",  # a folder that an uninstallation left behind
    ],
)
def test_a_library_that_does_not_load_is_told(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    broker_runtime.with_broken_library(broken, tmp_path, monkeypatch)
    reason = availability(cloud).reason
    assert reason is not None
    assert reason.id == "broker-library-unusable"
    assert "pip" not in f"{reason.message} {reason.hint}"


def test_a_windows_that_is_too_old_or_has_no_desktop_is_told(
    cloud: Cloud, runtime: BrokerRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    reason = availability(cloud).reason
    assert reason is not None
    assert reason.id == "broker-no-desktop"
    monkeypatch.setattr("relaywright.identity.broker.sys", broker_runtime.System(build=14_393))
    reason = availability(cloud).reason
    assert reason is not None
    assert reason.id == "broker-old-windows"


@pytest.mark.parametrize(("installation", "usable"), [("Server Core", False), ("Server", True), ("Client", True)])
def test_a_server_without_a_desktop_is_told(
    cloud: Cloud, runtime: BrokerRuntime, monkeypatch: pytest.MonkeyPatch, installation: str, usable: bool
) -> None:
    registry: Any = types.ModuleType("winreg")
    registry.HKEY_LOCAL_MACHINE = 2
    registry.OpenKey = lambda *_: contextlib.nullcontext("key")
    registry.QueryValueEx = lambda _key, name: ({"InstallationType": installation}[name], 1)
    monkeypatch.setitem(sys.modules, "winreg", registry)
    assert availability(cloud).usable is usable
