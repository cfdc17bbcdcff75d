"""Windows' account broker in the window: asked first, told when it is passed over, left for the browser on purpose."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import broker_runtime
from broker_runtime import BrokerRuntime, Fault
from gui.test_sign_in_page import SystemBrowser, browser, button, press, show, words
from microsoft_front import at_microsoft, clouds_file
from person_at_browser import PersonAtBrowser
from relaywright import paths
from relaywright.bootstrap import Services
from relaywright.catalog.catalog import Catalog
from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import JobRunner
from relaywright.gui.pages.sign_in_page import SignInPage
from relaywright.practice.practice import Practice
from relaywright.store.records import SignInWay

__all__ = ["browser"]  # the fixture of the page's other tests

ALEX = "alex@practice.example"


@pytest.fixture
def page(services: Services, jobs: JobRunner, shown: Callable[[QWidget], None], browser: SystemBrowser) -> SignInPage:
    page = SignInPage(services=services, jobs=jobs)
    shown(page)
    return page


@pytest.fixture
def runtime(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> BrokerRuntime:
    made = broker_runtime.broker_of(practice)
    broker_runtime.install(made, monkeypatch)
    return made


@pytest.fixture
def at_windows(
    practice: Practice, services: Services, runtime: BrokerRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RelayProfile]:
    place = practice.start()
    cloud = Catalog.load(paths.resources(), [place.clouds_file]).cloud("practice")
    with at_microsoft(cloud, tmp_path, monkeypatch) as microsoft:
        text = clouds_file(place.clouds_file, cloud, microsoft)
        (services.data_dir / "clouds.toml").write_text(text, encoding="utf-8")
        fields = {"cloud": "practice", "auth": "oauth", "tenant": place.tenant, "client_id": place.client_id}
        profile = services.profiles.draft("Desk", {**fields, "username": ALEX, "recipient": ALEX})
        services.profiles.add(profile)
        yield profile


def test_the_broker_signs_in_above_this_window_and_no_browser_opens(
    page: SignInPage, at_windows: RelayProfile, runtime: BrokerRuntime, browser: SystemBrowser, qtbot: QtBot
) -> None:
    show(page, at_windows, qtbot)
    with qtbot.waitSignal(page.signed_in, timeout=30_000):
        press(page, "Sign in…")
    qtbot.waitUntil(lambda: "with Windows’ account broker" in words(page), timeout=5_000)
    assert browser.addresses == []
    assert runtime.asked[0].parent_window == int(page.window().winId())
    assert button(page, "With the browser…").isVisible()


def test_a_broker_that_cannot_gives_way_to_the_browser_and_the_reason_stays(
    page: SignInPage,
    services: Services,
    at_windows: RelayProfile,
    runtime: BrokerRuntime,
    browser: SystemBrowser,
    qtbot: QtBot,
) -> None:
    runtime.person = lambda: Fault("IncorrectConfiguration", "AADSTS50011: redirect")
    browser.person = PersonAtBrowser(ALEX, "Practice-Alex-1")
    show(page, at_windows, qtbot)
    with qtbot.waitSignal(page.signed_in, timeout=30_000):
        press(page, "Sign in…")
    browser.person.done()
    qtbot.waitUntil(lambda: f"{ALEX} is signed in" in words(page), timeout=5_000)
    assert "Not with Windows’ account broker, so in the browser" in words(page)
    assert f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{at_windows.client_id}" in words(page)
    record = services.credentials.account(at_windows)
    assert record is not None
    assert record.via is SignInWay.BROWSER


def test_a_closed_broker_window_ends_it_and_the_browser_is_offered(
    page: SignInPage, at_windows: RelayProfile, runtime: BrokerRuntime, browser: SystemBrowser, qtbot: QtBot
) -> None:
    runtime.person = lambda: Fault("UserCanceled")
    show(page, at_windows, qtbot)
    press(page, "Sign in…")
    qtbot.waitUntil(lambda: "sign-in window was closed" in words(page), timeout=20_000)
    assert browser.addresses == []
    browser.person = PersonAtBrowser(ALEX, "Practice-Alex-1")
    with qtbot.waitSignal(page.signed_in, timeout=30_000):
        press(page, "With the browser…")
    browser.person.done()
