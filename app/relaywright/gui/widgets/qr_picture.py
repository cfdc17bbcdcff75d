"""A QR picture, drawn sharp at any scale, dark on light in either appearance: readers expect it so."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

MODULE_PX = 5


class QrPicture(QWidget):
    """Shows one address. What is in the picture is said to screen readers as text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._modules: tuple[tuple[bool, ...], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def modules(self) -> tuple[tuple[bool, ...], ...]:
        """The rows that are drawn, quiet zone included; True is dark."""
        return self._modules

    def show_address(self, address: str) -> None:
        """Draw this address; what is too long for a picture shows none."""
        from relaywright.identity.qr_picture import modules_of

        try:
            self._modules = modules_of(address) if address else ()
        except ValueError:
            self._modules = ()
        self.setAccessibleName(f"QR picture of {address}")
        self.setVisible(bool(self._modules))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = MODULE_PX * len(self._modules)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._modules:
            return
        painter = QPainter(self)
        side = min(self.width(), self.height())
        # Whole device pixels for each module: readers stumble over smeared edges.
        ratio = self.devicePixelRatioF()
        pixel = max(1, int(side * ratio // len(self._modules))) / ratio
        edge = pixel * len(self._modules)
        left, top = round((self.width() - edge) / 2), round((self.height() - edge) / 2)
        painter.fillRect(QRectF(left, top, edge, edge), Qt.GlobalColor.white)
        for y, row in enumerate(self._modules):
            for x, dark in enumerate(row):
                if dark:
                    painter.fillRect(QRectF(left + x * pixel, top + y * pixel, pixel, pixel), Qt.GlobalColor.black)
