"""The Sign-in page with the practice sign-in: the real flow through the real page, cancelled, refused, signed out."""

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from person_at_browser import PersonAtBrowser
from relaywright.bootstrap import Services
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.gui.jobs import JobRunner
from relaywright.gui.pages.sign_in_page import SignInPage
from relaywright.practice.practice import PracticeAddresses


class SystemBrowser(QObject):
    """Stands in the place of the system's browser: gets the addresses that the window opens."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.person: PersonAtBrowser | None = None

    @Slot(QUrl)
    def open(self, address: QUrl) -> None:
        self.addresses.append(address.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        if self.person is not None:
            self.person.open(self.addresses[-1])


@pytest.fixture
def browser(qapp: QGuiApplication) -> Iterator[SystemBrowser]:
    browser = SystemBrowser()
    for scheme in ("http", "https"):
        QDesktopServices.setUrlHandler(scheme, browser, "open")  # type: ignore[arg-type]  # the stub is wrong: text is what it takes
    yield browser
    for scheme in ("http", "https"):
        QDesktopServices.unsetUrlHandler(scheme)


@pytest.fixture
def page(services: Services, jobs: JobRunner, shown: Callable[[QWidget], None], browser: SystemBrowser) -> SignInPage:
    page = SignInPage(services=services, jobs=jobs)
    shown(page)
    return page


@pytest.fixture
def accountant(services: Services, addresses: PracticeAddresses, tmp_path: Path) -> RelayProfile:
    folder = services.data_dir / "practice"
    folder.mkdir()
    shutil.copy(addresses.clouds_file, folder / "clouds.toml")
    profile = RelayProfile(
        "Invoices",
        cloud=addresses.cloud,
        host=addresses.host,
        port=addresses.smtp_port,
        auth=Auth.OAUTH,
        tenant=addresses.tenant,
        client_id=addresses.client_id,
        username="accounts@practice.example",
        sender="accounts@practice.example",
        ca_file=str(addresses.ca_file),
    )
    services.profiles.add(profile)
    return profile


def words(page: SignInPage) -> str:
    return " ".join(item.text() for item in page.findChildren(QLabel) if item.isVisible())


def button(page: SignInPage, text: str) -> QPushButton:
    return next(item for item in page.findChildren(QPushButton) if item.isVisible() and item.text() == text)


def press(page: SignInPage, text: str) -> None:
    QTest.mouseClick(button(page, text), Qt.MouseButton.LeftButton)


def show(page: SignInPage, profile: RelayProfile, qtbot: QtBot) -> None:
    page.show_profile(profile)
    qtbot.waitUntil(lambda: "Looking…" not in words(page), timeout=5000)


def test_a_person_signs_in_through_the_browser_and_signs_out(
    page: SignInPage, services: Services, accountant: RelayProfile, browser: SystemBrowser, qtbot: QtBot
) -> None:
    browser.person = PersonAtBrowser("accounts@practice.example", "Practice-Accounts-1")
    show(page, accountant, qtbot)
    assert "Nobody is signed in" in words(page)
    with qtbot.waitSignal(page.signed_in, timeout=30_000):
        press(page, "Sign in…")
    browser.person.done()
    qtbot.waitUntil(lambda: "accounts@practice.example is signed in" in words(page), timeout=5000)
    assert "renewed by itself" in words(page)
    account = services.credentials.account(accountant)
    assert account is not None
    assert account.username == "accounts@practice.example"
    with qtbot.waitSignal(page.signed_out, timeout=10_000):
        press(page, "Sign out")
    qtbot.waitUntil(lambda: "Nobody is signed in" in words(page), timeout=5000)
    assert services.credentials.account(accountant) is None


def test_waiting_shows_the_address_and_ends_at_once_when_cancelled(
    page: SignInPage, accountant: RelayProfile, browser: SystemBrowser, qtbot: QtBot
) -> None:
    show(page, accountant, qtbot)
    press(page, "Sign in…")
    qtbot.waitUntil(lambda: bool(browser.addresses), timeout=20_000)
    assert page.is_busy()
    assert "Waiting for you in the browser" in words(page)
    press(page, "Copy address")
    assert QGuiApplication.clipboard().text() == browser.addresses[0]
    press(page, "Open again")
    assert browser.addresses[1] == browser.addresses[0]
    press(page, "Cancel")
    qtbot.waitUntil(lambda: not page.is_busy(), timeout=1000)
    assert "Nobody is signed in" in words(page)
    assert button(page, "Sign in…").isEnabled()


def test_a_refusal_at_microsofts_page_is_told_in_place(
    page: SignInPage, accountant: RelayProfile, browser: SystemBrowser, qtbot: QtBot
) -> None:
    browser.person = PersonAtBrowser("accounts@practice.example", "Practice-Accounts-1", button="cancel")
    show(page, accountant, qtbot)
    press(page, "Sign in…")
    qtbot.waitUntil(lambda: bool(browser.addresses), timeout=20_000)
    browser.person.done()
    qtbot.waitUntil(lambda: not page.is_busy(), timeout=20_000)
    assert "The sign-in was refused: AADSTS65004" in words(page)
    assert "Nobody is signed in" in words(page)
    assert button(page, "Sign in…").isEnabled()


def test_a_sign_in_that_waits_belongs_to_its_profile(
    page: SignInPage,
    services: Services,
    accountant: RelayProfile,
    scanner: RelayProfile,
    browser: SystemBrowser,
    qtbot: QtBot,
) -> None:
    show(page, accountant, qtbot)
    press(page, "Sign in…")
    qtbot.waitUntil(lambda: bool(browser.addresses), timeout=20_000)
    page.show_profile(scanner)
    assert "Waiting" not in words(page)
    page.show_profile(accountant)
    assert "Waiting for you in the browser" in words(page)
    page.cancel()
    qtbot.waitUntil(lambda: not page.is_busy(), timeout=1000)


def test_what_is_missing_is_told_before_a_browser_opens(
    page: SignInPage, accountant: RelayProfile, browser: SystemBrowser, qtbot: QtBot
) -> None:
    show(page, dataclasses.replace(accountant, client_id=""), qtbot)
    assert "The application (client) id is missing" in words(page)
    with qtbot.waitSignal(page.page_requested) as wished:
        press(page, "Go to the settings")
    assert wished.args == ["settings"]
    assert browser.addresses == []


def test_the_administrator_gets_what_the_app_registration_must_have(
    page: SignInPage, accountant: RelayProfile, addresses: PracticeAddresses, qtbot: QtBot
) -> None:
    show(page, accountant, qtbot)
    press(page, "Copy for the administrator")
    text = QGuiApplication.clipboard().text()
    assert addresses.client_id in text
    assert f"{addresses.authority}/{addresses.tenant}" in text
    assert "http://localhost" in text


def test_a_password_profile_shows_its_secrets_state_and_no_browser(
    page: SignInPage, scanner: RelayProfile, qtbot: QtBot
) -> None:
    page.show_profile(scanner)
    qtbot.waitUntil(lambda: "No password is stored" in words(page), timeout=5000)
    assert not any(item.text() == "Sign in…" and item.isVisible() for item in page.findChildren(QPushButton))


def test_every_control_has_a_name_for_screen_readers(page: SignInPage, accountant: RelayProfile, qtbot: QtBot) -> None:
    show(page, accountant, qtbot)
    assert names_missing(page) == []
