"""The pages of a profile behind their tabs; each is built when it is first shown, so that starting stays quick."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from relaywright.domain.profile import RelayProfile
from relaywright.gui import keyboard, theme
from relaywright.gui.pages.page import Page
from relaywright.gui.theme import TextStyle
from relaywright.gui.widgets.columns import SCROLL_BAR_PX


class _Tabs(QTabBar):
    """The tabs with a hairline below."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        room = SCROLL_BAR_PX + 2  # it ends where the cards end
        line = self.rect().adjusted(room if rtl else 0, self.height() - 1, 0 if rtl else -room, 0)
        painter.fillRect(line, QColor(theme.colours_of(self.palette()).line))
        painter.end()
        super().paintEvent(event)


class PageDeck(QWidget):
    """Tabs above, the page below."""

    built = Signal(object)
    """A Page was built; the window connects what it needs."""
    turned = Signal(str)
    """Another page came to front."""

    def __init__(
        self, pages: Sequence[tuple[str, str, Callable[[], Page]]], first: str, parent: QWidget | None = None
    ) -> None:
        """``pages``: id, title, and how it is built."""
        super().__init__(parent)
        self._ids = [item[0] for item in pages]
        self._builders = {item[0]: item[2] for item in pages}
        self._pages: dict[str, Page] = {}
        self._stale: set[str] = set()
        self._profile: RelayProfile | None = None
        self.tabs = _Tabs()
        self.tabs.setObjectName("tabs")
        self.tabs.setAccessibleName("Pages")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        font = theme.font(TextStyle.BODY)
        font.setWeight(font.Weight.Medium)
        self.tabs.setFont(font)
        for _, title, _builder in pages:
            self.tabs.addTab(title)
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self._stack, 1)
        self.tabs.setCurrentIndex(self._ids.index(first))
        self.tabs.currentChanged.connect(self._on_tab)

    @property
    def current_id(self) -> str:
        """The id of the page in front."""
        return self._ids[self.tabs.currentIndex()]

    def current(self) -> Page:
        """Return the page in front, building it if need be."""
        return self.page(self.current_id)

    def page(self, page_id: str) -> Page:
        """Return a page, building it if need be."""
        if page_id not in self._pages:
            page = self._builders[page_id]()
            self._pages[page_id] = page
            self._stack.addWidget(page)
            self._stale.add(page_id)
            self.built.emit(page)
        return self._pages[page_id]

    def existing(self) -> Iterator[Page]:
        """Yield the pages built so far."""
        yield from self._pages.values()

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show a profile: on the page in front now, on the others when they come to front."""
        self._profile = profile
        self._stale = set(self._pages)
        self._freshen()

    def turn_to(self, page_id: str) -> None:
        """Bring a page to front."""
        self.tabs.setCurrentIndex(self._ids.index(page_id))
        self._freshen()

    def turn_by(self, step: int) -> None:
        """Bring the next (1) or previous (-1) page to front, around the end."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + step) % len(self._ids))

    def turn_to_number(self, number: int) -> None:
        """Bring the page with this number, from 0, to front."""
        if 0 <= number < len(self._ids):
            self.tabs.setCurrentIndex(number)

    def _freshen(self) -> None:
        page = self.current()
        before = self._stack.currentWidget()
        if before is not page and keyboard.is_within(before):
            self.tabs.setFocus(Qt.FocusReason.OtherFocusReason)  # else the keyboard would land anywhere in the window
        self._stack.setCurrentWidget(page)
        if self.current_id in self._stale:
            self._stale.discard(self.current_id)
            page.show_profile(self._profile)

    def _on_tab(self, _index: int) -> None:
        self._freshen()
        self.turned.emit(self.current_id)
