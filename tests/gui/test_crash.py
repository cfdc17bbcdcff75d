"""Bugs are shown once, with versions and traceback, without secrets, from any thread."""

import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from relaywright import __version__
from relaywright.domain.secret import Secret
from relaywright.gui.crash import CrashReporter, report_text
from relaywright.gui.dialogs.crash_dialog import CrashDialog


def dialogs() -> list[CrashDialog]:
    return [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, CrashDialog) and widget.isVisible()
    ]


@pytest.fixture
def reporter(qtbot: QtBot) -> Iterator[CrashReporter]:
    reporter = CrashReporter()
    reporter.install()
    yield reporter
    reporter.uninstall()
    for dialog in dialogs():
        with qtbot.waitSignal(dialog.destroyed):
            dialog.close()


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_bug_is_shown_with_versions_and_where_it_was(qtbot: QtBot, reporter: CrashReporter) -> None:
    error = raised(ZeroDivisionError("a bug"))
    sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    editor = dialogs()[0].findChild(QPlainTextEdit)
    assert editor is not None
    text = editor.toPlainText()
    assert f"Relaywright {__version__}" in text
    assert "test_crash.py" in text
    assert "ZeroDivisionError: a bug" in text


def test_a_second_bug_opens_no_second_dialog(qtbot: QtBot, reporter: CrashReporter) -> None:
    reporter.report(raised(ValueError("one")))
    reporter.report(raised(ValueError("two")))
    qtbot.waitUntil(lambda: len(dialogs()) >= 1)
    assert len(dialogs()) == 1


def test_a_bug_in_another_thread_is_shown_too(qtbot: QtBot, reporter: CrashReporter) -> None:
    def work() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(dialogs()) == 1)


def test_a_report_holds_no_secret_even_when_the_error_does() -> None:
    canary = Secret("canary-d41d8cd98f00b204")
    error = raised(ValueError(f"server said {canary.reveal()} to {canary}"))
    text = report_text(type(error), error, error.__traceback__)
    assert "ValueError" in text
    assert canary.reveal() not in text


def test_the_hooks_are_given_back() -> None:
    before = sys.excepthook, threading.excepthook
    reporter = CrashReporter()
    reporter.install()
    assert sys.excepthook is not before[0]
    reporter.uninstall()
    assert (sys.excepthook, threading.excepthook) == before
