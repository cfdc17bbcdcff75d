"""The mark of what was last seen: a shape as well as a colour, so that it is read without colours too."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from relaywright.gui.models.profile_list import Status
from relaywright.gui.theme import Colours


def paint_status(painter: QPainter, centre: QPointF, radius: float, status: Status, colours: Colours) -> None:
    """Paint a mark: a disc with a tick (taken), a ring with a dot (checked), a diamond with a bar (failed), a ring."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = QColor(colours.card)
    match status:
        case Status.TAKEN:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.ok))
            painter.drawEllipse(centre, radius, radius)
            painter.setPen(_pen(ground, radius * 0.34))
            painter.drawPolyline(
                [
                    centre + QPointF(-0.48, 0.02) * radius,
                    centre + QPointF(-0.12, 0.38) * radius,
                    centre + QPointF(0.50, -0.34) * radius,
                ]
            )
        case Status.FAILED:
            size = radius * 1.18
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.error))
            corners = [QPointF(0, -size), QPointF(size, 0), QPointF(0, size), QPointF(-size, 0)]
            painter.drawPolygon(QPolygonF([centre + corner for corner in corners]))
            painter.setPen(_pen(ground, radius * 0.34))
            painter.drawLine(centre + QPointF(-0.4, 0) * radius, centre + QPointF(0.4, 0) * radius)
        case Status.CHECKED:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(_pen(QColor(colours.ok), radius * 0.36))
            inner = radius * 0.82
            painter.drawEllipse(centre, inner, inner)
            painter.setBrush(QColor(colours.ok))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(centre, radius * 0.32, radius * 0.32)
        case _:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(_pen(QColor(colours.idle), radius * 0.3))
            painter.drawEllipse(
                QRectF(centre.x() - radius * 0.8, centre.y() - radius * 0.8, radius * 1.6, radius * 1.6)
            )
    painter.restore()


def _pen(colour: QColor, width: float) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
