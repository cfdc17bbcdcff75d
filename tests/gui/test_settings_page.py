"""The Settings page: what is typed is kept, what cannot be kept is not lost, and every change can be taken back."""

import dataclasses
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from relaywright.bootstrap import Services
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.gui.jobs import JobRunner
from relaywright.gui.pages.settings_page import SettingsPage
from relaywright.gui.widgets.field_row import FieldRow


@pytest.fixture
def page(services: Services, jobs: JobRunner, scanner: RelayProfile, shown: Callable[[QWidget], None]) -> SettingsPage:
    page = SettingsPage(services=services, jobs=jobs)
    shown(page)
    page.show_profile(scanner)
    return page


def line(page: SettingsPage, name: str) -> QLineEdit:
    editor = page.findChild(QLineEdit, f"editor-{name}")
    assert isinstance(editor, QLineEdit)
    return editor


def row(page: SettingsPage, name: str) -> FieldRow:
    found = page.findChild(FieldRow, f"field-{name}")
    assert isinstance(found, FieldRow)
    return found


def box(page: SettingsPage, name: str) -> QComboBox:
    editor = page.findChild(QComboBox, f"editor-{name}")
    assert isinstance(editor, QComboBox)
    return editor


def pick(page: SettingsPage, name: str, value: str) -> None:
    choice = box(page, name)
    choice.setCurrentIndex(choice.findData(value))
    choice.activated.emit(choice.currentIndex())


def type_into(page: SettingsPage, name: str, text: str) -> None:
    editor = line(page, name)
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, text)


def press(page: SettingsPage, text: str) -> None:
    button = next(
        item for item in page.findChildren(QPushButton) if item.isVisible() and item.text().replace("&", "") == text
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_every_field_shows_what_the_profile_holds(page: SettingsPage, scanner: RelayProfile) -> None:
    assert line(page, "host").text() == "smtp.office365.com"
    assert line(page, "port").text() == "587"
    assert line(page, "tags").text() == "printer"
    assert box(page, "method").currentData() == scanner.method


def test_a_change_is_kept_when_the_field_is_left(
    page: SettingsPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.profile_changed, timeout=5000) as kept:
        type_into(page, "port", "2525")
        QTest.keyClick(line(page, "port"), Qt.Key.Key_Tab)
    assert kept.args is not None
    assert kept.args[0].port == 2525
    assert services.profiles.get(scanner.id).port == 2525
    qtbot.waitUntil(lambda: not page.has_unsaved)


def test_a_change_is_kept_after_a_pause_without_leaving_the_field(
    page: SettingsPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.profile_changed, timeout=5000):
        type_into(page, "name", "Copier")
    assert services.profiles.get(scanner.id).name == "Copier"


def test_flush_keeps_what_was_typed_at_once(page: SettingsPage, services: Services, scanner: RelayProfile) -> None:
    type_into(page, "port", "26")
    page.flush()
    assert services.profiles.get(scanner.id).port == 26


def test_a_text_that_does_not_hold_is_told_at_the_field_and_not_kept(
    page: SettingsPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    type_into(page, "port", "58x")
    QTest.keyClick(line(page, "port"), Qt.Key.Key_Tab)
    remark = row(page, "port").remark
    assert remark is not None
    assert "whole number" in remark.title
    assert page.has_unsaved
    page.flush()
    assert services.profiles.get(scanner.id).port == 587
    assert "whole number" in line(page, "port").accessibleDescription()


def test_an_unreadable_text_waits_while_another_profile_is_looked_at(
    page: SettingsPage, services: Services, scanner: RelayProfile
) -> None:
    other = RelayProfile("Other", host="mail.contoso.example")
    services.profiles.add(other)
    type_into(page, "port", "58x")
    page.show_profile(other)
    assert line(page, "port").text() == "587"
    page.show_profile(scanner)
    assert line(page, "port").text() == "58x"


def test_a_change_that_was_not_kept_yet_is_kept_when_another_profile_is_shown(
    page: SettingsPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    other = RelayProfile("Other", host="mail.contoso.example")
    services.profiles.add(other)
    with qtbot.waitSignal(page.profile_changed, timeout=5000):
        type_into(page, "host", "relay.contoso.example")
        page.show_profile(other)
    assert services.profiles.get(scanner.id).host == "relay.contoso.example"
    assert line(page, "host").text() == "mail.contoso.example"


def test_a_name_that_is_taken_is_told_at_the_name_and_the_text_stays(
    page: SettingsPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    services.profiles.add(RelayProfile("Taken"))
    type_into(page, "name", "Taken")
    qtbot.waitUntil(lambda: row(page, "name").remark is not None, timeout=5000)
    remark = row(page, "name").remark
    assert remark is not None
    assert remark.id == "name-taken"
    assert line(page, "name").text() == "Taken"
    assert services.profiles.get(scanner.id).name == "Scanner, 2nd floor"
    with pytest.raises(RelaywrightError):
        page.flush()
    page.show_profile(services.profiles.by_name("Taken"))
    page.flush()  # another profile's trouble is not this one's
    page.show_profile(scanner)
    assert line(page, "name").text() == "Taken"
    with qtbot.waitSignal(page.profile_changed, timeout=5000):
        type_into(page, "name", "Free")
    assert row(page, "name").remark is None


def test_another_method_brings_its_defaults_and_one_undo_takes_all_back(
    page: SettingsPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.profile_changed, timeout=5000):
        pick(page, "method", Method.DIRECT_SEND)
    changed = services.profiles.get(scanner.id)
    assert (changed.method, changed.port, changed.auth, changed.host) == (Method.DIRECT_SEND, 25, Auth.NONE, "")
    with qtbot.waitSignal(page.profile_changed, timeout=5000):
        press(page, "Undo Method")
    assert services.profiles.get(scanner.id) == scanner
    with qtbot.waitSignal(page.profile_changed, timeout=5000):
        press(page, "Redo Method")
    assert services.profiles.get(scanner.id) == changed


def test_another_method_leaves_alone_what_was_set_by_hand(
    page: SettingsPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    services.profiles.update(dataclasses.replace(scanner, port=2587))
    page.show_profile(services.profiles.get(scanner.id))
    with qtbot.waitSignal(page.profile_changed, timeout=5000):
        pick(page, "method", Method.CONNECTOR)
    assert services.profiles.get(scanner.id).port == 2587


def test_a_change_made_elsewhere_is_shown(page: SettingsPage, services: Services, scanner: RelayProfile) -> None:
    services.profiles.rename(scanner.id, "Renamed in the list")
    page.show_profile(services.profiles.get(scanner.id))
    assert line(page, "name").text() == "Renamed in the list"


@pytest.mark.parametrize(
    ("auth", "seen", "unseen"),
    [
        (Auth.OAUTH, ("tenant", "client_id", "username"), ()),
        (Auth.PASSWORD, ("username",), ("tenant", "client_id")),
        (Auth.NONE, (), ("username", "tenant", "client_id")),
    ],
)
def test_only_fields_that_matter_stand_in_front(
    page: SettingsPage,
    scanner: RelayProfile,
    auth: Auth,
    seen: tuple[str, ...],
    unseen: tuple[str, ...],
    qtbot: QtBot,
) -> None:
    page.show_profile(dataclasses.replace(scanner, auth=auth))
    qtbot.waitUntil(lambda: all(row(page, name).isVisible() for name in seen))
    assert not any(row(page, name).isVisible() for name in unseen)


def test_a_field_behind_more_is_reached_by_its_name(page: SettingsPage) -> None:
    assert not row(page, "ca_file").isVisible()
    page.show_field("ca_file")
    assert row(page, "ca_file").isVisible()
    assert QApplication.focusWidget() is line(page, "ca_file")


def test_a_cloud_that_is_not_known_here_is_shown_as_it_is(page: SettingsPage, scanner: RelayProfile) -> None:
    page.show_profile(dataclasses.replace(scanner, cloud="lab-7"))
    assert box(page, "cloud").currentData() == "lab-7"
    remark = row(page, "cloud").remark
    assert remark is not None
    assert remark.id == "unknown-cloud"


def test_a_ca_file_that_is_not_there_is_told_at_its_field(
    page: SettingsPage, scanner: RelayProfile, qtbot: QtBot
) -> None:
    page.show_profile(dataclasses.replace(scanner, ca_file="/nowhere/ca.pem"))
    qtbot.waitUntil(lambda: row(page, "ca_file").remark is not None, timeout=5000)
    remark = row(page, "ca_file").remark
    assert remark is not None
    assert remark.id == "ca-file-missing"


def test_the_wheel_does_not_change_a_choice_that_is_only_passed(page: SettingsPage, qtbot: QtBot) -> None:
    choice = box(page, "security")
    line(page, "host").setFocus()
    before = choice.currentIndex()
    centre = QPointF(choice.rect().center())
    wheel = QWheelEvent(
        centre,
        choice.mapToGlobal(centre),
        QPoint(0, 0),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(choice, wheel)
    assert choice.currentIndex() == before


def test_tab_walks_the_form_in_the_order_of_reading(page: SettingsPage) -> None:
    box(page, "method").setFocus()
    walked = []
    for _ in range(6):
        widget = QApplication.focusWidget()
        assert widget is not None
        walked.append(widget.objectName().removeprefix("editor-"))
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    assert walked == ["method", "cloud", "host", "port", "security", "auth"]


def test_every_control_has_a_name_for_screen_readers(page: SettingsPage, qtbot: QtBot) -> None:
    page.show_field("ca_file")
    assert names_missing(page) == []


def test_no_profile_leaves_nothing_to_type_into(page: SettingsPage) -> None:
    page.show_profile(None)
    assert not line(page, "host").isEnabled()
