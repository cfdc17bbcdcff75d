"""When the program itself is wrong: log it, show it once, let it be copied. Expected trouble never comes here.

Secrets are a type that does not print, and the values of variables are not shown; what a bug has put into an
exception’s own words is taken out by logs.redact.
"""

import sys
import threading
from functools import partial
from types import TracebackType

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from relaywright import __version__


class CrashReporter(QObject):
    """The exception hooks of the main thread and of all others, and the dialog they lead to."""

    _reported = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dialog: QObject | None = None
        self._busy = False
        self._before = (sys.excepthook, threading.excepthook)
        self._reported.connect(self._show_later)

    def install(self) -> None:
        """Take over the hooks."""
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before

    def report(self, bug: BaseException) -> None:
        """Show a bug that was caught at a border, such as a job's."""
        self._reported.emit(report_text(type(bug), bug, bug.__traceback__))

    def _on_exception(self, kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            application = QApplication.instance()
            if application is not None:
                application.quit()
            return
        if self._busy:  # the hook's own failure: say it where it can do no harm, and go on
            sys.__excepthook__(kind, value, trace)
            return
        self._busy = True
        try:
            import logging

            logging.getLogger(__name__).critical("a bug", exc_info=(kind, value, trace))
            self._reported.emit(report_text(kind, value, trace))
        finally:
            self._busy = False

    def _on_thread_exception(self, what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            self._on_exception(what.exc_type, what.exc_value, what.exc_traceback)

    @Slot(str)
    def _show_later(self, text: str) -> None:
        """Let the event that failed end first: it may be a paint event."""
        QTimer.singleShot(0, partial(self._show, text))

    def _show(self, text: str) -> None:
        if self._dialog is not None:  # one at a time; the log has them all
            return
        from PySide6.QtCore import Qt

        from relaywright.gui.dialogs.crash_dialog import CrashDialog

        dialog = CrashDialog(text, QApplication.activeWindow())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(self._on_closed)
        self._dialog = dialog
        dialog.show()

    @Slot()
    def _on_closed(self) -> None:
        self._dialog = None


def report_text(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> str:
    """Return the report: versions, system, and the traceback with its source lines but without values."""
    import platform
    import traceback

    from PySide6.QtCore import qVersion

    from relaywright import logs

    head = (
        f"Relaywright {__version__}\n"
        f"Python {platform.python_version()}, Qt {qVersion()}\n"
        f"{platform.system()} {platform.release()} ({platform.machine()})\n\n"
    )
    return head + logs.redact("".join(traceback.format_exception(kind, value, trace)))
