"""The Export page: what fits, what would be written, the secret only when asked for, files saved whole."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QListView, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from relaywright.bootstrap import Services
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import Secret
from relaywright.gui.jobs import JobRunner
from relaywright.gui.models.target_list import TargetListModel, TargetRole
from relaywright.gui.pages.export_page import ExportPage
from relaywright.gui.pages.export_preview import ExportPreviewPane

CANARY = "Canary-Pa55word-7319"


@pytest.fixture
def page(
    services: Services, jobs: JobRunner, scanner: RelayProfile, shown: Callable[[QWidget], None], qtbot: QtBot
) -> ExportPage:
    page = ExportPage(services=services, jobs=jobs)
    shown(page)
    page.show_profile(scanner)
    qtbot.waitUntil(lambda: page.preview is not None, timeout=10_000)
    return page


def pane(page: ExportPage) -> ExportPreviewPane:
    found = page.findChild(ExportPreviewPane)
    assert isinstance(found, ExportPreviewPane)
    return found


def choose(page: ExportPage, target_id: str, qtbot: QtBot) -> None:
    assert page.choose_target(target_id)
    qtbot.waitUntil(lambda: page.preview is not None and page.preview.target.id == target_id, timeout=10_000)


def words(page: ExportPage) -> str:
    return " ".join(item.text() for item in page.findChildren(QLabel) if item.isVisible())


def button(page: ExportPage, text: str) -> QPushButton:
    return next(item for item in page.findChildren(QPushButton) if item.text().replace("&", "") == text)


def tick(page: ExportPage) -> QCheckBox:
    found = page.findChild(QCheckBox)
    assert isinstance(found, QCheckBox)
    return found


def headings(page: ExportPage) -> list[str]:
    model = page.findChild(TargetListModel)
    assert isinstance(model, TargetListModel)
    rows = (model.index(row) for row in range(model.rowCount()))
    return [str(index.data(TargetRole.HEADING)) for index in rows if index.data(TargetRole.HEADING) is not None]


def test_the_preview_is_what_the_service_would_write(
    page: ExportPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    choose(page, "postfix", qtbot)
    expected = services.exports.preview(scanner, "postfix")
    assert pane(page).file_names == tuple(file.name for file in expected.files)
    assert pane(page).shown_text == expected.files[0].text.removesuffix("\n") or pane(page).shown_text == (
        expected.files[0].text
    )
    assert "proven" in words(page)


def test_a_pdf_target_shows_its_sheet_laid_out(page: ExportPage, qtbot: QtBot) -> None:
    choose(page, "device-sheet", qtbot)
    text = pane(page).shown_text
    assert "smtp.office365.com" in text
    assert "|" not in text, "tables are drawn, not spelled"


def test_the_secret_is_included_only_when_asked_for_and_never_stands_on_the_screen(
    page: ExportPage, services: Services, scanner: RelayProfile, qtbot: QtBot, tmp_path: Path
) -> None:
    services.credentials.set_secret(scanner, Secret(CANARY))
    choose(page, "msmtp", qtbot)
    assert page.preview is not None
    assert not page.preview.secret_included
    tick(page).click()
    qtbot.waitUntil(lambda: page.preview is not None and page.preview.secret_included, timeout=10_000)
    assert "hold the secret in the clear" in words(page)
    assert CANARY not in pane(page).shown_text
    page.save_into(str(tmp_path))
    qtbot.waitUntil(lambda: "Saved: " in words(page), timeout=10_000)
    assert any(CANARY in path.read_text() for path in tmp_path.iterdir() if path.is_file())


def test_the_box_is_empty_again_for_the_next_profile(
    page: ExportPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    services.credentials.set_secret(scanner, Secret(CANARY))
    tick(page).click()
    other = dataclasses.replace(scanner, id="other", name="Other")
    services.profiles.add(other)
    page.show_profile(other)
    assert not tick(page).isChecked()


def test_a_secret_that_is_not_stored_unticks_the_box_and_says_why(page: ExportPage, qtbot: QtBot) -> None:
    tick(page).click()
    qtbot.waitUntil(lambda: "No secret is stored" in words(page), timeout=10_000)
    assert not tick(page).isChecked()


def test_targets_are_grouped_by_how_they_fit(
    page: ExportPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    assert headings(page) == ["Fits this profile"]
    signed_in = dataclasses.replace(scanner, auth=Auth.OAUTH)
    services.profiles.update(signed_in)
    page.show_profile(signed_in)
    qtbot.waitUntil(lambda: "With a bridge" in headings(page), timeout=10_000)
    page.choose_target("postfix")
    qtbot.waitUntil(lambda: "needs a bridge" in words(page), timeout=10_000)
    assert not button(page, "Save files…").isEnabled()


def test_files_that_are_there_are_replaced_only_when_told(page: ExportPage, qtbot: QtBot, tmp_path: Path) -> None:
    choose(page, "msmtp", qtbot)
    assert page.preview is not None
    name = page.preview.files[0].name
    (tmp_path / name).write_text("mine")
    page.save_into(str(tmp_path))
    qtbot.waitUntil(lambda: "exists already" in words(page), timeout=10_000)
    assert (tmp_path / name).read_text() == "mine"
    QTest.mouseClick(button(page, "Replace them"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Saved: " in words(page), timeout=10_000)
    assert "smtp.office365.com" in (tmp_path / name).read_text()


def test_copy_takes_the_file_in_front(page: ExportPage, qtbot: QtBot) -> None:
    choose(page, "msmtp", qtbot)
    QTest.mouseClick(button(page, "Copy"), Qt.MouseButton.LeftButton)
    assert page.preview is not None
    assert QGuiApplication.clipboard().text() == page.preview.files[0].text


def test_a_file_can_be_dragged_out_but_never_with_the_secret(
    page: ExportPage, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    services.credentials.set_secret(scanner, Secret(CANARY))
    choose(page, "msmtp", qtbot)
    data = pane(page).file_to_drag(0)
    assert data is not None
    assert page.preview is not None
    dragged = Path(data.urls()[0].toLocalFile())
    assert dragged.read_bytes() == page.preview.files[0].content
    tick(page).click()
    qtbot.waitUntil(lambda: page.preview is not None and page.preview.secret_included, timeout=10_000)
    assert pane(page).file_to_drag(0) is None


def test_search_and_arrow_keys_choose_without_a_mouse(page: ExportPage, qtbot: QtBot) -> None:
    search = next(item for item in page.findChildren(QLineEdit) if item.isVisible())
    listing = page.findChild(QListView)
    assert isinstance(listing, QListView)
    search.setFocus()
    QTest.keyClicks(search, "postfix")
    qtbot.waitUntil(lambda: page.preview is not None and page.preview.target.id == "postfix", timeout=10_000)
    search.clear()
    before = listing.currentIndex().row()
    QTest.keyClick(search, Qt.Key.Key_Up)
    assert listing.currentIndex().row() == before - 1
    QTest.keyClicks(search, "no such device")
    assert "Nothing is called" in words(page)


def test_every_control_has_a_name_for_screen_readers(page: ExportPage) -> None:
    assert names_missing(page) == []
