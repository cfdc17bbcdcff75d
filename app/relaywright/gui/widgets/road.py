"""The mail's road as a picture: device, service, recipients, what is used on each leg, and where it broke.

Drawn as vectors, so it is sharp at any scale; mirrored in right-to-left layouts. What it says is road_facts.py's.
"""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from relaywright.gui import icons, theme
from relaywright.gui.models import wording
from relaywright.gui.models.road_facts import Leg, LegState, Place, Road
from relaywright.gui.theme import GRID_PX, Colours, TextStyle

_TILE_PX = 36
_MARGIN_PX = 2 * GRID_PX
_NARROW_CHARS = 90
"""Below this width, in average characters, the names need the room of the pictograms."""
_FLOW_STEP_MS = 60


class RoadView(QWidget):
    """Paints a :class:`Road`. While a leg runs, its dashes move."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._road: Road | None = None
        self._flow = 0.0
        self._name_font = theme.font(TextStyle.STRONG)
        self._word_font = theme.font(TextStyle.CAPTION)
        self._timer = QTimer(self, interval=_FLOW_STEP_MS)
        self._timer.timeout.connect(self._on_tick)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The mail’s road")

    @property
    def road(self) -> Road | None:
        """What is shown."""
        return self._road

    def show_road(self, road: Road) -> None:
        """Show this road."""
        if road == self._road:
            return
        self._road = road
        self.setAccessibleDescription(road.in_words())
        self.setToolTip(wording.tip(road.in_words().replace("; then ", "\n")))
        if road.first.state is LegState.RUNNING:
            self._timer.start()
        else:
            self._timer.stop()
        self.update()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(self._word_font).height()
        return QSize(640, 2 * _MARGIN_PX + 2 * words + 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _on_tick(self) -> None:
        self._flow = (self._flow + 0.6) % 9.0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        colours = theme.colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sheet = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(sheet, theme.RADIUS_PX + 2, theme.RADIUS_PX + 2)
        if self._road is None:
            return
        road = self._road
        inner = sheet.adjusted(_MARGIN_PX, 0, -_MARGIN_PX, 0)
        widths = self._place_widths(road, inner.width())
        gap = GRID_PX + 4
        legs = max(0.0, inner.width() - sum(widths) - 4 * gap)
        first_leg, second_leg = self._leg_widths(road, legs)
        x = 0.0
        self._paint_place(painter, self._span(inner, x, widths[0]), road.device, colours)
        x += widths[0] + gap
        self._paint_leg(painter, self._span(inner, x, first_leg), road.first, colours)
        x += first_leg + gap
        self._paint_place(painter, self._span(inner, x, widths[1]), road.service, colours)
        x += widths[1] + gap
        self._paint_leg(painter, self._span(inner, x, second_leg), road.second, colours)
        x += second_leg + gap
        self._paint_place(painter, self._span(inner, x, widths[2]), road.recipients, colours)

    def _span(self, inner: QRectF, x: float, width: float) -> QRectF:
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = inner.right() - x - width if rtl else inner.left() + x
        return QRectF(left, inner.top(), width, inner.height())

    def _leg_words(self, leg: Leg) -> float:
        words = QFontMetrics(self._word_font)
        return max(words.horizontalAdvance(leg.uses), words.horizontalAdvance(leg.says)) + 2.0 * GRID_PX

    def _leg_widths(self, road: Road, room: float) -> tuple[float, float]:
        """Share the room of the legs by what their words need."""
        first, second = self._leg_words(road.first), self._leg_words(road.second)
        return room * first / (first + second), room * second / (first + second)

    def _place_widths(self, road: Road, total: float) -> list[float]:
        """Give the places what the legs' words leave; the service is cut last, for it is what matters."""
        names, words = QFontMetrics(self._name_font), QFontMetrics(self._word_font)
        wants = [
            self._tile_room + 4.0 + max(names.horizontalAdvance(place.name), words.horizontalAdvance(place.detail))
            for place in (road.device, road.service, road.recipients)
        ]
        legs = self._leg_words(road.first) + self._leg_words(road.second)
        room = max(total * 0.58, total - legs - 4 * (GRID_PX + 4))
        if sum(wants) <= room:
            return wants
        service = min(wants[1], room * 0.45)
        rest = room - service
        device = min(wants[0], max(rest / 2, rest - wants[2]))
        return [device, service, min(wants[2], rest - device)]

    @property
    def _tile_room(self) -> int:
        """The room of a place's pictogram; none in a narrow window."""
        narrow = self.width() < _NARROW_CHARS * self.fontMetrics().averageCharWidth()
        return 0 if narrow else _TILE_PX + GRID_PX

    def _paint_tile(self, painter: QPainter, area: QRectF, place: Place, colours: Colours) -> None:
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        tile_x = area.right() - _TILE_PX if rtl else area.left()
        tile = QRectF(tile_x, area.center().y() - _TILE_PX / 2, _TILE_PX, _TILE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.tile))
        painter.drawRoundedRect(tile, 9, 9)
        icons.paint(painter, tile.adjusted(7, 7, -7, -7), place.icon, colours.text_soft)

    def _paint_place(self, painter: QPainter, area: QRectF, place: Place, colours: Colours) -> None:
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        skip = self._tile_room
        if skip:
            self._paint_tile(painter, area, place, colours)
            skip += 2
        text = area.adjusted(0 if rtl else skip, 0, -skip if rtl else 0, 0)
        names, words = QFontMetrics(self._name_font), QFontMetrics(self._word_font)
        top = area.center().y() - (names.height() + words.height() + 1) / 2
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft  # the painter mirrors it itself
        for font, metrics, shown, ink in (
            (self._name_font, names, place.name, colours.text),
            (self._word_font, words, place.detail, colours.text_faint),
        ):
            painter.setFont(font)
            painter.setPen(QColor(ink))
            line = QRectF(text.left(), top, text.width(), metrics.height())
            painter.drawText(line, align, metrics.elidedText(shown, Qt.TextElideMode.ElideRight, int(text.width()) + 1))
            top += metrics.height() + 1

    def _paint_leg(self, painter: QPainter, area: QRectF, leg: Leg, colours: Colours) -> None:
        if area.width() < 2 * GRID_PX:
            return
        line_ink, word_ink = {
            LegState.UNTRIED: (colours.idle, colours.text_faint),
            LegState.RUNNING: (colours.accent if not colours.dark else colours.focus, colours.text_soft),
            LegState.OK: (colours.ok, colours.ok_text),
            LegState.BROKEN: (colours.error, colours.error_text),
        }[leg.state]
        y = area.center().y()
        self._paint_line(painter, area, y, leg.state, QColor(line_ink))
        metrics = QFontMetrics(self._word_font)
        painter.setFont(self._word_font)
        for text, ink, top in (
            (leg.uses, colours.text_soft, y - metrics.height() - 6),
            (leg.says, word_ink, y + 6),
        ):
            painter.setPen(QColor(ink))
            line = QRectF(area.left(), top, area.width(), metrics.height())
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
            # Isolated, so that port and protocol keep their order in a right-to-left window.
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, f"\u2066{shown}\u2069")

    def _paint_line(self, painter: QPainter, area: QRectF, y: float, state: LegState, ink: QColor) -> None:
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        start, end = (area.right(), area.left()) if rtl else (area.left(), area.right())
        sign = -1 if rtl else 1
        pen = QPen(ink, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        if state is not LegState.OK:
            pen.setDashPattern([4.0, 5.0] if state is not LegState.UNTRIED else [1.0, 4.0])
            pen.setDashOffset(-self._flow if state is LegState.RUNNING else 0.0)
        painter.setPen(pen)
        stop = (start + end) / 2 if state is LegState.BROKEN else end - 6 * sign
        painter.drawLine(QPointF(start, y), QPointF(stop - (9 * sign if state is LegState.BROKEN else 0), y))
        solid = QPen(ink, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        if state is LegState.BROKEN:
            faint = QPen(ink, 1.5, Qt.PenStyle.DotLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(solid)
            painter.drawLine(QPointF(stop - 4, y - 4), QPointF(stop + 4, y + 4))
            painter.drawLine(QPointF(stop - 4, y + 4), QPointF(stop + 4, y - 4))
            painter.setPen(faint)
            painter.drawLine(QPointF(stop + 10 * sign, y), QPointF(end, y))
            return
        painter.setPen(solid)
        tip = QPointF(end, y)
        painter.drawPolyline(QPolygonF([tip + QPointF(-5 * sign, -4), tip, tip + QPointF(-5 * sign, 4)]))
