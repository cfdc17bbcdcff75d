"""Opens what floats over the window: new profile, import, share, explain, what ends, scripts, about.

Each is loaded when it is wanted.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import JobRunner

if TYPE_CHECKING:
    from relaywright.bootstrap import Services
    from relaywright.services.administrator_scripts import Script
    from relaywright.services.share_profiles import SharedFile, Taken


class Panels(QObject):
    """The dialogs of one window; none of them blocks it."""

    profiles_changed = Signal(str)
    """Profiles were added or changed; the id of the one to show, or empty."""
    message_posted = Signal(str, str)
    """A text for the toast and its level."""

    sign_in_requested = Signal(str)
    """The id of a profile whose Sign-in page should come to front."""

    def __init__(self, window: QWidget, services: "Services", jobs: JobRunner) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._jobs = jobs

    def new_profile(self) -> None:
        """Ask for a name and a method."""
        from relaywright.gui.dialogs.new_profile import NewProfileDialog

        dialog = NewProfileDialog(services=self._services, jobs=self._jobs, parent=self._window)
        dialog.created.connect(self._on_created)
        dialog.open()

    def import_profiles(self, path: Path | None = None) -> None:
        """Open a bundle; without a path, ask for the file first."""
        from relaywright.gui.dialogs.import_profiles import ImportDialog

        dialog = ImportDialog(services=self._services, jobs=self._jobs, path=path, parent=self._window)
        dialog.taken.connect(self._on_taken)
        dialog.open()

    def share(self, profile: RelayProfile) -> None:
        """Make a bundle, of this profile to begin with."""
        from relaywright.gui.dialogs.share_profiles import ShareDialog

        dialog = ShareDialog(services=self._services, jobs=self._jobs, profile_ids=(profile.id,), parent=self._window)
        dialog.shared.connect(self._on_shared)
        dialog.open()

    def explain(self, profile: RelayProfile | None = None, path: Path | None = None) -> None:
        """Explain what is pasted or dropped, or this file; commands are filled with the profile's values."""
        from relaywright.gui.dialogs.explain_reply import ExplainSheet

        ExplainSheet(
            texts=self._services.pasted, jobs=self._jobs, profile=profile, path=path, parent=self._window
        ).open()

    def expiries(self) -> None:
        """Show when sign-ins, secrets and certificates end."""
        from relaywright.gui.dialogs.expiry_overview import ExpiryOverview

        dialog = ExpiryOverview(services=self._services, jobs=self._jobs, parent=self._window)
        dialog.profile_chosen.connect(self.sign_in_requested)
        dialog.open()

    def show_script(self, script: "Script") -> None:
        """Show a script for the administrator, to be copied or saved."""
        from relaywright.gui.dialogs.administrator_script import ScriptSheet

        sheet = ScriptSheet(script, scripts=self._services.scripts, jobs=self._jobs, parent=self._window)
        sheet.saved.connect(self._on_script_saved)
        sheet.open()

    def about(self) -> None:
        """Say which version this is, where its data is, and whose work it stands on."""
        from relaywright.gui.dialogs.about import AboutDialog

        AboutDialog(self._services.data_dir, self._window).open()

    def _on_script_saved(self, path: str) -> None:
        self.message_posted.emit(f"Wrote {path}.", "ok")

    def _on_created(self, profile: RelayProfile) -> None:
        self.profiles_changed.emit(profile.id)

    def _on_taken(self, taken: "list[Taken]") -> None:
        self.profiles_changed.emit("")
        count = len(taken)
        self.message_posted.emit(f"Read {count} profile{'' if count == 1 else 's'} from the bundle.", "ok")

    def _on_shared(self, shared: "SharedFile") -> None:
        self.message_posted.emit(f"Wrote {shared.path.name}.", "ok")
