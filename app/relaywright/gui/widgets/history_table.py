"""The table of a profile's history: whole rows are chosen, the result carries its mark, arrow keys walk."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from relaywright.gui import theme
from relaywright.gui.models.history_table import STATUS_ROLE, Column, HistoryModel
from relaywright.gui.models.profile_list import Status
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.status_mark import paint_status

_MARK_PX = 6.0

Index = QModelIndex | QPersistentModelIndex


class HistoryTable(QTableView):
    """Shows a HistoryModel."""

    def __init__(self, model: HistoryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName("History")
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setItemDelegate(_RowDelegate(self))
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 2 * GRID_PX)
        header = self.horizontalHeader()
        header.setFont(theme.font(TextStyle.CAPTION))
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(64)
        # Counted from the words, not from the rows: a long history stays quick.
        metrics = self.fontMetrics()
        for column, sample in (
            (Column.WHEN, "30 minutes ago"),
            (Column.WHAT, "Test message"),
            (Column.REPLY, "550 5.7.750"),
            (Column.TIME, "888.8 ms"),
        ):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, metrics.horizontalAdvance(sample) + 3 * GRID_PX)
        header.setSectionResizeMode(Column.RESULT, QHeaderView.ResizeMode.Stretch)


class _RowDelegate(QStyledItemDelegate):
    """Paints a cell as a part of its row: one ground over all columns, the mark before the result."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), option.fontMetrics.height() + 2 * GRID_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        # The application's palette: a styled table keeps its old one when light turns to dark.
        colours = theme.colours_of(QGuiApplication.palette())
        state: QStyle.StateFlag = option.state
        area = QRectF(option.rect)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        rtl = option.direction is Qt.LayoutDirection.RightToLeft
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(option.direction)
        if selected:
            painter.fillRect(area, QColor(colours.accent_soft))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(colours.hover))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(colours.line))
        if selected and index.column() == Column.RESULT:
            edge = area.right() - 3 if rtl else area.left()
            painter.fillRect(QRectF(edge, area.top(), 3, area.height() - 1), QColor(colours.accent))
        inner = area.adjusted(GRID_PX, 0, -GRID_PX, 0)
        if index.column() == Column.RESULT:
            status = index.data(STATUS_ROLE)
            x = inner.right() - _MARK_PX - 4 if rtl else inner.left() + _MARK_PX + 4
            mark = status if isinstance(status, Status) else Status(str(status))
            paint_status(painter, QPointF(x, inner.center().y()), _MARK_PX, mark, colours)
            inner.adjust(0 if rtl else 3 * GRID_PX, 0, -3 * GRID_PX if rtl else 0, 0)
        painter.setPen(QColor(colours.text if index.column() == Column.RESULT else colours.text_soft))
        painter.setFont(option.font)
        text = QFontMetrics(option.font).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, int(inner.width()))
        painter.drawText(inner, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), text)
        painter.restore()
