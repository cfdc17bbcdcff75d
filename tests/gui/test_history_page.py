"""The History page with real sessions: newest first, the chosen one's answer and conversation, nothing yet."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from relaywright.bootstrap import Services
from relaywright.domain.cancel import CancelToken
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret
from relaywright.gui.jobs import JobRunner
from relaywright.gui.models.history_table import Column, HistoryModel, reply_text
from relaywright.gui.pages.history_page import HistoryPage
from relaywright.gui.widgets.conversation import Conversation
from relaywright.practice.practice import PracticeAddresses
from relaywright.services.send_test import SendOptions
from relaywright.store.records import Run


@pytest.fixture
def page(services: Services, jobs: JobRunner, shown: Callable[[QWidget], None]) -> HistoryPage:
    page = HistoryPage(services=services, jobs=jobs)
    shown(page)
    return page


@pytest.fixture
def tried(services: Services, addresses: PracticeAddresses) -> RelayProfile:
    """A profile with one message taken and then one refused."""
    profile = RelayProfile(
        "Practice scanner",
        host=addresses.host,
        port=addresses.smtp_port,
        username="scanner@practice.example",
        sender="scanner@practice.example",
        recipient="alex@practice.example",
        ca_file=str(addresses.ca_file),
    )
    services.profiles.add(profile)
    services.credentials.set_secret(profile, Secret("Practice-Scanner-1"))
    assert services.tests.send(profile, SendOptions(), lambda _event: None, CancelToken()).outcome.ok
    services.credentials.set_secret(profile, Secret("wrong"))
    assert not services.tests.send(profile, SendOptions(), lambda _event: None, CancelToken()).outcome.ok
    return profile


def table(page: HistoryPage) -> QTableView:
    found = page.findChild(QTableView)
    assert isinstance(found, QTableView)
    return found


def words(page: HistoryPage) -> str:
    return " ".join(item.text() for item in page.findChildren(QLabel) if item.isVisible())


def test_the_newest_run_comes_first_and_is_shown(page: HistoryPage, tried: RelayProfile, qtbot: QtBot) -> None:
    page.show_profile(tried)
    qtbot.waitUntil(lambda: table(page).model().rowCount() == 2, timeout=5000)
    model = table(page).model()
    assert model.index(0, Column.REPLY).data() == "535 5.7.139"
    assert model.index(1, Column.REPLY).data().startswith("250")
    qtbot.waitUntil(lambda: "User name or password is wrong" in words(page))
    talk = page.findChild(Conversation)
    assert isinstance(talk, Conversation)
    assert "535 5.7.139" in talk.toPlainText()


def test_another_row_is_reached_by_keyboard(page: HistoryPage, tried: RelayProfile, qtbot: QtBot) -> None:
    page.show_profile(tried)
    qtbot.waitUntil(lambda: table(page).model().rowCount() == 2, timeout=5000)
    table(page).setFocus()
    QTest.keyClick(table(page), Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "The server took the message" in words(page))


def test_a_run_that_happened_meanwhile_is_there_when_the_page_comes_back(
    page: HistoryPage, services: Services, tried: RelayProfile, qtbot: QtBot
) -> None:
    page.show_profile(tried)
    qtbot.waitUntil(lambda: table(page).model().rowCount() == 2, timeout=5000)
    page.hide()
    services.tests.check(tried, lambda _event: None, CancelToken())
    page.show()
    qtbot.waitUntil(lambda: table(page).model().rowCount() == 3, timeout=5000)


def test_the_ticket_holds_answer_and_conversation(page: HistoryPage, tried: RelayProfile, qtbot: QtBot) -> None:
    page.show_profile(tried)
    qtbot.waitUntil(lambda: table(page).model().rowCount() == 2, timeout=5000)
    copy = next(item for item in page.findChildren(QPushButton) if item.text() == "Copy for a ticket")
    QTest.mouseClick(copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert "535 5.7.139" in text
    assert "wrong\n" not in text.partition("AUTH")[2], "the password must not be in it"


def test_without_a_run_it_says_what_to_do(page: HistoryPage, scanner: RelayProfile, qtbot: QtBot) -> None:
    page.show_profile(scanner)
    qtbot.waitUntil(lambda: "Nothing was tried yet" in words(page), timeout=5000)
    go = next(item for item in page.findChildren(QPushButton) if item.text() == "Go to the test")
    with qtbot.waitSignal(page.page_requested) as wished:
        QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    assert wished.args == ["test"]


def test_an_entry_of_another_version_is_listed_even_if_it_cannot_be_opened(
    page: HistoryPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    import datetime

    now = datetime.datetime.now(datetime.UTC)
    services.store.record(Run(scanner.id, "send", now, False, 12.0, "From elsewhere", {"phases": [{"name": "later"}]}))
    page.show_profile(scanner)
    qtbot.waitUntil(lambda: table(page).model().rowCount() == 1, timeout=5000)
    assert table(page).model().index(0, Column.RESULT).data() == "From elsewhere"


def test_the_model_keeps_to_qts_rules(services: Services, tried: RelayProfile) -> None:
    model = HistoryModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_runs(services.history.runs(tried.id))
    model.show_runs(())
    assert tester is not None


def test_a_run_without_a_reply_shows_a_dash() -> None:
    import datetime

    run = Run("p", "send", datetime.datetime.now(datetime.UTC), False, 1.0, "No answer", {"reply": None})
    assert reply_text(run) == "–"


def test_every_control_has_a_name_for_screen_readers(page: HistoryPage, tried: RelayProfile, qtbot: QtBot) -> None:
    page.show_profile(tried)
    qtbot.waitUntil(lambda: table(page).model().rowCount() == 2, timeout=5000)
    assert names_missing(page) == []
