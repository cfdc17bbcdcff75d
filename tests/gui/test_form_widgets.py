"""The parts that forms are made of: remarks that fold, columns that stack, editors that speak only for people."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from relaywright.domain.finding import Finding, Level
from relaywright.gui.application import Application
from relaywright.gui.widgets.choice_box import ChoiceBox
from relaywright.gui.widgets.choice_card import ChoiceCard
from relaywright.gui.widgets.columns import Columns, PageScroll
from relaywright.gui.widgets.fact_list import FactList
from relaywright.gui.widgets.field_editors import FileEditor, LineEditor, TextEditor
from relaywright.gui.widgets.field_row import FieldRow
from relaywright.gui.widgets.remark import LONG_CHARS, Remark

Show = Callable[[QWidget], None]


def words(widget: QWidget) -> str:
    return " ".join(item.text() for item in widget.findChildren(QLabel) if item.isVisible())


def test_a_long_remark_shows_its_first_sentence_and_the_rest_on_demand(shown: Show) -> None:
    remark = Remark(Finding("x", Level.WARNING, "It ends in December", "detail " * LONG_CHARS, ("Do this",)))
    shown(remark)
    assert words(remark) == "It ends in December."
    more = next(item for item in remark.findChildren(QPushButton) if item.isVisible())
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    assert "Do this." in words(remark)
    assert more.text() == "Less"
    remark.show_finding(Finding("y", Level.INFO, "Another"))
    assert words(remark) == "Another."
    assert not more.isVisible()


def test_a_screen_reader_hears_the_whole_remark_with_its_level(shown: Show) -> None:
    remark = Remark(Finding("x", Level.ERROR, "The port is wrong", "detail " * LONG_CHARS))
    assert remark.plain_text.startswith("Fault: The port is wrong. detail")


def test_what_a_server_said_cannot_become_markup(shown: Show) -> None:
    remark = Remark(Finding("x", Level.ERROR, "<img src=x>", "<b>bold</b>"))
    shown(remark)
    assert all(item.textFormat() is Qt.TextFormat.PlainText for item in remark.findChildren(QLabel))


def test_columns_stand_side_by_side_only_where_there_is_room(shown: Show, qtbot: QtBot) -> None:
    first, second = QLabel("first"), QLabel("second")
    columns = Columns([first], [second])
    shown(columns)
    columns.resize(1400, 300)
    qtbot.waitUntil(lambda: second.x() > first.x())
    assert columns.has_two
    columns.resize(400, 300)
    qtbot.waitUntil(lambda: second.x() == first.x() and second.y() > first.y())
    assert not columns.has_two


def test_a_page_is_no_taller_than_its_words(shown: Show, qtbot: QtBot) -> None:
    scroll = PageScroll()
    row = FieldRow("port", "&Port", LineEditor())
    scroll.column.addWidget(row)
    scroll.column.addStretch(1)
    shown(scroll)
    row.say(Finding("x", Level.ERROR, "A port is a whole number from 1 to 65535"))
    qtbot.waitUntil(lambda: row.height() == row.heightForWidth(row.width()))
    assert scroll.verticalScrollBar().maximum() == 0


def test_setting_a_text_is_not_an_edit_and_typing_is(qtbot: QtBot, qapp: Application) -> None:
    editors = (LineEditor(), TextEditor(), FileEditor(title="Choose", name_filter="All (*)"))
    for editor in editors:
        qtbot.addWidget(editor)
        heard: list[str] = []
        editor.edited.connect(heard.append)
        editor.set_text("from the program")
        assert heard == []
        target = editor.focus_target
        assert isinstance(target, QLineEdit | QPlainTextEdit)
        QTest.keyClick(target, Qt.Key.Key_End)
        QTest.keyClicks(target, "!")
        assert heard[-1] == "from the program!"


def test_tab_leaves_a_long_text_instead_of_indenting_it(shown: Show) -> None:
    form = QWidget()
    column = QVBoxLayout(form)
    editor, after = TextEditor(), QLineEdit()
    column.addWidget(editor)
    column.addWidget(after)
    shown(form)
    editor.focus_target.setFocus()
    QTest.keyClick(editor.focus_target, Qt.Key.Key_Tab)
    assert editor.text() == ""
    assert form.focusWidget() is after


def test_browse_opens_the_platforms_dialog_without_blocking(shown: Show, qtbot: QtBot) -> None:
    editor = FileEditor(title="Choose a CA file", name_filter="All (*)")
    shown(editor)
    QTest.mouseClick(next(iter(editor.findChildren(QPushButton))), Qt.MouseButton.LeftButton)
    dialog = editor.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    with qtbot.waitSignal(editor.edited) as heard:
        dialog.fileSelected.emit("/etc/ssl/ca.pem")
    assert heard.args == [editor.text()]
    dialog.close()


def test_a_choice_that_is_not_offered_is_shown_as_it_is(qtbot: QtBot) -> None:
    box = ChoiceBox([("One", "1")])
    qtbot.addWidget(box)
    box.set_value("unheard-of")
    assert (box.value(), box.currentText()) == ("unheard-of", "unheard-of")
    box.set_choices([("One", "1"), ("Two", "2")])
    assert box.value() == "unheard-of", "offering other choices must not change the value"


def test_cards_are_chosen_with_the_arrow_keys_one_at_a_time(shown: Show) -> None:
    parent = QWidget()
    cards = [ChoiceCard(str(number), f"Method {number}", "What it means.", parent) for number in range(3)]
    for number, card in enumerate(cards):
        card.setGeometry(0, 80 * number, 300, 70)
    cards[0].setChecked(True)
    shown(parent)
    cards[0].setFocus()
    QTest.keyClick(cards[0], Qt.Key.Key_Down)
    assert [card.isChecked() for card in cards] == [False, True, False]


def test_facts_are_replaced_not_piled_up(shown: Show, qtbot: QtBot) -> None:
    facts = FactList()
    shown(facts)
    facts.show_facts([("Cloud", "Worldwide"), ("Mailbox", "a@contoso.example")])
    facts.show_facts([("Cloud", "GCC High")])
    qtbot.waitUntil(lambda: "GCC High" in words(facts))
    assert "Worldwide" not in words(facts)
    assert facts.facts == (("Cloud", "GCC High"),)
