"""The expiry overview: when every sign-in, secret and certificate ends, and the way to a calendar and to the profile.

What ends is the expiries service's; it is read off the GUI thread when the dialog opens.
"""

from __future__ import annotations

import datetime
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from relaywright.domain.finding import Finding, Level
from relaywright.gui.dialogs.sheet import Sheet
from relaywright.gui.models import expiry_words, wording
from relaywright.gui.models.expiry_table import Column, ExpiryModel
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card, Edge
from relaywright.gui.widgets.expiry_table import ExpiryTable
from relaywright.gui.widgets.fact_list import FactList
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.text import Tone, button, label
from relaywright.services.expiries import Expiry, ExpiryState

if TYPE_CHECKING:
    from relaywright.bootstrap import Services
    from relaywright.exporting.writing import WrittenFile
    from relaywright.gui.jobs import JobRunner

FILE_NAME = "relaywright-expiries.ics"
_EDGES = {ExpiryState.ENDED: Edge.ERROR, ExpiryState.SOON: Edge.WARN}


class ExpiryOverview(Sheet):
    """A table of what ends, the chosen one in full below it."""

    profile_chosen = Signal(str)
    """The id of the profile to go to; the dialog has closed."""

    def __init__(self, *, services: Services, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__("Expiry overview", "", "E&xport calendar…", parent)
        self._services = services
        self._jobs = jobs
        self._model = ExpiryModel(self)
        self._build()
        self.fit(150, 46)
        self._load()

    def act(self) -> None:
        """Ask where the calendar file should go."""
        if self.is_waiting:
            return
        dialog = QFileDialog(self, "Export calendar", str(Path.home() / FILE_NAME))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Calendars (*.ics)")
        dialog.setDefaultSuffix("ics")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_file)
        dialog.open()

    def save_to(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the ends that are shown, and still to come, into this calendar file."""
        expiries, found = self._services.expiries, self._model.found
        self._done.hide()

        def work(_emit: object, _cancel: object) -> WrittenFile:
            return expiries.write_calendar(found, datetime.datetime.now(datetime.UTC), path, overwrite=overwrite)

        job = self._jobs.start(work, owner=self)
        self.wait_for(job)
        job.succeeded.connect(self._on_written)

    # building

    def _build(self) -> None:
        self.primary.setDefault(False)  # Return belongs to the row
        self.primary.setEnabled(False)
        self.cancel.setText("Close")
        self._open = button("&Open sign-in page", self._on_open, icon="arrow-right")
        self._open.setEnabled(False)
        self.foot.insertWidget(0, self._open)
        self._filter = QLineEdit()
        self._filter.setAccessibleName("Filter")
        self._filter.setPlaceholderText("Filter by profile, account, state")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._on_filter)
        self._filter.returnPressed.connect(self._to_table)
        self._count = label("", TextStyle.CAPTION, Tone.SOFT)
        self._table = ExpiryTable(self._model)
        self._table.selectionModel().currentRowChanged.connect(self._on_row)
        self._table.opened.connect(self._on_open)
        self._nothing_found = label("", tone=Tone.FAINT, wrap=True)
        self._nothing_found.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._detail = _Detail()
        self._done = Remark(folds=False)
        self._done.hide()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._rows())
        self._stack.addWidget(self._nothing_found)
        line = QHBoxLayout()
        line.setSpacing(2 * GRID_PX)
        line.addWidget(self._filter, 1)
        line.addWidget(self._count)
        self._list = QWidget()
        column = QVBoxLayout(self._list)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX + 4)
        column.addLayout(line)
        column.addWidget(self._stack, 1)
        column.addWidget(self._done)
        self._list.hide()
        self._empty = Card("Nothing ends by itself")
        self._empty.add_note(
            "Nobody is signed in with OAuth yet, and no client secret or certificate is stored. Once there is one, its "
            "end is shown here, in the list of profiles, and in a calendar file if you like. Passwords and connectors "
            "have no end that Relaywright could know."
        )
        self._empty.hide()
        self.body.addWidget(self._list, 1)
        self.body.addWidget(self._empty, 0, Qt.AlignmentFlag.AlignTop)
        stops = (self._filter, self._table, self._open, self.cancel, self.primary)
        for before, after in itertools.pairwise(stops):  # the buttons were there before the rest
            self.setTabOrder(before, after)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._on_find)

    def _rows(self) -> QWidget:
        sheet = Card()
        sheet.add(self._table, 1)
        both = QWidget()
        pair = QVBoxLayout(both)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(GRID_PX + 4)
        pair.addWidget(sheet, 1)
        pair.addWidget(self._detail)
        return both

    # showing

    def _load(self) -> None:
        expiries = self._services.expiries

        def work(_emit: object, _cancel: object) -> tuple[list[Expiry], datetime.datetime]:
            now = datetime.datetime.now(datetime.UTC)
            return expiries.all(now), now

        job = self._jobs.start(work, owner=self)
        job.succeeded.connect(self._on_loaded)
        job.failed.connect(self.tell)

    def _on_loaded(self, result: tuple[list[Expiry], datetime.datetime]) -> None:
        self._model.show_expiries(*result)
        has_any = bool(self._model.expiries)
        self._list.setVisible(has_any)
        self._empty.setVisible(not has_any)
        self.primary.setVisible(has_any)
        self._open.setVisible(has_any)
        if not has_any:
            self.fit(92, 14)
        self._show_found()
        (self._table if has_any else self.cancel).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_found(self) -> None:
        """Bring count, choice and buttons up to date with what the filter leaves."""
        found, every = self._model.found, self._model.expiries
        urgent = sum(1 for item in found if item.needs_attention)
        words = f"{len(found)} of {len(every)}" if len(found) != len(every) else f"{len(every)} in all"
        self._count.setText(f"{words} · {urgent} need{'s' if urgent == 1 else ''} attention" if urgent else words)
        self._nothing_found.setText(f"Nothing found for “{self._filter.text()}”.")
        self._stack.setCurrentIndex(0 if found else 1)
        self._open.setEnabled(bool(found))
        today = self._model.now.astimezone().date()
        to_come = any(item.ends_on is not None and item.ends_on >= today for item in found)
        self.primary.setEnabled(to_come and not self.is_waiting)
        self.primary.setToolTip("" if to_come else "None of these ends is known and still to come.")
        if found:
            flags = QItemSelectionModel.SelectionFlag
            index = self._model.index(0, Column.PROFILE)
            self._table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def _on_row(self, current: QModelIndex, _before: QModelIndex) -> None:
        expiry = self._model.row_at(current)
        if expiry is not None:
            self._detail.show_expiry(expiry, self._model.now)

    # what the person does

    def _on_filter(self, text: str) -> None:
        self._done.hide()
        self._model.filter(text)
        self._show_found()

    def _on_find(self) -> None:
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.selectAll()

    def _to_table(self) -> None:
        if self._model.found:
            self._table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_open(self) -> None:
        expiry = self._model.row_at(self._table.currentIndex())
        if expiry is not None:
            self.accept()
            self.profile_chosen.emit(expiry.profile_id)

    def _on_file(self, path: str) -> None:
        # The platform's dialog has asked already whether a file may be replaced.
        self.save_to(Path(path), overwrite=True)

    def _on_written(self, written: WrittenFile) -> None:
        self._done.show_finding(
            Finding(
                "calendar-written",
                Level.OK,
                f"Saved {written.path.name} in {written.path.parent}",
                "Import it into your calendar. Importing a later export replaces these entries.",
            )
        )
        self._done.show()

    def _on_finished(self) -> None:
        super()._on_finished()
        self.primary.setFocus(Qt.FocusReason.OtherFocusReason)  # it was switched off meanwhile and lost the keyboard


class _Detail(Card):
    """One end in full: why, whose move, the steps, the source."""

    def __init__(self) -> None:
        super().__init__("What is known of it")
        self._facts = FactList()
        self._source = label("", TextStyle.CAPTION, Tone.FAINT, wrap=True, selectable=True)
        self.add(self._facts)
        self.add(self._source)

    def show_expiry(self, expiry: Expiry, now: datetime.datetime) -> None:
        """Show this one."""
        self.set_edge(_EDGES.get(expiry.state, Edge.NONE))
        title = f"{expiry.profile}: {expiry_words.short(expiry, now)}"
        self.heading.setText(title)
        self.heading.setToolTip(wording.tip(title))
        self.setAccessibleName(title)
        told = [
            ("Which", expiry_words.what(expiry)),
            ("Why", expiry.why),
            ("Whose move", expiry.who if expiry.steps else ""),
            ("What to do", " ".join(expiry.steps)),
        ]
        self._facts.show_facts([(name, value) for name, value in told if value], copies=False)
        fact = expiry.fact
        self._source.setText(
            f"{'; '.join(fact.sources)}. {fact.sureness.capitalize()}, read {wording.date(fact.checked)}."
        )
