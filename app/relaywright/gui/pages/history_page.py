"""The History page: every check and test of the profile, and the chosen one's answer and conversation again.

What is kept and for how long is the store's; the answer is shown by the same parts as on the Test page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import Emit, JobRunner
from relaywright.gui.models import run_view
from relaywright.gui.models.history_table import Column, HistoryModel
from relaywright.gui.models.run_view import RunView
from relaywright.gui.models.ticket import ticket_text
from relaywright.gui.pages.page import Page
from relaywright.gui.theme import GRID_PX, TextStyle, set_margins
from relaywright.gui.widgets.answer_card import AnswerCard
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.columns import SCROLL_BAR_PX, PageScroll
from relaywright.gui.widgets.conversation import Conversation
from relaywright.gui.widgets.history_table import HistoryTable
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label
from relaywright.store.records import Run

if TYPE_CHECKING:
    from relaywright.bootstrap import Services

AGEING_MS = 30_000
_MOST_LINES = 40


class HistoryPage(Page):
    """One profile's runs, newest first."""

    def __init__(self, *, services: Services, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent, scrolls=False)
        self._services = services
        self._jobs = jobs
        self._shown: RunView | None = None
        self._shown_id = 0
        self._model = HistoryModel(self)
        self._build()
        self._blank.hide()
        self._splitter.hide()
        self._trouble.hide()
        self._ageing = QTimer(self, interval=AGEING_MS)
        self._ageing.timeout.connect(self._table.viewport().update)
        self._ageing.start()

    # what the window calls

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show this profile's runs."""
        if profile is None or self._profile is None or profile.id != self._profile.id:
            self._model.show_runs(())
            self._shown_id = 0
        super().show_profile(profile)
        self._load()

    def showEvent(self, event: QShowEvent) -> None:
        """Read again: a test may have run while another page was in front."""
        super().showEvent(event)
        if not event.spontaneous():
            self._load()

    # building

    def _build(self) -> None:
        self.content.setContentsMargins(0, GRID_PX + 4, 0, 0)
        self._empty = Card("Nothing was tried yet")
        self._empty.add_note(
            "Every check and every test message is kept here with its answer and its whole conversation, "
            "so that you can compare what changed. Secrets are never kept."
        )
        self._go = button("Go to the test", self._on_go, kind=ButtonKind.PRIMARY)
        self._empty.body.addWidget(self._go, 0, Qt.AlignmentFlag.AlignLeading)
        self._trouble = Remark()
        self._list = Card("Checks and tests")
        self._count = label("", TextStyle.CAPTION, Tone.FAINT)
        self._list.head.addWidget(self._count)
        self._table = HistoryTable(self._model)
        self._table.selectionModel().currentRowChanged.connect(self._on_chosen)
        self._list.add(self._table, 1)
        self._detail = PageScroll()
        self._answer = AnswerCard()
        self._answer.page_requested.connect(self.page_requested)
        self._talk = Card("Conversation")
        self._talk.head.addWidget(label("secrets hidden", TextStyle.CAPTION, Tone.FAINT))
        self._copy = button("Copy for a ticket", self._on_copy, kind=ButtonKind.QUIET)
        self._talk.head.addWidget(self._copy)
        self._conversation = Conversation()
        self._talk.add(self._conversation)
        self._detail.column.addWidget(self._answer)
        self._detail.column.addWidget(self._talk)
        self._detail.column.addStretch(1)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setObjectName("plain")
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(2 * GRID_PX - 4)
        self._splitter.addWidget(_inset(self._list))
        self._splitter.addWidget(self._detail)
        self._splitter.setSizes([240, 400])
        self._blank = _inset(self._empty, pushed_up=True)
        self.content.addWidget(self._trouble)
        self.content.addWidget(self._blank, 1)
        self.content.addWidget(self._splitter, 1)

    # showing

    def _show_state(self, error: RelaywrightError | None) -> None:
        has_runs = bool(self._model.runs)
        self._trouble.setVisible(error is not None)
        if error is not None:
            self._trouble.show_finding(Finding(error.id, Level.ERROR, error.message, error.hint))
        self._blank.setVisible(not has_runs and error is None and self._profile is not None)
        self._splitter.setVisible(has_runs)
        count = len(self._model.runs)
        self._count.setText(f"{count} kept" if count else "")

    def _show_run(self, run: Run | None) -> None:
        self._shown_id = run.id if run else 0
        self._detail.setVisible(run is not None)
        if run is None:
            self._shown = None
            return
        try:
            self._shown = run_view.of_run(run)
        except (KeyError, TypeError, ValueError):
            # Written by another version, or by a hand: the row itself is still worth showing.
            self._shown = None
            self._detail.hide()
            return
        self._answer.show_run(self._shown)
        self._conversation.show_lines(self._shown.lines)
        self._talk.setVisible(bool(self._shown.lines))
        self._fit_conversation()
        self._detail.verticalScrollBar().setValue(0)

    def _fit_conversation(self) -> None:
        """Give the conversation the height of its lines, so that the page scrolls, not a box within it."""
        rows = min(max(int(self._conversation.document().size().height()), 3), _MOST_LINES)
        height = rows * QFontMetrics(self._conversation.font()).lineSpacing() + 14
        if self._conversation.minimumHeight() != height:
            self._conversation.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_conversation()

    # reading

    def _load(self) -> None:
        profile = self._profile
        if profile is None:
            return
        history = self._services.history

        def work(_emit: Emit, _cancel: CancelToken) -> tuple[str, list[Run]]:
            return profile.id, history.runs(profile.id)

        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_loaded)
        job.failed.connect(self._show_state)

    def _on_loaded(self, result: tuple[str, list[Run]]) -> None:
        profile_id, runs = result
        if self._profile is None or self._profile.id != profile_id:
            return
        if tuple(runs) == self._model.runs:
            self._show_state(None)
            return
        was_newest = not self._model.runs or self._shown_id == self._model.runs[0].id
        self._model.show_runs(runs)
        self._show_state(None)
        row = 0 if was_newest else max(0, self._model.row_of(self._shown_id))
        if runs:
            flags = QItemSelectionModel.SelectionFlag
            index = self._model.index(row, Column.RESULT)
            self._table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def _on_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        run = self._model.row_at(current)
        if run is not None:
            self._show_run(run)

    # what the person does

    def _on_go(self) -> None:
        self.page_requested.emit("test")

    def _on_copy(self) -> None:
        if self._profile is not None and self._shown is not None:
            QGuiApplication.clipboard().setText(ticket_text(self._profile, self._shown))
            self.message_posted.emit("Copied: the answer and the whole conversation.", "ok")


def _inset(part: QWidget, *, pushed_up: bool = False) -> QWidget:
    """Leave room at the right where the detail below has its scroll bar, so that the edges meet."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    set_margins(column, 0, 0, SCROLL_BAR_PX + 2, 0)
    column.addWidget(part, 0 if pushed_up else 1)
    if pushed_up:
        column.addStretch(1)
    return holder
