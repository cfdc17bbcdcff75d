"""The token lens in the window: what the profile wants of its token, what the token says, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import Emit, Job, JobRunner
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.explanation_view import empty
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.text import Tone, button, label
from relaywright.gui.widgets.token_table import TokenTable

if TYPE_CHECKING:
    from relaywright.bootstrap import Services
    from relaywright.identity.token_lens import TokenView


class TokenCard(Card):
    """Looks at a profile's token when asked: that may renew it, and may wait for the keyring."""

    def __init__(self, *, services: Services, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__("The token, held against the profile", parent=parent)
        self._services = services
        self._jobs = jobs
        self._profile: RelayProfile | None = None
        self._job: Job | None = None
        self.look = button("Look at the token", self.start, icon="search")
        self.head.addWidget(self.look)
        self._intro = label(
            "Its claims are read on this computer, before any server sees them. The token itself is never shown.",
            TextStyle.BODY,
            Tone.SOFT,
            wrap=True,
        )
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Waiting for the token")
        self.table = TokenTable()
        self._findings = QVBoxLayout()
        self._findings.setSpacing(GRID_PX)
        for part in (self._intro, self._progress, self.table):
            self.add(part)
        self.add(self._findings)
        self._show_view(None)

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Take another profile; what was seen of the last one's token is gone."""
        if profile != self._profile:
            self._profile = profile
            self.forget()

    def forget(self) -> None:
        """Show no token: it is another one now, or none."""
        if self._job is not None:
            self._job.cancel()
        self._job = None
        self._show_view(None)

    def start(self) -> None:
        """Look at the token of the profile that is shown."""
        profile = self._profile
        if profile is None:
            return
        self.forget()
        credentials = self._services.credentials

        def work(_emit: Emit, cancel: CancelToken) -> TokenView:
            return credentials.look_at_token(profile, cancel)

        job = self._job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_view)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        self._progress.show()

    def _on_view(self, view: TokenView) -> None:
        if self.sender() is self._job:
            self._show_view(view)

    def _on_failed(self, error: RelaywrightError) -> None:
        if self.sender() is self._job:
            self._show_view(None)
            self._findings.addWidget(Remark(Finding(error.id, Level.ERROR, error.message, error.hint), folds=False))

    def _on_finished(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self._progress.hide()

    def _show_view(self, view: TokenView | None) -> None:
        empty(self._findings)
        self._progress.hide()
        self.look.setText("Look again" if view is not None else "Look at the token")
        self._intro.setVisible(view is None)
        self.table.show_rows(view.rows if view is not None else ())
        for finding in view.findings if view is not None else ():
            self._findings.addWidget(Remark(finding, folds=False))
