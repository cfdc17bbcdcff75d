"""The table of a profile's history: the result carries its mark."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from relaywright.gui.models.history_table import STATUS_ROLE, Column, HistoryModel
from relaywright.gui.models.profile_list import Status
from relaywright.gui.theme import GRID_PX, Colours
from relaywright.gui.widgets.row_table import Index, RowDelegate, RowTable, take_lead
from relaywright.gui.widgets.status_mark import paint_status

_MARK_PX = 6.0


class HistoryTable(RowTable):
    """Shows a HistoryModel."""

    def __init__(self, model: HistoryModel, parent: QWidget | None = None) -> None:
        super().__init__(model, "History", _HistoryDelegate(), parent)
        header = self.horizontalHeader()
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


class _HistoryDelegate(RowDelegate):
    """Puts the mark before the result."""

    def paint_before(self, painter: QPainter, inner: QRectF, index: Index, colours: Colours, *, rtl: bool) -> None:
        if index.column() != Column.RESULT:
            return
        status = index.data(STATUS_ROLE)
        mark = status if isinstance(status, Status) else Status(str(status))
        box = take_lead(inner, 2 * GRID_PX + 4, rtl=rtl, gap=GRID_PX - 4)
        at = QPointF(box.right() - _MARK_PX - 4 if rtl else box.left() + _MARK_PX + 4, box.center().y())
        paint_status(painter, at, _MARK_PX, mark, colours)
