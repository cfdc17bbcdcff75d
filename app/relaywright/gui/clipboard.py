"""The clipboard: plain texts stay, a secret is marked for clipboard managers and taken out again after a minute.

The marks are those that password managers use: ``x-kde-passwordManagerHint`` (Klipper and others on Linux),
``ExcludeClipboardContentFromMonitorProcessing`` and its two companions (Windows, Clipboard Formats, Microsoft Learn),
``org.nspasteboard.ConcealedType`` (macOS, nspasteboard.org).
"""

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QGuiApplication

from relaywright.domain.secret import Secret

SECRET_STAYS_MS = 60_000

_MARKS = {
    "x-kde-passwordManagerHint": b"secret",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"\x00\x00\x00\x00",
    'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"': b"\x00\x00\x00\x00",
    'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"': b"\x00\x00\x00\x00",
    "org.nspasteboard.ConcealedType": b"",
}


class Clipboard(QObject):
    """Puts texts into the system's clipboard."""

    def __init__(self, parent: QObject | None = None, *, secret_stays_ms: int = SECRET_STAYS_MS) -> None:
        super().__init__(parent)
        self._secret: Secret | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(secret_stays_ms)
        self._timer.timeout.connect(self.forget_secret)

    def put(self, text: str) -> None:
        """Put a text that anybody may see."""
        self._secret = None
        QGuiApplication.clipboard().setText(text)

    def put_secret(self, text: Secret) -> None:
        """Put a text that holds a secret; it is taken out again unless something else was copied meanwhile."""
        data = QMimeData()
        data.setText(text.reveal())
        for kind, value in _MARKS.items():
            data.setData(kind, value)
        QGuiApplication.clipboard().setMimeData(data)
        self._secret = text
        self._timer.start()

    def forget_secret(self) -> None:
        """Take the secret out of the clipboard, if it is still the one that was put there."""
        if self._secret is not None and Secret(QGuiApplication.clipboard().text()) == self._secret:
            QGuiApplication.clipboard().clear()
        self._secret = None
