"""What an application signs in with, in the window: its certificate, or its client secret with the day it ends.

A private key comes from a file or is made here, and is never shown; only the public part leaves. Reading, making and
storing is the app credentials service's, typing a client secret secret_panel.py's.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import KeyringUnavailable, RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.gui.jobs import Emit, Job, JobRunner
from relaywright.gui.models import app_credential_words as words
from relaywright.gui.pages.secret_panel import SecretPanel
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card, Edge
from relaywright.gui.widgets.choice_box import ChoiceBox
from relaywright.gui.widgets.fact_list import FactList
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.secret_field import SecretField
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label
from relaywright.services.app_credentials import CertificateFiles, StoredCertificate

if TYPE_CHECKING:
    from relaywright.bootstrap import Services

_FILES = "Certificates (*.pfx *.p12 *.pem *.key *.crt);;All files (*)"
_LIVES = (("3 months", "90"), ("6 months", "180"), ("1 year", "365"), ("2 years", "730"))


class AppCredentialCard(Card):
    """Shows what is stored for one application and takes another; hidden for every other profile."""

    secret_changed = Signal(object)  # the RelayProfile whose credential was stored or forgotten
    message_posted = Signal(str, str)

    def __init__(self, *, services: Services, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__("The application signs in by itself", parent=parent)
        self._services = services
        self._jobs = jobs
        self._profile: RelayProfile | None = None
        self._job: Job | None = None
        self._fault: RelaywrightError | None = None
        self._file: Path | None = None
        """A file that waits for its passphrase."""
        self._file_under_way: Path | None = None
        self._again: Callable[[bool], None] | None = None
        self._build()
        self.show_profile(None)

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show this profile's credential; a file that was chosen for another one is forgotten."""
        before = self._profile
        self._profile = profile
        application = profile is not None and profile.auth is Auth.OAUTH_APP
        self.setVisible(application)
        self._secret.show_profile(profile if application else None)
        if before is None or profile is None or before.id != profile.id:
            self._fault = self._file = self._again = None
            self._passphrase.forget()
        self._show()

    # building

    def _build(self) -> None:
        self._asks = label("", TextStyle.BODY, wrap=True)
        self._state = Remark(folds=False)
        self._facts = FactList()
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Waiting for the keyring")
        self._copy = button("Copy the public part", self._on_copy, icon="copy")
        self._save = button("Save the public part…", self._on_save, icon="save")
        self._make = button("Make a certificate", self._on_make, icon="shield")
        self._life = ChoiceBox(_LIVES)
        self._life.set_value("365")
        self._life.setAccessibleName("How long the new certificate lives")
        self._choose = button("Choose a file…", self._on_choose, icon="open")
        self._for_run = button("Keep for this run", self._on_for_run)
        self._passphrase = SecretField("Passphrase of the file")
        self._passphrase.setPlaceholderText("Passphrase of the file")
        self._passphrase.entered.connect(self._on_open_file)
        self._open_file = button("Open", self._on_open_file, kind=ButtonKind.PRIMARY)
        self._passphrase_row = QWidget()
        row = QHBoxLayout(self._passphrase_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID_PX)
        row.addWidget(self._passphrase, 1)
        row.addWidget(self._open_file)
        self._secret = SecretPanel(services=self._services, jobs=self._jobs, with_end=True)
        self._secret.secret_changed.connect(self._on_secret_changed)
        self.add_note(words.INTRO)
        for part in (self._state, self._facts, self._progress):
            self.add(part)
        self.add(_row(self._save, self._copy, self._for_run))
        certificate = QVBoxLayout()
        certificate.setSpacing(GRID_PX)
        certificate.addWidget(label("Certificate", TextStyle.STRONG))
        certificate.addWidget(label(words.CERTIFICATE, TextStyle.BODY, Tone.SOFT, wrap=True))
        certificate.addWidget(self._asks)
        certificate.addWidget(self._passphrase_row)
        certificate.addLayout(_row(self._make, self._life, self._choose))
        secret = QVBoxLayout()
        secret.setSpacing(GRID_PX)
        secret.addWidget(label("Client secret", TextStyle.STRONG))
        secret.addWidget(label(words.SECRET, TextStyle.BODY, Tone.SOFT, wrap=True))
        secret.addWidget(self._secret)
        for part_layout in (certificate, secret):
            self.body.addSpacing(GRID_PX)
            self.add(part_layout)

    # showing

    def _show(self) -> None:
        record, expiry = None, None
        now = datetime.datetime.now(datetime.UTC)
        if self._profile is not None and self._profile.auth is Auth.OAUTH_APP:
            record = self._services.app_credentials.record(self._profile)
            expiry = next(iter(self._services.expiries.all(now, [self._profile])), None)
        certificate = record is not None and bool(record.thumbprint)
        told = words.tell(record, expiry, now, busy=self._job is not None)
        if self._fault is not None:
            told = Finding(self._fault.id, Level.ERROR, self._fault.message, self._fault.hint)
        self._state.show_finding(told)
        self._facts.setVisible(certificate)
        if record is not None and certificate:
            self._facts.show_facts(words.certificate_facts(record))
        self._progress.setVisible(self._job is not None)
        for part in (self._copy, self._save):
            part.setVisible(certificate)
        locked = isinstance(self._fault, KeyringUnavailable) and self._again is not None
        self._for_run.setVisible(locked)
        asks = self._file is not None
        self._passphrase_row.setVisible(asks)
        self._asks.setVisible(asks)
        self._asks.setText(f"{self._file.name} is protected by a passphrase:" if self._file is not None else "")
        for part in (self._make, self._choose, self._save, self._copy, self._open_file, self._for_run):
            part.setEnabled(self._job is None)
        edges = {Level.ERROR: Edge.ERROR, Level.WARNING: Edge.WARN, Level.OK: Edge.OK}
        self.set_edge(edges.get(told.level, Edge.NONE))

    # what the person does

    def _on_make(self) -> None:
        self._file = None
        self._store_made(for_run=False)

    def _store_made(self, for_run: bool) -> None:
        days = int(self._life.value())
        applications = self._services.app_credentials
        self._run(
            lambda profile: applications.make_certificate(profile, days, session_if_unavailable=for_run),
            self._on_stored,
            self._store_made,
        )

    def _on_choose(self) -> None:
        dialog = QFileDialog(self, "Choose the certificate with its private key", "", _FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take_file)
        dialog.open()

    def take_file(self, name: str) -> None:
        """Read this file and store what is in it; a passphrase that it needs is asked for in place."""
        self._file = None
        self._passphrase.forget()
        self._store_file(Path(name), for_run=False)

    def _on_open_file(self) -> None:
        if self._file is not None:
            self._store_file(self._file, for_run=False)

    def _store_file(self, file: Path, *, for_run: bool) -> None:
        passphrase = self._passphrase.secret() if self._passphrase.text() else None
        files = CertificateFiles(file, passphrase=passphrase)
        applications = self._services.app_credentials
        self._run(
            lambda profile: applications.set_certificate(profile, files, session_if_unavailable=for_run),
            self._on_stored,
            lambda in_memory: self._store_file(file, for_run=in_memory),
            file=file,
        )

    def _on_for_run(self) -> None:
        if self._again is not None:
            self._again(True)

    def _on_copy(self) -> None:
        self._run(self._services.app_credentials.public_certificate, self._on_public_for_clipboard, None)

    def _on_save(self) -> None:
        profile = self._profile
        if profile is None:
            return
        from relaywright.exporting.filters import slug

        dialog = QFileDialog(self, "Save the public part of the certificate", f"{slug(profile.name)}.cer")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("cer")
        dialog.fileSelected.connect(self.save_public_to)
        dialog.open()

    def save_public_to(self, name: str) -> None:
        """Write the public part into this file; the platform's dialog has asked about one that is there."""
        from relaywright.exporting.writing import FileToWrite, write_all

        public = self._services.app_credentials.public_certificate
        path = Path(name)

        def write(profile: RelayProfile) -> str:
            content = public(profile).encode()
            (written,) = write_all([FileToWrite(path.name, content, 0o644)], path.parent, overwrite=True)
            return str(written.path)

        self._run(write, self._on_saved, None)

    # running

    def _run(
        self,
        call: Callable[[RelayProfile], object],
        then: Callable[[object], None],
        again: Callable[[bool], None] | None,
        *,
        file: Path | None = None,
    ) -> None:
        profile = self._profile
        if profile is None or self._job is not None:
            return
        self._fault, self._again = None, again
        self._file_under_way = file

        def work(_emit: Emit, _cancel: CancelToken) -> object:
            return call(profile)

        job = self._job = self._jobs.start(work, owner=self)
        job.succeeded.connect(then)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        self._show()

    def _on_stored(self, stored: object) -> None:
        self._file = None
        self._passphrase.forget()
        if isinstance(stored, StoredCertificate) and self._profile is not None:
            where = "in memory, until Relaywright ends" if stored.for_run_only else "under the keyring"
            self.message_posted.emit(f"The certificate is kept {where}.", "warning" if stored.for_run_only else "ok")
            self._secret.look_again()
            self.secret_changed.emit(self._profile)

    def _on_public_for_clipboard(self, pem: object) -> None:
        QGuiApplication.clipboard().setText(str(pem))
        self.message_posted.emit("The public part of the certificate is in the clipboard.", "info")

    def _on_saved(self, path: object) -> None:
        self.message_posted.emit(f"Wrote {path}. Upload it to the app registration.", "ok")

    def _on_failed(self, error: RelaywrightError) -> None:
        if self.sender() is not self._job:
            return
        needs_passphrase = error.id in {"certificate-passphrase-needed", "certificate-wrong-passphrase"}
        self._file = self._file_under_way if needs_passphrase else None
        first_time = error.id == "certificate-passphrase-needed"
        self._fault = None if first_time else error
        if needs_passphrase:
            self._show()
            self._passphrase.setFocus()

    def _on_finished(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self._show()

    def _on_secret_changed(self, profile: RelayProfile) -> None:
        self._show()
        self.secret_changed.emit(profile)


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(GRID_PX)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return row
