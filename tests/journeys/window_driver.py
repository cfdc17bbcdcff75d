"""Drives the real window as a person does: keys, typed text, what is shown. Stories stand in the tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.exceptions import TimeoutError as WaitTimeoutError
from pytestqt.qtbot import QtBot

from person_at_browser import PersonAtBrowser
from relaywright.bootstrap import Services
from relaywright.gui.application import Application
from relaywright.gui.jobs import JobRunner
from relaywright.gui.main_window import MainWindow
from relaywright.gui.remembered import Remembered
from relaywright.gui.workbench import Workbench

WAIT_MS = 15_000


class WindowDriver:
    """One open window with its services."""

    def __init__(self, qtbot: QtBot, data_dir: Path) -> None:
        self.qtbot = qtbot
        self.pictures = data_dir.parent
        self.services = Services(data_dir)
        self.jobs = JobRunner()
        self.broken: list[BaseException] = []
        self.jobs.broke.connect(self.broken.append)
        application = QApplication.instance()
        assert isinstance(application, Application)
        self.application = application
        application.dress()
        self.window = MainWindow(Remembered(data_dir))
        qtbot.addWidget(self.window)
        self.bench = Workbench(self.window, self.services, self.jobs)
        self.window.resize(1280, 800)
        self.window.show()
        qtbot.waitExposed(self.window)

    def close(self) -> None:
        """Close as a person would; everything must have ended after it."""
        self.window.close()
        ended = self.jobs.shut_down()
        self.services.close()
        assert ended, "a job outlived the window"
        assert not self.broken, self.broken

    # what a person does

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key wherever the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def control(self, key: Qt.Key) -> None:
        """Press Ctrl (Command on a Mac) and a key."""
        self.press(key, Qt.KeyboardModifier.ControlModifier)

    def write(self, text: str) -> None:
        """Type wherever the focus is."""
        QTest.keyClicks(QApplication.focusWidget() or self.window, text)

    def choose_profile(self, words: str) -> None:
        """Search for a profile by keyboard and go to the first that is found."""
        self.control(Qt.Key.Key_K)
        self.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.write(words)
        self.until(lambda: self.bench.sidebar.model.rowCount() > 0)
        self.press(Qt.Key.Key_Return)
        self.until(lambda: words.lower() in self.text_of("title").lower())
        self.press(Qt.Key.Key_Escape)

    def go_to_page(self, number: int) -> None:
        """Turn to a page by its number."""
        self.press(Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.AltModifier)

    # what a person sees

    def find(self, kind: type[QWidget], name: str) -> QWidget:
        """Return the visible widget of that object name."""
        found = [item for item in self.window.findChildren(kind, name) if item.isVisible()]
        assert len(found) == 1, f"{len(found)} visible {kind.__name__} named {name}"
        return found[0]

    def text_of(self, name: str) -> str:
        """Return what a named label says."""
        label = self.window.findChild(QLabel, name)
        return label.text() if isinstance(label, QLabel) else ""

    def sees(self, text: str) -> bool:
        """Tell whether any visible label says the text."""
        return any(text in item.text() for item in self.window.findChildren(QLabel) if item.isVisible())

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        try:
            self.qtbot.waitUntil(condition, timeout=WAIT_MS)
        except WaitTimeoutError:
            self.picture(self.pictures / "waited-in-vain.png")
            raise

    def picture(self, path: Path) -> None:
        """Photograph the window."""
        QApplication.processEvents()
        assert self.window.grab().save(str(path)), path


class BrowserInstead(QObject):
    """Stands where the system would open a browser, and has a person sign in there."""

    def __init__(self, person: PersonAtBrowser) -> None:
        super().__init__()
        self.person = person
        slot: Any = "open_address"  # PySide's stubs say bytes, its code takes text alone
        QDesktopServices.setUrlHandler("http", self, slot)

    @Slot(QUrl)
    def open_address(self, address: QUrl) -> None:
        """Called by Qt in the place of the browser."""
        self.person.open(address.toString(QUrl.ComponentFormattingOption.FullyEncoded))

    def leave(self) -> None:
        """Give the addresses back to the system."""
        QDesktopServices.unsetUrlHandler("http")
        self.person.done()
