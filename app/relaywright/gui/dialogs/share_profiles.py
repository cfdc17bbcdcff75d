"""Share: chosen profiles into one encrypted file for a colleague, opened with a passphrase. Without secrets by default.

What goes into the file and how it is sealed is the sharing service's; sealing takes a second or two on purpose and runs
as a job.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import InputError, RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.gui.dialogs.sheet import Sheet
from relaywright.gui.jobs import Emit, JobRunner
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.profile_chooser import ProfileChooser
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.secret_field import SecretField
from relaywright.gui.widgets.text import button, label
from relaywright.services.share_profiles import SharedFile
from relaywright.sharing.envelope import MIN_PASSPHRASE_LENGTH, SUFFIX, check_passphrase

if TYPE_CHECKING:
    from relaywright.bootstrap import Services


class ShareDialog(Sheet):
    """Makes one file."""

    shared = Signal(object)  # the SharedFile that was written

    def __init__(
        self, *, services: Services, jobs: JobRunner, profile_ids: Collection[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(
            "Share profiles",
            "They go into one encrypted file. Your colleague opens it with the passphrase, in Relaywright or with any "
            "age program. Files of this computer and the history stay here.",
            "&Save file…",
            parent,
        )
        self._services = services
        self._jobs = jobs
        self._wanted: Path | None = None
        self._written: SharedFile | None = None
        self._build(profile_ids)
        self._show_hints()
        self.fit(92, 42)
        self._first.setFocus()

    def act(self) -> None:
        """Ask where to save, or close when it is done."""
        if self._written is not None:
            self.accept()
            return
        fault = self._fault()
        self.tell(fault)
        if fault is not None or self.is_waiting:
            return
        dialog = QFileDialog(self, "Save the encrypted file", str(Path.home() / self._suggested_name()))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"Relaywright bundles (*{SUFFIX})")
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_file)
        dialog.open()

    def save_to(self, path: Path, *, overwrite: bool = False) -> None:
        """Seal the chosen profiles into this file."""
        if self.is_waiting:
            return
        ids, passphrase = self._chooser.chosen_ids(), self._first.secret()
        with_secrets, sharing = self._with_secrets.isChecked(), self._services.sharing

        def work(_emit: Emit, cancel: CancelToken) -> SharedFile:
            return sharing.share(ids, path, passphrase, with_secrets=with_secrets, overwrite=overwrite, cancel=cancel)

        job = self._jobs.start(work)
        self.wait_for(job)
        job.succeeded.connect(self._on_shared)

    # building

    def _build(self, profile_ids: Collection[str]) -> None:
        self._form = QWidget()
        column = QVBoxLayout(self._form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX + 4)
        self._chooser = ProfileChooser(self._services.profiles.list(), profile_ids)
        self._chooser.changed.connect(self._show_hints)
        self._first = SecretField("Passphrase")
        self._second = SecretField("Passphrase again")
        for field in (self._first, self._second):
            field.textEdited.connect(self._show_hints)
            field.entered.connect(self.act)
        line = QHBoxLayout()
        line.setSpacing(2 * GRID_PX)
        for text, field in (("&Passphrase", self._first), ("Passphrase &again", self._second)):
            part = QVBoxLayout()
            part.setSpacing(4)
            caption = label(text)
            caption.setBuddy(field)
            part.addWidget(caption)
            part.addWidget(field)
            line.addLayout(part, 1)
        self._hint = Remark(folds=False)
        self._with_secrets = QCheckBox("Include the stored pass&words and client secrets")
        self._with_secrets.toggled.connect(self._show_hints)
        self._warning = Remark(
            Finding(
                "with-secrets",
                Level.WARNING,
                "Whoever has the file and the passphrase can then send as these mailboxes",
                "Better: let your colleague enter the password, or sign in with OAuth, which is never shared.",
            )
        )
        column.addWidget(self._chooser, 1)
        column.addLayout(line)
        column.addWidget(self._hint)
        column.addWidget(self._with_secrets)
        column.addWidget(self._warning)
        self._done = QWidget()
        done = QVBoxLayout(self._done)
        done.setContentsMargins(0, 0, 0, 0)
        done.setSpacing(GRID_PX)
        self._done_text = Remark(folds=False)
        self._done_names = label("", TextStyle.BODY, wrap=True, selectable=True)
        self._open_folder = button("Open folder", self._on_open_folder, icon="folder")
        done.addWidget(self._done_text)
        done.addWidget(self._done_names)
        done.addWidget(self._open_folder, 0, Qt.AlignmentFlag.AlignLeading)
        done.addStretch(1)
        self._done.hide()
        self.body.addWidget(self._form, 1)
        self.body.addWidget(self._done, 1)

    # showing

    def _show_hints(self) -> None:
        """Say how the passphrase stands while it is typed; only what is certain."""
        self.tell(None)
        self._warning.setVisible(self._with_secrets.isChecked())
        first, second = self._first.secret(), self._second.secret()
        length = len(first.reveal())
        if not first:
            text = f"At least {MIN_PASSPHRASE_LENGTH} characters. Four or five unrelated words are good."
            self._hint.show_finding(Finding("empty", Level.INFO, text))
            return
        try:
            check_passphrase(first)
        except InputError as error:
            self._hint.show_finding(Finding(error.id, Level.INFO, error.message, error.hint))
            return
        if not second:
            self._hint.show_finding(Finding("again", Level.INFO, f"{length} characters. Type it once more."))
        elif first == second:
            self._hint.show_finding(Finding("same", Level.OK, f"{length} characters, typed the same twice"))
        else:
            self._hint.show_finding(Finding("differ", Level.WARNING, "The two passphrases differ"))

    def _fault(self) -> RelaywrightError | None:
        if not self._chooser.chosen_ids():
            return InputError("No profile is chosen.", hint="Tick at least one.", id="nothing-chosen")
        try:
            check_passphrase(self._first.secret())
        except InputError as error:
            self._first.setFocus()
            return error
        if self._first.secret() != self._second.secret():
            self._second.setFocus()
            return InputError("The two passphrases differ.", hint="Type the same one twice.", id="passphrases-differ")
        return None

    def _suggested_name(self) -> str:
        ids = self._chooser.chosen_ids()
        names = [profile.name for profile in self._services.profiles.list() if profile.id in ids]
        name = names[0] if len(names) == 1 else f"{len(names)}-profiles"
        return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name).strip('-.') or 'profile'}{SUFFIX}"

    # what comes back

    def _on_file(self, path: str) -> None:
        # The platform's dialog has asked already whether a file may be replaced.
        self.save_to(Path(path), overwrite=True)

    def _on_shared(self, written: SharedFile) -> None:
        self._written = written
        for field in (self._first, self._second):
            field.forget()
        count = len(written.names)
        what = f"{count} profile{'' if count == 1 else 's'}"
        secrets = f" with {written.secrets} secret{'' if written.secrets == 1 else 's'}" if written.secrets else ""
        self._done_text.show_finding(
            Finding(
                "shared",
                Level.OK,
                f"Saved {what}{secrets} in {written.path.name}",
                f"In {written.path.parent}.",
                ("Tell your colleague the passphrase another way than the file: by phone, for example.",),
            )
        )
        self._done_names.setText(", ".join(written.names))
        self._form.hide()
        self.intro.hide()
        self._done.show()
        self.fit(92, 17)
        self.cancel.hide()
        self.primary.setText("&Done")
        self.primary.setFocus()
        self.shared.emit(written)

    def _on_open_folder(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.path.parent)))
