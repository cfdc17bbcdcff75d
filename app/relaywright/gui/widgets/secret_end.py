"""The last day of a client secret, as the portal shows it: typed with the secret, or noted later."""

import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.text import Tone, button, label


class SecretEnd(QWidget):
    """A line for a day. The form is the one that cannot be misread: 2027-05-31."""

    kept = Signal(object)  # the datetime.date that a person gave for a secret that is stored already

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known: datetime.date | None = None
        caption = label("E&xpires on", TextStyle.BODY, Tone.SOFT)
        self.field = QLineEdit()
        self.field.setPlaceholderText("YYYY-MM-DD, as the portal shows it")
        self.field.setAccessibleName("Day the client secret expires, YYYY-MM-DD")
        self.field.setFixedWidth(self.fontMetrics().horizontalAdvance(self.field.placeholderText()) + 4 * GRID_PX)
        self.field.textEdited.connect(self._show_button)
        self.field.returnPressed.connect(self._on_keep)
        caption.setBuddy(self.field)
        self.keep = button("Note the day", self._on_keep)
        self._trouble = label("", TextStyle.CAPTION, Tone.ERROR)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID_PX)
        for part in (caption, self.field, self.keep, self._trouble):
            row.addWidget(part)
        row.addStretch(1)
        self._typing = False

    def show_state(self, known: datetime.date | None, *, typing: bool, busy: bool) -> None:
        """Show the day that is known. While a new secret is typed there is no button: both are stored together."""
        if typing != self._typing or known != self._known:
            self.field.setText("" if typing or known is None else known.isoformat())
        self._known, self._typing = known, typing
        self.field.setEnabled(not busy)
        self._show_button()

    def day(self) -> datetime.date | None:
        """Return what was typed; None for nothing, and for what is no day."""
        try:
            return datetime.date.fromisoformat(self.field.text().strip())
        except ValueError:
            return None

    def complain(self) -> None:
        """Say that what was typed is no day."""
        self._trouble.setText("That is no day: 2027-05-31.")
        self.field.setFocus()

    def _show_button(self) -> None:
        self._trouble.clear()
        self.keep.setVisible(not self._typing)
        self.keep.setEnabled(self.field.isEnabled() and bool(self.field.text().strip()) and self.day() != self._known)

    def _on_keep(self) -> None:
        if self._typing:
            return
        day = self.day()
        if day is None:
            self.complain()
        elif day != self._known:
            self.kept.emit(day)
