"""Paints the rows of the target list: pictogram, name, what it is or why it does not fit, and what proves it."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from relaywright.exporting.target import FitLevel
from relaywright.gui import icons, theme
from relaywright.gui.models.target_list import TargetRole
from relaywright.gui.theme import GRID_PX, Colours, TextStyle

_TILE_PX = 28
_FLAGS = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading

Index = QModelIndex | QPersistentModelIndex


class TargetRowDelegate(QStyledItemDelegate):
    """Draws one row; all sizes come from the fonts. The sub-line wraps to two lines, so that a reason can be read."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name_font = theme.font(TextStyle.BODY)
        self._name_font.setWeight(QFont.Weight.Medium)
        self._sub_font = theme.font(TextStyle.CAPTION)
        self._heading_font = theme.font(TextStyle.OVERLINE)
        name, sub = QFontMetrics(self._name_font).height(), QFontMetrics(self._sub_font).height()
        self._row_height = max(name + 2 * sub + 2 * GRID_PX, 56)
        self._heading_height = QFontMetrics(self._heading_font).height() + 2 * GRID_PX + 2

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's signature
        return QSize(120, self._heading_height if index.data(TargetRole.HEADING) is not None else self._row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        # The application's palette: a styled list keeps its old one when light turns to dark.
        colours = theme.colours_of(QGuiApplication.palette())
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(option.direction)
        heading = index.data(TargetRole.HEADING)
        if heading is not None:
            self._paint_heading(painter, rect, str(heading), colours)
        else:
            self._paint_target(painter, option, index, colours)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, text: str, colours: Colours) -> None:
        painter.setFont(self._heading_font)
        painter.setPen(QColor(colours.text_faint))
        area = rect.adjusted(GRID_PX, GRID_PX, -GRID_PX, -2)
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading, text.upper())

    def _paint_target(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, colours: Colours) -> None:
        area = QRectF(option.rect.adjusted(0, 1, 0, -1))
        rtl = option.direction is Qt.LayoutDirection.RightToLeft
        fits = index.data(TargetRole.FIT) != FitLevel.DOES_NOT_FIT
        _paint_ground(painter, area, option.state, colours)

        def place(x: float, y: float, width: float, height: float) -> QRectF:
            left = area.right() - x - width if rtl else area.left() + x
            return QRectF(left, area.top() + y, width, height)

        tile = place(GRID_PX, (area.height() - _TILE_PX) / 2, _TILE_PX, _TILE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.tile))
        painter.drawRoundedRect(tile, 7, 7)
        ink = colours.text_soft if fits else colours.text_faint
        icons.paint(painter, tile.adjusted(5, 5, -5, -5), str(index.data(TargetRole.PICTOGRAM)), ink)

        x = GRID_PX + _TILE_PX + GRID_PX + 2
        badge = self._badge_text(index, area.width())
        badge_width = QFontMetrics(self._sub_font).horizontalAdvance(badge) + 2 * GRID_PX if badge else 0
        name_metrics, sub_metrics = QFontMetrics(self._name_font), QFontMetrics(self._sub_font)
        width = area.width() - x - GRID_PX
        name_height = name_metrics.height()
        name_width = width - (badge_width + GRID_PX if badge_width else 0)
        painter.setFont(self._name_font)
        painter.setPen(QColor(colours.text if fits else colours.text_soft))
        shown = name_metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, int(name_width))
        painter.drawText(place(x, GRID_PX - 1, name_width, name_height), _FLAGS, shown)
        if badge_width:
            spot = place(area.width() - GRID_PX - badge_width, GRID_PX - 1, badge_width, name_height)
            self._paint_badge(painter, spot, badge, colours, bridge=index.data(TargetRole.FIT) == FitLevel.WITH_BRIDGE)
        painter.setFont(self._sub_font)
        painter.setPen(QColor(colours.text_faint))
        lines = _two_lines(str(index.data(TargetRole.SUB_LINE)), sub_metrics, int(width))
        top = GRID_PX + name_height
        for line in lines:
            painter.drawText(place(x, top, width, sub_metrics.height()), _FLAGS, line)
            top += sub_metrics.height()

    def _badge_text(self, index: Index, width: float) -> str:
        """Return the badge's word; in a narrow list without the version, so that the name can be read."""
        if index.data(TargetRole.FIT) == FitLevel.WITH_BRIDGE:
            return "bridge"
        badge = str(index.data(TargetRole.BADGE) or "")
        narrow = width < 32 * QFontMetrics(self._name_font).averageCharWidth()
        return badge.partition(" ")[0] if narrow else badge

    def _paint_badge(self, painter: QPainter, area: QRectF, text: str, colours: Colours, *, bridge: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.warn_soft if bridge else colours.ok_soft))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setFont(self._sub_font)
        painter.setPen(QColor(colours.warn_text if bridge else colours.ok_text))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def _paint_ground(painter: QPainter, area: QRectF, state: QStyle.StateFlag, colours: Colours) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    selected = bool(state & QStyle.StateFlag.State_Selected)
    if selected:
        painter.setBrush(QColor(colours.accent_soft))
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(QColor(colours.hover))
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area, 8, 8)
    if selected:
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.focus if focused else colours.accent), 2 if focused else 1))
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 7, 7)


def _two_lines(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """Break a sentence into at most two lines, the second cut with “…”."""
    if metrics.horizontalAdvance(text) <= width:
        return [text]
    words = text.split()
    first = words[:1]
    while len(first) < len(words) and metrics.horizontalAdvance(" ".join((*first, words[len(first)]))) <= width:
        first.append(words[len(first)])
    rest = " ".join(words[len(first) :])
    return [line for line in (" ".join(first), metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)) if line]
