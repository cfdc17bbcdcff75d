"""The program's own line icons: drawn SVG in one style, tinted from the palette when they are painted.

Which icon stands for what is said where it is used. Qt's standard icons are not used: they vanish on dark grounds and
their theme look-up costs start-up time.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QImage, QPainter, QPixmap

from relaywright import paths
from relaywright.gui import theme

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgRenderer


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> "QSvgRenderer":
    from PySide6.QtSvg import QSvgRenderer

    source = (paths.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))


def paint(painter: QPainter, rect: QRectF, name: str, colour: str) -> None:
    """Paint an icon into a rectangle, as vectors: sharp at any scale. ``colour`` is #rrggbb."""
    _renderer(name, colour).render(painter, rect)


class _TintedEngine(QIconEngine):
    """Paints one icon in a colour of the present palette, so that switching to dark needs no new icons."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name = name
        self._role = role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:  # noqa: ARG002 - Qt's signature
        colours = theme.colours_of(QGuiApplication.palette())
        role = self._role
        if mode is QIcon.Mode.Disabled:
            role = "text_faint"
        elif mode is QIcon.Mode.Selected:
            role = "on_accent"
        side = min(rect.width(), rect.height())  # a wider rectangle is room between icon and text
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        paint(painter, square, self._name, getattr(colours, role))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        if size.isEmpty():  # a style asks for this when an item has no room
            return QPixmap()
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return QPixmap.fromImage(image)

    def clone(self) -> QIconEngine:
        return _TintedEngine(self._name, self._role)


def icon(name: str, role: str = "text_soft") -> QIcon:
    """Return an icon for a button or a menu; ``role`` names a colour of the theme. An unknown name fails at paint."""
    return QIcon(_TintedEngine(name, role))


def pixmap(name: str, size: int, colour: QColor | str, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a pixmap of ``size`` device-independent pixels, for the rare place that cannot paint."""
    picture = QPixmap(QSize(size, size) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint(painter, QRectF(0, 0, size, size), name, QColor(colour).name())
    painter.end()
    return picture


def app_icon() -> QIcon:
    """Return the program's own icon."""
    folder = paths.resources() / "icons"
    result = QIcon()
    for size in (16, 32, 48, 64, 128, 256):
        path = folder / "app" / f"relaywright-{size}.png"
        if path.is_file():
            result.addFile(str(path), QSize(size, size))
    return result
