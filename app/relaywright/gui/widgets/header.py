"""The head of the window: the profile's name, chips that say what it is, and the things to do with it."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QLayoutItem, QSizePolicy, QVBoxLayout, QWidget

from relaywright.domain.finding import Level
from relaywright.gui import icons
from relaywright.gui.models import wording
from relaywright.gui.models.profile_facts import ChipText
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.chip import Chip, ChipButton, ChipKind
from relaywright.gui.widgets.text import ButtonKind, button, label

NARROW_CHARS = 95
"""Below this width, in average characters of the font, the lesser buttons are icons only."""

_CHIP_KINDS: dict[Level | None, ChipKind] = {
    Level.ERROR: ChipKind.ERROR,
    Level.WARNING: ChipKind.WARN,
    Level.INFO: ChipKind.INFO,
}


class FlowLayout(QLayout):
    """Lays chips out in lines, as words in a paragraph; from right to left where text runs so."""

    def __init__(self, spacing: int = 6) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def clear(self) -> None:
        """Remove all chips."""
        while self._items:
            widget = self._items.pop().widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        parent = self.parentWidget()
        rtl = parent is not None and parent.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = y = line = 0
        for item in self._items:
            size = item.sizeHint()
            width = min(size.width(), rect.width())
            if x and x + width > rect.width():
                x, y, line = 0, y + line + self.spacing(), 0
            if move:
                left = rect.right() + 1 - x - width if rtl else rect.left() + x
                item.setGeometry(QRect(left, rect.top() + y, width, size.height()))
            x += width + self.spacing()
            line = max(line, size.height())
        return y + line


class ElidedTitle(QLabel):
    """A title that is cut with “…” when there is no room, and told in full in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(label("", TextStyle.TITLE).font())
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(120)

    def show_text(self, text: str) -> None:
        """Show this text."""
        if text == self._whole:
            return
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(wording.tip(self._whole) if shown != self._whole else "")


class Header(QWidget):
    """Title, chips and actions of the shown profile."""

    check_requested = Signal()
    send_requested = Signal()
    cancel_requested = Signal()
    export_requested = Signal()
    share_requested = Signal()
    page_requested = Signal(str)
    """A chip was pressed that leads to this page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self._shown: list[ChipText] = []
        self._title = ElidedTitle()
        self._title.setObjectName("title")
        self._chip_box = QWidget()
        self._chips = FlowLayout()
        self._chip_box.setLayout(self._chips)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._chip_box.setSizePolicy(policy)
        self.check = button("Check", self.check_requested.emit, icon="shield", tip="Sign in, send nothing")
        self.check.setObjectName("check")
        self.send = button("Send test", self._on_send, kind=ButtonKind.PRIMARY, icon="send")
        self.send.setObjectName("send")
        self.export = button("Export…", self.export_requested.emit, icon="export", tip="Settings for the device")
        self.share = button("Share…", self.share_requested.emit, icon="share", tip="An encrypted bundle")
        line = QHBoxLayout()
        line.setSpacing(GRID_PX)
        line.addWidget(self._title, 1)
        for item in (self.check, self.send, self.export, self.share):
            line.addWidget(item)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX)
        column.addLayout(line)
        column.addWidget(self._chip_box)

    def show_profile(self, title: str, chips: Sequence[ChipText]) -> None:
        """Show a title and its chips; chips that stay are not made anew."""
        self._title.show_text(title)
        if chips == self._shown:
            return
        self._shown = list(chips)
        self._chips.clear()
        for item in chips:
            chip = self._chip(item)
            if item.tip:
                chip.setToolTip(wording.tip(item.tip))
            self._chips.addWidget(chip)
            if item.page:
                self.setTabOrder(self.share, chip)  # made late, it would else come last in the window
            chip.show()
        self._chip_box.updateGeometry()

    def _chip(self, item: ChipText) -> QWidget:
        kind = _CHIP_KINDS.get(item.level, ChipKind.PLAIN)
        if not item.page:
            return Chip(item.text, kind)
        chip = ChipButton(item.text, kind)
        chip.clicked.connect(partial(self.page_requested.emit, item.page))
        return chip

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words off the lesser buttons when the title needs the room; their names stay."""
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW_CHARS * self.fontMetrics().averageCharWidth()
        for item, words in ((self.check, "Check"), (self.export, "Export…"), (self.share, "Share…")):
            item.setText("" if narrow else words)
            item.setAccessibleName(words.rstrip("…"))

    def set_busy(self, busy: bool) -> None:
        """While a session runs, the main button cancels it."""
        if busy == self._busy:
            return
        self._busy = busy
        self.send.setText("Cancel" if busy else "Send test")
        self.send.setIcon(icons.icon("stop" if busy else "send", "on_accent"))
        self.check.setEnabled(not busy)

    def _on_send(self) -> None:
        (self.cancel_requested if self._busy else self.send_requested).emit()
