"""The Sign-in page: who or what signs in for the profile, how that stands, and what it asks of the tenant.

A person's sign-in is run by sign_in_flow.py; an application's credential, the token and the registration have cards of
their own. A profile with a password shows its secret's panel.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from relaywright.catalog.catalog import values_of
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.gui.jobs import Emit, JobRunner
from relaywright.gui.models import sign_in_words as words
from relaywright.gui.models.sign_in_words import SignInSeen
from relaywright.gui.pages.app_credential_card import AppCredentialCard
from relaywright.gui.pages.page import Page
from relaywright.gui.pages.registration_card import RegistrationCard
from relaywright.gui.pages.secret_panel import SecretPanel
from relaywright.gui.pages.sign_in_flow import SignInFlow, Waiting
from relaywright.gui.pages.token_card import TokenCard
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card, Edge
from relaywright.gui.widgets.columns import PageScroll
from relaywright.gui.widgets.device_code_view import DeviceCodeView
from relaywright.gui.widgets.explanation_view import ExplanationView, empty
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label
from relaywright.services.credentials import SignInResult
from relaywright.services.sign_in_ladder import Rung
from relaywright.store.records import SignInRecord, SignInWay
from relaywright.vault.vault import KeyringStateKind

if TYPE_CHECKING:
    from relaywright.bootstrap import Services


_BROKER_FAULTS = {"broker-closed", "sign-in-broker-gone", "sign-in-timed-out"}
"""What the browser may get over, where Windows' account broker did not."""


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
        self.flow = SignInFlow(services, jobs, self)
        self._build()
        self._connect_parts()
        self.show_profile(None)

    # what the window calls

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show who is signed in for this profile. A sign-in that waits for another profile goes on waiting there."""
        if profile is None or self._profile is None or profile.id != self._profile.id:
            self._seen = None
        super().show_profile(profile)
        self.setEnabled(profile is not None)
        self._secret.show_profile(profile)
        self._application.show_profile(profile)
        self._token.show_profile(profile)
        self._registration.show_profile(profile)
        self._show()
        if profile is not None and profile.auth is Auth.OAUTH:
            self._look()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask anew when the page comes back: the terminal may have signed in or out."""
        super().showEvent(event)
        if not event.spontaneous() and self._profile is not None and self._profile.auth is Auth.OAUTH:
            self._look()

    def is_busy(self) -> bool:
        """Whether a sign-in waits for its person."""
        return self.flow.is_waiting

    def cancel(self) -> None:
        """Stop waiting for the person."""
        self.flow.cancel()

    def start_sign_in(self) -> None:
        """Sign in for the shown profile the first way that works, in the place of a sign-in that still waits."""
        self._start(SignInWay.BROKER)

    def start_in_browser(self) -> None:
        """Sign in with the browser, whatever else there is."""
        self._start(SignInWay.BROWSER)

    def start_with_code(self) -> None:
        """Sign in for the shown profile on another device."""
        self._start(SignInWay.DEVICE_CODE)

    def _start(self, way: SignInWay) -> None:
        profile = self._profile
        if profile is not None and profile.auth is Auth.OAUTH:
            self.flow.start(profile, way, int(self.window().winId()))
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
        self._progress.setAccessibleName("Waiting for the sign-in")
        self._rungs = QVBoxLayout()
        self._rungs.setSpacing(GRID_PX)
        self._shown_rungs: tuple[Rung, ...] = ()
        self._code = DeviceCodeView()
        self._build_buttons()
        self._secret = SecretPanel(services=self._services, jobs=self._jobs)
        above: list[QWidget] = [self._headline, self._sub_line, self._remark, self._progress]
        for part in (*above, self._address_row, self._code):
            self._card.add(part)
        self._card.add(self._rungs)
        actions = QHBoxLayout()
        actions.setSpacing(GRID_PX)
        for action in (
            self._sign_in,
            self._again,
            self._with_browser,
            self._with_code,
            self._cancel,
            self._browser_instead,
            self._code_instead,
            self._sign_out,
            self._settings,
        ):
            actions.addWidget(action)
        actions.addStretch(1)
        self._card.add(actions)
        self._card.add(self._explanation)
        self._card.add(self._keyring_remark)
        self._card.add(self._secret)
        self._application = AppCredentialCard(services=self._services, jobs=self._jobs)
        self._token = TokenCard(services=self._services, jobs=self._jobs)
        self._registration = RegistrationCard(services=self._services, jobs=self._jobs)
        self._notices = Card("Good to know")
        self._notice_column = QVBoxLayout()
        self._notice_column.setSpacing(GRID_PX)
        self._notices.add(self._notice_column)
        scroll = PageScroll()
        for card in (self._card, self._application, self._token, self._registration, self._notices):
            scroll.column.addWidget(card)
        scroll.column.addStretch(1)
        self.content.addWidget(scroll)

    def _build_buttons(self) -> None:
        self._address_line = QLineEdit()
        self._address_line.setReadOnly(True)
        self._address_line.setAccessibleName("Address of the sign-in page")
        self._copy = button("Copy address", self._on_copy_address, icon="copy")
        self._open = button("Open again", self._on_open, icon="open")
        self._address_row = QWidget()
        row = QHBoxLayout(self._address_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID_PX)
        row.addWidget(self._address_line, 1)
        row.addWidget(self._copy)
        row.addWidget(self._open)
        self._cancel = button("Cancel", self.cancel, icon="stop")
        self._sign_in = button("Sign in…", self.start_sign_in, kind=ButtonKind.PRIMARY)
        self._again = button("Sign in again…", self.start_sign_in)
        self._with_code = button(
            "With a device code…", self.start_with_code, tip="For computers without a browser: sign in on another one."
        )
        self._with_browser = button("With the browser…", self.start_in_browser)
        self._browser_instead = button("Use the browser instead", self.start_in_browser, kind=ButtonKind.QUIET)
        self._code_instead = button("Use a device code instead", self.start_with_code, kind=ButtonKind.QUIET)
        self._sign_out = button("Sign out", self._on_sign_out, icon="sign-out")
        self._settings = button("Go to the settings", self._on_settings)

    def _connect_parts(self) -> None:
        self.flow.changed.connect(self._show)
        self.flow.page_opened.connect(self._on_page_opened)
        self.flow.signed_in.connect(self._on_signed_in)
        self.flow.ended.connect(self._on_ended)
        for source in (self._secret, self._application):
            source.secret_changed.connect(self.secret_changed)
            source.secret_changed.connect(self._token.forget)
        self._registration.message_posted.connect(self.message_posted)
        self._registration.script_written.connect(self.script_written)
        self._application.message_posted.connect(self.message_posted)

    # showing

    @property
    def _waiting(self) -> Waiting | None:
        return self.flow.waiting_for(self._profile.id) if self._profile is not None else None

    def _show(self) -> None:
        profile, waiting = self._profile, self._waiting
        oauth = profile is not None and profile.auth is Auth.OAUTH
        profile_id = profile.id if profile is not None else ""
        account = self._seen.account if self._seen else None
        result = self.flow.result(profile_id)
        told = words.tell(profile, self._seen, waiting=words.WAITING[waiting.way] if waiting else None, result=result)
        fault = None if waiting else self.flow.fault(profile_id)
        finding = _finding_of(fault) or told.finding
        missing = finding is not None and finding.field in {"tenant", "client_id"}
        self._remark.setVisible(finding is not None)
        if finding is not None:
            self._remark.show_finding(finding)
        self._headline.setText(told.headline)
        self._headline.setVisible(bool(told.headline))
        self._sub_line.setText(told.detail)
        self._sub_line.setVisible(bool(told.detail))
        self._show_explanation(fault, None if waiting else account)
        self._show_waiting(waiting)
        self._show_rungs(tuple(waiting.rungs) if waiting else result.rungs if result is not None else ())
        idle = oauth and waiting is None and not missing
        ended = account is not None and account.ended_at is not None
        self._sign_in.setVisible(idle and (account is None or ended))
        self._sign_in.setText("Sign in again…" if ended else "Sign in…")
        self._again.setVisible(idle and account is not None and not ended)
        by_broker = account is not None and account.via is SignInWay.BROKER
        self._with_browser.setVisible(idle and (by_broker or (fault is not None and fault.id in _BROKER_FAULTS)))
        self._with_code.setVisible(idle)
        self._sign_out.setVisible(oauth and waiting is None and account is not None)
        self._settings.setVisible(missing or (profile is not None and profile.auth is Auth.NONE))
        self._secret.setVisible(profile is not None and profile.auth is Auth.PASSWORD)
        self._token.setVisible(
            profile is not None
            and not missing
            and (profile.auth is Auth.OAUTH_APP or (oauth and account is not None and waiting is None))
        )
        self._card.setVisible(profile is None or profile.auth is not Auth.OAUTH_APP)
        self._card.set_edge(self._edge(account, finding, ended=ended))
        self._show_keyring(oauth)
        self._show_notices()

    def _show_waiting(self, waiting: Waiting | None) -> None:
        code = waiting.code if waiting else None
        self._progress.setVisible(waiting is not None and code is None)
        self._address_row.setVisible(waiting is not None and bool(waiting.address))
        if waiting is not None and self._address_line.text() != waiting.address:
            self._address_line.setText(waiting.address)
            self._address_line.setCursorPosition(0)
        if code != self._code.code or code is None:
            self._code.show_code(code)
        self._cancel.setVisible(waiting is not None)
        self._browser_instead.setVisible(waiting is not None and waiting.way is SignInWay.BROKER)
        self._code_instead.setVisible(waiting is not None and waiting.way is SignInWay.BROWSER)

    def _show_rungs(self, rungs: tuple[Rung, ...]) -> None:
        """Say which ways were passed over, while the next one is tried and after it worked."""
        if rungs != self._shown_rungs:
            self._shown_rungs = rungs
            empty(self._rungs)
            for rung in rungs:
                self._rungs.addWidget(Remark(words.passed_over(rung), folds=False))

    def _show_explanation(self, fault: RelaywrightError | None, account: SignInRecord | None) -> None:
        """Say why the last sign-in failed, or why the stored one has ended."""
        said, known = "", None
        if fault is not None:
            said, known = fault.message, fault.explanation
        elif account is not None and account.ended_why and self._profile is not None:
            said = account.ended_why
            known = self._services.catalog.explain_sign_in(said, values_of(self._profile))
        self._explanation.setVisible(known is not None)
        if known is not None:
            self._explanation.show_explanation(known, said)

    def _edge(self, account: SignInRecord | None, finding: Finding | None, *, ended: bool) -> Edge:
        waiting = self._waiting is not None
        if ended and not waiting:
            return Edge.ERROR
        if finding is not None and finding.level is not Level.INFO:
            return Edge.ERROR if finding.level is Level.ERROR else Edge.WARN
        if self._profile is not None and self._profile.auth is Auth.OAUTH and not waiting:
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

    def _show_notices(self) -> None:
        empty(self._notice_column)
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
            account, keyring = services.credentials.account(profile), services.credentials.keyring_state()
            expiries = services.expiries.all(datetime.datetime.now(datetime.UTC), [profile])
            return profile.id, SignInSeen(account, keyring, next(iter(expiries), None))

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

        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_signed_out)
        job.failed.connect(self._on_failed)

    def _on_copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._address_line.text())
        self.message_posted.emit("The address is in the clipboard.", "info")

    def _on_open(self) -> None:
        address = self._address_line.text()
        if address and not QDesktopServices.openUrl(QUrl(address)):
            self.message_posted.emit(
                "No browser could be opened. Copy the address into one, or use a device code.", "warning"
            )

    def _on_settings(self) -> None:
        self.page_requested.emit("settings")

    # what comes back

    def _on_page_opened(self, address: str) -> None:
        self._address_line.setText(address)
        self._address_line.setCursorPosition(0)
        self._on_open()

    def _on_signed_in(self, result: SignInResult) -> None:
        profile = self._profile
        if profile is not None and profile.id == result.account.profile_id:
            self._token.forget()
            self.signed_in.emit(profile)

    def _on_signed_out(self, profile: RelayProfile) -> None:
        self.flow.forget(profile.id)
        self._token.forget()
        self.signed_out.emit(profile)
        self._look()

    def _on_failed(self, error: RelaywrightError) -> None:
        if self._profile is not None:
            self.flow.set_fault(self._profile.id, error)

    def _on_ended(self) -> None:
        had_keyboard = any(item.hasFocus() for item in (self._cancel, self._browser_instead, self._code_instead))
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
