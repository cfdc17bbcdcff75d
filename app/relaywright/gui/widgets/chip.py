"""A chip: a short word on a soft ground, with an icon where colour carries meaning; some can be pressed."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from relaywright.gui import icons, theme
from relaywright.gui.models import wording
from relaywright.gui.theme import TextStyle
from relaywright.gui.widgets.text import PressedByReturn

_PAD_PX = 9
_ICON_PX = 14


class ChipKind(StrEnum):
    """What a chip says; every kind but the plain one has its icon, so that colour never speaks alone."""

    PLAIN = "plain"
    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    INFO = "info"


_ICONS = {ChipKind.OK: "ok", ChipKind.WARN: "warn", ChipKind.ERROR: "error", ChipKind.INFO: "info"}


class Pill:
    """What a chip looks like: its words, its kind, its size. Too long words are cut with “…”."""

    def __init__(self, text: str, kind: ChipKind) -> None:
        self.text = text
        self.kind = kind
        self.font = theme.font(TextStyle.CAPTION)

    def dress(self, widget: QWidget) -> None:
        """Give the widget the font, the name, the whole words as tooltip and the height of a chip."""
        widget.setFont(self.font)
        widget.setAccessibleName(self.text)
        widget.setToolTip(wording.tip(self.text))
        widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def size(self, widget: QWidget) -> QSize:
        """Return the size that shows all the words."""
        metrics = widget.fontMetrics()
        icon = _ICON_PX + 5 if self.kind in _ICONS else 0
        return QSize(metrics.horizontalAdvance(self.text) + 2 * _PAD_PX + icon + 2, metrics.height() + 6)

    def least_size(self, widget: QWidget) -> QSize:
        """Return the least size: the beginning of the words."""
        hint = self.size(widget)
        return QSize(min(hint.width(), 64), hint.height())

    def paint(self, widget: QWidget, *, underlined: bool = False) -> None:
        """Paint it; with a ring when the widget has the keyboard."""
        colours = theme.colours_of(widget.palette())
        ground, ink = {
            ChipKind.PLAIN: (colours.tile, colours.text_soft),
            ChipKind.INFO: (colours.accent_soft, colours.text_soft),
            ChipKind.OK: (colours.ok_soft, colours.ok_text),
            ChipKind.WARN: (colours.warn_soft, colours.warn_text),
            ChipKind.ERROR: (colours.error_soft, colours.error_text),
        }[self.kind]
        painter = QPainter(widget)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(widget.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        if widget.hasFocus():
            painter.setPen(QPen(QColor(colours.focus), 2))
            area.adjust(1, 1, -1, -1)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        inner = QRectF(widget.rect()).adjusted(_PAD_PX, 0, -_PAD_PX, 0)
        rtl = widget.layoutDirection() is Qt.LayoutDirection.RightToLeft
        if self.kind in _ICONS:
            x = inner.right() - _ICON_PX if rtl else inner.left()
            y = area.center().y() - _ICON_PX / 2
            icons.paint(painter, QRectF(x, y, _ICON_PX, _ICON_PX), _ICONS[self.kind], ink)
            inner.adjust(0 if rtl else _ICON_PX + 5, 0, -(_ICON_PX + 5) if rtl else 0, 0)
        painter.setPen(QColor(ink))
        font = self.font
        font.setUnderline(underlined)
        painter.setFont(font)
        shown = widget.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, int(inner.width()) + 2)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)


class Chip(QWidget):
    """A word in a pill; too long a word is cut with “…” and told in the tooltip."""

    def __init__(self, text: str, kind: ChipKind = ChipKind.PLAIN, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pill = Pill(text, kind)
        self._pill.dress(self)

    @property
    def text(self) -> str:
        """The whole word."""
        return self._pill.text

    def sizeHint(self) -> QSize:
        return self._pill.size(self)

    def minimumSizeHint(self) -> QSize:
        return self._pill.least_size(self)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.FontChange}:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        self._pill.paint(self)


class ChipButton(PressedByReturn, QAbstractButton):
    """A chip that leads somewhere: pressed by mouse, Space or Return."""

    def __init__(self, text: str, kind: ChipKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pill = Pill(text, kind)
        self._pill.dress(self)
        self.setText(text.replace("&", "&&"))  # for screen readers; a single one would make a shortcut
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return self._pill.size(self)

    def minimumSizeHint(self) -> QSize:
        return self._pill.least_size(self)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        self._pill.paint(self, underlined=self.underMouse() or self.isDown())
