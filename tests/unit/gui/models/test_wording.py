"""Words for people; what comes from a file or a server is shown as it is."""

import datetime

import pytest
from PySide6 import QtGui
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from relaywright.domain.profile import RelayProfile
from relaywright.gui.models import wording
from relaywright.gui.models.history_table import Column, HistoryModel
from relaywright.gui.models.profile_list import ProfileListModel
from relaywright.gui.widgets.chip import Chip
from relaywright.gui.widgets.text import label
from relaywright.store.records import Run

HOSTILE = '<img src="//files.attacker.example/x.png"><a href="file:///x">Scanner</a> & Co'


def shown_by_qt(tip: str) -> str:
    """Return what a tooltip shows: Qt decides by the text whether it is HTML."""
    document = QTextDocument()
    (document.setHtml if QtGui.Qt.mightBeRichText(tip) else document.setPlainText)(tip)
    assert "\ufffc" not in document.toPlainText()  # a picture's place
    return document.toPlainText()


@pytest.mark.parametrize("text", [HOSTILE, "plain & simple", "two\nlines", f"{HOSTILE}\nsecond line", "a < b", ""])
def test_a_tip_shows_a_text_as_it_is(qtbot: QtBot, text: str) -> None:
    assert shown_by_qt(wording.tip(text)) == text


def test_a_profile_of_any_name_stays_text_in_list_history_and_chips(qtbot: QtBot) -> None:
    profiles = ProfileListModel()
    profiles.show_profiles([RelayProfile(name=HOSTILE)], {})
    tips = [profiles.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in range(profiles.rowCount())]
    table = HistoryModel()
    table.show_runs([Run("x", "send", datetime.datetime.now(datetime.UTC), False, 1.0, HOSTILE, {})])
    tips += [table.index(0, column).data(Qt.ItemDataRole.ToolTipRole) for column in Column]
    chip = Chip(HOSTILE)
    qtbot.addWidget(chip)
    tips.append(chip.toolTip())
    found = [shown_by_qt(tip) for tip in tips if tip]
    assert sum(HOSTILE in text for text in found) >= 3


def test_a_label_takes_nothing_for_markup(qtbot: QtBot) -> None:
    made = label(HOSTILE)
    qtbot.addWidget(made)
    assert made.textFormat() is Qt.TextFormat.PlainText
