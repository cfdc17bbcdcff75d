"""The look of every table of whole rows: no grid, one ground over all columns, an edge at the chosen row's beginning.

Which columns there are and what is painted into them is for the tables that stand on it.
"""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX, Colours, TextStyle

Index = QModelIndex | QPersistentModelIndex


class RowTable(QTableView):
    """Chooses whole rows; arrow keys walk among them, Tab leaves."""

    def __init__(
        self, model: QAbstractTableModel, name: str, delegate: "RowDelegate", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 2 * GRID_PX)
        header = self.horizontalHeader()
        header.setFont(theme.font(TextStyle.CAPTION))
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(64)


class RowDelegate(QStyledItemDelegate):
    """Paints a cell as a part of its row. The edge stands in the first column."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), option.fontMetrics.height() + 2 * GRID_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        # The application's palette: a styled table keeps its old one when light turns to dark.
        colours = theme.colours_of(QGuiApplication.palette())
        area = QRectF(option.rect)
        rtl = option.direction is Qt.LayoutDirection.RightToLeft
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(option.direction)
        self._paint_ground(painter, area, option.state, index, colours, rtl=rtl)
        inner = area.adjusted(GRID_PX, 0, -GRID_PX, 0)
        self.paint_before(painter, inner, index, colours, rtl=rtl)
        painter.setPen(QColor(self.ink(index, colours)))
        painter.setFont(option.font)
        text = QFontMetrics(option.font).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, int(inner.width()))
        alignment = index.data(Qt.ItemDataRole.TextAlignmentRole)
        fallback = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, int(fallback if alignment is None else alignment), text)
        painter.restore()

    def paint_before(self, painter: QPainter, inner: QRectF, index: Index, colours: Colours, *, rtl: bool) -> None:
        """Paint what stands before a cell's text, and take its room off ``inner``; nothing here."""

    def ink(self, index: Index, colours: Colours) -> str:
        """Return the colour of a cell's text: the first column's stands out."""
        return colours.text if index.column() == 0 else colours.text_soft

    def _paint_ground(
        self, painter: QPainter, area: QRectF, state: QStyle.StateFlag, index: Index, colours: Colours, *, rtl: bool
    ) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(area, QColor(colours.accent_soft))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(colours.hover))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(colours.line))
        if selected and index.column() == 0:
            edge = area.right() - 3 if rtl else area.left()
            painter.fillRect(QRectF(edge, area.top(), 3, area.height() - 1), QColor(colours.accent))
        table = self.parent()
        if selected and isinstance(table, QWidget) and table.hasFocus():
            for y in (area.top(), area.bottom() - 2):
                painter.fillRect(QRectF(area.left(), y, area.width(), 2), QColor(colours.focus))


def take_lead(area: QRectF, width: float, *, rtl: bool, gap: float = GRID_PX) -> QRectF:
    """Cut a box of this width off the beginning of the line, with a gap behind it, and return the box."""
    box = QRectF(area)
    if rtl:
        box.setLeft(area.right() - width)
        area.setRight(box.left() - gap)
    else:
        box.setRight(area.left() + width)
        area.setLeft(box.right() + gap)
    return box
