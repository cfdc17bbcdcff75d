"""The whole window with real services: the main job against the practice relay, cancelling, undo, the keyboard."""

import datetime
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from relaywright.bootstrap import Services
from relaywright.domain.profile import Auth, Method, RelayProfile, Security
from relaywright.gui.jobs import JobRunner
from relaywright.gui.main_window import MainWindow
from relaywright.gui.models.profile_list import Status
from relaywright.gui.models.road_facts import LegState
from relaywright.gui.pages.sign_in_page import SignInPage
from relaywright.gui.pages.test_page import TestPage
from relaywright.gui.remembered import Remembered
from relaywright.gui.widgets.answer_card import AnswerState
from relaywright.gui.widgets.chip import ChipButton
from relaywright.gui.widgets.expiry_table import ExpiryTable
from relaywright.gui.workbench import Workbench
from relaywright.smtp.events import PhaseName
from relaywright.store.records import SignInRecord

LONGEST_BLOCK_MS = 50
"""The promise: the event loop is never held up longer during a send."""

TRIES = 6

Open = Callable[[], Workbench]


@pytest.fixture
def open_window(qtbot: QtBot, services: Services, jobs: JobRunner, tmp_path: Path) -> Iterator[Open]:
    """Open the furnished window; it is gone before the jobs end."""
    windows: list[MainWindow] = []

    def open_it() -> Workbench:
        window = MainWindow(Remembered(tmp_path))
        windows.append(window)
        workbench = Workbench(window, services, jobs)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        return workbench

    yield open_it
    for window in windows:
        window.close()
        shiboken6.delete(window)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def plain_profile(port: int) -> RelayProfile:
    return RelayProfile(
        "Silent server",
        method=Method.CUSTOM,
        host="127.0.0.1",
        port=port,
        security=Security.NONE,
        auth=Auth.NONE,
        sender="device@contoso.example",
        recipient="helpdesk@contoso.example",
    )


def page_of(workbench: Workbench) -> TestPage:
    page = workbench.deck.page("test")
    assert isinstance(page, TestPage)
    return page


def stands(page: TestPage) -> AnswerState:
    return page.answer.state


def choose(workbench: Workbench, name: str) -> RelayProfile:
    """Choose a profile in the list as a click does."""
    model = workbench.sidebar.model
    for row in range(model.rowCount()):
        profile = model.profile_at(model.index(row))
        if profile is not None and profile.name.startswith(name):
            workbench.sidebar.list.setCurrentIndex(model.index(row))
            return profile
    raise AssertionError(name)


def first_leg(workbench: Workbench) -> tuple[LegState, str]:
    road = workbench.road.road
    assert road is not None
    return road.first.state, road.first.says


def press(workbench: Workbench, name: str) -> None:
    """Press a button by its object name."""
    found = workbench._window.findChild(QPushButton, name)
    assert found is not None
    assert found.isVisible()
    found.click()


def test_the_main_job_from_the_first_page_to_an_explained_refusal(qtbot: QtBot, open_window: Open) -> None:
    workbench = open_window()
    assert workbench.profile is None
    with qtbot.waitSignal(workbench.practice.started, timeout=60_000):
        press(workbench, "start-practice")
    qtbot.waitUntil(lambda: workbench.profile is not None)
    assert "Practice relay" in workbench.strip.practice_words

    profile = choose(workbench, "Practice scanner")
    page = page_of(workbench)
    assert stands(page) is AnswerState.IDLE
    with qtbot.waitSignal(workbench.runs.settled, timeout=30_000):
        press(workbench, "send")
        assert stands(page) is AnswerState.RUNNING
    assert stands(page) is AnswerState.OK
    assert page.answer.title == "The server took the message"
    model = workbench.sidebar.model
    qtbot.waitUntil(lambda: model.status_of(profile.id) is Status.TAKEN)
    assert first_leg(workbench) == (LegState.OK, "message taken")
    assert any(line.text.startswith("235") for line in page.conversation.lines)

    refused = choose(workbench, "Practice refusal")
    with qtbot.waitSignal(workbench.runs.settled, timeout=30_000):
        press(workbench, "send")
    assert stands(page) is AnswerState.REFUSED
    assert "SMTP AUTH" in page.answer.title
    assert "Set-CASMailbox" in page.answer.explanation.command.text
    assert any(line.refused for line in page.conversation.lines)
    last = workbench.runs.last(refused.id)
    assert last is not None
    assert last.broken_phase is PhaseName.AUTH
    assert first_leg(workbench) == (LegState.BROKEN, "refused at sign-in")
    qtbot.waitUntil(lambda: model.status_of(refused.id) is Status.FAILED)

    press(workbench, "copy-ticket")
    ticket = QGuiApplication.clipboard().text()
    assert "535 5.7.139" in ticket
    assert "Set-CASMailbox" in ticket
    assert "any-password" not in ticket

    choose(workbench, "Practice scanner")
    qtbot.waitUntil(lambda: stands(page) is AnswerState.OK)
    with qtbot.waitSignal(workbench.practice.stopped, timeout=30_000):
        workbench.practice.toggle()


def test_a_refusal_is_practised_with_one_press(qtbot: QtBot, open_window: Open) -> None:
    from relaywright.gui.practice_switch import PRACTICE_CLOUD
    from relaywright.services.practice_relay import CLOUD_ID

    assert PRACTICE_CLOUD == CLOUD_ID
    workbench = open_window()
    with qtbot.waitSignal(workbench.practice.started, timeout=60_000):
        workbench.practice.start()
    qtbot.waitUntil(lambda: workbench.profile is not None)
    profile = choose(workbench, "Practice scanner")
    page = page_of(workbench)
    card = page.drills
    assert card is not None
    wanted = next(item for item in card.refusals if "user" in item.use_as)
    card.choice.set_value(wanted.id)
    with qtbot.waitSignal(workbench.runs.settled, timeout=30_000):
        press(workbench, "try-refusal")
    assert stands(page) is AnswerState.REFUSED
    assert page.answer.title == wanted.title
    assert workbench.profile == profile
    with qtbot.waitSignal(workbench.practice.stopped, timeout=30_000):
        workbench.practice.toggle()
    assert not card.isVisible()


def test_the_event_loop_runs_on_during_a_send_to_a_silent_server_and_esc_ends_it(
    qtbot: QtBot, open_window: Open, services: Services, silent_port: int
) -> None:
    services.profiles.add(plain_profile(silent_port))
    workbench = open_window()
    page = page_of(workbench)
    gaps: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append((now - last) * 1_000)
        last = now

    # Some tries, until one holds: another program's load on the machine is no fault of ours, a block of ours stays.
    longest: list[float] = []
    while len(longest) < TRIES and not any(gap <= LONGEST_BLOCK_MS for gap in longest):
        gaps.clear()
        last = time.perf_counter()
        timer = QTimer(interval=1)
        timer.timeout.connect(tick)
        timer.start()
        QTest.keyClick(workbench._window, Qt.Key.Key_F5)
        qtbot.waitUntil(lambda: page.waterfall.running_phase is PhaseName.GREETING, timeout=10_000)
        qtbot.waitUntil(lambda: len(gaps) > 200, timeout=10_000)
        with qtbot.waitSignal(workbench.runs.cancelled, timeout=2_000):
            QTest.keyClick(workbench._window, Qt.Key.Key_Escape)
        timer.stop()
        longest.append(max(gaps))
    assert stands(page) is AnswerState.CANCELLED
    assert "no message was sent" in page.answer.words
    assert min(longest) <= LONGEST_BLOCK_MS, longest


def test_a_session_goes_on_while_another_profile_is_looked_at(
    qtbot: QtBot, open_window: Open, services: Services, silent_port: int, scanner: RelayProfile
) -> None:
    services.profiles.add(plain_profile(silent_port))
    workbench = open_window()
    page = page_of(workbench)
    silent = choose(workbench, "Silent server")
    press(workbench, "send")
    qtbot.waitUntil(lambda: page.waterfall.running_phase is PhaseName.GREETING, timeout=10_000)
    choose(workbench, scanner.name)
    assert stands(page) is AnswerState.IDLE
    assert workbench.header.send.text() == "Send test"
    choose(workbench, "Silent server")
    assert stands(page) is AnswerState.RUNNING
    assert workbench.header.send.text() == "Cancel"
    with qtbot.waitSignal(workbench.runs.cancelled, timeout=2_000):
        press(workbench, "send")
    assert workbench.runs.active(silent.id) is None


def test_a_missing_password_is_told_with_the_way_to_it(qtbot: QtBot, open_window: Open, scanner: RelayProfile) -> None:
    workbench = open_window()
    with qtbot.waitSignal(workbench.runs.settled, timeout=10_000):
        press(workbench, "send")
    page = page_of(workbench)
    assert stands(page) is AnswerState.TROUBLE
    assert page.answer.title == f"No password is stored for “{scanner.name}”."
    press(workbench, "way-out")
    assert workbench.deck.current_id == "sign-in"


def test_a_removed_profile_comes_back_from_the_toast(
    qtbot: QtBot, open_window: Open, services: Services, scanner: RelayProfile
) -> None:
    workbench = open_window()
    with qtbot.waitSignal(workbench.desk.removed, timeout=10_000):
        workbench.actions_by_id["remove"].trigger()
    assert services.profiles.list() == []
    assert workbench.profile is None
    assert workbench.toast.isVisible()
    with qtbot.waitSignal(workbench.desk.undone, timeout=10_000):
        press(workbench, "toast-action")
    assert services.profiles.list() == [scanner]
    assert workbench.profile == scanner


def test_everything_is_reached_by_keys(
    qtbot: QtBot, open_window: Open, services: Services, scanner: RelayProfile
) -> None:
    services.profiles.add(RelayProfile("NAS backup", sender="nas@contoso.example", folder="Head office"))
    workbench = open_window()
    window = workbench._window
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert workbench.sidebar.search.hasFocus()
    QTest.keyClicks(workbench.sidebar.search, "nas")
    QTest.keyClick(workbench.sidebar.search, Qt.Key.Key_Return)
    assert workbench.profile is not None
    assert workbench.profile.name == "NAS backup"
    assert workbench.sidebar.list.hasFocus()
    for number, page_id in enumerate(("settings", "sign-in", "test", "export", "history"), start=1):
        QTest.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.AltModifier)
        assert workbench.deck.current_id == page_id
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert workbench.deck.current_id == "export"


def test_every_control_on_every_page_has_a_name(qtbot: QtBot, open_window: Open, scanner: RelayProfile) -> None:
    workbench = open_window()
    for page_id in ("settings", "sign-in", "test", "export", "history"):
        workbench.deck.turn_to(page_id)
        assert names_missing(workbench._window) == [], page_id


def test_the_first_page_has_names_too(open_window: Open) -> None:
    workbench = open_window()
    assert names_missing(workbench._window) == []


def test_the_window_remembers_what_it_showed(qapp: object, tmp_path: Path) -> None:
    remembered = Remembered(tmp_path)
    window = MainWindow(remembered)
    window.resize(1_000, 700)
    remembered.keep(window.saveGeometry(), "an-id")
    again = Remembered(tmp_path)
    assert again.profile_id == "an-id"
    assert MainWindow(again).height() == 700  # the offscreen screen is narrower than the window


def test_a_damaged_memory_of_the_window_means_the_defaults(qapp: object, tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_bytes(b"[General]\ngeometry=\xff\xfe broken\nappearance=purple\n")
    window = MainWindow(Remembered(tmp_path))
    assert window.width() >= window.minimumWidth()
    assert Remembered(tmp_path).appearance.value == "system"


def test_an_ended_sign_in_is_seen_in_list_head_and_foot_and_leads_to_its_page(
    open_window: Open, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    person = RelayProfile("Archive", auth=Auth.OAUTH, folder="Head office")
    services.store.save(person)
    long_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=100)
    services.store.remember_sign_in(SignInRecord(person.id, "h", "archive@contoso.example", "t", long_ago))
    workbench = open_window()
    assert workbench.strip.attention.text() == "1 needs attention"
    workbench.sidebar.search.setText("2nd floor")
    qtbot.waitUntil(lambda: workbench.sidebar.model.found_count == 1)
    QTest.mouseClick(workbench.strip.attention, Qt.MouseButton.LeftButton)
    window = workbench.sidebar.window()
    qtbot.waitUntil(lambda: window.findChild(ExpiryTable) is not None)
    table = window.findChild(ExpiryTable)
    assert isinstance(table, ExpiryTable)
    qtbot.waitUntil(lambda: table.model().rowCount() == 1)
    QTest.keyClick(table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: workbench.deck.current_id == "sign-in")
    assert workbench.profile == person
    # Signed in again: nothing is urgent any more, at once.
    now = datetime.datetime.now(datetime.UTC)
    services.store.remember_sign_in(SignInRecord(person.id, "h", "archive@contoso.example", "t", now))
    page = workbench.deck.page("sign-in")
    assert isinstance(page, SignInPage)
    page.signed_in.emit(person)
    qtbot.waitUntil(lambda: not workbench.strip.attention.isVisible())
    qtbot.waitUntil(lambda: not workbench.header.findChildren(ChipButton))
