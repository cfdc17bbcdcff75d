"""A choice as a card: a name, what it means in a sentence, and the round mark of a radio button.

Cards of one parent exclude each other; arrow keys walk among them as among radio buttons.
"""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QRadioButton, QSizePolicy, QWidget

from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX, TextStyle

_MARK_PX = 16
_WRAP = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeading) | int(Qt.AlignmentFlag.AlignTop)


class ChoiceCard(QRadioButton):
    """A radio button, drawn as a card; its role and its keys are Qt's own."""

    def __init__(self, value: str, name: str, summary: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.value = value
        self._summary = summary
        self._name_font = theme.font(TextStyle.BODY)
        self._name_font.setWeight(QFont.Weight.Medium)
        self._sub_font = theme.font(TextStyle.CAPTION)
        self.setAccessibleDescription(summary)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        width = 34 * self.fontMetrics().averageCharWidth()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * self.fontMetrics().averageCharWidth(), 3 * self.fontMetrics().height())

    def heightForWidth(self, width: int) -> int:
        inner = max(40, width - self._text_left() - GRID_PX - 4)
        name = QFontMetrics(self._name_font).boundingRect(QRect(0, 0, inner, 2000), _WRAP, self.text()).height()
        sub = QFontMetrics(self._sub_font).boundingRect(QRect(0, 0, inner, 2000), _WRAP, self._summary).height()
        return name + sub + 2 * GRID_PX + 2

    def hitButton(self, position: object) -> bool:  # noqa: ARG002 - Qt's signature; the whole card is the button
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = theme.colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        chosen, focused = self.isChecked(), self.hasFocus()
        ground = colours.accent_soft if chosen else colours.hover if self.underMouse() else colours.card
        edge = colours.focus if focused else colours.accent if chosen else colours.border
        painter.setBrush(QColor(ground))
        painter.setPen(QPen(QColor(edge), 2 if focused else 1))
        painter.drawRoundedRect(area, 8, 8)
        x = area.right() - GRID_PX - 3 - _MARK_PX / 2 if rtl else area.left() + GRID_PX + 3 + _MARK_PX / 2
        centre = QPointF(x, area.top() + GRID_PX + QFontMetrics(self._name_font).height() / 2)
        painter.setBrush(QColor(colours.accent if chosen else colours.card))
        painter.setPen(QPen(QColor(colours.accent if chosen else colours.border), 1))
        painter.drawEllipse(centre, _MARK_PX / 2, _MARK_PX / 2)
        if chosen:
            painter.setBrush(QColor(colours.on_accent))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(centre, 3, 3)
        left = self._text_left()
        text = QRectF(GRID_PX if rtl else left, GRID_PX, self.width() - left - GRID_PX, self.height())
        painter.setFont(self._name_font)
        painter.setPen(QColor(colours.text))
        painter.drawText(text, _WRAP, self.text())
        inner = QRect(0, 0, int(text.width()), 2000)
        name = QFontMetrics(self._name_font).boundingRect(inner, _WRAP, self.text()).height()
        painter.setFont(self._sub_font)
        painter.setPen(QColor(colours.text_soft))
        painter.drawText(text.adjusted(0, name + 1, 0, 0), _WRAP, self._summary)

    def _text_left(self) -> int:
        return GRID_PX + 4 + _MARK_PX + GRID_PX
