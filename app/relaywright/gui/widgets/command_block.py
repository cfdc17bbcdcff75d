"""A command to run elsewhere: fixed type on a sunken ground, chosen with the mouse, copied with one press."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.text import Tone, button, label

_COPIED_SHOWN_MS = 2_000
_MOST_LINES = 14


class CommandBlock(QWidget):
    """Some lines of PowerShell with a Copy button."""

    copied = Signal()

    def __init__(self, caption: str = "PowerShell, for the administrator", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = label(caption, TextStyle.CAPTION, Tone.SOFT)
        self._copy = button("Copy", self.copy, icon="copy", name="Copy the command")
        self._copy.setProperty("kind", "quiet")
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setProperty("kind", "code")
        self._text.setFont(theme.font(TextStyle.CODE))
        self._text.setTabChangesFocus(True)
        self._text.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # code is, in every language
        self._text.setAccessibleName("Command to run")
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self._text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._text.document().setDocumentMargin(2)
        self._later = QTimer(self, singleShot=True, interval=0)  # the text wraps anew only after this event
        self._later.timeout.connect(self._fit)
        self._back = QTimer(self, singleShot=True, interval=_COPIED_SHOWN_MS)
        self._back.timeout.connect(self._on_back)
        head = QHBoxLayout()
        head.addWidget(self._caption, 1)
        head.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX // 2)
        column.addLayout(head)
        column.addWidget(self._text)

    @property
    def text(self) -> str:
        """The command."""
        return self._text.toPlainText()

    def show_command(self, text: str) -> None:
        """Show this command; hide the block when there is none."""
        self._text.setPlainText(text)
        self.setVisible(bool(text))
        self._fit()
        self._later.start()

    def copy(self) -> None:
        """Put the command on the clipboard and say so."""
        QApplication.clipboard().setText(self.text)
        self._copy.setText("Copied")
        self._back.start()
        self.copied.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._later.start()

    def _on_back(self) -> None:
        self._copy.setText("Copy")

    def _fit(self) -> None:
        """Be as high as the lines are, wrapped ones too, up to a limit."""
        lines = int(self._text.document().size().height())  # QPlainTextEdit counts in lines
        shown = min(max(lines, 1), _MOST_LINES)
        # A scroll bar would take room, wrap one more line, and so be needed.
        off, on = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self._text.setVerticalScrollBarPolicy(off if lines <= _MOST_LINES else on)
        frame = 2 * GRID_PX + 10
        self._text.setFixedHeight(shown * QFontMetrics(self._text.font()).lineSpacing() + frame)
