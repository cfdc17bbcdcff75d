"""The table of what ends: a mark for how it stands, the time left as a thin bar with words, Return opens a row."""

from PySide6.QtCore import QModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from relaywright.domain.finding import Level
from relaywright.gui import icons
from relaywright.gui.models.expiry_table import LEVEL_ROLE, SHARE_ROLE, Column, ExpiryModel
from relaywright.gui.theme import GRID_PX, Colours
from relaywright.gui.widgets.row_table import Index, RowDelegate, RowTable, take_lead

_ICON_PX = 16
_BAR_PX = 56
_BAR_HEIGHT_PX = 4
NARROW_CHARS = 120
"""Below this width, in average characters of the font, what to do stands only below the table."""
_ICONS = {Level.ERROR: "error", Level.WARNING: "warn", Level.INFO: "help", Level.OK: "ok"}


class ExpiryTable(RowTable):
    """Shows an ExpiryModel."""

    opened = Signal()
    """The current row was opened: by Return or a double click."""

    def __init__(self, model: ExpiryModel, parent: QWidget | None = None) -> None:
        super().__init__(model, "What ends", _ExpiryDelegate(), parent)
        header = self.horizontalHeader()
        metrics = self.fontMetrics()
        for column, room in (
            (Column.PROFILE, _ICON_PX + metrics.averageCharWidth() * 26),
            (Column.ENDS, metrics.horizontalAdvance("30 Nov 2026")),
            (Column.LEFT, _BAR_PX + GRID_PX + metrics.horizontalAdvance("188 days ago")),
        ):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, room + 3 * GRID_PX)
        for column in (Column.WHAT, Column.NEXT):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(self._on_double_click)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setColumnHidden(Column.NEXT, event.size().width() < NARROW_CHARS * self.fontMetrics().averageCharWidth())
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens; a dialog must not take it for its own button."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            event.accept()
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def _on_double_click(self, _index: QModelIndex) -> None:
        self.opened.emit()


class _ExpiryDelegate(RowDelegate):
    """Puts the level's mark before the profile, and the bar before the time that is left."""

    def paint_before(self, painter: QPainter, inner: QRectF, index: Index, colours: Colours, *, rtl: bool) -> None:
        if index.column() == Column.PROFILE:
            box = _middle(take_lead(inner, _ICON_PX, rtl=rtl), _ICON_PX)
            icons.paint(painter, box, _ICONS[_level(index)], _level_ink(index, colours))
        if index.column() == Column.LEFT:
            self._paint_bar(
                painter, _middle(take_lead(inner, _BAR_PX, rtl=rtl), _BAR_HEIGHT_PX), index, colours, rtl=rtl
            )

    def ink(self, index: Index, colours: Colours) -> str:
        if index.column() in {Column.ENDS, Column.LEFT}:
            return _level_ink(index, colours)
        return super().ink(index, colours)

    def _paint_bar(self, painter: QPainter, track: QRectF, index: Index, colours: Colours, *, rtl: bool) -> None:
        share = index.data(SHARE_ROLE)
        if share is None:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(track, _BAR_HEIGHT_PX / 2, _BAR_HEIGHT_PX / 2)
        level = _level(index)
        if level is Level.ERROR:
            return  # nothing is left of it
        length = max(float(share) * track.width(), _BAR_HEIGHT_PX)
        fill = QRectF(track.right() - length if rtl else track.left(), track.top(), length, track.height())
        painter.setBrush(QColor(colours.warn if level is Level.WARNING else colours.bar))
        painter.drawRoundedRect(fill, _BAR_HEIGHT_PX / 2, _BAR_HEIGHT_PX / 2)


def _level(index: Index) -> Level:
    return Level(index.data(LEVEL_ROLE))  # Qt hands it back as a plain text


def _level_ink(index: Index, colours: Colours) -> str:
    return {Level.ERROR: colours.error_text, Level.WARNING: colours.warn_text}.get(_level(index), colours.text_soft)


def _middle(box: QRectF, height: float) -> QRectF:
    """Return a part of the box of this height, in its middle."""
    return QRectF(box.left(), box.center().y() - height / 2, box.width(), height)
