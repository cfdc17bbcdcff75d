"""Words for people; what comes from a file or a server is shown as it is."""

import datetime
from collections.abc import Iterator

import pytest
from PySide6 import QtGui
from PySide6.QtCore import QLocale, Qt
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


@pytest.fixture
def speaking(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """The system's locale is this one."""
    wording._day_format.cache_clear()
    locale = QLocale(str(request.param))
    monkeypatch.setattr(wording, "_locale", lambda: locale)
    yield
    wording._day_format.cache_clear()


@pytest.mark.parametrize(
    ("speaking", "whole", "near"),
    [
        ("C", "3 Nov 2026", "3 Nov"),
        ("en_US", "11/3/2026", "11/3"),
        ("en_GB", "03/11/2026", "03/11"),
        ("de_DE", "03.11.2026", "03.11."),
        ("sv_SE", "2026-11-03", "11-03"),
        ("ja_JP", "2026/11/03", "11/03"),
        ("hu_HU", "2026. 11. 03.", "11. 03."),
    ],
    indirect=["speaking"],
)
@pytest.mark.usefixtures("speaking")
def test_a_day_is_written_as_the_system_does_with_its_year_in_full(whole: str, near: str) -> None:
    day = datetime.date(2026, 11, 3)
    assert wording.date(day) == whole
    assert wording.near_date(day, datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)) == near
    assert wording.near_date(day, datetime.datetime(2027, 11, 24, tzinfo=datetime.UTC)) == whole
