"""“Explain a reply” on real widgets: pasted, typed, dropped, opened; by keyboard; what is not known, or no text."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QTextCursor
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from relaywright.bootstrap import Services
from relaywright.domain.profile import RelayProfile
from relaywright.gui.actions import COMMANDS
from relaywright.gui.dialogs.explain_reply import ExplainSheet
from relaywright.gui.dialogs.import_profiles import ImportDialog
from relaywright.gui.jobs import JobRunner
from relaywright.gui.main_window import MainWindow
from relaywright.gui.models.found_lines import FoundLinesModel
from relaywright.gui.remembered import Remembered
from relaywright.gui.widgets.paste_field import MOST_CHARACTERS
from relaywright.gui.workbench import Workbench

SAMPLES = Path(__file__).parents[1] / "data" / "pasted"
REFUSAL = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."
TITLE = "SMTP AUTH is turned off for the whole organisation"
Opened = Callable[..., ExplainSheet]


@pytest.fixture
def open_sheet(services: Services, jobs: JobRunner, shown: Callable[[QWidget], None]) -> Opened:
    def open_it(**arguments: RelayProfile | Path | None) -> ExplainSheet:
        sheet = ExplainSheet(texts=services.pasted, jobs=jobs, **arguments)  # type: ignore[arg-type]
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        shown(sheet)
        sheet.resize(1_180, 800)
        sheet.activateWindow()
        return sheet

    return open_it


def titled(sheet: ExplainSheet, title: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: sheet.answer.title.text() == title, timeout=10_000)


def words(sheet: QWidget) -> str:
    return " ".join(item.text() for item in sheet.findChildren(QLabel) if item.isVisible()).replace("\u200b", "")


def file_drop(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def drop(target: QWidget, data: QMimeData) -> None:
    buttons, keys, copy = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    entering = QDragEnterEvent(QPoint(9, 9), copy, data, buttons, keys)
    QApplication.sendEvent(target, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(9, 9), copy, data, buttons, keys))


def test_what_is_pasted_is_explained_at_once(open_sheet: Opened, scanner: RelayProfile, qtbot: QtBot) -> None:
    sheet = open_sheet(profile=scanner)
    assert sheet.answer.title.text() == "Nothing pasted yet"
    assert "nothing leaves this computer" in words(sheet)
    assert names_missing(sheet) == []
    QGuiApplication.clipboard().setText(f"some log\n{REFUSAL}\n")
    qtbot.waitUntil(lambda: sheet.focusWidget() is sheet.field)
    QTest.keyClick(sheet.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    titled(sheet, TITLE, qtbot)
    assert "Whose move: Exchange administrator" in " ".join(
        str(item.accessibleName() or item.property("text")) for item in sheet.answer.findChildren(QWidget)
    )
    assert "Line 2" in words(sheet)
    assert "Scanner, 2nd floor" in words(sheet)
    assert "'scan@contoso.example'" in sheet.answer.explanation.command.text
    assert not sheet.table.isVisible(), "one line needs no list"
    assert names_missing(sheet) == []
    sheet.field.selectAll()
    QTest.keyClick(sheet.field, Qt.Key.Key_Delete)
    titled(sheet, "Nothing pasted yet", qtbot)
    assert not sheet.answer.explanation.isVisible()


def test_a_log_is_dropped_and_its_lines_are_walked_by_keyboard(open_sheet: Opened, qtbot: QtBot) -> None:
    sheet = open_sheet()
    drop(sheet.field.viewport(), file_drop(SAMPLES / "postfix.log"))
    titled(sheet, "Sign-in by password is turned off for this account", qtbot)
    assert "From postfix.log." in words(sheet)
    assert sheet.field.toPlainText().startswith("Nov 23 06:00:01")
    marks = sheet.field.extraSelections()
    assert [mark.cursor.blockNumber() for mark in marks] == [6]
    first = QTextCursor(marks[0].cursor.block())
    qtbot.waitUntil(lambda: 0 <= sheet.field.cursorRect(first).top() < sheet.field.viewport().height())
    assert sheet.table.isVisible()
    assert sheet.table.currentIndex().row() == 1
    assert names_missing(sheet) == []
    qtbot.waitUntil(lambda: sheet.focusWidget() is sheet.field)
    QTest.keyClick(sheet.field, Qt.Key.Key_Tab)
    assert sheet.focusWidget() is sheet.table
    QTest.keyClick(sheet.table, Qt.Key.Key_Down)
    assert sheet.answer.title.text() == "The connection was not answered in time"
    assert "Connection timed out" in words(sheet)
    assert sheet.field.extraSelections()[0].cursor.blockNumber() == 9
    QTest.keyClick(sheet.table, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_a_bounce_is_dropped_beside_the_field(open_sheet: Opened, qtbot: QtBot) -> None:
    sheet = open_sheet()
    drop(sheet, file_drop(SAMPLES / "postfix-bounce.eml"))
    titled(sheet, "The recipient does not exist in that organisation", qtbot)
    model = sheet.table.model()
    cells = [str(model.index(row, 0).data()) for row in range(model.rowCount())]
    assert cells[1] == "boss@fabrikam.example: The connection was not answered in time"
    assert "Diagnostic-Code, line 47, nobody@contoso.example" in words(sheet)


def test_open_asks_with_the_platforms_dialog(open_sheet: Opened, qtbot: QtBot) -> None:
    sheet = open_sheet()
    QTest.mouseClick(sheet.primary, Qt.MouseButton.LeftButton)
    asked = sheet.findChild(QFileDialog)
    assert isinstance(asked, QFileDialog)
    asked.fileSelected.emit(str(SAMPLES / "msmtp.log"))
    asked.reject()
    titled(sheet, "This account may not send as the From address", qtbot)


@pytest.mark.parametrize(
    ("name", "told"), [("missing.eml", "could not be read"), ("old.msg", "Outlook"), ("scan.log", "is no text")]
)
def test_a_file_that_cannot_be_read_is_told_and_the_text_stays(
    open_sheet: Opened, qtbot: QtBot, tmp_path: Path, name: str, told: str
) -> None:
    (tmp_path / "old.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99))
    (tmp_path / "scan.log").write_bytes(bytes(range(256)))
    sheet = open_sheet()
    sheet.field.insertPlainText(REFUSAL)
    titled(sheet, TITLE, qtbot)
    sheet.open_file(tmp_path / name)
    qtbot.waitUntil(sheet.trouble.isVisible, timeout=10_000)
    assert told in words(sheet.trouble)
    assert sheet.trouble.finding is not None
    assert sheet.trouble.finding.detail, "the way out"
    assert sheet.field.toPlainText() == REFUSAL
    assert sheet.answer.title.text() == TITLE
    qtbot.waitUntil(sheet.primary.isEnabled)
    sheet.field.insertPlainText("x")
    assert not sheet.trouble.isVisible()


def test_what_is_not_known_says_what_would_help(open_sheet: Opened, qtbot: QtBot) -> None:
    sheet = open_sheet()
    sheet.field.insertPlainText("hello world")
    titled(sheet, "No reply was recognised in this text", qtbot)
    assert "Paste the line with the server's reply" in words(sheet)
    sheet.field.setPlainText("550 5.9.9 Something new")
    qtbot.waitUntil(lambda: "only the code was recognised" in words(sheet), timeout=10_000)


def test_a_very_long_text_is_explained_whole_and_shown_in_part(open_sheet: Opened, qtbot: QtBot) -> None:
    sheet = open_sheet()
    data = QMimeData()
    data.setText("all is well\n" * 50_000 + REFUSAL)
    sheet.field.insertFromMimeData(data)
    titled(sheet, TITLE, qtbot)
    assert "Line 50001" in words(sheet)
    assert len(sheet.field.toPlainText()) <= MOST_CHARACTERS + 3
    assert sheet.field.extraSelections() == [], "the numbers of what is shown are others"


def test_markup_in_a_reply_is_only_text(open_sheet: Opened, qtbot: QtBot) -> None:
    sheet = open_sheet()
    sheet.field.insertPlainText(f"{REFUSAL} <img src='file://x/y'><b>")
    titled(sheet, TITLE, qtbot)
    assert sheet.answer.words.textFormat() is Qt.TextFormat.PlainText


def test_only_the_last_question_is_answered(open_sheet: Opened, jobs: JobRunner, qtbot: QtBot) -> None:
    sheet = open_sheet()
    sheet.open_file(SAMPLES / "postfix.log")
    sheet.field.insertPlainText(REFUSAL)
    sheet._explain_typed()
    qtbot.waitUntil(lambda: jobs.running == 0, timeout=10_000)
    assert sheet.answer.title.text() == TITLE
    assert sheet.field.toPlainText() == REFUSAL


def test_closing_while_a_file_is_read_is_quiet(open_sheet: Opened, jobs: JobRunner, qtbot: QtBot) -> None:
    sheet = open_sheet()
    sheet.open_file(SAMPLES / "postfix.log")
    sheet.reject()
    qtbot.waitUntil(lambda: jobs.running == 0, timeout=10_000)


def test_the_model_keeps_to_qts_rules(services: Services, qapp: object) -> None:
    model = FoundLinesModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_lines(services.pasted.explain_file(SAMPLES / "postfix.log", {}).found)
    assert [str(model.index(row, 1).data()) for row in range(3)] == ["Line 6", "Line 7", "Line 10"]
    assert str(model.index(1, 2).data(Qt.ItemDataRole.AccessibleTextRole)) == "How often: 3 times"
    model.show_lines([])
    assert tester is not None


def test_its_keys_belong_to_no_other_command() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert "Ctrl+R" in keys
    assert len(keys) == len(set(keys))


def test_the_window_explains_a_dropped_log_and_imports_anything_else(
    services: Services,
    jobs: JobRunner,
    scanner: RelayProfile,
    tmp_path: Path,
    shown: Callable[[QWidget], None],
    qtbot: QtBot,
) -> None:
    window = MainWindow(Remembered(tmp_path))
    workbench = Workbench(window, services, jobs)
    window.file_dropped.connect(workbench.take_file)
    shown(window)
    qtbot.waitUntil(lambda: workbench.profile is not None)
    drop(window, file_drop(SAMPLES / "phpmailer.txt"))
    sheet = window.findChild(ExplainSheet)
    assert isinstance(sheet, ExplainSheet)
    titled(sheet, TITLE, qtbot)
    assert "'scan@contoso.example'" in sheet.answer.explanation.command.text
    sheet.reject()
    qtbot.waitUntil(lambda: window.findChild(ExplainSheet) is None)
    workbench.actions_by_id["explain"].trigger()
    opened = window.findChild(ExplainSheet)
    assert isinstance(opened, ExplainSheet)
    opened.reject()
    qtbot.waitUntil(lambda: window.findChild(ExplainSheet) is None)
    drop(window, file_drop(tmp_path / "some.relaywright"))
    imported = window.findChild(ImportDialog)
    assert isinstance(imported, ImportDialog)
    imported.reject()
    qtbot.waitUntil(lambda: jobs.running == 0, timeout=10_000)
