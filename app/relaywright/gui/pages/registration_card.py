"""What a sign-in asks of the tenant: facts to copy, how sure each is, where an administrator consents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from relaywright.domain.profile import Auth, RelayProfile
from relaywright.gui.pages.sign_in_request import asked_of_tenant, doubts, request_text
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.fact_list import FactList
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.text import ButtonKind, button

if TYPE_CHECKING:
    from relaywright.bootstrap import Services


class RegistrationCard(Card):
    """Shows the facts for one profile; hidden for a profile without OAuth."""

    message_posted = Signal(str, str)

    def __init__(self, *, services: Services, parent: QWidget | None = None) -> None:
        super().__init__("What is asked of the tenant", parent=parent)
        self._services = services
        self._profile: RelayProfile | None = None
        self.copy = button("Copy for the administrator", self._on_copy, kind=ButtonKind.QUIET, icon="copy")
        self.head.addWidget(self.copy)
        self._facts = FactList()
        self._doubts = Remark(folds=False)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(GRID_PX)
        self.add(self._facts)
        self.add(self._doubts)
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
        self._facts.show_facts(asked_of_tenant(profile, cloud, scope))
        doubt = doubts(profile, cloud)
        self._doubts.setVisible(doubt is not None)
        if doubt is not None:
            self._doubts.show_finding(doubt)

    def _on_copy(self) -> None:
        if self._profile is not None:
            catalog = self._services.catalog
            cloud = catalog.cloud(self._profile.cloud)
            scope = catalog.app_scope(self._profile.method, cloud)
            QGuiApplication.clipboard().setText(request_text(self._profile, cloud, scope))
            self.message_posted.emit("The request is in the clipboard, ready for a mail to the administrator.", "info")
