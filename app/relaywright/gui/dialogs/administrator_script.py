"""A script for the administrator: what it changes, who runs it and what that takes, the whole text, copied or saved.

Writing the script is the administrator scripts service's; nothing here runs one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.finding import Finding, Level
from relaywright.gui import theme
from relaywright.gui.dialogs.sheet import Sheet
from relaywright.gui.jobs import Emit, JobRunner
from relaywright.gui.models import wording
from relaywright.gui.theme import TextStyle
from relaywright.gui.widgets.explanation_view import SURENESS
from relaywright.gui.widgets.highlighter import ConfigHighlighter
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.text import Tone, button, label

if TYPE_CHECKING:
    from relaywright.services.administrator_scripts import AdministratorScripts, Script

_LINES = 16


class ScriptSheet(Sheet):
    """Shows one script. The primary button saves it."""

    saved = Signal(str)
    """The file that was written."""

    def __init__(
        self, script: Script, *, scripts: AdministratorScripts, jobs: JobRunner, parent: QWidget | None = None
    ) -> None:
        super().__init__(script.title, " ".join(script.changes), "Save as…", parent)
        self._script = script
        self._scripts = scripts
        self._jobs = jobs
        self.cancel.setText("Close")
        self.copy = button("Copy", self._on_copy, icon="copy", name="Copy the script")
        self.foot.insertWidget(0, self.copy)
        for heading, lines in (("Who runs it", script.who), ("What it needs", script.needs)):
            self.body.addWidget(label(heading, TextStyle.STRONG))
            for line in lines:
                self.body.addWidget(label(line, tone=Tone.SOFT, wrap=True, selectable=True))
        for note in script.notes:
            self.body.addWidget(Remark(Finding("note", Level.INFO, note), folds=False))
        self.body.addWidget(self._text())
        self.body.addWidget(label(_origin(script), TextStyle.CAPTION, Tone.FAINT, wrap=True, selectable=True))
        self.fit(128, 50)

    def _text(self) -> QPlainTextEdit:
        text = QPlainTextEdit(self._script.text)
        text.setReadOnly(True)
        text.setProperty("kind", "code")
        text.setFont(theme.font(TextStyle.CODE))
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setTabChangesFocus(True)
        text.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # code is, in every language
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        text.setAccessibleName("The script")
        text.setMinimumHeight(_LINES * text.fontMetrics().lineSpacing())
        self._highlighter = ConfigHighlighter(text.document(), theme.colours_of(self.palette()))
        return text

    def act(self) -> None:
        """Ask where to save, then save."""
        dialog = QFileDialog(self, "Save the script", f"{self._script.kind}.ps1", "PowerShell (*.ps1)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("ps1")
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    def save_to(self, name: str) -> None:
        """Write the script into this file; the platform's dialog has asked about one that is there."""
        script, scripts = self._script, self._scripts

        def work(_emit: Emit, _cancel: CancelToken) -> str:
            return str(scripts.write(script, Path(name), overwrite=True).path)

        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_saved)
        self.wait_for(job)

    def _on_saved(self, path: str) -> None:
        self.saved.emit(path)
        self.accept()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._script.text)
        self.copy.setText("Copied")

    def changeEvent(self, event: QEvent) -> None:
        """Colour the script anew when light turns to dark."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._highlighter.show_colours(theme.colours_of(self.palette()))


def _origin(script: Script) -> str:
    return (
        f"The least sure of its sources is {SURENESS[script.sureness]}; checked {wording.date(script.checked)}. It was "
        f"parsed and never run against a tenant: try it with -WhatIf first. Sources: {'; '.join(script.sources)}."
    )
