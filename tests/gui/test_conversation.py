"""The conversation on the Test page: what is shown again, and what stays."""

import dataclasses

import pytest
from pytestqt.qtbot import QtBot

from relaywright.gui.widgets.conversation import Conversation
from relaywright.smtp.events import Line, Speaker

LINES = (
    Line(0.123, Speaker.NOTE, "connected"),
    Line(1.234, Speaker.SERVER, "220 ready"),
    Line(2.345, Speaker.SERVER, "535 5.7.3 no", refused=True),
)


@pytest.fixture
def conversation(qtbot: QtBot) -> Conversation:
    widget = Conversation()
    qtbot.addWidget(widget)
    return widget


def test_lines_that_came_one_by_one_stay_when_the_whole_session_is_shown(conversation: Conversation) -> None:
    for line in LINES:
        conversation.add_line(line)
    changes: list[object] = []
    conversation.document().contentsChange.connect(lambda *change: changes.append(change))
    rounded = tuple(dataclasses.replace(line, ms=round(line.ms, 1)) for line in LINES)

    conversation.show_lines(rounded)

    assert not changes
    assert conversation.lines == rounded


def test_lines_that_are_missing_are_added(conversation: Conversation) -> None:
    conversation.add_line(LINES[0])

    conversation.show_lines(LINES)

    assert conversation.toPlainText().splitlines() == [line.text for line in LINES]


@pytest.mark.parametrize("shown", [(), LINES[:1], LINES[::-1]])
def test_another_session_takes_the_place_of_what_was_shown(conversation: Conversation, shown: tuple[Line, ...]) -> None:
    conversation.show_lines(LINES)

    conversation.show_lines(shown)

    assert conversation.lines == shown
    assert conversation.toPlainText() == "\n".join(line.text for line in shown)
