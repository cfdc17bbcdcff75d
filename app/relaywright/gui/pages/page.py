"""What the window asks of every page: show a profile, tell what changed, say what a person should read.

A page is built when it is first shown, with what it needs as keyword arguments. It never reaches for the window.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from relaywright.domain.profile import RelayProfile
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.columns import PageScroll


class Page(QWidget):
    """Base of all pages. Subclasses overwrite :meth:`show_profile` and put their parts into ``content``."""

    profile_changed = Signal(object)
    """The RelayProfile as it is now stored; the window refreshes list, header and road."""
    message_posted = Signal(str, str)
    """A text for the toast and its level: ``info``, ``ok``, ``warning`` or ``error``."""
    page_requested = Signal(str)
    """Another page should come to front: ``settings``, ``sign-in``, ``test``, ``export`` or ``history``."""

    script_written = Signal(object)
    """A Script for the administrator; the window shows it in a dialog."""
    sign_in_changed = Signal(object)
    """What the RelayProfile signs in with has come or gone; the window asks anew what ends."""

    def __init__(self, parent: QWidget | None = None, *, scrolls: bool = True) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._profile: RelayProfile | None = None
        if not scrolls:
            self.content = outer
            outer.setContentsMargins(0, GRID_PX, 0, 0)
            outer.setSpacing(2 * GRID_PX - 4)
            return
        outer.setContentsMargins(0, GRID_PX, 0, 0)
        area = PageScroll(self)
        self.content = area.column
        outer.addWidget(area)

    @property
    def profile(self) -> RelayProfile | None:
        """The profile that is shown."""
        return self._profile

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show this profile (or none). Called again when it was changed elsewhere."""
        self._profile = profile

    def flush(self) -> None:
        """Keep what was typed, before a test begins or the window closes. Raises RelaywrightError when it cannot."""

    def begin(self) -> None:
        """Do the page's main thing; on the test page, send."""

    def is_busy(self) -> bool:
        """Whether work is under way that Esc should cancel."""
        return False

    def cancel(self) -> None:
        """Cancel that work."""
