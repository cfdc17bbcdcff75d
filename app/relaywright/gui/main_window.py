"""The frame on the screen. It comes up at once and empty, and is furnished right after its first paint.

What fills it is workbench.py's; loading that and the services first would make every start wait for them.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QMainWindow, QWidget

from relaywright.gui.colours import colours_of
from relaywright.gui.remembered import Remembered

if TYPE_CHECKING:  # each name costs a millisecond before the first paint, Qt itself forty
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent, QShowEvent

SIDEBAR_PX = 272
FIRST_PAINT_LIMIT_MS = 400
"""A window that starts minimised is never painted; it is furnished all the same."""


_FRAME = QSize(0, 32)
"""What the title bar takes, about: known only once the window is on the screen."""


class MainWindow(QMainWindow):
    """The one window of the program."""

    first_painted = Signal()
    """It is on the screen; sent once, in any case."""
    closing = Signal()
    """It is about to close: keep what was typed."""
    file_dropped = Signal(object)
    """A Path was dropped on it."""

    def __init__(self, remembered: Remembered) -> None:
        super().__init__()
        self.setWindowTitle("Relaywright")
        self.setAcceptDrops(True)
        self.setMinimumSize(820, 560)
        outline = _Outline()
        outline.painted.connect(self._tell_painted)
        self.setCentralWidget(outline)
        self._was_painted = False
        self._late = QTimer(self, singleShot=True, interval=FIRST_PAINT_LIMIT_MS)
        self._late.timeout.connect(self._tell_painted)
        geometry = remembered.geometry
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(QSize(1280, 860).boundedTo(self.screen().availableSize() - _FRAME))

    def showEvent(self, event: "QShowEvent") -> None:
        super().showEvent(event)
        if not self._was_painted:
            self._late.start()

    def _tell_painted(self) -> None:
        self._late.stop()
        if not self._was_painted:
            self._was_painted = True
            self.first_painted.emit()

    def closeEvent(self, event: "QCloseEvent") -> None:
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: "QDragEnterEvent") -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: "QDropEvent") -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.file_dropped.emit(files[0])


class _Outline(QWidget):
    """The grounds of side and middle, so that what follows appears in its place."""

    painted = Signal()

    def paintEvent(self, event: "QPaintEvent") -> None:  # noqa: ARG002 - Qt's signature
        colours = colours_of(self.palette())
        painter = QPainter(self)
        left = self.width() - SIDEBAR_PX if self.isRightToLeft() else 0
        painter.fillRect(left, 0, SIDEBAR_PX, self.height(), QColor(colours.sidebar))
        edge = left - 1 if self.isRightToLeft() else SIDEBAR_PX
        painter.fillRect(edge, 0, 1, self.height(), QColor(colours.line))
        painter.end()
        QTimer.singleShot(0, self.painted.emit)
