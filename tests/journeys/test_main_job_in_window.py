"""The main job in the real window, by keyboard, with the practice relay that the window itself starts."""

import itertools
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from journeys.window_driver import BrowserInstead, WindowDriver
from memory_keyring import memory_keyring_in_use
from person_at_browser import PersonAtBrowser
from relaywright.domain.profile import with_fields
from relaywright.domain.secret import Secret

BLOCKED_MS = 50


@pytest.fixture
def driver(qtbot: QtBot, tmp_path: Path) -> Iterator[WindowDriver]:
    with memory_keyring_in_use():
        opened = WindowDriver(qtbot, tmp_path / "data")
        yield opened
        opened.close()


def test_a_newcomer_practises_sends_signs_in_and_learns_from_a_refusal(driver: WindowDriver) -> None:
    # Nothing is there yet: the first page offers the practice relay, and it has the focus.
    assert driver.sees("Relaywright")
    assert driver.window.focusWidget() is driver.find(QPushButton, "start-practice")
    driver.press(Qt.Key.Key_Space)
    driver.until(lambda: len(driver.services.profiles.list()) == 6)
    driver.until(lambda: bool(driver.text_of("title")))

    # A profile with a password works at once.
    driver.choose_profile("Practice scanner")
    driver.press(Qt.Key.Key_F5)
    driver.until(lambda: driver.text_of("answer-title") == "The server took the message")
    profile = driver.services.profiles.by_name("Practice scanner")
    assert [run.ok for run in driver.services.history.runs(profile.id)] == [True]

    # A refusal says what it means, and the command has the profile's own values.
    driver.choose_profile("Practice refusal")
    driver.press(Qt.Key.Key_F5)
    driver.until(lambda: driver.text_of("answer-title") == "SMTP AUTH is turned off for the whole organisation")

    # Signing in happens in the browser, then the test goes through.
    driver.choose_profile("Practice application")
    driver.go_to_page(2)
    browser = BrowserInstead(PersonAtBrowser("accounts@practice.example", "Practice-Accounts-1"))
    try:
        button = next(
            item
            for item in driver.window.findChildren(QPushButton)
            if item.isVisible() and item.text().replace("&", "").startswith("Sign in")
        )
        button.setFocus()
        driver.press(Qt.Key.Key_Space)
        driver.until(lambda: driver.sees("accounts@practice.example is signed in"))
    finally:
        browser.leave()
    driver.press(Qt.Key.Key_F5)
    driver.until(lambda: driver.text_of("answer-title") == "The server took the message")


def test_removing_is_taken_back(driver: WindowDriver) -> None:
    for name in ("Scanner", "Printer"):
        driver.services.profiles.add(driver.services.profiles.draft(name, {"username": "a@contoso.com"}))
    driver.bench.desk.reload()
    driver.until(lambda: driver.bench.sidebar.model.rowCount() >= 2)
    driver.choose_profile("Scanner")
    driver.bench.actions_by_id["remove"].trigger()
    driver.until(lambda: [item.name for item in driver.services.profiles.list()] == ["Printer"])
    driver.bench.sidebar.list.setFocus()
    driver.control(Qt.Key.Key_Z)
    driver.until(lambda: len(driver.services.profiles.list()) == 2)


def test_a_silent_server_never_blocks_the_window_and_cancel_ends_it(driver: WindowDriver) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    profile = driver.services.profiles.draft("Silent", {"username": "a@contoso.com", "recipient": "b@contoso.com"})
    profile = with_fields(profile, {"host": "127.0.0.1", "port": str(silent.getsockname()[1])})
    driver.services.profiles.add(profile)
    driver.services.credentials.set_secret(profile, Secret("pw"))
    driver.bench.desk.reload()
    driver.choose_profile("Silent")
    longest = min(_longest_gap_ms(driver, profile.id) for _ in range(3))
    silent.close()
    assert longest < BLOCKED_MS


class _Windows(QObject):
    """Notes every window that appears."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_no_part_of_a_page_flashes_as_a_window_of_its_own(driver: WindowDriver) -> None:
    for name, auth in (("Scanner", "password"), ("Application", "oauth")):
        driver.services.profiles.add(driver.services.profiles.draft(name, {"username": "a@contoso.com", "auth": auth}))
    driver.bench.desk.reload()
    driver.choose_profile("Scanner")
    windows = _Windows()
    driver.application.installEventFilter(windows)
    for name in ("Scanner", "Application"):
        driver.choose_profile(name)
        for number in range(1, 6):
            driver.go_to_page(number)
            driver.until(lambda number=number: driver.bench.deck.tabs.currentIndex() == number - 1)  # type: ignore[misc]
            driver.until(lambda: driver.jobs.running == 0)
    driver.application.removeEventFilter(windows)
    assert windows.shown == []


def _longest_gap_ms(driver: WindowDriver, profile_id: str) -> float:
    """Send, watch the event loop for a while, cancel; return the longest time it did not turn."""
    beats: list[float] = []
    heart = QTimer()
    heart.setInterval(2)
    heart.timeout.connect(lambda: beats.append(time.perf_counter()))
    driver.press(Qt.Key.Key_F5)
    heart.start()
    driver.until(lambda: driver.bench.runs.active(profile_id) is not None and len(beats) > 200)
    driver.press(Qt.Key.Key_Escape)
    driver.until(lambda: driver.bench.runs.active(profile_id) is None)
    heart.stop()
    return max(1000 * (later - sooner) for sooner, later in itertools.pairwise(beats))
