"""The whole window by keyboard and for a screen reader: no trap, nothing without a name, Return presses."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from memory_keyring import memory_keyring_in_use
from relaywright.bootstrap import Services
from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import CredentialNeeded, InputError
from relaywright.gui.application import Application
from relaywright.gui.jobs import JobRunner
from relaywright.gui.main_window import MainWindow
from relaywright.gui.pages.test_page import TestPage
from relaywright.gui.remembered import Remembered
from relaywright.gui.widgets.text import button, tool_button
from relaywright.gui.workbench import Workbench
from relaywright.paths import resources
from relaywright.sharing.envelope import SUFFIX

PAGES = ("settings", "sign-in", "test", "export", "history")
MOST_STOPS = 90


@pytest.fixture(scope="module")
def workbench(qapp: Application, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One window with the practice relay and a session of each kind, for all tests here; they only look."""
    folder = tmp_path_factory.mktemp("keyboard")
    qapp.dress()
    with memory_keyring_in_use():
        services = Services(folder / "data")
        jobs = JobRunner()
        window = MainWindow(Remembered(folder))
        workbench = Workbench(window, services, jobs)
        window.show()
        yield workbench
        services.practice.stop()
        window.close()
        assert jobs.shut_down()
        shiboken6.delete(window)
        services.close()


@pytest.fixture
def practising(workbench: Workbench, qtbot: QtBot) -> Workbench:
    """The window after a test that worked."""
    window = workbench.sidebar.window()
    window.activateWindow()
    if workbench.profile is None:
        with qtbot.waitSignal(workbench.practice.started, timeout=60_000):
            workbench.practice.start()
        qtbot.waitUntil(lambda: workbench.profile is not None)
        with qtbot.waitSignal(workbench.runs.settled, timeout=30_000):
            workbench.actions_by_id["send"].trigger()
    qtbot.waitUntil(lambda: workbench.jobs.running == 0, timeout=10_000)
    return workbench


def walk(window: QWidget, *, back: bool = False) -> list[QWidget]:
    """Press Tab until the keyboard is back where it began, and return every stop."""
    stops: list[QWidget] = []
    for _ in range(MOST_STOPS):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
        assert here is not None
        if stops and here is stops[0]:
            return stops
        assert here not in stops, f"Tab goes in a circle that leaves out the rest: {[told(item) for item in stops]}"
        stops.append(here)
    raise AssertionError("Tab never comes back")


def told(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"{type(widget).__name__} {widget.objectName()} {widget.accessibleName() or text}"


def unreached(window: QWidget, stops: list[QWidget]) -> list[str]:
    """What can be operated, is in view, and no Tab leads to; radio buttons are one stop with arrow keys."""
    return [
        told(item)
        for item in window.findChildren(QPushButton)
        if item.isVisible() and item.isEnabled() and item not in stops
    ]


@pytest.mark.parametrize("page", PAGES)
def test_tab_walks_through_every_page_and_back_out(practising: Workbench, qtbot: QtBot, page: str) -> None:
    practising.toast.hide()
    practising.deck.turn_to(page)
    qtbot.waitUntil(lambda: practising.jobs.running == 0, timeout=10_000)
    practising.deck.tabs.setFocus()
    window = practising.sidebar.window()
    stops = walk(window)
    assert practising.sidebar.search in stops
    assert practising.header.send in stops
    assert unreached(window, stops) == []
    assert set(walk(window, back=True)) == set(stops)


@pytest.mark.parametrize("page", PAGES)
def test_everything_on_a_page_has_a_name(practising: Workbench, qtbot: QtBot, page: str) -> None:
    practising.deck.turn_to(page)
    qtbot.waitUntil(lambda: practising.jobs.running == 0, timeout=10_000)
    assert names_missing(practising.sidebar.window()) == []


def test_every_state_of_the_answer_has_names(practising: Workbench, qtbot: QtBot) -> None:
    practising.deck.turn_to("test")
    page = practising.deck.page("test")
    assert isinstance(page, TestPage)
    refused = CredentialNeeded("AADSTS50053: the account is locked.", hint="Sign in again.")
    refused.explanation = Catalog.load(resources()).explain_sign_in(refused.message, {})
    for error in (InputError("Nothing to send to.", hint="Enter a recipient."), refused):
        page.answer.show_trouble(error)
        assert names_missing(page) == []
    page.answer.show_running("send", next(iter(page.waterfall._expected)))
    assert names_missing(page) == []


def test_turning_the_page_keeps_the_keyboard_near(practising: Workbench, qtbot: QtBot) -> None:
    practising.deck.turn_to("settings")
    qtbot.waitUntil(lambda: practising.jobs.running == 0, timeout=10_000)
    practising.deck.tabs.setFocus()
    QTest.keyClick(practising.deck.tabs, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not practising.deck.tabs
    practising.actions_by_id["tab-5"].trigger()
    assert QApplication.focusWidget() is practising.deck.tabs


def opened(workbench: Workbench, open_it: Callable[[], None]) -> QDialog:
    open_it()
    found = [item for item in workbench.sidebar.window().findChildren(QDialog) if item.isVisible()]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("which", ["new", "share", "import", "about"])
def test_every_dialog_is_walked_by_tab_named_and_left_by_escape(
    practising: Workbench, qtbot: QtBot, which: str, tmp_path: Path
) -> None:
    panels, profile = practising.panels, practising.profile
    assert profile is not None
    bundle = tmp_path / f"bundle{SUFFIX}"
    bundle.write_bytes(b"")
    ways: dict[str, Callable[[], None]] = {
        "new": panels.new_profile,
        "share": lambda: panels.share(profile),
        "import": lambda: panels.import_profiles(bundle),
        "about": panels.about,
    }
    dialog = opened(practising, ways[which])
    dialog.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    assert names_missing(dialog) == []
    assert unreached(dialog, walk(dialog)) == []
    with qtbot.waitSignal(dialog.finished):
        QTest.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Escape)


def test_return_presses_the_button_that_has_the_keyboard(qtbot: QtBot, shown: Callable[[QWidget], None]) -> None:
    pressed: list[str] = []
    frame = QWidget()
    items = [
        button("Push", lambda: pressed.append("push")),
        tool_button("copy", "Icon", lambda: pressed.append("icon")),
    ]
    for item in items:
        item.setParent(frame)
    shown(frame)
    for item, key in zip(items, (Qt.Key.Key_Return, Qt.Key.Key_Enter), strict=True):
        item.setFocus()
        QTest.keyClick(item, key)
        qtbot.waitUntil(lambda item=item: not item.isDown())  # type: ignore[misc]
    qtbot.waitUntil(lambda: pressed == ["push", "icon"])


def test_removing_is_undone_at_once_with_the_keyboard_and_never_happens_while_a_word_is_deleted(
    practising: Workbench, qtbot: QtBot
) -> None:
    model = practising.sidebar.model
    before = len(practising.desk.read("").profiles)
    practising.deck.turn_to("test")
    field = practising.sidebar.search
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    practising.sidebar.list.setFocus()
    with qtbot.waitSignal(practising.desk.removed, timeout=10_000) as removed:
        QTest.keyClick(practising.sidebar.list, Qt.Key.Key_Delete)
    assert removed.args is not None
    qtbot.waitUntil(lambda: model.index_of(removed.args[0].id).row() < 0)
    assert len(practising.desk.read("").profiles) == before - 1
    with qtbot.waitSignal(practising.desk.undone, timeout=10_000):
        QTest.keyClick(
            QApplication.focusWidget() or practising.sidebar.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
        )
    qtbot.waitUntil(lambda: len(practising.desk.read("").profiles) == before)
