"""The table of what ends: a mark for how it stands, the time left as a thin bar with words, Return opens a row."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from relaywright.domain.finding import Level
from relaywright.gui import icons, theme
from relaywright.gui.models.expiry_table import LEVEL_ROLE, SHARE_ROLE, Column, ExpiryModel
from relaywright.gui.theme import GRID_PX, Colours, TextStyle

_ICON_PX = 16
_BAR_PX = 56
_BAR_HEIGHT_PX = 4
NARROW_CHARS = 120
"""Below this width, in average characters of the font, what to do stands only below the table."""
_ICONS = {Level.ERROR: "error", Level.WARNING: "warn", Level.INFO: "help", Level.OK: "ok"}

Index = QModelIndex | QPersistentModelIndex


class ExpiryTable(QTableView):
    """Shows an ExpiryModel."""

    opened = Signal()
    """The current row was opened: by Return or a double click."""

    def __init__(self, model: ExpiryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName("What ends")
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


class _RowDelegate(QStyledItemDelegate):
    """Paints a cell as a part of its row: one ground over all columns, the mark first, the bar before its words."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), option.fontMetrics.height() + 2 * GRID_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        # The application's palette: a styled table keeps its old one when light turns to dark.
        colours = theme.colours_of(QGuiApplication.palette())
        state: QStyle.StateFlag = option.state
        area = QRectF(option.rect)
        rtl = option.direction is Qt.LayoutDirection.RightToLeft
        level = Level(index.data(LEVEL_ROLE))  # Qt hands it back as a plain text
        ink = {Level.ERROR: colours.error_text, Level.WARNING: colours.warn_text}.get(level, colours.text_soft)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(option.direction)
        self._paint_ground(painter, area, state, index, colours, rtl=rtl)
        if state & QStyle.StateFlag.State_Selected and self._has_keyboard():
            for y in (area.top(), area.bottom() - 2):
                painter.fillRect(QRectF(area.left(), y, area.width(), 2), QColor(colours.focus))
        inner = area.adjusted(GRID_PX, 0, -GRID_PX, 0)
        if index.column() == Column.PROFILE:
            icons.paint(painter, _lead(inner, _ICON_PX, _ICON_PX, rtl=rtl), _ICONS[level], ink)
            _step(inner, _ICON_PX + GRID_PX, rtl=rtl)
        if index.column() == Column.LEFT:
            self._paint_bar(painter, _lead(inner, _BAR_PX, _BAR_HEIGHT_PX, rtl=rtl), index, colours, rtl=rtl)
            _step(inner, _BAR_PX + GRID_PX, rtl=rtl)
        plain = colours.text if index.column() == Column.PROFILE else colours.text_soft
        painter.setPen(QColor(ink if index.column() in {Column.ENDS, Column.LEFT} else plain))
        painter.setFont(option.font)
        text = QFontMetrics(option.font).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, int(inner.width()))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def _has_keyboard(self) -> bool:
        table = self.parent()
        return isinstance(table, QWidget) and table.hasFocus()

    def _paint_ground(
        self, painter: QPainter, area: QRectF, state: QStyle.StateFlag, index: Index, colours: Colours, *, rtl: bool
    ) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(area, QColor(colours.accent_soft))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(colours.hover))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(colours.line))
        if selected and index.column() == Column.PROFILE:
            edge = area.right() - 3 if rtl else area.left()
            painter.fillRect(QRectF(edge, area.top(), 3, area.height() - 1), QColor(colours.accent))

    def _paint_bar(self, painter: QPainter, track: QRectF, index: Index, colours: Colours, *, rtl: bool) -> None:
        share = index.data(SHARE_ROLE)
        if share is None:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(track, _BAR_HEIGHT_PX / 2, _BAR_HEIGHT_PX / 2)
        level = Level(index.data(LEVEL_ROLE))
        if level is Level.ERROR:
            return  # nothing is left of it
        length = max(float(share) * track.width(), _BAR_HEIGHT_PX)
        fill = QRectF(track.right() - length if rtl else track.left(), track.top(), length, track.height())
        painter.setBrush(QColor(colours.warn if level is Level.WARNING else colours.bar))
        painter.drawRoundedRect(fill, _BAR_HEIGHT_PX / 2, _BAR_HEIGHT_PX / 2)


def _lead(area: QRectF, width: float, height: float, *, rtl: bool) -> QRectF:
    """Return a box at the beginning of the line, in its middle."""
    left = area.right() - width if rtl else area.left()
    return QRectF(left, area.center().y() - height / 2, width, height)


def _step(area: QRectF, width: float, *, rtl: bool) -> None:
    """Take that width off the beginning of the line."""
    area.adjust(0 if rtl else width, 0, -width if rtl else 0, 0)
