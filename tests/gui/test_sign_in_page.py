"""The Sign-in page with the practice sign-in: the real flow through the real page, cancelled, refused, signed out."""

import dataclasses
import datetime
import re
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
from relaywright.domain.cancel import CancelToken
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.gui.jobs import JobRunner
from relaywright.gui.models import wording
from relaywright.gui.pages.sign_in_page import SignInPage
from relaywright.gui.widgets.device_code_view import DeviceCodeView
from relaywright.gui.widgets.qr_picture import MODULE_PX, QrPicture
from relaywright.gui.widgets.token_table import TokenTable
from relaywright.practice.practice import PracticeAddresses
from relaywright.store.records import SignInRecord, SignInWay


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


def test_a_device_code_is_shown_typed_elsewhere_and_signs_in(
    page: SignInPage, services: Services, accountant: RelayProfile, browser: SystemBrowser, qtbot: QtBot
) -> None:
    show(page, accountant, qtbot)
    press(page, "With a device code…")
    view = page.findChild(DeviceCodeView)
    assert isinstance(view, DeviceCodeView)
    qtbot.waitUntil(lambda: view.code is not None, timeout=20_000)
    code = view.code
    assert code is not None
    assert code.user_code in words(page)
    assert re.search(r"1[45]:\d\d left", words(page))
    picture = view.findChild(QrPicture)
    assert isinstance(picture, QrPicture)
    assert picture.isVisible()
    side = len(picture.modules)
    qtbot.waitUntil(lambda: picture.width() == picture.height() == MODULE_PX * side)
    drawn = picture.grab().toImage()
    step = drawn.width() / side
    for y in range(0, side, 3):
        for x in range(0, side, 3):
            dark = drawn.pixelColor(int((x + 0.5) * step), int((y + 0.5) * step)).lightness() < 128
            assert dark == picture.modules[y][x], (x, y)
    QTest.mouseClick(view.copy_code, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == code.user_code
    person = PersonAtBrowser("accounts@practice.example", "Practice-Accounts-1")
    with qtbot.waitSignal(page.signed_in, timeout=30_000):
        person.type_code(code.verification_uri, code.user_code)
    person.done()
    qtbot.waitUntil(lambda: "with a device code" in words(page), timeout=5000)
    assert browser.addresses == []
    account = services.credentials.account(accountant)
    assert account is not None
    assert account.via is SignInWay.DEVICE_CODE


def test_a_second_click_takes_the_place_of_the_first(
    page: SignInPage, accountant: RelayProfile, browser: SystemBrowser, qtbot: QtBot
) -> None:
    show(page, accountant, qtbot)
    press(page, "Sign in…")
    qtbot.waitUntil(lambda: bool(browser.addresses), timeout=20_000)
    press(page, "Use a device code instead")
    view = page.findChild(DeviceCodeView)
    assert isinstance(view, DeviceCodeView)
    qtbot.waitUntil(lambda: view.code is not None, timeout=20_000)
    assert "Waiting for you on another device" in words(page)
    press(page, "Cancel")
    qtbot.waitUntil(lambda: not page.is_busy(), timeout=1000)
    assert view.code is None
    assert "Nobody is signed in" in words(page)
    page.start_sign_in()
    page.start_sign_in()
    qtbot.waitUntil(lambda: len(browser.addresses) >= 2, timeout=20_000)
    page.cancel()
    qtbot.waitUntil(lambda: not page.is_busy(), timeout=1000)
    assert "refused" not in words(page)


def test_the_token_is_held_against_the_profile_and_never_shown(
    page: SignInPage, services: Services, accountant: RelayProfile, qtbot: QtBot
) -> None:
    person = PersonAtBrowser("accounts@practice.example", "Practice-Accounts-1")
    services.credentials.sign_in(accountant, person.open, CancelToken())
    person.done()
    show(page, accountant, qtbot)
    press(page, "Look at the token")
    qtbot.waitUntil(lambda: "The token fits the profile" in words(page), timeout=10_000)
    table = page.findChild(TokenTable)
    assert isinstance(table, TokenTable)
    assert {row.claim: row.ok for row in table.rows}["aud"] is True
    assert "eyJ" not in words(page)
    other = services.profiles.change(accountant, {"username": "office@practice.example"})
    services.profiles.update(other)
    show(page, other, qtbot)
    assert table.rows == ()
    press(page, "Look at the token")
    qtbot.waitUntil(lambda: "Account and mailbox differ" in words(page), timeout=10_000)
    assert names_missing(page) == []


def test_a_sign_in_that_ended_says_since_when_and_offers_another(
    page: SignInPage, services: Services, accountant: RelayProfile, qtbot: QtBot
) -> None:
    began = datetime.datetime(2026, 8, 3, 9, 0, tzinfo=datetime.UTC)
    services.store.remember_sign_in(
        SignInRecord(
            accountant.id,
            "oid.tid",
            "accounts@practice.example",
            "practice",
            began,
            ended_at=began + datetime.timedelta(days=95),
            ended_why="The sign-in was refused: AADSTS700082: The refresh token has expired due to inactivity.",
        )
    )
    show(page, accountant, qtbot)
    assert "The sign-in of accounts@practice.example has ended" in words(page)
    assert f"Since {wording.moment(began + datetime.timedelta(days=95))}" in words(page)
    assert "by default it lives 90 days from its last use" in words(page)
    assert button(page, "Sign in again…").isVisible()


def test_what_a_cloud_does_not_know_for_sure_is_said(
    page: SignInPage, accountant: RelayProfile, services: Services, qtbot: QtBot
) -> None:
    show(page, services.profiles.change(accountant, {"cloud": "dod"}), qtbot)
    assert "is not verified" in words(page)
    show(page, services.profiles.change(accountant, {"cloud": "worldwide"}), qtbot)
    assert "not verified" not in words(page)
