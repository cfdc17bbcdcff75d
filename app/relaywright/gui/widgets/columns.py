"""Two columns of widgets where there is room, one where there is not: a form that fits any window and text size."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from relaywright.gui.theme import GRID_PX, set_margins

SCROLL_BAR_PX = 12
"""As in resources/style.qss."""
CHARS_FOR_TWO = 96
"""Below this width, in average characters of the present font, there is one column."""


class Columns(QWidget):
    """Holds two stacks of widgets side by side, or the second below the first."""

    def __init__(self, first: Sequence[QWidget], second: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2 * GRID_PX)
        self._second = list(second)
        self._left, self._right = self._stack(), self._stack()
        for widget in first:
            self._insert(self._left, widget)
        self._two = False
        for widget in second:
            self._insert(self._left, widget)

    @property
    def has_two(self) -> bool:
        """Whether the second stack stands beside the first."""
        return self._two

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        two = event.size().width() >= CHARS_FOR_TWO * self.fontMetrics().averageCharWidth()
        if two != self._two:
            self._two = two
            target = self._right if two else self._left
            for widget in self._second:
                self._insert(target, widget)
            self._row.setStretch(1, 1 if two else 0)
            self._row.setSpacing(2 * GRID_PX if two else 0)

    def _stack(self) -> QVBoxLayout:
        stack = QVBoxLayout()
        stack.setSpacing(2 * GRID_PX)
        stack.addStretch(1)
        self._row.addLayout(stack, 0 if self._row.count() else 1)
        return stack

    @staticmethod
    def _insert(stack: QVBoxLayout, widget: QWidget) -> None:
        stack.insertWidget(stack.count() - 1, widget)


class PageScroll(QScrollArea):
    """A page's scroll area: ``column`` takes the content, as wide as the window and as tall as its words need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        content = _Content()
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(0, GRID_PX // 2, 0, GRID_PX + 4)
        self.column.setSpacing(2 * GRID_PX - 4)
        self.setWidget(content)
        content.setAutoFillBackground(False)  # setWidget turned it on
        self.verticalScrollBar().rangeChanged.connect(self._keep_edge)
        self._keep_edge()

    def _keep_edge(self) -> None:
        """Keep the cards' edge where it is when the scroll bar comes and goes."""
        bar = self.verticalScrollBar()
        margins = self.column.contentsMargins()
        room = 2 if bar.maximum() > 0 else 2 + SCROLL_BAR_PX
        if room not in {margins.left(), margins.right()}:
            set_margins(self.column, 0, margins.top(), room, margins.bottom())


class _Content(QWidget):
    """Its least height is what its width asks for: the least height of wrapped words is that of one word a line."""

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)
