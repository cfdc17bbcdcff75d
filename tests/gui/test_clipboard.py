"""Secrets in the clipboard: marked for clipboard managers, and taken out again."""

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from relaywright.domain.secret import Secret
from relaywright.gui.clipboard import Clipboard


def test_a_secret_is_marked_and_goes_away_by_itself(qtbot: QtBot) -> None:
    clipboard = Clipboard(secret_stays_ms=1)
    clipboard.put_secret(Secret("canary"))
    assert QGuiApplication.clipboard().mimeData().data("x-kde-passwordManagerHint").data() == b"secret"
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "", timeout=5000)


def test_what_was_copied_since_is_left_alone(qtbot: QtBot) -> None:
    clipboard = Clipboard()
    clipboard.put_secret(Secret("canary"))
    QGuiApplication.clipboard().setText("something else")
    clipboard.forget_secret()
    assert QGuiApplication.clipboard().text() == "something else"


def test_a_plain_text_stays(qtbot: QtBot) -> None:
    clipboard = Clipboard()
    clipboard.put("an address")
    clipboard.forget_secret()
    assert QGuiApplication.clipboard().text() == "an address"
