"""A card: a rounded sheet with an optional heading, things at its right, and an edge that says how something ended."""

from enum import StrEnum

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.text import Tone, label

EDGE_PX = 4


class Edge(StrEnum):
    """What the leading edge says. The words in the card say it too."""

    NONE = "none"
    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    ACCENT = "accent"


class Card(QFrame):
    """A sheet to put things on: ``body`` is the layout for them, ``head`` the heading's row."""

    def __init__(self, heading: str = "", *, edge: Edge = Edge.NONE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edge = edge
        outer = QVBoxLayout(self)
        outer.setContentsMargins(2 * GRID_PX, 2 * GRID_PX - 2, 2 * GRID_PX, 2 * GRID_PX)
        outer.setSpacing(GRID_PX)
        self.head = QHBoxLayout()
        self.head.setSpacing(GRID_PX)
        self.heading = label(heading, TextStyle.HEADING)
        self.heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.body = QVBoxLayout()
        self.body.setSpacing(GRID_PX)
        if heading:
            self.head.addWidget(self.heading, 1)
            outer.addLayout(self.head)
            self.setAccessibleName(heading)
        outer.addLayout(self.body, 1)

    def set_edge(self, edge: Edge) -> None:
        """Change what the leading edge says."""
        self._edge = edge
        self.update()

    def add(self, item: QWidget | QLayout, stretch: int = 0) -> None:
        """Put a widget or a layout below what is there."""
        if isinstance(item, QWidget):
            self.body.addWidget(item, stretch)
        else:
            self.body.addLayout(item, stretch)

    def add_note(self, text: str) -> None:
        """Put a soft, wrapped paragraph below what is there."""
        self.body.addWidget(label(text, TextStyle.BODY, Tone.SOFT, wrap=True))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        colours = theme.colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        sheet = QPainterPath()
        sheet.addRoundedRect(area, theme.RADIUS_PX + 2, theme.RADIUS_PX + 2)
        painter.fillPath(sheet, QColor(colours.card))
        if self._edge is not Edge.NONE:
            stripe = QRectF(area)
            if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
                stripe.setLeft(area.right() - EDGE_PX)
            else:
                stripe.setRight(area.left() + EDGE_PX)
            painter.save()
            painter.setClipPath(sheet)
            painter.fillRect(stripe, QColor(getattr(colours, self._edge.value)))
            painter.restore()
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawPath(sheet)
