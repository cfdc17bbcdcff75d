"""A short message at the foot of a window that goes by itself, with one thing to do: Undo."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.status_strip import SmallIcon
from relaywright.gui.widgets.text import ButtonKind, button, label, tool_button

SHOWN_MS = 6_000
SHOWN_WITH_ACTION_MS = 12_000
_ICONS = {"ok": ("ok", "ok"), "warning": ("warn", "warn"), "error": ("error", "error")}


class Toast(QWidget):
    """Floats over the foot of a part of the window. A new message takes the place of the last."""

    action_requested = Signal()

    def __init__(self, window: QWidget, over: QWidget) -> None:
        """``over`` is the part; the window is the parent, so that no page of the part ever covers it."""
        super().__init__(window)
        self._over = over
        self.setObjectName("toast")
        self._icon = SmallIcon("info", "text_soft", 18)
        self._text = label("", wrap=False)
        self._text.setMaximumWidth(640)
        self._text.setWordWrap(True)
        self._action = button("Undo", self._on_action, kind=ButtonKind.QUIET, icon="undo")
        self._action.setObjectName("toast-action")
        self._close = tool_button("close", "Dismiss", self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID_PX, GRID_PX, GRID_PX, GRID_PX)
        row.setSpacing(GRID_PX)
        for item in (self._icon, self._text, self._action, self._close):
            row.addWidget(item)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        over.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.text()

    def say(self, text: str, level: str = "info", action: str = "") -> None:
        """Show a message; ``action`` is the word on its button. Errors stay until they are dismissed."""
        icon, role = _ICONS.get(level, ("info", "text_soft"))
        self._icon.show_icon(icon, role)
        metrics = self._text.fontMetrics()
        self._text.setText(text)
        self._text.setMinimumWidth(min(640, metrics.horizontalAdvance(text) + 4))
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(text)
        self.show()
        self.raise_()
        self._place()
        self._timer.stop()
        if level != "error":
            self._timer.start(SHOWN_WITH_ACTION_MS if action else SHOWN_MS)

    def _on_action(self) -> None:
        self.hide()
        self.action_requested.emit()

    def _place(self) -> None:
        over = self._over
        self.setMaximumWidth(over.width() - 4 * GRID_PX)
        self.adjustSize()
        corner = over.mapTo(self.window(), QPoint(0, 0))
        x = corner.x() + (over.width() - self.width()) // 2
        self.move(x, corner.y() + over.height() - self.height() - 3 * GRID_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the window changes its size."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        colours = theme.colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        painter.setPen(Qt.PenStyle.NoPen)
