"""The line below the settings: what is kept and what is not yet, and the step back.

It only shows; keeping is profile_saver's, the steps are the draft's.
"""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Level
from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.remark import LevelIcon
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label, set_tone


class SaveBar(QWidget):
    """Says in one sentence whether everything is kept, with what can be done about it."""

    undo_requested = Signal()
    redo_requested = Signal()
    retry_requested = Signal()
    drop_requested = Signal()  # what cannot be read should be forgotten
    field_requested = Signal(str)  # the first field that is not kept

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first_unread = ""
        self._icon = LevelIcon(Level.OK)
        self._text = label("", TextStyle.CAPTION, Tone.SOFT, wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._show = button("Show", self._on_show, kind=ButtonKind.QUIET, name="Show the field that is not kept")
        self._drop = button("Discard", self._on_drop, kind=ButtonKind.QUIET, name="Discard what is not kept")
        self._retry = button("Try again", self._on_retry, kind=ButtonKind.QUIET)
        self._undo = button("Undo", self._on_undo, icon="undo", name="Undo")
        self._redo = button("Redo", self._on_redo, kind=ButtonKind.QUIET)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, GRID_PX, 2, GRID_PX)
        row.setSpacing(GRID_PX)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        for part in (self._show, self._drop, self._retry, self._redo, self._undo):
            row.addWidget(part)
        self.show_state(unread=(), fault=None, waiting=False, undo="", redo="")

    @property
    def text(self) -> str:
        """What is being said."""
        return self._text.text()

    def show_state(
        self,
        *,
        unread: Sequence[tuple[str, str]],
        fault: RelaywrightError | None,
        waiting: bool,
        undo: str,
        redo: str,
    ) -> None:
        """Show how things are. ``unread`` are (field, label) pairs; ``undo`` and ``redo`` name the next steps."""
        self._first_unread = unread[0][0] if unread else ""
        if fault is not None:
            self._say(Level.ERROR, f"Not kept: {fault.message} {fault.hint}".strip())
        elif unread:
            names = ", ".join(name for _, name in unread)
            self._say(Level.ERROR, f"Not kept yet: {names}. Everything else is kept.")
        elif waiting:
            self._say(Level.INFO, "Keeping your changes…")
        else:
            self._say(Level.OK, "Changes are kept as you make them.")
        self._show.setVisible(bool(unread))
        self._drop.setVisible(bool(unread))
        self._retry.setVisible(fault is not None)
        self._redo.setVisible(bool(redo))
        self._redo.setText(f"Redo {redo}")
        self._undo.setVisible(bool(undo))
        self._undo.setText(f"Undo {undo}")
        self._undo.setAccessibleName(f"Undo the change of {undo}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 0, self.width(), 1, QColor(theme.colours_of(self.palette()).line))

    def _say(self, level: Level, text: str) -> None:
        self._icon.set_level(level)
        self._text.setText(text)
        set_tone(self._text, Tone.ERROR if level is Level.ERROR else Tone.SOFT)

    def _on_show(self) -> None:
        self.field_requested.emit(self._first_unread)

    def _on_drop(self) -> None:
        self.drop_requested.emit()

    def _on_retry(self) -> None:
        self.retry_requested.emit()

    def _on_undo(self) -> None:
        self.undo_requested.emit()

    def _on_redo(self) -> None:
        self.redo_requested.emit()
