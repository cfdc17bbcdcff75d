"""A field for text of any kind: typed, pasted, or a file dropped on it. A very long text is handed on, not inserted."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX, TextStyle

MOST_CHARACTERS = 100_000
"""So much is shown of a longer text, half of it from each end: the field stays quick."""
_LINES_BEFORE = 2


class PasteField(QPlainTextEdit):
    """Takes plain text only."""

    file_given = Signal(object)
    """A Path was dropped or pasted."""
    text_given = Signal(str)
    """A text too long to insert was pasted."""

    def __init__(self, name: str, placeholder: str, lines: int = 10, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setFont(theme.font(TextStyle.CODE))
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(True)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # logs are, in every language
        self.show_lines(lines)
        self._marked: int | None = None
        self._later = QTimer(self, singleShot=True, interval=0)  # a scroll bar that comes narrows the lines first
        self._later.timeout.connect(self._scroll)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText() or bool(_files(source))

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Hand on a file or a very long text; insert what else is text, without its looks."""
        files = _files(source)
        if files:
            self.file_given.emit(files[0])
            return
        text = source.text()
        if len(text) > MOST_CHARACTERS:
            self.text_given.emit(text)
        else:
            self.textCursor().insertText(text)
            self.ensureCursorVisible()

    def show_text(self, text: str, tail: str = "") -> None:
        """Show a text, of a long one both ends."""
        if tail or len(text) > MOST_CHARACTERS:
            half = MOST_CHARACTERS // 2
            text = f"{text[:half]}\n…\n{(tail or text)[-half:]}"
        self._marked = None
        self.setPlainText(text)

    def show_lines(self, lines: int) -> None:
        """Take the height of so many lines."""
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 2 * GRID_PX)

    def mark(self, line: int | None) -> None:
        """Mark a line, counted from 1, and bring it into view; None takes the mark away."""
        moved, self._marked = line != self._marked, line
        block = self.document().findBlockByNumber(line - 1) if line is not None else None
        if block is None or not block.isValid():
            self.setExtraSelections([])
            return
        look = QTextCharFormat()
        look.setBackground(QColor(theme.colours_of(self.palette()).accent_soft))
        look.setProperty(QTextFormat.Property.FullWidthSelection, True)
        cursor = QTextCursor(block)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        whole = QTextEdit.ExtraSelection()
        whole.cursor, whole.format = cursor, look
        self.setExtraSelections([whole])
        if moved:
            self._later.start()

    def _scroll(self) -> None:
        """Move the scroll bar alone: the cursor stays where the person writes."""
        wanted = self.document().findBlockByNumber((self._marked or 0) - 1)
        if not wanted.isValid():
            return
        layout, block = self.document().documentLayout(), self.document().firstBlock()
        while block.isValid() and block.blockNumber() <= wanted.blockNumber():
            layout.blockBoundingRect(block)  # its lines are wrapped, and counted, only when somebody asks
            block = block.next()
        self.verticalScrollBar().setValue(max(0, wanted.firstLineNumber() - _LINES_BEFORE))

    def mark_again(self) -> None:
        """Colour the marked line anew when light turns to dark."""
        self.mark(self._marked)


def _files(source: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()] if source.hasUrls() else []
