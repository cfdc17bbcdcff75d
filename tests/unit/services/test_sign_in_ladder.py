"""The ladder of ways to sign in: broker, browser, a device code that is only named; each fall is told with why."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import broker_runtime
from broker_runtime import BrokerRuntime, Fault
from memory_keyring import MemoryKeyring
from microsoft_front import at_microsoft, clouds_file
from person_at_browser import PersonAtBrowser
from relaywright import paths
from relaywright.bootstrap import Services
from relaywright.catalog.catalog import Catalog
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded
from relaywright.domain.profile import RelayProfile
from relaywright.practice.practice import Practice
from relaywright.services.credentials import SignInResult
from relaywright.services.sign_in_ladder import NoBrowser, Rung
from relaywright.smtp.plan import TokenCredential
from relaywright.store.records import SignInWay

ALEX = "alex@practice.example"


@dataclasses.dataclass
class Desk:
    """A person at a computer who signs in for one profile."""

    services: Services
    profile: RelayProfile
    person: PersonAtBrowser
    tried: list[SignInWay] = dataclasses.field(default_factory=list)
    told: list[Rung] = dataclasses.field(default_factory=list)

    def sign_in(
        self,
        *,
        cancel: CancelToken | None = None,
        open_address: Callable[[str], None] | None = None,
        begin_with: SignInWay = SignInWay.BROKER,
    ) -> SignInResult:
        return self.services.credentials.sign_in(
            self.profile,
            open_address or self.person.open,
            cancel or CancelToken(),
            time_limit_s=30,
            parent_window=4711,
            begin_with=begin_with,
            trying=self.tried.append,
            told=self.told.append,
        )


@pytest.fixture
def desk(
    practice: Practice, tmp_path: Path, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    place = practice.start()
    cloud = Catalog.load(paths.resources(), [place.clouds_file]).cloud("practice")
    folder = tmp_path / "desk"
    folder.mkdir()
    with at_microsoft(cloud, tmp_path, monkeypatch) as microsoft:
        text = clouds_file(place.clouds_file, cloud, microsoft)
        (folder / "clouds.toml").write_text(text, encoding="utf-8")
        services = Services(folder)
        fields = {"cloud": "practice", "auth": "oauth", "tenant": place.tenant, "client_id": place.client_id}
        profile = services.profiles.draft("Desk", {**fields, "username": ALEX, "recipient": ALEX})
        services.profiles.add(profile)
        yield Desk(services, profile, PersonAtBrowser(ALEX, "Practice-Alex-1"))
        services.close()


@pytest.fixture
def runtime(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> BrokerRuntime:
    made = broker_runtime.broker_of(practice)
    broker_runtime.install(made, monkeypatch)
    return made


def test_the_broker_comes_first_and_the_record_says_so(desk: Desk, runtime: BrokerRuntime, practice: Practice) -> None:
    result = desk.sign_in()
    assert (result.way, result.rungs, desk.told) == (SignInWay.BROKER, (), [])
    assert desk.tried == [SignInWay.BROKER]
    assert desk.person.address == ""
    assert runtime.asked[0].parent_window == 4711
    record = desk.services.credentials.account(desk.profile)
    assert record is not None
    assert record.via is SignInWay.BROKER
    restarted = Services(desk.services.data_dir)
    credential = restarted.credentials.for_session(desk.profile, renew=True)
    assert isinstance(credential, TokenCredential)
    assert practice.tokens.verify(credential.token.reveal()) == ALEX
    assert restarted.credentials.sign_out(desk.profile)
    assert runtime.quietly[-1] == "signout"
    restarted.close()


@pytest.mark.parametrize(
    ("fault", "id_", "words"),
    [
        (Fault("IncorrectConfiguration", "AADSTS50011: redirect"), "broker-redirect-missing", "ms-appx-web://"),
        (Fault("FallbackToNativeMsal"), "broker-failed", "FallbackToNativeMsal"),
        (Fault("ApiContractViolation"), "broker-failed", "ms-appx-web://"),
    ],
)
def test_where_the_broker_cannot_the_browser_opens_and_the_reason_is_told(
    desk: Desk, runtime: BrokerRuntime, fault: Fault, id_: str, words: str
) -> None:
    runtime.person = lambda: fault
    result = desk.sign_in()
    assert "You are signed in" in desk.person.done()
    assert result.way is SignInWay.BROWSER
    assert desk.tried == [SignInWay.BROKER, SignInWay.BROWSER]
    (rung,) = desk.told
    assert result.rungs == (rung,)
    assert (rung.way, rung.next_way, rung.reason.id) == (SignInWay.BROKER, SignInWay.BROWSER, id_)
    assert words in rung.text


def test_a_windows_without_the_library_goes_on_with_the_browser(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    broker_runtime.without_library(monkeypatch)
    result = desk.sign_in()
    desk.person.done()
    assert [rung.reason.id for rung in result.rungs] == ["broker-library-missing"]
    assert desk.tried == [SignInWay.BROWSER]


@pytest.mark.parametrize("broken", ["raise RuntimeError", "raise OSError", "raise ImportError('DLL load failed')"])
def test_a_library_that_breaks_goes_on_with_the_browser(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    broker_runtime.with_broken_library(broken, tmp_path, monkeypatch)
    result = desk.sign_in()
    desk.person.done()
    assert [rung.reason.id for rung in result.rungs] == ["broker-library-unusable"]


def test_on_another_system_nothing_falls_back_but_who_asks_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relaywright.identity.broker.sys", broker_runtime.System("linux"))
    result = desk.sign_in()
    desk.person.done()
    assert (result.way, result.rungs, desk.told) == (SignInWay.BROWSER, (), [])
    reason = desk.services.credentials.broker(desk.profile).reason
    assert reason is not None
    assert reason.id == "broker-not-windows"


def test_the_broker_is_left_out_on_purpose_without_a_word(desk: Desk, runtime: BrokerRuntime) -> None:
    result = desk.sign_in(begin_with=SignInWay.BROWSER)
    desk.person.done()
    assert (result.way, result.rungs, desk.told, runtime.asked) == (SignInWay.BROWSER, (), [], [])


@pytest.mark.parametrize(
    ("fault", "id_", "explanation"),
    [
        (Fault("UserCanceled", "User canceled the flow"), "broker-closed", None),
        (Fault("Unexpected", "V2Error: x AADSTS50105: not assigned."), "sign-in-refused", "AADSTS50105"),
        (Fault("Unexpected", "V2Error: x AADSTS700016: not found."), "sign-in-refused", "AADSTS700016"),
    ],
)
def test_a_no_of_the_person_or_the_service_ends_the_ladder(
    desk: Desk, runtime: BrokerRuntime, fault: Fault, id_: str, explanation: str | None
) -> None:
    runtime.person = lambda: fault
    with pytest.raises(CredentialNeeded) as caught:
        desk.sign_in()
    assert caught.value.id == id_
    assert (caught.value.explanation is not None) == (explanation is not None)
    assert (explanation or "") in caught.value.message
    assert (desk.tried, desk.told, desk.person.address) == ([SignInWay.BROKER], [], "")
    assert desk.services.credentials.account(desk.profile) is None


def test_cancelling_the_broker_does_not_open_a_browser(desk: Desk, runtime: BrokerRuntime) -> None:
    cancel = CancelToken()
    person = runtime.person

    def cancelled_meanwhile() -> broker_runtime.BrokerAccount | Fault:
        cancel.cancel()
        return person()

    runtime.person = cancelled_meanwhile
    with pytest.raises(Cancelled):
        desk.sign_in(cancel=cancel)
    assert desk.tried == [SignInWay.BROKER]
    assert desk.person.address == ""


def test_where_no_browser_opens_the_device_code_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    broker_runtime.without_library(monkeypatch)

    def no_browser(_address: str) -> None:
        raise NoBrowser

    with pytest.raises(CredentialNeeded) as caught:
        desk.sign_in(open_address=no_browser)
    assert caught.value.id == "no-browser"
    assert "device code" in caught.value.hint
    broker, browser = desk.told
    assert (broker.way, broker.next_way) == (SignInWay.BROKER, SignInWay.BROWSER)
    assert (browser.way, browser.next_way) == (SignInWay.BROWSER, SignInWay.DEVICE_CODE)
    assert browser.text.count("device code") == 1


def test_a_port_that_cannot_be_opened_leads_to_the_device_code(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr("relaywright.identity.loopback._listener", forbidden)
    with pytest.raises(Exception, match="No port") as caught:
        desk.sign_in(begin_with=SignInWay.BROWSER)
    assert "device code" in getattr(caught.value, "hint", "")
    assert [rung.next_way for rung in desk.told] == [SignInWay.DEVICE_CODE]
