"""A line for typing a secret: hidden, shown while the eye is pressed in, and never more than that.

The text leaves it as a Secret only, and clearing it also clears the way back with undo.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from relaywright.domain.secret import Secret
from relaywright.gui import icons


class SecretField(QLineEdit):
    """A password line with a toggle that shows what was typed."""

    entered = Signal()  # Return was pressed and there is something

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setAccessibleName(name)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.reveal = QAction(icons.icon("eye"), "Show what is typed", self)
        self.reveal.setCheckable(True)
        self.reveal.toggled.connect(self._on_reveal)
        self.addAction(self.reveal, QLineEdit.ActionPosition.TrailingPosition)
        self.returnPressed.connect(self._on_return)

    def secret(self) -> Secret:
        """Return what was typed."""
        return Secret(self.text())

    def set_secret(self, secret: Secret) -> None:
        """Put a typed secret back; an empty one clears the line."""
        self.setText(secret.reveal())
        if not secret:
            self.forget()

    def forget(self) -> None:
        """Clear the line, hide what comes next, and leave nothing for undo."""
        self.reveal.setChecked(False)
        self.setText("")

    def hideEvent(self, event: QHideEvent) -> None:
        """Never come back readable."""
        self.reveal.setChecked(False)
        super().hideEvent(event)

    def _on_reveal(self, shown: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self.reveal.setIcon(icons.icon("eye-off" if shown else "eye"))
        self.reveal.setText("Hide what is typed" if shown else "Show what is typed")

    def _on_return(self) -> None:
        if self.text():
            self.entered.emit()
