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
    from relaywright.gui.dialogs.sheet import Sheet
    from relaywright.services.share_profiles import SharedFile, Taken


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
        self._open: Sheet | None = None

    @property
    def open_panel(self) -> "Sheet | None":
        """What floats over the window now."""
        return self._open

    def new_profile(self) -> None:
        """Ask for a name and a method."""
        from relaywright.gui.dialogs.new_profile import NewProfileDialog

        dialog = NewProfileDialog(services=self._services, jobs=self._jobs, parent=self._window)
        dialog.created.connect(self._on_created)
        self._show(dialog)

    def import_profiles(self, path: Path | None = None) -> None:
        """Open a bundle; without a path, ask for the file first."""
        from relaywright.gui.dialogs.import_profiles import ImportDialog

        dialog = ImportDialog(services=self._services, jobs=self._jobs, path=path, parent=self._window)
        dialog.taken.connect(self._on_taken)
        self._show(dialog)

    def share(self, profiles: Sequence[RelayProfile]) -> None:
        """Make a bundle of these profiles."""
        from relaywright.gui.dialogs.share_profiles import ShareDialog

        ids = [profile.id for profile in profiles]
        dialog = ShareDialog(services=self._services, jobs=self._jobs, profile_ids=ids, parent=self._window)
        dialog.shared.connect(self._on_shared)
        self._show(dialog)

    def about(self) -> None:
        """Say which version this is, where its data is, and whose work it stands on."""
        from relaywright.gui.dialogs.about import AboutDialog

        self._show(AboutDialog(data_dir=self._services.data_dir, parent=self._window))

    def _show(self, dialog: "Sheet") -> None:
        """Open one panel at a time; a second one (a file dropped meanwhile) has to wait for the first."""
        if self._open is not None:
            self._open.raise_()
            self._open.activateWindow()
            dialog.deleteLater()
            return
        self._open = dialog
        dialog.finished.connect(self._on_closed)
        dialog.open()

    def _on_closed(self, _result: int) -> None:
        self._open = None

    def _on_created(self, profile: RelayProfile) -> None:
        self.profiles_changed.emit(profile.id)
        self.message_posted.emit(f"“{profile.name}” is ready. Send a test when its sign-in is set.", "ok")

    def _on_taken(self, results: "list[Taken]") -> None:
        from relaywright.services.share_profiles import Action

        changed = [item.name for item in results if item.action is not Action.KEPT]
        first = next((profile.id for profile in self._services.profiles.list() if profile.name in changed), "")
        self.profiles_changed.emit(first)

    def _on_shared(self, written: "SharedFile") -> None:
        self.message_posted.emit(f"Saved {written.path.name}.", "ok")
