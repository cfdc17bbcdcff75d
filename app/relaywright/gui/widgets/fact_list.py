"""Names and values, one pair a line, each value selectable and with a button that copies it."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.text import Tone, breakable, label, tool_button


class FactList(QWidget):
    """Shows (name, value) pairs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[tuple[str, str], ...] = ()
        self._copies = True
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * GRID_PX)
        self._grid.setVerticalSpacing(GRID_PX)
        self._grid.setColumnStretch(1, 1)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What is shown."""
        return self._facts

    def show_facts(self, facts: Sequence[tuple[str, str]], *, copies: bool = True) -> None:
        """Show these pairs in the place of the last ones; without ``copies`` they are only read."""
        if tuple(facts) == self._facts and copies == self._copies:
            return
        self._facts, self._copies = tuple(facts), copies
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        before: QWidget = self
        for row, (name, value) in enumerate(self._facts):
            caption = label(name, TextStyle.BODY, Tone.FAINT)
            shown = breakable(value)
            text = label(shown, TextStyle.BODY, wrap=True, selectable=shown == value)
            text.setAccessibleName(f"{name}: {value}")
            self._grid.addWidget(caption, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1, Qt.AlignmentFlag.AlignTop)
            if copies:
                copy = self._copy_button(name, value)
                self._grid.addWidget(copy, row, 2, Qt.AlignmentFlag.AlignTop)
                self.setTabOrder(before, copy)  # made late, it would else come last in the window
                before = copy

    def _copy_button(self, name: str, value: str) -> QToolButton:
        copy = tool_button("copy", f"Copy {name}", self._on_copy)
        copy.setIconSize(QSize(14, 14))
        copy.setProperty("kind", "inline")  # no taller than a line of text, so that it stands beside the first one
        copy.setProperty("value", value)
        return copy

    def _on_copy(self) -> None:
        source = self.sender()
        if source is not None:
            QGuiApplication.clipboard().setText(str(source.property("value")))
