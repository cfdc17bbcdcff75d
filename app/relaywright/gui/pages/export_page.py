"""The Export page: choose a device or an application, see exactly what would be written, then copy or save it.

Which targets fit and what the files say is the export service's, asked in jobs (a preview may look up the MX endpoint
or read the keyring). The secret is left out unless the person asks for it here, every time anew.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import Secret
from relaywright.exporting.target import FitLevel
from relaywright.exporting.writing import WrittenFile
from relaywright.gui.clipboard import Clipboard
from relaywright.gui.jobs import Emit, Job, JobRunner
from relaywright.gui.models.target_list import badge_of
from relaywright.gui.pages.export_preview import ExportPreviewPane, ShownFile
from relaywright.gui.pages.page import Page
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.explanation_view import Steps
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.target_panel import TargetPanel
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label
from relaywright.services.export_settings import ExportPreview, FittingTarget

if TYPE_CHECKING:
    from relaywright.bootstrap import Services

_NARROW_CHARS = 96
"""Below this width, in average characters, the list stands above the preview."""
_PANEL_LINES = 11
_LIST_PX, _WIDEST = 380, 16_777_215
_CAN_INCLUDE = {Auth.PASSWORD, Auth.OAUTH_APP}


class ExportPage(Page):
    """One profile's settings for a chosen target."""

    def __init__(self, *, services: Services, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._jobs = jobs
        self._preview: ExportPreview | None = None
        self._job: Job | None = None
        self._clipboard = Clipboard(self)
        self._build()
        self.show_profile(None)

    # what the window calls

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show what fits this profile; the chosen target stays chosen."""
        if profile is None or self._profile is None or profile.id != self._profile.id:
            self._include.setChecked(False)
        super().show_profile(profile)
        self.setEnabled(profile is not None)
        self._preview = None
        if profile is None:
            self._targets.show_targets(())
            self._show_preview(None)
            return
        services = self._services

        def work(_emit: Emit, _cancel: CancelToken) -> tuple[str, list[FittingTarget]]:
            return profile.id, services.exports.targets_for(profile)

        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_targets)
        job.failed.connect(self._on_failed)

    def is_busy(self) -> bool:
        """Whether a preview is being made."""
        return self._job is not None

    def cancel(self) -> None:
        """Stop making the preview: an MX look-up can take its time."""
        if self._job is not None:
            self._job.cancel()

    @property
    def preview(self) -> ExportPreview | None:
        """What is shown on the right."""
        return self._preview

    def choose_target(self, target_id: str) -> bool:
        """Choose a target by its id; tells whether it is in the list."""
        return self._targets.choose(target_id)

    # building

    def _build(self) -> None:
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(2 * GRID_PX - 4)
        self._targets = TargetPanel()
        self._targets.setMinimumHeight(_PANEL_LINES * self.fontMetrics().lineSpacing())
        self._targets.chosen.connect(self._on_chosen)
        self._row.addWidget(self._targets, 1)
        self._row.addWidget(self._build_preview(), 2)
        self.content.addLayout(self._row, 1)
        save = QShortcut(QKeySequence.StandardKey.Save, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(self._on_save)

    def _build_preview(self) -> QWidget:
        self._card = Card(" ")
        self._badge = label("", TextStyle.CAPTION, Tone.OK)
        self._card.head.addWidget(self._badge)
        self._state = Remark(folds=False)
        self._pane = ExportPreviewPane()
        self._include = QCheckBox("Include the &password")
        self._include.toggled.connect(self._on_include)
        self._warning = Remark(
            Finding(
                "secret-included",
                Level.WARNING,
                "The files hold the secret in the clear",
                "Save them where only the device’s owner can read them, and delete them when the device is set up.",
            )
        )
        self._copy = button("&Copy", self._on_copy, icon="copy")
        self._save = button("&Save files…", self._on_save, kind=ButtonKind.PRIMARY, icon="save")
        self._open_folder = button("Open folder", self._on_open_folder, kind=ButtonKind.QUIET)
        self._open_folder.hide()
        self._replace = button("Replace them", self._on_replace, kind=ButtonKind.DANGER)
        self._replace.hide()
        self._saved_to: Path | None = None
        self._wanted_folder = ""
        self._void = QWidget()
        for part in (self._pane, self._void):
            part.setMinimumHeight(_PANEL_LINES * self.fontMetrics().lineSpacing())
        told = QHBoxLayout()
        told.setSpacing(GRID_PX)
        told.addWidget(self._state, 1)
        for way in (self._replace, self._open_folder):
            told.addWidget(way, 0, Qt.AlignmentFlag.AlignTop)
        self._card.add(told)
        self._card.add(self._pane, 1)
        self._card.add(self._void, 1)
        self._card.add(self._warning)
        actions = QHBoxLayout()
        actions.setSpacing(GRID_PX)
        actions.addWidget(self._include)
        actions.addStretch(1)
        for way in (self._copy, self._save):
            actions.addWidget(way)
        self._card.add(actions)
        self._notes = Card("What to do with the files")
        self._steps = Steps()
        self._notes.add(self._steps)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID_PX - 4)
        column.addWidget(self._card, 1)
        column.addWidget(self._notes)
        return side

    # showing

    def _show_preview(self, preview: ExportPreview | None, seen: ExportPreview | None = None) -> None:
        """Show what would be written; ``seen`` is the same with placeholders, for the eyes."""
        self._preview = preview
        self._saved_to = None
        self._open_folder.hide()
        profile = self._profile
        item = self._chosen()
        self._card.heading.setText(item.target.name if item else "No target is chosen")
        self._badge.setText(self._badge_text(item))
        self._pane.setVisible(preview is not None)
        self._void.setVisible(preview is None)
        shown = zip(preview.files, (seen or preview).files, strict=True) if preview else ()
        self._pane.show_files([ShownFile(file, twin.text) for file, twin in shown])
        can_include = profile is not None and profile.auth in _CAN_INCLUDE and bool(item)
        word = "client secret" if profile is not None and profile.auth is Auth.OAUTH_APP else "password"
        self._include.setText(f"Include the &{word}")
        self._include.setVisible(can_include)
        self._warning.setVisible(preview is not None and preview.secret_included)
        for part in (self._copy, self._save):
            part.setEnabled(preview is not None)
        self._show_notes(preview.notes if preview else ())

    def _badge_text(self, item: FittingTarget | None) -> str:
        if item is None or item.target.proven is None or item.fit.level is not FitLevel.FITS:
            return ""
        return f"{badge_of(item.target)} · {item.target.proven.by}"

    def _show_notes(self, notes: tuple[str, ...]) -> None:
        self._steps.show_steps(notes)
        self._notes.setVisible(bool(notes))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the list above the preview where there is no room beside it."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW_CHARS * self.fontMetrics().averageCharWidth()
        self._targets.setMaximumWidth(_WIDEST if narrow else _LIST_PX)
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def _say(self, finding: Finding | None) -> None:
        self._replace.setVisible(finding is not None and finding.id == "file-exists")
        self._state.setVisible(finding is not None)
        if finding is not None:
            self._state.show_finding(finding)

    def _chosen(self) -> FittingTarget | None:
        return self._targets.current

    # making the preview

    def _make_preview(self) -> None:
        profile, item = self._profile, self._chosen()
        self.cancel()
        if profile is None or item is None:
            self._say(None)
            self._show_preview(None)
            return
        if item.fit.level is not FitLevel.FITS:
            self._show_preview(None)
            bridge = item.fit.level is FitLevel.WITH_BRIDGE
            title = "This needs a bridge" if bridge else "This does not fit the profile"
            self._say(Finding("no-fit", Level.WARNING if bridge else Level.INFO, title, item.fit.reason))
            return
        services, include, target_id = self._services, self._include.isChecked(), item.target.id

        def work(_emit: Emit, cancel: CancelToken) -> tuple[ExportPreview, ExportPreview]:
            written = services.exports.preview(profile, target_id, include_secret=include, cancel=cancel)
            if not include:
                return written, written
            return written, services.exports.preview(profile, target_id, look_up=False, cancel=cancel)

        self._show_preview(None)
        self._say(Finding("making", Level.INFO, "Writing the preview…"))
        job = self._job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_preview)
        job.failed.connect(self._on_no_preview)
        job.finished.connect(self._on_finished)

    def _on_preview(self, result: tuple[ExportPreview, ExportPreview]) -> None:
        if self.sender() is not self._job:
            return
        written, seen = result
        self._say(written.findings[0] if written.findings else None)
        self._show_preview(written, seen)
        self._jobs.start(functools.partial(_make_contents, written), owner=self)

    def _on_finished(self) -> None:
        if self.sender() is self._job:
            self._job = None

    def _on_no_preview(self, error: RelaywrightError) -> None:
        if self.sender() is self._job:
            self._on_failed(error)

    def _on_failed(self, error: RelaywrightError) -> None:
        if self._include.isChecked():
            # The wish cannot be met; the box must not look as if it were.
            self._include.blockSignals(True)
            self._include.setChecked(False)
            self._include.blockSignals(False)
        self._show_preview(None)
        self._say(Finding("fault", Level.ERROR, error.message, error.hint))

    # what the person does

    def _on_targets(self, result: tuple[str, list[FittingTarget]]) -> None:
        profile_id, items = result
        if self._profile is None or self._profile.id != profile_id:
            return
        before = self._targets.target_id
        self._targets.show_targets(items)
        if self._targets.target_id == before:  # another one has said so itself
            self._make_preview()

    def _on_chosen(self, _item: FittingTarget) -> None:
        self._make_preview()

    def _on_include(self, _checked: bool) -> None:
        self._make_preview()

    def _on_copy(self) -> None:
        shown = self._pane.current_file
        if shown is None:
            return
        if shown.file.contains_secret:
            self._clipboard.put_secret(Secret(shown.file.text))
            self.message_posted.emit(
                f"{shown.file.name} is in the clipboard for one minute: it holds the secret.", "warning"
            )
        else:
            self._clipboard.put(shown.file.text)
            self.message_posted.emit(f"{shown.file.name} is in the clipboard.", "info")

    def _on_save(self) -> None:
        if self._preview is None:
            return
        dialog = QFileDialog(self, "Save the files in", str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save_into)
        dialog.open()

    def save_into(self, folder: str, *, overwrite: bool = False) -> None:
        """Write the shown files into a folder. Files that are there already are asked about first."""
        preview = self._preview
        if preview is None:
            return
        services = self._services

        def work(_emit: Emit, _cancel: CancelToken) -> list[WrittenFile]:
            return services.exports.write(preview, Path(folder), overwrite=overwrite)

        self._wanted_folder = folder
        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_written)
        job.failed.connect(self._on_not_written)

    def _on_written(self, files: list[WrittenFile]) -> None:
        self._saved_to = files[0].path.parent if files else None
        names = ", ".join(file.path.name for file in files)
        self._say(Finding("written", Level.OK, f"Saved: {names}", f"In {self._saved_to}."))
        self._open_folder.setVisible(self._saved_to is not None)
        self.message_posted.emit(f"Saved {len(files)} file{'' if len(files) == 1 else 's'}.", "ok")

    def _on_not_written(self, error: RelaywrightError) -> None:
        if error.id == "file-exists":
            hint = "Replace them, or save into another folder."
            self._say(Finding(error.id, Level.WARNING, error.message, hint))
        else:
            self._say(Finding("not-written", Level.ERROR, error.message, error.hint))

    def _on_replace(self) -> None:
        self.save_into(self._wanted_folder, overwrite=True)

    def _on_open_folder(self) -> None:
        if self._saved_to is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._saved_to)))


def _make_contents(preview: ExportPreview, _emit: Emit, _cancel: CancelToken) -> int:
    """Make the files' bytes while the text is being read, so that saving and dragging need not wait for a PDF."""
    return sum(len(file.content) for file in preview.files)
