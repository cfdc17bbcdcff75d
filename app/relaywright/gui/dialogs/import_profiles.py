"""Import: open a colleague's encrypted file, see what it holds against what is here, choose, take it over.

Nothing is changed before the last step. Opening takes a second or two on purpose and runs as a job; what a choice
comes to is the sharing service's.
"""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import InputError, RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.gui.dialogs.incoming_list import IncomingList
from relaywright.gui.dialogs.sheet import Sheet
from relaywright.gui.jobs import Emit, JobRunner
from relaywright.gui.models import wording
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.field_editors import FileEditor
from relaywright.gui.widgets.field_row import FieldRow
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.secret_field import SecretField
from relaywright.gui.widgets.text import label
from relaywright.services.share_profiles import Action, OpenedBundle, Taken
from relaywright.sharing.envelope import SUFFIX

if TYPE_CHECKING:
    from relaywright.bootstrap import Services


FIRST_SIZE, CHOICES_SIZE = (92, 19), (92, 38)
"""In characters and lines."""


class _Step(Enum):
    FILE = auto()
    CHOICES = auto()
    DONE = auto()


class ImportDialog(Sheet):
    """Takes profiles from one file."""

    taken = Signal(object)  # list[Taken]: what became of each profile

    def __init__(
        self, *, services: Services, jobs: JobRunner, path: Path | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            "Import profiles",
            "Choose the file you were given, or drop it here. You see what it holds before anything changes.",
            "&Open",
            parent,
        )
        self._services = services
        self._jobs = jobs
        self._step = _Step.FILE
        self._opened: OpenedBundle | None = None
        self.setAcceptDrops(True)
        self._build()
        self.fit(*FIRST_SIZE)
        if path is not None:
            self._file.set_text(str(path))
        (self._passphrase if path is not None else self._file.editor.focus_target).setFocus()

    @property
    def opened(self) -> OpenedBundle | None:
        """What the file holds, once it is open."""
        return self._opened

    def act(self) -> None:
        """Open the file, take the profiles over, or close: whatever is next."""
        if self.is_waiting:
            return
        match self._step:
            case _Step.FILE:
                self._open()
            case _Step.CHOICES:
                self._take()
            case _Step.DONE:
                self.accept()

    # building

    def _build(self) -> None:
        self._form = QWidget()
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(GRID_PX + 4)
        editor = FileEditor(
            title="Choose a bundle", name_filter=f"Relaywright bundles (*{SUFFIX} *.age);;All files (*)"
        )
        self._file = FieldRow("bundle", "&File", editor)
        self._passphrase = SecretField("Passphrase")
        self._passphrase.entered.connect(self.act)
        caption = label("&Passphrase")
        caption.setBuddy(self._passphrase)
        form.addWidget(self._file)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(caption)
        words.addWidget(self._passphrase)
        form.addLayout(words)
        form.addStretch(1)
        self._choices = QWidget()
        choices = QVBoxLayout(self._choices)
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(GRID_PX + 4)
        self._about = label("", wrap=True)
        self._secrets_note = Remark()
        self._list = IncomingList()
        self._list.changed.connect(self._show_action)
        choices.addWidget(self._about)
        choices.addWidget(self._secrets_note)
        choices.addWidget(self._list, 1)
        self._results = QWidget()
        results = QVBoxLayout(self._results)
        results.setContentsMargins(0, 0, 0, 0)
        results.setSpacing(GRID_PX)
        self._results_column = results
        for part in (self._form, self._choices, self._results):
            self.body.addWidget(part, 1)
        self._choices.hide()
        self._results.hide()

    # opening

    def _open(self) -> None:
        text, passphrase = self._file.text().strip(), self._passphrase.secret()
        if not text:
            self.tell(InputError("No file is chosen.", hint="Choose one, or drop it here.", id="no-file"))
            return
        if not passphrase:
            self.tell(InputError("The passphrase is missing.", hint="Ask whoever sent the file.", id="no-passphrase"))
            self._passphrase.setFocus()
            return
        sharing, path = self._services.sharing, Path(text).expanduser()

        def work(_emit: Emit, cancel: CancelToken) -> OpenedBundle:
            return sharing.open(path, passphrase, cancel)

        job = self._jobs.start(work)
        self.wait_for(job)
        job.succeeded.connect(self._on_opened)
        job.failed.connect(self._on_not_opened)

    def _on_opened(self, opened: OpenedBundle) -> None:
        self._opened = opened
        self._passphrase.forget()
        self._step = _Step.CHOICES
        count = len(opened.incoming)
        by = f" by {opened.creator}" if opened.creator else ""
        self._about.setText(
            f"{opened.path.name} holds {count} profile{'' if count == 1 else 's'}, "
            f"made{by} on {wording.moment(opened.created)}."
        )
        secrets = sum(len(item.secrets) for item in opened.incoming)
        self._secrets_note.setVisible(secrets > 0)
        self._secrets_note.show_finding(
            Finding("secrets", Level.INFO, f"{secrets} with a secret; those you take go into your keyring")
        )
        self._list.show_incoming(opened.incoming)
        self._form.hide()
        self.intro.hide()
        self._choices.show()
        self.fit(*CHOICES_SIZE)
        self._show_action()
        if not self._list.focus_first():
            self.primary.setFocus()

    def _on_not_opened(self, error: RelaywrightError) -> None:
        if error.id == "wrong-passphrase":
            self._passphrase.selectAll()
            self._passphrase.setFocus()

    # taking over

    def _show_action(self) -> None:
        count = self._list.change_count
        self.primary.setText(f"&Import {count} profile{'' if count == 1 else 's'}" if count else "&Close")
        self.cancel.setVisible(count > 0)

    def _take(self) -> None:
        opened, choices = self._opened, self._list.choices()
        if opened is None or not self._list.change_count:
            self.reject()
            return
        sharing = self._services.sharing

        def work(_emit: Emit, _cancel: CancelToken) -> list[Taken]:
            return sharing.take(opened, choices)

        job = self._jobs.start(work)
        self.wait_for(job)
        job.succeeded.connect(self._on_taken)

    def _on_taken(self, results: list[Taken]) -> None:
        self._step = _Step.DONE
        for action, words in _RESULT_WORDS.items():
            names = [item.name for item in results if item.action is action]
            if names:
                level = Level.INFO if action is Action.KEPT else Level.OK
                self._results_column.addWidget(
                    Remark(Finding(action, level, f"{words}: {', '.join(names)}"), folds=False)
                )
        in_memory = [item.name for item in results if item.secret_for_session]
        if in_memory:
            finding = Finding(
                "secret-for-session",
                Level.WARNING,
                f"The keyring did not take the secret of {', '.join(in_memory)}",
                "It is kept in memory until Relaywright ends.",
            )
            self._results_column.addWidget(Remark(finding, folds=False))
        led_away = [item.name for item in results if item.secret_removed]
        if led_away:
            finding = Finding(
                "secret-removed",
                Level.WARNING,
                f"{', '.join(led_away)}: another server now, so the secret or sign-in kept here was removed",
                "Whoever made the file chose that server. Enter the secret again, or sign in again, if it is right.",
            )
            self._results_column.addWidget(Remark(finding, folds=False))
        self._results_column.addStretch(1)
        self._choices.hide()
        self._results.show()
        self.fit(*FIRST_SIZE)
        self.cancel.hide()
        self.primary.setText("&Done")
        self.primary.setFocus()
        self.taken.emit(results)

    # dropping a file

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._step is _Step.FILE and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._file.set_text(str(Path(paths[0])))
            self._passphrase.setFocus()


_RESULT_WORDS = {
    Action.ADDED: "Added",
    Action.REPLACED: "Replaced",
    Action.RENAMED: "Added under a free name",
    Action.KEPT: "Left as they were",
}
