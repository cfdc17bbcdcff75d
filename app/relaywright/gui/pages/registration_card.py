"""What a sign-in asks of the tenant: facts to copy, how sure they are, where to consent, and the scripts that do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.gui.jobs import Emit, JobRunner
from relaywright.gui.pages.sign_in_request import asked_of_tenant, doubts, request_text
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.explanation_view import empty
from relaywright.gui.widgets.fact_list import FactList
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label

if TYPE_CHECKING:
    from relaywright.bootstrap import Services
    from relaywright.services.administrator_scripts import Script


class RegistrationCard(Card):
    """Shows the facts for one profile; hidden for a profile without OAuth."""

    script_written = Signal(object)
    """A Script for the administrator, to be shown."""
    message_posted = Signal(str, str)

    def __init__(self, *, services: Services, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__("What is asked of the tenant", parent=parent)
        self._services = services
        self._jobs = jobs
        self._kinds: tuple[str, ...] = ()
        self._profile: RelayProfile | None = None
        self.copy = button("Copy for the administrator", self._on_copy, kind=ButtonKind.QUIET, icon="copy")
        self.head.addWidget(self.copy)
        self._facts = FactList()
        self._doubts = Remark(folds=False)
        self.buttons = QVBoxLayout()
        self.buttons.setSpacing(GRID_PX // 2)
        self._scripts_note = label(
            "A script sets all of it up, looks at what is there first, and can be tried with -WhatIf:",
            TextStyle.BODY,
            Tone.SOFT,
            wrap=True,
        )
        self.add(self._facts)
        self.add(self._doubts)
        self.add(self._scripts_note)
        self.add(self.buttons)

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show what this profile's sign-in needs."""
        self._profile = profile
        shown = profile is not None and profile.auth in {Auth.OAUTH, Auth.OAUTH_APP}
        cloud = self._services.catalog.clouds.get(profile.cloud) if profile is not None and shown else None
        self.setVisible(cloud is not None)
        if profile is None or cloud is None:
            return
        scope = self._services.catalog.app_scope(profile.method, cloud)
        facts = asked_of_tenant(profile, cloud, scope)
        address = self._services.scripts.consent_address(profile)
        if address is not None:
            facts.append(("An administrator consents at", address))
        self._facts.show_facts(facts)
        self._show_scripts(profile)
        doubt = doubts(profile, cloud)
        self._doubts.setVisible(doubt is not None)
        if doubt is not None:
            self._doubts.show_finding(doubt)

    def _show_scripts(self, profile: RelayProfile) -> None:
        kinds = self._services.scripts.kinds(profile)
        self._scripts_note.setVisible(bool(kinds))
        names = tuple(kind.id for kind in kinds)
        if names == self._kinds:
            return
        self._kinds = names
        empty(self.buttons)
        for kind in kinds:
            script = button(f"{kind.title}…", self._on_script, kind=ButtonKind.QUIET, icon="script")
            script.setProperty("script", kind.id)
            script.setProperty("inline", True)  # begins where the text above it does
            self.buttons.addWidget(script, 0, Qt.AlignmentFlag.AlignLeading)

    def _on_script(self) -> None:
        source = self.sender()
        if source is not None:
            self.open_script(str(source.property("script")))

    def open_script(self, kind_id: str) -> None:
        """Write this kind of script for the profile; ``script_written`` follows."""
        profile, scripts = self._profile, self._services.scripts
        if profile is None:
            return

        def work(_emit: Emit, _cancel: CancelToken) -> Script:
            return scripts.script(profile, kind_id)

        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self.script_written)
        job.failed.connect(self._on_failed)

    def _on_failed(self, error: RelaywrightError) -> None:
        self.message_posted.emit(f"{error.message} {error.hint}".strip(), "error")

    def _on_copy(self) -> None:
        if self._profile is not None:
            catalog = self._services.catalog
            cloud = catalog.cloud(self._profile.cloud)
            scope = catalog.app_scope(self._profile.method, cloud)
            QGuiApplication.clipboard().setText(request_text(self._profile, cloud, scope))
            self.message_posted.emit("The request is in the clipboard, ready for a mail to the administrator.", "info")
