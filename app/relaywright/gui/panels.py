"""Opens what floats over the window: new profile, import, share, about. Each is loaded when it is first wanted."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import JobRunner

if TYPE_CHECKING:
    from relaywright.bootstrap import Services


class Panels(QObject):
    """The dialogs of one window; none of them blocks it."""

    profiles_changed = Signal(str)
    """Profiles were added or changed; the id of the one to show, or empty."""
    message_posted = Signal(str, str)
    """A text for the toast and its level."""

    def __init__(self, window: QWidget, services: "Services", jobs: JobRunner) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._jobs = jobs

    def new_profile(self) -> None:
        """Ask for a name and a method."""

    def import_profiles(self, path: Path | None = None) -> None:
        """Open a bundle; without a path, ask for the file first."""

    def share(self, profiles: Sequence[RelayProfile]) -> None:
        """Make a bundle of these profiles."""

    def about(self) -> None:
        """Say which version this is, where its data is, and whose work it stands on."""
