"""Explains what is pasted, typed or dropped: a reply, a log, a bounce, an .eml. Which lines matter, what they mean.

Finding and explaining is the pasted texts' service's, off the GUI thread; here is only what is shown of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from relaywright.catalog.catalog import values_of
from relaywright.domain.cancel import CancelToken
from relaywright.domain.explanation import MatchConfidence
from relaywright.gui.dialogs.sheet import Sheet
from relaywright.gui.jobs import Emit, JobRunner
from relaywright.gui.models import found_lines
from relaywright.gui.models.found_lines import FoundLinesModel
from relaywright.gui.theme import TextStyle
from relaywright.gui.widgets.card import Card, Edge
from relaywright.gui.widgets.columns import CHARS_FOR_TWO, Columns
from relaywright.gui.widgets.explanation_view import ExplanationView
from relaywright.gui.widgets.found_lines_table import FoundLinesTable
from relaywright.gui.widgets.paste_field import MOST_CHARACTERS, PasteField
from relaywright.gui.widgets.text import Tone, breakable, label
from relaywright.services.explain_pasted import Pasted, PastedExplanation, PastedTexts, read_file

if TYPE_CHECKING:
    from relaywright.domain.profile import RelayProfile
    from relaywright.services.pasted_lines import FoundLine

DELAY_MS = 250
"""So long nothing is typed before it is explained."""
_LINES_BESIDE, _LINES_ABOVE = 20, 10
"""The text's height where the explanation stands beside it, and where it stands below."""
_PLACEHOLDER = (
    "Paste here, or drop a file:\n\n"
    "• a server’s reply: 535 5.7.139 …\n"
    "• a log of Postfix, msmtp, PHPMailer\n"
    "• what a printer reports\n"
    "• a bounce, or a message with its headers\n"
    "• a sign-in error: AADSTS…"
)
_INVITATION = (
    "Relaywright looks for the lines that say why, and tells what they mean, whose move it is and what to do. "
    "Nothing of the text is kept, and nothing leaves this computer."
)


@dataclass(frozen=True)
class _Read:
    """What came of one question; of a file also its text and where it is."""

    asked: int
    answer: PastedExplanation
    pasted: Pasted | None = None
    path: Path | None = None


class ExplainSheet(Sheet):
    """The text on the left with the lines found in it, the explanation beside it, or below where it is narrow."""

    def __init__(
        self,
        *,
        texts: PastedTexts,
        jobs: JobRunner,
        profile: RelayProfile | None = None,
        path: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Explain a reply", "", "&Open file…", parent)
        self._texts = texts
        self._jobs = jobs
        self._values = values_of(profile) if profile is not None else {}
        self._asked = 0
        self._is_whole = True
        self.setAcceptDrops(True)
        self.primary.setDefault(False)  # Return belongs to the text
        self.cancel.setText("Close")
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(self._explain_typed)
        self.field = PasteField("What is to be explained", _PLACEHOLDER)
        self.field.textChanged.connect(self._on_typed)
        self.field.file_given.connect(self.open_file)
        self.field.text_given.connect(self._on_long_text)
        self._source = label("", TextStyle.CAPTION, Tone.SOFT, wrap=True)
        self._source.hide()
        self._model = FoundLinesModel(self)
        self.table = FoundLinesTable(self._model)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self._list = Card("Lines that matter")
        self._list.add(self.table)
        self._list.hide()
        filled = f"Commands are filled with the values of “{profile.name}”." if profile is not None else ""
        self.answer = _Answer(filled)
        self._columns = Columns((self.field, self._source, self._list), (self.answer,))
        self.body.addWidget(self._columns)
        self.body.addStretch(1)
        for before, after in ((self.field, self.table), (self.table, self.answer), (self.cancel, self.primary)):
            self.setTabOrder(before, after)
        self.fit(168, 46)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        if path is not None:
            self.open_file(path)

    def act(self) -> None:
        """Ask which file is to be explained."""
        dialog = QFileDialog(
            self, "Explain a file", str(Path.home()), "Messages and logs (*.eml *.log *.txt);;All files (*)"
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.open_file)
        dialog.open()

    def open_file(self, name: Path | str) -> None:
        """Read this file and explain it; what went wrong is told above the buttons, and what was there stays."""
        path, texts, values = Path(name), self._texts, self._values
        self._delay.stop()
        self._asked += 1
        asked = self._asked

        def work(_emit: Emit, _cancel: CancelToken) -> _Read:
            pasted = read_file(path)
            return _Read(asked, texts.explain(pasted, values), pasted, path)

        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_read)
        self.wait_for(job)

    def _on_long_text(self, text: str) -> None:
        self._show_text(Pasted(text), f"A text of {len(text):,} characters. Its beginning and its end are shown.")
        self._explain(Pasted(text))

    def _on_typed(self) -> None:
        self._source.hide()
        self._is_whole = True
        self.tell(None)
        self._delay.start()

    def _explain_typed(self) -> None:
        self._explain(Pasted(self.field.toPlainText()))

    def _explain(self, pasted: Pasted) -> None:
        self._asked += 1
        asked, texts, values = self._asked, self._texts, self._values
        if not pasted.text.strip():
            self._show(None)
            return

        def work(_emit: Emit, _cancel: CancelToken) -> _Read:
            return _Read(asked, texts.explain(pasted, values))

        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_read)
        job.failed.connect(self.tell)

    def _on_read(self, read: _Read) -> None:
        if read.asked != self._asked:
            return  # more was typed meanwhile, or another file was opened
        if read.pasted is not None and read.path is not None:
            ends = " It is large: its beginning and its end were read." if read.pasted.tail else ""
            self._show_text(read.pasted, f"From {read.path.name}.{ends}")
        self._show(read.answer)

    def _show_text(self, pasted: Pasted, source: str) -> None:
        self.field.blockSignals(True)
        self.field.show_text(pasted.text, pasted.tail)
        self.field.blockSignals(False)
        self._is_whole = not pasted.tail and len(pasted.text) <= MOST_CHARACTERS
        self._source.setText(breakable(source))
        self._source.show()

    def _show(self, answer: PastedExplanation | None) -> None:
        found = answer.found if answer is not None else ()
        self._model.show_lines(found)
        self._list.setVisible(len(found) > 1)
        self.answer.show_answer(answer, answer.deciding if answer is not None else None)
        deciding = answer.deciding if answer is not None else None
        self._mark(deciding)
        if deciding is not None:
            flags = QItemSelectionModel.SelectionFlag
            index = self._model.index(found.index(deciding), 0)
            self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def _on_row(self, current: QModelIndex, _before: QModelIndex) -> None:
        line = self._model.row_at(current)
        if line is not None:
            self.answer.show_line(line)
            self._mark(line)

    def _mark(self, line: FoundLine | None) -> None:
        self.field.mark(line.line if line is not None and self._is_whole and (line.line or 0) > 0 else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self._columns.width() / self.fontMetrics().averageCharWidth()
        self.field.show_lines(_LINES_BESIDE if room >= CHARS_FOR_TWO else _LINES_ABOVE)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.field.canInsertFromMimeData(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.field.insertFromMimeData(event.mimeData())

    def changeEvent(self, event: QEvent) -> None:
        """Colour the marked line anew when light turns to dark."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "answer"):
            self.field.mark_again()

    def _on_finished(self) -> None:
        super()._on_finished()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)


class _Answer(Card):
    """What a line means, under the line's own words; an invitation while there is nothing."""

    def __init__(self, filled: str) -> None:
        super().__init__()
        self._filled = filled
        self.title = label("", TextStyle.HEADING, wrap=True, selectable=True)
        self.words = label("", TextStyle.CODE, Tone.SOFT, wrap=True, selectable=True)
        self.note = label(_INVITATION, tone=Tone.SOFT, wrap=True)
        self.explanation = ExplanationView()
        self._values = label(filled, TextStyle.CAPTION, Tone.FAINT, wrap=True)
        for part in (self.title, self.words, self.note, self.explanation, self._values):
            self.add(part)
        self.show_answer(None, None)

    def show_answer(self, answer: PastedExplanation | None, line: FoundLine | None) -> None:
        """Show the best explanation; None takes everything away again."""
        if line is not None:
            self.show_line(line)
            return
        self.words.hide()
        self.note.setVisible(answer is None)
        self.explanation.setVisible(answer is not None)
        self._values.hide()
        self.set_edge(Edge.NONE)
        self.title.setText("Nothing pasted yet" if answer is None else answer.best.title)
        if answer is not None:
            is_known = answer.best.confidence is not MatchConfidence.UNKNOWN
            self.explanation.show_explanation(answer.best if is_known else replace(answer.best, who=""))
            self._values.setVisible(bool(self._filled and answer.best.powershell))
            if is_known:
                self.set_edge(Edge.ACCENT)

    def show_line(self, line: FoundLine) -> None:
        """Show a line and its explanation."""
        self.note.hide()
        self.title.setText(line.explanation.title)
        self.words.setText(breakable(line.text))
        self.words.setAccessibleName(f"The line: {line.text}")
        self.words.show()
        told = [found_lines.place(line), found_lines.times(line) if line.times > 1 else "", line.recipient]
        self.explanation.show_explanation(line.explanation, ", ".join(part for part in told if part))
        self.explanation.show()
        self._values.setVisible(bool(self._filled and line.explanation.powershell))
        self.set_edge(Edge.WARN if line.explanation.temporary else Edge.ERROR)
