"""The expiry overview on real widgets and a real store: rows, filter, keyboard, calendar, the way to the profile."""

import datetime
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from relaywright.bootstrap import Services
from relaywright.domain.finding import Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import SecretKind
from relaywright.gui.dialogs.expiry_overview import ExpiryOverview
from relaywright.gui.jobs import JobRunner
from relaywright.gui.models.expiry_table import LEVEL_ROLE, SHARE_ROLE, Column, ExpiryModel
from relaywright.gui.models.profile_facts import chips
from relaywright.gui.widgets.chip import ChipButton
from relaywright.gui.widgets.expiry_table import ExpiryTable
from relaywright.gui.widgets.header import Header
from relaywright.gui.widgets.status_strip import StatusStrip
from relaywright.store.records import CredentialRecord, SignInRecord

Show = Callable[[QWidget], None]


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def days(number: float) -> datetime.timedelta:
    return datetime.timedelta(days=number)


@pytest.fixture
def ending(services: Services) -> dict[str, RelayProfile]:
    """Four profiles: ended, soon, not known, good."""
    made = {
        "Scanner": RelayProfile("Scanner", auth=Auth.OAUTH),
        **{name: RelayProfile(name, auth=Auth.OAUTH_APP, client_id="4711") for name in ("NAS", "ERP", "Labels")},
    }
    services.store.save(*made.values())
    record = SignInRecord(made["Scanner"].id, "h", "scan@contoso.example", "t", now() - days(30))
    services.store.remember_sign_in(
        SignInRecord(
            record.profile_id, "h", record.username, "t", record.signed_in_at, ended_at=now() - days(2), ended_why="No."
        )
    )
    kind = SecretKind.CLIENT_SECRET
    for name, ends in (("NAS", now() + days(6)), ("ERP", None), ("Labels", now() + days(300))):
        services.store.remember_credential(CredentialRecord(made[name].id, kind, now(), ends))
    return made


@pytest.fixture
def open_overview(services: Services, jobs: JobRunner, shown: Show, qtbot: QtBot) -> Callable[[], ExpiryOverview]:
    """Open the dialog and wait for its rows."""

    def open_it() -> ExpiryOverview:
        dialog = ExpiryOverview(services=services, jobs=jobs)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        shown(dialog)
        dialog.activateWindow()
        qtbot.waitUntil(lambda: jobs.running == 0)
        return dialog

    return open_it


def words(dialog: QWidget) -> str:
    QApplication.sendPostedEvents()  # what was just put into a layout is shown by an event, not at once
    return " ".join(item.text() for item in dialog.findChildren(QLabel) if item.isVisible())


def table_of(dialog: ExpiryOverview) -> ExpiryTable:
    found = dialog.findChild(ExpiryTable)
    assert isinstance(found, ExpiryTable)
    return found


def profiles_in(table: ExpiryTable) -> list[str]:
    model = table.model()
    return [str(model.index(row, Column.PROFILE).data()) for row in range(model.rowCount())]


Opened = Callable[[], ExpiryOverview]


@pytest.mark.usefixtures("ending")
def test_the_most_urgent_comes_first_and_is_told_in_full(open_overview: Opened) -> None:
    dialog = open_overview()
    table = table_of(dialog)
    assert profiles_in(table) == ["Scanner", "NAS", "ERP", "Labels"]
    assert table.currentIndex().row() == 0
    assert "4 in all · 2 need attention" in words(dialog)
    assert "Scanner: Sign-in ended" in words(dialog)
    assert "Sign in again" in words(dialog)
    assert "Account owner" in words(dialog)
    left = [str(table.model().index(row, Column.LEFT).data()) for row in range(4)]
    assert left == ["2 days ago", "6 days", "not known", "300 days"]


@pytest.mark.usefixtures("ending")
def test_the_bar_says_how_much_is_left_and_nothing_where_nobody_knows(open_overview: Opened) -> None:
    model = table_of(open_overview()).model()
    shares = [model.index(row, Column.LEFT).data(SHARE_ROLE) for row in range(4)]
    assert shares[0] == 0
    assert shares[1] == pytest.approx(6 / 90, abs=0.01)
    assert shares[2:] == [None, 1]
    levels = [Level(model.index(row, Column.LEFT).data(LEVEL_ROLE)) for row in range(4)]
    assert levels == [Level.ERROR, Level.WARNING, Level.INFO, Level.OK]


def test_by_keyboard_alone_from_filter_to_profile(
    open_overview: Opened, ending: dict[str, RelayProfile], qtbot: QtBot
) -> None:
    dialog = open_overview()
    table = table_of(dialog)
    qtbot.waitUntil(lambda: dialog.focusWidget() is table)
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert "NAS: Secret ends in 6 days" in words(dialog)
    QTest.keyClick(table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = dialog.focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "4711 known")
    assert profiles_in(table) == ["ERP"]
    assert "1 of 4" in words(dialog)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dialog.focusWidget() is table
    with qtbot.waitSignal(dialog.profile_chosen) as chosen:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert chosen.args == [ending["ERP"].id]
    assert not dialog.isVisible()
    assert QApplication.activeModalWidget() is None, "Return must not have opened the file dialog"


@pytest.mark.usefixtures("ending")
def test_what_the_filter_does_not_find_is_said(open_overview: Opened) -> None:
    dialog = open_overview()
    field = dialog.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "nowhere")
    assert "Nothing found for “nowhere”." in words(dialog)
    assert not dialog.primary.isEnabled()
    field.clear()
    assert dialog.primary.isEnabled()


@pytest.mark.usefixtures("ending")
def test_the_calendar_holds_what_is_shown_and_still_to_come(
    open_overview: Opened, tmp_path: Path, qtbot: QtBot, jobs: JobRunner
) -> None:
    dialog = open_overview()
    path = tmp_path / "ends.ics"
    dialog.save_to(path)
    qtbot.waitUntil(lambda: "Saved ends.ics" in words(dialog))
    events = Calendar.from_ical(path.read_bytes()).events
    assert len(events) == 2
    dialog.save_to(path)
    qtbot.waitUntil(lambda: "exists already" in words(dialog))
    qtbot.waitUntil(lambda: jobs.running == 0)
    assert dialog.primary.isEnabled()


@pytest.mark.usefixtures("ending")
def test_export_asks_with_the_platforms_dialog(open_overview: Opened, qtbot: QtBot) -> None:
    dialog = open_overview()
    QTest.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    asked = dialog.findChild(QFileDialog)
    assert isinstance(asked, QFileDialog)
    assert asked.defaultSuffix() == "ics"
    asked.reject()


def test_an_empty_overview_says_what_will_be_here(open_overview: Opened, scanner: RelayProfile) -> None:
    dialog = open_overview()
    assert "Nothing ends by itself" in words(dialog)
    assert not dialog.primary.isVisible()
    assert dialog.focusWidget() is dialog.cancel


@pytest.mark.usefixtures("ending")
def test_every_control_and_cell_is_named(open_overview: Opened) -> None:
    dialog = open_overview()
    assert names_missing(dialog) == []
    model = table_of(dialog).model()
    spoken = [str(model.index(1, column).data(Qt.ItemDataRole.AccessibleTextRole)) for column in Column]
    assert spoken[0] == "NAS, Ends soon"
    assert spoken[3] == "Time left: 6 days"


def test_the_model_keeps_to_qts_rules_and_a_thousand_are_filtered_at_once(services: Services, qapp: object) -> None:
    model = ExpiryModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    many = [RelayProfile(f"Device {number}", auth=Auth.OAUTH) for number in range(1_000)]
    services.store.save(*many)
    for number, profile in enumerate(many):
        services.store.remember_sign_in(
            SignInRecord(profile.id, "h", "a@contoso.example", "t", now() - days(number % 99))
        )
    model.show_expiries(services.expiries.all(now()), now())
    assert model.rowCount() == 1_000
    begun = time.perf_counter()
    model.filter("device 77")
    assert time.perf_counter() - begun < 0.2
    assert 0 < model.rowCount() < 1_000
    model.filter("")
    model.show_expiries([], now())
    assert tester is not None


@pytest.mark.usefixtures("ending")
def test_scrolling_a_long_table_is_smooth(open_overview: Opened, services: Services) -> None:
    many = [RelayProfile(f"Device {number}", auth=Auth.OAUTH) for number in range(1_000)]
    services.store.save(*many)
    for profile in many:
        services.store.remember_sign_in(SignInRecord(profile.id, "h", "a@contoso.example", "t", now()))
    table = table_of(open_overview())
    assert table.model().rowCount() == 1_004
    begun = time.perf_counter()
    for row in range(0, 1_000, 50):
        table.scrollTo(table.model().index(row, 0))
        table.grab()
    assert (time.perf_counter() - begun) / 20 < 0.1


# the foot and the head of the window


def test_the_foot_counts_what_needs_attention_only_when_something_does(qtbot: QtBot, shown: Show) -> None:
    strip = StatusStrip()
    shown(strip)
    strip.show_attention(0)
    assert not strip.attention.isVisible()
    strip.show_attention(1)
    assert strip.attention.text() == "1 needs attention"
    strip.show_attention(2)
    assert strip.attention.text() == "2 need attention"
    strip.attention.setFocus()
    with qtbot.waitSignal(strip.attention_wanted):
        QTest.keyClick(strip.attention, Qt.Key.Key_Return)


def test_the_head_says_that_a_sign_in_has_ended_and_leads_to_it(
    services: Services, ending: dict[str, RelayProfile], qtbot: QtBot, shown: Show
) -> None:
    found = {item.profile: item for item in services.expiries.all(now())}
    header = Header()
    shown(header)
    header.show_profile("Scanner", chips(ending["Scanner"], None, found["Scanner"]))
    chip = header.findChild(ChipButton)
    assert isinstance(chip, ChipButton)
    assert chip.text().startswith("Sign-in ended ")
    assert "Sign in again" in chip.toolTip()
    interface = QAccessible.queryAccessibleInterface(chip)
    assert interface.role() is QAccessible.Role.Button
    for press in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(header.page_requested) as asked:
            QTest.keyClick(chip, press)
        assert asked.args == ["sign-in"]
    header.show_profile("Labels", chips(ending["Labels"], None, found["Labels"]))
    assert all(not chip.isVisible() for chip in header.findChildren(ChipButton))


@pytest.mark.usefixtures("ending")
def test_tab_walks_in_the_order_of_reading(open_overview: Opened) -> None:
    dialog = open_overview()
    table = table_of(dialog)
    table.setFocus()
    walked = []
    for _ in range(5):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        walked.append(dialog.focusWidget().accessibleName() or dialog.focusWidget().property("text"))
    assert walked == ["&Open sign-in page", "Close", "E&xport calendar…", "Filter", "What ends"]


def test_the_foot_fits_the_narrowest_window_with_all_it_may_have_to_say(qtbot: QtBot, shown: Show) -> None:
    strip = StatusStrip()
    strip.show_counts(1_000, 12)
    strip.show_attention(13)
    strip.show_practice("Practice relay: 127.0.0.1, port 43587")
    strip.show_last("Last check 23 Nov 2026, 14:02 · worked")
    assert strip.minimumSizeHint().width() <= 820
    shown(strip)
    strip.resize(700, strip.height())
    last = next(item for item in strip.findChildren(QLabel) if item.text().startswith("Last check"))
    qtbot.waitUntil(lambda: last.toolTip() == "Last check 23 Nov 2026, 14:02 · worked")
    strip.resize(1_400, strip.height())
    qtbot.waitUntil(lambda: last.toolTip() == "")
