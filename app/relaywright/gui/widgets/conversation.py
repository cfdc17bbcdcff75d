"""The whole conversation with the server: who said what, when, the refused line marked. Secrets never reach it.

The text is a read-only editor, so that any part can be chosen and copied and thousands of lines stay quick; times and
arrows stand in a gutter and are never part of what is copied.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from relaywright.gui import icons, theme
from relaywright.gui.theme import GRID_PX, Colours, TextStyle
from relaywright.smtp.events import Line, Speaker

_ARROW_PX = 9.0


class _Gutter(QWidget):
    """Times and arrows beside the text."""

    def __init__(self, conversation: "Conversation") -> None:
        super().__init__(conversation)
        self._conversation = conversation

    def sizeHint(self) -> QSize:
        return QSize(self._conversation.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._conversation.paint_gutter(QPainter(self), event.rect())


class Conversation(QPlainTextEdit):
    """Shows lines as they come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []
        self._text_font = theme.font(TextStyle.CODE)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setProperty("kind", "bare")
        self.setFont(self._text_font)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setAccessibleName("Conversation with the server")
        self.document().setDocumentMargin(2)
        self._gutter = _Gutter(self)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # a protocol runs from left to right everywhere
        self._set_margins()
        self.updateRequest.connect(self._on_update)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return tuple(self._lines)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines, from the first one. Those that are here already, as after a session, stay."""
        if [_words(line) for line in self._lines] != [_words(line) for line in lines[: len(self._lines)]]:
            self.clear()
            self._lines = []
        self.setUpdatesEnabled(False)
        whole = QTextCursor(self.document())
        whole.beginEditBlock()  # laid out once, not line by line
        for line in lines[len(self._lines) :]:
            self._append(line)
        whole.endEditBlock()
        self.setUpdatesEnabled(True)
        self._lines = list(lines)  # the same words; their times may be rounded now
        self._gutter.update()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(0)

    def add_line(self, line: Line) -> None:
        """Show one more line, and follow it when the end was in view."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        self._append(line)
        if follows:
            bar.setValue(bar.maximum())

    def _append(self, line: Line) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if self._lines:
            cursor.insertBlock()
        self._lines.append(line)
        cursor.insertText(_flat(line.text), self._format(line))
        self._gutter.update()

    def _format(self, line: Line) -> QTextCharFormat:
        colours = theme.colours_of(self.palette())
        form = QTextCharFormat()
        form.setForeground(QColor(_ink(line, colours)))
        return form

    def _recolour(self) -> None:
        block = self.document().firstBlock()
        for line in self._lines:
            cursor = QTextCursor(block)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(self._format(line))
            block = block.next()

    def gutter_width(self) -> int:
        """Return how wide times and arrows are."""
        return QFontMetrics(self._text_font).horizontalAdvance("+888.888") + 4 * GRID_PX

    def _set_margins(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _on_update(self, rect: QRect, moved_px: int) -> None:
        if moved_px:
            self._gutter.scroll(0, moved_px)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())

    def paint_gutter(self, painter: QPainter, rect: QRect) -> None:
        """Paint the times and arrows of the lines in this rectangle of the gutter."""
        colours = theme.colours_of(self.palette())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._text_font)
        height = QFontMetrics(self._text_font).height()
        width = self._gutter.width()
        for block, area in self._visible_blocks():
            if area.top() > rect.bottom():
                break
            if area.bottom() < rect.top() or block.blockNumber() >= len(self._lines):
                continue
            line = self._lines[block.blockNumber()]
            if line.refused:
                painter.fillRect(QRectF(0, area.top(), width, area.height()), QColor(colours.error_soft))
            painter.setPen(QColor(colours.error_text if line.refused else colours.text_faint))
            times = QRectF(4, area.top(), width - 3.5 * GRID_PX, height)
            painter.drawText(
                times, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"+{line.ms / 1000:.3f}"
            )
            _paint_speaker(painter, QPointF(width - 2 * GRID_PX, area.top() + height / 2), line, colours)

    def _visible_blocks(self) -> "list[tuple[QTextBlock, QRectF]]":
        found = []
        block = self.firstVisibleBlock()
        offset = self.contentOffset()
        bottom = self.viewport().height()
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(offset)
            if area.top() > bottom:
                break
            found.append((block, area))
            block = block.next()
        return found

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._recolour()
            self._gutter.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        corner = self.viewport().geometry().topLeft() - QPoint(self.gutter_width(), 0)
        self._gutter.setGeometry(QRect(corner, QSize(self.gutter_width(), self.viewport().height())))

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours_of(self.palette())
        painter = QPainter(self.viewport())
        for block, area in self._visible_blocks():
            number = block.blockNumber()
            if number < len(self._lines) and self._lines[number].refused:
                painter.fillRect(
                    QRectF(0, area.top(), self.viewport().width(), area.height()), QColor(colours.error_soft)
                )
        painter.end()
        super().paintEvent(event)


def _words(line: Line) -> tuple[Speaker, str, bool]:
    """Return what is seen of a line beside its time."""
    return line.speaker, line.text, line.refused


def _flat(untrusted_text: str) -> str:
    """Keep a line one line: a stray control would break the pairing of lines and times."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in untrusted_text)


def _ink(line: Line, colours: Colours) -> str:
    if line.refused:
        return colours.error_text
    return {Speaker.CLIENT: colours.link, Speaker.NOTE: colours.text_faint}.get(line.speaker, colours.text)


def _paint_speaker(painter: QPainter, centre: QPointF, line: Line, colours: Colours) -> None:
    """Paint an arrow towards the server or from it, or the mark of a note."""
    if line.speaker is Speaker.NOTE:
        side = 13.0
        name = "lock" if "TLS" in line.text else "info"
        icons.paint(painter, QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side), name, colours.text_faint)
        return
    half = _ARROW_PX / 2
    ink = colours.error if line.refused else colours.link if line.speaker is Speaker.CLIENT else colours.text_soft
    towards = 1 if line.speaker is Speaker.CLIENT else -1
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink))
    tip = centre + QPointF(half * towards, 0)
    painter.drawPolygon(
        QPolygonF([tip, centre + QPointF(-half * towards, -half * 0.9), centre + QPointF(-half * towards, half * 0.9)])
    )
