"""A chip: a short word on a soft ground, with an icon where colour carries meaning."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from relaywright.gui import icons, theme
from relaywright.gui.models import wording
from relaywright.gui.theme import TextStyle

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


class Chip(QWidget):
    """A word in a pill; too long a word is cut with “…” and told in the tooltip."""

    def __init__(self, text: str, kind: ChipKind = ChipKind.PLAIN, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._kind = kind
        self._font = theme.font(TextStyle.CAPTION)
        self.setFont(self._font)
        self.setAccessibleName(text)
        self.setToolTip(wording.tip(text))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The whole word."""
        return self._text

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        icon = _ICON_PX + 5 if self._kind in _ICONS else 0
        return QSize(metrics.horizontalAdvance(self._text) + 2 * _PAD_PX + icon + 2, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), 64), hint.height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.FontChange}:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        colours = theme.colours_of(self.palette())
        ground, ink = {
            ChipKind.PLAIN: (colours.tile, colours.text_soft),
            ChipKind.INFO: (colours.accent_soft, colours.text_soft),
            ChipKind.OK: (colours.ok_soft, colours.ok_text),
            ChipKind.WARN: (colours.warn_soft, colours.warn_text),
            ChipKind.ERROR: (colours.error_soft, colours.error_text),
        }[self._kind]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        inner = area.adjusted(_PAD_PX, 0, -_PAD_PX, 0)
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        if self._kind in _ICONS:
            x = inner.right() - _ICON_PX if rtl else inner.left()
            y = area.center().y() - _ICON_PX / 2
            icons.paint(painter, QRectF(x, y, _ICON_PX, _ICON_PX), _ICONS[self._kind], ink)
            inner.adjust(0 if rtl else _ICON_PX + 5, 0, -(_ICON_PX + 5) if rtl else 0, 0)
        painter.setPen(QColor(ink))
        painter.setFont(self._font)
        shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, int(inner.width()) + 2)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)
