"""The Sign-in page: who is signed in for the profile, signing in through the browser, and what is asked of the tenant.

The flow is identity's, through the credentials service; the page opens the browser, shows that it waits, and can stop
waiting at once. A profile with a password shows its secret's panel instead.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.gui.jobs import Emit, Job, JobRunner
from relaywright.gui.models import sign_in_words as words
from relaywright.gui.models.sign_in_words import SignInSeen
from relaywright.gui.pages.page import Page
from relaywright.gui.pages.secret_panel import SecretPanel
from relaywright.gui.pages.sign_in_request import asked_of_tenant, request_text
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card, Edge
from relaywright.gui.widgets.columns import PageScroll
from relaywright.gui.widgets.explanation_view import ExplanationView
from relaywright.gui.widgets.fact_list import FactList
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label
from relaywright.services.credentials import SignInResult
from relaywright.store.records import SignInRecord
from relaywright.vault.vault import KeyringStateKind

if TYPE_CHECKING:
    from relaywright.bootstrap import Services


class SignInPage(Page):
    """Shows one profile's sign-in and runs it."""

    signed_in = Signal(object)  # the RelayProfile somebody signed in for
    signed_out = Signal(object)  # the RelayProfile whose sign-in was forgotten
    secret_changed = Signal(object)  # the RelayProfile whose secret was stored or forgotten

    def __init__(self, *, services: Services, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent, scrolls=False)
        self._services = services
        self._jobs = jobs
        self._seen: SignInSeen | None = None
        self._waiting: Job | None = None
        self._waiting_for = ""
        self._address = ""
        self._faults: dict[str, RelaywrightError] = {}
        self._results: dict[str, SignInResult] = {}
        self._build()
        self.show_profile(None)

    # what the window calls

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show who is signed in for this profile. A sign-in that waits for another profile goes on waiting there."""
        if profile is None or self._profile is None or profile.id != self._profile.id:
            self._seen = None
        super().show_profile(profile)
        self.setEnabled(profile is not None)
        self._secret.show_profile(profile)
        self._show()
        if profile is not None and profile.auth is Auth.OAUTH:
            self._look()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask anew when the page comes back: the terminal may have signed in or out."""
        super().showEvent(event)
        if not event.spontaneous() and self._profile is not None and self._profile.auth is Auth.OAUTH:
            self._look()

    def is_busy(self) -> bool:
        """Whether a sign-in waits for the browser."""
        return self._waiting is not None

    def cancel(self) -> None:
        """Stop waiting for the browser."""
        if self._waiting is not None:
            self._waiting.cancel()

    def start_sign_in(self) -> None:
        """Open the browser for the shown profile, in the place of a sign-in that still waits."""
        profile = self._profile
        if profile is None or profile.auth is not Auth.OAUTH:
            return
        self.cancel()
        services = self._services

        def work(emit: Emit, cancel: CancelToken) -> SignInResult:
            return services.credentials.sign_in(profile, emit, cancel)

        self._faults.pop(profile.id, None)
        self._address = ""
        self._waiting_for = profile.id
        job = self._waiting = self._jobs.start(work, owner=self)
        job.progressed.connect(self._on_address)
        job.succeeded.connect(self._on_signed_in)
        job.failed.connect(self._on_not_signed_in)
        job.finished.connect(self._on_finished)
        self._show()
        self._cancel.setFocus()

    # building

    def _build(self) -> None:
        self._card = Card("Sign-in")
        self._headline = label("", TextStyle.STRONG, wrap=True)
        self._sub_line = label("", TextStyle.BODY, Tone.SOFT, wrap=True)
        self._remark = Remark()
        self._explanation = ExplanationView()
        self._keyring_remark = Remark(folds=False)
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Waiting for the browser")
        self._address_line = QLineEdit()
        self._address_line.setReadOnly(True)
        self._address_line.setAccessibleName("Address of the sign-in page")
        self._copy = button("Copy address", self._on_copy_address, icon="copy")
        self._open = button("Open again", self._on_open, icon="open")
        self._cancel = button("Cancel", self.cancel, icon="stop")
        self._sign_in = button("Sign in…", self.start_sign_in, kind=ButtonKind.PRIMARY)
        self._again = button("Sign in again…", self.start_sign_in)
        self._sign_out = button("Sign out", self._on_sign_out, icon="sign-out")
        self._settings = button("Go to the settings", self._on_settings)
        self._secret = SecretPanel(services=self._services, jobs=self._jobs)
        self._secret.secret_changed.connect(self.secret_changed)
        above: list[QWidget] = [self._headline, self._sub_line, self._remark, self._explanation, self._progress]
        for part in above:
            self._card.add(part)
        self._address_row = QWidget()
        row = QHBoxLayout(self._address_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID_PX)
        row.addWidget(self._address_line, 1)
        row.addWidget(self._copy)
        row.addWidget(self._open)
        self._card.add(self._address_row)
        actions = QHBoxLayout()
        actions.setSpacing(GRID_PX)
        for action in (self._sign_in, self._cancel, self._sign_out, self._again, self._settings):
            actions.addWidget(action)
        actions.addStretch(1)
        self._card.add(actions)
        self._card.add(self._keyring_remark)
        self._card.add(self._secret)
        self._build_facts()
        scroll = PageScroll()
        for card in (self._card, self._asked, self._notices):
            scroll.column.addWidget(card)
        scroll.column.addStretch(1)
        self.content.addWidget(scroll)

    def _build_facts(self) -> None:
        self._asked = Card("What is asked of the tenant")
        self._copy_asked = button("Copy for the administrator", self._on_copy_asked, kind=ButtonKind.QUIET, icon="copy")
        self._asked.head.addWidget(self._copy_asked)
        self._facts = FactList()
        self._asked.add(self._facts)
        self._notices = Card("Good to know")
        self._notice_column = QVBoxLayout()
        self._notice_column.setSpacing(GRID_PX)
        self._notices.add(self._notice_column)

    # showing

    @property
    def _is_waiting_here(self) -> bool:
        return self._waiting is not None and self._profile is not None and self._waiting_for == self._profile.id

    def _show(self) -> None:
        profile = self._profile
        oauth = profile is not None and profile.auth is Auth.OAUTH
        waiting = self._is_waiting_here
        account = self._seen.account if self._seen else None
        told = words.tell(profile, self._seen, waiting=waiting, result=self._results.get(profile.id if profile else ""))
        fault = self._fault()
        known = fault.explanation if fault is not None else None
        finding = _finding_of(fault) or told.finding
        missing = finding is not None and finding.field != ""
        self._remark.setVisible(finding is not None)
        if finding is not None:
            self._remark.show_finding(finding)
        self._explanation.setVisible(known is not None)
        if fault is not None and known is not None:
            self._explanation.show_explanation(known, fault.message)
        self._headline.setText(told.headline)
        self._headline.setVisible(bool(self._headline.text()))
        self._sub_line.setText(told.detail)
        self._sub_line.setVisible(bool(self._sub_line.text()))
        self._progress.setVisible(waiting)
        self._address_row.setVisible(waiting and bool(self._address))
        self._cancel.setVisible(waiting)
        self._sign_in.setVisible(oauth and not waiting and account is None and not missing)
        self._again.setVisible(oauth and not waiting and account is not None and not missing)
        self._sign_out.setVisible(oauth and not waiting and account is not None)
        self._settings.setVisible(missing or (profile is not None and profile.auth is Auth.NONE))
        self._secret.setVisible(profile is not None and profile.auth in {Auth.PASSWORD, Auth.OAUTH_APP})
        self._card.set_edge(self._edge(account, finding))
        self._show_keyring(oauth)
        self._show_asked()
        self._show_notices()

    def _fault(self) -> RelaywrightError | None:
        """Return why the last sign-in for this profile failed, until the next one begins."""
        return self._faults.get(self._profile.id) if self._profile is not None and not self._is_waiting_here else None

    def _edge(self, account: SignInRecord | None, finding: Finding | None) -> Edge:
        if finding is not None and finding.level is not Level.INFO:
            return Edge.ERROR if finding.level is Level.ERROR else Edge.WARN
        if self._profile is not None and self._profile.auth is Auth.OAUTH and not self._is_waiting_here:
            return Edge.OK if account is not None else Edge.NONE
        return Edge.NONE

    def _show_keyring(self, oauth: bool) -> None:
        """Say beforehand where the sign-in will be kept, when that is not simply the keyring."""
        keyring = self._seen.keyring if self._seen else None
        told = None
        if oauth and keyring is not None and keyring.kind is KeyringStateKind.ABSENT:
            told = Finding(
                "keyring-absent",
                Level.WARNING,
                keyring.detail,
                "The sign-in lasts until Relaywright ends.",
                (keyring.hint,),
            )
        elif oauth and keyring is not None and keyring.kind is KeyringStateKind.LOCKED:
            told = Finding("keyring-locked", Level.INFO, keyring.detail)
        self._keyring_remark.setVisible(told is not None)
        if told is not None:
            self._keyring_remark.show_finding(told)

    def _show_asked(self) -> None:
        profile = self._profile
        shown = profile is not None and profile.auth in {Auth.OAUTH, Auth.OAUTH_APP}
        cloud = self._services.catalog.clouds.get(profile.cloud) if profile is not None and shown else None
        self._asked.setVisible(cloud is not None)
        if profile is not None and cloud is not None:
            self._facts.show_facts(asked_of_tenant(profile, cloud))

    def _show_notices(self) -> None:
        while (item := self._notice_column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        profile = self._profile
        today = datetime.datetime.now(datetime.UTC).date()
        notices = self._services.catalog.notices(profile, today) if profile is not None else []
        for notice in notices:
            self._notice_column.addWidget(Remark(notice))
        self._notices.setVisible(bool(notices))

    # asking

    def _look(self) -> None:
        profile = self._profile
        if profile is None:
            return
        services = self._services

        def work(_emit: Emit, _cancel: CancelToken) -> tuple[str, SignInSeen]:
            return profile.id, SignInSeen(services.credentials.account(profile), services.credentials.keyring_state())

        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_seen)
        job.failed.connect(self._on_failed)

    def _on_seen(self, result: tuple[str, SignInSeen]) -> None:
        profile_id, seen = result
        if self._profile is not None and self._profile.id == profile_id:
            self._seen = seen
            self._show()

    # what the person does

    def _on_sign_out(self) -> None:
        profile = self._profile
        if profile is None:
            return
        services = self._services

        def work(_emit: Emit, _cancel: CancelToken) -> RelayProfile:
            services.credentials.sign_out(profile)
            return profile

        self._faults.pop(profile.id, None)
        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_signed_out)
        job.failed.connect(self._on_failed)

    def _on_copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._address)
        self.message_posted.emit("The address is in the clipboard.", "info")

    def _on_open(self) -> None:
        if self._address and not QDesktopServices.openUrl(QUrl(self._address)):
            self.message_posted.emit("No browser could be opened. Copy the address into one.", "warning")

    def _on_copy_asked(self) -> None:
        profile = self._profile
        if profile is not None:
            cloud = self._services.catalog.cloud(profile.cloud)
            QGuiApplication.clipboard().setText(request_text(profile, cloud))
            self.message_posted.emit("The request is in the clipboard, ready for a mail to the administrator.", "info")

    def _on_settings(self) -> None:
        self.page_requested.emit("settings")

    # what comes back

    def _on_address(self, address: str) -> None:
        self._address = address
        self._address_line.setText(address)
        self._address_line.setCursorPosition(0)
        self._show()
        self._on_open()

    def _on_signed_in(self, result: SignInResult) -> None:
        self._results[result.account.profile_id] = result
        profile = self._profile
        if profile is not None and profile.id == result.account.profile_id:
            self.signed_in.emit(profile)

    def _on_signed_out(self, profile: RelayProfile) -> None:
        self._results.pop(profile.id, None)
        self.signed_out.emit(profile)
        self._look()

    def _on_not_signed_in(self, error: RelaywrightError) -> None:
        # A sign-in that was given up for another one says nothing any more.
        if self.sender() is self._waiting:
            self._faults[self._waiting_for] = error
            self._show()

    def _on_failed(self, error: RelaywrightError) -> None:
        if self._profile is not None:
            self._faults[self._profile.id] = error
            self._show()

    def _on_finished(self) -> None:
        if self.sender() is not self._waiting:
            return
        self._waiting = None
        self._address = ""
        had_keyboard = self._cancel.hasFocus()
        self._show()
        if had_keyboard:
            way = next((item for item in (self._sign_in, self._again) if item.isVisibleTo(self)), None)
            if way is not None:
                way.setFocus()
        self._look()


def _finding_of(fault: RelaywrightError | None) -> Finding | None:
    if fault is None:
        return None
    if fault.explanation is not None:  # cause, steps and the service's own words stand below it
        return Finding("fault", Level.ERROR, fault.explanation.title)
    return Finding("fault", Level.ERROR, fault.message, fault.hint)
