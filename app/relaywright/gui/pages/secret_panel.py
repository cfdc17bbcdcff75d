"""A profile's secret: where it is kept, and storing, replacing or forgetting it. The stored one is never shown.

The keyring is asked in jobs, because unlocking it can wait for a person; a locked one is not asked just because a
profile is looked at. What the secret opens is told by the pages around.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import KeyringUnavailable, RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import Secret, SecretKind
from relaywright.gui.jobs import Emit, Job, JobRunner, Work
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.secret_end import SecretEnd
from relaywright.gui.widgets.secret_field import SecretField
from relaywright.gui.widgets.text import ButtonKind, button, label
from relaywright.services.credentials import Kept, secret_refs
from relaywright.vault.vault import KeyringState, KeyringStateKind

if TYPE_CHECKING:
    from relaywright.bootstrap import Services

LOOK_PAUSE_MS = 120
"""How long a profile must stay before its keyring entry is looked up: arrowing through a list asks nothing."""


@dataclass(frozen=True)
class SecretSeen:
    """What a look into the keyring gave. ``kept`` is None when a locked keyring was left alone."""

    kept: Kept | None
    keyring: KeyringState
    kind: SecretKind = SecretKind.PASSWORD
    ends_on: datetime.date | None = None


class SecretPanel(QWidget):
    """Shows the secret's state and takes a new one."""

    secret_changed = Signal(object)  # the RelayProfile whose secret was stored or forgotten

    def __init__(
        self, *, services: Services, jobs: JobRunner, with_end: bool = False, parent: QWidget | None = None
    ) -> None:
        """With ``with_end`` a client secret's last day is asked for and shown."""
        super().__init__(parent)
        self._services = services
        self._jobs = jobs
        self._with_end = with_end
        self._profile: RelayProfile | None = None
        self._seen: SecretSeen | None = None
        self._typed: dict[str, Secret] = {}
        self._replacing = False
        self._asking_to_forget = False
        self._busy = False
        self._job: Job | None = None
        self._fault: RelaywrightError | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_PAUSE_MS)
        self._timer.timeout.connect(self._look)
        self._build()
        self._show()

    @property
    def seen(self) -> SecretSeen | None:
        """What is known of the shown profile's secret; None while the keyring is being asked."""
        return self._seen

    def tab_stops(self) -> list[QWidget]:
        """Return what Tab reaches, in order."""
        return [
            self._field,
            self._store,
            self._session,
            self._cancel,
            self._replace,
            self._forget,
            self._really,
            self._unlock,
            self._end.field,
            self._end.keep,
        ]

    def look_again(self) -> None:
        """Look anew: something beside this panel has stored or forgotten a secret."""
        self._replacing = False
        self._timer.start()

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show the state of this profile's secret; what was typed for another one waits there."""
        before = self._profile
        if before is not None:
            self._typed[before.id] = self._field.secret()
        self._profile = profile
        if profile is None:
            self._field.forget()
            return
        if before is not None and before.id == profile.id and before.auth == profile.auth:
            return
        self._field.set_secret(self._typed.pop(profile.id, Secret("")))
        self._replacing = bool(self._field.secret())
        self._asking_to_forget = False
        self._fault = None
        self._seen = None
        self._job = None
        self._busy = False
        self._show()
        self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Look anew when the panel comes back: another page may have stored or forgotten it."""
        super().showEvent(event)
        if self._profile is not None and not event.spontaneous():
            self._timer.start()

    # building

    def _build(self) -> None:
        self._title = label("")
        self._state = Remark()
        self._field = SecretField("Password")
        self._field.entered.connect(self._on_store)
        self._field.textEdited.connect(self._show_buttons)
        self._title.setBuddy(self._field)
        self._store = button("Store", self._on_store)
        self._session = button("Keep for this run", self._on_keep_for_session)
        self._cancel = button("Cancel", self._on_cancel, kind=ButtonKind.QUIET)
        self._replace = button("Replace…", self._on_replace)
        self._forget = button("Forget…", self._on_forget)
        self._really = button("Forget it", self._on_really_forget, kind=ButtonKind.DANGER)
        self._unlock = button("Unlock and look", self._on_unlock, icon="unlock")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._state)
        line = QHBoxLayout()
        line.setSpacing(GRID_PX)
        line.addWidget(self._field, 1)
        line.addWidget(self._store)
        column.addLayout(line)
        actions = QHBoxLayout()
        actions.setSpacing(GRID_PX)
        for part in (self._unlock, self._session, self._replace, self._really, self._forget, self._cancel):
            actions.addWidget(part)
        actions.addStretch(1)
        column.addLayout(actions)
        self._end = SecretEnd()
        self._end.kept.connect(self._on_end_kept)
        column.addWidget(self._end)

    # showing

    def _show(self) -> None:
        word = self._word
        self._title.setText(f"&{word}")
        self._title.setVisible(not self._with_end)  # there, a heading stands above it
        self._field.setAccessibleName(word)
        finding = self._finding()
        if self._with_end and self._has_certificate and finding is not None and finding.level is Level.OK:
            finding = None  # the card around says it
        self._state.setVisible(finding is not None)
        if finding is not None:
            self._state.show_finding(finding)
        self._show_buttons()

    def _show_buttons(self) -> None:
        kept = self._seen.kept if self._seen else None
        stored = kept in {Kept.KEYRING, Kept.SESSION}
        typing = self._seen is not None and (not stored or self._replacing)
        unavailable = isinstance(self._fault, KeyringUnavailable) or self._is_absent
        self._field.setVisible(typing)
        self._field.setEnabled(not self._busy)
        self._field.setPlaceholderText(f"New {self._word.lower()}" if stored else f"{self._word} to store")
        has_text = bool(self._field.text())
        self._store.setVisible(typing and not self._is_absent)
        self._store.setEnabled(has_text and not self._busy)
        self._session.setVisible(typing and unavailable)
        self._session.setEnabled(has_text and not self._busy)
        self._cancel.setVisible((stored and self._replacing) or self._asking_to_forget)
        self._replace.setText("Use a client secret…" if self._has_certificate else "Replace…")
        self._replace.setVisible(stored and not self._replacing and not self._asking_to_forget)
        self._forget.setText("Forget the certificate…" if self._has_certificate else "Forget…")
        self._forget.setVisible(stored and not self._replacing and not self._asking_to_forget)
        self._really.setVisible(self._asking_to_forget)
        self._unlock.setVisible(self._seen is not None and kept is None)
        for part in (self._replace, self._forget, self._really, self._unlock):
            part.setEnabled(not self._busy)
        self._show_end(typing=typing, stored=stored)

    def _show_end(self, *, typing: bool, stored: bool) -> None:
        """Ask for the last day beside a client secret: with a new one, or later."""
        seen = self._seen
        is_secret = self._profile is not None and self._profile.auth is Auth.OAUTH_APP
        shown = self._with_end and is_secret and seen is not None
        self._end.setVisible(shown and (typing or (stored and not self._has_certificate)))
        self._end.show_state(seen.ends_on if seen is not None else None, typing=typing, busy=self._busy)

    @property
    def _word(self) -> str:
        return "Client secret" if self._profile and self._profile.auth is Auth.OAUTH_APP else "Password"

    @property
    def _stored_word(self) -> str:
        return "certificate" if self._has_certificate else self._word.lower()

    @property
    def _has_certificate(self) -> bool:
        return self._seen is not None and self._seen.kind is SecretKind.CLIENT_CERTIFICATE

    @property
    def _is_absent(self) -> bool:
        return self._seen is not None and self._seen.keyring.kind is KeyringStateKind.ABSENT

    def _finding(self) -> Finding | None:
        """Say where the secret is, as seen and not as hoped."""
        word = self._stored_word
        if self._fault is not None:
            return Finding("fault", Level.ERROR, self._fault.message, self._fault.hint)
        if self._asking_to_forget:
            return Finding("forget", Level.WARNING, f"Forget this {word}? It cannot be brought back")
        if self._busy:
            return Finding("busy", Level.INFO, "Waiting for the keyring…")
        if self._seen is None:
            return Finding("looking", Level.INFO, "Looking in the keyring…")
        return _told(self._seen, word if self._seen.kept in {Kept.KEYRING, Kept.SESSION} else self._word.lower())

    # asking the keyring

    def _look(self) -> None:
        self._start_look(ask=False)

    def _on_unlock(self) -> None:
        self._start_look(ask=True)

    def _start_look(self, *, ask: bool) -> None:
        profile = self._profile
        if profile is None:
            return
        services = self._services

        def work(_emit: Emit, _cancel: CancelToken) -> tuple[RelayProfile, SecretSeen]:
            return profile, look(services, profile, ask=ask)

        self._run(work, self._on_seen, busy=ask)

    def _run(self, work: Work, then: Callable[[tuple[RelayProfile, SecretSeen]], None], *, busy: bool) -> None:
        self._busy = busy
        self._fault = None
        job = self._job = self._jobs.start(work, owner=self)
        job.succeeded.connect(then)
        job.failed.connect(self._on_failed)
        self._show()

    def _on_seen(self, result: tuple[RelayProfile, SecretSeen]) -> None:
        profile, seen = result
        if self._profile is None or profile.id != self._profile.id or profile.auth != self._profile.auth:
            return
        self._busy = False
        self._seen = seen
        self._show()

    def _on_failed(self, error: RelaywrightError) -> None:
        if self.sender() is not self._job:
            return  # the keyring's word on a profile that is not shown any more
        self._busy = False
        self._fault = error
        if self._seen is None:
            self._seen = SecretSeen(None, KeyringState(KeyringStateKind.LOCKED, "", error.message, error.hint))
        self._show()

    # what the person does

    def _on_store(self) -> None:
        self._start_store(for_session=False)

    def _on_keep_for_session(self) -> None:
        self._start_store(for_session=True)

    def _start_store(self, *, for_session: bool) -> None:
        profile, secret = self._profile, self._field.secret()
        if profile is None or not secret or self._busy:
            return
        services = self._services
        ends_on = None
        if self._end.isVisibleTo(self):
            ends_on = self._end.day()
            if ends_on is None and self._end.field.text().strip():
                self._end.complain()
                return

        def work(_emit: Emit, _cancel: CancelToken) -> tuple[RelayProfile, SecretSeen]:
            services.credentials.set_secret(profile, secret, ends_on=ends_on, session_if_unavailable=for_session)
            return profile, look(services, profile, ask=False)

        self._run(work, self._on_stored, busy=True)

    def _on_stored(self, result: tuple[RelayProfile, SecretSeen]) -> None:
        profile, _ = result
        self._typed.pop(profile.id, None)
        if self._profile is not None and profile.id == self._profile.id:
            self._field.forget()
            self._replacing = False
        self._on_seen(result)
        self.secret_changed.emit(profile)

    def _on_end_kept(self, ends_on: datetime.date) -> None:
        profile = self._profile
        if profile is None or self._busy:
            return
        services = self._services

        def work(_emit: Emit, _cancel: CancelToken) -> tuple[RelayProfile, SecretSeen]:
            services.app_credentials.note_end(profile, ends_on)
            return profile, look(services, profile, ask=False)

        self._run(work, self._on_stored, busy=True)

    def _on_replace(self) -> None:
        self._replacing = True
        self._show()
        self._field.setFocus()

    def _on_cancel(self) -> None:
        self._replacing = self._asking_to_forget = False
        self._field.forget()
        self._fault = None
        self._show()
        self._replace.setFocus()

    def _on_forget(self) -> None:
        self._asking_to_forget = True
        self._show()
        self._cancel.setFocus()

    def _on_really_forget(self) -> None:
        profile = self._profile
        if profile is None:
            return
        services = self._services
        self._asking_to_forget = False

        def work(_emit: Emit, _cancel: CancelToken) -> tuple[RelayProfile, SecretSeen]:
            services.credentials.forget_secret(profile)
            return profile, look(services, profile, ask=False)

        self._run(work, self._on_stored, busy=True)


def _told(seen: SecretSeen, word: str) -> Finding | None:
    keyring = seen.keyring
    told: Finding | None = None
    match seen.kept:
        case Kept.KEYRING:
            told = Finding("kept", Level.OK, f"The {word} is kept in {keyring.backend}")
        case Kept.SESSION:
            told = Finding("session", Level.WARNING, f"The {word} is kept in memory, and only until Relaywright ends")
        case Kept.NOWHERE if keyring.kind is KeyringStateKind.ABSENT:
            told = Finding("absent", Level.WARNING, keyring.detail, keyring.hint)
        case Kept.NOWHERE:
            told = Finding("none", Level.INFO, f"No {word} is stored", f"It will be kept in {keyring.backend}.")
        case None:
            told = Finding("locked", Level.WARNING, keyring.detail, f"Whether a {word} is stored can be seen then.")
    return told


def look(services: Services, profile: RelayProfile, *, ask: bool) -> SecretSeen:
    """Tell where a profile's secret is. A locked keyring is asked only when ``ask`` is set: it puts a prompt up."""
    keyring = services.credentials.keyring_state()
    refs = secret_refs(profile)
    kind, ends_on = SecretKind.PASSWORD, None
    if profile.auth is Auth.OAUTH_APP:
        kind = services.app_credentials.kind(profile)
        record = services.app_credentials.record(profile)
        ends_on = record.ends_at.date() if record is not None and record.ends_at is not None else None

    def seen(kept: Kept | None, state: KeyringState = keyring) -> SecretSeen:
        return SecretSeen(kept, state, kind, ends_on)

    if not refs:
        return seen(Kept.NOT_NEEDED)
    if any(services.vault.kept_for_session(ref) for ref in refs):
        return seen(Kept.SESSION)
    if keyring.kind is KeyringStateKind.ABSENT:
        return seen(Kept.NOWHERE)
    if keyring.kind is KeyringStateKind.LOCKED and not ask:
        return seen(None)
    kept = services.credentials.kept(profile)
    return seen(kept, services.credentials.keyring_state() if ask else keyring)
