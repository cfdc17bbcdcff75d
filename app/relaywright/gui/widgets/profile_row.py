"""Paints the rows of the profile list: pictogram, name, sub-line, status mark; headings of folders."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from relaywright.domain.finding import Level
from relaywright.gui import icons, theme
from relaywright.gui.models.profile_list import RowRole, Status
from relaywright.gui.theme import GRID_PX, Colours, TextStyle
from relaywright.gui.widgets.status_mark import paint_status

_TILE_PX = 28
_MARK_PX = 6.0
_URGENT_ICONS = {Level.ERROR: "error", Level.WARNING: "warn"}

Index = QModelIndex | QPersistentModelIndex


class ProfileRowDelegate(QStyledItemDelegate):
    """Draws one row; all sizes come from the fonts, so rows grow with the system's text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name_font = theme.font(TextStyle.BODY)
        self._name_font.setWeight(QFont.Weight.Medium)
        self._sub_font = theme.font(TextStyle.CAPTION)
        self._heading_font = theme.font(TextStyle.OVERLINE)
        self._row_height = max(
            QFontMetrics(self._name_font).height() + QFontMetrics(self._sub_font).height() + GRID_PX + 6, 48
        )
        self._heading_height = QFontMetrics(self._heading_font).height() + 2 * GRID_PX + 2

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's signature
        heading = index.data(RowRole.HEADING) is not None
        return QSize(120, self._heading_height if heading else self._row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.colours_of(option.palette)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        rtl = option.direction is Qt.LayoutDirection.RightToLeft
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
        heading = index.data(RowRole.HEADING)
        if heading is not None:
            self._paint_heading(painter, rect, str(heading), colours)
        else:
            self._paint_profile(painter, rect, state, index, colours, rtl=rtl)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, text: str, colours: Colours) -> None:
        painter.setFont(self._heading_font)
        painter.setPen(QColor(colours.text_faint))
        area = rect.adjusted(GRID_PX, GRID_PX, -GRID_PX, -2)
        shown = QFontMetrics(self._heading_font).elidedText(text.upper(), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading, shown)

    def _paint_profile(
        self, painter: QPainter, rect: QRect, state: QStyle.StateFlag, index: Index, colours: Colours, *, rtl: bool
    ) -> None:
        area = rect.adjusted(0, 1, 0, -1)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        self._paint_ground(painter, area, state, colours)

        def place(x: float, width: float) -> QRectF:
            left = area.right() + 1 - x - width if rtl else area.left() + x
            return QRectF(left, area.top(), width, area.height())

        tile = place(GRID_PX, _TILE_PX)
        tile = QRectF(tile.left(), area.top() + (area.height() - _TILE_PX) / 2, _TILE_PX, _TILE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent_hover if selected else colours.tile))
        painter.drawRoundedRect(tile, 7, 7)
        ink = colours.on_accent if selected else colours.text_soft
        icons.paint(painter, tile.adjusted(5, 5, -5, -5), str(index.data(RowRole.PICTOGRAM)), ink)

        text_x = GRID_PX + _TILE_PX + GRID_PX + 2
        text = place(text_x, area.width() - text_x - 30)
        self._paint_lines(painter, text, index, colours, selected=selected)

        mark = place(area.width() - 26, 20)
        centre = QPointF(mark.center().x(), area.top() + area.height() / 2)
        status = Status(index.data(RowRole.STATUS))  # Qt hands it back as a plain text
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.card))
            painter.drawEllipse(centre, _MARK_PX + 3.5, _MARK_PX + 3.5)
        paint_status(painter, centre, _MARK_PX, status, colours)

    def _paint_ground(self, painter: QPainter, area: QRect, state: QStyle.StateFlag, colours: Colours) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(colours.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(colours.hover))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(area), 8, 8)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.text), 2))
            painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 8, 8)

    def _paint_lines(self, painter: QPainter, text: QRectF, index: Index, colours: Colours, *, selected: bool) -> None:
        name_metrics, sub_metrics = QFontMetrics(self._name_font), QFontMetrics(self._sub_font)
        block = name_metrics.height() + sub_metrics.height() + 1
        top = text.top() + (text.height() - block) / 2
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        found = index.data(RowRole.URGENCY)
        urgency = Level(found) if found is not None else None  # Qt hands it back as a plain text
        sub_ink = {
            None: colours.text_faint,
            Level.WARNING: colours.warn_text,
            Level.ERROR: colours.error_text,
        }[urgency]
        for font, metrics, words, ink, icon in (
            (self._name_font, name_metrics, str(index.data()), colours.on_accent if selected else colours.text, ""),
            (
                self._sub_font,
                sub_metrics,
                str(index.data(RowRole.SUB_LINE)),
                colours.on_accent_soft if selected else sub_ink,
                _URGENT_ICONS[urgency] if urgency is not None else "",
            ),
        ):
            painter.setFont(font)
            painter.setPen(QColor(ink))
            line = QRectF(text.left(), top, text.width(), metrics.height())
            if icon:
                side = metrics.ascent() + 1.0
                rtl = painter.layoutDirection() is Qt.LayoutDirection.RightToLeft
                left = line.right() - side if rtl else line.left()
                icons.paint(painter, QRectF(left, line.center().y() - side / 2, side, side), icon, ink)
                line.adjust(0 if rtl else side + 4, 0, -(side + 4) if rtl else 0, 0)
            painter.drawText(line, flags, metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(line.width())))
            top += metrics.height() + 1
