"""Signing in, in the real window, by keyboard: a shared mailbox, a device code, and an application by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from journeys.window_driver import BrowserInstead, WindowDriver
from memory_keyring import memory_keyring_in_use
from person_at_browser import PersonAtBrowser
from relaywright.bootstrap import TOKEN_FILE
from relaywright.domain.cancel import CancelToken
from relaywright.gui.widgets.device_code_view import DeviceCodeView

ALEX = ("alex@practice.example", "Practice-Alex-1")
SIGN_IN_PAGE = 2


@pytest.fixture
def driver(qtbot: QtBot, tmp_path: Path) -> Iterator[WindowDriver]:
    with memory_keyring_in_use():
        opened = WindowDriver(qtbot, tmp_path / "data")
        opened.until(lambda: QApplication.focusWidget() is opened.find(QPushButton, "start-practice"))
        opened.press(Qt.Key.Key_Space)
        opened.until(lambda: len(opened.services.profiles.list()) == 6)
        opened.until(lambda: bool(opened.text_of("title")))
        yield opened
        opened.close()


def press(driver: WindowDriver, text: str) -> None:
    """Walk to a button with Tab, as somebody without a mouse does, and press it."""
    for _ in range(60):
        focus = driver.window.focusWidget()
        if isinstance(focus, QPushButton) and focus.text().replace("&", "") == text:
            driver.press(Qt.Key.Key_Space)
            return
        driver.press(Qt.Key.Key_Tab)
    driver.picture(driver.pictures / "button-not-reached.png")
    raise AssertionError(f"Tab does not reach “{text}”")


def shows_button(driver: WindowDriver, text: str) -> bool:
    return any(item.isVisible() and item.text() == text for item in driver.window.findChildren(QPushButton))


def test_a_shared_mailbox_is_opened_by_somebody_elses_sign_in(driver: WindowDriver) -> None:
    driver.choose_profile("Practice shared mailbox")
    driver.go_to_page(SIGN_IN_PAGE)
    driver.until(lambda: driver.sees("Nobody is signed in yet"))
    browser = BrowserInstead(PersonAtBrowser(*ALEX))
    try:
        press(driver, "Sign in…")
        driver.until(lambda: driver.sees("alex@practice.example is signed in"))
    finally:
        browser.leave()
    assert driver.sees("The mailbox that is opened is office@practice.example")
    press(driver, "Look at the token")
    driver.until(lambda: driver.sees("The token fits the profile"))
    driver.press(Qt.Key.Key_F5)
    driver.until(lambda: driver.text_of("answer-title") == "The server took the message")


def test_a_device_code_is_typed_elsewhere_and_the_test_goes_through(driver: WindowDriver) -> None:
    driver.choose_profile("Practice application")
    driver.go_to_page(SIGN_IN_PAGE)
    driver.until(lambda: driver.sees("Nobody is signed in yet"))
    press(driver, "With a device code…")
    view = driver.window.findChild(DeviceCodeView)
    assert isinstance(view, DeviceCodeView)
    driver.until(lambda: view.code is not None)
    code = view.code
    assert code is not None
    person = PersonAtBrowser("accounts@practice.example", "Practice-Accounts-1")
    person.type_code(code.verification_uri, code.user_code)
    driver.until(lambda: driver.sees("accounts@practice.example is signed in"))
    person.done()
    driver.press(Qt.Key.Key_F5)
    driver.until(lambda: driver.text_of("answer-title") == "The server took the message")


def test_an_application_signs_in_by_itself_and_a_certificate_takes_the_secrets_place(driver: WindowDriver) -> None:
    driver.choose_profile("Practice service")
    driver.press(Qt.Key.Key_F5)
    driver.until(lambda: driver.text_of("answer-title") == "The server took the message")
    driver.go_to_page(SIGN_IN_PAGE)
    driver.until(lambda: driver.sees("nobody said when it ends"))
    driver.until(lambda: shows_button(driver, "Make a certificate"))
    press(driver, "Make a certificate")
    driver.until(lambda: driver.sees("Signs in with a certificate"))
    # Nobody has uploaded its public part to the practice tenant, so Microsoft's word comes back, explained.
    press(driver, "Look at the token")
    driver.until(lambda: driver.sees("AADSTS700027"))


def test_a_sign_in_that_died_is_told_when_a_test_is_tried_and_one_press_leads_to_another(driver: WindowDriver) -> None:
    driver.choose_profile("Practice application")
    profile = driver.services.profiles.by_name("Practice application (OAuth)")
    person = PersonAtBrowser("accounts@practice.example", "Practice-Accounts-1")
    driver.services.credentials.sign_in(profile, person.open, CancelToken())
    person.done()
    sealed = driver.services.vault.sealed_file(driver.services.data_dir / TOKEN_FILE)
    assert sealed.delete()  # what a colleague does who clears the data folder
    driver.press(Qt.Key.Key_F5)
    driver.until(lambda: shows_button(driver, "Sign in again"))
    driver.until(lambda: shows_button(driver, "1 needs attention"))
    press(driver, "Sign in again")
    driver.until(lambda: driver.sees("The sign-in of accounts@practice.example has ended"))
    assert shows_button(driver, "Sign in again…")
